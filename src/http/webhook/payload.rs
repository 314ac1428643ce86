//! The body of a webhook, parsed to what a use case takes. Unknown fields are ignored.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::Value;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{OneOfBuilder, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::domain::id::ClientId;
use crate::domain::surface::Surface;
use crate::domain::timestamp::Timestamp;
use crate::http::api::wire::{AgentBody, ContactBody, client_id, contacts, surface};
use crate::http::body::{self, only_objects};
use crate::http::document::envelope;
use crate::http::problem::Problem;
use crate::usecase::client::put_client::Told;
use crate::usecase::client::take_webhook::{Tools, Webhook};

/// The types that are understood.
const TYPES: [&str; 4] = ["verification.requested", "pin.requested", "client.updated", "client.removed"];

#[derive(Deserialize)]
struct Envelope {
    r#type: String,
    timestamp: Timestamp,
    #[serde(default)]
    data: Value,
}

/// The client that a webhook is about.
#[derive(Deserialize, ToSchema)]
#[serde(remote = "Self")]
#[schema(as = WebhookClient)]
struct ClientBody {
    #[schema(value_type = ClientId)]
    id: String,
    /// Left out, the id. One line; what is longer than 200 characters is cut.
    #[serde(default)]
    #[schema(example = "Ruiz Landscaping LLC")]
    name: Option<String>,
    /// When the client was created in your CRM.
    #[serde(default)]
    created_at: Option<Timestamp>,
    /// Whether this client must have a security PIN, whatever its age. Left out, it stays as it is.
    #[serde(default)]
    pin_required: Option<bool>,
}

only_objects!(ClientBody);

/// An agent clicked the button, or asked for the client's PIN.
#[derive(Deserialize, ToSchema)]
#[schema(as = VerificationRequested)]
struct Requested {
    /// The screen that carries the button.
    #[schema(value_type = Surface)]
    surface: String,
    client: ClientBody,
    /// The client's *whole* list of contacts.
    contacts: Vec<ContactBody>,
    agent: AgentBody,
}

/// A client's contacts changed.
#[derive(Deserialize, ToSchema)]
#[schema(as = ClientUpdated)]
struct Updated {
    client: ClientBody,
    /// The client's *whole* list of contacts.
    contacts: Vec<ContactBody>,
}

/// A client is gone.
#[derive(Deserialize, ToSchema)]
#[schema(as = ClientRemoved)]
struct Removed {
    client: ClientBody,
}

/// A whole webhook, as the document has it.
pub struct Signed;

impl PartialSchema for Signed {
    fn schema() -> RefOr<Schema> {
        let [requested, pin, updated, removed] = TYPES;
        let all = OneOfBuilder::new()
            .item(envelope::<Requested>(&[requested, pin]))
            .item(envelope::<Updated>(&[updated]))
            .item(envelope::<Removed>(&[removed]));
        RefOr::T(all.into())
    }
}

impl ToSchema for Signed {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Webhook")
    }

    fn schemas(found: &mut Vec<(String, RefOr<Schema>)>) {
        found.push((Requested::name().into_owned(), Requested::schema()));
        found.push((Updated::name().into_owned(), Updated::schema()));
        found.push((Removed::name().into_owned(), Removed::schema()));
        Requested::schemas(found);
        Timestamp::schemas(found);
        found.push((Timestamp::name().into_owned(), Timestamp::schema()));
    }
}

/// Parses a webhook whose signature is right.
///
/// # Errors
/// `invalid_request`, `unknown_value`, `contact_invalid`
pub fn parse(bytes: &[u8]) -> Result<Webhook, Problem> {
    let envelope: Envelope = body::json(bytes)?;
    let data = serde_json::to_vec(&envelope.data).unwrap_or_default();
    match envelope.r#type.as_str() {
        kind @ ("verification.requested" | "pin.requested") => {
            let tools = if kind == "pin.requested" { Tools::Pin } else { Tools::Code };
            let data: Requested = body::json_at("data", &data)?;
            let surface = surface(&data.surface)?;
            let agent = data.agent.parse()?;
            let told = told(data.client, &data.contacts, envelope.timestamp)?;
            Ok(Webhook::Requested { tools, surface, told, agent })
        }
        "client.updated" => {
            let data: Updated = body::json_at("data", &data)?;
            Ok(Webhook::ClientUpdated { told: told(data.client, &data.contacts, envelope.timestamp)? })
        }
        "client.removed" => {
            let data: Removed = body::json_at("data", &data)?;
            Ok(Webhook::ClientRemoved { client: client_id(&data.client.id)?, at: envelope.timestamp })
        }
        _ => Err(Problem::unknown_value("type", &TYPES)),
    }
}

fn told(client: ClientBody, list: &[ContactBody], at: Timestamp) -> Result<Told, Problem> {
    let id: ClientId = client_id(&client.id)?;
    let name = client.name.unwrap_or_else(|| id.as_str().to_owned());
    let name = crate::domain::agent::clean(&name);
    Ok(Told {
        id,
        name,
        created_at: client.created_at,
        pin_required: client.pin_required,
        contacts: contacts(list)?,
        at: Some(at),
    })
}
