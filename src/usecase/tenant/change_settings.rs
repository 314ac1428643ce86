//! Somebody changes what a tenant decides, for every process; what another one changed meanwhile is never overwritten.

use serde_json::{Map, Value, json};

use crate::domain::admin::settings::{Field, document, is_private, overtaken};
use crate::domain::audit::Origin;
use crate::domain::id::TenantId;
use crate::domain::tenant::{Tenant, document::merge};
use crate::store::{StoreError, TenantRow};
use crate::usecase::Desk;

use super::apply_tenants::{NotApplied, check};
use super::record::record_by;

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum NotChanged {
    /// These are no longer what they were when the change was made up, nor what they are to be.
    #[error("somebody else changed {0:?} meanwhile")]
    Overtaken(Vec<&'static str>),
    #[error(transparent)]
    NotApplied(#[from] NotApplied),
}

impl From<StoreError> for NotChanged {
    fn from(error: StoreError) -> Self {
        Self::NotApplied(error.into())
    }
}

/// A tenant as it is stored now, whatever this process knew of it.
///
/// # Errors
/// [`StoreError`]
pub async fn stored_tenant(desk: &Desk, tenant: &TenantId) -> Result<Tenant, StoreError> {
    let row = desk.store.of(tenant).tenant_row().await?.ok_or(StoreError::Guard("tenant"))?;
    read(&row)
}

fn read(row: &TenantRow) -> Result<Tenant, StoreError> {
    Tenant::from_documents(row.id.clone(), &row.settings, &row.providers)
        .map_err(|_| StoreError::Guard("tenant"))
}

/// A tenant as it would be with these changes; nothing is stored.
///
/// # Errors
/// As [`change_settings`].
pub async fn tenant_with(
    desk: &Desk,
    tenant: &TenantId,
    changes: &[(&'static Field, String)],
) -> Result<Tenant, NotApplied> {
    let stored = desk.store.of(tenant).tenant_row().await?.ok_or(StoreError::Guard("tenant"))?;
    check(tenant, &merge(&stored.settings, &document(changes)), &stored.providers)
}

/// Makes changes to what a tenant decides, all or none. `was` gives what a field showed when it was filled in.
///
/// # Errors
/// [`NotChanged`]
pub async fn change_settings(
    desk: &Desk,
    tenant: &TenantId,
    (changes, was): (&[(&'static Field, String)], impl Fn(&str) -> String),
    origin: Origin,
) -> Result<(), NotChanged> {
    let tx = desk.store.begin().await?;
    // Locks the one row that every change of a tenant raises.
    tx.raise("revision").await?;
    let stored = tx.of(tenant).tenant_row().await?.ok_or(StoreError::Guard("tenant"))?;
    let overtaken: Vec<_> = overtaken(changes, &read(&stored)?, was).collect();
    if !overtaken.is_empty() {
        return Err(NotChanged::Overtaken(overtaken));
    }
    let incoming = document(changes);
    let settings = merge(&stored.settings, &incoming);
    let login = check(tenant, &settings, &stored.providers)?.policy.login;
    if settings == stored.settings {
        return Ok(());
    }
    let detail = json!({
        "before": changed(&incoming, &stored.settings),
        "after": changed(&incoming, &settings),
    });
    let now = desk.time.now();
    let trusts_since = login.trusts_since(stored.trusts_since, now);
    tx.put_tenant(&TenantRow { settings, trusts_since, ..stored }, now).await?;
    record_by(desk, &tx, (tenant, origin), "tenant.change", tenant.as_str(), detail).await?;
    tx.commit().await?;
    desk.refresh().await?;
    Ok(())
}

/// What settings say at every place that a document names.
fn changed(incoming: &Value, settings: &Value) -> Value {
    let mut found = Map::new();
    collect(incoming, settings, "", &mut found);
    Value::Object(found)
}

fn collect(incoming: &Value, settings: &Value, at: &str, found: &mut Map<String, Value>) {
    let Value::Object(incoming) = incoming else { return };
    for (key, value) in incoming {
        let place = if at.is_empty() { key.clone() } else { format!("{at}.{key}") };
        let is = settings.get(key).cloned().unwrap_or_default();
        if value.is_object() {
            collect(value, &is, &place, found);
        } else {
            // The record tells that it changed, and not to what.
            let told = if is_private(&place) && !is.is_null() { json!("•••") } else { is };
            found.insert(place, told);
        }
    }
}
