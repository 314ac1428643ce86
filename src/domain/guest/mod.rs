//! A guest: a person whom the host named, who opens a page by a link of their own and types a code there.
//!
//! A signer is one and so is a participant of a session; what they share is here, what only one of them has is in
//! `signing` and `session`. Like a client, a guest is one row that a transaction locks.

mod plan;
mod standing;
mod view;

use std::fmt;

use serde::{Deserialize, Serialize};

use super::agent::Agent;
use super::channel::Channel;
use super::contact::Contact;
use super::id::{BadId, DocumentId, ParticipantId, SessionId, SigningId};
use super::locale::Locale;
use super::policy::CodeRules;
use super::return_url::ReturnUrl;
use super::tenant::Tenant;
use super::timestamp::Timestamp;
use super::workflow::Workflow;

pub use plan::{code_destination, may_ask, may_send, plan_code, plan_invitation, way_in};
pub use standing::{Method, Out, Standing, Verified};
pub use view::{ParticipantState, ParticipantView, SigningState, SigningView, When};

/// A guest, in our own words.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum GuestId {
    Signing(SigningId),
    Participant(ParticipantId),
}

impl GuestId {
    /// # Errors
    /// Text that is neither.
    pub fn parse(text: &str) -> Result<Self, BadId> {
        SigningId::parse(text)
            .map(Self::Signing)
            .or_else(|_| ParticipantId::parse(text).map(Self::Participant))
    }

    pub fn as_str(&self) -> &str {
        match self {
            Self::Signing(id) => id.as_str(),
            Self::Participant(id) => id.as_str(),
        }
    }

    /// Whom a guest's link is about: never the same as whom their code is about.
    pub fn of_link(&self) -> String {
        format!("{self}{LINK}")
    }

    /// The guest whom a link is about.
    pub fn from_link(subject: &str) -> Option<Self> {
        Self::parse(subject.strip_suffix(LINK)?).ok()
    }
}

const LINK: &str = "/link";

impl fmt::Display for GuestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for GuestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a guest is asked to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Matter {
    /// To open a document.
    Signing { document: DocumentId, document_name: String, return_url: ReturnUrl },
    /// To join a session, which they are invited to by this channel.
    Session {
        session: SessionId,
        invite_by: Channel,
        agent: Agent,
        starts_at: Option<Timestamp>,
        return_url: ReturnUrl,
    },
}

impl Matter {
    pub fn workflow(&self) -> Workflow {
        match self {
            Self::Signing { .. } => Workflow::Signer,
            Self::Session { .. } => Workflow::Session,
        }
    }

    pub fn return_url(&self) -> &ReturnUrl {
        match self {
            Self::Signing { return_url, .. } | Self::Session { return_url, .. } => return_url,
        }
    }

    /// The session, where it is one.
    pub fn session(&self) -> Option<&SessionId> {
        match self {
            Self::Signing { .. } => None,
            Self::Session { session, .. } => Some(session),
        }
    }
}

/// A guest as they are kept.
#[derive(Clone, Debug)]
pub struct Guest {
    pub id: GuestId,
    /// Whom the host named, with the details that it named.
    pub person: Contact,
    pub matter: Matter,
    pub standing: Standing,
    pub created_at: Timestamp,
    /// When the link ends by itself.
    pub ends_at: Timestamp,
}

impl Guest {
    /// The language that they are written and spoken to in.
    pub fn locale(&self, tenant: &Tenant) -> Locale {
        self.person.locale.unwrap_or(tenant.default_locale)
    }

    /// The rules of their codes.
    pub fn rules<'a>(&self, tenant: &'a Tenant) -> &'a CodeRules {
        match self.matter {
            Matter::Signing { .. } => &tenant.policy.signer.code,
            Matter::Session { .. } => &tenant.policy.session.code,
        }
    }

    /// Whether an access code may be told to them.
    pub fn takes_access_codes(&self, tenant: &Tenant) -> bool {
        matches!(self.matter, Matter::Signing { .. }) && tenant.policy.signer.access_code
    }

    /// Until when they are locked, whatever code they have.
    pub fn locked_until(&self, now: Timestamp) -> Option<Timestamp> {
        self.standing.throttle.locked_until(&self.person.id, now)
    }
}
