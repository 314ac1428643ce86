//! How long somebody stays signed in to the console, and by what they are known meanwhile.
//!
//! A session begins half: the password was right, the second step is not done. What is half reaches nothing but that step,
//! and is never made whole: the second step gives a session of its own (OWASP ASVS 7.2.4).

use std::fmt;
use std::time::Duration;

use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::domain::id::{AdminId, AdminSessionId, LoginId};
use crate::domain::login::LOGIN_LASTS;
use crate::domain::proof::Proof;
use crate::domain::timestamp::Timestamp;

/// Signed out after so long without a page (NIST SP 800-63B-4, AAL2: at most an hour).
const IDLE: Duration = Duration::from_mins(30);
/// Signed out after so long in any case (NIST: at most a day): a working day.
const LASTS: Duration = Duration::from_hours(12);
/// A page is noted once in so long: reading writes nothing more often.
const NOTED_EVERY: Duration = Duration::from_mins(1);

/// What the browser brings along: 256 random bits, kept by their hash. Cannot be printed.
pub struct SessionToken(Proof);

impl SessionToken {
    pub fn new(random: [u8; 32]) -> Self {
        Self(Proof::new(random))
    }

    /// What stands in the cookie, whatever it is.
    pub fn given(text: &str) -> Self {
        Self(Proof::given(text))
    }

    /// The token itself, for the cookie only.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// What is kept of it, and by what it is found.
    pub fn hash(&self) -> String {
        self.0.hash()
    }

    /// What every form of the session carries: no other site can know it.
    pub fn form_key(&self) -> Zeroizing<String> {
        let of = Sha256::new().chain_update(b"form\0").chain_update(self.0.expose()).finalize();
        Zeroizing::new(hex::encode(&of[..16]))
    }
}

impl fmt::Debug for SessionToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[REDACTED]")
    }
}

/// How far a session is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The password was right; this sign-in waits for the second step.
    Half(LoginId),
    Whole,
}

/// A session as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    pub id: AdminSessionId,
    pub admin: AdminId,
    pub stage: Stage,
    pub created_at: Timestamp,
    /// When a page was last asked for, to the minute.
    pub seen_at: Timestamp,
    /// Where it was begun.
    pub address: String,
    pub device: String,
    pub epoch: i64,
}

impl Session {
    /// When it ends, should nothing more be asked for.
    pub fn ends_at(&self) -> Timestamp {
        match self.stage {
            Stage::Half(_) => self.created_at + LOGIN_LASTS,
            Stage::Whole => (self.seen_at + IDLE).min(self.created_at + LASTS),
        }
    }

    /// Whether it opens anything at that moment.
    pub fn is_live(&self, now: Timestamp, epoch: i64) -> bool {
        now < self.ends_at() && self.epoch == epoch
    }

    /// Whether a page that is asked for now is worth noting.
    pub fn is_to_be_noted(&self, now: Timestamp) -> bool {
        now >= self.seen_at + NOTED_EVERY
    }

    /// Before this moment none was begun that lives now.
    pub fn oldest(now: Timestamp) -> Timestamp {
        now - LASTS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_ends_when_it_rests_and_when_it_is_old() {
        let at = |minutes: u64| Timestamp::from_seconds(1_800_000_000) + Duration::from_mins(minutes);
        let session = |stage, seen| Session {
            id: AdminSessionId::new(at(0), [1; 10]),
            admin: AdminId::new(at(0), [2; 10]),
            stage,
            created_at: at(0),
            seen_at: at(seen),
            address: String::new(),
            device: String::new(),
            epoch: 3,
        };
        let half = || Stage::Half(LoginId::new(at(0), [3; 10]));
        for (stage, seen, now, epoch, live) in [
            (Stage::Whole, 0, 29, 3, true),
            (Stage::Whole, 0, 30, 3, false),
            (Stage::Whole, 60, 89, 3, true),
            (Stage::Whole, 700, 719, 3, true),
            (Stage::Whole, 700, 720, 3, false),
            (Stage::Whole, 0, 1, 4, false),
            (half(), 0, 29, 3, true),
            (half(), 20, 30, 3, false),
        ] {
            let told = session(stage.clone(), seen).is_live(at(now), epoch);
            assert_eq!(told, live, "{stage:?} {seen} {now} {epoch}");
        }
        assert!(
            !session(Stage::Whole, 5).is_to_be_noted(at(5)) && session(Stage::Whole, 5).is_to_be_noted(at(6))
        );
    }

    #[test]
    fn a_form_is_of_one_session() {
        let (one, other) = (SessionToken::new([1; 32]), SessionToken::new([2; 32]));
        assert_ne!(one.form_key(), other.form_key());
        assert_eq!(one.form_key(), SessionToken::given(one.expose()).form_key());
        assert!(!one.form_key().contains(&one.hash()[..8]) && format!("{one:?}") == "[REDACTED]");
    }
}
