//! Pages of the demonstration: templates, their words in two languages, and the headers they go out with.
//!
//! Templates are compiled in and strict: a field that a page forgot is found when the page is first shown.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse};
use handlebars::Handlebars;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::DemoError;

/// The language of a page.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    En,
    Es,
}

/// A link to the same page in one of the languages.
#[derive(Serialize)]
pub struct Tongue {
    name: &'static str,
    tag: &'static str,
    href: String,
    current: bool,
}

impl Lang {
    /// From `?lang=`, or else from what the browser prefers.
    pub fn of(asked: Option<&str>, request: &HttpRequest) -> Self {
        let preferred = request.headers().get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        match asked.or(preferred) {
            Some(tag) if tag.trim_start().get(..2).is_some_and(|two| two.eq_ignore_ascii_case("es")) => {
                Self::Es
            }
            _ => Self::En,
        }
    }

    /// From a person's own language.
    pub fn of_locale(locale: &str) -> Self {
        if locale == "es" { Self::Es } else { Self::En }
    }

    /// The tag of the language.
    pub const fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Es => "es",
        }
    }

    /// What it is called by those who speak it.
    const fn name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::Es => "Español",
        }
    }

    /// The page in each language; `href` says where it is in one.
    pub fn links(self, href: impl Fn(Self) -> String) -> [Tongue; 2] {
        [Self::En, Self::Es].map(|one| Tongue {
            name: one.name(),
            tag: one.code(),
            href: href(one),
            current: one == self,
        })
    }
}

/// The templates and the words of one of the two servers.
pub struct Pages {
    templates: Handlebars<'static>,
    words: Value,
    policy: String,
}

#[derive(Serialize)]
struct Filled<'a, D> {
    t: &'a Value,
    lang: &'static str,
    #[serde(flatten)]
    data: &'a D,
}

impl Pages {
    /// Reads the templates; `service` is the one foreign origin whose scripts pages may run, whom those may ask, and where a
    /// form may lead on to.
    ///
    /// # Errors
    /// A template or the words do not parse.
    pub fn load(templates: &[(&str, &str)], words: &str, service: &str) -> Result<Self, DemoError> {
        #[expect(clippy::disallowed_methods, reason = "the demonstration renders its own pages, here only")]
        let mut registry = Handlebars::new();
        registry.set_strict_mode(true);
        for (name, text) in templates {
            registry.register_template_string(name, text).map_err(DemoError::content(name))?;
        }
        let words = toml::from_str(words).map_err(DemoError::content("words.toml"))?;
        let policy = format!(
            "default-src 'none'; script-src 'self' {service}; style-src 'self'; img-src 'self'; connect-src 'self' {service}; \
             frame-src 'self'; form-action 'self' {service}; base-uri 'none'; frame-ancestors 'none'"
        );
        Ok(Self { templates: registry, words, policy })
    }

    /// The words in a language.
    pub fn words(&self, lang: Lang) -> &Value {
        &self.words[lang.code()]
    }

    /// One word of a group, or the group's `other`.
    pub fn word(&self, lang: Lang, group: &str, name: &str) -> &str {
        let group = &self.words(lang)[group];
        group[name].as_str().or_else(|| group["other"].as_str()).unwrap_or_default()
    }

    /// A page filled with its data.
    pub fn html<D: Serialize>(&self, name: &str, lang: Lang, data: &D) -> HttpResponse {
        let filled = Filled { t: self.words(lang), lang: lang.code(), data };
        match self.templates.render(name, &filled) {
            Ok(body) => HttpResponse::Ok()
                .content_type("text/html; charset=utf-8")
                .insert_header((header::CONTENT_SECURITY_POLICY, self.policy.as_str()))
                .insert_header((header::CONTENT_LANGUAGE, lang.code()))
                .insert_header((header::CACHE_CONTROL, "no-store"))
                .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
                .insert_header((header::REFERRER_POLICY, "no-referrer"))
                .body(body),
            Err(error) => {
                tracing::error!(%error, page = name, "a page of the demonstration does not render");
                HttpResponse::InternalServerError().finish()
            }
        }
    }
}

/// A file compiled in.
pub fn file(kind: &'static str, body: &'static str) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(kind)
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .body(body)
}

/// The style of both servers.
pub const STYLE: &str = include_str!("../../templates/asset/demo/demo.css");

/// The icon of both servers.
pub const ICON: &str = include_str!("../../templates/asset/demo/icon.svg");
