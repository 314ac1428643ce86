//! `/api/v1/signings`: a signer is given a link, proves by a code who they are, and the host redeems that.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::agent::{self, Agent};
use crate::domain::contact::{Contact, Phone};
use crate::domain::given::Given;
use crate::domain::guest::{SigningState, SigningView};
use crate::domain::id::{ContactId, DocumentId, SigningId};
use crate::domain::signing::Correction;
use crate::domain::timestamp::Timestamp;
use crate::http::Site;
use crate::http::body::{self, only_objects};
use crate::http::caller::{Caller, Host};
use crate::http::document::{Callers, Chapter, LanguageTag, Operation, example};
use crate::http::problem::{Code, Problem, failed};
use crate::usecase::Caller as Acting;
use crate::usecase::guest::redeem_proof::Of;
use crate::usecase::signing::cancel_signing::cancel_signing;
use crate::usecase::signing::correct_signing::correct_signing;
use crate::usecase::signing::make_access_code::make_access_code;
use crate::usecase::signing::start_signing::{Request, Started, start_signing};
use crate::usecase::signing::view_signing::view_signing;

use super::proofs::{ProofBody, ProofShape, redeem};
use super::wire::{self, AgentBody, detail, maybe_agent};

fn about(id: &'static str, summary: &'static str, text: &'static str) -> Operation {
    Operation::new(Chapter::Signings, id, summary, text).by(Callers::Host)
}

fn about_one(id: &'static str, summary: &'static str, text: &'static str) -> Operation {
    about(id, summary, text)
        .part::<SigningId>("id", "The signing.", "sgn_01m7wdnw5735zsyyz7vsg7b412")
        .refuses(&[Code::NotFound])
}

/// What an agent whose token names the signing may do, too.
fn by_agents(id: &'static str, summary: &'static str, text: &'static str) -> Operation {
    about_one(id, summary, text).by(Callers::HostOrAgent).refuses(&[Code::ClientNotInToken])
}

/// The document that opens.
#[derive(Deserialize, ToSchema)]
#[serde(remote = "Self")]
#[schema(as = DocumentNamed)]
struct DocumentBody {
    #[schema(value_type = DocumentId)]
    id: String,
    /// What its signer calls it. One line; what is longer than 200 characters is cut.
    #[schema(example = "Service agreement")]
    name: String,
}

/// The person who signs. Several may share one number.
#[derive(Deserialize, ToSchema)]
#[serde(remote = "Self")]
#[schema(as = Signer)]
struct SignerBody {
    #[schema(value_type = ContactId)]
    id: String,
    #[schema(example = "Ana Ruiz")]
    name: String,
    /// Takes texts and calls.
    #[serde(default)]
    #[schema(max_length = 40, example = "+13055550142")]
    mobile: Option<String>,
    /// A landline: takes calls only.
    #[serde(default)]
    #[schema(max_length = 40, example = "+13055550143")]
    phone: Option<String>,
    /// The language of the page and of messages. Left out, the tenant's.
    #[serde(default)]
    #[schema(value_type = Option<LanguageTag>)]
    locale: Option<String>,
}

only_objects!(DocumentBody, SignerBody);

impl SignerBody {
    fn parse(&self) -> Result<Contact, Problem> {
        let id = ContactId::parse(&self.id).map_err(|e| Problem::invalid(format!("signer.id: {e}")))?;
        Ok(Contact {
            name: agent::clean(&self.name),
            role: "signer".to_owned(),
            email: None,
            mobile: detail(&id, "mobile", self.mobile.as_deref(), Phone::parse)?,
            phone: detail(&id, "phone", self.phone.as_deref(), Phone::parse)?,
            locale: self.locale.as_deref().map(|l| wire::locale("signer.locale", l)).transpose()?,
            email_changed_at: None,
            mobile_changed_at: None,
            phone_changed_at: None,
            id,
        })
    }
}

#[derive(Deserialize, ToSchema)]
#[schema(as = SigningRequest)]
struct StartBody {
    document: DocumentBody,
    signer: SignerBody,
    /// Where the signer goes on to, with `proof=` in its query. Within one of the tenant's `allowed_origins`.
    #[schema(max_length = 2000, example = "https://crm.example/documents/7")]
    return_url: String,
}

/// A signing that was made.
#[derive(Serialize, ToSchema)]
#[schema(as = SigningStarted)]
struct StartedShape {
    id: SigningId,
    /// The link for this signer alone. It is told this once.
    url: String,
    state: SigningState,
}

impl From<Started> for StartedShape {
    fn from(started: Started) -> Self {
        Self { id: started.id, url: started.url.to_string(), state: started.state }
    }
}

pub fn starting() -> Operation {
    about(
        "create_signing",
        "Ask a signer for a code before a document opens",
        "Make one for each signer, and send them the `url` yourself. Its page offers a text, a call, or to type a code \
         that they have. Once the code is right the browser goes on to `return_url` with a `proof`, which you redeem \
         within five minutes.",
    )
    .takes::<StartBody>(r#"{
  "document": {"id": "doc-7", "name": "Service agreement"},
  "signer": {"id": "s-1", "name": "Ana Ruiz", "mobile": "+13055550142", "locale": "en"},
  "return_url": "https://crm.example/documents/7"
}"#)
    .answers::<StartedShape>(StatusCode::CREATED, "The link for the signer.", r#"{
  "id": "sgn_01m7wdnw5735zsyyz7vsg7b412",
  "url": "https://verify.example.com/p/Zk3nX0c9QJmV7tLr2aYbWg",
  "state": "open"
}"#)
    .refuses(&[Code::ReturnUrlNotAllowed, Code::ContactInvalid, Code::UnknownValue])
}

/// `POST /api/v1/signings`
pub async fn start(
    site: web::Data<Site>,
    host: Host,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let body: StartBody = body::api(payload).await?;
    let document = DocumentId::parse(&body.document.id);
    let request = Request {
        document: document.map_err(|e| Problem::invalid(format!("document.id: {e}")))?,
        document_name: agent::clean(&body.document.name),
        signer: body.signer.parse()?,
        return_url: body.return_url,
    };
    let started = start_signing(&site.desk, &host.tenant, request, &host.acting(None)).await;
    let started = started.map_err(|f| failed(f, site.desk.time.now()))?;
    Ok(HttpResponse::Created().json(StartedShape::from(started)))
}

pub fn getting() -> Operation {
    by_agents("get_signing", "See how far a signer is", "Numbers are masked, and the link is not told again.")
        .answers::<SigningView>(StatusCode::OK, "The signing.", example::SIGNING)
}

/// `GET /api/v1/signings/{id}`
pub async fn get(
    site: web::Data<Site>,
    caller: Caller,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(shown(&site, &caller, &id).await?))
}

/// A signing as whoever helps with it sees it.
///
/// # Errors
/// `not_found`, `client_not_in_token`
pub async fn shown(site: &Site, caller: &Caller, id: &str) -> Result<SigningView, Problem> {
    let id = signing(id)?;
    helping(site, caller, None, &id)?;
    let view = view_signing(&site.desk, caller.tenant(), &id).await;
    view.map_err(|f| failed(f, site.desk.time.now()))
}

#[derive(Deserialize, ToSchema)]
#[schema(as = SigningCorrection)]
struct CorrectionBody {
    /// `null` takes it away; left out, it stays.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 40, example = "+13055550144")]
    mobile: Given<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 40, example = "+13055550145")]
    phone: Given<String>,
}

pub fn correcting() -> Operation {
    by_agents(
        "correct_signing",
        "Correct a signer's number",
        "The same link then uses the new number; a code that went to the old one is void. You are told by a push.",
    )
    .takes::<CorrectionBody>(r#"{
  "mobile": "+13055550144"
}"#)
    .answers::<SigningView>(StatusCode::OK, "The signing.", example::SIGNING)
    .refuses(&[Code::ContactInvalid])
}

/// `PATCH /api/v1/signings/{id}`
pub async fn correct(
    site: web::Data<Site>,
    caller: Caller,
    id: web::Path<String>,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let body: CorrectionBody = body::api(payload).await?;
    let id = signing(&id)?;
    let named = ContactId::parse("signer").map_err(|e| Problem::invalid(e.to_string()))?;
    let number =
        |field, text: Given<String>| text.make(|text| detail(&named, field, text.as_deref(), Phone::parse));
    let correction =
        Correction { mobile: number("mobile", body.mobile)?, phone: number("phone", body.phone)? };
    let acting = helping(&site, &caller, None, &id)?;
    let view = correct_signing(&site.desk, caller.tenant(), &id, correction, &acting).await;
    Ok(HttpResponse::Ok().json(view.map_err(|f| failed(f, site.desk.time.now()))?))
}

pub fn cancelling() -> Operation {
    about_one("delete_signing", "Give a signing up", "Its link and its codes are void at once.").answers_with(
        StatusCode::NO_CONTENT,
        "It is gone.",
        None,
    )
}

/// `DELETE /api/v1/signings/{id}`
pub async fn cancel(
    site: web::Data<Site>,
    host: Host,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let done = cancel_signing(&site.desk, &host.tenant, &signing(&id)?, &host.acting(None)).await;
    done.map_err(|f| failed(f, site.desk.time.now()))?;
    Ok(HttpResponse::NoContent().finish())
}

#[derive(Deserialize, ToSchema)]
#[schema(as = AccessCodeRequest)]
struct AccessCodeBody {
    /// Who generates it, for the record.
    #[serde(default)]
    agent: Option<AgentBody>,
}

/// A code to tell the signer by voice.
#[derive(Serialize, ToSchema)]
#[schema(as = AccessCode)]
struct AccessCodeShape {
    /// Letters and digits; typed in any case, with the hyphen or without.
    access_code: String,
    expires_at: Timestamp,
}

pub fn making_access_code() -> Operation {
    by_agents(
        "create_access_code",
        "Make a code to tell a signer",
        "Only where the tenant allows it (`access_code`). It is shown this once, and takes the place of the one before \
         it; the signer chooses *I have a code*. A code that was sent stays good.",
    )
    .may_take::<AccessCodeBody>(r#"{
  "agent": {"id": "u-77", "name": "Maria Lopez"}
}"#)
    .answers::<AccessCodeShape>(StatusCode::CREATED, "The code, this once.", r#"{
  "access_code": "K7M4-X2Q9",
  "expires_at": "2026-11-21T15:04:05Z"
}"#)
    .refuses(&[Code::SurfaceDisabled, Code::Locked, Code::UnknownValue])
}

/// `POST /api/v1/signings/{id}/access-code`
pub async fn access_code(
    site: web::Data<Site>,
    caller: Caller,
    id: web::Path<String>,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let body: AccessCodeBody = body::api(payload).await?;
    let id = signing(&id)?;
    let acting = helping(&site, &caller, maybe_agent(body.agent)?.as_ref(), &id)?;
    let made = make_access_code(&site.desk, caller.tenant(), &id, &acting).await;
    let made = made.map_err(|f| failed(f, site.desk.time.now()))?;
    let shape = AccessCodeShape { access_code: made.access_code.to_string(), expires_at: made.expires_at };
    Ok(HttpResponse::Created().json(shape))
}

pub fn proving() -> Operation {
    about_one(
        "redeem_signing_proof",
        "Redeem what a signer's browser brought",
        "Once, and within five minutes. A proof that is wrong, used, late or another signer's is `not_found`.",
    )
    .takes::<ProofBody>(r#"{
  "proof": "Zk3nX0c9QJmV7tLr2aYbWgZk3nX0c9QJmV7tLr2aYbW"
}"#)
    .answers::<ProofShape>(StatusCode::OK, "The signer is who you named.", r#"{
  "verified_at": "2026-11-20T15:05:05Z",
  "method": "sms"
}"#)
}

/// `POST /api/v1/signings/{id}/proof`
pub async fn prove(
    site: web::Data<Site>,
    host: Host,
    id: web::Path<String>,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let body: ProofBody = body::api(payload).await?;
    redeem(&site, &host, &Of::Signer(signing(&id)?), &body).await
}

/// Whoever acts on this signing: the host, or an agent whose token names it.
///
/// # Errors
/// `client_not_in_token`
fn helping(site: &Site, caller: &Caller, agent: Option<&Agent>, id: &SigningId) -> Result<Acting, Problem> {
    let acting = caller.acting(agent);
    acting.may_help_sign(id).map_err(|refusal| Problem::refused(&refusal, site.desk.time.now()))?;
    Ok(acting)
}

/// An id that cannot be one is nobody's.
///
/// # Errors
/// `not_found`
pub fn signing(text: &str) -> Result<SigningId, Problem> {
    SigningId::parse(text).map_err(|_| Problem::new(Code::NotFound).detail("there is no such signing"))
}
