//! How far a guest is: which codes are out, what was typed, and what was proven by it.

use serde::{Deserialize, Serialize, Serializer};

use crate::domain::challenge::State;
use crate::domain::channel::Channel;
use crate::domain::id::ChallengeId;
use crate::domain::proof::Proofs;
use crate::domain::throttle::Throttle;
use crate::domain::timestamp::Timestamp;

/// How the code that was typed had come to its reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    Email,
    Sms,
    Voice,
    /// An access code that somebody told them.
    Told,
    /// The code of a session, which its agent told them.
    Agent,
}

impl Method {
    pub const ALL: [Self; 5] = [Self::Email, Self::Sms, Self::Voice, Self::Told, Self::Agent];

    /// The name in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Sms => "sms",
            Self::Voice => "voice",
            Self::Told => "told",
            Self::Agent => "agent",
        }
    }
}

impl Serialize for Method {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl From<Channel> for Method {
    fn from(channel: Channel) -> Self {
        match channel {
            Channel::Email => Self::Email,
            Channel::Sms => Self::Sms,
            Channel::Voice => Self::Voice,
        }
    }
}

/// The newest code of a kind, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Out {
    pub challenge: ChallengeId,
    /// How it went last; `None` where it did not go anywhere.
    pub channel: Option<Channel>,
    pub expires_at: Timestamp,
    pub epoch: i64,
    /// What ended it before its time.
    #[serde(default)]
    over: Option<Ended>,
    /// Whether an agent looked at it.
    #[serde(default)]
    pub seen: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Ended {
    Used,
    Locked,
    Cancelled,
}

impl Out {
    pub fn new(challenge: ChallengeId, channel: Option<Channel>, expires_at: Timestamp, epoch: i64) -> Self {
        Self { challenge, channel, expires_at, epoch, over: None, seen: false }
    }

    /// Whether nothing has ended it, whatever the time.
    pub fn is_open(&self) -> bool {
        self.over.is_none()
    }

    /// Notes what ended it.
    pub fn end(&mut self, state: State) {
        self.over = match state {
            State::Active | State::Expired => None,
            State::Verified => Some(Ended::Used),
            State::Locked => Some(Ended::Locked),
            State::Superseded | State::Cancelled => Some(Ended::Cancelled),
        };
    }

    /// What it is at this moment.
    pub fn state(&self, now: Timestamp, epoch: i64) -> State {
        match self.over {
            None if now >= self.expires_at || self.epoch != epoch => State::Expired,
            None => State::Active,
            Some(Ended::Used) => State::Verified,
            Some(Ended::Locked) => State::Locked,
            Some(Ended::Cancelled) => State::Cancelled,
        }
    }

    /// How whoever types it came to know it.
    pub fn method(&self) -> Method {
        // Where it was looked at nobody can tell which it was: the weaker one counts.
        if self.seen { Method::Agent } else { self.channel.map_or(Method::Agent, Method::from) }
    }
}

/// The last right code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verified {
    pub at: Timestamp,
    pub method: Method,
}

/// How far a guest is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Standing {
    /// The link that opens, or opened last.
    pub link: Option<ChallengeId>,
    /// The newest code that was sent.
    pub code: Option<Out>,
    /// The newest access code.
    pub told: Option<Out>,
    /// Codes: how often they were sent and tried.
    pub throttle: Throttle,
    /// Invitations: how often they were sent.
    pub invitations: Throttle,
    pub arrived_at: Option<Timestamp>,
    pub verified: Option<Verified>,
    /// When a participant left, or their session ended.
    pub left_at: Option<Timestamp>,
    pub proofs: Proofs,
}

impl Standing {
    /// The newest code of a kind, if it can still be typed.
    pub fn live(out: Option<&Out>, now: Timestamp, epoch: i64) -> Option<&Out> {
        out.filter(|out| out.state(now, epoch) == State::Active)
    }

    /// Forgets everything that somebody else did in this one's place; what was tried and sent still counts.
    pub fn start_over(&mut self) {
        self.code = None;
        self.told = None;
        self.arrived_at = None;
        self.verified = None;
        self.left_at = None;
        self.proofs.clear();
    }
}
