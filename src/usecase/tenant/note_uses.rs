//! When each API key was last used: noted in memory by every request, and written by whoever looks after the process.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::domain::id::{ApiKeyId, TenantId};
use crate::domain::key_use::{Use, minute};
use crate::domain::timestamp::Timestamp;
use crate::store::StoreError;
use crate::usecase::Desk;

/// The uses that this process has seen, of keys that are known: there are never more of them.
#[derive(Clone, Default)]
pub struct Uses(Arc<Mutex<HashMap<ApiKeyId, (TenantId, Use)>>>);

impl Uses {
    /// Notes one. Nothing is written.
    pub fn note(&self, tenant: &TenantId, key: &ApiKeyId, at: Timestamp) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match seen.get_mut(key) {
            Some((_, known)) => known.see(at),
            None => {
                seen.insert(key.clone(), (tenant.clone(), Use::first(at)));
            }
        }
    }

    /// What is to be written.
    fn due(&self) -> Vec<(TenantId, ApiKeyId, Timestamp)> {
        let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let due = seen.iter().filter(|(_, (_, one))| one.is_due());
        due.map(|(key, (tenant, one))| (tenant.clone(), key.clone(), one.seen())).collect()
    }

    fn written(&self, key: &ApiKeyId, at: Timestamp) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, known)) = seen.get_mut(key) {
            known.written(at);
        }
    }

    /// Forgets the keys that are no longer valid.
    fn keep(&self, valid: impl Fn(&TenantId, &ApiKeyId) -> bool) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.retain(|key, (tenant, _)| valid(tenant, key));
    }
}

/// Writes the uses of minutes that were not written: once a minute for each key, however often it was used or this is
/// called. Says how many it wrote.
///
/// # Errors
/// The database's; what was not written is tried again.
pub async fn note_uses(desk: &Desk) -> Result<usize, StoreError> {
    let due = desk.uses.due();
    for (tenant, key, at) in &due {
        desk.store.of(tenant).note_key_use(key, minute(*at)).await?;
        desk.uses.written(key, *at);
    }
    let (directory, now) = (desk.directory.get(), desk.time.now());
    desk.uses.keep(|tenant, key| directory.is_live(tenant, key.as_str(), now));
    Ok(due.len())
}
