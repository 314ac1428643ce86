//! `/admin/t/{tenant}/audit`, `/messages` and `/events`: what was done, what was sent, what was posted to the host.
//!
//! Filters stand in the address, so that what is seen can be kept and shared. Nothing here shows a code or a whole number.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde_json::{Value, json};
use url::form_urlencoded;

use crate::domain::admin::Act;
use crate::domain::admin::settings::without_query;
use crate::domain::calendar;
use crate::domain::channel::Channel;
use crate::domain::event::EventType;
use crate::domain::i18n;
use crate::domain::id::EventId;
use crate::domain::message::{Message, MessageState};
use crate::domain::page::{EVENT_STATES, ListedEntry, ListedEvent, Page, Wanted};
use crate::domain::refusal::Refusal;
use crate::domain::timestamp::Timestamp;
use crate::usecase::admin::names::names;
use crate::usecase::host::replay_events::{replay_event, replay_parked};

use super::detail;
use super::export;
use super::gate::{Room, Turned, to};
use super::page::Frame;
use super::when::Clock;

/// Items on a page.
const SIZE: u64 = 50;

/// In the tenant's zone, now.
pub fn clock(room: &Room) -> Clock<'_> {
    let now = room.visit.knock.site.desk.time.now();
    Clock { locale: room.visit.knock.locale, zone: room.tenant.time_zone, now }
}

/// A moment in full.
pub fn full(clock: Clock<'_>, at: Timestamp) -> String {
    clock.when(at).full
}

/// When a day begins where the tenant is.
fn day_of(room: &Room, day: &str) -> Option<Timestamp> {
    calendar::midnight(day, room.tenant.time_zone).ok()
}

/// The day that the address begins at.
pub fn since(room: &Room) -> Option<Timestamp> {
    room.visit.knock.query("since").and_then(|day| day_of(room, &day))
}

/// One more than is shown: whether there are older ones.
fn page(room: &Room) -> Page {
    let after = room.visit.knock.query("page").filter(|id| id.len() < 64 && id.is_ascii());
    Page { after, size: SIZE + 1, since: since(room), until: None }
}

/// A filter of the address, where it is one of the known words.
fn word(room: &Room, name: &str, known: &[&str]) -> Wanted {
    room.visit.knock.query(name).filter(|word| known.is_empty() || known.contains(&word.as_str()))
}

/// The words to choose from in the page's language, the current one marked.
fn choices(room: &Room, begin: &str, known: &[&str], now: &Wanted) -> Vec<Value> {
    let of = |word: &str| json!({"value": word, "text": words(room, begin, word), "current": now.as_deref() == Some(word)});
    known.iter().map(|word| of(word)).collect()
}

/// The address of the older items, with the same filters.
fn older(room: &Room, found: usize, last: Option<&str>) -> Option<String> {
    let last = last.filter(|_| found as u64 > SIZE)?;
    let filter = export::filter(room);
    let parted = if filter.is_empty() { "" } else { "&" };
    let page: String = form_urlencoded::byte_serialize(last.as_bytes()).collect();
    Some(format!("?{filter}{parted}page={page}"))
}

fn shown<T>(found: &[T]) -> &[T] {
    &found[..found.len().min(usize::try_from(SIZE).unwrap_or(usize::MAX))]
}

/// A text of the page's language, or the word itself where there is none.
fn words(room: &Room, begin: &str, word: &str) -> String {
    let key = format!("{begin}.{word}");
    let text = i18n::text(room.visit.knock.locale, &key);
    if text == key { word.to_owned() } else { text.to_owned() }
}

/// What the address asks of the audit log: by client, action and actor.
pub fn audit_filter(room: &Room) -> [Wanted; 3] {
    ["client", "action", "actor"].map(|name| word(room, name, &[]))
}

/// `GET …/audit?client=&action=&actor=&since=&page=`
pub async fn audit(room: Room) -> Result<HttpResponse, Turned> {
    let wanted = audit_filter(&room);
    let scope = room.visit.knock.site.desk.store.of(&room.tenant.id);
    let found = scope.list_audit(&page(&room), [&wanted[0], &wanted[1], &wanted[2]]).await;
    let found = found.map_err(|error| room.failing(error))?;
    let entries = entries(&room, shown(&found)).await?;
    let content = json!({
        "entries": entries,
        "client": wanted[0], "action": wanted[1], "actor": wanted[2],
        "since": room.visit.knock.query("since"),
        "export": export::address(&room, "audit"),
        "older": older(&room, found.len(), shown(&found).last().map(|one| one.id.as_str())),
    });
    Ok(room.visit.live(StatusCode::OK, "audit", &Frame::of(&room, "/audit", "admin.audit"), content))
}

/// Entries in words for who was not there.
pub async fn entries(room: &Room, found: &[ListedEntry]) -> Result<Vec<Value>, Turned> {
    let known = names(&room.visit.knock.site.desk, &room.tenant, found).await;
    let (known, clock) = (known.map_err(|error| room.failing(error))?, clock(room));
    Ok(found.iter().map(|one| entry(room, clock, one, known.of(one))).collect())
}

fn entry(room: &Room, clock: Clock<'_>, entry: &ListedEntry, name: Option<&str>) -> Value {
    let actor = words(room, "admin.actor", &entry.actor_kind);
    json!({
        "at": clock.when(entry.at),
        "actor": actor,
        "who": entry.actor,
        "name": name,
        "from": entry.from,
        "action": words(room, "admin.action", &entry.action),
        "outcome": words(room, "admin.outcome", &entry.outcome),
        "client": entry.client,
        "contact": entry.contact,
        "object": entry.object,
        "details": detail::lines(clock, &entry.detail),
    })
}

/// What the address asks of the messages: by client, channel and state.
pub fn messages_filter(room: &Room) -> [Wanted; 3] {
    let (channels, states) = (Channel::ALL.map(Channel::as_str), MessageState::ALL.map(MessageState::as_str));
    [word(room, "client", &[]), word(room, "channel", &channels), word(room, "state", &states)]
}

/// `GET …/messages?client=&channel=&state=&since=&page=`
pub async fn messages(room: Room) -> Result<HttpResponse, Turned> {
    let (channels, states) = (Channel::ALL.map(Channel::as_str), MessageState::ALL.map(MessageState::as_str));
    let [client, channel, state] = messages_filter(&room);
    let scope = room.visit.knock.site.desk.store.of(&room.tenant.id);
    let found = scope.list_messages(&page(&room), [&client, &None, &channel, &state]).await;
    let found = found.map_err(|error| room.failing(error))?;
    let clock = clock(&room);
    let content = json!({
        "messages": shown(&found).iter().map(|one| message(&room, clock, one)).collect::<Vec<_>>(),
        "client": client,
        "since": room.visit.knock.query("since"),
        "channels": choices(&room, "channel", &channels, &channel),
        "states": choices(&room, "admin.message", &states, &state),
        "export": export::address(&room, "messages"),
        "older": older(&room, found.len(), shown(&found).last().map(|one| one.id.as_str())),
    });
    Ok(room.visit.live(StatusCode::OK, "messages", &Frame::of(&room, "/messages", "admin.messages"), content))
}

fn message(room: &Room, clock: Clock<'_>, message: &Message) -> Value {
    let detail = message.detail.as_deref().filter(|word| !word.is_empty());
    json!({
        "at": clock.when(message.created_at),
        "to": message.masked,
        "client": (!message.purpose.is_to_user()).then_some(&message.client),
        "contact": message.contact,
        "purpose": words(room, "admin.purpose", message.purpose.as_str()),
        "channel": words(room, "channel", message.channel.as_str()),
        "state": words(room, "admin.message", message.state.as_str()),
        "bad": message.state == MessageState::Failed,
        "detail": detail.map(|word| why(room, message.changed_at, word)),
        "attempts": message.attempts.to_string(),
        "id": message.id,
    })
}

/// Why something that was sent at that moment came to nothing, as the agent's window says it.
pub fn why(room: &Room, at: Timestamp, word: &str) -> String {
    let text = words(room, "window", &format!("d_{word}"));
    if text == format!("d_{word}") {
        return words(room, "admin.why", word);
    }
    let clock = clock(room);
    let time = calendar::time(clock.locale, at, clock.zone);
    i18n::fill(clock.locale, &text, &[("time", &time)])
}

/// What the address asks of the pushes: by type, state and client.
pub fn events_filter(room: &Room) -> [Wanted; 3] {
    let types = EventType::ALL.map(EventType::as_str);
    [word(room, "type", &types), word(room, "state", &EVENT_STATES), word(room, "client", &[])]
}

/// `GET …/events?client=&type=&state=&since=&page=`
pub async fn events(room: Room) -> Result<HttpResponse, Turned> {
    let types = EventType::ALL.map(EventType::as_str);
    let [kind, state, client] = events_filter(&room);
    let scope = room.visit.knock.site.desk.store.of(&room.tenant.id);
    let found = scope.list_events(&page(&room), [&kind, &state, &client]).await;
    let found = found.map_err(|error| room.failing(error))?;
    let clock = clock(&room);
    let content = json!({
        "events": shown(&found).iter().map(|one| event(&room, clock, one)).collect::<Vec<_>>(),
        "client": client,
        "since": room.visit.knock.query("since"),
        "types": choices(&room, "admin.type", &types, &kind),
        "states": choices(&room, "admin.event", &EVENT_STATES, &state),
        "export": export::address(&room, "events"),
        "url": room.tenant.callback_url.as_ref().map(|url| without_query(url.as_str())),
        "older": older(&room, found.len(), shown(&found).last().map(|one| one.id.as_str())),
        "may": room.may(Act::Change),
        "done": room.visit.knock.query("done").is_some(),
    });
    Ok(room.visit.live(StatusCode::OK, "events", &Frame::of(&room, "/events", "admin.events"), content))
}

fn event(room: &Room, clock: Clock<'_>, event: &ListedEvent) -> Value {
    // What is told of a user, a signing or a session leads to no client.
    let about_client = event.kind.starts_with("verification.") || event.kind.starts_with("pin.");
    json!({
        "id": event.id,
        "at": clock.when(event.created_at),
        "type": event.kind,
        "client": event.client,
        "about_client": about_client,
        "state": words(room, "admin.event", &event.state),
        "bad": event.state == "parked",
        "status": event.last_status,
        "error": event.last_error.as_deref().filter(|text| !text.is_empty()),
        "attempts": event.attempts.to_string(),
        "next": event.next_at.map(|at| clock.when(at)).map(|when| json!(when)),
    })
}

/// `POST …/events`: posts `event` once more, or all that were given up since the day `since`.
pub async fn replay(room: Room, payload: web::Payload) -> Result<HttpResponse, Turned> {
    let fields = room.visit.fields(payload).await?;
    room.must(Act::Change)?;
    let (desk, origin) = (&room.visit.knock.site.desk, room.visit.acting().origin);
    let back = to(&room.path("/events?done=again"));
    if let Some(since) = day_of(&room, fields.get("since")) {
        replay_parked(desk, &room.tenant.id, since, origin).await.map_err(|failure| room.failing(failure))?;
        return Ok(back);
    }
    let event = EventId::parse(fields.get("event")).map_err(|_| room.failing(Refusal::NotFound("event")))?;
    replay_event(desk, &room.tenant.id, &event, origin).await.map_err(|failure| room.failing(failure))?;
    Ok(back)
}
