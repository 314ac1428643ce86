//! `/embed`: the button and the window for pages of a CRM, their modules and words.
//!
//! What is served is made by `build.rs`. Any page of any origin may load the modules: they hold nothing secret, and do nothing without a token.

use std::sync::LazyLock;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};

use super::asset::Asset;
use super::guide;
use super::problem::{Code, Problem};

const SCRIPT: &str = "text/javascript; charset=utf-8";

/// One part of the embed as the build has made it, and packed in the ways that browsers take.
struct Packed {
    name: &'static str,
    text: &'static str,
    gzip: &'static [u8],
    brotli: &'static [u8],
}

const PARTS: &[Packed] = &include!(concat!(env!("OUT_DIR"), "/embed.rs"));

static ASSETS: LazyLock<Vec<Asset>> = LazyLock::new(all);

pub fn routes(config: &mut web::ServiceConfig) {
    config.route("", web::get().to(guide::page)).route("/{name:.*}", web::get().to(asset));
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
    let part = |part: &Packed| Asset::new(part.name, SCRIPT, part.text).packed(part.gzip, part.brotli);
    let style = include_str!("../../templates/asset/embed/page.css");
    let page = Asset::new("page.css", "text/css; charset=utf-8", style);
    PARTS.iter().map(part).chain([page]).collect()
}
