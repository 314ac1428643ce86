//! `POST /admin/t/{tenant}/users`: what an admin does about the second step of users: remind, exempt, take away.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};

use crate::domain::admin::Act;
use crate::domain::id::UserId;
use crate::domain::login::{exempt_until, reason};
use crate::domain::refusal::Refusal;
use crate::usecase::login::exempt_user::exempt_user;
use crate::usecase::login::remind_users::{MOST, remind_users};
use crate::usecase::login::reset_second_step::reset_second_step_because;

use super::export;
use super::gate::{Fields, Room, Turned, to};
use super::users::{Wrong, page};

/// `do` is `remind`, `exempt` or `require` about each chosen `user`; else the one `user` is reset.
pub async fn act(room: Room, payload: web::Payload) -> Result<HttpResponse, Turned> {
    let fields: Fields = room.visit.fields(payload).await?;
    room.must(Act::Change)?;
    match fields.get("do") {
        "remind" => remind(&room, &fields).await,
        "exempt" => exempt(&room, &fields, true).await,
        "require" => exempt(&room, &fields, false).await,
        _ => reset(&room, &fields).await,
    }
}

/// Back to the same users, with what was done.
fn back(room: &Room, done: &str) -> HttpResponse {
    let filter = export::filter(room);
    let parted = if filter.is_empty() { "" } else { "&" };
    to(&room.path(&format!("/users?{filter}{parted}{done}")))
}

async fn wrong(
    room: &Room,
    fields: &Fields,
    (user, key): (Option<&UserId>, &'static str),
) -> Result<HttpResponse, Turned> {
    page(room, StatusCode::UNPROCESSABLE_ENTITY, Some(Wrong { fields, user, key })).await
}

/// The users that are chosen; no more than stand on a page.
fn chosen(fields: &Fields) -> Vec<UserId> {
    fields.all("user").filter_map(|id| UserId::parse(id).ok()).take(MOST).collect()
}

async fn remind(room: &Room, fields: &Fields) -> Result<HttpResponse, Turned> {
    let users = chosen(fields);
    if users.is_empty() {
        return wrong(room, fields, (None, "admin.users.choose")).await;
    }
    let (desk, caller) = (&room.visit.knock.site.desk, room.visit.acting());
    let count = remind_users(desk, &room.tenant, &users, &caller).await;
    let count = count.map_err(|failure| room.failing(failure))?;
    Ok(back(room, &format!("reminded={count}")))
}

/// Until the last day that is typed, or no longer.
async fn exempt(room: &Room, fields: &Fields, is: bool) -> Result<HttpResponse, Turned> {
    let (desk, caller) = (&room.visit.knock.site.desk, room.visit.acting());
    let users = chosen(fields);
    if users.is_empty() {
        return wrong(room, fields, (None, "admin.users.choose")).await;
    }
    let until = exempt_until(fields.get("until"), room.tenant.time_zone, desk.time.now()).filter(|_| is);
    if is && until.is_none() {
        return wrong(room, fields, (None, "admin.users.until.wrong")).await;
    }
    let Some(reason) = reason(fields.get("reason")) else {
        return wrong(room, fields, (None, "admin.users.reason.missing")).await;
    };
    for user in &users {
        let done = exempt_user(desk, &room.tenant, user, until, (reason, &caller)).await;
        done.map_err(|failure| room.failing(failure))?;
    }
    Ok(back(room, "done=1"))
}

async fn reset(room: &Room, fields: &Fields) -> Result<HttpResponse, Turned> {
    let user = UserId::parse(fields.get("user"));
    let user = user.map_err(|_| room.failing(Refusal::NotFound("user")))?;
    let Some(reason) = reason(fields.get("reason")) else {
        return wrong(room, fields, (Some(&user), "admin.users.reason.missing")).await;
    };
    let (desk, caller) = (&room.visit.knock.site.desk, room.visit.acting());
    let done = reset_second_step_because(desk, &room.tenant, &user, (reason, &caller)).await;
    done.map_err(|failure| room.failing(failure))?;
    // Who was found for having a second step is not among those any more.
    Ok(to(&room.path("/users?done=1")))
}
