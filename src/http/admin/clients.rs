//! `/admin/t/{tenant}/clients` and `/client`: finding a client, how they stand, and helping one who is locked.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde_json::{Value, json};
use url::form_urlencoded;

use crate::domain::admin::Act;
use crate::domain::client::Client;
use crate::domain::contact::{Contact, Email, Phone};
use crate::domain::id::ClientId;
use crate::domain::page::Page;
use crate::domain::refusal::Refusal;
use crate::domain::status::{self, State, View};
use crate::usecase::client::revoke_verification::revoke_verification;
use crate::usecase::client::unlock_client::unlock_client;

use super::gate::{Room, Turned, to};
use super::logs;
use super::page::Frame;

/// Clients on a page: whoever finds more types more of the id.
const MOST: u64 = 50;
/// Entries of a client's history.
const HISTORY: u64 = 100;

/// `GET …/clients?q=`
pub async fn find(room: Room) -> Result<HttpResponse, Turned> {
    let asked = room.visit.knock.query("q").unwrap_or_default();
    let found = room.visit.knock.site.desk.store.of(&room.tenant.id).clients_like(&asked, MOST).await;
    let found = found.map_err(|error| room.failing(error))?;
    let shown: Vec<Value> = found.iter().map(|client| row(&room, client)).collect();
    let frame = Frame::of(&room, "/clients", "admin.clients");
    let more = shown.len() as u64 == MOST;
    let content = json!({"q": asked, "clients": shown, "more": more, "most": MOST.to_string()});
    Ok(room.visit.live(StatusCode::OK, "clients", &frame, content))
}

fn row(room: &Room, client: &Client) -> Value {
    let now = room.visit.knock.site.desk.time.now();
    let view = View { tenant: &room.tenant, locale: room.visit.knock.locale, now };
    let status = status::of(view, &client.outline());
    json!({
        "id": client.id,
        "href": address(room, &client.id),
        "name": client.name,
        "tone": status.button.tone,
        "label": status.button.label,
        "told": status.button.tooltip,
    })
}

fn address(room: &Room, id: &ClientId) -> String {
    let id: String = form_urlencoded::byte_serialize(id.as_str().as_bytes()).collect();
    room.path(&format!("/client?id={id}"))
}

/// `GET …/client?id=`
pub async fn show(room: Room) -> Result<HttpResponse, Turned> {
    let asked = room.visit.knock.query("id").and_then(|id| ClientId::parse(&id).ok());
    let gone = || room.failing(Refusal::NotFound("client"));
    let id = asked.ok_or_else(gone)?;
    let scope = room.visit.knock.site.desk.store.of(&room.tenant.id);
    let found = scope.clients(std::slice::from_ref(&id)).await.map_err(|error| room.failing(error))?;
    let client = found.into_iter().find(|client| !client.removed).ok_or_else(gone)?;
    let page = Page { after: None, size: HISTORY, since: None, until: None };
    let wanted = Some(id.as_str().to_owned());
    let history = scope.list_audit(&page, [&wanted, &None, &None]).await;
    let history = history.map_err(|error| room.failing(error))?;
    let clock = logs::clock(&room);
    let view = View { tenant: &room.tenant, locale: clock.locale, now: clock.now };
    let state = status::of(view, &client.outline()).state;
    let content = json!({
        "client": row(&room, &client),
        "locked": matches!(state, State::Locked),
        "verified": matches!(state, State::Verified),
        "reported": matches!(state, State::Reported),
        "done": room.visit.knock.query("done").is_some(),
        "contacts": client.contacts.iter().map(contact).collect::<Vec<_>>(),
        "entries": logs::entries(&room, &history).await?,
        "may": room.may(Act::Unlock),
    });
    let frame = Frame::of(&room, "/clients", "admin.clients").titled(client.name.clone());
    Ok(room.visit.page(StatusCode::OK, "client", &frame, content))
}

fn contact(contact: &Contact) -> Value {
    json!({
        "name": contact.name,
        "role": contact.role,
        "email": contact.email.as_ref().map(Email::masked),
        "mobile": contact.mobile.as_ref().map(Phone::masked),
        "phone": contact.phone.as_ref().map(Phone::masked),
    })
}

/// `POST …/client?id=`: `do` is `unlock` or `revoke`.
pub async fn act(room: Room, payload: web::Payload) -> Result<HttpResponse, Turned> {
    let fields = room.visit.fields(payload).await?;
    room.must(Act::Unlock)?;
    let asked = room.visit.knock.query("id").and_then(|id| ClientId::parse(&id).ok());
    let id = asked.ok_or_else(|| room.failing(Refusal::NotFound("client")))?;
    let (desk, caller) = (&room.visit.knock.site.desk, room.visit.acting());
    let done = match fields.get("do") {
        "unlock" => unlock_client(desk, &room.tenant, &id, None, &caller).await,
        "revoke" => revoke_verification(desk, &room.tenant, &id, &caller).await,
        _ => return Ok(to(&address(&room, &id))),
    };
    done.map_err(|failure| room.failing(failure))?;
    Ok(to(&format!("{}&done=1", address(&room, &id))))
}
