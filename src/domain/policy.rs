//! What a tenant decides for each workflow, with the bounds it decides within.
//!
//! One engine reads [`CodeRules`]; what only one workflow has stands beside them.

use std::time::Duration;

use super::throttle::SendRules;
use super::timestamp::Timestamp;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// Lowest and highest allowed length of time, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpanBounds {
    pub least: Duration,
    pub most: Duration,
}

/// Lowest and highest allowed number, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NumberBounds {
    pub least: u32,
    pub most: u32,
}

const fn spans(least: u64, most: u64) -> SpanBounds {
    SpanBounds { least: Duration::from_secs(least), most: Duration::from_secs(most) }
}

const fn numbers(least: u32, most: u32) -> NumberBounds {
    NumberBounds { least, most }
}

/// The bounds of every rule, by its name in the tenant file.
pub mod bounds {
    use super::{DAY, HOUR, MINUTE, NumberBounds, SpanBounds, numbers, spans};

    pub const DIGITS: NumberBounds = numbers(6, 8);
    pub const CODE_VALID: SpanBounds = spans(30, DAY);
    pub const LINK_VALID: SpanBounds = spans(5 * MINUTE, 72 * HOUR);
    pub const VERIFIED_FOR: SpanBounds = spans(MINUTE, DAY);
    pub const TRIES: NumberBounds = numbers(3, 10);
    pub const SUBJECT_TRIES: NumberBounds = numbers(5, 100);
    pub const SUBJECT_WINDOW: SpanBounds = spans(5 * MINUTE, DAY);
    pub const SUBJECT_LOCK: SpanBounds = spans(5 * MINUTE, DAY);
    pub const RESEND_AFTER: SpanBounds = spans(10, 10 * MINUTE);
    pub const SENDS: NumberBounds = numbers(1, 20);
    pub const CHANGED_WITHIN: SpanBounds = spans(0, 72 * HOUR);
    pub const TRUST_DAYS: NumberBounds = numbers(0, 90);
    pub const RETENTION: SpanBounds = spans(DAY, 3_650 * DAY);
}

/// Sends per contact are counted over this long; so are those per destination.
pub const SENDS_WINDOW: Duration = Duration::from_secs(15 * MINUTE);
/// One destination over all clients of a tenant gets this many times `sends` in [`SENDS_WINDOW`].
pub const DESTINATION_FACTOR: u32 = 4;
/// The whole client may have this many times `subject_tries` wrong tries, over all its contacts.
pub const CLIENT_TRIES_FACTOR: u32 = 3;
/// How long a report refuses new requests, unless it is revoked before.
pub const REPORT_LASTS: Duration = Duration::from_secs(DAY);

/// The rules of one kind of code, the same shape for every workflow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeRules {
    pub digits: u32,
    pub code_valid: Duration,
    pub verified_for: Duration,
    /// Wrong tries per code.
    pub tries: u32,
    /// Wrong tries per subject within `subject_window`, before it is locked for `subject_lock`.
    pub subject_tries: u32,
    pub subject_window: Duration,
    pub subject_lock: Duration,
    pub resend_after: Duration,
    /// Sends per contact in [`SENDS_WINDOW`].
    pub sends: u32,
}

impl CodeRules {
    /// How often a code may be sent.
    pub fn to_send(&self) -> SendRules {
        SendRules { resend_after: self.resend_after, sends: self.sends }
    }
}

impl Default for CodeRules {
    fn default() -> Self {
        Self {
            digits: 6,
            code_valid: Duration::from_secs(10 * MINUTE),
            verified_for: Duration::from_secs(HOUR),
            tries: 5,
            subject_tries: 10,
            subject_window: Duration::from_secs(HOUR),
            subject_lock: Duration::from_secs(HOUR),
            resend_after: Duration::from_secs(30),
            sends: 5,
        }
    }
}

/// What to do about a contact detail that changed within `changed_within`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnRecentChange {
    /// Mark it for the agent, and send.
    #[default]
    Warn,
    /// Do not send to it.
    Block,
    /// Say nothing.
    Ignore,
}

/// `[tenant.policy.client]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientPolicy {
    pub code: CodeRules,
    pub changed_within: Duration,
    pub on_recent_change: OnRecentChange,
    /// Whether messages name the agent.
    pub agent_name: bool,
    /// Whether the contact is told afterwards that a verification happened.
    pub receipt: bool,
}

impl Default for ClientPolicy {
    fn default() -> Self {
        Self {
            code: CodeRules::default(),
            changed_within: Duration::from_secs(DAY),
            on_recent_change: OnRecentChange::Warn,
            agent_name: true,
            receipt: false,
        }
    }
}

/// `[tenant.policy.pin]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PinPolicy {
    pub enabled: bool,
    pub link_valid: Duration,
    pub verified_for: Duration,
    pub tries: u32,
    pub resend_after: Duration,
    pub sends: u32,
    /// Clients created at or after this moment need a PIN.
    pub required_since: Option<Timestamp>,
    /// Whether setting a PIN asks for a texted code first.
    pub confirm_by_code: bool,
}

impl PinPolicy {
    /// How often a link may be sent.
    pub fn to_send(&self) -> SendRules {
        SendRules { resend_after: self.resend_after, sends: self.sends }
    }

    /// The rules of the code that is asked for before a PIN is set: as many tries and sends as the PIN and its link have.
    pub fn code(&self) -> CodeRules {
        let Self { tries, resend_after, sends, .. } = *self;
        CodeRules { tries, resend_after, sends, ..CodeRules::default() }
    }
}

impl Default for PinPolicy {
    fn default() -> Self {
        let code = CodeRules::default();
        Self {
            enabled: false,
            link_valid: Duration::from_secs(DAY),
            verified_for: code.verified_for,
            tries: code.tries,
            resend_after: code.resend_after,
            sends: code.sends,
            required_since: None,
            confirm_by_code: false,
        }
    }
}

/// `[tenant.policy.signer]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignerPolicy {
    pub code: CodeRules,
    /// Whether an admin may generate an access code to tell by voice.
    pub access_code: bool,
    /// Whether the page names the document, before anybody has typed a code.
    pub document_name: bool,
}

impl Default for SignerPolicy {
    fn default() -> Self {
        let code = CodeRules { code_valid: Duration::from_secs(DAY), ..CodeRules::default() };
        Self { code, access_code: false, document_name: true }
    }
}

/// `[tenant.policy.session]`
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionPolicy {
    pub code: CodeRules,
    /// Whether an agent may see the code of a participant who has arrived.
    pub agent_sees_code: bool,
}

/// `[tenant.policy.login]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoginPolicy {
    pub code: CodeRules,
    /// Days a trusted device skips the second step; 0 switches it off.
    pub trust_days: u32,
    /// Devices that were trusted until this moment ask for a code: the tenant trusted none then. No setting: it comes of
    /// [`trusts_since`](Self::trusts_since).
    pub trusts_since: Timestamp,
    pub required_from: Option<Timestamp>,
    pub always_required_roles: Vec<String>,
}

impl Default for LoginPolicy {
    fn default() -> Self {
        Self {
            code: CodeRules::default(),
            trust_days: 30,
            trusts_since: Timestamp::default(),
            required_from: None,
            always_required_roles: Vec::new(),
        }
    }
}

impl LoginPolicy {
    /// What is kept as `trusts_since` when this policy comes to hold: a tenant that trusts no device ends the trust in all,
    /// and raising the days later brings none back.
    pub fn trusts_since(&self, before: Timestamp, now: Timestamp) -> Timestamp {
        if self.trust_days == 0 { now } else { before }
    }
}

/// The five policies of a tenant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policies {
    pub client: ClientPolicy,
    pub pin: PinPolicy,
    pub signer: SignerPolicy,
    pub session: SessionPolicy,
    pub login: LoginPolicy,
}
