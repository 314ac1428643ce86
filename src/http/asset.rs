//! Scripts, styles and texts of our pages, compiled in.

use std::borrow::Cow;
use std::sync::LazyLock;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use sha2::{Digest as _, Sha256};

use super::etag;
use super::problem::{Code, Problem};

/// One file under a name, with the tag of what it holds.
pub struct Asset {
    pub name: &'static str,
    content_type: &'static str,
    body: Cow<'static, str>,
    tag: String,
    caching: &'static str,
}

impl Asset {
    pub fn new(name: &'static str, content_type: &'static str, body: impl Into<Cow<'static, str>>) -> Self {
        let body = body.into();
        let tag = hex::encode(&Sha256::digest(body.as_bytes())[..12]);
        Self { name, content_type, body, tag, caching: "no-cache" }
    }

    /// Its name has its version in it, so that it never changes.
    fn versioned(self) -> Self {
        Self { caching: "public, max-age=31536000, immutable", ..self }
    }

    /// It changes with the program only, so a browser asks again but rarely gets it again.
    pub fn answer(&self, request: &HttpRequest) -> HttpResponse {
        etag::answer(request, &self.tag, |mut response| {
            response.insert_header((header::CACHE_CONTROL, self.caching));
            response.content_type(self.content_type).body(self.body.clone().into_owned())
        })
    }
}

macro_rules! assets {
    ($($name:literal $kind:literal $file:literal;)*) => {
        [$(Asset::new($name, $kind, include_str!(concat!("../../templates/", $file)))),*]
    };
}

static ASSETS: LazyLock<Vec<Asset>> = LazyLock::new(all);

pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/{name:.*}", web::get().to(asset));
}

async fn asset(name: web::Path<String>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let found = ASSETS.iter().find(|asset| asset.name == name.as_str());
    Ok(found.ok_or_else(|| Problem::new(Code::NotFound))?.answer(&request))
}

fn all() -> Vec<Asset> {
    let [htmx] = assets! { "htmx-2.0.11.js" "text/javascript; charset=utf-8" "asset/htmx/htmx.js"; };
    let ours = assets! {
        "admin.css" "text/css; charset=utf-8" "asset/admin.css";
        "admin.js" "text/javascript; charset=utf-8" "asset/admin.js";
        "admin-window.js" "text/javascript; charset=utf-8" "asset/admin-window.js";
        "docs.css" "text/css; charset=utf-8" "asset/docs.css";
        "docs.js" "text/javascript; charset=utf-8" "asset/docs.js";
        "public.css" "text/css; charset=utf-8" "asset/public.css";
        "public.js" "text/javascript; charset=utf-8" "asset/public.js";
        "otp.js" "text/javascript; charset=utf-8" "asset/otp.js";
        "i18n/en.json" "application/json" "i18n/en.json";
        "i18n/es.json" "application/json" "i18n/es.json";
        "window.css" "text/css; charset=utf-8" "asset/window.css";
        "window.js" "text/javascript; charset=utf-8" "asset/window.js";
    };
    ours.into_iter().chain([htmx.versioned()]).collect()
}
