//! What a user is told by email after their second step changed: whoever did not do it must hear of it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::id::MessageId;
use crate::domain::message::Purpose;
use crate::domain::timestamp::Timestamp;

use super::Method;

/// Notices of one user that wait to be sent; of more, the oldest are not.
const MOST_NOTICES: usize = 50;

/// How long one is worth sending, and then kept no longer.
const WORTH: Duration = Duration::from_hours(24);

/// What changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum Change {
    Added {
        method: Method,
    },
    Removed {
        method: Method,
    },
    BackupCodeUsed {
        left: usize,
    },
    /// A new set of backup codes; the one before is void.
    CodesRenewed,
    /// One browser or more is asked for a code again.
    DevicesRemoved,
    /// An admin took the second step away.
    Reset,
    /// A browser skips the second step for so many days.
    DeviceTrusted {
        days: u32,
    },
    /// Nothing: an admin reminds them to set a second step up, which they need from that day on, or already.
    Reminder {
        required_from: Option<Timestamp>,
    },
}

impl Change {
    /// What an email about it is for.
    pub fn purpose(self) -> Purpose {
        if matches!(self, Self::Reminder { .. }) { Purpose::LoginReminder } else { Purpose::LoginChanged }
    }
}

/// One email about a change, as it is kept until it is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    pub message: MessageId,
    pub at: Timestamp,
    /// What it was done with, as the browser says of itself; empty where nothing is known of it.
    pub device: String,
    #[serde(flatten)]
    pub change: Change,
}

/// The notices of one user.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Notices(Vec<Notice>);

impl Notices {
    pub fn keep(&mut self, notice: Notice) {
        // Newer codes make the news of older ones idle, and must not crowd anything else out.
        let idle = |kept: &Notice| kept.change == Change::CodesRenewed && notice.change == kept.change;
        self.0.retain(|kept| kept.at + WORTH > notice.at && !idle(kept));
        if self.0.len() >= MOST_NOTICES {
            self.0.remove(0);
        }
        self.0.push(notice);
    }

    pub fn of(&self, message: &MessageId) -> Option<&Notice> {
        self.0.iter().find(|notice| notice.message == *message)
    }
}
