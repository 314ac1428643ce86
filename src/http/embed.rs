//! `/embed`: the button for pages of a CRM, its modules and words, and the page that shows developers how it is used.
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

fn all() -> Vec<Asset> {
    let module = |name, text: &str| Asset::new(name, SCRIPT, slim(text));
    vec![
        module("v1.js", include_str!("../../templates/asset/embed/v1.js")),
        module("v1/button.js", include_str!("../../templates/asset/embed/v1/button.js")),
        module("v1/look.js", include_str!("../../templates/asset/embed/v1/look.js")),
        module("v1/service.js", include_str!("../../templates/asset/embed/v1/service.js")),
        module("v1/statuses.js", include_str!("../../templates/asset/embed/v1/statuses.js")),
        module("v1/window.js", include_str!("../../templates/asset/embed/v1/window.js")),
        module("v1/words.js", &words()),
        module("page.js", include_str!("../../templates/asset/embed/page.js")),
        Asset::new(
            "page.css",
            "text/css; charset=utf-8",
            include_str!("../../templates/asset/embed/page.css"),
        ),
    ]
}

/// The button's own words as a module, from the tables that hold all others.
fn words() -> String {
    let table = |locale| {
        let texts = i18n::section(locale, "embed.");
        let texts = texts.map(|(key, text)| (key.trim_start_matches("embed.").to_owned(), text.into()));
        (Locale::as_str(locale).to_owned(), Value::Object(texts.collect()))
    };
    format!("export default {};\n", Value::Object(Locale::ALL.map(table).into_iter().collect::<Map<_, _>>()))
}

/// A script without what only its readers need: comments on lines of their own, and indentation. No string of ours
/// runs over such a line.
fn slim(script: &str) -> String {
    let comment = |line: &str| ["//", "/*", "* ", "*/"].iter().any(|mark| line.starts_with(mark));
    let lines = script.lines().map(str::trim).filter(|line| !line.is_empty() && !comment(line));
    lines.flat_map(|line| [line, "\n"]).collect()
}

#[cfg(test)]
mod tests {
    use super::{slim, words};

    #[test]
    fn comments_and_indentation_stay_behind() {
        let script = "// Owns this.\n\n/**\n * Says\n */\nexport function a() {\n  return 'b'; // kept\n}\n";
        assert_eq!(slim(script), "export function a() {\nreturn 'b'; // kept\n}\n");
    }

    #[test]
    fn the_words_are_a_module_in_both_languages() {
        let module = words();
        assert!(module.starts_with("export default {\"en\":{\"checking\":\"Checking…\""), "{module}");
        assert!(module.contains("\"es\":{\"checking\":\"Consultando…\""), "{module}");
    }
}
