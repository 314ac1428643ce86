//! Where a client's PIN stands, as far as a status or a window shows it. The hash is kept elsewhere.

use serde::{Deserialize, Serialize};

use crate::domain::client::{Named, Pending};
use crate::domain::throttle::Throttle;
use crate::domain::timestamp::Timestamp;

/// A PIN that is set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Set {
    pub at: Timestamp,
    /// Who set it, and is verified by it.
    pub by: Named,
    #[serde(default)]
    pub locked: bool,
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
}

impl PinStanding {
    /// Whether there is nothing to keep.
    pub fn is_blank(&self) -> bool {
        *self == Self::default()
    }
}
