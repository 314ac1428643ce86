//! `/admin` and `/admin/t/{tenant}`: which tenants one has, and one of them at a glance, with what an admin does there about
//! checks that rest.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde_json::{Value, json};
use url::form_urlencoded;

use crate::domain::admin::{Act, Role};
use crate::domain::login::reason;
use crate::usecase::admin::overview::{Day, Overview, overview};
use crate::usecase::brake::let_go_on_because;

use super::gate::{Room, Turned, Visit, to};
use super::logs::{clock, full};
use super::page::Frame;

/// `GET /admin`: straight on where there is one tenant only.
pub async fn tenants(visit: Visit) -> HttpResponse {
    let directory = visit.knock.site.desk.directory.get();
    let mut own: Vec<_> = directory
        .members()
        .map(|member| &member.tenant)
        .filter(|tenant| visit.who.admin.sees(&tenant.id))
        .collect();
    own.sort_by(|a, b| a.name.cmp(&b.name));
    if let [only] = own.as_slice()
        && visit.who.admin.role != Role::Owner
    {
        return to(&format!("/admin/t/{}", only.id));
    }
    let shown: Vec<Value> = own
        .iter()
        .map(|tenant| json!({"id": tenant.id, "name": tenant.name, "eligible": tenant.eligible}))
        .collect();
    let frame = Frame::inside(&visit, "admin.tenants");
    visit.page(
        StatusCode::OK,
        "tenants",
        &frame,
        json!({"tenants": shown, "owner": visit.who.admin.role == Role::Owner}),
    )
}

/// `GET /admin/t/{tenant}`
pub async fn overview_page(room: Room) -> Result<HttpResponse, Turned> {
    page(&room, None).await
}

/// `POST /admin/t/{tenant}`: lets checks go on that rest, for a `reason`.
pub async fn resume(room: Room, payload: web::Payload) -> Result<HttpResponse, Turned> {
    let fields = room.visit.fields(payload).await?;
    room.must(Act::Change)?;
    let typed = fields.get("reason");
    let Some(reason) = reason(typed) else { return page(&room, Some(typed)).await };
    let (desk, by) = (&room.visit.knock.site.desk, room.visit.acting().origin);
    let done = let_go_on_because(desk, &room.tenant.id, (reason, by)).await;
    done.map_err(|error| room.failing(error))?;
    Ok(to(&room.path("?resumed=1")))
}

/// The overview; with the reason that was typed and is none, where that is so.
async fn page(room: &Room, typed: Option<&str>) -> Result<HttpResponse, Turned> {
    let site = &room.visit.knock.site;
    let found = overview(&site.desk, &site.post, &room.tenant).await;
    let found = found.map_err(|error| room.failing(error))?;
    let frame = Frame::of(room, "", "admin.overview").titled(room.tenant.name.clone());
    let mut content = shape(room, &found);
    content["wrong"] = json!(typed.is_some());
    content["reason"] = json!(typed);
    let status = if typed.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok(room.visit.page(status, "overview", &frame, content))
}

fn shape(room: &Room, found: &Overview) -> Value {
    let steps = found.steps.iter().map(|(step, done)| {
        json!({"key": format!("admin.step.{step}"), "todo": format!("admin.step.{step}.do"), "done": done})
    });
    let steps: Vec<Value> = steps.collect();
    let guessing = found.guessing.iter().map(|(agent, count)| {
        let query = form_urlencoded::Serializer::new(String::new()).append_pair("actor", agent).finish();
        json!({"agent": agent, "count": count.to_string(), "entries": room.path(&format!("/audit?{query}"))})
    });
    let guessing: Vec<Value> = guessing.collect();
    let done = found.steps.iter().filter(|(_, done)| *done).count();
    let Day { sent, verified, wrong, expired, locked, reported, messages_delivered, messages_failed } =
        found.day;
    json!({
        "steps": steps,
        "done": done.to_string(),
        "all": found.steps.len().to_string(),
        "settings": room.path("/settings/eligibility"),
        "unfinished": done < found.steps.len(),
        "figures": [
            {"key": "admin.day.sent", "count": sent},
            {"key": "admin.day.verified", "count": verified},
            {"key": "admin.day.wrong", "count": wrong},
            {"key": "admin.day.expired", "count": expired},
            {"key": "admin.day.locked", "count": locked},
            {"key": "admin.day.reported", "count": reported},
            {"key": "admin.day.messages", "count": messages_delivered},
            {"key": "admin.day.failed", "count": messages_failed},
        ],
        "calm": found.is_calm(),
        "rests": found.rests_until.map(|until| full(clock(room), until)),
        "rested": room.path("/audit?action=checks.rest"),
        "resumed": room.visit.knock.query("resumed").is_some() && found.rests_until.is_none(),
        "may": room.may(Act::Change),
        "guessing": guessing,
        "parked": (found.parked_events > 0).then(|| found.parked_events.to_string()),
        "reported": (reported > 0).then(|| reported.to_string()),
        "failed": (messages_failed > 0).then(|| messages_failed.to_string()),
        "events": room.path("/events?state=parked"),
        "audit": room.path("/audit?action=code.report"),
        "messages": room.path("/messages?state=failed"),
    })
}
