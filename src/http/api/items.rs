//! What lists are made of: pushes, messages, entries of the audit log. What is not set is left out.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::domain::channel::Channel;
use crate::domain::event::EventType;
use crate::domain::id::{AuditId, ChallengeId, ClientId, ContactId, EventId, MessageId};
use crate::domain::message::{Message, MessageState, Purpose};
use crate::domain::page::{ListedEntry, ListedEvent};
use crate::domain::timestamp::Timestamp;
use crate::http::document::{ActorKind, EventState};

/// One push to the host and what became of it.
#[derive(Serialize, ToSchema)]
#[schema(as = Event)]
pub struct EventItem<'a> {
    #[schema(value_type = EventId)]
    id: &'a str,
    #[schema(value_type = EventType)]
    r#type: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(value_type = ClientId)]
    client: &'a str,
    #[schema(value_type = EventState)]
    state: &'a str,
    /// How often it was posted.
    attempts: u32,
    /// The HTTP status of your last answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_status: Option<i32>,
    /// Why the last attempt came to no answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_error: Option<&'a str>,
    created_at: Timestamp,
    /// Since when it is so.
    at: Timestamp,
    /// When it is tried next.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_at: Option<Timestamp>,
}

impl<'a> From<&'a ListedEvent> for EventItem<'a> {
    fn from(event: &'a ListedEvent) -> Self {
        Self {
            id: &event.id,
            r#type: &event.kind,
            client: &event.client,
            state: &event.state,
            attempts: event.attempts,
            last_status: event.last_status,
            last_error: event.last_error.as_deref().filter(|text| !text.is_empty()),
            created_at: event.created_at,
            at: event.changed_at,
            next_at: event.next_at,
        }
    }
}

/// One email or text and what became of it.
#[derive(Serialize, ToSchema)]
#[schema(as = SentMessage)]
pub struct MessageItem<'a> {
    #[schema(value_type = MessageId)]
    id: &'a MessageId,
    #[schema(value_type = ChallengeId)]
    challenge: &'a ChallengeId,
    /// Left out where it went to a user who signs in.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<ClientId>)]
    client: Option<&'a ClientId>,
    #[schema(value_type = ContactId)]
    contact: &'a ContactId,
    purpose: Purpose,
    channel: Channel,
    /// Where it went, masked.
    to: &'a str,
    state: MessageState,
    /// Why it failed or was dropped, in one word.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'a str>,
    /// How often it was handed to a provider.
    attempts: u32,
    created_at: Timestamp,
    /// Since when it is so.
    at: Timestamp,
}

impl<'a> From<&'a Message> for MessageItem<'a> {
    fn from(message: &'a Message) -> Self {
        Self {
            id: &message.id,
            challenge: &message.challenge,
            client: (!message.purpose.is_to_user()).then_some(&message.client),
            contact: &message.contact,
            purpose: message.purpose,
            channel: message.channel,
            to: &message.masked,
            state: message.state,
            detail: message.detail.as_deref().filter(|text| !text.is_empty()),
            attempts: message.attempts,
            created_at: message.created_at,
            at: message.changed_at,
        }
    }
}

/// Who acted.
#[derive(Serialize, ToSchema)]
#[schema(as = Actor)]
struct ActorItem<'a> {
    #[schema(value_type = ActorKind)]
    kind: &'a str,
    /// Your id of the agent or contact, or ours of the key or secret.
    #[serde(skip_serializing_if = "str::is_empty")]
    id: &'a str,
}

/// One entry of the audit log.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditEntry)]
pub struct EntryItem<'a> {
    #[schema(value_type = AuditId)]
    id: &'a str,
    at: Timestamp,
    actor: ActorItem<'a>,
    /// The address of the caller, or the part of the service.
    #[serde(skip_serializing_if = "str::is_empty")]
    from: &'a str,
    /// What was done, as `noun.verb`.
    action: &'a str,
    /// To which client.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(value_type = ClientId)]
    client: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(value_type = ContactId)]
    contact: &'a str,
    /// The id of the challenge, message or key it was about.
    #[serde(skip_serializing_if = "str::is_empty")]
    object: &'a str,
    /// What came of it, in one word.
    #[serde(skip_serializing_if = "str::is_empty")]
    outcome: &'a str,
    /// What else an auditor needs.
    #[serde(skip_serializing_if = "Value::is_null")]
    #[schema(value_type = Object)]
    detail: Value,
}

impl<'a> From<&'a ListedEntry> for EntryItem<'a> {
    fn from(entry: &'a ListedEntry) -> Self {
        Self {
            id: &entry.id,
            at: entry.at,
            actor: ActorItem { kind: &entry.actor_kind, id: &entry.actor },
            from: &entry.from,
            action: &entry.action,
            client: &entry.client,
            contact: &entry.contact,
            object: &entry.object,
            outcome: &entry.outcome,
            detail: serde_json::from_str(&entry.detail).unwrap_or_default(),
        }
    }
}
