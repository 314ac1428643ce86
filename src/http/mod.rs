//! The door that requests come in by: actix, a folder an audience.
//!
//! A handler parses into domain types, calls one use case and shapes its answer. No rule lives here.

mod access;
mod address;
mod admin;
mod api;
mod asset;
mod body;
mod callback;
mod caller;
mod document;
mod embed;
mod endpoint;
mod etag;
mod guide;
mod halves;
mod operate;
mod passes;
mod problem;
mod public;
mod screens;
mod template;
mod webhook;
mod window;

use std::sync::Arc;

use actix_cors::Cors;
use actix_web::http::header;
use actix_web::middleware::{Compress, DefaultHeaders};
use actix_web::web;
use ipnet::IpNet;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::usecase::Desk;
use crate::usecase::message::Post;

pub use access::log;
use admin::Console;
pub use api::recent::Recent;
use document::Document;
use guide::Guide;
pub use operate::part;
pub use passes::Passes;
pub use problem::Problem;
use public::Pages;
pub use screens::Screens;
pub use template::PageError;

/// What every handler works with.
#[derive(Clone)]
pub struct Site {
    pub desk: Desk,
    pub public_url: Url,
    /// The words and the providers of messages.
    pub post: Post,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Arc<[IpNet]>,
    /// Renders the figures; `None` where another recorder was there first.
    pub figures: Option<PrometheusHandle>,
    pub recent: Recent,
    pub passes: Passes,
    /// Cancelled once the process is to get no more requests.
    pub leaving: CancellationToken,
}

impl Site {
    /// The same for one of the threads that serve.
    fn for_thread(&self) -> Self {
        let desk = Desk { store: self.desk.store.for_thread(), ..self.desk.clone() };
        Self { desk, ..self.clone() }
    }
}

/// Where the API is.
const API: &str = "/api/v1";
/// Where hosts post to.
const WEBHOOKS: &str = "/webhooks";

/// Every route, so that what is exposed to whom is one screen.
pub fn routes(site: &Site, screens: Screens) -> impl FnOnce(&mut web::ServiceConfig) + Clone + use<> {
    let site = site.clone();
    let Screens { document, pages, console, guide } = screens;
    let (document, pages) = (web::Data::new(document), web::Data::new(pages));
    let (console, guide) = (web::Data::new(console), web::Data::new(guide));
    move |config| {
        // Called once by each thread that serves.
        let site = site.for_thread();
        config
            .app_data(web::Data::new(site.clone()))
            .app_data(document)
            .app_data(pages)
            .app_data(console)
            .app_data(guide)
            .app_data(web::QueryConfig::default().error_handler(|error, _| unreadable(&error)))
            .app_data(web::PathConfig::default().error_handler(|error, _| unreadable(&error)))
            .service(web::scope(API).wrap(cors(&site)).configure(|c| endpoint::register(c, api::endpoints())))
            .service(web::scope(WEBHOOKS).configure(|c| endpoint::register(c, webhook::endpoints())))
            .service(
                web::scope("/window").wrap(cors(&site)).wrap(Compress::default()).configure(window::routes),
            )
            .service(web::scope("/p").wrap(Compress::default()).configure(public::routes))
            .service(web::scope("/login").wrap(Compress::default()).configure(public::login::routes))
            .service(web::scope("/admin").wrap(Compress::default()).configure(admin::routes))
            .service(web::scope("/embed").wrap(Compress::default()).configure(embed::routes))
            .service(web::scope("/assets").wrap(Compress::default()).configure(asset::routes))
            .service(web::scope("/callbacks").configure(callback::routes))
            .configure(operate::routes)
            .default_service(web::to(operate::not_found));
    }
}

/// What an extractor could not read; the text names fields, not values.
fn unreadable(error: &dyn std::error::Error) -> actix_web::Error {
    Problem::invalid(format!("the address cannot be read: {error}")).into()
}

/// What every answer carries unless its handler says otherwise: nothing framed, cached, sniffed or told on.
pub fn default_headers(public_url: &Url) -> DefaultHeaders {
    let headers = DefaultHeaders::new()
        .add((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .add((header::REFERRER_POLICY, "same-origin"))
        .add((header::CACHE_CONTROL, "no-store"))
        .add((
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; base-uri 'none'; frame-ancestors 'none'",
        ));
    if public_url.scheme() == "https" {
        return headers.add((header::STRICT_TRANSPORT_SECURITY, "max-age=31536000; includeSubDomains"));
    }
    headers
}

/// Browsers of the CRM: at preflight the origin must be one of some tenant's; the call itself checks its own.
fn cors(site: &Site) -> Cors {
    let directory = site.desk.directory.clone();
    Cors::default()
        .allowed_origin_fn(move |origin, _| {
            let known = |text: &str| {
                directory.get().members().any(|m| m.tenant.allowed_origins.iter().any(|o| o == text))
            };
            origin.to_str().is_ok_and(known)
        })
        // What an agent's token may do: nothing that takes a PUT.
        .allowed_methods(["GET", "POST", "PATCH", "DELETE"])
        .allowed_headers([
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            header::ACCEPT,
            header::ACCEPT_LANGUAGE,
            header::IF_NONE_MATCH,
            header::HeaderName::from_static("last-event-id"),
        ])
        // The window counts down by the service's clock.
        .expose_headers([header::ETAG, header::RETRY_AFTER, header::DATE])
        .max_age(600)
}
