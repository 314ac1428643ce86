//! What callers get: a client, a challenge with its messages, a verification.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::domain::challenge::State;
use crate::domain::channel::Channel;
use crate::domain::client::{Assurance, Client, Method, Named, Verified};
use crate::domain::contact::Contact;
use crate::domain::message::Message;
use crate::domain::status::NamedAgent;
use crate::domain::surface::Surface;
use crate::domain::timestamp::Timestamp;
use crate::usecase::client::dispatch::Answer;

/// A message, its destination masked.
#[derive(Serialize)]
pub struct MessageShape {
    id: String,
    channel: Channel,
    to: String,
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    /// Since when it is so.
    at: Timestamp,
}

impl From<&Message> for MessageShape {
    fn from(message: &Message) -> Self {
        Self {
            id: message.id.to_string(),
            channel: message.channel,
            to: message.masked.clone(),
            state: message.state.as_str(),
            detail: message.detail.clone(),
            at: message.changed_at,
        }
    }
}

/// A challenge.
#[derive(Serialize)]
pub struct ChallengeShape {
    id: String,
    state: State,
    contact: String,
    expires_at: Timestamp,
    resend_at: Timestamp,
    tries_left: u32,
    messages: Vec<MessageShape>,
}

impl From<&Answer> for ChallengeShape {
    fn from(answer: &Answer) -> Self {
        let challenge = &answer.challenge;
        Self {
            id: challenge.id.to_string(),
            state: answer.state,
            contact: challenge.contact.as_str().to_owned(),
            expires_at: challenge.expires_at,
            resend_at: challenge.resend_at,
            tries_left: answer.tries_left,
            messages: answer.messages.iter().map(MessageShape::from).collect(),
        }
    }
}

/// A proof.
#[derive(Serialize)]
pub struct VerificationShape {
    method: Method,
    channels: Vec<Channel>,
    assurance: Assurance,
    contact: Named,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent: Option<NamedAgent>,
    #[serde(skip_serializing_if = "Option::is_none")]
    surface: Option<Surface>,
    verified_at: Timestamp,
    expires_at: Timestamp,
}

impl From<Verified> for VerificationShape {
    fn from(verified: Verified) -> Self {
        Self {
            method: verified.method,
            channels: verified.channels,
            assurance: verified.assurance,
            contact: verified.contact,
            agent: verified.agent.map(|a| NamedAgent { id: a.id.as_str().to_owned(), name: a.name }),
            surface: verified.surface,
            verified_at: verified.at,
            expires_at: verified.until,
        }
    }
}

/// A client, as the host told it.
#[derive(Serialize)]
pub struct ClientShape<'a> {
    id: &'a str,
    name: &'a str,
    created_at: Timestamp,
    contacts: Vec<Map<String, Value>>,
}

impl<'a> From<&'a Client> for ClientShape<'a> {
    fn from(client: &'a Client) -> Self {
        Self {
            id: client.id.as_str(),
            name: &client.name,
            created_at: client.created_at,
            contacts: client.contacts.iter().map(set_fields).collect(),
        }
    }
}

/// The contact's own fields, those that are not set left out.
fn set_fields(contact: &Contact) -> Map<String, Value> {
    let value = serde_json::to_value(contact).unwrap_or_default();
    let fields = value.as_object().cloned().unwrap_or_default();
    fields.into_iter().filter(|(_, value)| !value.is_null()).collect()
}
