//! The body of a webhook, parsed to what a use case takes. Unknown fields are ignored.

use serde::Deserialize;
use serde_json::Value;

use crate::domain::id::ClientId;
use crate::domain::timestamp::Timestamp;
use crate::http::api::wire::{AgentBody, ContactBody, client_id, contacts, surface};
use crate::http::body;
use crate::http::problem::{Code, Problem};
use crate::usecase::client::put_client::Told;
use crate::usecase::client::take_webhook::Webhook;

/// The types that are understood.
const TYPES: [&str; 4] = ["verification.requested", "pin.requested", "client.updated", "client.removed"];

#[derive(Deserialize)]
struct Envelope {
    r#type: String,
    timestamp: Timestamp,
    #[serde(default)]
    data: Value,
}

#[derive(Deserialize)]
struct ClientBody {
    id: String,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    created_at: Option<Timestamp>,
}

#[derive(Deserialize)]
struct Requested {
    surface: String,
    client: ClientBody,
    contacts: Vec<ContactBody>,
    agent: AgentBody,
}

#[derive(Deserialize)]
struct Updated {
    client: ClientBody,
    contacts: Vec<ContactBody>,
}

#[derive(Deserialize)]
struct Removed {
    client: ClientBody,
}

/// Parses a webhook whose signature is right.
///
/// # Errors
/// `invalid_request`, `unknown_value`, `contact_invalid`
pub fn parse(bytes: &[u8]) -> Result<Webhook, Problem> {
    let envelope: Envelope = body::json(bytes)?;
    let data = serde_json::to_vec(&envelope.data).unwrap_or_default();
    match envelope.r#type.as_str() {
        "verification.requested" => {
            let data: Requested = body::json_at("data", &data)?;
            let surface = surface(&data.surface)?;
            let agent = data.agent.parse()?;
            let told = told(data.client, &data.contacts, envelope.timestamp)?;
            Ok(Webhook::VerificationRequested { surface, told, agent })
        }
        "client.updated" => {
            let data: Updated = body::json_at("data", &data)?;
            Ok(Webhook::ClientUpdated { told: told(data.client, &data.contacts, envelope.timestamp)? })
        }
        "client.removed" => {
            let data: Removed = body::json_at("data", &data)?;
            Ok(Webhook::ClientRemoved { client: client_id(&data.client.id)?, at: envelope.timestamp })
        }
        "pin.requested" => Err(Problem::new(Code::PinDisabled).detail("security PINs are not offered yet")),
        _ => Err(Problem::unknown_value("type", &TYPES)),
    }
}

fn told(client: ClientBody, list: &[ContactBody], at: Timestamp) -> Result<Told, Problem> {
    let id: ClientId = client_id(&client.id)?;
    let name = client.name.unwrap_or_else(|| id.as_str().to_owned());
    let name = crate::domain::agent::clean(&name);
    Ok(Told { id, name, created_at: client.created_at, contacts: contacts(list)?, at: Some(at) })
}
