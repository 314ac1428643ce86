//! A webhook or push secret is replaced, the old one valid a while longer.

use std::time::Duration;

use secrecy::SecretString;
use serde_json::json;

use crate::domain::audit::Origin;
use crate::domain::id::TenantId;
use crate::domain::refusal::Refusal;
use crate::domain::span;
pub use crate::store::SecretPurpose;
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
    rotate_secret_by(desk, tenant, (purpose, overlap), Origin::operator()).await
}

/// The same, whoever asks.
///
/// # Errors
/// `NotFound`
pub async fn rotate_secret_by(
    desk: &Desk,
    tenant: &TenantId,
    (purpose, overlap): (SecretPurpose, Duration),
    by: Origin,
) -> Result<SecretString, Failure> {
    desk.directory.get().company(tenant).ok_or(Refusal::NotFound("tenant"))?;
    let secret = new_secret(desk);
    let row = secret_row(desk, tenant, purpose, &secret);
    let tx = desk.store.begin().await?;
    tx.expire_secrets(tenant, purpose, desk.time.now() + overlap).await?;
    tx.add_secret(&row).await?;
    let detail = json!({"purpose": purpose.as_str(), "overlap": span::display(overlap)});
    record_by(desk, &tx, (tenant, by), "secret.rotate", row.id.as_str(), detail).await?;
    tx.commit().await?;
    desk.refresh().await?;
    Ok(secret)
}
