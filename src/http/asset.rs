//! Scripts, styles and texts of our pages, compiled in.

use std::sync::LazyLock;

use actix_web::http::header::{self, Encoding, Header as _};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, web};
use sha2::{Digest as _, Sha256};

use super::etag::{self, Tag};
use super::problem::{Code, Problem};

/// One file under a name, and the same packed, the smallest first.
pub struct Asset {
    pub name: &'static str,
    content_type: &'static str,
    plain: Body,
    packed: Vec<(Encoding, Body)>,
    caching: &'static str,
}

/// What goes out, with the tag of it.
struct Body {
    bytes: Bytes,
    tag: Tag,
}

impl Body {
    fn new(bytes: Bytes) -> Self {
        let tag = Tag::of(&Sha256::digest(&bytes)[..12]);
        Self { bytes, tag }
    }
}

impl Asset {
    pub fn new(name: &'static str, content_type: &'static str, text: &'static str) -> Self {
        let plain = Body::new(Bytes::from_static(text.as_bytes()));
        Self { name, content_type, plain, packed: Vec::new(), caching: "no-cache" }
    }

    /// What was packed beforehand is smaller than what can be packed for each answer.
    pub fn packed(mut self, gzip: &'static [u8], brotli: &'static [u8]) -> Self {
        let all = [(Encoding::brotli(), brotli), (Encoding::gzip(), gzip)];
        self.packed = all.map(|(encoding, bytes)| (encoding, Body::new(Bytes::from_static(bytes)))).into();
        self
    }

    /// Its name has its version in it, so that it never changes.
    fn versioned(self) -> Self {
        Self { caching: "public, max-age=31536000, immutable", ..self }
    }

    /// It changes with the program only, so a browser asks again but rarely gets it again.
    pub fn answer(&self, request: &HttpRequest) -> HttpResponse {
        let found = self.wanted(request);
        let body = found.map_or(&self.plain, |(_, body)| body);
        let mut answer = etag::answer(request, &body.tag, |mut response| {
            response.insert_header((header::CACHE_CONTROL, self.caching));
            if let Some((encoding, _)) = found {
                response.insert_header((header::CONTENT_ENCODING, encoding.to_string()));
            }
            response.content_type(self.content_type).body(body.bytes.clone())
        });
        if !self.packed.is_empty() {
            answer.headers_mut().insert(header::VARY, header::HeaderValue::from_static("accept-encoding"));
        }
        answer
    }

    /// The smallest that a caller takes.
    fn wanted(&self, request: &HttpRequest) -> Option<&(Encoding, Body)> {
        let accepted = header::AcceptEncoding::parse(request).ok()?;
        let takes =
            |encoding: &Encoding| accepted.negotiate([encoding].into_iter()).as_ref() == Some(encoding);
        self.packed.iter().find(|(encoding, _)| takes(encoding))
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
        "docs.css" "text/css; charset=utf-8" "asset/docs.css";
        "docs.js" "text/javascript; charset=utf-8" "asset/docs.js";
        "public.css" "text/css; charset=utf-8" "asset/public.css";
        "public.js" "text/javascript; charset=utf-8" "asset/public.js";
        "otp.js" "text/javascript; charset=utf-8" "asset/otp.js";
        "i18n/en.json" "application/json" "i18n/en.json";
        "i18n/es.json" "application/json" "i18n/es.json";
        "i18n/guide.en.json" "application/json" "i18n/guide.en.json";
        "i18n/guide.es.json" "application/json" "i18n/guide.es.json";
        "window.css" "text/css; charset=utf-8" "asset/window.css";
        "window.js" "text/javascript; charset=utf-8" "asset/window.js";
    };
    ours.into_iter().chain([htmx.versioned()]).collect()
}
