//! `/admin/t/{tenant}/keys`: API keys and secrets: made, shown once, rotated with overlap, revoked. And `/admin/new`, which
//! makes a company with its first ones.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};

use crate::domain::admin::{Act, Role};
use crate::domain::id::{ApiKeyId, SecretId, TenantId};
use crate::domain::refusal::Refusal;
use crate::usecase::Failure;
use crate::usecase::tenant::apply_tenants::{Applied, NotApplied, Wanted, create_tenant, taken};
use crate::usecase::tenant::change_api_key::{self, create_api_key_once, revoke_api_key_by};
use crate::usecase::tenant::rotate_secret::{self, SecretPurpose, rotate_secret_once};

use super::gate::{Fields, Room, Turned, Visit, to};
use super::logs;
use super::page::Frame;
use super::settings::told;

/// How long the old secret stays valid beside the new one.
const OVERLAP: Duration = Duration::from_hours(24);

/// A secret that is shown this once, under its name.
type Made = (String, SecretString);

/// What a form came to.
enum Done {
    Made(Made),
    /// It was sent before, and made something then.
    MadeBefore,
    Revoked,
}

/// `GET …/keys`
pub async fn show(room: Room) -> Result<HttpResponse, Turned> {
    page(&room, &[], StatusCode::OK).await
}

async fn page(room: &Room, made: &[Made], status: StatusCode) -> Result<HttpResponse, Turned> {
    let desk = &room.visit.knock.site.desk;
    let found = desk.store.keychain().await;
    let keychain = found.map_err(|error| room.failing(error))?;
    let clock = logs::clock(room);
    let keys = keychain.api_keys.iter().filter(|key| key.tenant == room.tenant.id).map(|key| {
        json!({
            "id": key.id,
            "made": clock.when(key.created_at),
            "used": key.last_used_at.map(|at| clock.when(at)),
            "revoked": key.revoked_at.map(|at| clock.when(at)),
        })
    });
    let live = |until: Option<_>| until.is_none_or(|at| at > clock.now);
    let own = keychain.secrets.iter().filter(|one| one.tenant == room.tenant.id && live(one.expires_at));
    let secrets = own.map(|one| {
        json!({
            "id": one.id,
            "purpose": format!("admin.keys.{}", one.purpose.as_str()),
            "made": clock.when(one.created_at),
            "until": one.expires_at.map(|at| logs::full(clock, at)),
        })
    });
    let content = json!({
        "keys": keys.collect::<Vec<Value>>(),
        "secrets": secrets.collect::<Vec<Value>>(),
        "made": shown(made),
        "again": status == StatusCode::CONFLICT,
        // What is made has an id before it is there, so that the same form makes one thing only.
        "new_key": change_api_key::new_id(desk),
        "new_secret": rotate_secret::new_id(desk),
        "may": room.may(Act::Change),
    });
    Ok(room.visit.page(status, "keys", &Frame::of(room, "/keys", "admin.keys"), content))
}

fn shown(made: &[Made]) -> Vec<Value> {
    made.iter().map(|(name, secret)| json!({"name": name, "secret": secret.expose_secret()})).collect()
}

/// `POST …/keys`: `do` is `key`, `revoke`, `webhook` or `push`, `id` what is to be made or revoked. The answer shows what was
/// made, this once; the same form sent again makes nothing.
pub async fn act(room: Room, payload: web::Payload) -> Result<HttpResponse, Turned> {
    let fields = room.visit.fields(payload).await?;
    room.must(Act::Change)?;
    match deed(&room, &fields).await.map_err(|failure| room.failing(failure))? {
        Done::Made(made) => page(&room, &[made], StatusCode::OK).await,
        Done::MadeBefore => page(&room, &[], StatusCode::CONFLICT).await,
        Done::Revoked => Ok(to(&room.path("/keys"))),
    }
}

async fn deed(room: &Room, fields: &Fields) -> Result<Done, Failure> {
    let (desk, tenant) = (&room.visit.knock.site.desk, &room.tenant.id);
    let (by, wish) = (room.visit.acting().origin, fields.get("do"));
    if let Some(purpose) = SecretPurpose::parse(wish) {
        let id = SecretId::parse(fields.get("id")).map_err(|_| Refusal::NotFound("secret"))?;
        let made = rotate_secret_once(desk, tenant, &id, (purpose, OVERLAP), by).await?;
        return Ok(done(&format!("{}_secret", purpose.as_str()), made));
    }
    let id = ApiKeyId::parse(fields.get("id")).map_err(|_| Refusal::NotFound("API key"))?;
    if wish == "key" {
        return Ok(done("api_key", create_api_key_once(desk, tenant, &id, by).await?));
    }
    revoke_api_key_by(desk, tenant, &id, by).await?;
    Ok(Done::Revoked)
}

fn done(name: &str, made: Option<SecretString>) -> Done {
    made.map_or(Done::MadeBefore, |secret| Done::Made((name.to_owned(), secret)))
}

/// `GET /admin/new`
pub async fn new(visit: Visit) -> Result<HttpResponse, Turned> {
    owner(&visit)?;
    Ok(form(&visit, StatusCode::OK, ("", ""), None))
}

fn owner(visit: &Visit) -> Result<(), Turned> {
    let is = visit.who.admin.role == Role::Owner;
    if is { Ok(()) } else { Err(visit.knock.turned(StatusCode::FORBIDDEN, "role")) }
}

fn form(visit: &Visit, status: StatusCode, (id, name): (&str, &str), wrong: Option<String>) -> HttpResponse {
    let frame = Frame::inside(visit, "admin.new");
    visit.page(status, "new", &frame, json!({"id": id, "name": name, "wrong": wrong, "made": [], "to": ""}))
}

/// `POST /admin/new`: a company that is switched off yet; its secrets are shown this once.
pub async fn make(visit: Visit, payload: web::Payload) -> Result<HttpResponse, Turned> {
    let fields = visit.fields(payload).await?;
    owner(&visit)?;
    let (id, name) = (fields.get("id").trim(), fields.get("name").trim());
    let wrong = |text: String| Ok(form(&visit, StatusCode::UNPROCESSABLE_ENTITY, (id, name), Some(text)));
    let locale = visit.knock.locale;
    let Ok(tenant) = TenantId::parse(id) else { return wrong(TenantId::wrong(id).say(locale)) };
    match create_tenant(&visit.knock.site.desk, wanted(&tenant, name), &visit.acting().origin).await {
        Ok(Applied::Created { made }) => Ok(created(&visit, &tenant, name, made)),
        Ok(Applied::Changed | Applied::Same) => Ok(to("/admin")),
        Err(NotApplied::Store(error)) => Err(visit.knock.failing(error)),
        Err(NotApplied::Faults { faults, .. }) => {
            let told = faults.iter().map(|fault| told(locale, fault));
            wrong(told.collect::<Vec<_>>().join("; "))
        }
        Err(NotApplied::Taken { id } | NotApplied::KeyUsed { id }) => wrong(taken(&id).say(locale)),
    }
}

/// A company with nothing but its name; its secrets are made.
fn wanted(id: &TenantId, name: &str) -> Wanted {
    Wanted {
        id: id.clone(),
        // An empty field is one that was left out.
        settings: if name.is_empty() { json!({}) } else { json!({"name": name}) },
        providers: json!({}),
        webhook_secret: None,
        push_secret: None,
        api_key: None,
    }
}

fn created(
    visit: &Visit,
    tenant: &TenantId,
    name: &str,
    made: Vec<(&'static str, SecretString)>,
) -> HttpResponse {
    let made: Vec<Made> = made.into_iter().map(|(name, secret)| (name.to_owned(), secret)).collect();
    let to = format!("/admin/t/{tenant}/settings/eligibility");
    let content = json!({"id": tenant, "name": name, "wrong": null, "made": shown(&made), "to": to});
    visit.page(StatusCode::OK, "new", &Frame::inside(visit, "admin.new"), content)
}
