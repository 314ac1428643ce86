//! A host asks for events once more: one, or all that it missed.

use serde_json::json;

use crate::domain::audit::{Entry, Origin};
use crate::domain::id::{AuditId, EventId, TenantId};
use crate::domain::refusal::Refusal;
use crate::domain::timestamp::Timestamp;
use crate::store::{StoreError, Tx};
use crate::usecase::{Desk, Failure};

/// Posts an event once more, under its own id, whatever became of it before.
///
/// # Errors
/// `NotFound`
pub async fn replay_event(
    desk: &Desk,
    tenant: &TenantId,
    id: &EventId,
    origin: Origin,
) -> Result<(), Failure> {
    let tx = desk.store.begin().await?;
    if !tx.of(tenant).replay_event(id, desk.time.now()).await? {
        return Err(Refusal::NotFound("event").into());
    }
    record(desk, &tx, tenant, origin, id.as_str(), json!({})).await?;
    tx.commit().await?;
    desk.bells.ring();
    Ok(())
}

/// Posts every event once more that was given up and was written since `since`. Says how many.
///
/// # Errors
/// The database's.
pub async fn replay_parked(
    desk: &Desk,
    tenant: &TenantId,
    since: Timestamp,
    origin: Origin,
) -> Result<u64, Failure> {
    let tx = desk.store.begin().await?;
    let count = tx.of(tenant).replay_parked(since, desk.time.now()).await?;
    record(desk, &tx, tenant, origin, "", json!({"failed_since": since, "events": count})).await?;
    tx.commit().await?;
    desk.bells.ring();
    Ok(count)
}

async fn record(
    desk: &Desk,
    tx: &Tx,
    tenant: &TenantId,
    origin: Origin,
    object: &str,
    detail: serde_json::Value,
) -> Result<(), StoreError> {
    let (at, chance) = desk.draw();
    let id = AuditId::new(at, chance);
    let entry = Entry::of_tenant(id, tenant, at, origin, ("event.replay", "queued"), object, detail);
    tx.of(tenant).insert_audit(&[entry]).await
}
