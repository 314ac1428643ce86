//! `/api/v1/sessions/{id}/participants`: whoever takes part while a session runs, and their proofs.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::agent;
use crate::domain::contact::{Email, Phone};
use crate::domain::given::Given;
use crate::domain::guest::ParticipantView;
use crate::domain::id::{ContactId, SessionId};
use crate::domain::session::Change;
use crate::domain::timestamp::Timestamp;
use crate::http::Site;
use crate::http::body;
use crate::http::caller::{Caller, Host};
use crate::http::document::{LanguageTag, Operation, example};
use crate::http::problem::{Code, Problem, failed};
use crate::usecase::Failure;
use crate::usecase::guest::redeem_proof::Of;
use crate::usecase::session::add_participants::add_participants;
use crate::usecase::session::change_participant::change_participant;
use crate::usecase::session::remove_participant::remove_participant;
use crate::usecase::session::resend_invitation::resend_invitation;
use crate::usecase::session::reveal_code::{Revealed, reveal_code};

use super::proofs::{ProofBody, ProofShape, redeem};
use super::sessions::{self, ParticipantBody, SessionShape, about_one, leading, participants, session};
use super::wire::{self, AgentBody, detail, maybe_agent};

fn about(id: &'static str, summary: &'static str, text: &'static str) -> Operation {
    with_person(about_one(id, summary, text))
}

/// What an agent whose token names the session may do, too.
fn by_agents(id: &'static str, summary: &'static str, text: &'static str) -> Operation {
    with_person(sessions::by_agents(id, summary, text))
}

fn with_person(operation: Operation) -> Operation {
    operation.part::<ContactId>("participant", "Your id of the participant.", "p-1")
}

/// Both ids of an address.
fn whom(path: &(String, String)) -> Result<(SessionId, ContactId), Problem> {
    let person = ContactId::parse(&path.1).map_err(|e| Problem::invalid(format!("participant: {e}")));
    Ok((session(&path.0)?, person?))
}

fn answer(site: &Site, view: Result<ParticipantView, Failure>) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(view.map_err(|f| failed(f, site.desk.time.now()))?))
}

#[derive(Deserialize, ToSchema)]
#[schema(as = ParticipantsRequest)]
struct AddBody {
    #[schema(min_items = 1, max_items = 50)]
    participants: Vec<ParticipantBody>,
}

pub fn adding() -> Operation {
    about_one(
        "add_participants",
        "Add people while a session runs",
        "Each gets an invitation. Another name or detail under a known id is somebody else in that place: the earlier link \
         and code are void.",
    )
    .takes::<AddBody>(r#"{
  "participants": [
    {"id": "p-2", "name": "Luis Ruiz", "role": "cosigner", "email": "luis@ruiz-landscaping.example"}
  ]
}"#)
    .answers::<SessionShape>(StatusCode::CREATED, "The session.", example::SESSION)
    .refuses(&[
        Code::ChallengeOver,
        Code::ContactInvalid,
        Code::ContactUnreachable,
        Code::UnknownValue,
        Code::TooSoon,
        Code::TooManySends,
    ])
}

/// `POST /api/v1/sessions/{id}/participants`
pub async fn add(
    site: web::Data<Site>,
    host: Host,
    id: web::Path<String>,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let body: AddBody = body::api(payload).await?;
    let (id, people) = (session(&id)?, participants(&body.participants)?);
    let viewed = add_participants(&site.desk, &host.tenant, &id, people, &host.acting(None)).await;
    let viewed = viewed.map_err(|f| failed(f, site.desk.time.now()))?;
    Ok(HttpResponse::Created().json(SessionShape::from(viewed)))
}

#[derive(Deserialize, ToSchema)]
#[schema(as = ParticipantChange)]
struct ChangeBody {
    #[serde(default)]
    #[schema(example = "Luis Ruiz")]
    name: Option<String>,
    #[serde(default)]
    #[schema(example = "cosigner")]
    role: Option<String>,
    /// `null` takes it away; left out, it stays.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 254)]
    email: Given<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 40)]
    mobile: Given<String>,
    #[serde(default)]
    #[schema(value_type = Option<LanguageTag>)]
    locale: Given<String>,
}

impl ChangeBody {
    fn parse(self, id: &ContactId) -> Result<Change, Problem> {
        let email = |text: Option<String>| detail(id, "email", text.as_deref(), Email::parse);
        let mobile = |text: Option<String>| detail(id, "mobile", text.as_deref(), Phone::parse);
        let locale = |tag: Option<String>| tag.map(|tag| wire::locale("locale", &tag)).transpose();
        Ok(Change {
            name: self.name.as_deref().map(agent::clean),
            role: self.role.as_deref().map(agent::clean),
            email: self.email.make(email)?,
            mobile: self.mobile.make(mobile)?,
            locale: self.locale.make(locale)?,
        })
    }
}

pub fn changing() -> Operation {
    by_agents(
        "change_participant",
        "Change or reassign a participant",
        "Another name, address or number makes it somebody else: the earlier link and code are void, and a new invitation \
         goes out.",
    )
    .takes::<ChangeBody>(r#"{
  "mobile": "+13055550144"
}"#)
    .answers::<ParticipantView>(StatusCode::OK, "The participant.", example::PARTICIPANT)
    .refuses(&[
        Code::ChallengeOver,
        Code::ContactInvalid,
        Code::ContactUnreachable,
        Code::UnknownValue,
        Code::TooManySends,
    ])
}

/// `PATCH /api/v1/sessions/{id}/participants/{participant}`
pub async fn change(
    site: web::Data<Site>,
    caller: Caller,
    path: web::Path<(String, String)>,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let body: ChangeBody = body::api(payload).await?;
    let (session, person) = whom(&path)?;
    let change = body.parse(&person)?;
    let acting = leading(&site, &caller, None, &session)?;
    let of = (&session, &person);
    answer(&site, change_participant(&site.desk, caller.tenant(), of, change, &acting).await)
}

pub fn removing() -> Operation {
    by_agents("delete_participant", "Take a participant out", "Their link and their code are void at once.")
        .answers_with(StatusCode::NO_CONTENT, "They have left.", None)
}

/// `DELETE /api/v1/sessions/{id}/participants/{participant}`
pub async fn remove(
    site: web::Data<Site>,
    caller: Caller,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    let (session, person) = whom(&path)?;
    let acting = leading(&site, &caller, None, &session)?;
    let of = (&session, &person);
    let done = remove_participant(&site.desk, caller.tenant(), of, &acting).await;
    done.map_err(|f| failed(f, site.desk.time.now()))?;
    Ok(HttpResponse::NoContent().finish())
}

pub fn resending() -> Operation {
    by_agents("resend_invitation", "Send an invitation again", "The same link, by the same channel.")
        .answers::<ParticipantView>(StatusCode::OK, "The participant.", example::PARTICIPANT)
        .refuses(&[Code::ChallengeOver, Code::ContactUnreachable, Code::TooSoon, Code::TooManySends])
}

/// `POST /api/v1/sessions/{id}/participants/{participant}/resend`
pub async fn resend(
    site: web::Data<Site>,
    caller: Caller,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    let (session, person) = whom(&path)?;
    let acting = leading(&site, &caller, None, &session)?;
    let of = (&session, &person);
    answer(&site, resend_invitation(&site.desk, caller.tenant(), of, &acting).await)
}

#[derive(Deserialize, ToSchema)]
#[schema(as = RevealRequest)]
struct RevealBody {
    /// Who looks. With an agent's token it is whom the token names.
    #[serde(default)]
    agent: Option<AgentBody>,
}

/// A code to tell a participant by phone.
#[derive(Serialize, ToSchema)]
#[schema(as = RevealedCode)]
struct RevealedShape {
    code: String,
    expires_at: Timestamp,
}

impl From<Revealed> for RevealedShape {
    fn from(revealed: Revealed) -> Self {
        Self { code: revealed.code.to_string(), expires_at: revealed.expires_at }
    }
}

pub fn revealing() -> Operation {
    by_agents(
        "reveal_code",
        "Look at a participant's code",
        "Only where the tenant allows it (`agent_sees_code`), and only once the participant has reached the page for the \
         code. The record says who looked.",
    )
    .takes::<RevealBody>(r#"{
  "agent": {"id": "u-77", "name": "Maria Lopez"}
}"#)
    .answers::<RevealedShape>(StatusCode::OK, "The code.", r#"{
  "code": "482913",
  "expires_at": "2026-11-20T15:14:05Z"
}"#)
    .refuses(&[Code::SurfaceDisabled, Code::ChallengeOver, Code::Locked, Code::UnknownValue])
}

/// `POST /api/v1/sessions/{id}/participants/{participant}/reveal`
pub async fn reveal(
    site: web::Data<Site>,
    caller: Caller,
    path: web::Path<(String, String)>,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let body: RevealBody = body::api(payload).await?;
    let (session, person) = whom(&path)?;
    let agent = caller.agent(maybe_agent(body.agent)?);
    let agent = agent.ok_or_else(|| Problem::invalid("agent: who looks is not named"))?;
    let acting = leading(&site, &caller, Some(&agent), &session)?;
    let revealed = reveal_code(&site.desk, caller.tenant(), (&session, &person), &acting).await;
    let revealed = revealed.map_err(|f| failed(f, site.desk.time.now()))?;
    Ok(HttpResponse::Ok().json(RevealedShape::from(revealed)))
}

pub fn proving() -> Operation {
    about(
        "redeem_participant_proof",
        "Redeem what a participant's browser brought",
        "Once, and within five minutes. A proof that is wrong, used, late or somebody else's is `not_found`.",
    )
    .takes::<ProofBody>(
        r#"{
  "proof": "Zk3nX0c9QJmV7tLr2aYbWgZk3nX0c9QJmV7tLr2aYbW"
}"#,
    )
    .answers::<ProofShape>(
        StatusCode::OK,
        "The participant is who you named.",
        r#"{
  "verified_at": "2026-11-20T15:05:05Z",
  "method": "sms"
}"#,
    )
}

/// `POST /api/v1/sessions/{id}/participants/{participant}/proof`
pub async fn prove(
    site: web::Data<Site>,
    host: Host,
    path: web::Path<(String, String)>,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let body: ProofBody = body::api(payload).await?;
    let (session, person) = whom(&path)?;
    redeem(&site, &host, &Of::Participant(session, person), &body).await
}
