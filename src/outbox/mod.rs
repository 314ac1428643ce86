//! Work outside requests: claimed, run, and given back if a process dies.
//!
//! One loop a queue, woken by a commit of this process and looking for others' work twice a second. What runs at
//! once is bounded, for the whole process and for each tenant, so that one slow host or relay delays nobody else.
//! A test drains the queues by call instead.

mod lanes;
mod pace;
mod runner;

use std::sync::Arc;

use tokio::time::Instant;

use crate::domain::id::TenantId;
use crate::host::client::PushClient;
use crate::store::{Claim, Queue};
use crate::usecase::client::lapse_client::lapse_client;
use crate::usecase::host::post_event::post_event;
use crate::usecase::message::Post;
use crate::usecase::message::deliver_message::deliver_message;
use crate::usecase::{Desk, Failure};

use lanes::Lanes;
use pace::Pace;

pub use runner::run;

/// Everything a job may need.
#[derive(Clone)]
pub struct Outbox {
    pub desk: Desk,
    pub post: Post,
    pub pusher: Arc<PushClient>,
}

/// How much of a queue may run at once.
#[derive(Clone, Copy)]
struct Room {
    total: usize,
    per_tenant: usize,
}

fn room(queue: Queue) -> Room {
    match queue {
        Queue::Email | Queue::Phone => Room { total: 64, per_tenant: 8 },
        Queue::HostEvent => Room { total: 256, per_tenant: 4 },
        // Only the database works here: more at once would only wait for it.
        Queue::Client => Room { total: 4, per_tenant: 2 },
    }
}

/// Whether rows of a queue may lie behind very many that are passed by: of tenants that have all they may, or of another
/// queue of the same table.
fn may_hide(queue: Queue, busy: &[TenantId]) -> bool {
    !busy.is_empty() || queue.shares_its_table()
}

impl Outbox {
    /// Runs one claimed job.
    async fn job(&self, queue: Queue, claim: &Claim) -> Result<(), Failure> {
        let (tenant, id) = (&claim.tenant, claim.id.as_str());
        match queue {
            Queue::Email | Queue::Phone => deliver_message(&self.desk, &self.post, tenant, id).await,
            Queue::HostEvent => post_event(&self.desk, &self.pusher, claim).await,
            Queue::Client => lapse_client(&self.desk, tenant, id).await,
        }
    }

    /// What may start now. Where something may be hidden it is looked there first, as often as `pace` allows: what is at
    /// the head of the queue is there the next time, too.
    async fn claim(
        &self,
        queue: Queue,
        lanes: &Lanes,
        room: Room,
        pace: &mut Pace,
    ) -> Result<Vec<Claim>, Failure> {
        let now = self.desk.time.now();
        let (busy, free) = lanes.state(room);
        if free == 0 {
            return Ok(Vec::new());
        }
        let (store, of_tenant) = (&self.desk.store, |tenant: &str| lanes.free_for(tenant, room));
        let began = Instant::now();
        if may_hide(queue, &busy) && pace.allows(began) {
            let hidden = store.claim_behind(queue, now, &busy, of_tenant, free).await?;
            pace.taken(began, Instant::now());
            if !hidden.is_empty() {
                return Ok(hidden);
            }
        }
        Ok(store.claim(queue, now, &busy, of_tenant, free).await?)
    }

    /// Runs everything that is due, one job after another, until nothing is. Gives how many ran.
    ///
    /// # Errors
    /// The first job that failed.
    pub async fn drain(&self) -> Result<usize, Failure> {
        let mut ran = 0;
        loop {
            let before = ran;
            for queue in Queue::ALL {
                for claim in self.claim(queue, &Lanes::default(), room(queue), &mut Pace::default()).await? {
                    self.job(queue, &claim).await?;
                    ran += 1;
                }
            }
            if ran == before {
                return Ok(ran);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_passed_by_may_hide_something() {
        let busy = [TenantId::parse("a").unwrap()];
        for queue in Queue::ALL {
            assert!(may_hide(queue, &busy), "{queue:?}");
            let shares = matches!(queue, Queue::Email | Queue::Phone);
            assert_eq!(may_hide(queue, &[]), shares, "{queue:?}");
        }
    }
}
