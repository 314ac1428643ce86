//! The loops that run the queues of a serving process.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::store::Queue;
use crate::usecase::Failure;
use crate::usecase::error::chain;

use super::lanes::Lanes;
use super::pace::Pace;
use super::{Outbox, Room, room};

/// How often to look for what another process wrote down, or what time has made due.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// How long to leave the database alone after it failed.
const AFTER_FAILURE: Duration = Duration::from_secs(1);

/// Runs every queue until `stop`; jobs under way are then finished, within their own time-outs. A loop that ends
/// by itself stops the service: one that is up but sends nothing would be worse.
pub async fn run(outbox: Outbox, stop: CancellationToken) {
    let jobs = TaskTracker::new();
    let mut loops = JoinSet::new();
    for queue in Queue::ALL {
        loops.spawn(watch(outbox.clone(), queue, jobs.clone(), stop.clone()));
    }
    while let Some(ended) = loops.join_next().await {
        if ended.is_err() {
            tracing::error!("a loop of the outbox ended by itself; the service stops");
            stop.cancel();
        }
    }
    jobs.close();
    jobs.wait().await;
}

async fn watch(outbox: Outbox, queue: Queue, jobs: TaskTracker, stop: CancellationToken) {
    let (lanes, room, mut pace) = (Lanes::default(), room(queue), Pace::default());
    // Rung by a finished job: its tenant has a free place again.
    let freed = Arc::new(Notify::new());
    while !stop.is_cancelled() {
        let wait = match start_due(&outbox, queue, (&lanes, room, &mut pace), &jobs, &freed).await {
            Ok(0) => pace.owed(Instant::now()).unwrap_or(LOOK_EVERY),
            Ok(_) => continue,
            Err(error) => {
                tracing::warn!(?queue, error = chain(&error), "a queue cannot be looked at");
                AFTER_FAILURE
            }
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = outbox.desk.bells.of(queue).notified() => {}
            () = freed.notified() => {}
            () = tokio::time::sleep(wait) => {}
        }
    }
}

/// Starts what is due and has room. Gives how many jobs it started.
async fn start_due(
    outbox: &Outbox,
    queue: Queue,
    (lanes, room, far): (&Lanes, Room, &mut Pace),
    jobs: &TaskTracker,
    freed: &Arc<Notify>,
) -> Result<usize, Failure> {
    let claims = outbox.claim(queue, lanes, room, far).await?;
    let started = claims.len();
    for claim in claims {
        let (place, outbox, freed) = (lanes.enter(&claim.tenant), outbox.clone(), Arc::clone(freed));
        jobs.spawn(async move {
            if let Err(error) = outbox.job(queue, &claim).await {
                tracing::warn!(
                    ?queue,
                    id = queue.shown(&claim.id),
                    error = chain(&error),
                    "a job failed; it is tried again"
                );
            }
            drop(place);
            freed.notify_one();
        });
    }
    Ok(started)
}
