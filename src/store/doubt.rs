//! When the database was last found to be away. A connection that has lain idle since before then is asked whether it is
//! still there, so that a fault costs only the requests that met it and none for each connection it left behind.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::ports::{Clock as _, SystemClock};

/// Microseconds of the process's running clock, and one more; 0 if never. Of the process: it has one database.
static AWAY: AtomicU64 = AtomicU64::new(0);

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

/// Notes that it could not do something just now: whatever the reason, asking once too often costs little.
pub(super) fn note() {
    AWAY.store(micros(SystemClock.running()).saturating_add(1), Ordering::Relaxed);
}

/// Whether a connection that has been idle for so long may have been lost with that.
pub(super) fn reaches(idle: Duration) -> bool {
    is_since(AWAY.load(Ordering::Relaxed), micros(SystemClock.running()), micros(idle))
}

fn is_since(away: u64, now: u64, idle: u64) -> bool {
    away > 0 && now.saturating_sub(idle) < away
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_lay_idle_when_it_was_away_is_doubted() {
        assert!(!is_since(0, 1_000, 1_000), "it never was");
        assert!(is_since(501, 1_000, 600), "idle from 400 on, away at 500");
        assert!(is_since(501, 1_000, 500));
        assert!(!is_since(501, 1_000, 499), "used since");
        assert!(is_since(1, 1_000, 2_000));
    }
}
