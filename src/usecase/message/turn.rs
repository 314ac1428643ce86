//! Whose turn it is among the providers of one kind: the first, those after it in turn, and last those found down.
//!
//! What is remembered is one moment a provider, in this process only: it decides who is asked first, never whether
//! a message goes out.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::domain::id::TenantId;
use crate::domain::timestamp::Timestamp;
use crate::message::{Detail, Outcome};

/// How long one that was down is asked last.
const REST: Duration = Duration::from_mins(1);

/// A tenant's own providers, or the service's.
type Owner = Option<TenantId>;

/// Which providers were found down, and until when they are asked last.
#[derive(Default)]
pub struct Turns(Mutex<HashMap<(Owner, usize), Timestamp>>);

impl Turns {
    /// The place, among `count`, of the provider to make the next attempt, after `attempts` of them. Where all were
    /// found down, the one whose rest ends first.
    pub fn pick(&self, owner: &Owner, count: usize, attempts: u32, at: Timestamp) -> Option<usize> {
        let resting = self.locked();
        let until = |place: usize| resting.get(&(owner.clone(), place)).copied().filter(|until| *until > at);
        let first = (attempts as usize).checked_rem(count)?;
        (0..count).map(|step| (first + step) % count).min_by_key(|place| until(*place))
    }

    /// Remembers what an attempt told of its provider.
    pub fn note(&self, owner: &Owner, place: usize, outcome: &Outcome, at: Timestamp) {
        let down = matches!(outcome, Outcome::Temporary(trouble)
            if matches!(trouble.detail, Detail::ProviderDown | Detail::Timeout | Detail::UnknownOutcome));
        let mut resting = self.locked();
        resting.retain(|_, until| *until > at);
        if down {
            resting.insert((owner.clone(), place), at + REST);
        } else {
            resting.remove(&(owner.clone(), place));
        }
    }

    fn locked(&self) -> MutexGuard<'_, HashMap<(Owner, usize), Timestamp>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(1_800_000_000 + seconds)
    }

    #[test]
    fn the_first_is_asked_first_and_after_it_the_others_in_turn() {
        let turns = Turns::default();
        let picked: Vec<_> = (0..5).map(|attempts| turns.pick(&None, 3, attempts, at(0))).collect();
        assert_eq!(picked, [Some(0), Some(1), Some(2), Some(0), Some(1)]);
        assert_eq!(turns.pick(&None, 0, 0, at(0)), None);
    }

    #[test]
    fn one_that_was_down_is_asked_last_for_a_minute_and_only_of_its_owner() {
        let turns = Turns::default();
        let down = Outcome::temporary(Detail::ProviderDown, "");
        turns.note(&None, 0, &down, at(0));
        assert_eq!(turns.pick(&None, 2, 0, at(59)), Some(1));
        assert_eq!(turns.pick(&None, 2, 2, at(59)), Some(1));
        assert_eq!(turns.pick(&None, 2, 0, at(60)), Some(0), "its rest is over");
        assert_eq!(turns.pick(&TenantId::parse("compeo").ok(), 2, 0, at(0)), Some(0));
        turns.note(&None, 1, &down, at(1));
        assert_eq!(turns.pick(&None, 2, 1, at(2)), Some(0), "of two, the one that rests the longer");
        turns.note(&None, 0, &Outcome::Sent { reference: None }, at(3));
        assert_eq!(turns.pick(&None, 2, 0, at(4)), Some(0), "it works again");
        turns.note(&None, 0, &Outcome::permanent(Detail::NumberInvalid, ""), at(5));
        assert_eq!(
            turns.pick(&None, 2, 0, at(6)),
            Some(0),
            "a number that is wrong says nothing of its provider"
        );
    }

    #[test]
    fn what_is_remembered_does_not_grow() {
        let turns = Turns::default();
        for second in 0..1_000 {
            turns.note(
                &TenantId::parse(&format!("t-{second}")).ok(),
                0,
                &Outcome::temporary(Detail::Timeout, ""),
                at(second),
            );
        }
        assert_eq!(turns.locked().len(), 60);
    }
}
