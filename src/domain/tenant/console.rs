//! The console's own tenant: its users are the admins, whose second step is the same as everybody's.
//!
//! No company: it stands in no table, has no key and no secret, and no file changes it.

use serde_json::json;
use url::Url;

use super::Tenant;
use crate::domain::admin::Role;
use crate::domain::id::TenantId;
use crate::domain::table::Fault;

impl Tenant {
    /// The console at its address: a second step for every role, and no device that skips it.
    ///
    /// # Errors
    /// Never, for an address of ours.
    pub fn console(public_url: &Url) -> Result<Self, Vec<Fault>> {
        let settings = json!({
            "name": "Countersign",
            "eligible": true,
            "surfaces": [],
            "allowed_origins": [public_url.origin().ascii_serialization()],
            "policy": {"login": {"always_required_roles": Role::ALL.map(Role::as_str), "trust_days": 0}},
        });
        Self::from_documents(TenantId::console(), &settings, &json!({}))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_admin_needs_a_second_step_on_every_device() {
        for url in ["http://localhost:8080", "https://verify.example", "http://127.0.0.1:8080"] {
            let console = Tenant::console(&Url::parse(url).unwrap()).unwrap();
            assert_eq!(console.allowed_origins, [url]);
            assert_eq!(console.policy.login.trust_days, 0);
            assert_eq!(console.policy.login.always_required_roles, Role::ALL.map(Role::as_str));
            assert!(console.eligible && console.surfaces.is_empty() && console.callback_url.is_none());
        }
    }
}
