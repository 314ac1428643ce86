//! The service's own time: the wall clock, but never behind the newest time seen.
//!
//! So a clock that is set back makes no code, lock or verification last longer, not even after a restart.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use crate::domain::timestamp::Timestamp;
use crate::ports::Clock;

/// Time for everything that lapses.
#[derive(Clone)]
pub struct ServiceTime {
    clock: Arc<dyn Clock>,
    newest: Arc<AtomicI64>,
}

impl ServiceTime {
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, newest: Arc::new(AtomicI64::new(0)) }
    }

    /// Now, for everything that lapses.
    pub fn now(&self) -> Timestamp {
        self.observe(self.clock.wall())
    }

    /// The wall clock, for what other clocks are compared with: webhook timestamps and sign-in codes.
    pub fn wall(&self) -> Timestamp {
        self.clock.wall()
    }

    /// Takes note of a time that the database has seen, and gives the newest.
    pub fn observe(&self, seen: Timestamp) -> Timestamp {
        let before = self.newest.fetch_max(seen.millis(), Ordering::SeqCst);
        Timestamp::from_millis(before.max(seen.millis()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::FixedClock;
    use std::time::Duration;

    #[test]
    fn time_does_not_run_back() {
        let start = Timestamp::from_seconds(1_800_000_000);
        let clock = FixedClock::at(start);
        let time = ServiceTime::new(Arc::new(clock.clone()));
        assert_eq!(time.now(), start);
        clock.set(start - Duration::from_secs(60));
        assert_eq!(time.now(), start);
        time.observe(start + Duration::from_secs(5));
        assert_eq!(time.now(), start + Duration::from_secs(5));
        assert_eq!(time.wall(), start - Duration::from_secs(60));
    }
}
