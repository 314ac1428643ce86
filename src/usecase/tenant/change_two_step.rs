//! The host decides who of its users needs a second step, and for how long a device may skip it.

use serde_json::{Value, json};

use crate::domain::policy::LoginPolicy;
use crate::domain::tenant::{Tenant, document};
use crate::store::{StoreError, TenantRow};
use crate::usecase::{Caller, Desk};

use super::apply_tenants::{NotApplied, check};
use super::record::record_by;

/// What is decided, as the tenant file writes it.
pub struct Wanted {
    /// A day; from its start in the tenant's time zone on.
    pub required_from: Option<String>,
    pub always_required_roles: Vec<String>,
    pub trust_days: u32,
}

impl Wanted {
    fn document(&self) -> Value {
        json!({"policy": {"login": {
            "required_from": self.required_from,
            "always_required_roles": self.always_required_roles,
            "trust_days": self.trust_days,
        }}})
    }
}

/// Changes it, for every process. Gives what holds now; the same once more changes nothing.
///
/// # Errors
/// [`NotApplied`]; then nothing changed.
pub async fn change_two_step(
    desk: &Desk,
    tenant: &Tenant,
    wanted: &Wanted,
    caller: &Caller,
) -> Result<LoginPolicy, NotApplied> {
    let tx = desk.store.begin().await?;
    // Locks the one row that every change of a tenant raises.
    tx.raise("revision").await?;
    let stored = tx.of(&tenant.id).tenant_row().await?.ok_or(StoreError::Guard("tenant"))?;
    let settings = document::merge(&stored.settings, &wanted.document());
    let login = check(&tenant.id, &settings, &stored.providers)?.policy.login;
    if settings != stored.settings {
        let (before, after) = (two_step(&stored.settings), two_step(&settings));
        let now = desk.time.now();
        let trusts_since = login.trusts_since(stored.trusts_since, now);
        tx.put_tenant(&TenantRow { settings, trusts_since, ..stored }, now).await?;
        let by = (&tenant.id, caller.origin.clone());
        let detail = json!({"before": before, "after": after});
        record_by(desk, &tx, by, "two_step_policy.change", tenant.id.as_str(), detail).await?;
        tx.commit().await?;
        desk.refresh().await?;
    }
    let directory = desk.directory.get();
    let member = directory.member(&tenant.id).ok_or(StoreError::Guard("tenant"))?;
    Ok(member.tenant.policy.login.clone())
}

/// What the record says of it.
fn two_step(settings: &Value) -> Value {
    let of = |key: &str| settings.pointer(&format!("/policy/login/{key}")).cloned().unwrap_or_default();
    let keys = ["required_from", "always_required_roles", "trust_days"];
    keys.into_iter().map(|key| (key.to_owned(), of(key))).collect()
}
