//! `POST /api/v1/agent-tokens`

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa::openapi::Ref;
use utoipa::openapi::schema::{ArrayBuilder, Schema};

use crate::domain::id::{ClientId, SessionId, SigningId};
use crate::domain::timestamp::Timestamp;
use crate::domain::token::Named;
use crate::http::Site;
use crate::http::body;
use crate::http::caller::Host;
use crate::http::document::{Callers, Chapter, Operation};
use crate::http::problem::{Code, Problem, failed};
use crate::usecase::client::issue_token;

use super::sessions::session;
use super::signings::signing;
use super::wire::{AgentBody, client_id};

#[derive(Deserialize, ToSchema)]
#[schema(as = AgentTokenRequest)]
struct Body {
    agent: AgentBody,
    /// The clients that the token may act on. Left out or empty, it reads statuses only.
    #[serde(default)]
    #[schema(schema_with = clients)]
    clients: Vec<String>,
    /// The sessions that the token may lead: all of it but starting one and redeeming proofs.
    #[serde(default)]
    #[schema(schema_with = sessions)]
    sessions: Vec<String>,
    /// The signings that the token may help with: correcting a number, making an access code.
    #[serde(default)]
    #[schema(schema_with = signings)]
    signings: Vec<String>,
}

impl Body {
    fn named(&self) -> Result<Named, Problem> {
        Ok(Named {
            clients: self.clients.iter().map(|id| client_id(id)).collect::<Result<_, _>>()?,
            sessions: self.sessions.iter().map(|id| session(id)).collect::<Result<_, _>>()?,
            signings: self.signings.iter().map(|id| signing(id)).collect::<Result<_, _>>()?,
        })
    }
}

fn list(name: impl Into<String>) -> Schema {
    ArrayBuilder::new().items(Ref::from_schema_name(name)).max_items(Some(issue_token::MOST_NAMED)).into()
}

fn clients() -> Schema {
    list(ClientId::name())
}

fn sessions() -> Schema {
    list(SessionId::name())
}

fn signings() -> Schema {
    list(SigningId::name())
}

#[derive(Serialize, ToSchema)]
#[schema(as = AgentToken)]
struct Issued {
    /// Goes to the agent's browser, in a URL's fragment or a message, never in a query.
    #[schema(pattern = "^cst_")]
    agent_token: String,
    /// An hour from now at most.
    expires_at: Timestamp,
}

pub fn creating() -> Operation {
    Operation::new(
        Chapter::AgentTokens,
        "create_agent_token",
        "Make a token for an agent's browser",
        "An agent token lets the page in an agent's browser call this API in that agent's name, without the API key, \
         which stays on your server. The answer to a `verification.requested` webhook carries one already; this call \
         makes one for a screen with many buttons, or a fresh one before the hour is over.\n\nThe token reads the \
         status of every client of the tenant. It sends and checks codes only for the clients that it names, and \
         leads only the sessions and helps only with the signings that it names. It ends \
         with its hour, or with the API key it was made by.",
    )
    .by(Callers::Host)
    .takes::<Body>(r#"{
  "agent": {"id": "u-77", "name": "Maria Lopez"},
  "clients": ["lead-10482"]
}"#)
    .answers::<Issued>(
        StatusCode::OK,
        "The token.",
        r#"{
  "agent_token": "cst_eyJ0ZW5hbnQi…",
  "expires_at": "2026-11-20T16:04:05Z"
}"#,
    )
    .refuses(&[Code::UnknownValue, Code::NotFound])
}

/// A token for an agent's browser. Naming nothing it reads statuses only.
pub async fn create(
    site: web::Data<Site>,
    host: Host,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let body: Body = body::api(payload).await?;
    let named = body.named()?;
    let agent = body.agent.parse()?;
    let now = site.desk.time.now();
    let claims = issue_token::claims(&site.desk, &host.tenant.id, agent, named, host.key.as_str(), now);
    let claims = claims.map_err(|f| failed(f, now))?;
    let agent_token = issue_token::token(&site.desk, &claims).map_err(|f| failed(f, now))?;
    Ok(HttpResponse::Ok().json(Issued { agent_token, expires_at: claims.expires_at }))
}
