//! What wrong PINs come to: so many in a row and the PIN is locked until it is set anew; a right one clears them.
//!
//! A try is counted before it is compared, and what it came to is written after: in between others may have been
//! counted, and the PIN may have been set anew or locked. The rules here decide on what is there then.

use std::time::Duration;

use crate::domain::key::KeyId;
use crate::domain::timestamp::Timestamp;

/// How long comparing one takes at most. A try counted longer ago than this came to nothing any more.
const UNDER_WAY: Duration = Duration::from_secs(30);

/// A PIN as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredPin {
    /// A PHC string.
    pub hash: String,
    pub key: KeyId,
    /// Tries in a row that were not right, those under way included.
    pub tries: u32,
    pub tried_at: Option<Timestamp>,
    pub locked_at: Option<Timestamp>,
    pub set_at: Timestamp,
}

impl StoredPin {
    /// Wrong tries left, of so many.
    pub fn tries_left(&self, allowed: u32) -> u32 {
        if self.locked_at.is_some() { 0 } else { allowed.saturating_sub(self.tries) }
    }

    /// Whether the last try was counted and never told: whoever compared it is gone, and the lock was not written.
    pub fn is_stuck(&self, allowed: u32, now: Timestamp) -> bool {
        let under_way = self.tried_at.is_some_and(|at| at + UNDER_WAY > now);
        self.locked_at.is_none() && self.tries >= allowed && !under_way
    }
}

/// What a check comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Verified,
    Incorrect { tries_left: u32 },
    Locked,
    NotSet,
}

impl Verdict {
    /// One of each.
    pub const ALL: [Self; 4] =
        [Self::Verified, Self::Incorrect { tries_left: 0 }, Self::Locked, Self::NotSet];

    /// The `result` of the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::Incorrect { .. } => "incorrect",
            Self::Locked => "locked",
            Self::NotSet => "not_set",
        }
    }
}

/// Whether a try may be counted and compared at all; otherwise what to answer instead.
///
/// # Errors
/// `NotSet`, or `Locked` where the tries are used up.
pub fn may_try(pin: Option<&StoredPin>, allowed: u32) -> Result<(), Verdict> {
    match pin {
        None => Err(Verdict::NotSet),
        Some(pin) if pin.tries_left(allowed) == 0 => Err(Verdict::Locked),
        Some(_) => Ok(()),
    }
}

/// The verdict on a try that was counted as `tried` and found right or not, by what is kept `now`. An `Incorrect` with
/// no tries left locks the PIN.
pub fn judge(right: bool, tried: &StoredPin, now: Option<&StoredPin>, allowed: u32) -> Verdict {
    let Some(now) = now else { return Verdict::NotSet };
    if now.locked_at.is_some() {
        return Verdict::Locked;
    }
    if now.hash != tried.hash {
        // Set anew meanwhile: what was right is right no longer, and the new one's tries are its own.
        return Verdict::Incorrect { tries_left: now.tries_left(allowed) };
    }
    if right {
        return Verdict::Verified;
    }
    // Fewer now than were counted: a right one came in between and cleared them.
    let counted = tried.tries.min(now.tries);
    Verdict::Incorrect { tries_left: allowed.saturating_sub(counted) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(1_800_000_000 + seconds)
    }

    fn pin(hash: &str, tries: u32) -> StoredPin {
        StoredPin {
            hash: hash.to_owned(),
            key: KeyId([1, 2, 3, 4]),
            tries,
            tried_at: Some(at(0)),
            locked_at: None,
            set_at: at(-100),
        }
    }

    fn locked(hash: &str, tries: u32) -> StoredPin {
        StoredPin { locked_at: Some(at(1)), ..pin(hash, tries) }
    }

    #[test]
    fn only_a_pin_that_is_set_and_has_tries_left_may_be_tried() {
        for (pin, expected) in [
            (None, Err(Verdict::NotSet)),
            (Some(pin("a", 0)), Ok(())),
            (Some(pin("a", 4)), Ok(())),
            (Some(pin("a", 5)), Err(Verdict::Locked)),
            (Some(pin("a", 9)), Err(Verdict::Locked)),
            (Some(locked("a", 0)), Err(Verdict::Locked)),
        ] {
            assert_eq!(may_try(pin.as_ref(), 5), expected, "{pin:?}");
        }
    }

    #[test]
    fn a_try_is_judged_by_what_is_kept_when_it_has_been_compared() {
        let wrong = |tries_left| Verdict::Incorrect { tries_left };
        for (case, right, tried, now, expected) in [
            ("right", true, pin("a", 3), Some(pin("a", 3)), Verdict::Verified),
            ("the first wrong one", false, pin("a", 1), Some(pin("a", 1)), wrong(4)),
            ("the last", false, pin("a", 5), Some(pin("a", 5)), wrong(0)),
            ("others were counted after it", false, pin("a", 2), Some(pin("a", 5)), wrong(3)),
            ("a right one came in between", false, pin("a", 5), Some(pin("a", 0)), wrong(5)),
            ("locked in between", false, pin("a", 4), Some(locked("a", 5)), Verdict::Locked),
            ("right, but locked in between", true, pin("a", 4), Some(locked("a", 5)), Verdict::Locked),
            ("right, but set anew in between", true, pin("a", 1), Some(pin("b", 0)), wrong(5)),
            ("gone in between", true, pin("a", 1), None, Verdict::NotSet),
        ] {
            assert_eq!(judge(right, &tried, now.as_ref(), 5), expected, "{case}");
        }
    }

    #[test]
    fn a_last_try_that_nobody_told_of_is_found_after_a_while() {
        assert!(!pin("a", 5).is_stuck(5, at(29)), "it may still be compared");
        assert!(pin("a", 5).is_stuck(5, at(30)));
        assert!(!pin("a", 4).is_stuck(5, at(30)));
        assert!(!locked("a", 5).is_stuck(5, at(30)));
    }
}
