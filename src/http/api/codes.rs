//! `POST /api/v1/clients/{client}/codes`

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use crate::http::Site;
use crate::http::body;
use crate::http::caller::Caller;
use crate::http::problem::{Problem, failed};
use crate::usecase::client::request_code::{Request, request_code};

use super::shape::ChallengeShape;
use super::wire::{self, AgentBody, maybe_agent};

#[derive(Deserialize)]
struct Body {
    contact: String,
    surface: String,
    #[serde(default)]
    agent: Option<AgentBody>,
    #[serde(default)]
    channels: Option<Vec<String>>,
    #[serde(default)]
    locale: Option<String>,
}

impl Body {
    fn parse(self, client: &str, caller: &Caller) -> Result<Request, Problem> {
        let channels =
            self.channels.map(|list| list.iter().map(|c| wire::channel(c)).collect::<Result<Vec<_>, _>>());
        let channels = channels.transpose()?;
        if channels.as_ref().is_some_and(Vec::is_empty) {
            return Err(Problem::invalid("channels: name at least one, or leave it out"));
        }
        Ok(Request {
            client: wire::client_id(client)?,
            contact: wire::contact_id(&self.contact)?,
            surface: wire::surface(&self.surface)?,
            channels,
            locale: self.locale.as_deref().map(|l| wire::locale("locale", l)).transpose()?,
            agent: caller.agent(maybe_agent(self.agent)?),
        })
    }
}

/// Asks for a code for a listed contact.
pub async fn create(
    site: web::Data<Site>,
    caller: Caller,
    client: web::Path<String>,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let body: Body = body::api(payload).await?;
    let request = body.parse(&client, &caller)?;
    let acting = caller.acting(request.agent.as_ref());
    let asked = request_code(&site.desk, caller.tenant(), request, &acting).await;
    let answer = asked.map_err(|f| failed(f, site.desk.time.now()))?;
    Ok(HttpResponse::Created().json(ChallengeShape::from(&answer)))
}
