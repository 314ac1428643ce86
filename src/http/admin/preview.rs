//! `/admin/t/{tenant}/preview`: what a client would get and see, and an agent see, with the branding as it stands in the form,
//! saved or not; for the frame beside that form.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, web};
use serde_json::json;

use crate::domain::admin::Act;
use crate::domain::admin::settings::Section;
use crate::domain::channel::Channel;
use crate::domain::i18n;
use crate::domain::locale::Locale;
use crate::domain::table::Fault;
use crate::domain::tenant::Tenant;
use crate::http::problem::{Code, Problem};
use crate::http::public::{self, Pages};
use crate::http::window::brand;
use crate::usecase::message::preview::{Previewed, preview};
use crate::usecase::tenant::apply_tenants::NotApplied;
use crate::usecase::tenant::change_settings::{stored_tenant, tenant_with};

use super::gate::{Room, Turned};
use super::page::Frame;
use super::settings::told;

/// An email brings its own style, and shows its logo from where that is; nothing in it runs or leads anywhere.
const EMAIL_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src https: data:; base-uri 'none'; \
                            form-action 'none'; frame-ancestors 'self'; sandbox";

/// What is to be shown, in which language.
struct Wanted(Show, Locale);

enum Show {
    Message(Channel),
    /// A page that a client opens.
    Page,
    /// The agent's window.
    Window,
}

impl Wanted {
    fn of(show: &str, lang: &str, room: &Room) -> Self {
        let show = match show {
            "sms" => Show::Message(Channel::Sms),
            "page" => Show::Page,
            "window" => Show::Window,
            _ => Show::Message(Channel::Email),
        };
        Self(show, lang.parse().unwrap_or(room.visit.knock.locale))
    }
}

/// `GET …/preview?show=email&in=en`: as it is stored.
pub async fn stored(room: Room, pages: web::Data<Pages>) -> Result<HttpResponse, Turned> {
    let knock = &room.visit.knock;
    let (show, lang) = (knock.query("show").unwrap_or_default(), knock.query("in").unwrap_or_default());
    let now = stored_tenant(&knock.site.desk, &room.tenant.id).await.map_err(|error| room.failing(error))?;
    Ok(shown(&room, &pages, now, Wanted::of(&show, &lang, &room)))
}

/// `POST …/preview`: as it is typed.
pub async fn typed(
    room: Room,
    pages: web::Data<Pages>,
    payload: web::Payload,
) -> Result<HttpResponse, Turned> {
    let fields = room.visit.fields(payload).await?;
    // Who may change nothing sends no fields: they see what is stored, in the way they ask for.
    let section = Section::named("brand").filter(|_| room.may(Act::Change));
    let brand = section.map_or_else(Vec::new, |section| {
        section.changes(|key| fields.get(&format!("was.{key}")).to_owned(), |key| fields.get_all(key))
    });
    match tenant_with(&room.visit.knock.site.desk, &room.tenant.id, &brand).await {
        Ok(tenant) => {
            Ok(shown(&room, &pages, tenant, Wanted::of(fields.get("show"), fields.get("in"), &room)))
        }
        Err(NotApplied::Faults { faults, .. }) => Ok(wrong(&room, &faults)),
        Err(NotApplied::Store(error)) => Err(room.failing(error)),
        Err(NotApplied::KeyUsed { .. } | NotApplied::Taken { .. }) => {
            Err(room.visit.knock.turned(StatusCode::CONFLICT, "form"))
        }
    }
}

fn shown(room: &Room, pages: &Pages, tenant: Tenant, Wanted(show, lang): Wanted) -> HttpResponse {
    match show {
        Show::Message(channel) => message(room, &tenant, (channel, lang)),
        Show::Page => public::preview(pages, tenant, lang, room.visit.knock.site.desk.time.now()),
        Show::Window => window(room, &tenant, lang),
    }
}

/// The window's own parts draw it there: what they are told is all that stands in the page.
fn window(room: &Room, tenant: &Tenant, lang: Locale) -> HttpResponse {
    let knock = &room.visit.knock;
    let now = knock.site.desk.time.now().to_string();
    let content = json!({"tenant": brand(tenant).to_string(), "lang": lang, "at": now});
    knock.console.drawn("preview_window", &Frame::of(room, "", "admin.preview"), content)
}

fn message(room: &Room, tenant: &Tenant, (channel, lang): (Channel, Locale)) -> HttpResponse {
    let site = &room.visit.knock.site;
    match preview(&site.post, tenant, (channel, lang), site.desk.time.now()) {
        Ok(Previewed::Email { html, .. }) => HttpResponse::Ok()
            .insert_header((header::CONTENT_SECURITY_POLICY, EMAIL_POLICY))
            .content_type("text/html; charset=utf-8")
            .body(html),
        Ok(Previewed::Text { text, segments }) => {
            let count = [("n", text.chars().count().to_string()), ("s", segments.to_string())];
            let count = count.each_ref().map(|(name, value)| (*name, value.as_str()));
            let key = if segments == 1 { "admin.preview.one" } else { "admin.preview.many" };
            let length = i18n::fill(room.visit.knock.locale, key, &count);
            inside(room, StatusCode::OK, json!({"text": text, "lang": lang, "length": length, "faults": []}))
        }
        Err(error) => {
            tracing::error!(%error, "a preview cannot be rendered");
            actix_web::ResponseError::error_response(&Problem::new(Code::Internal))
        }
    }
}

fn wrong(room: &Room, faults: &[Fault]) -> HttpResponse {
    let faults: Vec<_> = faults.iter().map(|fault| told(room.visit.knock.locale, fault)).collect();
    let content = json!({"text": "", "lang": "en", "length": "", "faults": faults});
    inside(room, StatusCode::UNPROCESSABLE_ENTITY, content)
}

fn inside(room: &Room, status: StatusCode, content: serde_json::Value) -> HttpResponse {
    let frame = Frame::of(room, "", "admin.preview");
    room.visit.knock.console.framed(status, "preview", &frame, content)
}
