//! What seals the log while the service runs, and tells its checkpoints to whoever keeps the service's own log.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::domain::chain::Chain;
use crate::domain::id::TenantId;
use crate::domain::timestamp::Timestamp;
use crate::store::StoreError;
use crate::usecase::Desk;
use crate::usecase::error::chain;

use super::checkpoint;
use super::seal::seal_since;

/// How often it is looked, and how much later than its time an entry may have been committed to be seen then. Most are
/// within two seconds, all under load within twenty; what was later than that came from a process that was paused. The
/// first is every run.
const LOOKS: [Look; 3] = [
    Look { every: Duration::ZERO, late: Duration::from_secs(2) },
    Look { every: Duration::from_secs(20), late: Duration::from_secs(20) },
    Look { every: Duration::from_mins(10), late: Duration::from_hours(1) },
];
const LATE: usize = 1;
const DEEPEST: usize = LOOKS.len() - 1;
/// How often a checkpoint of a tenant is told at most.
const TELL_EVERY: Duration = Duration::from_mins(10);
const EVER: Timestamp = Timestamp::from_millis(i64::MIN);

struct Look {
    every: Duration,
    late: Duration,
}

/// Of one process.
pub struct Sealer {
    desk: Desk,
    /// When each of [`LOOKS`] was last taken, or a deeper one: never yet, when a process starts.
    looked_at: [Timestamp; LOOKS.len()],
    /// What the last of the deepest looks had to leave, and since when: the next tries all of it again.
    left: u64,
    left_since: Option<Timestamp>,
    told: Told,
}

impl Sealer {
    pub fn new(desk: Desk) -> Self {
        Self { desk, looked_at: [EVER; LOOKS.len()], left: 0, left_since: None, told: Told::default() }
    }

    /// Seals what is new, and logs the checkpoints that are due.
    ///
    /// # Errors
    /// [`StoreError`]; the next run goes on.
    pub async fn run(&mut self) -> Result<(), StoreError> {
        self.look(0).await
    }

    async fn look(&mut self, shallowest: usize) -> Result<(), StoreError> {
        let now = self.desk.time.now();
        let (depth, since) = due(&self.looked_at, now, shallowest);
        let sweeps = depth == DEEPEST;
        let since = self.left_since.filter(|_| sweeps).map_or(since, |left| since.min(left));
        let pass = seal_since(&self.desk, since).await?;
        self.looked_at[..=depth].fill(now);
        if sweeps {
            (self.left, self.left_since) = (pass.left, pass.left_since);
        }
        self.left_since = self.left_since.or(pass.left_since);
        #[expect(clippy::cast_precision_loss, reason = "a figure")]
        metrics::gauge!("countersign_audit_unsealed").set(pass.left.max(self.left) as f64);
        self.told.grew(pass.grown);
        self.tell(now, TELL_EVERY);
        Ok(())
    }

    /// Seals what the last requests left, and logs every checkpoint that was not yet.
    pub async fn end(mut self) {
        if let Err(error) = self.look(LATE).await {
            tracing::warn!(error = chain(&error), "the last audit entries are sealed at the next start");
        }
        self.tell(self.desk.time.now(), Duration::ZERO);
    }

    fn tell(&mut self, now: Timestamp, every: Duration) {
        for chain in self.told.due(now, every) {
            let checkpoint = checkpoint::of(&self.desk, &chain);
            tracing::info!(target: "countersign::audit", tenant = %chain.tenant, size = chain.size, %checkpoint, "audit checkpoint");
        }
    }
}

/// The deepest look that is due, `shallowest` or a deeper one, and since when entries are looked at then. A clock that was put back
/// makes all due.
fn due(looked_at: &[Timestamp; LOOKS.len()], now: Timestamp, shallowest: usize) -> (usize, Timestamp) {
    let is_due = |depth: &usize| {
        let last = looked_at[*depth];
        last > now || now.since(last) >= LOOKS[*depth].every
    };
    let depth = (0..LOOKS.len()).rev().find(is_due).unwrap_or(0).max(shallowest);
    (depth, looked_at[depth].min(now) - LOOKS[depth].late)
}

/// Which chains grew since their checkpoint was told.
#[derive(Default)]
struct Told {
    grown: BTreeMap<TenantId, Chain>,
    last: BTreeMap<TenantId, (Timestamp, i64)>,
}

impl Told {
    fn grew(&mut self, grown: BTreeMap<TenantId, Chain>) {
        for (tenant, chain) in &grown {
            if self.last.get(tenant).is_some_and(|(_, size)| *size >= chain.size) {
                tracing::error!(%tenant, "the audit log is shorter than it was: see `countersign audit verify`");
            }
        }
        self.grown.extend(grown);
    }

    fn due(&mut self, now: Timestamp, every: Duration) -> Vec<Chain> {
        let last = &self.last;
        let is_due = |tenant: &TenantId| last.get(tenant).is_none_or(|(at, _)| now.since(*at) >= every);
        let due: Vec<_> = self.grown.extract_if(.., |tenant, _| is_due(tenant)).collect();
        self.last.extend(due.iter().map(|(tenant, chain)| (tenant.clone(), (now, chain.size))));
        due.into_iter().map(|(_, chain)| chain).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::key::{self, KeySet};

    #[test]
    fn it_is_looked_back_far_enough_for_what_was_late() {
        let at = |seconds: i64| Timestamp::from_seconds(1_800_000_000 + seconds);
        let mut looked_at = [EVER; 3];
        let mut looks = |now| {
            let (depth, since) = due(&looked_at, at(now), 0);
            looked_at[..=depth].fill(at(now));
            (depth, since.seconds() - 1_800_000_000)
        };
        assert_eq!(looks(0), (2, EVER.seconds() - 1_800_000_000), "all that there is");
        assert_eq!(looks(2), (0, -2));
        assert_eq!(looks(4), (0, 0));
        assert_eq!(looks(15), (0, 2), "a run that was late itself leaves no gap");
        assert_eq!(looks(21), (1, -20), "from the last one that looked so far back");
        assert_eq!(looks(23), (0, 19));
        assert_eq!(looks(600), (2, -3600));
        assert_eq!(looks(602), (0, 598));
        assert_eq!(looks(-3000), (2, -6600), "the clock was put back an hour");
        assert_eq!(looks(-2998), (0, -3002));
        let (depth, since) = due(&looked_at, at(-2996), LATE);
        assert_eq!((depth, since), (LATE, at(-3020)), "the last look of a process is no shallow one");
    }

    #[test]
    fn a_checkpoint_is_told_when_a_chain_grew_and_every_ten_minutes_at_most() {
        let bytes: Vec<u8> = (0..32).collect();
        let keys = KeySet::parse(&key::generate(&bytes.try_into().unwrap())).unwrap();
        let tenant = TenantId::parse("a").unwrap();
        let at = |minutes: u64| Timestamp::from_seconds(1_800_000_000) + Duration::from_secs(60 * minutes);
        let grown = |size| {
            let chain = Chain { size, ..Chain::start(&tenant, &keys) };
            BTreeMap::from([(tenant.clone(), chain)])
        };
        let mut told = Told::default();
        let mut sizes = |minute, size: Option<i64>| {
            told.grew(size.map(grown).unwrap_or_default());
            told.due(at(minute), TELL_EVERY).iter().map(|chain| chain.size).collect::<Vec<_>>()
        };
        assert_eq!(sizes(0, None), [0; 0]);
        assert_eq!(sizes(0, Some(3)), [3]);
        assert_eq!(sizes(1, Some(4)), [0; 0]);
        assert_eq!(sizes(9, Some(5)), [0; 0]);
        assert_eq!(sizes(10, None), [5], "the newest, also when nothing came since");
        assert_eq!(sizes(30, None), [0; 0], "it did not grow");
        assert_eq!(sizes(31, Some(6)), [6]);
    }
}
