//! What the host is told of a guest, by `GET` and in pushes: never a whole number or address, a link or a code.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::challenge::State;
use crate::domain::contact::{Email, Phone};
use crate::domain::id::{ContactId, DocumentId, SessionId, SigningId};
use crate::domain::locale::Locale;
use crate::domain::message::{Message, MessageView};
use crate::domain::timestamp::Timestamp;

use super::{Guest, GuestId, Matter, Method, Standing};

macro_rules! states {
    ($(#[$doc:meta])* $name:ident { $($state:ident $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($state),* }

        impl $name {
            pub const ALL: &[Self] = &[$(Self::$state),*];

            /// The name in the API.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$state => $word),* }
            }
        }

        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
    };
}

states! {
    /// How far a signer is.
    SigningState {
        Open "open",
        CodeSent "code_sent",
        Verified "verified",
        Locked "locked",
    }
}

states! {
    /// How far a participant is.
    ParticipantState {
        Invited "invited",
        Arrived "arrived",
        CodeSent "code_sent",
        Verified "verified",
        Locked "locked",
        Left "left",
    }
}

/// A document, by your own id.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Document)]
pub struct Named {
    #[schema(value_type = DocumentId)]
    pub id: DocumentId,
    pub name: String,
}

/// The signer, their numbers masked.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = SignerShown)]
pub struct SignerView {
    id: ContactId,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    mobile: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    locale: Option<Locale>,
}

/// A signing: one signer of one document. The link is told once, when it is made.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Signing)]
pub struct SigningView {
    pub id: SigningId,
    pub state: SigningState,
    document: Named,
    signer: SignerView,
    created_at: Timestamp,
    /// When the last right code was typed.
    #[serde(skip_serializing_if = "Option::is_none")]
    verified_at: Option<Timestamp>,
    /// How that code had come.
    #[serde(skip_serializing_if = "Option::is_none")]
    method: Option<Method>,
    /// With `locked`, where more than the code is: until when.
    #[serde(skip_serializing_if = "Option::is_none")]
    locked_until: Option<Timestamp>,
    /// Until when the access code that was told can be typed, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    access_code_expires_at: Option<Timestamp>,
    /// Those of the newest code.
    messages: Vec<MessageView>,
}

/// One participant of a session.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Participant)]
pub struct ParticipantView {
    #[schema(value_type = SessionId)]
    session: SessionId,
    id: ContactId,
    name: String,
    role: String,
    pub state: ParticipantState,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mobile: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    locale: Option<Locale>,
    /// When they reached the page for the code.
    #[serde(skip_serializing_if = "Option::is_none")]
    arrived_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    verified_at: Option<Timestamp>,
    /// How the code that was typed had come.
    #[serde(skip_serializing_if = "Option::is_none")]
    method: Option<Method>,
    #[serde(skip_serializing_if = "Option::is_none")]
    locked_until: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    left_at: Option<Timestamp>,
    /// The newest invitation's, and those of the newest code.
    messages: Vec<MessageView>,
}

/// The moment that a guest is looked at, and in which epoch.
#[derive(Clone, Copy, Debug)]
pub struct When {
    pub now: Timestamp,
    pub epoch: i64,
}

impl Guest {
    fn is_locked(&self, at: When) -> bool {
        let code = self.standing.unsettled();
        let of_code = code.is_some_and(|out| out.state(at.now, at.epoch) == State::Locked);
        of_code || self.locked_until(at.now).is_some()
    }

    fn has_code(&self, at: When) -> bool {
        let live = Standing::live(self.standing.unsettled(), at.now, at.epoch);
        live.is_some_and(|out| out.channel.is_some())
    }

    /// How far a signer is.
    pub fn signing_state(&self, at: When) -> SigningState {
        match () {
            () if self.is_locked(at) => SigningState::Locked,
            () if self.has_code(at) => SigningState::CodeSent,
            () if self.standing.verified.is_some() => SigningState::Verified,
            () => SigningState::Open,
        }
    }

    /// How far a participant is.
    pub fn participant_state(&self, at: When) -> ParticipantState {
        match () {
            () if self.standing.left_at.is_some() => ParticipantState::Left,
            () if self.is_locked(at) => ParticipantState::Locked,
            () if self.has_code(at) => ParticipantState::CodeSent,
            () if self.standing.verified.is_some() => ParticipantState::Verified,
            () if self.standing.arrived_at.is_some() => ParticipantState::Arrived,
            () => ParticipantState::Invited,
        }
    }

    /// A signing as the host is told of it; `None` for a participant.
    pub fn signing_view(&self, at: When, messages: &[Message]) -> Option<SigningView> {
        let GuestId::Signing(id) = &self.id else { return None };
        let Matter::Signing { document, document_name, .. } = &self.matter else { return None };
        let told = Standing::live(self.standing.told.as_ref(), at.now, at.epoch);
        let person = &self.person;
        Some(SigningView {
            id: id.clone(),
            state: self.signing_state(at),
            document: Named { id: document.clone(), name: document_name.clone() },
            signer: SignerView {
                id: person.id.clone(),
                name: person.name.clone(),
                mobile: person.mobile.as_ref().map(Phone::masked),
                phone: person.phone.as_ref().map(Phone::masked),
                locale: person.locale,
            },
            created_at: self.created_at,
            verified_at: self.standing.verified.map(|verified| verified.at),
            method: self.standing.verified.map(|verified| verified.method),
            locked_until: self.locked_until(at.now),
            access_code_expires_at: told.map(|told| told.expires_at),
            messages: messages.iter().map(MessageView::from).collect(),
        })
    }

    /// A participant as the host is told of them; `None` for a signer.
    pub fn participant_view(&self, at: When, messages: &[Message]) -> Option<ParticipantView> {
        let person = &self.person;
        Some(ParticipantView {
            session: self.matter.session()?.clone(),
            id: person.id.clone(),
            name: person.name.clone(),
            role: person.role.clone(),
            state: self.participant_state(at),
            email: person.email.as_ref().map(Email::masked),
            mobile: person.mobile.as_ref().map(Phone::masked),
            locale: person.locale,
            arrived_at: self.standing.arrived_at,
            verified_at: self.standing.verified.map(|verified| verified.at),
            method: self.standing.verified.map(|verified| verified.method),
            locked_until: self.locked_until(at.now),
            left_at: self.standing.left_at,
            messages: messages.iter().map(MessageView::from).collect(),
        })
    }

    /// The challenges whose messages are shown: the link's, and the newest code's.
    pub fn shown(&self) -> Vec<crate::domain::id::ChallengeId> {
        let code = self.standing.code.as_ref().map(|out| out.challenge.clone());
        self.standing.link.iter().cloned().chain(code).collect()
    }
}
