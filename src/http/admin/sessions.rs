//! `/admin/sessions`: where one is signed in, and signing out there.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde_json::{Value, json};

use crate::domain::admin::Session;
use crate::domain::id::AdminSessionId;
use crate::domain::refusal::Refusal;
use crate::usecase::Failure;
use crate::usecase::admin::sessions::{Which, end_sessions, list_sessions};

use super::gate::{Turned, Visit, to};
use super::page::Frame;
use super::when::Clock;

/// `GET /admin/sessions`
pub async fn show(visit: Visit) -> Result<HttpResponse, Turned> {
    let desk = &visit.knock.site.desk;
    let found = list_sessions(desk, &visit.who.admin).await;
    let found = found.map_err(|error| visit.knock.failing(error))?;
    let console = desk.directory.console();
    let clock = Clock { locale: visit.knock.locale, zone: console.time_zone, now: desk.time.now() };
    let shown: Vec<Value> = found.iter().map(|session| row(session, &visit, clock)).collect();
    let others = shown.len() > 1;
    let frame = Frame::inside(&visit, "admin.sessions");
    Ok(visit.page(StatusCode::OK, "sessions", &frame, json!({"sessions": shown, "others": others})))
}

fn row(session: &Session, visit: &Visit, clock: Clock<'_>) -> Value {
    json!({
        "id": session.id,
        "own": session.id == visit.who.session.id,
        "device": session.device,
        "address": session.address,
        "begun": clock.when(session.created_at),
        "seen": clock.when(session.seen_at),
    })
}

/// `POST /admin/sessions`: ends the one that is named, or all others.
pub async fn end(visit: Visit, payload: web::Payload) -> Result<HttpResponse, Turned> {
    let fields = visit.fields(payload).await?;
    let named = Some(fields.get("session")).filter(|named| !named.is_empty()).map(AdminSessionId::parse);
    let named = named.transpose().map_err(|_| visit.knock.failing(Refusal::NotFound("session")))?;
    let which = named.as_ref().map_or(Which::AllOthers, Which::Other);
    match end_sessions(&visit.knock.site.desk, &visit.who, which, &visit.knock.visitor).await {
        // One that was gone already is gone.
        Ok(()) | Err(Failure::Refused(Refusal::NotFound(_))) => Ok(to("/admin/sessions")),
        Err(failure) => Err(visit.knock.failing(failure)),
    }
}
