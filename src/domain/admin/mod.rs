//! Who runs tenants in the console: their account, what their role lets them do, and how long they stay signed in.
//!
//! An admin is a user of the console's own tenant too: their second step is that user's.

mod password;
mod role;
mod session;
pub mod settings;

pub use password::{Password, PasswordFault};
pub use role::{Act, Role};
pub use session::{Session, SessionToken, Stage};

use super::id::{AdminId, TenantId};
use super::timestamp::Timestamp;

/// An account of the console.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admin {
    pub id: AdminId,
    pub role: Role,
    /// Whose tenants these are; `None` is every one, those made later too.
    pub tenants: Option<Vec<TenantId>>,
    pub created_at: Timestamp,
}

impl Admin {
    /// Whether they may do this about a tenant. The console's own is nobody's to run.
    pub fn may(&self, act: Act, tenant: &TenantId) -> bool {
        self.sees(tenant) && self.role.may(act)
    }

    /// Whether a tenant is one of theirs.
    pub fn sees(&self, tenant: &TenantId) -> bool {
        !tenant.is_console() && self.tenants.as_ref().is_none_or(|own| own.contains(tenant))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tenant(id: &str) -> TenantId {
        TenantId::parse(id).unwrap()
    }

    #[test]
    fn an_admin_of_some_tenants_knows_of_no_other() {
        let at = Timestamp::from_seconds(1_800_000_000);
        let admin = |role, tenants| Admin { id: AdminId::new(at, [1; 10]), role, tenants, created_at: at };
        let one = || Some(vec![tenant("cornerstone")]);
        for (who, of, act, may) in [
            (admin(Role::Owner, None), "cornerstone", Act::Change, true),
            (admin(Role::Owner, None), "made-later", Act::Change, true),
            (admin(Role::Owner, None), "countersign", Act::See, false),
            (admin(Role::Admin, one()), "cornerstone", Act::Change, true),
            (admin(Role::Admin, one()), "compeo", Act::See, false),
            (admin(Role::Support, one()), "cornerstone", Act::Unlock, true),
            (admin(Role::Support, one()), "cornerstone", Act::Change, false),
            (admin(Role::Auditor, Some(vec![])), "cornerstone", Act::See, false),
        ] {
            assert_eq!(who.may(act, &tenant(of)), may, "{who:?} {of} {act:?}");
        }
    }
}
