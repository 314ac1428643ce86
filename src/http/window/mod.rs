//! The agent's window: one page for an iframe or a popup, and what it starts with.

mod view;

pub use view::brand;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;

use crate::domain::id::TenantId;
use crate::usecase::client::view_client::view_client;

use super::Site;
use super::api::wire::client_id;
use super::api::{sessions, signings};
use super::caller::{Caller, language};
use super::problem::{Code, Problem, failed};

const PAGE: &str = include_str!("../../../templates/page/window.html");

pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/{tenant}", web::get().to(page))
        .route("/{tenant}/clients/{client}", web::get().to(client))
        .route("/{tenant}/sessions/{session}", web::get().to(session))
        .route("/{tenant}/signings/{signing}", web::get().to(signing));
}

/// The page is the same for everybody: who it is for stands in the fragment, which no server sees.
async fn page(site: web::Data<Site>, tenant: web::Path<String>) -> Result<HttpResponse, Problem> {
    let directory = site.desk.directory.get();
    let member = TenantId::parse(&tenant).ok().and_then(|id| directory.member(&id).cloned());
    let member = member.ok_or_else(|| Problem::new(Code::NotFound))?;
    let origins = &member.tenant.allowed_origins;
    let parents = if origins.is_empty() { "'none'".to_owned() } else { origins.join(" ") };
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; \
         base-uri 'none'; form-action 'none'; frame-ancestors {parents}"
    );
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_SECURITY_POLICY, policy))
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .content_type("text/html; charset=utf-8")
        .body(PAGE))
}

/// What the window starts with, for an agent whose token names this client.
async fn client(
    site: web::Data<Site>,
    caller: Caller,
    path: web::Path<(String, String)>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let id = client_id(&own(&caller, &path)?)?;
    let viewed = view_client(&site.desk, caller.tenant(), &id, &caller.acting(None)).await;
    let viewed = viewed.map_err(|f| failed(f, site.desk.time.now()))?;
    let locale = language(&request, caller.tenant());
    Ok(HttpResponse::Ok().json(view::shape(caller.tenant(), caller.agent(None).as_ref(), locale, &viewed)))
}

/// What the path names, where its tenant is the caller's.
fn own(caller: &Caller, path: &(String, String)) -> Result<String, Problem> {
    let (tenant, named) = path;
    (caller.tenant().id.as_str() == tenant).then(|| named.clone()).ok_or_else(Problem::unauthorized)
}

/// The people of a session, for an agent whose token names it.
async fn session(
    site: web::Data<Site>,
    caller: Caller,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    let session = sessions::shown(&site, &caller, &own(&caller, &path)?).await?;
    Ok(guests(&caller, ("session", session)))
}

/// A signer and their document, for an agent whose token names the signing.
async fn signing(
    site: web::Data<Site>,
    caller: Caller,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    let signing = signings::shown(&site, &caller, &own(&caller, &path)?).await?;
    Ok(guests(&caller, ("signing", signing)))
}

fn guests(caller: &Caller, matter: (&'static str, impl Serialize)) -> HttpResponse {
    HttpResponse::Ok().json(view::guests(caller.tenant(), caller.agent(None).as_ref(), matter))
}
