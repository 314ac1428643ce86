//! The service's own time: the wall clock, but never behind the newest time seen.
//!
//! A clock that is set back makes no code, lock or verification last longer, not even after a restart: time goes on
//! from the newest seen, as the process runs, and only a little slower until the wall clock has caught up.

use std::sync::{Arc, Mutex, PoisonError};

use crate::domain::timestamp::Timestamp;
use crate::ports::Clock;

/// Ahead of the wall clock, one part in so many is left out: an hour too many is gone after four days.
const SLOWER: i64 = 100;

/// Time for everything that lapses.
#[derive(Clone)]
pub struct ServiceTime {
    clock: Arc<dyn Clock>,
    seen: Arc<Mutex<Seen>>,
}

/// The newest time seen, in milliseconds, and how long the process had run by then.
struct Seen {
    newest: i64,
    running: i64,
    /// What has passed since the last millisecond was left out.
    passed: i64,
}

impl Seen {
    /// Lets time go on to a moment of the wall clock, or as far as the process has run meanwhile.
    fn go_on(&mut self, wall: i64, running: i64) {
        let passed = (running - self.running).max(0);
        self.running = self.running.max(running);
        self.passed += passed;
        self.newest = wall.max(self.newest + passed - self.passed / SLOWER);
        self.passed %= SLOWER;
    }
}

impl ServiceTime {
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        let seen = Seen { newest: 0, running: running(clock.as_ref()), passed: 0 };
        Self { clock, seen: Arc::new(Mutex::new(seen)) }
    }

    /// Now, for everything that lapses.
    pub fn now(&self) -> Timestamp {
        self.observe(Timestamp::default())
    }

    /// The wall clock, for what other clocks are compared with: webhook timestamps and sign-in codes.
    pub fn wall(&self) -> Timestamp {
        self.clock.wall()
    }

    /// Takes note of a time that the database has seen, and gives the newest.
    pub fn observe(&self, known: Timestamp) -> Timestamp {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.go_on(self.clock.wall().millis(), running(self.clock.as_ref()));
        seen.newest = seen.newest.max(known.millis());
        Timestamp::from_millis(seen.newest)
    }
}

fn running(clock: &dyn Clock) -> i64 {
    i64::try_from(clock.running().as_millis()).unwrap_or(i64::MAX)
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

    #[test]
    fn a_clock_set_back_neither_stops_time_nor_keeps_it_ahead_for_good() {
        let start = Timestamp::from_seconds(1_800_000_000);
        let clock = FixedClock::at(start);
        let time = ServiceTime::new(Arc::new(clock.clone()));
        clock.set(start - Duration::from_secs(60));
        time.observe(start);
        for _ in 0..1000 {
            clock.advance(Duration::from_millis(7));
            time.now();
        }
        assert_eq!(time.now(), start + Duration::from_millis(7000 - 70), "however often somebody looks");
        clock.advance(Duration::from_secs(6000));
        assert_eq!(time.now(), clock.wall(), "caught up");
        clock.set(start + Duration::from_secs(9000));
        assert_eq!(time.now(), clock.wall(), "a clock set forward is believed");
    }
}
