//! How often a look that may cost much is taken: so often that the database spends a tenth of its time on it at the most.

use std::time::Duration;

use tokio::time::Instant;

/// How much longer than it took the next one has to wait.
const TIMES: u32 = 9;
/// And at least so long: one that finds out that there is nothing to look for costs as much as any other statement.
const LEAST: Duration = Duration::from_millis(10);

/// Of one queue.
#[derive(Default)]
pub struct Pace {
    next: Option<Instant>,
    refused: bool,
}

impl Pace {
    /// Whether one may be taken now.
    pub fn allows(&mut self, now: Instant) -> bool {
        self.refused = self.next.is_some_and(|next| now < next);
        !self.refused
    }

    /// One was taken, which began and ended then.
    pub fn taken(&mut self, began: Instant, ended: Instant) {
        self.next = Some(ended + (ended.duration_since(began) * TIMES).max(LEAST));
    }

    /// How long until one may be taken that was wanted and not allowed.
    pub fn owed(&mut self, now: Instant) -> Option<Duration> {
        let refused = std::mem::take(&mut self.refused);
        self.next.filter(|_| refused).map(|next| next.saturating_duration_since(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_waits_nine_times_as_long_as_the_last_took_and_is_owed_until_then() {
        let start = Instant::now();
        let at = |millis| start + Duration::from_millis(millis);
        let mut pace = Pace::default();
        assert!(pace.allows(at(0)));
        assert_eq!(pace.owed(at(0)), None);
        pace.taken(at(0), at(20));
        assert!(!pace.allows(at(199)), "not before 20 and nine times 20");
        assert_eq!(pace.owed(at(199)), Some(Duration::from_millis(1)));
        assert_eq!(pace.owed(at(199)), None, "owed once");
        assert!(pace.allows(at(200)));
        pace.taken(at(200), at(200));
        assert!(!pace.allows(at(209)), "and not more often than every ten milliseconds");
        assert!(pace.allows(at(210)));
    }
}
