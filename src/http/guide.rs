//! The page at `/embed`: how the button and the window are used, for developers, in their language.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use handlebars::{Context, Handlebars, Helper, HelperResult, Output, RenderContext, html_escape};
use serde_json::{Value, json};
use url::form_urlencoded;

use crate::domain::i18n;
use crate::domain::locale::Locale;

use super::document::line;
use super::problem::{Code, Problem};
use super::template::{self, PageError};

const TEMPLATES: [(&str, &str); 1] = [("embed", include_str!("../../templates/page/embed.hbs"))];
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; \
     frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The page's template, parsed.
pub struct Guide(Handlebars<'static>);

impl Guide {
    /// Parses it.
    ///
    /// # Errors
    /// A template that does not parse.
    pub fn new() -> Result<Self, Box<PageError>> {
        let mut templates = template::parsed(&TEMPLATES)?;
        templates.register_helper("t", Box::new(say));
        templates.register_helper("read", Box::new(read));
        Ok(Self(templates))
    }
}

pub async fn page(guide: web::Data<Guide>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let lang = locale(&request);
    let languages = Locale::ALL.map(|one| json!({"code": one, "name": name(one), "current": one == lang}));
    let body = guide.0.render("embed", &json!({"lang": lang, "languages": languages})).map_err(|error| {
        tracing::error!(page = "embed", line = error.line_no, "a page cannot be rendered");
        Problem::new(Code::Internal)
    })?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .insert_header((header::VARY, "accept-language"))
        .content_type("text/html; charset=utf-8")
        .body(body))
}

/// What a language is called by those who speak it.
fn name(locale: Locale) -> &'static str {
    match locale {
        Locale::En => "English",
        Locale::Es => "Español",
    }
}

/// The language of the address, else the browser's.
fn locale(request: &HttpRequest) -> Locale {
    let mut pairs = form_urlencoded::parse(request.query_string().as_bytes());
    let asked = pairs.find(|(key, _)| key == "lang").and_then(|(_, value)| value.parse().ok());
    let accepted = || {
        let value = request.headers().get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
        Locale::from_accept_language(value)
    };
    asked.or_else(accepted).unwrap_or_default()
}

/// The text that a helper names, in the page's language.
fn named(helper: &Helper<'_>, context: &Context) -> String {
    let lang = context.data().pointer("/lang").and_then(Value::as_str);
    let locale: Locale = lang.and_then(|lang| lang.parse().ok()).unwrap_or_default();
    let key = helper.param(0).and_then(|key| key.value().as_str()).unwrap_or_default();
    i18n::text(locale, key).to_owned()
}

/// `{{t "key"}}`: a text as it stands.
fn say(
    helper: &Helper<'_>,
    _: &Handlebars<'_>,
    context: &Context,
    _: &mut RenderContext<'_, '_>,
    out: &mut dyn Output,
) -> HelperResult {
    out.write(&html_escape(&named(helper, context)))?;
    Ok(())
}

/// `{{read "key"}}`: a text with its `code` and *emphasis* set.
fn read(
    helper: &Helper<'_>,
    _: &Handlebars<'_>,
    context: &Context,
    _: &mut RenderContext<'_, '_>,
    out: &mut dyn Output,
) -> HelperResult {
    for span in line(&named(helper, context)) {
        let text = html_escape(&span.text);
        out.write(&match (span.code, span.strong) {
            (true, _) => format!("<code>{text}</code>"),
            (_, true) => format!("<strong>{text}</strong>"),
            _ => text,
        })?;
    }
    Ok(())
}
