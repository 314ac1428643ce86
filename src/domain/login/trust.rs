//! Devices that a user trusts: a browser that brings its token along skips the second step, for as many days as the tenant
//! says.
//!
//! The token is 256 random bits in a cookie, kept by its hash. Any change of a factor ends them all.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use utoipa::ToSchema;

use crate::domain::id::{DeviceId, TenantId, UserId};
use crate::domain::policy::LoginPolicy;
use crate::domain::proof::BrowserToken;
use crate::domain::timestamp::Timestamp;

/// Devices that one user may trust side by side; a newer one takes the place of the oldest.
const MOST_DEVICES: usize = 10;
const DAY: Duration = Duration::from_hours(24);

/// The cookie of one user's token: on a computer that several share, each has their own.
pub fn cookie_name(tenant: &TenantId, user: &UserId) -> String {
    let of = Sha256::digest(format!("{tenant}/{user}"));
    format!("__Host-countersign-{}", hex::encode(&of[..8]))
}

/// A browser that a user trusts, as it is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Device {
    pub id: DeviceId,
    hash: String,
    /// As the browser says of itself; empty where it says nothing known.
    pub name: String,
    pub trusted_at: Timestamp,
    pub last_used_at: Timestamp,
    days: u32,
    epoch: i64,
}

impl Device {
    /// When it is asked for a code again: a tenant that shortens the days shortens them for all.
    pub fn ends_at(&self, policy: &LoginPolicy) -> Timestamp {
        self.trusted_at + DAY * self.days.min(policy.trust_days)
    }

    fn counts(&self, policy: &LoginPolicy, now: Timestamp, epoch: i64) -> bool {
        self.ends_at(policy) > now && self.trusted_at > policy.trusts_since && self.epoch == epoch
    }
}

/// The devices of one user.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Devices(Vec<Device>);

impl Devices {
    /// Trusts a browser from now on. Gives it, and the one whose place it takes.
    pub fn add(
        &mut self,
        (id, token, name): (DeviceId, &BrowserToken, String),
        policy: &LoginPolicy,
        now: Timestamp,
        epoch: i64,
    ) -> (Device, Option<Device>) {
        self.0.retain(|device| device.counts(policy, now, epoch));
        let oldest = (self.0.len() >= MOST_DEVICES).then(|| self.0.remove(0));
        let days = policy.trust_days;
        let device = Device { id, hash: token.hash(), name, trusted_at: now, last_used_at: now, days, epoch };
        self.0.push(device.clone());
        (device, oldest)
    }

    /// Those that skip the second step now, newest first.
    pub fn live(&self, policy: &LoginPolicy, now: Timestamp, epoch: i64) -> Vec<&Device> {
        self.0.iter().rev().filter(|device| device.counts(policy, now, epoch)).collect()
    }

    /// The one that brought this token, if it skips the second step now.
    pub fn find(
        &mut self,
        token: &BrowserToken,
        policy: &LoginPolicy,
        now: Timestamp,
        epoch: i64,
    ) -> Option<&mut Device> {
        // Every one is compared, whichever it is.
        let same: Vec<_> = self.0.iter().map(|device| token.is(&device.hash)).collect();
        let found = same.iter().position(|same| *same)?;
        self.0.get_mut(found).filter(|device| device.counts(policy, now, epoch))
    }

    /// Ends the trust in one, or in all. Gives those that were trusted until now.
    pub fn revoke(
        &mut self,
        which: Option<&DeviceId>,
        policy: &LoginPolicy,
        (now, epoch): (Timestamp, i64),
    ) -> Vec<Device> {
        self.0.retain(|device| device.counts(policy, now, epoch));
        let (gone, kept) = std::mem::take(&mut self.0)
            .into_iter()
            .partition(|device| which.is_none_or(|id| *id == device.id));
        self.0 = kept;
        gone
    }
}

/// A browser that a user trusts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Device)]
pub struct DeviceView {
    pub id: DeviceId,
    /// Whose it is.
    pub user: UserId,
    /// As the browser says of itself; empty where it says nothing known.
    #[schema(example = "Chrome, Windows")]
    pub name: String,
    pub trusted_at: Timestamp,
    pub last_used_at: Timestamp,
    /// From when on it is asked for a code again.
    pub expires_at: Timestamp,
}

impl Device {
    pub fn view(&self, user: &UserId, policy: &LoginPolicy) -> DeviceView {
        DeviceView {
            id: self.id.clone(),
            user: user.clone(),
            name: self.name.clone(),
            trusted_at: self.trusted_at,
            last_used_at: self.last_used_at,
            expires_at: self.ends_at(policy),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(days: u64) -> Timestamp {
        Timestamp::from_seconds(1_800_000_000) + DAY * u32::try_from(days).unwrap()
    }

    fn policy(trust_days: u32) -> LoginPolicy {
        LoginPolicy { trust_days, ..LoginPolicy::default() }
    }

    fn trusted(devices: &mut Devices, number: u8) -> BrowserToken {
        let token = BrowserToken::new([number; 32]);
        let id = DeviceId::new(at(0), [number; 10]);
        devices.add((id, &token, "Chrome, Mac".to_owned()), &policy(30), at(0), 1);
        token
    }

    #[test]
    fn a_device_is_trusted_for_its_days_or_the_tenants_if_they_are_fewer_now() {
        let mut devices = Devices::default();
        let token = trusted(&mut devices, 1);
        for (days, later, epoch, trusted) in [
            (30, 0, 1, true),
            (30, 29, 1, true),
            (30, 30, 1, false),
            (90, 30, 1, false),
            (7, 6, 1, true),
            (7, 7, 1, false),
            (0, 0, 1, false),
            (30, 0, 2, false),
        ] {
            let found = devices.find(&token, &policy(days), at(later), epoch);
            assert_eq!(found.is_some(), trusted, "{days} days, {later} later, epoch {epoch}");
            assert_eq!(devices.live(&policy(days), at(later), epoch).len(), usize::from(trusted));
        }
        assert!(devices.find(&BrowserToken::new([2; 32]), &policy(30), at(0), 1).is_none());
        assert!(devices.find(&BrowserToken::given(""), &policy(30), at(0), 1).is_none());
        assert_eq!(format!("{token:?}"), "[REDACTED]");
    }

    #[test]
    fn a_tenant_that_trusted_none_for_a_while_trusts_nothing_from_before() {
        let mut devices = Devices::default();
        let token = trusted(&mut devices, 1);
        let since = policy(0).trusts_since(at(0), at(3));
        let again = LoginPolicy { trusts_since: policy(30).trusts_since(since, at(5)), ..policy(30) };
        assert!(devices.find(&token, &again, at(6), 1).is_none());
        assert!(devices.live(&again, at(6), 1).is_empty());
        let id = DeviceId::new(at(6), [2; 10]);
        let newer = BrowserToken::new([2; 32]);
        devices.add((id, &newer, String::new()), &again, at(6), 1);
        assert!(devices.find(&newer, &again, at(7), 1).is_some());
    }

    #[test]
    fn they_are_few_and_go_one_by_one_or_all_at_once() {
        let mut devices = Devices::default();
        let tokens: Vec<_> = (0..12).map(|number| trusted(&mut devices, number)).collect();
        let known = |devices: &mut Devices| {
            tokens.iter().filter(|token| devices.find(token, &policy(30), at(0), 1).is_some()).count()
        };
        assert_eq!(known(&mut devices), MOST_DEVICES);
        assert!(devices.find(&tokens[1], &policy(30), at(0), 1).is_none(), "the oldest went");
        let one = devices.find(&tokens[5], &policy(30), at(0), 1).unwrap().id.clone();
        assert_eq!(devices.revoke(Some(&one), &policy(30), (at(0), 1)).len(), 1);
        assert!(devices.revoke(Some(&one), &policy(30), (at(0), 1)).is_empty());
        assert!(devices.find(&tokens[5], &policy(30), at(0), 1).is_none());
        assert_eq!(devices.revoke(None, &policy(30), (at(0), 1)).len(), MOST_DEVICES - 1);
        assert_eq!(known(&mut devices), 0);
    }

    #[test]
    fn each_user_has_a_cookie_of_their_own() {
        let [acme, other] = ["acme", "other"].map(|id| TenantId::parse(id).unwrap());
        let [maria, sue] = ["u-1", "客户"].map(|id| UserId::parse(id).unwrap());
        let names = [(&acme, &maria), (&acme, &sue), (&other, &maria)]
            .map(|(tenant, user)| cookie_name(tenant, user));
        assert!(names.iter().all(|name| name.starts_with("__Host-countersign-") && name.is_ascii()));
        assert!(names[0] != names[1] && names[0] != names[2] && names[1] != names[2]);
    }
}
