//! `/embed`: the button and the window for pages of a CRM, their modules and words, and the page that shows developers how
//! they are used.
//!
//! Any page of any origin may load the modules: they hold nothing secret, and do nothing without a token.

use std::sync::LazyLock;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Map, Value};

use crate::domain::i18n;
use crate::domain::locale::Locale;

use super::asset::Asset;
use super::problem::{Code, Problem};

const PAGE: &str = include_str!("../../templates/page/embed.html");
const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; \
     frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const SCRIPT: &str = "text/javascript; charset=utf-8";

static ASSETS: LazyLock<Vec<Asset>> = LazyLock::new(all);

pub fn routes(config: &mut web::ServiceConfig) {
    config.route("", web::get().to(page)).route("/{name:.*}", web::get().to(asset));
}

async fn page() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CONTENT_SECURITY_POLICY, PAGE_POLICY))
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .content_type("text/html; charset=utf-8")
        .body(PAGE)
}

async fn asset(name: web::Path<String>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let found = ASSETS.iter().find(|asset| asset.name == name.as_str());
    let mut response = found.ok_or_else(|| Problem::new(Code::NotFound))?.answer(&request);
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, header::HeaderValue::from_static("*"));
    headers.insert(header::CROSS_ORIGIN_RESOURCE_POLICY, header::HeaderValue::from_static("cross-origin"));
    Ok(response)
}

macro_rules! modules {
    ($($name:literal)*) => {
        vec![$(module($name, include_str!(concat!("../../templates/asset/embed/", $name)))),*]
    };
}

fn module(name: &'static str, text: &str) -> Asset {
    Asset::new(name, SCRIPT, slim(text))
}

fn all() -> Vec<Asset> {
    let mut all = modules! {
        "v1.js" "v1/button.js" "v1/framed.js" "v1/look.js" "v1/service.js" "v1/stands.js" "v1/statuses.js" "v1/window.js"
        "v1/window/api.js" "v1/window/case.js" "v1/window/end.js" "v1/window/guest.js" "v1/window/guests.js"
        "v1/window/parts.js" "v1/window/text.js" "v1/window/theme.js" "v1/window/view.js" "page.js"
    };
    all.extend([
        module("v1/words.js", &button_words()),
        module("v1/window/words-en.js", &window_words(Locale::En)),
        module("v1/window/words-es.js", &window_words(Locale::Es)),
        module("v1/window/desk-words.js", &desk_words()),
        module("v1/window/style.js", &style(include_str!("../../templates/asset/embed/v1/window/style.css"))),
        Asset::new(
            "page.css",
            "text/css; charset=utf-8",
            include_str!("../../templates/asset/embed/page.css"),
        ),
    ]);
    all
}

/// The texts of some sections, from the tables that hold all others; of one section the name is left out.
fn texts(locale: Locale, sections: &[&str], own: &str) -> Map<String, Value> {
    let all = sections.iter().flat_map(|section| i18n::section(locale, section));
    all.map(|(key, text)| (key.strip_prefix(own).unwrap_or(key).to_owned(), text.into())).collect()
}

fn button_words() -> String {
    exported(Locale::ALL.map(|locale| (locale, texts(locale, &["embed."], "embed."))))
}

/// What an agent reads in one language, and of the other what they may have to say in it.
fn window_words(own: Locale) -> String {
    exported(Locale::ALL.map(|locale| {
        let mut texts = texts(locale, &["window.", "channel.", "method."], "window.");
        texts.retain(|key, _| locale == own || key.starts_with("say_"));
        (locale, texts)
    }))
}

/// What an agent reads of a session or a signing besides.
fn desk_words() -> String {
    exported(Locale::ALL.map(|locale| (locale, texts(locale, &["desk."], ""))))
}

fn exported(tables: [(Locale, Map<String, Value>); 2]) -> String {
    let tables = tables.map(|(locale, texts)| (locale.as_str().to_owned(), Value::Object(texts)));
    format!("export default {};\n", Value::Object(tables.into_iter().collect::<Map<_, _>>()))
}

/// A style as a module: what stands in a shadow takes its style that way under any page's policy.
fn style(css: &str) -> String {
    let text = Value::from(slim(css));
    format!("export const sheet = new CSSStyleSheet();\nsheet.replaceSync({text});\n")
}

/// A script or style without what only its readers need: indentation, and comments on lines of their own or set off by
/// two spaces. No string of ours runs over such a line or holds such a mark.
fn slim(script: &str) -> String {
    let comment = |line: &str| ["//", "/*", "* ", "*/"].iter().any(|mark| line.starts_with(mark));
    let lines = script.lines().map(|line| line.rsplit_once("  // ").map_or(line, |(code, _)| code).trim());
    let lines = lines.filter(|line| !line.is_empty() && !comment(line));
    lines.flat_map(|line| [line, "\n"]).collect()
}

#[cfg(test)]
mod tests {
    use super::{Locale, button_words, slim, style, window_words};

    #[test]
    fn comments_and_indentation_stay_behind() {
        let script = "// Owns this.\n\n/**\n * Says\n */\nexport function a() {\n  let c = 1;    // goes\n  return 'b'; // kept\n}\n";
        assert_eq!(slim(script), "export function a() {\nlet c = 1;\nreturn 'b'; // kept\n}\n");
    }

    #[test]
    fn the_words_are_a_module_in_both_languages() {
        let module = button_words();
        assert!(module.starts_with("export default {\"en\":{\"checking\":\"Checking…\""), "{module}");
        assert!(module.contains("\"es\":{\"checking\":\"Consultando…\""), "{module}");
    }

    #[test]
    fn a_window_has_the_words_of_one_language_and_what_is_said_in_the_other() {
        let (english, spanish) = (window_words(Locale::En), window_words(Locale::Es));
        for word in ["Text message", "Who are you speaking with?", "Please read me", "léame"] {
            assert!(english.contains(word), "{word}");
        }
        for word in ["Mensaje de texto", "¿Con quién habla?", "Please read me", "léame"] {
            assert!(spanish.contains(word), "{word}");
        }
        assert!(!english.contains("¿Con quién habla?") && !spanish.contains("Who are you speaking with?"));
    }

    #[test]
    fn a_style_is_a_module_that_runs_nothing_else() {
        let module = style("/* Owns it. */\n\na::before {\n  content: \"\\2713\";\n}\n");
        let sheet = r#"sheet.replaceSync("a::before {\ncontent: \"\\2713\";\n}\n");"#;
        assert_eq!(module, format!("export const sheet = new CSSStyleSheet();\n{sheet}\n"));
    }
}
