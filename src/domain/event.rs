//! What the host is told: the types of events and the body of each.
//!
//! The body is built once, when it happens; an attempt only signs it.

use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::channel::Channel;
use super::guest::{Guest, GuestId, When};
use super::id::{ChallengeId, ClientId, ContactId, EventId, MessageId, SessionId, SigningId};
use super::login::UserView;
use super::login::trust::DeviceView;
use super::message::{Message, MessageState};
use super::status::Status;
use super::timestamp::Timestamp;

/// A type of event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventType {
    CodeSent,
    CodeExpired,
    Cancelled,
    Verified,
    /// A wrong try.
    Failed,
    Locked,
    /// The hour is over.
    Expired,
    Revoked,
    Reported,
    MessageDelivered,
    MessageFailed,
    PinLinkSent,
    PinSet,
    PinLocked,
    SigningVerified,
    SigningLocked,
    SigningNumberChanged,
    ParticipantArrived,
    ParticipantVerified,
    ParticipantLocked,
    ParticipantLeft,
    UserEnrolled,
    UserChanged,
    UserReset,
    DeviceTrusted,
    DeviceRevoked,
}

impl EventType {
    pub const ALL: [Self; 26] = [
        Self::CodeSent,
        Self::CodeExpired,
        Self::Cancelled,
        Self::Verified,
        Self::Failed,
        Self::Locked,
        Self::Expired,
        Self::Revoked,
        Self::Reported,
        Self::MessageDelivered,
        Self::MessageFailed,
        Self::PinLinkSent,
        Self::PinSet,
        Self::PinLocked,
        Self::SigningVerified,
        Self::SigningLocked,
        Self::SigningNumberChanged,
        Self::ParticipantArrived,
        Self::ParticipantVerified,
        Self::ParticipantLocked,
        Self::ParticipantLeft,
        Self::UserEnrolled,
        Self::UserChanged,
        Self::UserReset,
        Self::DeviceTrusted,
        Self::DeviceRevoked,
    ];

    /// The `type` of the body.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CodeSent => "verification.code_sent",
            Self::CodeExpired => "verification.code_expired",
            Self::Cancelled => "verification.cancelled",
            Self::Verified => "verification.verified",
            Self::Failed => "verification.failed",
            Self::Locked => "verification.locked",
            Self::Expired => "verification.expired",
            Self::Revoked => "verification.revoked",
            Self::Reported => "verification.reported",
            Self::MessageDelivered => "message.delivered",
            Self::MessageFailed => "message.failed",
            Self::PinLinkSent => "pin.link_sent",
            Self::PinSet => "pin.set",
            Self::PinLocked => "pin.locked",
            Self::SigningVerified => "signing.verified",
            Self::SigningLocked => "signing.locked",
            Self::SigningNumberChanged => "signing.number_changed",
            Self::ParticipantArrived => "participant.arrived",
            Self::ParticipantVerified => "participant.verified",
            Self::ParticipantLocked => "participant.locked",
            Self::ParticipantLeft => "participant.left",
            Self::UserEnrolled => "user.enrolled",
            Self::UserChanged => "user.changed",
            Self::UserReset => "user.reset",
            Self::DeviceTrusted => "device.trusted",
            Self::DeviceRevoked => "device.revoked",
        }
    }
}

/// An event on its way.
#[derive(Clone, Debug)]
pub struct Event {
    pub id: EventId,
    pub kind: EventType,
    /// Whom it is about: a client, or the guest that stands in its place.
    pub about: String,
    pub at: Timestamp,
    /// The exact bytes that are posted.
    pub body: Vec<u8>,
}

#[derive(Serialize)]
struct Body<T> {
    r#type: &'static str,
    timestamp: Timestamp,
    data: T,
}

fn event(id: EventId, kind: EventType, about: &str, at: Timestamp, data: Value) -> Event {
    let body = Body { r#type: kind.as_str(), timestamp: at, data };
    // A tree of strings and numbers always serialises.
    let body = serde_json::to_vec(&body).unwrap_or_default();
    Event { id, kind, about: about.to_owned(), at, body }
}

/// A `verification.` or `pin.` event: the status, and the challenge it is about.
pub fn verification(
    id: EventId,
    kind: EventType,
    at: Timestamp,
    status: &Status,
    challenge: Option<&ChallengeId>,
) -> Event {
    let mut data = serde_json::to_value(status).unwrap_or_default();
    if let (Some(challenge), Value::Object(fields)) = (challenge, &mut data) {
        fields.insert("challenge".into(), json!(challenge));
    }
    event(id, kind, status.client.as_str(), at, data)
}

/// What a `message.` event says of the message.
#[derive(Serialize, ToSchema)]
pub struct MessageNews<'a> {
    #[schema(value_type = MessageId)]
    id: &'a MessageId,
    channel: Channel,
    state: MessageState,
    /// Why it failed, in one word.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'a str>,
}

/// What became of one message: to a client's contact, to a signer or to a participant of a session.
#[derive(Serialize, ToSchema)]
pub struct MessageReport<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<ClientId>)]
    client: Option<&'a ClientId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<SigningId>)]
    signing: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<SessionId>)]
    session: Option<&'a SessionId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<ContactId>)]
    participant: Option<&'a ContactId>,
    #[schema(value_type = ChallengeId)]
    challenge: &'a ChallengeId,
    message: MessageNews<'a>,
}

/// The `message.` event of a message in its present state, where that is news to the host. `guest` is whom it goes to, if
/// that is one.
pub fn message(id: EventId, message: &Message, guest: Option<&Guest>) -> Option<Event> {
    // A text or an email to a user is between them and the service: the host hears what came of it.
    if message.purpose.is_to_user() {
        return None;
    }
    let kind = match message.state {
        MessageState::Delivered => EventType::MessageDelivered,
        MessageState::Failed => EventType::MessageFailed,
        MessageState::Queued | MessageState::Sent | MessageState::Dropped => return None,
    };
    let news = MessageNews {
        id: &message.id,
        channel: message.channel,
        state: message.state,
        detail: message.detail.as_deref(),
    };
    let session = guest.and_then(|guest| guest.matter.session());
    let data = MessageReport {
        client: (!message.purpose.is_to_guest()).then_some(&message.client),
        signing: message
            .guest()
            .is_some_and(|id| matches!(id, GuestId::Signing(_)))
            .then_some(message.client.as_str()),
        session,
        participant: session.map(|_| &message.contact),
        challenge: &message.challenge,
        message: news,
    };
    Some(event(id, kind, message.client.as_str(), message.changed_at, json!(data)))
}

/// A `user.` event: the user as `GET` gives them.
pub fn user(id: EventId, kind: EventType, user: &UserView, at: Timestamp) -> Event {
    event(id, kind, user.id.as_str(), at, json!(user))
}

/// A `device.` event: the device as `GET` gives it.
pub fn device(id: EventId, kind: EventType, device: &DeviceView, at: Timestamp) -> Event {
    event(id, kind, device.user.as_str(), at, json!(device))
}

/// A `signing.` or `participant.` event: the signing or the participant as `GET` gives them.
pub fn guest(id: EventId, kind: EventType, guest: &Guest, at: When, messages: &[Message]) -> Event {
    let data = match guest.signing_view(at, messages) {
        Some(signing) => json!(signing),
        None => json!(guest.participant_view(at, messages)),
    };
    event(id, kind, guest.id.as_str(), at.now, data)
}
