//! How often a look that costs much is taken.

use std::time::Duration;

use tokio::time::Instant;

/// The time between two of them: a tenth of a database's time at the most, and nobody notices the wait.
const EVERY: Duration = Duration::from_millis(50);

/// Of one queue.
#[derive(Default)]
pub struct Pace {
    last: Option<Instant>,
    refused: bool,
}

impl Pace {
    /// Whether one may be taken now, which is then counted as taken.
    pub fn allows(&mut self, now: Instant) -> bool {
        self.refused = self.last.is_some_and(|last| now.duration_since(last) < EVERY);
        if !self.refused {
            self.last = Some(now);
        }
        !self.refused
    }

    /// How long until one may be taken that was wanted and not allowed.
    pub fn owed(&mut self) -> Option<Duration> {
        std::mem::take(&mut self.refused).then_some(EVERY)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_in_fifty_milliseconds_is_taken_and_one_that_was_not_is_owed() {
        let (start, mut pace) = (Instant::now(), Pace::default());
        let mut at = |millis| {
            let may = pace.allows(start + Duration::from_millis(millis));
            (may, pace.owed().is_some(), pace.owed())
        };
        assert_eq!(at(0), (true, false, None));
        assert_eq!(at(49), (false, true, None), "owed once");
        assert_eq!(at(50), (true, false, None));
        assert_eq!(at(99), (false, true, None), "from the last one that was taken");
        assert_eq!(at(1000), (true, false, None));
    }
}
