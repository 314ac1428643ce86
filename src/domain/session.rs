//! A live session, as the host started it: who leads it, how its participants are invited, and when its links end.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::agent::Agent;
use super::channel::Channel;
use super::contact::{Contact, Email, Phone};
use super::given::Given;
use super::guest::Matter;
use super::id::SessionId;
use super::locale::Locale;
use super::return_url::ReturnUrl;
use super::timestamp::Timestamp;

/// How long a session's links open after it was to begin.
const LASTS: Duration = Duration::from_hours(24);
/// Nobody plans farther ahead.
const FARTHEST: Duration = Duration::from_hours(366 * 24);
/// So many may take part in one.
pub const MOST_PARTICIPANTS: usize = 50;

/// The channels that an invitation may go by.
pub const INVITE_BY: [Channel; 2] = [Channel::Sms, Channel::Email];

/// What the host said of a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    pub invite_by: Channel,
    pub agent: Agent,
    pub starts_at: Option<Timestamp>,
    pub return_url: ReturnUrl,
}

/// A session as it is kept.
#[derive(Clone, Debug)]
pub struct Session {
    pub id: SessionId,
    pub facts: Facts,
    pub created_at: Timestamp,
    /// When its links end by themselves.
    pub ends_at: Timestamp,
    pub ended_at: Option<Timestamp>,
}

impl Session {
    /// A new one; `None` where it begins farther ahead than anybody plans.
    pub fn new(id: SessionId, facts: Facts, now: Timestamp) -> Option<Self> {
        let begins = facts.starts_at.unwrap_or(now).max(now);
        let ends_at = begins + LASTS;
        (begins <= now + FARTHEST).then_some(Self { id, facts, created_at: now, ends_at, ended_at: None })
    }

    /// Whether it still runs.
    pub fn is_running(&self, now: Timestamp) -> bool {
        self.ended_at.is_none() && now < self.ends_at
    }

    /// What its participants are asked to.
    pub fn matter(&self) -> Matter {
        let Facts { invite_by, agent, starts_at, return_url } = self.facts.clone();
        Matter::Session { session: self.id.clone(), invite_by, agent, starts_at, return_url }
    }
}

/// What of a participant is another now, each only where it is given.
#[derive(Clone, Debug, Default)]
pub struct Change {
    pub name: Option<String>,
    pub role: Option<String>,
    pub email: Given<Email>,
    pub mobile: Given<Phone>,
    pub locale: Given<Locale>,
}

impl Change {
    /// Changes them. Says whether they are another person's now: another name or another detail.
    pub fn apply(self, person: &mut Contact) -> bool {
        let before = person.clone();
        person.name = self.name.unwrap_or_else(|| person.name.clone());
        person.role = self.role.unwrap_or_else(|| person.role.clone());
        person.email = self.email.over(before.email.clone());
        person.mobile = self.mobile.over(before.mobile.clone());
        person.locale = self.locale.over(before.locale);
        is_another(&before, person)
    }
}

/// Whether a name or a detail is another one.
pub fn is_another(before: &Contact, after: &Contact) -> bool {
    (&before.name, &before.email, &before.mobile) != (&after.name, &after.email, &after.mobile)
}

/// How far a session is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionState {
    Running,
    Ended,
}

impl SessionState {
    pub const ALL: [Self; 2] = [Self::Running, Self::Ended];

    /// The name in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Ended => "ended",
        }
    }
}

impl Serialize for SessionState {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl Session {
    pub fn state(&self, now: Timestamp) -> SessionState {
        if self.is_running(now) { SessionState::Running } else { SessionState::Ended }
    }
}
