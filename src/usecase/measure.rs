//! Figures that are looked up when they are asked for; all others are counted where things happen.

use crate::store::Queue;

use super::message::spend;
use super::pin::{check_pin, hasher};
use super::{Desk, Failure, brake};

/// Makes the figures of what is refused known from the start: an alert cannot tell a series that is missing from one that is quiet.
pub fn announce() {
    hasher::announce();
    check_pin::announce();
    brake::announce();
    spend::announce();
}

/// How much waits in the outbox, and since when: the same whichever process is asked.
///
/// # Errors
/// The database's.
pub async fn measure_outbox(desk: &Desk) -> Result<(), Failure> {
    for queue in Queue::ALL {
        let waiting = desk.store.waiting(queue, desk.time.now()).await?;
        metrics::gauge!("countersign_outbox_due", "queue" => queue.as_str()).set(waiting.due);
        metrics::gauge!("countersign_outbox_age_seconds", "queue" => queue.as_str())
            .set(waiting.oldest.as_secs_f64());
    }
    Ok(())
}
