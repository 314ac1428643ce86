//! Guesses spread over many clients: what each has of chance, how much a tenant can bear, and when checks rest.
//!
//! Tries per code and per subject stop who guesses at one client. Five guesses at each of ten thousand clients would still
//! hit one in twenty times. So every wrong try adds the chance that it had, and where a day's sum has reached
//! `DAY_MOST` no more than `HOUR_MOST` is taken in an hour: an attack stays under one in two hundred a day, and who
//! verifies goes on within the hour once it is over. Right codes add nothing. Who spreads guesses over many tenants too
//! meets the [`Ceiling`]: once all together have reached it, each is held to the hour as if its own day were used up.

use super::timestamp::Timestamp;
use super::workflow::Workflow;

const HOUR_MILLIS: i64 = 3_600_000;
/// Hours of a day that count, the present one included.
pub const HOURS: i64 = 24;
/// The chance that wrong tries of a day may have had together, in billionths: 0.4 %, which is 4,000 codes of six digits.
const DAY_MOST: u64 = 4_000_000;
/// What is let through in an hour after that: 40 codes of six digits, 0.1 % in a day.
const HOUR_MOST: u64 = 40_000;

/// What all tenants of a service bear together in a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ceiling(u64);

impl Ceiling {
    /// That of so many wrong codes of six digits.
    pub fn of_codes(codes: u32) -> Self {
        Self(u64::from(codes) * chance(6))
    }

    /// Whether wrong tries of a day have had so much chance together.
    pub fn is_reached(self, chance: u64) -> bool {
        chance >= self.0
    }
}

/// The chance of one guess at a code of so many digits, in billionths.
pub fn chance(digits: u32) -> u64 {
    10u64.pow(9u32.saturating_sub(digits))
}

/// Hours since 1970.
pub fn hour(at: Timestamp) -> i64 {
    at.millis().div_euclid(HOUR_MILLIS)
}

/// Wrong tries of one workflow within an hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guesses {
    pub workflow: Workflow,
    pub hour: i64,
    pub tries: u64,
    /// Billionths.
    pub chance: u64,
}

/// How many wrong tries there were in the last day.
pub fn tries(guesses: &[Guesses], now: Timestamp) -> u64 {
    of_day(guesses, now).map(|one| one.tries).sum()
}

/// Until when nothing of this workflow is checked; `everywhere` says whether all tenants together have had too many.
pub fn rests_until(
    guesses: &[Guesses],
    workflow: Workflow,
    everywhere: bool,
    now: Timestamp,
) -> Option<Timestamp> {
    let own = || of_day(guesses, now).filter(|one| one.workflow == workflow);
    let day: u64 = own().map(|one| one.chance).sum();
    let present: u64 = own().filter(|one| one.hour == hour(now)).map(|one| one.chance).sum();
    ((day >= DAY_MOST || everywhere) && present >= HOUR_MOST)
        .then(|| Timestamp::from_millis((hour(now) + 1) * HOUR_MILLIS))
}

/// Those whose wrong tries stand out, the most first: at least ten, and five times what is usual among who had any.
pub fn standing_out(mut wrong: Vec<(String, u64)>) -> Vec<(String, u64)> {
    wrong.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
    // Of an even number the lower: one of two may stand out.
    let usual = wrong.get(wrong.len() / 2).map_or(0, |(_, tries)| *tries);
    let alone = wrong.len() == 1;
    wrong.retain(|(_, tries)| *tries >= 10 && (alone || *tries >= 5 * usual));
    wrong
}

fn of_day(guesses: &[Guesses], now: Timestamp) -> impl Iterator<Item = &Guesses> {
    let first = hour(now) - HOURS;
    guesses.iter().filter(move |one| one.hour > first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const NOON: Timestamp = Timestamp::from_millis(500_000 * HOUR_MILLIS);

    fn after(minutes: u64) -> Timestamp {
        NOON + Duration::from_secs(60 * minutes)
    }

    /// Counts one wrong try, as the database does.
    fn count(guesses: &mut Vec<Guesses>, digits: u32, at: Timestamp) {
        match guesses.iter_mut().find(|one| one.hour == hour(at)) {
            Some(one) => {
                one.tries += 1;
                one.chance += chance(digits);
            }
            None => guesses.push(Guesses {
                workflow: Workflow::Client,
                hour: hour(at),
                tries: 1,
                chance: chance(digits),
            }),
        }
    }

    fn rests(guesses: &[Guesses], at: Timestamp) -> bool {
        rests_until(guesses, Workflow::Client, false, at).is_some()
    }

    #[test]
    fn five_guesses_at_each_of_ten_thousand_clients_stop_before_one_in_two_hundred() {
        for digits in [6, 7, 8] {
            let (mut guesses, mut missed) = (Vec::new(), 1.0f64);
            // As fast as can be, for a day.
            let mut made = 0u32;
            for minute in 0..24 * 60 {
                for _ in 0..50_000 {
                    if made == 50_000 || rests(&guesses, after(minute)) {
                        break;
                    }
                    count(&mut guesses, digits, after(minute));
                    missed *= 1.0 - 0.1f64.powi(digits.cast_signed());
                    made += 1;
                }
            }
            let hit = 1.0 - missed;
            assert!(hit <= 0.005, "{digits} digits: {hit} after {made} guesses");
            assert_eq!(made == 50_000, digits == 8, "{made} guesses at {digits} digits");
        }
    }

    #[test]
    fn an_honest_day_of_a_large_tenant_never_rests() {
        let mut guesses = Vec::new();
        // Twenty thousand verifications in ten hours, every twentieth mistyped once.
        for n in 0..1_000u64 {
            count(&mut guesses, 6, after(n * 600 / 1_000));
            assert!(!rests(&guesses, after(n * 600 / 1_000)));
        }
        assert_eq!(tries(&guesses, after(600)), 1_000);
    }

    #[test]
    fn guesses_spread_over_tenants_leave_each_forty_an_hour() {
        let ceiling = Ceiling::of_codes(40_000);
        assert!(!ceiling.is_reached(39_999 * chance(6)));
        assert!(ceiling.is_reached(40_000 * chance(6)) && ceiling.is_reached(400_000 * chance(7)));
        let everywhere = |guesses: &[Guesses], at| rests_until(guesses, Workflow::Client, true, at);
        let mut guesses = Vec::new();
        for _ in 0..39 {
            count(&mut guesses, 6, after(10));
        }
        assert_eq!(everywhere(&guesses, after(10)), None, "who has few goes on");
        count(&mut guesses, 6, after(10));
        assert!(!rests(&guesses, after(10)));
        assert_eq!(everywhere(&guesses, after(10)), Some(after(60)));
        assert_eq!(everywhere(&guesses, after(60)), None);
    }

    #[test]
    fn an_agent_who_guesses_stands_out_among_two_hundred() {
        let mut wrong: Vec<_> = (0..199).map(|n| (format!("u-{n}"), n % 4)).collect();
        assert_eq!(standing_out(wrong.clone()), []);
        wrong.push(("u-guesses".to_owned(), 12));
        assert_eq!(standing_out(wrong), [("u-guesses".to_owned(), 12)]);
        let named = |wrong: &[(&str, u64)]| {
            standing_out(wrong.iter().map(|(agent, n)| ((*agent).to_owned(), *n)).collect())
                .into_iter()
                .map(|(agent, _)| agent)
                .collect::<Vec<_>>()
        };
        assert_eq!(named(&[("a", 9)]), [""; 0]);
        assert_eq!(named(&[("a", 10)]), ["a"]);
        assert_eq!(named(&[("a", 10), ("b", 2)]), ["a"]);
        assert_eq!(named(&[("a", 30), ("b", 29), ("c", 28)]), [""; 0], "a bad day for all is nobody's");
    }

    #[test]
    fn what_rests_goes_on_within_the_hour_for_a_few_and_the_next_day_for_all() {
        let mut guesses = Vec::new();
        let wrong = |guesses: &mut Vec<Guesses>, times: u32, at| {
            for _ in 0..times {
                count(guesses, 6, at);
            }
        };
        wrong(&mut guesses, 3_999, after(50));
        assert!(!rests(&guesses, after(50)));
        wrong(&mut guesses, 1, after(50));
        assert_eq!(rests_until(&guesses, Workflow::Client, false, after(50)), Some(after(60)));
        assert_eq!(rests_until(&guesses, Workflow::Pin, false, after(50)), None, "another workflow goes on");
        assert!(!rests(&guesses, after(60)));
        wrong(&mut guesses, 39, after(61));
        assert!(!rests(&guesses, after(62)));
        wrong(&mut guesses, 1, after(62));
        assert_eq!(rests_until(&guesses, Workflow::Client, false, after(62)), Some(after(120)));
        wrong(&mut guesses, 100, after(24 * 60));
        assert!(!rests(&guesses, after(24 * 60)), "a day later the first hour counts no more");
    }
}
