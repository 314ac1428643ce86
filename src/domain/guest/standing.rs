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
    /// Whether a right code was typed while it was the newest: this one, or another kind of it.
    #[serde(default)]
    settled: bool,
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
        Self { challenge, channel, expires_at, epoch, over: None, seen: false, settled: false }
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

    /// Notes the right code that was typed.
    pub fn verify(&mut self, at: Timestamp, method: Method) {
        self.verified = Some(Verified { at, method });
        self.code.iter_mut().for_each(|out| out.settled = true);
    }

    /// The newest code that was sent, unless a right one was typed since: what becomes of it is no news then.
    pub fn unsettled(&self) -> Option<&Out> {
        self.code.as_ref().filter(|out| !out.settled)
    }

    /// The code that an agent may tell them by phone: a live one, from their arrival until they leave.
    pub fn to_tell(&self, now: Timestamp, epoch: i64) -> Option<&Out> {
        let here = self.arrived_at.is_some() && self.left_at.is_none();
        Self::live(self.code.as_ref(), now, epoch).filter(|_| here)
    }

    /// Forgets how far this one's place was; what was tried and sent still counts.
    pub fn start_over(&mut self) {
        self.code = None;
        self.told = None;
        self.arrived_at = None;
        self.verified = None;
        self.left_at = None;
        self.proofs.clear();
    }

    /// Somebody else comes into the place, and answers for nothing that the one before tried or asked for: only what a
    /// destination gets is counted on.
    pub fn pass_on(&mut self) {
        self.start_over();
        self.throttle = Throttle::default();
        self.invitations = Throttle::default();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::domain::id::ContactId;
    use crate::domain::policy::CodeRules;

    const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

    fn standing() -> Standing {
        let code =
            Out::new(ChallengeId::new(NOW, [1; 10]), Some(Channel::Sms), NOW + Duration::from_secs(600), 1);
        Standing { code: Some(code), arrived_at: Some(NOW), ..Standing::default() }
    }

    #[test]
    fn a_code_may_be_told_from_arrival_until_the_end_of_it() {
        let ended = |state| {
            let mut standing = standing();
            standing.code.as_mut().unwrap().end(state);
            standing
        };
        for (what, standing, later, epoch, may) in [
            ("live", standing(), 0, 1, true),
            ("not arrived", Standing { arrived_at: None, ..standing() }, 0, 1, false),
            ("left", Standing { left_at: Some(NOW), ..standing() }, 0, 1, false),
            ("no code", Standing { code: None, ..standing() }, 0, 1, false),
            ("expired", standing(), 600, 1, false),
            ("another epoch", standing(), 0, 2, false),
            ("used", ended(State::Verified), 0, 1, false),
            ("locked", ended(State::Locked), 0, 1, false),
            ("cancelled", ended(State::Cancelled), 0, 1, false),
        ] {
            let told = standing.to_tell(NOW + Duration::from_secs(later), epoch);
            assert_eq!(told.is_some(), may, "{what}");
        }
    }

    #[test]
    fn who_comes_back_has_what_they_had_and_who_comes_anew_all_of_it() {
        let (person, rules) = (ContactId::parse("p-1").unwrap(), CodeRules::default());
        let mut before = standing();
        before.throttle.count_try(&person, &rules, NOW);
        before.throttle.count_send(&person, NOW);
        before.invitations.count_send(&person, NOW);
        let (mut back, mut anew) = (before.clone(), before);
        back.start_over();
        anew.pass_on();
        for (standing, left, waits) in [(&back, 9, true), (&anew, 10, false)] {
            assert!(standing.code.is_none() && standing.arrived_at.is_none());
            assert_eq!(standing.throttle.tries_left(&person, &rules, NOW), left);
            for throttle in [&standing.throttle, &standing.invitations] {
                assert_eq!(throttle.may_send(&person, rules.to_send(), NOW).is_err(), waits);
            }
        }
    }
}
