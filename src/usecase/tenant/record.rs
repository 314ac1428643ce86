//! What every change of a tenant leaves behind: an audit entry, and a raised revision that all processes see.

use serde_json::Value;

use crate::domain::audit::{Entry, Origin};
use crate::domain::id::{AuditId, TenantId};
use crate::store::{StoreError, Tx};
use crate::usecase::Desk;

/// Notes a change that the operator made, in its transaction.
pub async fn record(
    desk: &Desk,
    tx: &Tx,
    tenant: &TenantId,
    action: &'static str,
    object: &str,
    detail: Value,
) -> Result<(), StoreError> {
    record_by(desk, tx, (tenant, Origin::operator()), action, object, detail).await
}

/// Notes a change in its transaction, whoever made it.
pub async fn record_by(
    desk: &Desk,
    tx: &Tx,
    (tenant, origin): (&TenantId, Origin),
    action: &'static str,
    object: &str,
    detail: Value,
) -> Result<(), StoreError> {
    let (at, chance) = desk.draw();
    let entry =
        Entry::of_tenant(AuditId::new(at, chance), tenant, at, origin, (action, "done"), object, detail);
    tx.of(tenant).insert_audit(&[entry]).await?;
    tx.raise("revision").await
}
