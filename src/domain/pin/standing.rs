//! Where a client's PIN stands, as far as a status or a window shows it. The hash is kept elsewhere.

use serde::{Deserialize, Serialize};

use crate::domain::client::{Client, Named, Pending};
use crate::domain::request;
use crate::domain::tenant::Tenant;
use crate::domain::throttle::Throttle;
use crate::domain::timestamp::Timestamp;

use super::confirm::Confirm;

/// A PIN that is set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Set {
    pub at: Timestamp,
    /// Who set it, and is verified by it.
    pub by: Named,
    #[serde(default)]
    pub locked: bool,
    /// When it is locked by itself: its last try is being compared, and nobody has told what came of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locks_at: Option<Timestamp>,
}

impl Set {
    /// Whether nobody is verified by it at this moment.
    pub fn is_locked(&self, now: Timestamp) -> bool {
        self.locked || self.locks_at.is_some_and(|at| at <= now)
    }
}

/// What is kept of a PIN with its client.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PinStanding {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub set: Option<Set>,
    /// The link that is out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<Pending>,
    /// Switched on for this client alone, whatever its age.
    #[serde(default)]
    pub required: bool,
    /// How often links were sent.
    #[serde(default)]
    pub sends: Throttle,
    /// The code that is asked for before one is set.
    #[serde(default, skip_serializing_if = "Confirm::is_blank")]
    pub confirm: Confirm,
}

/// Whether a PIN is set whose holder is no longer an authorized contact of the client.
pub fn is_orphaned(tenant: &Tenant, client: &Client) -> bool {
    let set = client.standing.pin.set.as_ref();
    set.is_some_and(|set| request::authorized(tenant, client, &set.by.id).is_err())
}

impl PinStanding {
    /// Whether there is nothing to keep.
    pub fn is_blank(&self) -> bool {
        *self == Self::default()
    }
}
