//! What a user is told by email, and by text where a number is proven, after their second step changed: whoever did not do it
//! must hear of it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::contact::{Destination, Email, Phone};
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
    /// The operator gave the account of the console another password.
    PasswordSet,
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

/// The text about a change, to the number that counted before it: who was cut off hears of it there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Texted {
    pub message: MessageId,
    pub number: Phone,
}

/// The news of one change, as it is kept until it is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// The email; the text where there is none.
    pub message: MessageId,
    #[serde(default)]
    pub text: Option<Texted>,
    pub at: Timestamp,
    /// What it was done with, as the browser says of itself; empty where nothing is known of it.
    pub device: String,
    #[serde(flatten)]
    pub change: Change,
}

impl Notice {
    /// Where one of its messages goes; `email` is the user's as it is now.
    pub fn destination(&self, message: &MessageId, email: Option<&Email>) -> Option<Destination> {
        match &self.text {
            Some(text) if text.message == *message => Some(Destination::Phone(text.number.clone())),
            _ => email.cloned().map(Destination::Email),
        }
    }
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
        let texted = |notice: &Notice| notice.text.as_ref().is_some_and(|text| text.message == *message);
        self.0.iter().find(|notice| notice.message == *message || texted(notice))
    }

    /// The numbers that they go to.
    pub fn numbers(&self) -> impl Iterator<Item = &Phone> {
        self.0.iter().filter_map(|notice| notice.text.as_ref()).map(|text| &text.number)
    }
}
