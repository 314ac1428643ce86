//! Scripts, styles and texts of our pages, compiled in.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use sha2::{Digest as _, Sha256};
use std::sync::LazyLock;

use super::etag;
use super::problem::{Code, Problem};

struct Asset {
    name: &'static str,
    content_type: &'static str,
    body: &'static str,
}

macro_rules! assets {
    ($($name:literal $kind:literal $file:literal;)*) => {
        [$(Asset { name: $name, content_type: $kind, body: include_str!(concat!("../../templates/", $file)) }),*]
    };
}

static ASSETS: LazyLock<Vec<(Asset, String)>> = LazyLock::new(|| {
    let tag = |asset: &Asset| hex::encode(&Sha256::digest(asset.body)[..12]);
    all()
        .into_iter()
        .map(|asset| {
            let tag = tag(&asset);
            (asset, tag)
        })
        .collect()
});

pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/{name:.*}", web::get().to(asset));
}

/// One asset. It changes with the program only, so a browser asks again but rarely gets it again.
async fn asset(name: web::Path<String>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let found = ASSETS.iter().find(|(asset, _)| asset.name == name.as_str());
    let (asset, tag) = found.ok_or_else(|| Problem::new(Code::NotFound))?;
    Ok(etag::answer(&request, tag, |mut response| {
        response.insert_header((header::CACHE_CONTROL, "no-cache"));
        response.content_type(asset.content_type).body(asset.body)
    }))
}

fn all() -> Vec<Asset> {
    assets! {
        "docs.css" "text/css; charset=utf-8" "asset/docs.css";
        "docs.js" "text/javascript; charset=utf-8" "asset/docs.js";
        "window.css" "text/css; charset=utf-8" "asset/window.css";
        "window.js" "text/javascript; charset=utf-8" "asset/window.js";
        "window-api.js" "text/javascript; charset=utf-8" "asset/window-api.js";
        "window-end.js" "text/javascript; charset=utf-8" "asset/window-end.js";
        "window-host.js" "text/javascript; charset=utf-8" "asset/window-host.js";
        "window-text.js" "text/javascript; charset=utf-8" "asset/window-text.js";
        "window-theme.js" "text/javascript; charset=utf-8" "asset/window-theme.js";
        "window-view.js" "text/javascript; charset=utf-8" "asset/window-view.js";
        "i18n/en.json" "application/json" "i18n/en.json";
        "i18n/es.json" "application/json" "i18n/es.json";
    }
    .into()
}
