//! `/admin/t/{tenant}/users`: the users of the CRM and their second step.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use serde_json::{Value, json};

use crate::domain::admin::Act;
use crate::domain::calendar;
use crate::domain::i18n;
use crate::domain::id::UserId;
use crate::domain::login::{Group, Method, UserView};
use crate::usecase::login::view_user::{Found, PAGE, Sort, Wanted, list_users};

use super::export;
use super::gate::{Fields, Room, Turned};
use super::logs;
use super::page::Frame;
use super::when::Clock;

/// What was wrong with a form, beside what was typed.
pub struct Wrong<'a> {
    pub fields: &'a Fields,
    /// The user whose form it is; without one it is about those that are chosen.
    pub user: Option<&'a UserId>,
    pub key: &'static str,
}

/// What the address asks for.
pub struct Asked {
    pub wanted: Wanted,
    sort: String,
}

pub fn asked(room: &Room) -> Asked {
    let query = |name: &str| room.visit.knock.query(name).unwrap_or_default();
    let (view, sort) = (query("view"), query("sort"));
    let wanted = Wanted {
        state: None,
        group: Group::ALL.iter().copied().find(|known| known.as_str() == view),
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
    Asked { wanted, sort }
}

/// `GET …/users?q=&view=&method=&sort=&page=`
pub async fn list(room: Room) -> Result<HttpResponse, Turned> {
    page(&room, StatusCode::OK, None).await
}

/// The page, with what is wrong with a form where something is.
pub async fn page(room: &Room, status: StatusCode, wrong: Option<Wrong<'_>>) -> Result<HttpResponse, Turned> {
    let Asked { wanted, sort } = asked(room);
    let found = list_users(&room.visit.knock.site.desk, &room.tenant, &wanted).await;
    let Found { users, total, groups } = found.map_err(|error| room.failing(error))?;
    let clock = logs::clock(room);
    let from = wanted.page.saturating_sub(1).saturating_mul(PAGE);
    let typed = |name: &str| wrong.as_ref().map_or("", |wrong| wrong.fields.get(name));
    let content = json!({
        "users": users.iter().map(|user| row(user, clock, wrong.as_ref())).collect::<Vec<_>>(),
        "q": wanted.search,
        "view": wanted.group.map(Group::as_str),
        "sort": sort,
        "views": views(&groups, wanted.group.unwrap_or(Group::All), &wanted.search),
        "sorts": sorts(&sort),
        "policy": policy(room, clock),
        "progress": progress(room, &groups),
        "chosen_wrong": wrong.as_ref().filter(|wrong| wrong.user.is_none()).map(|wrong| wrong.key),
        "until": typed("until"),
        "reason": typed("reason"),
        "done": room.visit.knock.query("done").is_some(),
        "reminded": reminded(room),
        "filter": export::filter(room),
        // Where all of them are shown, how many these are is told above the list.
        "count": (total > users.len()).then(|| total.to_string()),
        "export": export::address(room, "users"),
        "next": (from.saturating_add(users.len()) < total).then(|| (wanted.page + 1).to_string()),
        "previous": (wanted.page > 1).then(|| (wanted.page - 1).to_string()),
        "may": room.may(Act::Change),
    });
    Ok(room.visit.live(status, "users", &Frame::of(room, "/users", "admin.users"), content))
}

/// The groups as links, each with its size.
fn views(groups: &[(Group, usize)], now: Group, search: &str) -> Vec<Value> {
    let of = |(group, size): &(Group, usize)| {
        let key = format!("admin.users.view.{}", group.as_str());
        json!({"value": group.as_str(), "key": key, "size": size, "current": *group == now, "q": search})
    };
    groups.iter().map(of).collect()
}

fn sorts(now: &str) -> Vec<Value> {
    let known = [("name", "name"), ("-name", "name_back"), ("role", "role"), ("last_sign_in", "seen")];
    let current = |value: &str| value == now || (now.is_empty() && value == "name");
    let of = |(value, key): (&str, &str)| json!({"value": value, "key": format!("admin.users.by.{key}"), "current": current(value)});
    known.map(of).into()
}

/// Who needs a second step, and since or from when, in a sentence or two.
fn policy(room: &Room, clock: Clock<'_>) -> String {
    let policy = &room.tenant.policy.login;
    let key = match policy.required_from {
        None => "admin.users.policy.nobody",
        Some(from) if from > clock.now => "admin.users.policy.from",
        Some(_) => "admin.users.policy.since",
    };
    let day = policy.required_from.map(|from| calendar::date_year(clock.locale, from, clock.zone));
    let text = i18n::fill(clock.locale, key, &[("date", day.as_deref().unwrap_or_default())]);
    if policy.always_required_roles.is_empty() {
        return text;
    }
    let roles = policy.always_required_roles.join(", ");
    let always = i18n::fill(clock.locale, "admin.users.policy.always", &[("roles", &roles)]);
    format!("{text} {always}")
}

fn progress(room: &Room, groups: &[(Group, usize)]) -> String {
    let size = |wanted: Group| groups.iter().find(|(group, _)| *group == wanted).map_or(0, |(_, size)| *size);
    let [n, all] = [Group::Enrolled, Group::All].map(|group| size(group).to_string());
    i18n::fill(room.visit.knock.locale, "admin.users.progress", &[("n", &n), ("all", &all)])
}

fn reminded(room: &Room) -> Option<String> {
    let count: u32 = room.visit.knock.query("reminded")?.parse().ok()?;
    let key = match count {
        0 => "admin.users.reminded.none",
        1 => "admin.users.reminded.one",
        _ => "admin.users.reminded",
    };
    Some(i18n::fill(room.visit.knock.locale, key, &[("n", &count.to_string())]))
}

fn row(user: &UserView, clock: Clock<'_>, wrong: Option<&Wrong<'_>>) -> Value {
    let methods = user.methods.iter().map(|method| format!("admin.users.method.{}", method.as_str()));
    let own = wrong.filter(|wrong| wrong.user == Some(&user.id));
    let chosen =
        |wrong: &Wrong<'_>| wrong.user.is_none() && wrong.fields.all("user").any(|id| id == user.id.as_str());
    let last_day = user.exempt_until.map(|until| until - std::time::Duration::from_secs(1));
    json!({
        "id": user.id,
        "name": user.name,
        "role": user.role,
        "state": format!("admin.users.state.{}", user.state.as_str()),
        "exempt": last_day.map(|day| calendar::date(clock.locale, day, clock.zone)),
        "methods": methods.collect::<Vec<_>>(),
        "backup": user.backup_codes_left.to_string(),
        "enrolled": user.enrolled_at.is_some(),
        "few": user.enrolled_at.is_some() && user.backup_codes_left <= 3,
        "required": user.required,
        "seen": user.last_sign_in.map(|at| clock.when(at)),
        "chosen": wrong.is_some_and(chosen),
        "wrong": own.map(|wrong| wrong.key),
    })
}
