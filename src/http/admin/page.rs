//! The templates of the console, and what stands around every page: where one is, who one is, the other language.

use actix_web::cookie::Cookie;
use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse};
use handlebars::{
    Context, Handlebars, Helper, HelperResult, JsonRender as _, Output, RenderContext, html_escape,
};
use serde::Serialize;
use serde_json::{Value, json};
use url::form_urlencoded;

use crate::domain::i18n;
use crate::domain::locale::Locale;
use crate::http::problem::{Code, Problem};
use crate::http::template::{self, PageError};

use super::gate::{Knock, Room, Visit, kept_language};

macro_rules! templates {
    ($($name:literal)*) => {
        [$(($name, include_str!(concat!("../../../templates/page/admin/", $name, ".hbs")))),*]
    };
}

const TEMPLATES: [(&str, &str); 26] = templates! {
    "frame" "when" "live" "more" "export" "entries" "turned" "sign_in" "tenants" "sessions" "overview" "clients" "client" "users" "audit"
    "messages" "events" "delivery" "settings" "preview" "preview_window" "made" "keys" "new"
    "wordings" "wording"
};
/// The pages of a tenant in the order of the navigation, each with what it is called.
const PAGES: [(&str, &str); 10] = [
    ("", "admin.overview"),
    ("/clients", "admin.clients"),
    ("/users", "admin.users"),
    ("/audit", "admin.audit"),
    ("/messages", "admin.messages"),
    ("/events", "admin.events"),
    ("/delivery", "admin.delivery"),
    ("/templates", "wording.list"),
    ("/keys", "admin.keys"),
    ("/settings/eligibility", "admin.settings"),
];

/// All templates, parsed.
pub struct Console(Handlebars<'static>);

impl Console {
    /// Parses every template.
    ///
    /// # Errors
    /// A template that does not parse.
    pub fn new() -> Result<Self, Box<PageError>> {
        let mut templates = template::parsed(&TEMPLATES)?;
        templates.register_helper("t", Box::new(say));
        templates.register_helper("url", Box::new(in_url));
        templates.register_helper("told", Box::new(told));
        Ok(Self(templates))
    }

    /// A page as its answer; `content` stands beside the frame.
    pub fn page(
        &self,
        status: StatusCode,
        template: &'static str,
        frame: &Frame,
        content: Value,
    ) -> HttpResponse {
        self.answer(status, template, (frame, "'none'"), content)
    }

    /// A page whose list a script of ours replaces in place.
    pub fn live(
        &self,
        status: StatusCode,
        template: &'static str,
        frame: &Frame,
        content: Value,
    ) -> HttpResponse {
        let mut content = content;
        content["live"] = json!(true);
        self.answer(status, template, (frame, "'none'; script-src 'self'; connect-src 'self'"), content)
    }

    /// A page that stands in a frame of another page of ours.
    pub fn framed(
        &self,
        status: StatusCode,
        template: &'static str,
        frame: &Frame,
        content: Value,
    ) -> HttpResponse {
        self.answer(status, template, (frame, "'self'"), content)
    }

    /// The same, in which a script of ours draws.
    pub fn drawn(&self, template: &'static str, frame: &Frame, content: Value) -> HttpResponse {
        self.answer(StatusCode::OK, template, (frame, "'self'; script-src 'self'"), content)
    }

    fn answer(
        &self,
        status: StatusCode,
        template: &'static str,
        (frame, ancestors): (&Frame, &str),
        content: Value,
    ) -> HttpResponse {
        let mut whole = json!({"frame": frame});
        if let (Value::Object(whole), Value::Object(content)) = (&mut whole, content) {
            whole.extend(content);
        }
        let body = match self.0.render(template, &whole) {
            Ok(body) => body,
            Err(error) => {
                tracing::error!(page = template, line = error.line_no, "a page cannot be rendered");
                return actix_web::ResponseError::error_response(&Problem::new(Code::Internal));
            }
        };
        let mut answer = HttpResponse::build(status);
        if let Some(cookie) = &frame.language_cookie {
            answer.cookie(cookie.clone());
        }
        answer
            .insert_header((header::CONTENT_SECURITY_POLICY, format!("{POLICY}{ancestors}")))
            .insert_header(("x-robots-tag", "noindex"))
            .content_type("text/html; charset=utf-8")
            .body(body)
    }
}

const POLICY: &str = "default-src 'none'; style-src 'self'; img-src data:; frame-src 'self'; base-uri 'none'; \
                      form-action 'self'; frame-ancestors ";

#[derive(Serialize)]
struct Link {
    href: String,
    text: String,
    current: bool,
}

#[derive(Serialize)]
struct Who {
    name: String,
    role: String,
    form_key: String,
}

/// What stands around a page.
#[derive(Serialize)]
pub struct Frame {
    lang: Locale,
    title: String,
    other: Value,
    who: Option<Who>,
    tenant: Option<String>,
    links: Vec<Link>,
    #[serde(skip)]
    language_cookie: Option<Cookie<'static>>,
}

impl Frame {
    /// For who is not signed in, or gets no page of theirs. `title` is a key.
    pub fn outside(knock: &Knock, title: &str) -> Self {
        let other = if knock.locale == Locale::En { Locale::Es } else { Locale::En };
        Self {
            lang: knock.locale,
            title: i18n::text(knock.locale, title).to_owned(),
            other: json!({
                "lang": other,
                "href": in_language(&knock.request, other),
                "name": i18n::text(knock.locale, "page.other_language"),
            }),
            who: None,
            tenant: None,
            links: Vec::new(),
            language_cookie: kept_language(&knock.request),
        }
    }

    /// For who is signed in.
    pub fn inside(visit: &Visit, title: &str) -> Self {
        let role = format!("admin.role.{}", visit.who.admin.role.as_str());
        let role = i18n::text(visit.knock.locale, &role).to_owned();
        let who = Who { name: visit.person.name.clone(), role, form_key: visit.form_key.to_string() };
        Self { who: Some(who), ..Self::outside(&visit.knock, title) }
    }

    /// For who is at one of their tenants, on the page of that name.
    pub fn of(room: &Room, page: &str, title: &str) -> Self {
        let locale = room.visit.knock.locale;
        let links = PAGES.iter().map(|(path, key)| Link {
            href: room.path(path),
            text: i18n::text(locale, key).to_owned(),
            current: *path == page,
        });
        let (tenant, links) = (Some(room.tenant.name.clone()), links.collect());
        Self { tenant, links, ..Self::inside(&room.visit, title) }
    }

    /// The same page under a title that is no key.
    pub fn titled(mut self, title: String) -> Self {
        self.title = title;
        self
    }

    pub fn say(&self, key: &str) -> String {
        i18n::text(self.lang, key).to_owned()
    }
}

/// The same address in another language.
fn in_language(request: &HttpRequest, lang: Locale) -> String {
    let pairs = form_urlencoded::parse(request.query_string().as_bytes());
    let kept = pairs.filter(|(key, _)| key != "lang" && key != "proof");
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(kept)
        .append_pair("lang", &lang.to_string())
        .finish();
    format!("?{query}")
}

/// `{{t "key" name=value}}`: a text of the page's language, its placeholders filled.
fn say(
    helper: &Helper<'_>,
    _: &Handlebars<'_>,
    context: &Context,
    _: &mut RenderContext<'_, '_>,
    out: &mut dyn Output,
) -> HelperResult {
    let key = helper.param(0).and_then(|key| key.value().as_str()).unwrap_or_default();
    let values = helper.hash().iter().map(|(name, value)| (*name, value.value().render()));
    let values: Vec<_> = values.collect();
    let values: Vec<_> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
    out.write(&html_escape(&i18n::fill(locale(context), key, &values)))?;
    Ok(())
}

fn locale(context: &Context) -> Locale {
    let lang = context.data().pointer("/frame/lang").and_then(Value::as_str);
    lang.and_then(|lang| lang.parse().ok()).unwrap_or_default()
}

/// `{{told list}}`: how many are shown.
fn told(
    helper: &Helper<'_>,
    _: &Handlebars<'_>,
    context: &Context,
    _: &mut RenderContext<'_, '_>,
    out: &mut dyn Output,
) -> HelperResult {
    let shown = helper.param(0).and_then(|list| list.value().as_array()).map_or(0, Vec::len);
    let key = match shown {
        0 => "admin.told.none",
        1 => "admin.told.one",
        _ => "admin.told.many",
    };
    out.write(&html_escape(&i18n::fill(locale(context), key, &[("n", &shown.to_string())])))?;
    Ok(())
}

/// `{{url value}}`: a value as it stands in a query.
fn in_url(
    helper: &Helper<'_>,
    _: &Handlebars<'_>,
    _: &Context,
    _: &mut RenderContext<'_, '_>,
    out: &mut dyn Output,
) -> HelperResult {
    let value = helper.param(0).map(|value| value.value().render()).unwrap_or_default();
    for part in form_urlencoded::byte_serialize(value.as_bytes()) {
        out.write(part)?;
    }
    Ok(())
}
