//! What only a signing has: how long its link opens, and what a correction of it may change.

use super::contact::Phone;
use super::guest::Guest;
use super::tenant::Tenant;
use super::timestamp::Timestamp;

/// Until when the link of a signing opens: as long as anything of it is kept.
pub fn ends_at(tenant: &Tenant, now: Timestamp) -> Timestamp {
    now + tenant.retention
}

/// New numbers, each only where it is given: `Some(None)` takes one away.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Correction {
    pub mobile: Option<Option<Phone>>,
    pub phone: Option<Option<Phone>>,
}

impl Correction {
    /// Corrects the numbers. Says whether one is another now.
    pub fn apply(self, guest: &mut Guest) -> bool {
        let before = (guest.person.mobile.clone(), guest.person.phone.clone());
        if let Some(mobile) = self.mobile {
            guest.person.mobile = mobile;
        }
        if let Some(phone) = self.phone {
            guest.person.phone = phone;
        }
        before != (guest.person.mobile.clone(), guest.person.phone.clone())
    }
}
