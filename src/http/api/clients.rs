//! `/api/v1/clients/{client}`: telling, reading and dropping a client; taking back a verification; lifting a lock.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

use crate::domain::agent;
use crate::domain::client::Client;
use crate::domain::status::{self, View};
use crate::domain::timestamp::Timestamp;
use crate::http::Site;
use crate::http::body;
use crate::http::caller::{Host, language};
use crate::http::problem::{Code, Problem, failed};
use crate::usecase::client::put_client::{Told, put_client};
use crate::usecase::client::{remove_client, revoke_verification, unlock_client};

use super::shape::ClientShape;
use super::wire::{self, AgentBody, ContactBody, maybe_agent};

#[derive(Deserialize)]
struct PutBody {
    name: String,
    #[serde(default)]
    created_at: Option<Timestamp>,
    contacts: Vec<ContactBody>,
}

/// `PUT /api/v1/clients/{client}`: the client with its whole list of contacts.
pub async fn put(
    site: web::Data<Site>,
    host: Host,
    client: web::Path<String>,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let body: PutBody = body::api(payload).await?;
    let told = Told {
        id: wire::client_id(&client)?,
        name: agent::clean(&body.name),
        created_at: body.created_at,
        contacts: wire::contacts(&body.contacts)?,
        at: None,
    };
    let put = put_client(&site.desk, &host.tenant, told, host.acting(None).origin).await;
    let (client, created) = put.map_err(|f| failed(f, site.desk.time.now()))?;
    let mut response = if created { HttpResponse::Created() } else { HttpResponse::Ok() };
    Ok(response.json(ClientShape::from(&client)))
}

/// `GET /api/v1/clients/{client}`
pub async fn get(
    site: web::Data<Site>,
    host: Host,
    client: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let id = wire::client_id(&client)?;
    let found = site.desk.store.of(&host.tenant.id).clients(&[id]).await;
    let found = found.map_err(|e| failed(e.into(), site.desk.time.now()))?;
    let client = found.first().filter(|c| !c.removed).ok_or_else(|| Problem::new(Code::ClientNotFound))?;
    Ok(HttpResponse::Ok().json(ClientShape::from(client)))
}

/// `DELETE /api/v1/clients/{client}`
pub async fn delete(
    site: web::Data<Site>,
    host: Host,
    client: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let id = wire::client_id(&client)?;
    let removed = remove_client::remove_client(&site.desk, &host.tenant, &id, &host.acting(None)).await;
    removed.map_err(|f| failed(f, site.desk.time.now()))?;
    Ok(HttpResponse::NoContent().finish())
}

#[derive(Deserialize)]
struct RevokeBody {
    #[serde(default)]
    agent: Option<AgentBody>,
}

/// `POST /api/v1/clients/{client}/status/revoke`
pub async fn revoke(
    site: web::Data<Site>,
    host: Host,
    client: web::Path<String>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let body: RevokeBody = body::api(payload).await?;
    let agent = maybe_agent(body.agent)?;
    let (id, acting) = (wire::client_id(&client)?, host.acting(agent.as_ref()));
    let revoked = revoke_verification::revoke_verification(&site.desk, &host.tenant, &id, &acting).await;
    let client = revoked.map_err(|f| failed(f, site.desk.time.now()))?;
    Ok(status_of(&site, &host, &request, &client))
}

#[derive(Deserialize)]
struct UnlockBody {
    #[serde(default)]
    contact: Option<String>,
    #[serde(default)]
    agent: Option<AgentBody>,
}

/// `POST /api/v1/clients/{client}/unlock`
pub async fn unlock(
    site: web::Data<Site>,
    host: Host,
    client: web::Path<String>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let body: UnlockBody = body::api(payload).await?;
    let agent = maybe_agent(body.agent)?;
    let contact = body.contact.as_deref().map(wire::contact_id).transpose()?;
    let (id, acting) = (wire::client_id(&client)?, host.acting(agent.as_ref()));
    let unlocked =
        unlock_client::unlock_client(&site.desk, &host.tenant, &id, contact.as_ref(), &acting).await;
    let client = unlocked.map_err(|f| failed(f, site.desk.time.now()))?;
    Ok(status_of(&site, &host, &request, &client))
}

fn status_of(site: &Site, host: &Host, request: &HttpRequest, client: &Client) -> HttpResponse {
    let view =
        View { tenant: &host.tenant, locale: language(request, &host.tenant), now: site.desk.time.now() };
    HttpResponse::Ok().json(status::of(view, &client.outline()))
}
