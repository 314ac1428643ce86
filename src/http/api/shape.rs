//! What callers get: a client, a challenge with its messages, a verification.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::challenge::State;
use crate::domain::channel::Channel;
use crate::domain::client::{Assurance, Client, Method, Named, Verified};
use crate::domain::contact::{Contact, Email, Phone};
use crate::domain::id::{ChallengeId, ClientId, ContactId};
use crate::domain::locale::Locale;
pub use crate::domain::message::MessageView as MessageShape;
use crate::domain::status::NamedAgent;
use crate::domain::surface::Surface;
use crate::domain::timestamp::Timestamp;
use crate::usecase::client::dispatch::Answer;

/// A code that was asked for. The code itself is never part of an answer.
#[derive(Serialize, ToSchema)]
#[schema(as = Challenge)]
pub struct ChallengeShape {
    id: ChallengeId,
    state: State,
    contact: ContactId,
    /// Until when the code can be entered.
    expires_at: Timestamp,
    /// From when on it can be sent again.
    resend_at: Timestamp,
    /// Wrong codes that can still be entered.
    tries_left: u32,
    /// One a channel, and one more each time it is sent again.
    messages: Vec<MessageShape>,
}

impl From<&Answer> for ChallengeShape {
    fn from(answer: &Answer) -> Self {
        let challenge = &answer.challenge;
        Self {
            id: challenge.id.clone(),
            state: answer.state,
            contact: challenge.contact.clone(),
            expires_at: challenge.expires_at,
            resend_at: challenge.resend_at,
            tries_left: answer.tries_left,
            messages: answer.messages.iter().map(MessageShape::from).collect(),
        }
    }
}

/// A proof: who was verified, by whom, and until when it holds.
#[derive(Serialize, ToSchema)]
#[schema(as = Verification)]
pub struct VerificationShape {
    method: Method,
    /// What carried the code.
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

/// A client, as you told it.
#[derive(Serialize, ToSchema)]
#[schema(as = Client)]
pub struct ClientShape<'a> {
    #[schema(value_type = ClientId)]
    id: &'a ClientId,
    name: &'a str,
    created_at: Timestamp,
    /// That this client must have a security PIN, whatever its age.
    #[serde(skip_serializing_if = "Option::is_none")]
    pin_required: Option<bool>,
    contacts: Vec<ContactShape<'a>>,
}

impl<'a> From<&'a Client> for ClientShape<'a> {
    fn from(client: &'a Client) -> Self {
        Self {
            id: &client.id,
            name: &client.name,
            created_at: client.created_at,
            pin_required: client.standing.pin.required.then_some(true),
            contacts: client.contacts.iter().map(ContactShape::from).collect(),
        }
    }
}

/// A contact with all that is known of them.
#[derive(Serialize, ToSchema)]
#[schema(as = ListedContact)]
struct ContactShape<'a> {
    #[schema(value_type = ContactId)]
    id: &'a ContactId,
    name: &'a str,
    role: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    email: Option<&'a Email>,
    /// In E.164.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    mobile: Option<&'a Phone>,
    /// In E.164.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    phone: Option<&'a Phone>,
    #[serde(skip_serializing_if = "Option::is_none")]
    locale: Option<Locale>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email_changed_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mobile_changed_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone_changed_at: Option<Timestamp>,
}

impl<'a> From<&'a Contact> for ContactShape<'a> {
    fn from(contact: &'a Contact) -> Self {
        Self {
            id: &contact.id,
            name: &contact.name,
            role: &contact.role,
            email: contact.email.as_ref(),
            mobile: contact.mobile.as_ref(),
            phone: contact.phone.as_ref(),
            locale: contact.locale,
            email_changed_at: contact.email_changed_at,
            mobile_changed_at: contact.mobile_changed_at,
            phone_changed_at: contact.phone_changed_at,
        }
    }
}
