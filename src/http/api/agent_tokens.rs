//! `POST /api/v1/agent-tokens`

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::json;

use crate::http::Site;
use crate::http::body;
use crate::http::caller::Host;
use crate::http::problem::{Problem, failed};
use crate::usecase::client::issue_token;

use super::wire::{AgentBody, client_id};

#[derive(Deserialize)]
struct Body {
    agent: AgentBody,
    #[serde(default)]
    clients: Vec<String>,
}

/// A token for an agent's browser. Without clients it reads statuses only.
pub async fn create(
    site: web::Data<Site>,
    host: Host,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let body: Body = body::api(payload).await?;
    let agent = body.agent.parse()?;
    let clients = body.clients.iter().map(|c| client_id(c)).collect::<Result<Vec<_>, _>>()?;
    let now = site.desk.time.now();
    let claims = issue_token::claims(&site.desk, &host.tenant.id, agent, clients, host.key.as_str(), now);
    let claims = claims.map_err(|f| failed(f, now))?;
    let token = issue_token::token(&site.desk, &claims).map_err(|f| failed(f, now))?;
    Ok(HttpResponse::Ok().json(json!({"agent_token": token, "expires_at": claims.expires_at})))
}
