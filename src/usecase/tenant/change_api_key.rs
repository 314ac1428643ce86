//! API keys: made, shown once, revoked for good.

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;

use crate::domain::audit::Origin;
use crate::domain::id::{ApiKeyId, TenantId};
use crate::domain::refusal::Refusal;
use crate::ports;
use crate::store::{ApiKeyRow, StoreError};
use crate::usecase::directory::hash_api_key;
use crate::usecase::{Desk, Failure};

use super::record::record_by;

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// Characters after `csk_`: 43 of 62 are 256 bits.
const LENGTH: usize = 43;

/// A new key, not yet anybody's.
pub fn new_api_key(desk: &Desk) -> SecretString {
    let mut key = String::with_capacity(4 + LENGTH);
    key.push_str("csk_");
    while key.len() < 4 + LENGTH {
        for byte in ports::bytes::<64>(desk.random.as_ref()) {
            // 248 is the largest multiple of 62 in a byte: above it, letters would not be equally likely.
            if byte < 248 && key.len() < 4 + LENGTH {
                key.push(char::from(ALPHABET[usize::from(byte) % ALPHABET.len()]));
            }
        }
    }
    key.into()
}

/// Makes a key for a tenant; it is shown this once.
///
/// # Errors
/// `NotFound` for an unknown tenant.
pub async fn create_api_key(desk: &Desk, tenant: &TenantId) -> Result<(ApiKeyId, SecretString), Failure> {
    let id = new_id(desk);
    let made = create_api_key_once(desk, tenant, &id, Origin::operator()).await?;
    Ok((id, made.ok_or(StoreError::Guard("api_key"))?))
}

/// The id of a key that is yet to be made.
pub fn new_id(desk: &Desk) -> ApiKeyId {
    let (now, chance) = desk.draw();
    ApiKeyId::new(now, chance)
}

/// The same under an id that was drawn before, whoever asks. `None` where the tenant has a key of that id: whoever asks a
/// second time, as a page that is loaded again does, makes no other one.
///
/// # Errors
/// `NotFound`
pub async fn create_api_key_once(
    desk: &Desk,
    tenant: &TenantId,
    id: &ApiKeyId,
    by: Origin,
) -> Result<Option<SecretString>, Failure> {
    desk.directory.get().company(tenant).ok_or(Refusal::NotFound("tenant"))?;
    let key = new_api_key(desk);
    let now = desk.time.now();
    let hash = hash_api_key(key.expose_secret());
    let tx = desk.store.begin().await?;
    let row = ApiKeyRow {
        tenant: tenant.clone(),
        id: id.clone(),
        hash,
        created_at: now,
        revoked_at: None,
        last_used_at: None,
    };
    match tx.add_api_key(&row).await {
        Err(StoreError::Conflict(_)) => return Ok(None),
        added => added?,
    }
    record_by(desk, &tx, (tenant, by), "api_key.create", id.as_str(), json!({})).await?;
    tx.commit().await?;
    desk.refresh().await?;
    Ok(Some(key))
}

/// Revokes a key, and every token that was made with it.
///
/// # Errors
/// `NotFound` for a key that this tenant does not have, or that is revoked already.
pub async fn revoke_api_key(desk: &Desk, tenant: &TenantId, id: &ApiKeyId) -> Result<(), Failure> {
    revoke_api_key_by(desk, tenant, id, Origin::operator()).await
}

/// The same, whoever asks.
///
/// # Errors
/// `NotFound`
pub async fn revoke_api_key_by(
    desk: &Desk,
    tenant: &TenantId,
    id: &ApiKeyId,
    by: Origin,
) -> Result<(), Failure> {
    let tx = desk.store.begin().await?;
    if !tx.revoke_api_key(tenant, id, desk.time.now()).await? {
        return Err(Refusal::NotFound("API key").into());
    }
    record_by(desk, &tx, (tenant, by), "api_key.revoke", id.as_str(), json!({})).await?;
    tx.commit().await?;
    desk.refresh().await?;
    Ok(())
}
