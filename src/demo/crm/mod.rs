//! A small CRM with three screens, as a company might already have it, with verification added.
//!
//! Its own pages and data come first; what it took to add verification is in five files: `service` (what it asks of
//! the service), `verify` (tokens for the button and the window of its pages), `guests` (documents and sessions),
//! `sign_in` (the second step of its own users) and `push` (what it is told). The rest, `received` among it, is there
//! to be looked at.

mod bank;
mod data;
mod guests;
mod kept;
mod push;
mod received;
mod screen;
mod service;
mod sign_in;
mod tenant;
mod verify;
mod versions;
mod view;
mod visit;

use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;

use actix_web::web::{self, ServiceConfig};
use url::Url;

use super::page::{Lang, Pages};
use super::{DemoError, Running, server};
use crate::ports::{Clock, Random};

/// What the CRM needs to know.
pub struct CrmConfig {
    /// Where it listens; the address in the tenants' `allowed_origins` and `callback_url`.
    pub listener: TcpListener,
    /// The service it talks to, as browsers reach it.
    pub service_url: Url,
    /// The inbox, for a link to it.
    pub inbox_url: Option<Url>,
    /// The tenants with their secrets.
    pub tenants_file: PathBuf,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness, for the ids of webhooks.
    pub random: Arc<dyn Random>,
}

/// What every handler shares.
struct Crm {
    own_url: String,
    inbox_url: Option<Url>,
    book: data::Book,
    tenants: Vec<tenant::Tenant>,
    service: service::Service,
    versions: versions::Versions,
    pushes: push::Pushes,
    accounts: kept::Kept,
    contacted: kept::Kept,
    guests: guests::Guests,
    visits: visit::Visits,
    pages: Pages,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

impl Crm {
    fn tenant(&self, id: &str) -> Option<&tenant::Tenant> {
        self.tenants.iter().find(|tenant| tenant.id == id)
    }

    /// A client whose tenant is in the file.
    fn client(&self, id: &str) -> Option<(&data::Client, &tenant::Tenant)> {
        let client = self.book.clients.iter().find(|client| client.id == id)?;
        Some((client, self.tenant(&client.tenant)?))
    }

    /// A user whose company is in the file.
    fn user(&self, id: &str) -> Option<(&data::Agent, &tenant::Tenant)> {
        let user = self.book.agents.iter().find(|user| user.id == id)?;
        Some((user, self.tenant(&user.tenant)?))
    }

    /// A refusal in this CRM's own words.
    fn why(&self, tenant: &tenant::Tenant, refusal: &service::Refusal, lang: Lang) -> String {
        self.pages.word(lang, "refusal", &refusal.code).replace("{company}", &tenant.name)
    }
}

/// Starts the CRM.
///
/// # Errors
/// The tenants file lacks something, or the listener cannot be used.
pub fn start(config: CrmConfig) -> Result<Running, DemoError> {
    let listener = config.listener;
    let service = service::Service::new(&config.service_url)?;
    let crm = web::Data::new(Crm {
        own_url: format!("http://{}", listener.local_addr()?),
        inbox_url: config.inbox_url,
        book: data::Book::load(config.clock.as_ref())?,
        tenants: tenant::load(&config.tenants_file)?,
        versions: versions::Versions::default(),
        pushes: push::Pushes::default(),
        accounts: kept::Kept::default(),
        contacted: kept::Kept::default(),
        guests: guests::Guests::default(),
        visits: visit::Visits::default(),
        pages: Pages::load(
            screen::TEMPLATES,
            include_str!("../../../templates/page/demo/words.toml"),
            service.origin(),
        )?,
        service,
        clock: config.clock,
        random: config.random,
    });
    server::serve(listener, move |routes| configure(routes, &crm))
}

fn configure(routes: &mut ServiceConfig, crm: &web::Data<Crm>) {
    routes.app_data(crm.clone()).app_data(web::PayloadConfig::new(1 << 20));
    screen::routes(routes);
    routes
        .route("/token", web::post().to(verify::token))
        .route("/verify", web::get().to(verify::window))
        .route("/changes", web::get().to(push::changes))
        .route("/received", web::get().to(received::latest))
        .route("/contacted", web::post().to(kept::contacted))
        .route("/documents", web::post().to(guests::sign))
        .route("/sessions", web::post().to(guests::start))
        .route("/back/{key}", web::get().to(guests::back))
        .route("/sign-in", web::get().to(sign_in::page))
        .route("/sign-in", web::post().to(sign_in::begin))
        .route("/signed-in/{key}", web::get().to(sign_in::back))
        .route("/second-step", web::post().to(sign_in::manage))
        .route("/sign-out", web::post().to(sign_in::leave))
        .route("/bank", web::post().to(bank::change))
        .route("/countersign/{tenant}", web::post().to(push::receive));
}
