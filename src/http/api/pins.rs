//! `/api/v1/clients/{client}/pin`: sending the link by which a client sets a PIN, checking one, locking it, seeing how it stands.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::client::Pending;
use crate::domain::id::{ClientId, ContactId};
use crate::domain::pin::tries::Verdict;
use crate::domain::status::PinState;
use crate::domain::timestamp::Timestamp;
use crate::http::Site;
use crate::http::body;
use crate::http::caller::Caller;
use crate::http::document::{Callers, Chapter, Operation, example};
use crate::http::problem::{Code, Problem, failed};
use crate::usecase::pin::check_pin::{Checked, check_pin};
use crate::usecase::pin::lock_pin::lock_pin;
use crate::usecase::pin::send_link::{Request, Sent, send_link};
use crate::usecase::pin::view_pin::{PinView, view_pin};

use super::shape::{MessageShape, VerificationShape};
use super::wire::{self, AgentBody, maybe_agent};

fn about(id: &'static str, summary: &'static str, text: &'static str) -> Operation {
    Operation::new(Chapter::Pins, id, summary, text)
        .part::<ClientId>("client", "Your id of the client.", "lead-10482")
        .by(Callers::HostOrAgent)
        .refuses(&[Code::ClientNotFound, Code::ClientNotInToken])
}

#[derive(Deserialize, ToSchema)]
#[schema(as = PinLinkRequest)]
struct LinkBody {
    /// One of the client's contacts, whose role is authorized.
    #[schema(value_type = ContactId)]
    contact: String,
    /// The agent who asks, for the record. With an agent token it is ignored.
    #[serde(default)]
    agent: Option<AgentBody>,
}

/// A link that is on its way. The link itself is never part of an answer.
#[derive(Serialize, ToSchema)]
#[schema(as = PinLinkSent)]
struct SentShape {
    contact: ContactId,
    /// Until when it opens.
    expires_at: Timestamp,
    /// From when on another can be sent.
    resend_at: Timestamp,
    /// One a channel.
    messages: Vec<MessageShape>,
}

impl From<Sent> for SentShape {
    fn from(sent: Sent) -> Self {
        Self {
            contact: sent.link.contact,
            expires_at: sent.link.expires_at,
            resend_at: sent.link.resend_at,
            messages: sent.messages.iter().map(MessageShape::from).collect(),
        }
    }
}

pub fn sending() -> Operation {
    about(
        "send_pin_link",
        "Send the link to set a PIN",
        "A contact gets a link by email and text, and sets the client's security PIN by it. A new link makes the \
         earlier one void; a PIN that is set already works until another one takes its place. Once it has, every \
         address and mobile of the client's authorized contacts is told.",
    )
    .takes::<LinkBody>(r#"{
  "contact": "c-1",
  "agent": {"id": "u-77", "name": "Maria Lopez"}
}"#)
    .answers::<SentShape>(StatusCode::CREATED, "The link is on its way.", example::PIN_LINK_SENT)
    .refuses(&[
        Code::PinDisabled,
        Code::ContactNotAuthorized,
        Code::ContactUnreachable,
        Code::UnknownValue,
        Code::TooSoon,
        Code::TooManySends,
        Code::Reported,
    ])
}

/// `POST /api/v1/clients/{client}/pin/link`
pub async fn send(
    site: web::Data<Site>,
    caller: Caller,
    client: web::Path<String>,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let body: LinkBody = body::api(payload).await?;
    let (client, contact) = (wire::client_id(&client)?, wire::contact_id(&body.contact)?);
    let agent = caller.agent(maybe_agent(body.agent)?);
    let acting = caller.acting(agent.as_ref());
    let request = Request { client, contact, agent };
    let sent = send_link(&site.desk, caller.tenant(), request, &acting).await;
    let sent = sent.map_err(|f| failed(f, site.desk.time.now()))?;
    Ok(HttpResponse::Created().json(SentShape::from(sent)))
}

#[derive(Deserialize, ToSchema)]
#[schema(as = PinCheckRequest)]
struct CheckBody {
    /// What the client said. Spaces and hyphens are ignored.
    #[schema(pattern = r"^[ -]{0,2}([0-9][ -]{0,2}){6}$", example = "482 057")]
    pin: String,
    /// The agent who asks, for the record. With an agent token it is ignored.
    #[serde(default)]
    agent: Option<AgentBody>,
}

/// What a check of a PIN came to.
#[derive(Serialize, ToSchema)]
#[schema(as = PinCheck)]
struct CheckShape {
    #[schema(value_type = Verdict)]
    result: &'static str,
    /// With `incorrect`: how many wrong ones in a row are left. At 0 the PIN is locked.
    #[serde(skip_serializing_if = "Option::is_none")]
    tries_left: Option<u32>,
    /// With `verified`: the proof.
    #[serde(skip_serializing_if = "Option::is_none")]
    verification: Option<VerificationShape>,
}

impl From<Checked> for CheckShape {
    fn from(checked: Checked) -> Self {
        let tries_left = match checked.verdict {
            Verdict::Incorrect { tries_left } => Some(tries_left),
            _ => None,
        };
        let verification = checked.verified.map(VerificationShape::from);
        Self { result: checked.verdict.as_str(), tries_left, verification }
    }
}

pub fn checking() -> Operation {
    about(
        "check_pin",
        "Check the PIN that the client says",
        "A wrong PIN is an answer, not an error: the status is 200, and `result` says what it came to. Each try is \
         counted before it is compared; five wrong ones in a row lock the PIN until it is set anew, a right one \
         clears them. It is locked too once whoever set it is no longer an authorized contact. `not_set` is a client without a PIN: send a link, or a code.",
    )
    .takes::<CheckBody>(r#"{
  "pin": "482 057",
  "agent": {"id": "u-77", "name": "Maria Lopez"}
}"#)
    .answers::<CheckShape>(StatusCode::OK, "What the check came to.", example::PIN_CHECKED)
    .refuses(&[Code::PinDisabled, Code::UnknownValue, Code::Reported])
}

/// `POST /api/v1/clients/{client}/pin/check`
pub async fn check(
    site: web::Data<Site>,
    caller: Caller,
    client: web::Path<String>,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let body: CheckBody = body::api(payload).await?;
    let client = wire::client_id(&client)?;
    let agent = caller.agent(maybe_agent(body.agent)?);
    let acting = caller.acting(agent.as_ref());
    let checked = check_pin(&site.desk, caller.tenant(), &client, &body.pin, agent, &acting).await;
    let checked = checked.map_err(|f| failed(f, site.desk.time.now()))?;
    Ok(HttpResponse::Ok().json(CheckShape::from(checked)))
}

/// A link that still opens.
#[derive(Serialize, ToSchema)]
#[schema(as = PinLink)]
struct LinkShape {
    contact: ContactId,
    expires_at: Timestamp,
}

/// Where a client's PIN stands.
#[derive(Serialize, ToSchema)]
#[schema(as = Pin)]
struct PinShape {
    state: PinState,
    #[serde(skip_serializing_if = "Option::is_none")]
    set_at: Option<Timestamp>,
    /// The link that was sent and not used yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<LinkShape>,
}

impl From<PinView> for PinShape {
    fn from(view: PinView) -> Self {
        let link = |link: Pending| LinkShape { contact: link.contact.id, expires_at: link.expires_at };
        Self { state: view.state, set_at: view.set_at, link: view.link.map(link) }
    }
}

pub fn getting() -> Operation {
    about(
        "get_pin",
        "See whether a client has a PIN",
        "Whether one is set, or locked after wrong tries, and the link that is on its way to somebody. The status \
         carries the first as `pin`.",
    )
    .answers::<PinShape>(StatusCode::OK, "Where the PIN stands.", example::PIN)
}

/// `GET /api/v1/clients/{client}/pin`
pub async fn get(
    site: web::Data<Site>,
    caller: Caller,
    client: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let client = wire::client_id(&client)?;
    let viewed = view_pin(&site.desk, caller.tenant(), &client, &caller.acting(None)).await;
    let viewed = viewed.map_err(|f| failed(f, site.desk.time.now()))?;
    Ok(HttpResponse::Ok().json(PinShape::from(viewed)))
}

#[derive(Deserialize, ToSchema)]
#[schema(as = PinLockRequest)]
struct LockBody {
    /// The agent who asks, for the record. With an agent token it is ignored.
    #[serde(default)]
    agent: Option<AgentBody>,
}

pub fn locking() -> Operation {
    about(
        "lock_pin",
        "Lock the PIN",
        "For when somebody calls who did not set it: nobody is verified by the PIN any more until it is set anew, and a \
         link that is out no longer opens. Done twice it is done once, and where there is no PIN only the link ends. A \
         verification that holds already is taken back by `status/revoke`.",
    )
    .may_take::<LockBody>(r#"{"agent": {"id": "u-77", "name": "Maria Lopez"}}"#)
    .answers::<PinShape>(StatusCode::OK, "Where the PIN stands now.", example::PIN_LOCKED)
    .refuses(&[Code::UnknownValue])
}

/// `POST /api/v1/clients/{client}/pin/lock`
pub async fn lock(
    site: web::Data<Site>,
    caller: Caller,
    client: web::Path<String>,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let body: LockBody = body::api(payload).await?;
    let client = wire::client_id(&client)?;
    let agent = caller.agent(maybe_agent(body.agent)?);
    let locked = lock_pin(&site.desk, caller.tenant(), &client, &caller.acting(agent.as_ref())).await;
    let locked = locked.map_err(|f| failed(f, site.desk.time.now()))?;
    Ok(HttpResponse::Ok().json(PinShape::from(locked)))
}
