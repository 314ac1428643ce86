//! When to try again what could not be sent or posted.

use std::time::Duration;

use super::timestamp::Timestamp;

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Waits between the attempts of one webhook (Standard Webhooks 1.0.0): 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h.
const HOST: [Duration; 9] = [
    seconds(5),
    seconds(300),
    seconds(1_800),
    seconds(7_200),
    seconds(18_000),
    seconds(36_000),
    seconds(50_400),
    seconds(72_000),
    seconds(86_400),
];

/// Waits between the rounds of one message, each round an attempt by every provider; the last is repeated while the code lives.
const MESSAGE: [Duration; 5] = [seconds(2), seconds(5), seconds(15), seconds(30), seconds(60)];

/// A host that is slow or says it is busy is left alone at least this long.
const BUSY_AT_LEAST: Duration = seconds(60);

/// How an attempt to reach the host failed.
#[derive(Clone, Copy, Debug, Default)]
pub struct HostFailure {
    /// It did not answer in time, or answered 429.
    pub busy: bool,
    /// Its `Retry-After`.
    pub retry_after: Option<Duration>,
}

/// The wait after the `attempts`-th attempt; `None` when it is to be parked.
///
/// `chance` in 0..=255 spreads it by a fifth either way. `Retry-After` is honoured between the planned wait and
/// twice that.
pub fn host_wait(attempts: u32, failure: HostFailure, chance: u8) -> Option<Duration> {
    let planned = *HOST.get(attempts.checked_sub(1)? as usize)?;
    let spread = planned.mul_f64(0.8 + 0.4 * f64::from(chance) / 255.0);
    let asked = failure.retry_after.map_or(spread, |asked| asked.clamp(planned, planned * 2));
    Some(if failure.busy { asked.max(BUSY_AT_LEAST) } else { asked })
}

/// When to try a message again after its `attempts`-th attempt; `None` if its code is over by then.
///
/// The next of several providers takes over at once; after the last of them all are left alone for a while.
pub fn message_at(
    attempts: u32,
    providers: usize,
    now: Timestamp,
    expires_at: Timestamp,
) -> Option<Timestamp> {
    let (attempts, providers) = (attempts.max(1) as usize, providers.max(1));
    let round = (attempts / providers).clamp(1, MESSAGE.len());
    let wait = if attempts.is_multiple_of(providers) { MESSAGE[round - 1] } else { Duration::ZERO };
    Some(now + wait).filter(|at| *at < expires_at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_webhook_is_tried_ten_times_over_three_days_and_then_parked() {
        let mut total = Duration::ZERO;
        for attempt in 1..=9 {
            let waits: Vec<_> =
                [0, 128, 255].map(|c| host_wait(attempt, HostFailure::default(), c).unwrap()).into();
            let planned = HOST[attempt as usize - 1];
            assert_eq!(waits[0], planned.mul_f64(0.8));
            assert_eq!(waits[2], planned.mul_f64(1.2));
            assert!(waits[0] < waits[1] && waits[1] < waits[2]);
            total += planned;
        }
        assert_eq!(total, seconds(75 * 3600 + 35 * 60 + 5));
        assert_eq!(host_wait(10, HostFailure::default(), 0), None);
    }

    #[test]
    fn a_busy_host_is_left_alone_and_its_wish_is_honoured_within_reason() {
        let busy = HostFailure { busy: true, retry_after: None };
        assert_eq!(host_wait(1, busy, 0), Some(seconds(60)));
        let wish = |s| HostFailure { busy: false, retry_after: Some(seconds(s)) };
        assert_eq!(host_wait(2, wish(400), 0), Some(seconds(400)));
        assert_eq!(host_wait(2, wish(1), 0), Some(seconds(300)));
        assert_eq!(host_wait(2, wish(99_999), 0), Some(seconds(600)));
    }

    #[test]
    fn a_message_is_retried_only_while_its_code_lives() {
        let now = Timestamp::from_seconds(1_800_000_000);
        let wait = |attempts, providers, lives| {
            message_at(attempts, providers, now, now + seconds(lives)).map(|at| at.since(now))
        };
        assert_eq!(wait(1, 1, 600), Some(seconds(2)));
        assert_eq!(wait(9, 1, 600), Some(seconds(60)));
        assert_eq!(wait(9, 1, 60), None);
        let two: Vec<_> = (1..=6).filter_map(|attempts| wait(attempts, 2, 600)).collect();
        assert_eq!(two, [0, 2, 0, 5, 0, 15].map(seconds));
        assert_eq!(wait(1, 2, 0), None);
        assert_eq!(wait(1, 0, 600), Some(seconds(2)));
    }
}
