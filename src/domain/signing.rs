//! What only a signing has: how long its link opens, and what a correction of it may change.

use super::contact::Phone;
use super::given::Given;
use super::guest::Guest;
use super::tenant::Tenant;
use super::timestamp::Timestamp;

/// Until when the link of a signing opens: as long as anything of it is kept.
pub fn ends_at(tenant: &Tenant, now: Timestamp) -> Timestamp {
    now + tenant.retention
}

/// New numbers, each only where it is given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Correction {
    pub mobile: Given<Phone>,
    pub phone: Given<Phone>,
}

impl Correction {
    /// Corrects the numbers. Says whether one is another now.
    pub fn apply(self, guest: &mut Guest) -> bool {
        let before = (guest.person.mobile.clone(), guest.person.phone.clone());
        guest.person.mobile = self.mobile.over(before.0.clone());
        guest.person.phone = self.phone.over(before.1.clone());
        before != (guest.person.mobile.clone(), guest.person.phone.clone())
    }
}
