//! The document of the API (OpenAPI 3.1) and the page that shows it, both made once from what the routes say, when somebody
//! asks: most processes never are, and half the time of a start went into them.

mod about;
mod assemble;
pub mod example;
mod operation;
mod page;
mod push;
mod schemas;
mod words;

use std::sync::OnceLock;

use actix_web::http::{StatusCode, header};
use actix_web::web::{self, Bytes};
use actix_web::{HttpRequest, HttpResponse};
use sha2::{Digest as _, Sha256};
use url::Url;

use super::endpoint::Endpoint;
use super::etag::{self, Tag};
use super::problem::{Code, Problem};
use super::{API, WEBHOOKS, api, webhook};

pub use assemble::envelope;
pub use operation::{Callers, Chapter, Operation};
pub use page::line;
pub use words::{ActorKind, EventState, LanguageTag};

/// A body with its entity tag.
struct Made {
    body: Bytes,
    tag: Tag,
}

impl Made {
    fn new(body: String) -> Self {
        let tag = Tag::of(&Sha256::digest(&body)[..12]);
        Self { body: body.into(), tag }
    }
}

/// The document and its page, once they were asked for.
pub struct Document {
    public_url: Url,
    made: OnceLock<Option<Both>>,
}

/// Both as they are served.
struct Both {
    json: Made,
    page: Made,
}

/// One operation and where it is.
pub struct Placed {
    pub method: &'static str,
    pub path: String,
    pub operation: Operation,
}

/// Every operation of every documented scope.
fn operations() -> Vec<Placed> {
    let scopes = [(WEBHOOKS, webhook::endpoints()), (API, api::endpoints())];
    let placed = |prefix: &'static str| {
        move |endpoint: Endpoint| Placed {
            method: assemble::name(&endpoint.method),
            path: format!("{prefix}{}", endpoint.path),
            operation: (endpoint.describe)(),
        }
    };
    scopes.into_iter().flat_map(|(prefix, endpoints)| endpoints.into_iter().map(placed(prefix))).collect()
}

impl Document {
    /// Of the service at this address.
    pub fn new(public_url: &Url) -> Self {
        Self { public_url: public_url.clone(), made: OnceLock::new() }
    }

    fn made(&self) -> Result<&Both, Problem> {
        let made = self.made.get_or_init(|| {
            let failed = |error| tracing::error!(%error, "the page of the API's document cannot be made");
            make(&self.public_url).map_err(failed).ok()
        });
        made.as_ref().ok_or_else(|| Problem::new(Code::Internal))
    }
}

fn make(public_url: &Url) -> Result<Both, handlebars::RenderError> {
    let base = public_url.as_str().trim_end_matches('/');
    let (operations, pushes) = (operations(), push::all());
    let document = assemble::document(base, &operations, &pushes);
    let json = serde_json::to_string(&document).unwrap_or_default();
    let page = page::render(base, &document, &operations, &pushes)?;
    Ok(Both { json: Made::new(json), page: Made::new(page) })
}

pub fn getting() -> Operation {
    Operation::new(
        Chapter::Document,
        "get_openapi",
        "Read this document",
        "OpenAPI 3.1, for whatever makes clients, tests or pages from it. Needs no key.",
    )
    .answers_with(StatusCode::OK, "The document.", Some("application/json"))
    .tagged()
}

/// `GET /api/v1/openapi.json`
pub async fn get(document: web::Data<Document>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let made = &document.made()?.json;
    Ok(etag::answer(&request, &made.tag, |mut response| {
        response.insert_header((header::CACHE_CONTROL, "no-cache"));
        response.content_type("application/json").body(made.body.clone())
    }))
}

pub fn showing() -> Operation {
    Operation::new(
        Chapter::Document,
        "get_docs",
        "Read this document as a page",
        "The same for people, with an example of each call. Needs no key.",
    )
    .answers_with(StatusCode::OK, "The page.", Some("text/html"))
    .tagged()
}

/// `GET /api/v1/docs`
pub async fn docs(document: web::Data<Document>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let made = &document.made()?.page;
    let policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; base-uri 'none'; \
                  form-action 'none'; frame-ancestors 'none'";
    Ok(etag::answer(&request, &made.tag, |mut response| {
        response.insert_header((header::CACHE_CONTROL, "no-cache"));
        response.insert_header((header::CONTENT_SECURITY_POLICY, policy));
        response.content_type("text/html; charset=utf-8").body(made.body.clone())
    }))
}
