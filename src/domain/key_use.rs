//! The last use of an API key: told to the minute, and written once for each.

use super::timestamp::Timestamp;

const MINUTE: i64 = 60;

/// The minute that a moment is in.
pub fn minute(at: Timestamp) -> Timestamp {
    Timestamp::from_seconds(at.seconds().div_euclid(MINUTE) * MINUTE)
}

/// What a process has seen of one key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Use {
    seen: Timestamp,
    written: Option<Timestamp>,
}

impl Use {
    pub fn first(at: Timestamp) -> Self {
        Self { seen: at, written: None }
    }

    pub fn see(&mut self, at: Timestamp) {
        self.seen = self.seen.max(at);
    }

    pub fn seen(self) -> Timestamp {
        self.seen
    }

    /// Whether it was seen in a minute that is not written.
    pub fn is_due(self) -> bool {
        self.written.is_none_or(|written| minute(written) < minute(self.seen))
    }

    pub fn written(&mut self, at: Timestamp) {
        self.written = self.written.max(Some(at));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_use_is_due_once_for_each_minute_that_it_was_seen_in() {
        let at = |seconds: i64| Timestamp::from_seconds(1_800_000_000 + seconds);
        let mut one = Use::first(at(0));
        for (seen, written, due) in [
            (0, None, true),
            (59, None, true),
            (59, Some(59), false),
            (59, None, false),
            (60, None, true),
            // A request of before that is noted late.
            (30, None, true),
            (60, Some(60), false),
            (119, None, false),
            (600, None, true),
        ] {
            one.see(at(seen));
            if let Some(written) = written {
                one.written(at(written));
            }
            assert_eq!(one.is_due(), due, "{seen} {written:?}");
        }
        assert_eq!(minute(at(59)), at(0));
        assert_eq!(minute(at(60)), at(60));
    }
}
