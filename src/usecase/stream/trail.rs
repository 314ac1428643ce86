//! What the audit log says has changed, read over and over, each entry heeded once.
//!
//! Every change of a client leaves an entry in its own transaction, so the newest entries tell what any process did,
//! by an index that is there already. An entry has the time at which its transaction had the client's lock, and is
//! seen only once that commits: so the same stretch is looked at again, for longer than a transaction may last.

use std::collections::HashSet;
use std::time::Duration;

use crate::domain::timestamp::Timestamp;
use crate::store::Sign;

use super::TICK;

/// How far back each look goes: more than a transaction lasts, with the statement that it may wait for at its end.
const LOOK_BACK: Duration = Duration::from_secs(30);
/// How far apart the clocks of two processes may be where so much happens that a look does not go all the way back.
const APART: Duration = Duration::from_secs(5);
/// Most entries in one look.
pub const MOST_SIGNS: usize = 10_000;

/// How far the log has been read.
pub struct Trail {
    since: Timestamp,
    newest: i64,
    seen: HashSet<String>,
    /// Entries of this process, whose changes were told when they were made.
    own: HashSet<String>,
}

/// What a look brought.
pub struct Heeded {
    /// What was not there at the look before.
    pub fresh: Vec<Sign>,
    /// So much happened that a change may not be among it.
    pub gap: bool,
}

impl Trail {
    /// Starts now: what was committed before is known.
    pub fn start(now: Timestamp) -> Self {
        let since = now - LOOK_BACK;
        Self { since, newest: since.millis(), seen: HashSet::new(), own: HashSet::new() }
    }

    /// From when on entries are to be read.
    pub fn since(&self) -> Timestamp {
        self.since
    }

    /// Takes note of entries of this process.
    pub fn own<'a>(&mut self, ids: impl Iterator<Item = &'a str>) {
        if self.own.len() > MOST_SIGNS {
            self.own.clear();
        }
        self.own.extend(ids.map(str::to_owned));
    }

    /// Takes note of what a look brought: up to [`MOST_SIGNS`] entries, newest first.
    pub fn heed(&mut self, signs: Vec<Sign>, now: Timestamp) -> Heeded {
        let apart = i64::try_from(APART.as_millis()).unwrap_or(i64::MAX);
        let full = signs.len() >= MOST_SIGNS;
        let gap = full && signs.last().is_some_and(|oldest| oldest.at + apart > self.newest);
        self.newest = signs.iter().map(|sign| sign.at).fold(self.newest, i64::max);
        let read: HashSet<String> = signs.iter().map(|sign| sign.id.clone()).collect();
        let known = |sign: &Sign| self.seen.contains(&sign.id) || self.own.contains(&sign.id);
        let fresh = signs.into_iter().filter(|sign| !known(sign)).collect();
        self.own.retain(|id| !read.contains(id));
        self.seen = read;
        // Where time jumped ahead, other processes may be behind for a while: what is read from moves on in steps.
        self.since = self.since.max((now - LOOK_BACK).min(self.since + 2 * TICK));
        Heeded { fresh, gap }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::from_seconds(1_800_000_000);

    fn sign(id: &str, at: Timestamp) -> Sign {
        Sign { id: id.into(), at: at.millis(), tenant_id: "t".into(), client_id: "c".into() }
    }

    fn fresh(trail: &mut Trail, signs: &[Sign]) -> Vec<String> {
        trail.heed(signs.to_vec(), START).fresh.into_iter().map(|sign| sign.id).collect()
    }

    #[test]
    fn each_entry_is_heeded_once_even_one_that_committed_late_and_never_our_own() {
        let (mut trail, second) = (Trail::start(START), Duration::from_secs(1));
        let (a, b) = (sign("a", START), sign("b", START + second));
        assert_eq!(fresh(&mut trail, std::slice::from_ref(&b)), ["b"]);
        assert_eq!(fresh(&mut trail, &[b.clone(), a.clone()]), ["a"], "stamped before, committed after");
        trail.own(["c"].into_iter());
        assert_eq!(fresh(&mut trail, &[b.clone(), a.clone()]), [""; 0], "not there yet");
        assert_eq!(fresh(&mut trail, &[sign("c", START + 2 * second), b, a]), [""; 0]);
    }

    #[test]
    fn a_look_that_does_not_reach_back_to_the_one_before_says_so() {
        // One entry a millisecond.
        let many = |newest: Timestamp| -> Vec<Sign> {
            let nth = |n| sign(&format!("{newest}-{n}"), newest - Duration::from_millis(n));
            (0..MOST_SIGNS as u64).map(nth).collect()
        };
        let gap = |trail: &mut Trail, signs| trail.heed(signs, START).gap;
        let mut trail = Trail::start(START);
        assert!(gap(&mut trail, many(START)), "ten seconds of the thirty");
        let next = START + Duration::from_millis(4999);
        assert!(!gap(&mut trail, many(next)), "back to five seconds before the newest that was read");
        assert!(gap(&mut trail, many(next + Duration::from_secs(5))), "a millisecond less");
        assert!(!gap(&mut trail, vec![sign("x", next + 2 * LOOK_BACK)]), "all there was");
    }

    #[test]
    fn what_is_read_from_moves_on_with_time_and_only_in_steps() {
        let mut trail = Trail::start(START);
        assert_eq!(trail.since(), START - LOOK_BACK);
        trail.heed(vec![], START + TICK);
        assert_eq!(trail.since(), START + TICK - LOOK_BACK);
        trail.heed(vec![], START + Duration::from_secs(3600));
        assert_eq!(trail.since(), START + 3 * TICK - LOOK_BACK, "a jump is not believed at once");
        trail.heed(vec![], START);
        assert_eq!(trail.since(), START + 3 * TICK - LOOK_BACK);
    }
}
