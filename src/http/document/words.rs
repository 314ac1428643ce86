//! How the domain's own words, identifiers and times stand in the document: each set of words is the domain's table
//! of it, none is written down here again.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::{Value, json};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{KnownFormat, Object, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::{PartialSchema, ToSchema};

use crate::domain::audit::Actor;
use crate::domain::challenge::{self, Verdict};
use crate::domain::channel::Channel;
use crate::domain::client::{Assurance, Method};
use crate::domain::event::EventType;
use crate::domain::guest::{self, ParticipantState, SigningState};
use crate::domain::id::{
    AgentId, AuditId, ChallengeId, ClientId, ContactId, DeviceId, DocumentId, EventId, LoginId, MessageId,
    SessionId, SigningId, TenantId, UserId,
};
use crate::domain::locale::Locale;
use crate::domain::login::{self, Decision, UserState};
use crate::domain::message::{MessageState, Purpose};
use crate::domain::page::EVENT_STATES;
use crate::domain::pin::tries;
use crate::domain::session::SessionState;
use crate::domain::status::{self, PinState, Requirement, Tone};
use crate::domain::surface::Surface;
use crate::domain::timestamp::Timestamp;
use crate::http::problem::Code;

/// Text of neither only spaces nor with control characters.
const HOST_TEXT: &str = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$";

/// A language that a caller asks for: a longer tag counts by its first part.
pub struct LanguageTag;
/// What a push can be, in lists.
pub struct EventState;
/// Who is on the record.
pub struct ActorKind;

fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

fn one_of<T: Serialize>(words: &[T], meaning: &str) -> Object {
    let words = words.iter().map(|word| json!(word)).collect::<Vec<Value>>();
    text().enum_values(Some(words)).description(Some(meaning)).build()
}

macro_rules! schemas {
    ($($type:ty, $name:literal, $schema:expr;)*) => {$(
        impl PartialSchema for $type {
            fn schema() -> RefOr<Schema> {
                RefOr::T(Schema::Object($schema))
            }
        }

        impl ToSchema for $type {
            fn name() -> Cow<'static, str> {
                Cow::Borrowed($name)
            }
        }
    )*};
}

schemas! {
    Surface, "Surface", one_of(&Surface::ALL, "The screen of the CRM that carries the button.");
    Channel, "Channel", one_of(&Channel::ALL, "One way to reach a person.");
    Locale, "Locale", one_of(&Locale::ALL, "A language of messages and screens.");
    status::State, "StatusState", one_of(&status::State::ALL, "Where a client's verification stands.");
    Tone, "ButtonTone", one_of(&Tone::ALL, "How the button looks.");
    SigningState, "SigningState", one_of(SigningState::ALL, "How far a signer is.");
    ParticipantState, "ParticipantState", one_of(ParticipantState::ALL, "How far a participant is.");
    SessionState, "SessionState", one_of(&SessionState::ALL, "Whether a session runs.");
    guest::Method, "ProofMethod", one_of(
        &guest::Method::ALL,
        "How the code that was typed had come; `told` is an access code, `agent` a code that the session's agent looked at."
    );
    UserState, "UserState", one_of(UserState::ALL, "How far a user is with the second step.");
    Decision, "LoginDecision", one_of(
        Decision::ALL,
        "What a user does after the password: nothing more, prove who they are, or set a second step up."
    );
    login::Method, "LoginMethod", one_of(
        login::Method::ALL,
        "By what a user signed in; `later` is the password alone, while the second step is still to be set up."
    );
    PinState, "PinState", one_of(&PinState::ALL, "Whether the client has a security PIN.");
    Requirement, "Requirement", one_of(&Requirement::ALL, "What a tenant demands of a client.");
    Method, "Method", one_of(&Method::ALL, "How somebody proved to be the client.");
    Assurance, "Assurance", one_of(
        &Assurance::ALL,
        "How much the proof is worth: `phone` only if no email carried the code, else `contact`; `pin` for a PIN."
    );
    challenge::State, "ChallengeState", one_of(
        &challenge::State::ALL,
        "What the code has come to. Only an `active` one can still be checked."
    );
    MessageState, "MessageState", one_of(
        &MessageState::ALL,
        "What became of a message; `dropped` was not sent, because nobody should get it any more."
    );
    Purpose, "Purpose", one_of(&Purpose::ALL, "What the message says.");
    tries::Verdict, "PinCheckResult", one_of(
        &tries::Verdict::ALL.map(tries::Verdict::as_str),
        "What the check of a PIN came to; `not_set` is a client without one."
    );
    Verdict, "CheckResult", one_of(&Verdict::ALL.map(Verdict::as_str), "What the check came to.");
    EventType, "EventType", one_of(&EventType::ALL.map(EventType::as_str), "What happened.");
    EventState, "EventState", one_of(
        &EVENT_STATES,
        "What became of the push; a `parked` one was tried for about three days and waits for a replay."
    );
    ActorKind, "ActorKind", one_of(&Actor::KINDS, "Who acted.");
    Code, "ErrorCode", one_of(
        &Code::ALL.iter().map(|code| code.as_str()).collect::<Vec<_>>(),
        "A stable word for what is wrong.");
    ClientId, "ClientId", host_id("A client, by your own id.", "lead-10482");
    ContactId, "ContactId", host_id("A contact of a client, by your own id.", "c-1");
    SigningId, "SigningId", own_id(SigningId::PREFIX, "One signer of one document.");
    SessionId, "SessionId", host_id("A live session, by your own id.", "ses-7");
    UserId, "UserId", host_id("A user of your CRM who signs in, by your own id.", "u-77");
    LoginId, "LoginId", own_id(LoginId::PREFIX, "One sign-in of a user.");
    DeviceId, "DeviceId", own_id(DeviceId::PREFIX, "One browser that a user trusts.");
    DocumentId, "DocumentId", host_id("A document, by your own id.", "doc-7");
    AgentId, "AgentId", host_id("A user of the CRM, by your own id.", "u-77");
    ChallengeId, "ChallengeId", own_id(ChallengeId::PREFIX, "A code that was asked for.");
    MessageId, "MessageId", own_id(MessageId::PREFIX, "One email, text or call.");
    EventId, "EventId", own_id(EventId::PREFIX, "One push, also its `webhook-id`.");
    AuditId, "AuditId", own_id(AuditId::PREFIX, "One entry of the audit log.");
    TenantId, "TenantId", text()
        .pattern(Some("^[a-z0-9_-]{1,64}$"))
        .description(Some("A company on your CRM, as the service's operator set it up."))
        .examples([json!("cornerstone")])
        .build();
    LanguageTag, "LanguageTag", text()
        .pattern(Some(r"^([eE][nN]|[eE][sS])([-_].*)?$"))
        .description(Some("`en` or `es`, or a longer tag by its first part: `es-MX` is Spanish."))
        .examples([json!("es")])
        .build();
    Timestamp, "Timestamp", text()
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
        .description(Some("A moment as RFC 3339 has it; answers are in UTC."))
        .examples([json!("2026-11-20T15:04:05Z")])
        .build();
}

fn host_id(meaning: &str, example: &str) -> Object {
    text()
        .min_length(Some(1))
        .max_length(Some(200))
        .pattern(Some(HOST_TEXT))
        .description(Some(meaning))
        .examples([json!(example)])
        .build()
}

fn own_id(prefix: &str, meaning: &str) -> Object {
    text()
        .pattern(Some(format!("^{prefix}[0-9a-hjkmnp-tv-z]{{26}}$")))
        .description(Some(meaning))
        .examples([json!(format!("{prefix}01m7wdnw5735zsyyz7vsg7b412"))])
        .build()
}
