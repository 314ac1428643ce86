//! `/api/v1/events`, `/api/v1/messages`, `/api/v1/audit`: paged and filtered, newest first; and replay.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

use crate::domain::channel::Channel;
use crate::domain::event::EventType;
use crate::domain::id::{AgentId, AuditId, BadId, ChallengeId, ClientId, EventId, MessageId};
use crate::domain::message::MessageState;
use crate::domain::page::{EVENT_STATES, Page};
use crate::domain::timestamp::Timestamp;
use crate::http::Site;
use crate::http::body;
use crate::http::caller::Host;
use crate::http::document::{Callers, Chapter, EventState, Operation};
use crate::http::problem::{Code, Problem, failed};
use crate::usecase::host::replay_events;

use super::items::{EntryItem, EventItem, MessageItem};

/// Items on a page where the caller names no number.
const USUAL: u64 = 50;
/// Most items on a page.
const MOST: u64 = 200;

/// How many items a page may have.
struct PageSize;

impl PartialSchema for PageSize {
    fn schema() -> RefOr<Schema> {
        let size = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1)).maximum(Some(MOST));
        RefOr::T(size.default(Some(USUAL.into())).into())
    }
}

impl ToSchema for PageSize {}

fn about(id: &'static str, summary: &'static str, text: &'static str) -> Operation {
    Operation::new(Chapter::Records, id, summary, text).by(Callers::Host)
}

/// What every list may be asked.
fn list<P: ToSchema>(id: &'static str, summary: &'static str, text: &'static str) -> Operation {
    about(id, summary, text)
        .query::<P>("page", "The `next` of the page before.", "")
        .query::<PageSize>("limit", "Items on a page.", "20")
        .query::<Timestamp>("since", "Not before this moment.", "2026-11-20T00:00:00Z")
        .query::<Timestamp>("until", "Before this moment.", "")
        .query::<ClientId>("client", "Of this client only.", "lead-10482")
}

/// What any list may be asked.
#[derive(Deserialize)]
pub struct Asked {
    page: Option<String>,
    limit: Option<u64>,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
    r#type: Option<String>,
    state: Option<String>,
    client: Option<String>,
    challenge: Option<String>,
    channel: Option<String>,
    action: Option<String>,
    actor: Option<String>,
}

impl Asked {
    /// One more than asked for: whether there is a next page. `id` reads the ids of the list.
    fn page<I>(&self, id: fn(&str) -> Result<I, BadId>) -> Result<Page, Problem> {
        Self::fits(self.page.as_ref(), "page", id)?;
        Self::fits(self.client.as_ref(), "client", ClientId::parse)?;
        let size = self.limit.unwrap_or(USUAL);
        if !(1..=MOST).contains(&size) {
            return Err(Problem::invalid(format!("limit: allowed is 1 to {MOST}")));
        }
        Ok(Page { after: self.page.clone(), size: size + 1, since: self.since, until: self.until })
    }

    /// A wish that can come true: what no column can hold never reaches one.
    fn fits<I>(
        text: Option<&String>,
        field: &str,
        parse: fn(&str) -> Result<I, BadId>,
    ) -> Result<(), Problem> {
        let parsed = text.map(|text| parse(text)).transpose();
        parsed.map(drop).map_err(|bad| Problem::invalid(format!("{field}: {bad}")))
    }

    fn one_of(word: Option<&String>, field: &str, known: &[&str]) -> Result<(), Problem> {
        match word {
            Some(word) if !known.contains(&word.as_str()) => Err(Problem::unknown_value(field, known)),
            _ => Ok(()),
        }
    }
}

/// A page, and where the next one starts.
#[derive(Serialize)]
struct Paged<S> {
    items: Vec<S>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

fn paged<'a, T, S: From<&'a T> + Serialize>(
    found: &'a [T],
    page: &Page,
    id: impl Fn(&T) -> &str,
) -> HttpResponse {
    let size = usize::try_from(page.size - 1).unwrap_or(usize::MAX);
    let shown = &found[..found.len().min(size)];
    let next = shown.last().filter(|_| found.len() > size).map(|last| id(last).to_owned());
    HttpResponse::Ok().json(Paged { items: shown.iter().map(S::from).collect(), next })
}

pub fn listing_events() -> Operation {
    list::<EventId>(
        "list_events",
        "List the pushes to your CRM",
        "What was posted to your `callback_url`, or is still being tried. Whatever you missed while your server was \
         down is here, and can be posted again.",
    )
    .query::<EventType>("type", "Of this type only.", "")
    .query::<EventState>("state", "In this state only.", "parked")
    .answers_page::<EventItem<'static>>(
        "The pushes.",
        r#"{
  "items": [
    {
      "id": "evt_01m7wdp3k2v9c8d7e6f5g4h3j2",
      "type": "verification.verified",
      "client": "lead-10482",
      "state": "parked",
      "attempts": 10,
      "last_status": 503,
      "created_at": "2026-11-20T15:05:05Z",
      "at": "2026-11-23T18:40:05Z"
    }
  ],
  "next": "evt_01m7wdp3k2v9c8d7e6f5g4h3j2"
}"#,
    )
    .refuses(&[Code::UnknownValue])
}

/// `GET /api/v1/events`
pub async fn events(
    site: web::Data<Site>,
    host: Host,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Problem> {
    Asked::one_of(asked.state.as_ref(), "state", &EVENT_STATES)?;
    Asked::one_of(asked.r#type.as_ref(), "type", &EventType::ALL.map(EventType::as_str))?;
    let page = asked.page(EventId::parse)?;
    let wanted = [&asked.r#type, &asked.state, &asked.client];
    let found = site.desk.store.of(&host.tenant.id).list_events(&page, wanted).await;
    let found = found.map_err(|e| failed(e.into(), site.desk.time.now()))?;
    Ok(paged::<_, EventItem>(&found, &page, |event| &event.id))
}

pub fn listing_messages() -> Operation {
    list::<MessageId>(
        "list_messages",
        "List emails and texts",
        "What was sent to whom, masked, and what became of it.",
    )
    .query::<ChallengeId>("challenge", "Of this code only.", "")
    .query::<Channel>("channel", "By this channel only.", "")
    .query::<MessageState>("state", "In this state only.", "failed")
    .answers_page::<MessageItem<'static>>(
        "The messages.",
        r#"{
  "items": [
    {
      "id": "msg_01m7wdnw57a432vtt42ffxc48f",
      "challenge": "chl_01m7wdnw5735zsyyz7vsg7b412",
      "client": "lead-10482",
      "contact": "c-1",
      "purpose": "client_code",
      "channel": "sms",
      "to": "(•••) •••-••42",
      "state": "delivered",
      "attempts": 1,
      "created_at": "2026-11-20T15:04:05Z",
      "at": "2026-11-20T15:04:09Z"
    }
  ]
}"#,
    )
    .refuses(&[Code::UnknownValue])
}

/// `GET /api/v1/messages`
pub async fn messages(
    site: web::Data<Site>,
    host: Host,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Problem> {
    Asked::one_of(asked.state.as_ref(), "state", &MessageState::ALL.map(MessageState::as_str))?;
    Asked::one_of(asked.channel.as_ref(), "channel", &Channel::ALL.map(Channel::as_str))?;
    Asked::fits(asked.challenge.as_ref(), "challenge", ChallengeId::parse)?;
    let page = asked.page(MessageId::parse)?;
    let wanted = [&asked.client, &asked.challenge, &asked.channel, &asked.state];
    let found = site.desk.store.of(&host.tenant.id).list_messages(&page, wanted).await;
    let found = found.map_err(|e| failed(e.into(), site.desk.time.now()))?;
    Ok(paged::<_, MessageItem>(&found, &page, |message| message.id.as_str()))
}

pub fn listing_audit() -> Operation {
    list::<AuditId>(
        "list_audit",
        "Read the audit log",
        "Who did what to whom, from where, when, and what came of it. People are named by your ids; no code, address or \
         number is part of it.",
    )
    .query::<AgentId>("action", "Of this action only, such as `code.check`.", "code.check")
    .query::<AgentId>("actor", "By this actor only: your id of an agent, or the id of a key.", "u-77")
    .answers_page::<EntryItem<'static>>(
        "The entries.",
        r#"{
  "items": [
    {
      "id": "aud_01m7wdp3k2v9c8d7e6f5g4h3j2",
      "at": "2026-11-20T15:05:05Z",
      "actor": {"kind": "agent", "id": "u-77"},
      "from": "203.0.113.7",
      "action": "code.check",
      "client": "lead-10482",
      "contact": "c-1",
      "object": "chl_01m7wdnw5735zsyyz7vsg7b412",
      "outcome": "verified",
      "detail": {}
    }
  ]
}"#,
    )
}

/// `GET /api/v1/audit`
pub async fn audit(
    site: web::Data<Site>,
    host: Host,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Problem> {
    Asked::fits(asked.action.as_ref(), "action", AgentId::parse)?;
    Asked::fits(asked.actor.as_ref(), "actor", AgentId::parse)?;
    let page = asked.page(AuditId::parse)?;
    let wanted = [&asked.client, &asked.action, &asked.actor];
    let found = site.desk.store.of(&host.tenant.id).list_audit(&page, wanted).await;
    let found = found.map_err(|e| failed(e.into(), site.desk.time.now()))?;
    Ok(paged::<_, EntryItem>(&found, &page, |entry| &entry.id))
}

/// How many pushes are on their way once more.
#[derive(Serialize, ToSchema)]
struct Replayed {
    replayed: u64,
}

pub fn replaying() -> Operation {
    about(
        "replay_event",
        "Post one push again",
        "Whatever became of it before: the same body under the same `webhook-id`, tried anew.",
    )
    .part::<EventId>("id", "The `id` of the push.", "evt_01m7wdp3k2v9c8d7e6f5g4h3j2")
    .answers::<Replayed>(StatusCode::OK, "It is on its way.", r#"{"replayed": 1}"#)
    .refuses(&[Code::NotFound])
}

/// `POST /api/v1/events/{id}/replay`
pub async fn replay(
    site: web::Data<Site>,
    host: Host,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let id =
        EventId::parse(&id).map_err(|_| Problem::new(Code::NotFound).detail("there is no such event"))?;
    let replayed =
        replay_events::replay_event(&site.desk, &host.tenant.id, &id, host.acting(None).origin).await;
    replayed.map_err(|f| failed(f, site.desk.time.now()))?;
    Ok(HttpResponse::Ok().json(Replayed { replayed: 1 }))
}

#[derive(Deserialize, ToSchema)]
#[schema(as = ReplayRequest)]
struct Missed {
    /// Pushes made at this moment or later.
    failed_since: Timestamp,
}

pub fn replaying_missed() -> Operation {
    about(
        "replay_parked_events",
        "Post all that you missed",
        "Every push since a moment that was tried in vain and parked, once more. For when your server was down for days.",
    )
    .takes::<Missed>(r#"{"failed_since": "2026-11-20T00:00:00Z"}"#)
    .answers::<Replayed>(StatusCode::OK, "They are on their way.", r#"{"replayed": 12}"#)
}

/// `POST /api/v1/events/replay`
pub async fn replay_missed(
    site: web::Data<Site>,
    host: Host,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let body: Missed = body::api(payload).await?;
    let origin = host.acting(None).origin;
    let replayed = replay_events::replay_parked(&site.desk, &host.tenant.id, body.failed_since, origin).await;
    let replayed = replayed.map_err(|f| failed(f, site.desk.time.now()))?;
    Ok(HttpResponse::Ok().json(Replayed { replayed }))
}
