//! One email, text or call on its way: what it is for, and the order its states may take.

use serde::{Serialize, Serializer};
use utoipa::ToSchema;

use super::challenge::{Challenge, State};
use super::channel::Channel;
use super::client::Client;
use super::contact::{Contact, Destination};
use super::guest::GuestId;
use super::id::{ChallengeId, ClientId, ContactId, MessageId, UserId};
use super::locale::Locale;
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
    /// The link by which a client's first PIN is set; not sent once that is over.
    PinSetup,
    /// The same where there is a PIN already.
    PinReset,
    /// The code that is asked for before a PIN is set by a link from an email.
    PinCode,
    /// The notice that a first PIN was set, to every detail on file, those it was changed from lately too.
    PinSet,
    /// The same of a PIN that took the place of another one.
    PinChanged,
    /// The code by which a signer opens a document.
    SignerCode,
    /// The link by which a participant joins a session.
    SessionInvite,
    /// The code by which they do.
    SessionCode,
    /// The code by which a user signs in, or proves a number.
    LoginCode,
    /// The notice that a user's second step changed, or that a browser skips it.
    LoginChanged,
    /// The request to set a second step up; not sent once there is one.
    LoginReminder,
}

impl Purpose {
    pub const ALL: [Self; 13] = [
        Self::ClientCode,
        Self::ClientReceipt,
        Self::PinSetup,
        Self::PinReset,
        Self::PinCode,
        Self::PinSet,
        Self::PinChanged,
        Self::SignerCode,
        Self::SessionInvite,
        Self::SessionCode,
        Self::LoginCode,
        Self::LoginChanged,
        Self::LoginReminder,
    ];

    /// What a contact may say of that they asked for nothing of the kind. A receipt is about a code, which is then meant.
    pub const DENIED: [Self; 6] =
        [Self::ClientCode, Self::PinSetup, Self::PinReset, Self::PinCode, Self::PinSet, Self::PinChanged];

    /// Whether it carries a code that is typed, or read to who types it.
    pub fn is_code(self) -> bool {
        matches!(
            self,
            Self::ClientCode | Self::PinCode | Self::SignerCode | Self::SessionCode | Self::LoginCode
        )
    }

    /// Whether it goes to everybody on file, and not to the contact of its challenge.
    pub fn is_pin_notice(self) -> bool {
        matches!(self, Self::PinSet | Self::PinChanged)
    }

    /// Whether saying so means the PIN: that one was set is denied, or the link or the code by which it was, once that is used.
    pub fn denies_pin(self, challenge: State) -> bool {
        match self {
            Self::ClientCode
            | Self::ClientReceipt
            | Self::SignerCode
            | Self::SessionInvite
            | Self::SessionCode
            | Self::LoginCode
            | Self::LoginChanged
            | Self::LoginReminder => false,
            Self::PinSetup | Self::PinReset | Self::PinCode => challenge == State::Verified,
            Self::PinSet | Self::PinChanged => true,
        }
    }

    /// The name in tables.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ClientCode => "client_code",
            Self::ClientReceipt => "client_receipt",
            Self::PinSetup => "pin_setup",
            Self::PinReset => "pin_reset",
            Self::PinCode => "pin_code",
            Self::PinSet => "pin_set",
            Self::PinChanged => "pin_changed",
            Self::SignerCode => "signer_code",
            Self::SessionInvite => "session_invite",
            Self::SessionCode => "session_code",
            Self::LoginCode => "login_code",
            Self::LoginChanged => "login_changed",
            Self::LoginReminder => "login_reminder",
        }
    }

    /// Whether it goes to a guest, and not to a client's contact.
    pub fn is_to_guest(self) -> bool {
        matches!(self, Self::SignerCode | Self::SessionInvite | Self::SessionCode)
    }

    /// Whether it goes to a user who signs in.
    pub fn is_to_user(self) -> bool {
        matches!(self, Self::LoginCode | Self::LoginChanged | Self::LoginReminder)
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
    /// Whose it is: a client, or the guest or user that stands in its place.
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

impl Message {
    /// The guest that it goes to, if it goes to one.
    pub fn guest(&self) -> Option<GuestId> {
        GuestId::parse(self.client.as_str()).ok().filter(|_| self.purpose.is_to_guest())
    }

    /// The user that it goes to, if it goes to one.
    pub fn user(&self) -> Option<UserId> {
        UserId::parse(self.client.as_str()).ok().filter(|_| self.purpose.is_to_user())
    }

    /// The client that it is about, or nothing: guests and users belong to none.
    pub fn about_client(&self) -> &str {
        let to_client = !self.purpose.is_to_guest() && !self.purpose.is_to_user();
        if to_client { self.client.as_str() } else { "" }
    }
}

/// One email, text or call, its destination masked.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Message)]
pub struct MessageView {
    id: MessageId,
    channel: Channel,
    /// Where it goes, masked.
    to: String,
    state: MessageState,
    /// Why it failed, in one word.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    /// Since when it is so.
    at: Timestamp,
}

impl From<&Message> for MessageView {
    fn from(message: &Message) -> Self {
        Self {
            id: message.id.clone(),
            channel: message.channel,
            to: message.masked.clone(),
            state: message.state,
            detail: message.detail.clone(),
            at: message.changed_at,
        }
    }
}

/// One attempt to send a message: the first is 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    pub message: MessageId,
    pub number: u32,
}

/// Whether a report changes anything. A failure is news of the latest attempt only, the one under way included:
/// another is about a provider whose place was taken, and a delivery is news whoever made it.
pub fn is_news(message: &Message, attempt: &Attempt, reported: MessageState) -> bool {
    let under_way = message.state == MessageState::Queued;
    let latest = if under_way { message.attempts } else { message.attempts.saturating_sub(1) };
    message.state.may_become(reported) && (reported != MessageState::Failed || attempt.number == latest)
}

/// The language that a contact is written and spoken to in: the one asked for, theirs, or the tenant's.
pub fn locale(challenge: &Challenge, contact: Option<&Contact>, tenant: &Tenant) -> Locale {
    challenge.locale.or(contact.and_then(|contact| contact.locale)).unwrap_or(tenant.default_locale)
}

/// Whether a queued message may go out at this moment, and where to; the notice of a changed PIN has a rule of its own.
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
        Purpose::ClientCode | Purpose::PinSetup | Purpose::PinReset | Purpose::PinCode => {
            code != State::Active
        }
        // What goes to a guest or a user has a rule of its own.
        Purpose::SignerCode
        | Purpose::SessionInvite
        | Purpose::SessionCode
        | Purpose::LoginCode
        | Purpose::LoginChanged
        | Purpose::LoginReminder => true,
        Purpose::ClientReceipt | Purpose::PinSet | Purpose::PinChanged => code != State::Verified,
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
    use super::*;

    #[test]
    fn a_failure_is_news_of_the_latest_attempt_only() {
        let at = Timestamp::from_seconds(1_800_000_000);
        for (state, attempts, number, reported, news) in [
            (Queued, 0, 0, Failed, true),
            (Queued, 1, 0, Failed, false),
            (Queued, 1, 1, Failed, true),
            (Queued, 1, 0, Delivered, true),
            (Sent, 1, 0, Failed, true),
            (Sent, 2, 0, Failed, false),
            (Sent, 2, 1, Failed, true),
            (Sent, 2, 2, Failed, false),
            (Sent, 2, 0, Delivered, true),
            (Failed, 2, 0, Delivered, true),
            (Delivered, 1, 0, Failed, false),
            (Dropped, 1, 0, Failed, false),
        ] {
            let message = Message {
                id: MessageId::new(at, [1; 10]),
                challenge: ChallengeId::new(at, [2; 10]),
                client: ClientId::parse("lead-1").unwrap(),
                contact: ContactId::parse("c-1").unwrap(),
                purpose: Purpose::ClientCode,
                channel: Channel::Sms,
                destination: String::new(),
                masked: String::new(),
                state,
                detail: None,
                attempts,
                created_at: at,
                changed_at: at,
            };
            let attempt = Attempt { message: message.id.clone(), number };
            let case = format!("{state:?} after {attempts}, {reported:?} of {number}");
            assert_eq!(is_news(&message, &attempt, reported), news, "{case}");
        }
    }

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
