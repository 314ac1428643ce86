//! `/admin/t/{tenant}/users`: the users of the CRM and their second step; taking one away, with a reason.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde_json::{Value, json};

use crate::domain::admin::Act;
use crate::domain::id::UserId;
use crate::domain::login::{Method, UserState, UserView};
use crate::domain::refusal::Refusal;
use crate::usecase::login::reset_second_step::reset_second_step_because;
use crate::usecase::login::view_user::{PAGE, Sort, Wanted, list_users};

use super::export;
use super::gate::{Fields, Room, Turned, to};
use super::logs;
use super::page::Frame;
use super::when::Clock;

/// The longest reason that is kept.
const REASON: usize = 200;

/// What the address asks for.
pub struct Asked {
    pub wanted: Wanted,
    state: String,
    sort: String,
}

pub fn asked(room: &Room) -> Asked {
    let query = |name: &str| room.visit.knock.query(name).unwrap_or_default();
    let (state, sort) = (query("state"), query("sort"));
    let wanted = Wanted {
        state: UserState::ALL.iter().copied().find(|known| known.as_str() == state),
        method: Method::ALL.iter().copied().find(|known| known.as_str() == query("method")),
        search: query("q"),
        sort: match sort.as_str() {
            "-name" => Sort::NameBackwards,
            "role" => Sort::Role,
            "last_sign_in" => Sort::LastSignIn,
            _ => Sort::Name,
        },
        page: query("page").parse().unwrap_or(1).max(1),
    };
    Asked { wanted, state, sort }
}

/// `GET …/users?q=&state=&sort=&page=`
pub async fn list(room: Room) -> Result<HttpResponse, Turned> {
    page(&room, StatusCode::OK, None).await
}

async fn page(room: &Room, status: StatusCode, wrong: Option<(&str, &str)>) -> Result<HttpResponse, Turned> {
    let Asked { wanted, state, sort } = asked(room);
    let found = list_users(&room.visit.knock.site.desk, &room.tenant, &wanted).await;
    let (users, total) = found.map_err(|error| room.failing(error))?;
    let clock = logs::clock(room);
    let from = wanted.page.saturating_sub(1).saturating_mul(PAGE);
    let content = json!({
        "users": users.iter().map(|user| row(user, clock, wrong)).collect::<Vec<_>>(),
        "q": wanted.search,
        "state": state,
        "sort": sort,
        "states": states(&state),
        "sorts": sorts(&sort),
        "done": room.visit.knock.query("done").is_some(),
        "count": total.to_string(),
        "export": export::address(room, "users"),
        "next": (from.saturating_add(users.len()) < total).then(|| (wanted.page + 1).to_string()),
        "previous": (wanted.page > 1).then(|| (wanted.page - 1).to_string()),
        "may": room.may(Act::Change),
    });
    Ok(room.visit.page(status, "users", &Frame::of(room, "/users", "admin.users"), content))
}

fn states(now: &str) -> Vec<Value> {
    let of = |value: &str, key: &str| json!({"value": value, "key": key, "current": value == now});
    let known = UserState::ALL.iter().map(|state| state.as_str());
    let known = known.map(|state| of(state, &format!("admin.users.state.{state}")));
    std::iter::once(of("", "admin.all")).chain(known).collect()
}

fn sorts(now: &str) -> Vec<Value> {
    let known = [("name", "name"), ("-name", "name_back"), ("role", "role"), ("last_sign_in", "seen")];
    let current = |value: &str| value == now || (now.is_empty() && value == "name");
    let of = |(value, key): (&str, &str)| json!({"value": value, "key": format!("admin.users.by.{key}"), "current": current(value)});
    known.map(of).into()
}

fn row(user: &UserView, clock: Clock<'_>, wrong: Option<(&str, &str)>) -> Value {
    let methods = user.methods.iter().map(|method| format!("admin.users.method.{}", method.as_str()));
    let wrong = wrong.filter(|(id, _)| *id == user.id.as_str());
    json!({
        "id": user.id,
        "name": user.name,
        "role": user.role,
        "state": format!("admin.users.state.{}", user.state.as_str()),
        "methods": methods.collect::<Vec<_>>(),
        "backup": user.backup_codes_left.to_string(),
        "enrolled": user.enrolled_at.is_some(),
        "few": user.enrolled_at.is_some() && user.backup_codes_left <= 3,
        "required": user.required,
        "seen": user.last_sign_in.map(|at| clock.when(at)),
        "wrong": wrong.map(|(_, key)| key),
    })
}

/// `POST …/users`: takes the second step of `user` away, for the `reason`.
pub async fn reset(room: Room, payload: web::Payload) -> Result<HttpResponse, Turned> {
    let fields: Fields = room.visit.fields(payload).await?;
    room.must(Act::Change)?;
    let reason = fields.get("reason").trim();
    let user = UserId::parse(fields.get("user"));
    let user = user.map_err(|_| room.failing(Refusal::NotFound("user")))?;
    if reason.is_empty() || reason.chars().count() > REASON || reason.chars().any(char::is_control) {
        let wrong = Some((user.as_str(), "admin.users.reason.missing"));
        return page(&room, StatusCode::UNPROCESSABLE_ENTITY, wrong).await;
    }
    let (desk, caller) = (&room.visit.knock.site.desk, room.visit.acting());
    let done = reset_second_step_because(desk, &room.tenant, &user, (reason, &caller)).await;
    done.map_err(|failure| room.failing(failure))?;
    Ok(to(&room.path("/users?done=1")))
}
