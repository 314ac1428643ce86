//! What wrong PINs come to: so many in a row and the PIN is locked until it is set anew; a right one clears them.
//!
//! A try is counted before it is compared, and what it came to is written after: in between others may have been
//! counted, and the PIN may have been set anew or locked. The rules here decide on what is there then. It is locked once
//! all that may be counted were compared and wrong, so a right one is never too late for those that were tried after it.

use std::time::Duration;

use crate::domain::key::KeyId;
use crate::domain::timestamp::Timestamp;

/// How long a try waits for its turn to be compared at most; whoever waits longer is told to come again.
pub const WAITS: Duration = Duration::from_secs(10);
/// How long comparing one takes at most, the wait included. A try counted longer ago than this came to nothing any more.
const UNDER_WAY: Duration = Duration::from_secs(30);

/// A PIN as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredPin {
    /// A PHC string.
    pub hash: String,
    pub key: KeyId,
    /// Tries counted since the last right one, those under way included.
    pub tries: u32,
    /// Those of them that were compared, and told to be wrong.
    pub wrong: u32,
    pub tried_at: Option<Timestamp>,
    pub locked_at: Option<Timestamp>,
    pub set_at: Timestamp,
}

impl StoredPin {
    /// One that nobody has tried yet.
    pub fn new(hash: String, key: KeyId, set_at: Timestamp) -> Self {
        Self { hash, key, tries: 0, wrong: 0, tried_at: None, locked_at: None, set_at }
    }

    /// Wrong tries left, of so many.
    pub fn tries_left(&self, allowed: u32) -> u32 {
        if self.locked_at.is_some() { 0 } else { allowed.saturating_sub(self.tries) }
    }

    /// When it is locked by itself: the tries are used up, and by then whoever compared the last must have told of it. It is
    /// over already where fewer are allowed now than were counted.
    pub fn locks_at(&self, allowed: u32) -> Option<Timestamp> {
        let spent = self.locked_at.is_none() && self.tries >= allowed;
        spent.then(|| self.tried_at.map_or(self.set_at, |at| at + UNDER_WAY))
    }

    /// Whether that has come, and no lock was written yet.
    pub fn is_stuck(&self, allowed: u32, now: Timestamp) -> bool {
        self.locks_at(allowed).is_some_and(|at| at <= now)
    }

    /// How many were wrong when a new try begins: those that nobody told of count as wrong once they are no longer under
    /// way, so that a process that dies gives no free try, and a right one clears them too.
    pub fn wrong_by(&self, now: Timestamp) -> u32 {
        if self.is_under_way(now) { self.wrong } else { self.tries }
    }

    /// How many are wrong with one more. One that came so late that it was taken for wrong before is not counted again.
    fn wrong_with_one_more(&self) -> u32 {
        (self.wrong + 1).min(self.tries)
    }

    fn is_under_way(&self, now: Timestamp) -> bool {
        self.tried_at.is_some_and(|at| at + UNDER_WAY > now)
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

/// The verdict on a try that was compared with the hash `tried` and found right or not, by what is kept `now`.
pub fn judge(right: bool, tried: &str, now: Option<&StoredPin>, allowed: u32) -> Verdict {
    let Some(now) = now else { return Verdict::NotSet };
    if now.locked_at.is_some() {
        return Verdict::Locked;
    }
    if now.hash != tried {
        // Set anew meanwhile: what was right is right no longer, and the new one's tries are its own.
        return Verdict::Incorrect { tries_left: now.tries_left(allowed) };
    }
    if right {
        Verdict::Verified
    } else {
        Verdict::Incorrect { tries_left: allowed.saturating_sub(now.wrong_with_one_more()) }
    }
}

/// What is kept after a right try: those still under way stay counted.
pub fn after_right(now: &StoredPin) -> StoredPin {
    StoredPin { tries: now.tries.saturating_sub(now.wrong + 1), wrong: 0, ..now.clone() }
}

/// What is kept after a wrong one: locked with the last that is allowed.
pub fn after_wrong(now: &StoredPin, tries_left: u32, at: Timestamp) -> StoredPin {
    StoredPin { wrong: now.wrong_with_one_more(), locked_at: (tries_left == 0).then_some(at), ..now.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(1_800_000_000 + seconds)
    }

    fn pin(hash: &str, tries: u32, wrong: u32) -> StoredPin {
        StoredPin {
            hash: hash.to_owned(),
            key: KeyId([1, 2, 3, 4]),
            tries,
            wrong,
            tried_at: Some(at(0)),
            locked_at: None,
            set_at: at(-100),
        }
    }

    fn locked(hash: &str, tries: u32) -> StoredPin {
        StoredPin { locked_at: Some(at(1)), ..pin(hash, tries, tries) }
    }

    #[test]
    fn only_a_pin_that_is_set_and_has_tries_left_may_be_tried() {
        for (pin, expected) in [
            (None, Err(Verdict::NotSet)),
            (Some(pin("a", 0, 0)), Ok(())),
            (Some(pin("a", 4, 0)), Ok(())),
            (Some(pin("a", 5, 0)), Err(Verdict::Locked)),
            (Some(pin("a", 9, 9)), Err(Verdict::Locked)),
            (Some(locked("a", 0)), Err(Verdict::Locked)),
        ] {
            assert_eq!(may_try(pin.as_ref(), 5), expected, "{pin:?}");
        }
    }

    #[test]
    fn a_try_is_judged_by_what_is_kept_when_it_has_been_compared() {
        let wrong = |tries_left| Verdict::Incorrect { tries_left };
        for (case, right, now, expected) in [
            ("right", true, Some(pin("a", 3, 2)), Verdict::Verified),
            ("right, with all others under way", true, Some(pin("a", 5, 0)), Verdict::Verified),
            ("right, when all others were wrong", true, Some(pin("a", 5, 4)), Verdict::Verified),
            ("the first wrong one", false, Some(pin("a", 1, 0)), wrong(4)),
            ("the first to be compared of five", false, Some(pin("a", 5, 0)), wrong(4)),
            ("the last", false, Some(pin("a", 5, 4)), wrong(0)),
            ("so late that it was taken for wrong", false, Some(pin("a", 3, 3)), wrong(2)),
            ("so late that a right one cleared it", false, Some(pin("a", 0, 0)), wrong(5)),
            ("locked in between", false, Some(locked("a", 5)), Verdict::Locked),
            ("right, but locked in between", true, Some(locked("a", 5)), Verdict::Locked),
            ("right, but set anew in between", true, Some(pin("b", 0, 0)), wrong(5)),
            ("gone in between", true, None, Verdict::NotSet),
        ] {
            assert_eq!(judge(right, "a", now.as_ref(), 5), expected, "{case}");
        }
    }

    #[test]
    fn a_right_one_clears_those_that_were_wrong_and_none_that_is_under_way() {
        for (tries, wrong, left) in [(1, 0, 0), (5, 4, 0), (5, 2, 2), (5, 0, 4)] {
            let after = after_right(&pin("a", tries, wrong));
            assert_eq!((after.tries, after.wrong), (left, 0), "{tries} {wrong}");
        }
    }

    #[test]
    fn the_last_wrong_one_locks() {
        assert_eq!(after_wrong(&pin("a", 5, 3), 1, at(1)), pin("a", 5, 4));
        assert_eq!(after_wrong(&pin("a", 5, 4), 0, at(1)), locked("a", 5));
    }

    #[test]
    fn no_more_are_wrong_than_were_counted() {
        for (tries, wrong) in [(0, 0), (3, 3), (3, 2), (5, 5)] {
            let after = after_wrong(&pin("a", tries, wrong), 1, at(1));
            assert!(after.wrong <= after.tries, "{tries} {wrong}");
        }
    }

    #[test]
    fn tries_that_nobody_told_of_count_as_wrong_after_a_while() {
        for (tries, wrong, seconds, expected) in [(3, 1, 29, 1), (3, 1, 30, 3), (0, 0, 30, 0), (2, 2, 0, 2)] {
            assert_eq!(pin("a", tries, wrong).wrong_by(at(seconds)), expected, "{tries} {wrong} {seconds}");
        }
    }

    #[test]
    fn a_last_try_that_nobody_told_of_is_found_after_a_while() {
        assert!(!pin("a", 5, 4).is_stuck(5, at(29)), "it may still be compared");
        assert!(pin("a", 5, 4).is_stuck(5, at(30)));
        assert!(!pin("a", 4, 4).is_stuck(5, at(30)));
        assert!(!locked("a", 5).is_stuck(5, at(30)));
        assert_eq!(pin("a", 5, 4).locks_at(5), Some(at(30)));
        assert_eq!(pin("a", 4, 4).locks_at(5), None);
    }

    #[test]
    fn a_try_is_under_way_for_longer_than_it_may_wait() {
        assert!(WAITS * 2 < UNDER_WAY, "comparing it takes its time too");
    }
}
