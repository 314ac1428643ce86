//! `/api/v1/clients/{client}`: telling, reading and dropping a client; taking back a verification; lifting a lock.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::domain::agent;
use crate::domain::client::Client;
use crate::domain::id::{ClientId, ContactId};
use crate::domain::status::{self, Status, View};
use crate::domain::timestamp::Timestamp;
use crate::http::Site;
use crate::http::body;
use crate::http::caller::{Host, language};
use crate::http::document::{Callers, Chapter, Operation, example};
use crate::http::problem::{Code, Problem, failed};
use crate::usecase::client::put_client::{Told, put_client};
use crate::usecase::client::{remove_client, revoke_verification, unlock_client};

use super::shape::ClientShape;
use super::wire::{self, AgentBody, ContactBody, maybe_agent};

fn about(id: &'static str, summary: &'static str, text: &'static str) -> Operation {
    Operation::new(Chapter::Clients, id, summary, text)
        .part::<ClientId>("client", "Your id of the client.", "lead-10482")
        .by(Callers::Host)
}

#[derive(Deserialize, ToSchema)]
#[schema(as = ClientRequest)]
struct PutBody {
    /// One line; what is longer than 200 characters is cut.
    #[schema(example = "Ruiz Landscaping LLC")]
    name: String,
    /// When the client was created in your CRM. Left out, now.
    #[serde(default)]
    created_at: Option<Timestamp>,
    /// Whether this client must have a security PIN, whatever its age. Left out, it stays as it is.
    #[serde(default)]
    pin_required: Option<bool>,
    contacts: Vec<ContactBody>,
}

pub fn putting() -> Operation {
    about(
        "put_client",
        "Tell a client with its contacts",
        "Creates the client, or replaces its *whole* list of contacts: whoever is not on it is no longer a contact. A \
         code that is out to somebody who was dropped, lost the role or got another address is cancelled.\n\nThe \
         webhooks `verification.requested` and `client.updated` carry the same; use this call for longer lists, or to \
         load clients ahead.",
    )
    .takes::<PutBody>(example::CLIENT_TOLD)
    .answers::<ClientShape<'static>>(StatusCode::OK, "The client was known: its list is replaced.", example::CLIENT)
    .answers::<ClientShape<'static>>(StatusCode::CREATED, "The client is new.", example::CLIENT)
    .refuses(&[Code::ContactInvalid, Code::UnknownValue])
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
        pin_required: body.pin_required,
        contacts: wire::contacts(&body.contacts)?,
        at: None,
    };
    let put = put_client(&site.desk, &host.tenant, told, host.acting(None).origin).await;
    let (client, created) = put.map_err(|f| failed(f, site.desk.time.now()))?;
    let mut response = if created { HttpResponse::Created() } else { HttpResponse::Ok() };
    Ok(response.json(ClientShape::from(&client)))
}

pub fn getting() -> Operation {
    about(
        "get_client",
        "Read a client",
        "The client with its contacts, as you told them last; addresses and numbers in the form in which they are used.",
    )
    .answers::<ClientShape<'static>>(StatusCode::OK, "The client.", example::CLIENT)
    .refuses(&[Code::ClientNotFound])
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

pub fn deleting() -> Operation {
    about(
        "delete_client",
        "Drop a client",
        "Its contacts are deleted, a code that is out is cancelled, and the status is `not_verified`. Its entries in \
         the audit log stay.",
    )
    .answers_with(StatusCode::NO_CONTENT, "The client is gone.", None)
    .refuses(&[Code::ClientNotFound])
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

#[derive(Deserialize, ToSchema)]
#[schema(as = RevokeRequest)]
struct RevokeBody {
    /// Who takes it back, for the record.
    #[serde(default)]
    agent: Option<AgentBody>,
}

pub fn revoking() -> Operation {
    about(
        "revoke_verification",
        "Take a verification back",
        "The client is `not_verified` from now on: for when the agent had the wrong person on the line. It also lifts \
         `reported`, after somebody has called the client back.",
    )
    .in_language()
    .may_take::<RevokeBody>(r#"{"agent": {"id": "u-77", "name": "Maria Lopez"}}"#)
    .answers::<Status>(StatusCode::OK, "The client's status now.", example::NOT_VERIFIED)
    .refuses(&[Code::ClientNotFound, Code::UnknownValue])
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

#[derive(Deserialize, ToSchema)]
#[schema(as = UnlockRequest)]
struct UnlockBody {
    /// Left out, every contact of the client.
    #[serde(default)]
    #[schema(value_type = Option<ContactId>)]
    contact: Option<String>,
    /// Who lifts it, for the record.
    #[serde(default)]
    agent: Option<AgentBody>,
}

pub fn unlocking() -> Operation {
    about(
        "unlock_client",
        "Lift a lock",
        "Too many wrong codes lock a contact for an hour. This lifts it before, once you are sure who it was.",
    )
    .in_language()
    .may_take::<UnlockBody>(r#"{
  "contact": "c-1",
  "agent": {"id": "u-77", "name": "Maria Lopez"}
}"#)
    .answers::<Status>(StatusCode::OK, "The client's status now.", example::NOT_VERIFIED)
    .refuses(&[Code::ClientNotFound, Code::NotFound, Code::UnknownValue])
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
