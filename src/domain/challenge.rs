//! One code asked of one subject: its states, and the only place that says whether what was typed counts.

use std::fmt;

use serde::{Serialize, Serializer};

use super::agent::Agent;
use super::channel::Channel;
use super::id::{ChallengeId, ContactId};
use super::key::KeyId;
use super::locale::Locale;
use super::surface::Surface;
use super::timestamp::Timestamp;
use super::workflow::Workflow;

/// Whether the code is sent to the person, or told them by somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Sent,
    Told,
}

impl Kind {
    /// The name in tables.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Told => "told",
        }
    }
}

/// What a challenge has come to. Only an active one can still succeed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    Active,
    Verified,
    Expired,
    Superseded,
    Locked,
    Cancelled,
}

impl State {
    pub const ALL: [Self; 6] =
        [Self::Active, Self::Verified, Self::Expired, Self::Superseded, Self::Locked, Self::Cancelled];

    /// The name in the API and in tables.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Verified => "verified",
            Self::Expired => "expired",
            Self::Superseded => "superseded",
            Self::Locked => "locked",
            Self::Cancelled => "cancelled",
        }
    }

    /// The state of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.as_str() == name)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for State {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// A challenge as it is kept.
#[derive(Clone, Debug)]
pub struct Challenge {
    pub id: ChallengeId,
    pub workflow: Workflow,
    /// Whom the proof is about; in `client` the client's id.
    pub subject: String,
    pub kind: Kind,
    pub contact: ContactId,
    pub contact_name: String,
    pub agent: Option<Agent>,
    pub surface: Option<Surface>,
    /// The language asked for; `None` takes the contact's.
    pub locale: Option<Locale>,
    pub channels: Vec<Channel>,
    pub digits: u32,
    pub tries_allowed: u32,
    /// Tries counted so far, the right one included.
    pub tries: u32,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub resend_at: Timestamp,
    pub closed_at: Option<Timestamp>,
    pub epoch: i64,
    pub key: KeyId,
    /// As stored; [`Challenge::state`] says what it is at a moment.
    pub stored: State,
}

impl Challenge {
    /// The state at this moment: an active challenge ends by itself when its time is over, and with its epoch.
    pub fn state(&self, now: Timestamp, epoch: i64) -> State {
        match self.stored {
            State::Active if now >= self.expires_at || self.epoch != epoch => State::Expired,
            stored => stored,
        }
    }

    /// Tries left on this code.
    pub fn tries_left(&self) -> u32 {
        self.tries_allowed.saturating_sub(self.tries)
    }
}

/// What a check comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Verified,
    Incorrect {
        tries_left: u32,
    },
    Expired,
    Superseded,
    /// With `until` the subject is locked; without, only this code is.
    Locked {
        until: Option<Timestamp>,
    },
    Cancelled,
    AlreadyUsed,
}

impl Verdict {
    /// One of each.
    pub const ALL: [Self; 7] = [
        Self::Verified,
        Self::Incorrect { tries_left: 0 },
        Self::Expired,
        Self::Superseded,
        Self::Locked { until: None },
        Self::Cancelled,
        Self::AlreadyUsed,
    ];

    /// The `result` of the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::Incorrect { .. } => "incorrect",
            Self::Expired => "expired",
            Self::Superseded => "superseded",
            Self::Locked { .. } => "locked",
            Self::Cancelled => "cancelled",
            Self::AlreadyUsed => "already_used",
        }
    }
}

/// Whether a try may be counted and compared at all; otherwise what to answer instead.
///
/// # Errors
/// The verdict on a challenge that is over, or whose subject is locked until `locked_until`.
pub fn may_try(state: State, locked_until: Option<Timestamp>) -> Result<(), Verdict> {
    match (state, locked_until) {
        (State::Active, None) => Ok(()),
        (State::Active | State::Locked, until) => Err(Verdict::Locked { until }),
        (State::Verified, _) => Err(Verdict::AlreadyUsed),
        (State::Expired, _) => Err(Verdict::Expired),
        (State::Superseded, _) => Err(Verdict::Superseded),
        (State::Cancelled, _) => Err(Verdict::Cancelled),
    }
}

/// The verdict on a counted try: `tries_left` is what is left after it, on the code and on its subject.
pub fn judge(right: bool, tries_left: u32) -> Verdict {
    if right { Verdict::Verified } else { Verdict::Incorrect { tries_left } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_active_challenge_of_an_unlocked_subject_may_be_tried() {
        let until = Some(Timestamp::from_seconds(1_800_000_000));
        let cases = [
            (State::Active, None, Ok(())),
            (State::Active, until, Err(Verdict::Locked { until })),
            (State::Locked, None, Err(Verdict::Locked { until: None })),
            (State::Locked, until, Err(Verdict::Locked { until })),
            (State::Verified, None, Err(Verdict::AlreadyUsed)),
            (State::Verified, until, Err(Verdict::AlreadyUsed)),
            (State::Expired, None, Err(Verdict::Expired)),
            (State::Superseded, None, Err(Verdict::Superseded)),
            (State::Cancelled, until, Err(Verdict::Cancelled)),
        ];
        for (state, locked, expected) in cases {
            assert_eq!(may_try(state, locked), expected, "{state} {locked:?}");
        }
    }
}
