//! The oldest entries go once they are old enough, from the front of the chain, which then starts later.

use crate::domain::audit::KEPT;
use crate::domain::id::TenantId;
use crate::store::StoreError;
use crate::usecase::Desk;

/// Entries deleted at once.
const BATCH: u64 = 200;

/// Deletes one batch of entries that are too old. Says whether there may be more. An entry without a place waits for one,
/// and what is not whole stays for whoever looks into it: otherwise a changed time would make the service itself
/// delete what somebody wants gone.
///
/// # Errors
/// [`StoreError`]
pub async fn let_go(desk: &Desk, tenant: &TenantId) -> Result<bool, StoreError> {
    let before = desk.time.now() - KEPT;
    let of = desk.store.of(tenant);
    let Some(chain) = of.chain().await? else { return Ok(false) };
    let oldest = of.places(chain.first - 1, 1).await?;
    if !oldest.iter().any(|(_, entry)| entry.as_ref().is_none_or(|entry| entry.at < before)) {
        return Ok(false);
    }
    let ring = &desk.store.vault().ring;
    let tx = desk.store.begin().await?;
    let mut chain = tx.lock_chain(tenant).await?;
    let places = tx.of(tenant).places(chain.first - 1, BATCH).await?;
    let (gone, bad) = chain.let_go(ring, &places, before);
    if let Some(bad) = &bad {
        tracing::error!(%tenant, %bad, "the audit log is not whole: its oldest entries stay");
    }
    if gone > 0 {
        let links: Vec<_> = places[..gone].iter().map(|(link, _)| link).collect();
        tx.of(tenant).delete_places(&links).await?;
        tx.of(tenant).save_chain(&chain).await?;
        tx.commit().await?;
    }
    Ok(bad.is_none() && gone as u64 == BATCH)
}
