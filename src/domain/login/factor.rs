//! What a user proves their second step by, and what is being set up and counts for nothing yet.

use serde::{Deserialize, Serialize};

use crate::domain::contact::Phone;
use crate::domain::guest::Out;
use crate::domain::timestamp::Timestamp;

use super::totp::{self, Secret};

/// The authenticator app that counts.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct App {
    pub secret: Secret,
    /// The newest step whose code was used.
    pub last_step: u64,
    pub since: Timestamp,
}

/// The telephone that counts, whose number a texted code has proven.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Telephone {
    pub number: Phone,
    pub since: Timestamp,
}

/// What a page is setting up. No other page shows or takes it: who knows a password alone, and gave up on the way, has seen
/// nothing that counts later.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "method", rename_all = "snake_case")]
pub enum Pending {
    /// The key that is shown to be scanned.
    App { secret: Secret },
    /// The number that was typed, and the code that was texted there.
    Sms { number: Phone, code: Out },
}

impl Pending {
    /// The code that was texted.
    pub fn code(&self) -> Option<&Out> {
        match self {
            Self::App { .. } => None,
            Self::Sms { code, .. } => Some(code),
        }
    }
}

/// Wrong codes while the app shows one code: after three the next one is waited for (security rule F6), so that nobody
/// types through what is left of the day's tries in a minute.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pace {
    step: u64,
    wrong: u32,
}

/// Wrong codes in one step of an app.
const WRONG_A_STEP: u32 = 3;

impl Pace {
    /// Whether a code may be tried in this step.
    ///
    /// # Errors
    /// When the next step begins.
    pub fn may_try(self, now: Timestamp) -> Result<(), Timestamp> {
        let used_up = self.step == totp::step_at(now) && self.wrong >= WRONG_A_STEP;
        if used_up { Err(totp::start_of(self.step + 1)) } else { Ok(()) }
    }

    /// Counts a wrong code.
    pub fn miss(&mut self, now: Timestamp) {
        let step = totp::step_at(now);
        self.wrong = if self.step == step { self.wrong + 1 } else { 1 };
        self.step = step;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_wrong_codes_are_a_step_and_the_next_one_is_as_new() {
        let at = |seconds: i64| Timestamp::from_seconds(1_800_000_000 + seconds);
        let mut pace = Pace::default();
        for (second, may) in
            [(0, true), (10, true), (29, true), (29, false), (30, true), (31, true), (59, true), (59, false)]
        {
            let told = pace.may_try(at(second));
            assert_eq!(told, if may { Ok(()) } else { Err(at(second + 1)) }, "second {second}");
            if may {
                pace.miss(at(second));
            }
        }
        assert_eq!(pace.may_try(at(0)), Ok(()), "a clock set back locks nobody out");
    }
}
