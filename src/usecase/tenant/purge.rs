//! What is older than a tenant keeps it goes, a little at a time.

use crate::domain::calendar;
use crate::domain::policy::SENDS_WINDOW;
use crate::store::{Aging, StoreError};
use crate::usecase::Desk;
use crate::usecase::audit::let_go::let_go;
use crate::usecase::message::spend::COUNTS;

/// Deletes everything that is too old, of every tenant. Other work goes on between the batches.
///
/// # Errors
/// [`StoreError`]; what was deleted before stays deleted, and the next run goes on.
pub async fn purge(desk: &Desk) -> Result<(), StoreError> {
    let directory = desk.directory.get();
    desk.store.purge_guesses(desk.time.now()).await?;
    for member in directory.members() {
        let tenant = &member.tenant;
        for what in Aging::ALL {
            while desk.store.purge_batch(what, &tenant.id, tenant.retention, desk.time.now()).await? {
                tokio::task::yield_now().await;
            }
        }
        let now = desk.time.now();
        let today = calendar::iso_day(now, tenant.time_zone);
        desk.store.purge_texted(&tenant.id, now - COUNTS, &today).await?;
        while let_go(desk, &tenant.id).await? {
            tokio::task::yield_now().await;
        }
        while desk.store.purge_limits(&tenant.id, desk.time.now() - SENDS_WINDOW).await? {
            tokio::task::yield_now().await;
        }
    }
    Ok(())
}
