//! `POST /api/v1/clients/{client}/codes`

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::domain::channel::Channel;
use crate::domain::id::{ClientId, ContactId};
use crate::domain::surface::Surface;
use crate::http::Site;
use crate::http::body;
use crate::http::caller::Caller;
use crate::http::document::{Callers, Chapter, LanguageTag, Operation, example};
use crate::http::problem::{Code, Problem, failed};
use crate::usecase::client::request_code::{Request, request_code};

use super::shape::ChallengeShape;
use super::wire::{self, AgentBody, maybe_agent};

#[derive(Deserialize, ToSchema)]
#[schema(as = CodeRequest)]
struct Body {
    /// One of the client's contacts, whose role is authorized.
    #[schema(value_type = ContactId)]
    contact: String,
    /// The screen on which the agent clicked.
    #[schema(value_type = Surface)]
    surface: String,
    /// The agent who asks, for the record and for what the contact reads. With an agent token it is ignored.
    #[serde(default)]
    agent: Option<AgentBody>,
    /// Left out: email, and a text as well if the contact has a mobile number.
    #[serde(default)]
    #[schema(value_type = Option<Vec<Channel>>, min_items = 1)]
    channels: Option<Vec<String>>,
    /// The language of the messages. Left out, the contact's.
    #[serde(default)]
    #[schema(value_type = Option<LanguageTag>)]
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

pub fn creating() -> Operation {
    Operation::new(
        Chapter::Codes,
        "request_code",
        "Send a code to a contact",
        "Starts a verification. The contact gets a one-time code by email and text, and reads it to the agent, who \
         has it checked. The addresses are those on the client's list: a request names a contact, never an address.\n\n\
         A new code makes the client's earlier one void at once. To repeat the same code, send it again instead.",
    )
    .part::<ClientId>("client", "Your id of the client.", "lead-10482")
    .by(Callers::HostOrAgent)
    .takes::<Body>(r#"{
  "contact": "c-1",
  "surface": "lead_card",
  "agent": {"id": "u-77", "name": "Maria Lopez"}
}"#)
    .answers::<ChallengeShape>(StatusCode::CREATED, "The code is on its way.", example::CHALLENGE)
    .refuses(&[
        Code::ClientNotFound,
        Code::ClientNotInToken,
        Code::SurfaceDisabled,
        Code::ContactNotAuthorized,
        Code::ContactUnreachable,
        Code::UnknownValue,
        Code::TooSoon,
        Code::TooManySends,
        Code::Locked,
        Code::Reported,
    ])
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
