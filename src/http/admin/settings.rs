//! `/admin/t/{tenant}/settings/{section}`: what a tenant decides, as forms within its bounds.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde_json::{Value, json};

use crate::domain::admin::Act;
use crate::domain::admin::settings::{Field, Kind, SECTIONS, Section, is_private, shown, without_query};
use crate::domain::calendar;
use crate::domain::client::Method;
use crate::domain::i18n;
use crate::domain::id::TenantId;
use crate::domain::locale::Locale;
use crate::domain::surface::Surface;
use crate::domain::table::Fault;
use crate::domain::tenant::Tenant;
use crate::usecase::tenant::apply_tenants::NotApplied;
use crate::usecase::tenant::change_settings::{NotChanged, change_settings, stored_tenant};

use super::attempt;
use super::gate::{Fields, Room, Turned, to};
use super::page::Frame;

/// What a form is shown with: as it is stored, or as it was typed with what is wrong.
struct Filled<'a> {
    section: &'static Section,
    typed: Option<&'a Fields>,
    faults: Vec<Fault>,
    /// What somebody else changed meanwhile.
    overtaken: Vec<&'static str>,
    status: StatusCode,
}

impl Filled<'_> {
    /// What a field showed when it was filled in.
    fn was(typed: &Fields, key: &str) -> String {
        typed.get(&format!("was.{key}")).to_owned()
    }

    /// What stands in a field: what somebody typed anew, else what holds now.
    fn value(&self, field: &Field, now: &Tenant) -> String {
        let anew = |typed: &&Fields| {
            let changes = self.section.changes(|key| Self::was(typed, key), |key| typed.get_all(key));
            changes.iter().any(|(changed, _)| changed.key == field.key)
        };
        self.typed.filter(anew).map_or_else(|| shown(now, field.key), |typed| typed.get_all(field.key))
    }
}

fn section(room: &Room) -> Result<&'static Section, Turned> {
    let named = room.visit.knock.request.match_info().query("section");
    Section::named(named).ok_or_else(|| room.visit.knock.turned(StatusCode::NOT_FOUND, "nothing"))
}

/// `GET …/settings/{section}`
pub async fn show(room: Room) -> Result<HttpResponse, Turned> {
    let section = section(&room)?;
    page(&room, Filled { section, typed: None, faults: vec![], overtaken: vec![], status: StatusCode::OK })
        .await
}

async fn page(room: &Room, filled: Filled<'_>) -> Result<HttpResponse, Turned> {
    let now = stored_tenant(&room.visit.knock.site.desk, &room.tenant.id).await;
    let now = now.map_err(|error| room.failing(error))?;
    let plain = Tenant::from_documents(TenantId::console(), &json!({"name": "-"}), &json!({})).ok();
    let name = filled.section.name;
    let tryable = name == "eligibility";
    let tried = if tryable { attempt::tried(room).await? } else { Value::Null };
    let fields = filled.section.fields.iter().map(|field| {
        row((field, room.visit.knock.locale), (&now, plain.as_ref()), &filled, room.may(Act::Change))
    });
    let rest = filled.faults.iter().filter(|fault| place(filled.section, fault).is_none());
    let content = json!({
        "fields": fields.collect::<Vec<Value>>(),
        "faults": rest.map(|fault| told(room.visit.knock.locale, fault)).collect::<Vec<_>>(),
        "sections": sections(room, name),
        "stale": !filled.overtaken.is_empty(),
        "wrong": !filled.faults.is_empty(),
        "saved": room.visit.knock.query("saved").is_some() && filled.typed.is_none(),
        "effect": effect(room.visit.knock.locale, &now, name),
        "tries": tryable,
        "tried": tried,
        "may": room.may(Act::Change),
        "preview": (name == "brand").then(|| json!({
            "href": room.path("/preview"),
            "langs": Locale::ALL.map(|lang| json!({"lang": lang, "key": format!("admin.word.{lang}"), "current": lang == now.default_locale})),
        })),
    });
    let frame = Frame::of(room, "/settings/eligibility", &format!("admin.settings.{name}"));
    Ok(room.visit.page(filled.status, "settings", &frame, content))
}

fn sections(room: &Room, now: &str) -> Vec<Value> {
    let link = |section: &Section| {
        let href = room.path(&format!("/settings/{}", section.name));
        json!({"href": href, "key": format!("admin.settings.{}", section.name), "current": section.name == now})
    };
    SECTIONS.iter().map(link).collect()
}

/// The field that a fault is about.
fn place<'a>(section: &'a Section, fault: &Fault) -> Option<&'a Field> {
    section.fields.iter().find(|field| is_of(field, fault))
}

fn is_of(field: &Field, fault: &Fault) -> bool {
    fault.key == field.key || fault.key.starts_with(&format!("{}[", field.key))
}

/// A fault with the label of what it is about, for where that is not beside it.
pub fn told(locale: Locale, fault: &Fault) -> String {
    let mut fields = SECTIONS.iter().flat_map(|section| section.fields);
    let label = match fields.find(|field| is_of(field, fault)) {
        Some(field) => i18n::text(locale, &format!("admin.field.{}", field.key)).to_owned(),
        None if fault.key == "id" => i18n::text(locale, "admin.id").to_owned(),
        None => fault.key.clone(),
    };
    format!("{label}: {}", fault.message.say(locale))
}

fn row(
    (field, locale): (&Field, Locale),
    (now, plain): (&Tenant, Option<&Tenant>),
    filled: &Filled<'_>,
    may: bool,
) -> Value {
    // What may hold a secret is for those who may change it.
    let hides = !may && is_private(field.key);
    let seen = |text: String| if hides { without_query(&text).to_owned() } else { text };
    let (is, value) = (seen(shown(now, field.key)), seen(filled.value(field, now)));
    let default = plain.map_or_else(String::new, |plain| shown(plain, field.key));
    let at = |fault: &&Fault| place(filled.section, fault).is_some_and(|at| at.key == field.key);
    let fault = filled.faults.iter().find(at);
    let words = match field.kind {
        Kind::Choice(words) | Kind::Several(words) => words,
        Kind::Line | Kind::Number | Kind::Flag | Kind::List => &[],
    };
    let chosen: Vec<_> = value.split(',').map(str::trim).collect();
    let choice = |word: &&str| json!({"value": word, "key": format!("admin.word.{word}"), "current": chosen.contains(word)});
    json!({
        "name": field.key,
        "label": format!("admin.field.{}", field.key),
        "flag": field.kind == Kind::Flag,
        "number": field.kind == Kind::Number,
        "choice": matches!(field.kind, Kind::Choice(_)),
        // A browser that is told not to complete what is typed does not give it back either, once one goes back.
        "private": is_private(field.key),
        "several": matches!(field.kind, Kind::Several(_)),
        "on": value == "true",
        "choices": words.iter().map(choice).collect::<Vec<_>>(),
        "value": value,
        "was": is,
        "theirs": filled.overtaken.contains(&field.key).then_some(is),
        "default": Some(default).filter(|text| !text.is_empty() && text != "-" && !matches!(field.kind, Kind::Flag | Kind::Choice(_))),
        "fault": fault.map(|fault| fault.message.say(locale)),
    })
}

/// What the settings come to, in a sentence or two.
fn effect(locale: Locale, now: &Tenant, section: &str) -> Option<String> {
    match section {
        "eligibility" => Some(required(locale, now)),
        "timing" => Some(timed(locale, now)),
        _ => None,
    }
}

/// What counts as verified on each screen that has the button.
fn required(locale: Locale, now: &Tenant) -> String {
    let on = |surface: &Surface| {
        let methods = now.requires.get(surface);
        let asks = |method| methods.is_some_and(|methods| methods.contains(&method));
        let key = match (asks(Method::Code), asks(Method::Pin)) {
            (true, true) => "both",
            (true, false) => "code",
            (false, true) => "pin",
            (false, false) if now.policy.pin.enabled => "either",
            (false, false) => "no_pin",
        };
        let word = format!("admin.word.{surface}");
        let screen = i18n::text(locale, &word);
        i18n::fill(locale, &format!("admin.settings.requires.{key}"), &[("screen", screen)])
    };
    now.surfaces.iter().map(on).collect::<Vec<_>>().join(" ")
}

fn timed(locale: Locale, now: &Tenant) -> String {
    let rules = &now.policy.client.code;
    let [valid, resend, verified] =
        [rules.code_valid, rules.resend_after, rules.verified_for].map(|time| calendar::length(locale, time));
    let values = [("valid", valid.as_str()), ("resend", &resend), ("verified", &verified)];
    i18n::fill(locale, "admin.settings.effect", &values)
}

/// `POST …/settings/{section}`
pub async fn save(room: Room, payload: web::Payload) -> Result<HttpResponse, Turned> {
    let fields = room.visit.fields(payload).await?;
    room.must(Act::Change)?;
    let section = section(&room)?;
    let was = |key: &str| Filled::was(&fields, key);
    let changes = section.changes(was, |key| fields.get_all(key));
    let (desk, origin) = (&room.visit.knock.site.desk, room.visit.acting().origin);
    let done = change_settings(desk, &room.tenant.id, (&changes, was), origin).await;
    let (faults, overtaken, status) = match done {
        Ok(()) => return Ok(to(&room.path(&format!("/settings/{}?saved=1", section.name)))),
        Err(NotChanged::Overtaken(overtaken)) => (vec![], overtaken, StatusCode::CONFLICT),
        Err(NotChanged::NotApplied(NotApplied::Faults { faults, .. })) => {
            (faults, vec![], StatusCode::UNPROCESSABLE_ENTITY)
        }
        Err(NotChanged::NotApplied(NotApplied::Store(error))) => return Err(room.failing(error)),
        Err(NotChanged::NotApplied(NotApplied::KeyUsed { .. } | NotApplied::Taken { .. })) => {
            return Err(room.visit.knock.turned(StatusCode::CONFLICT, "form"));
        }
    };
    page(&room, Filled { section, typed: Some(&fields), faults, overtaken, status }).await
}
