//! Somebody changes what a tenant decides, for every process; what another one changed meanwhile is never overwritten.

use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use crate::domain::audit::Origin;
use crate::domain::id::TenantId;
use crate::domain::tenant::document;
use crate::store::{StoreError, TenantRow};
use crate::usecase::Desk;

use super::apply_tenants::{NotApplied, check};
use super::record::record_by;

/// Settings whose values may hold a secret: the record tells that they changed, and not to what.
const PRIVATE: [&str; 1] = ["callback_url"];

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum NotChanged {
    /// They are no longer what they were when the change was made up.
    #[error("somebody else changed these settings meanwhile")]
    Stale,
    #[error(transparent)]
    NotApplied(#[from] NotApplied),
}

impl From<StoreError> for NotChanged {
    fn from(error: StoreError) -> Self {
        Self::NotApplied(error.into())
    }
}

/// What stored settings are known by.
pub fn version(settings: &Value) -> String {
    hex::encode(&Sha256::digest(settings.to_string())[..12])
}

/// The settings of a tenant as they are stored now, and their version.
///
/// # Errors
/// [`StoreError`]
pub async fn stored_settings(desk: &Desk, tenant: &TenantId) -> Result<(Value, String), StoreError> {
    let known = desk.store.keychain().await?;
    let stored = known.tenants.into_iter().find(|stored| stored.id == *tenant);
    let settings = stored.ok_or(StoreError::Guard("tenant"))?.settings;
    let version = version(&settings);
    Ok((settings, version))
}

/// Merges a document into a tenant's settings, if they are still of `version`. What is the same changes nothing.
///
/// # Errors
/// [`NotChanged`]
pub async fn change_settings(
    desk: &Desk,
    tenant: &TenantId,
    (incoming, base): (&Value, &str),
    origin: Origin,
) -> Result<(), NotChanged> {
    let tx = desk.store.begin().await?;
    // Locks the one row that every change of a tenant raises.
    tx.raise("revision").await?;
    let known = desk.store.keychain().await?;
    let stored = known.tenants.iter().find(|stored| stored.id == *tenant);
    let stored = stored.ok_or(StoreError::Guard("tenant"))?;
    if version(&stored.settings) != base {
        return Err(NotChanged::Stale);
    }
    let settings = document::merge(&stored.settings, incoming);
    check(tenant, &settings, &stored.providers)?;
    if settings == stored.settings {
        return Ok(());
    }
    let detail = json!({
        "before": changed(incoming, &stored.settings),
        "after": changed(incoming, &settings),
    });
    let row = TenantRow { id: tenant.clone(), settings, providers: stored.providers.clone() };
    tx.put_tenant(&row, desk.time.now()).await?;
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
            let told =
                if PRIVATE.contains(&place.as_str()) && !is.is_null() { json!("•••") } else { is };
            found.insert(place, told);
        }
    }
}
