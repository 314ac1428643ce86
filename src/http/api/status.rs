//! `/api/v1/status` and `/api/v1/clients/{client}/status`: where clients stand, one query however many.

use std::borrow::Cow;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use url::form_urlencoded;
use utoipa::openapi::schema::{ArrayBuilder, Schema};
use utoipa::openapi::{Ref, RefOr};
use utoipa::{PartialSchema, ToSchema};

use crate::domain::id::ClientId;
use crate::domain::status::Status;
use crate::http::Site;
use crate::http::body;
use crate::http::caller::Caller;
use crate::http::document::{Callers, Chapter, Operation, example};
use crate::http::problem::Problem;
use crate::usecase::client::read_status::MOST_CLIENTS;

use super::poll::{Form, Poll};
use super::wire::client_id;

fn about(id: &'static str, summary: &'static str, text: &'static str) -> Operation {
    Operation::new(Chapter::Statuses, id, summary, text).by(Callers::HostOrAgent).in_language()
}

pub fn reading_one() -> Operation {
    about(
        "get_status",
        "Read a client's status",
        "Everything a screen needs to show the button: its tone, label and tooltip in the reader's language, and what \
         lies behind them. A client that is not known is `not_verified`.\n\nSend the `ETag` of your last answer as \
         `If-None-Match`: where nothing has changed the answer is an empty 304.",
    )
    .part::<ClientId>("client", "Your id of the client.", "lead-10482")
    .answers::<Status>(StatusCode::OK, "The status.", example::VERIFIED)
    .tagged()
}

/// `GET /api/v1/clients/{client}/status`
pub async fn one(
    site: web::Data<Site>,
    caller: Caller,
    client: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let poll = Poll { site: &site, caller: &caller, request: &request, form: Form::One };
    poll.answer(client.as_bytes(), || Ok(vec![client_id(&client)?])).await
}

/// Statuses in the order asked.
#[derive(Serialize, ToSchema)]
#[schema(as = Statuses)]
pub struct Many<'a> {
    pub statuses: &'a [Status],
}

pub fn reading_many() -> Operation {
    about(
        "list_statuses",
        "Read the status of many clients",
        "One call for a whole list on the screen: name each client once more in the address. For lists too long for an \
         address there is the same by POST.",
    )
    .query::<Clients>("client", "Your id of a client, as often as there are clients.", "lead-10482")
    .answers::<Many<'static>>(StatusCode::OK, "The statuses, in the order asked.", example::STATUSES)
    .tagged()
}

/// `GET /api/v1/status?client=a&client=b`
pub async fn many(
    site: web::Data<Site>,
    caller: Caller,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let poll = Poll { site: &site, caller: &caller, request: &request, form: Form::Listed };
    poll.answer(request.query_string().as_bytes(), || named(&request)).await
}

/// The clients that the address names, in their order.
pub fn named(request: &HttpRequest) -> Result<Vec<ClientId>, Problem> {
    let pairs = form_urlencoded::parse(request.query_string().as_bytes());
    pairs.filter(|(name, _)| name == "client").map(|(_, id)| client_id(&id)).collect()
}

/// Clients that a status is asked of.
pub struct Clients;

impl PartialSchema for Clients {
    fn schema() -> RefOr<Schema> {
        let client = Ref::from_schema_name(ClientId::name());
        RefOr::T(ArrayBuilder::new().items(client).max_items(Some(MOST_CLIENTS)).into())
    }
}

impl ToSchema for Clients {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("ClientIds")
    }
}

/// The clients that a body names.
#[derive(Deserialize, ToSchema)]
#[schema(as = StatusesRequest)]
pub struct Asked {
    #[schema(value_type = Clients)]
    clients: Vec<String>,
}

impl Asked {
    /// In their order.
    pub fn ids(&self) -> Result<Vec<ClientId>, Problem> {
        self.clients.iter().map(|id| client_id(id)).collect()
    }
}

pub fn reading_many_posted() -> Operation {
    about(
        "query_statuses",
        "Read the status of many clients by POST",
        "The same for lists too long for an address: the clients stand in the body. It changes nothing.",
    )
    .takes::<Asked>(r#"{"clients": ["lead-10482", "lead-10483"]}"#)
    .answers::<Many<'static>>(StatusCode::OK, "The statuses, in the order asked.", example::STATUSES)
    .tagged()
}

/// `POST /api/v1/status`: the same for lists too long for an address.
pub async fn many_posted(
    site: web::Data<Site>,
    caller: Caller,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let body = body::raw(payload, body::API_LIMIT).await?;
    let poll = Poll { site: &site, caller: &caller, request: &request, form: Form::Posted };
    poll.answer(&body, || body::api_json::<Asked>(&body)?.ids()).await
}
