//! A webhook or push secret is replaced, the old one valid a while longer.

use std::time::Duration;

use secrecy::SecretString;
use serde_json::json;

use crate::domain::audit::Origin;
use crate::domain::id::{SecretId, TenantId};
use crate::domain::refusal::Refusal;
use crate::domain::span;
pub use crate::store::SecretPurpose;
use crate::store::{SecretRow, StoreError};
use crate::usecase::{Desk, Failure};

use super::apply_tenants::{new_secret, secret_row};
use super::record::record_by;

/// Makes a new secret, shown this once; those before it end after `overlap`.
///
/// # Errors
/// `NotFound` for an unknown tenant.
pub async fn rotate_secret(
    desk: &Desk,
    tenant: &TenantId,
    purpose: SecretPurpose,
    overlap: Duration,
) -> Result<SecretString, Failure> {
    let (id, by) = (new_id(desk), Origin::operator());
    let made = rotate_secret_once(desk, tenant, &id, (purpose, overlap), by).await?;
    Ok(made.ok_or(StoreError::Guard("tenant_secret"))?)
}

/// The id of a secret that is yet to be made.
pub fn new_id(desk: &Desk) -> SecretId {
    let (now, chance) = desk.draw();
    SecretId::new(now, chance)
}

/// The same under an id that was drawn before, whoever asks. `None` where the tenant has a secret of that id: whoever asks a
/// second time, as a page that is loaded again does, makes no other one, and ends none.
///
/// # Errors
/// `NotFound`
pub async fn rotate_secret_once(
    desk: &Desk,
    tenant: &TenantId,
    id: &SecretId,
    (purpose, overlap): (SecretPurpose, Duration),
    by: Origin,
) -> Result<Option<SecretString>, Failure> {
    desk.directory.get().company(tenant).ok_or(Refusal::NotFound("tenant"))?;
    let secret = new_secret(desk);
    let row = SecretRow { id: id.clone(), ..secret_row(desk, tenant, purpose, &secret) };
    let tx = desk.store.begin().await?;
    tx.expire_secrets(tenant, purpose, desk.time.now() + overlap).await?;
    match tx.add_secret(&row).await {
        Err(StoreError::Conflict(_)) => return Ok(None),
        added => added?,
    }
    let detail = json!({"purpose": purpose.as_str(), "overlap": span::display(overlap)});
    record_by(desk, &tx, (tenant, by), "secret.rotate", row.id.as_str(), detail).await?;
    tx.commit().await?;
    desk.refresh().await?;
    Ok(Some(secret))
}
