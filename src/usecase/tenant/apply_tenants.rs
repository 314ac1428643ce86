//! Tenants as their file has them. The same file twice changes nothing.

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};

use crate::domain::audit::Origin;
use crate::domain::id::{ApiKeyId, SecretId, TenantId};
use crate::domain::table::Fault;
use crate::domain::tenant::{Tenant, document};
use crate::domain::timestamp::Timestamp;
use crate::domain::wrong::Wrong;
use crate::host::signature::WebhookSecret;
use crate::ports;
use crate::store::{ApiKeyRow, Keychain, SecretPurpose, SecretRow, StoreError, TenantRow, Tx};
use crate::usecase::Desk;
use crate::usecase::directory::hash_api_key;

use super::change_api_key::new_api_key;
use super::record::{record, record_by};

/// One tenant of the file.
pub struct Wanted {
    pub id: TenantId,
    pub settings: Value,
    pub providers: Value,
    /// These count only at creation.
    pub webhook_secret: Option<SecretString>,
    pub push_secret: Option<SecretString>,
    pub api_key: Option<SecretString>,
}

/// What was done about one tenant.
pub enum Applied {
    /// With the secrets that were made, to be shown once.
    Created {
        made: Vec<(&'static str, SecretString)>,
    },
    Changed,
    Same,
}

/// Why nothing was applied.
#[derive(Debug, thiserror::Error)]
pub enum NotApplied {
    #[error("the settings of {id} are not right")]
    Faults { id: TenantId, faults: Vec<Fault> },
    #[error("{}", taken(id))]
    Taken { id: TenantId },
    #[error("the API key of {id} was used before, here or by another tenant; take a new one")]
    KeyUsed { id: TenantId },
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// That the id is somebody else's.
pub fn taken(id: &TenantId) -> Wrong {
    Wrong::of("fault.taken", [("id", id.to_string())])
}

/// Creates or changes tenants, all or none.
///
/// # Errors
/// [`NotApplied`]; then nothing of the file was applied.
pub async fn apply_tenants(desk: &Desk, wanted: Vec<Wanted>) -> Result<Vec<(TenantId, Applied)>, NotApplied> {
    apply(desk, wanted, true, &Origin::operator()).await
}

/// Creates one tenant, whoever asks.
///
/// # Errors
/// [`NotApplied`]; then there is none.
pub async fn create_tenant(desk: &Desk, wanted: Wanted, by: &Origin) -> Result<Applied, NotApplied> {
    let done = apply(desk, vec![wanted], false, by).await?;
    done.into_iter().next().map(|(_, applied)| applied).ok_or(NotApplied::Store(StoreError::Guard("tenant")))
}

async fn apply(
    desk: &Desk,
    wanted: Vec<Wanted>,
    changes: bool,
    by: &Origin,
) -> Result<Vec<(TenantId, Applied)>, NotApplied> {
    let tx = desk.store.begin().await?;
    // Locks the one row that every change of a tenant raises: two files applied at once come one after the other.
    tx.raise("revision").await?;
    let known = desk.store.keychain().await?;
    let mut applied = Vec::new();
    for want in wanted {
        let id = want.id.clone();
        let stored = known.tenants.iter().find(|t| t.id == id);
        let done = match stored {
            Some(stored) if changes => change(desk, &tx, stored, want).await?,
            Some(_) => return Err(NotApplied::Taken { id }),
            None => create(desk, &tx, &known, want, by).await?,
        };
        applied.push((id, done));
    }
    // Nothing changed: nothing is written, not even a revision.
    if applied.iter().any(|(_, done)| !matches!(done, Applied::Same)) {
        tx.commit().await?;
    }
    desk.refresh().await?;
    Ok(applied)
}

async fn change(desk: &Desk, tx: &Tx, stored: &TenantRow, want: Wanted) -> Result<Applied, NotApplied> {
    let settings = document::merge(&stored.settings, &want.settings);
    let providers = document::merge(&stored.providers, &want.providers);
    let login = check(&want.id, &settings, &providers)?.policy.login;
    if settings == stored.settings && providers == stored.providers {
        return Ok(Applied::Same);
    }
    let keys = changed_keys(&stored.settings, &settings);
    let now = desk.time.now();
    let trusts_since = login.trusts_since(stored.trusts_since, now);
    tx.put_tenant(&TenantRow { id: want.id.clone(), settings, providers, trusts_since }, now).await?;
    record(desk, tx, &want.id, "tenant.change", want.id.as_str(), json!({"keys": keys})).await?;
    Ok(Applied::Changed)
}

async fn create(
    desk: &Desk,
    tx: &Tx,
    known: &Keychain,
    want: Wanted,
    by: &Origin,
) -> Result<Applied, NotApplied> {
    check(&want.id, &want.settings, &want.providers)?;
    let (settings, providers) = (want.settings, want.providers);
    let row = TenantRow { id: want.id.clone(), settings, providers, trusts_since: Timestamp::default() };
    tx.put_tenant(&row, desk.time.now()).await?;
    let mut made = Vec::new();
    let secrets = [
        ("webhook_secret", SecretPurpose::Webhook, want.webhook_secret),
        ("push_secret", SecretPurpose::Push, want.push_secret),
    ];
    for (name, purpose, given) in secrets {
        let secret = given.clone().unwrap_or_else(|| new_secret(desk));
        tx.add_secret(&secret_row(desk, &want.id, purpose, &secret)).await?;
        if given.is_none() {
            made.push((name, secret));
        }
    }
    let key = want.api_key.clone().unwrap_or_else(|| new_api_key(desk));
    let hash = hash_api_key(key.expose_secret());
    // A revoked key never returns, and no two tenants share one.
    if known.api_keys.iter().any(|k| k.hash == hash) {
        return Err(NotApplied::KeyUsed { id: want.id });
    }
    let (now, chance) = desk.draw();
    let id = ApiKeyId::new(now, chance);
    tx.add_api_key(&ApiKeyRow {
        tenant: want.id.clone(),
        id,
        hash,
        created_at: now,
        revoked_at: None,
        last_used_at: None,
    })
    .await?;
    if want.api_key.is_none() {
        made.push(("api_key", key));
    }
    record_by(desk, tx, (&want.id, by.clone()), "tenant.create", want.id.as_str(), json!({})).await?;
    Ok(Applied::Created { made })
}

/// A new `whsec_` secret of 32 bytes.
pub fn new_secret(desk: &Desk) -> SecretString {
    let bytes: [u8; 32] = ports::bytes(desk.random.as_ref());
    let secret = WebhookSecret::from_bytes(&bytes).map(|s| s.expose().to_string());
    secret.unwrap_or_default().into()
}

/// A secret as it is kept, without an end.
pub fn secret_row(
    desk: &Desk,
    tenant: &TenantId,
    purpose: SecretPurpose,
    secret: &SecretString,
) -> SecretRow {
    let (now, chance) = desk.draw();
    SecretRow {
        tenant: tenant.clone(),
        id: SecretId::new(now, chance),
        purpose,
        secret: secret.expose_secret().to_owned(),
        created_at: now,
        expires_at: None,
    }
}

/// The tenant that settings make.
pub(super) fn check(id: &TenantId, settings: &Value, providers: &Value) -> Result<Tenant, NotApplied> {
    if id.is_console() {
        let message = Wrong::of("fault.console", []);
        return Err(NotApplied::Faults {
            id: id.clone(),
            faults: vec![Fault { key: "id".to_owned(), message }],
        });
    }
    let faults = |faults| NotApplied::Faults { id: id.clone(), faults };
    let tenant = Tenant::from_documents(id.clone(), settings, providers).map_err(faults)?;
    // Not a fault of what is stored: no tenant is turned away for its logo.
    let logo = tenant.brand.check_logo();
    logo.map_err(|message| faults(vec![Fault { key: "brand.logo".to_owned(), message }]))?;
    // Nor for a PIN that it cannot have.
    tenant.check_requires().map_err(|(key, message)| faults(vec![Fault { key, message }]))?;
    Ok(tenant)
}

/// The top-level keys that differ, for the record; their values may be private.
fn changed_keys(before: &Value, after: &Value) -> Vec<String> {
    let (Value::Object(before), Value::Object(after)) = (before, after) else { return Vec::new() };
    let all = before.keys().chain(after.keys().filter(|k| !before.contains_key(*k)));
    all.filter(|key| before.get(*key) != after.get(*key)).cloned().collect()
}
