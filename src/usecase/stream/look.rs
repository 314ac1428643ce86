//! What other processes changed is found, and told to those who listen here.

use crate::store::StoreError;
use crate::usecase::Desk;
use crate::usecase::client::read_status::MOST_CLIENTS;

use super::trail::MOST_SIGNS;

/// How many times clients are read in one look, up to [`MOST_CLIENTS`] each time.
const MOST_READS: usize = 4;

/// Looks once: at the newest entries of the log, and then at those watched clients that they speak of. Says whether
/// some are left to be read.
///
/// # Errors
/// [`StoreError`]; the next look then finds the same.
pub async fn look(desk: &Desk) -> Result<bool, StoreError> {
    let Some(since) = desk.hub.since() else { return Ok(false) };
    let signs = desk.store.signs(since, MOST_SIGNS).await?;
    desk.hub.heed(signs, desk.time.now());
    for _ in 0..MOST_READS {
        let Some((tenant, clients)) = desk.hub.doubtful(MOST_CLIENTS) else { return Ok(false) };
        match desk.store.of(&tenant).outlines(&clients).await {
            Ok(outlines) => {
                // Who polls here is told no less than who listens.
                desk.changes.count(&tenant);
                desk.hub.learn(&tenant, outlines, desk.time.now());
            }
            Err(error) => {
                desk.hub.doubt(&tenant, &clients);
                return Err(error);
            }
        }
    }
    Ok(true)
}
