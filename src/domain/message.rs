//! One email, text or call on its way: what it is for, and the order its states may take.

use serde::{Serialize, Serializer};

use super::challenge::State;
use super::channel::Channel;
use super::client::Client;
use super::contact::{Contact, Destination};
use super::id::{ChallengeId, ClientId, ContactId, MessageId};
use super::request;
use super::tenant::Tenant;
use super::timestamp::Timestamp;

/// What a message says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The code of its challenge; not sent once that is over.
    ClientCode,
    /// A receipt after a verification.
    ClientReceipt,
}

impl Purpose {
    pub const ALL: [Self; 2] = [Self::ClientCode, Self::ClientReceipt];

    /// The name in tables.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ClientCode => "client_code",
            Self::ClientReceipt => "client_receipt",
        }
    }

    /// The purpose of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|p| p.as_str() == name)
    }
}

impl Serialize for Purpose {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// What became of a message. States move only forward, whatever order reports arrive in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MessageState {
    Queued,
    Sent,
    Failed,
    Delivered,
    /// Not sent, because nobody should get it any more.
    Dropped,
}

impl MessageState {
    pub const ALL: [Self; 5] = [Self::Queued, Self::Sent, Self::Failed, Self::Delivered, Self::Dropped];

    /// The name in the API and in tables.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Delivered => "delivered",
            Self::Dropped => "dropped",
        }
    }

    /// The state of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.as_str() == name)
    }

    /// Whether a report of `next` still changes anything. A delivery outranks a failure reported before it.
    pub fn may_become(self, next: Self) -> bool {
        match self {
            Self::Queued | Self::Sent => next > self,
            Self::Failed => next == Self::Delivered,
            Self::Delivered | Self::Dropped => false,
        }
    }
}

impl Serialize for MessageState {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// A message as it is kept. The destination itself is with the contact only.
#[derive(Clone, Debug)]
pub struct Message {
    pub id: MessageId,
    pub challenge: ChallengeId,
    pub client: ClientId,
    pub contact: ContactId,
    pub purpose: Purpose,
    pub channel: Channel,
    /// The keyed index of the address or number: what the contact has now must still be the same.
    pub destination: String,
    /// What an agent may see of it.
    pub masked: String,
    pub state: MessageState,
    pub detail: Option<String>,
    pub attempts: u32,
    pub created_at: Timestamp,
    pub changed_at: Timestamp,
}

/// Whether a queued message may go out at this moment, and where to.
///
/// Asked anew right before each attempt: what was right when it was queued may be over by now.
///
/// # Errors
/// Why nobody should get it any more, in one word.
pub fn may_send(
    tenant: &Tenant,
    client: Option<&Client>,
    message: &Message,
    code: State,
    same: impl Fn(&str) -> bool,
) -> Result<(Contact, Destination), &'static str> {
    let over = match message.purpose {
        Purpose::ClientCode => code != State::Active,
        Purpose::ClientReceipt => code != State::Verified,
    };
    if over {
        return Err("code_over");
    }
    let client = client.filter(|c| !c.removed).ok_or("client_gone")?;
    let contact =
        request::authorized(tenant, client, &message.contact).map_err(|_| "contact_not_authorized")?;
    let destination = contact.destination(message.channel).ok_or("detail_changed")?;
    if !same(&destination.normal()) {
        return Err("detail_changed");
    }
    Ok((contact.clone(), destination))
}

#[cfg(test)]
mod tests {
    use super::MessageState::{self, Delivered, Dropped, Failed, Queued, Sent};

    #[test]
    fn states_only_move_forward() {
        let forward = [(Queued, Sent), (Queued, Failed), (Queued, Delivered), (Queued, Dropped)]
            .into_iter()
            .chain([(Sent, Failed), (Sent, Delivered), (Sent, Dropped), (Failed, Delivered)]);
        let forward: Vec<_> = forward.collect();
        for from in MessageState::ALL {
            for to in MessageState::ALL {
                assert_eq!(from.may_become(to), forward.contains(&(from, to)), "{from:?} to {to:?}");
            }
        }
    }
}
