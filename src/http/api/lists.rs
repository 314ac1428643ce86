//! `/api/v1/events`, `/api/v1/messages`, `/api/v1/audit`: paged and filtered, newest first; and replay.

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::domain::channel::Channel;
use crate::domain::id::EventId;
use crate::domain::message::{Message, MessageState};
use crate::domain::page::{ListedEntry, ListedEvent, Page};
use crate::domain::timestamp::Timestamp;
use crate::http::Site;
use crate::http::body;
use crate::http::caller::Host;
use crate::http::problem::{Code, Problem, failed};
use crate::usecase::host::replay_events;

/// Items on a page where the caller names no number.
const USUAL: u64 = 50;
/// Most items on a page.
const MOST: u64 = 200;
/// What an event can be.
const EVENT_STATES: [&str; 3] = ["pending", "delivered", "parked"];

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
    /// One more than asked for: whether there is a next page.
    fn page(&self) -> Result<Page, Problem> {
        let size = self.limit.unwrap_or(USUAL);
        if !(1..=MOST).contains(&size) {
            return Err(Problem::invalid(format!("limit: allowed is 1 to {MOST}")));
        }
        Ok(Page { after: self.page.clone(), size: size + 1, since: self.since, until: self.until })
    }

    fn one_of(word: Option<&String>, field: &str, known: &[&str]) -> Result<(), Problem> {
        match word {
            Some(word) if !known.contains(&word.as_str()) => Err(Problem::unknown_value(field, known)),
            _ => Ok(()),
        }
    }
}

/// The page, and where the next one starts.
fn paged<T>(
    mut found: Vec<T>,
    page: &Page,
    id: impl Fn(&T) -> &str,
    shape: impl Fn(&T) -> Value,
) -> HttpResponse {
    let size = usize::try_from(page.size - 1).unwrap_or(usize::MAX);
    let more = found.len() > size;
    found.truncate(size);
    let mut answer = json!({"items": found.iter().map(shape).collect::<Vec<_>>()});
    if let (true, Some(last)) = (more, found.last()) {
        answer["next"] = json!(id(last));
    }
    HttpResponse::Ok().json(answer)
}

/// `GET /api/v1/events`
pub async fn events(
    site: web::Data<Site>,
    host: Host,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Problem> {
    Asked::one_of(asked.state.as_ref(), "state", &EVENT_STATES)?;
    let page = asked.page()?;
    let wanted = [&asked.r#type, &asked.state, &asked.client];
    let found = site.desk.store.of(&host.tenant.id).list_events(&page, wanted).await;
    let found = found.map_err(|e| failed(e.into(), site.desk.time.now()))?;
    Ok(paged(found, &page, |event| &event.id, event_shape))
}

/// `GET /api/v1/messages`
pub async fn messages(
    site: web::Data<Site>,
    host: Host,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Problem> {
    Asked::one_of(asked.state.as_ref(), "state", &MessageState::ALL.map(MessageState::as_str))?;
    Asked::one_of(asked.channel.as_ref(), "channel", &Channel::ALL.map(Channel::as_str))?;
    let page = asked.page()?;
    let wanted = [&asked.client, &asked.challenge, &asked.channel, &asked.state];
    let found = site.desk.store.of(&host.tenant.id).list_messages(&page, wanted).await;
    let found = found.map_err(|e| failed(e.into(), site.desk.time.now()))?;
    Ok(paged(found, &page, |message| message.id.as_str(), message_shape))
}

/// `GET /api/v1/audit`
pub async fn audit(
    site: web::Data<Site>,
    host: Host,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Problem> {
    let page = asked.page()?;
    let wanted = [&asked.client, &asked.action, &asked.actor];
    let found = site.desk.store.of(&host.tenant.id).list_audit(&page, wanted).await;
    let found = found.map_err(|e| failed(e.into(), site.desk.time.now()))?;
    Ok(paged(found, &page, |entry| &entry.id, entry_shape))
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
    Ok(HttpResponse::Ok().json(json!({"replayed": 1})))
}

#[derive(Deserialize)]
struct Missed {
    failed_since: Timestamp,
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
    let count = replayed.map_err(|f| failed(f, site.desk.time.now()))?;
    Ok(HttpResponse::Ok().json(json!({"replayed": count})))
}

/// An object without its empty members.
fn filled(mut value: Value) -> Value {
    if let Value::Object(members) = &mut value {
        members.retain(|_, member| !member.is_null() && member.as_str() != Some(""));
    }
    value
}

fn event_shape(event: &ListedEvent) -> Value {
    filled(json!({
        "id": event.id, "type": event.kind, "client": event.client, "state": event.state,
        "attempts": event.attempts, "last_status": event.last_status, "last_error": event.last_error,
        "created_at": event.created_at, "at": event.changed_at, "next_at": event.next_at,
    }))
}

fn message_shape(message: &Message) -> Value {
    filled(json!({
        "id": message.id, "challenge": message.challenge, "client": message.client, "contact": message.contact,
        "purpose": message.purpose.as_str(), "channel": message.channel, "to": message.masked,
        "state": message.state.as_str(), "detail": message.detail, "attempts": message.attempts,
        "created_at": message.created_at, "at": message.changed_at,
    }))
}

fn entry_shape(entry: &ListedEntry) -> Value {
    let detail: Value = serde_json::from_str(&entry.detail).unwrap_or_default();
    filled(json!({
        "id": entry.id, "at": entry.at, "actor": filled(json!({"kind": entry.actor_kind, "id": entry.actor})),
        "from": entry.from, "action": entry.action, "client": entry.client, "contact": entry.contact,
        "object": entry.object, "outcome": entry.outcome, "detail": detail,
    }))
}
