//! Sending: one finished message to one provider, and what became of it.
//!
//! Owns the providers, one file each. Knows no challenge, no tenant's policy and no retry plan: content comes
//! rendered, and an outcome says whether trying again makes sense. Nothing here puts a code, a text, an address
//! or a password into a log or an error.

mod client;
mod email;
mod file;
mod outcome;
pub mod render;
mod sms;
pub mod twilio;
pub mod voice;

use std::sync::Arc;
use std::time::Duration;

use crate::domain::address::AddressRules;
use crate::domain::contact::{Email, Phone};
use crate::domain::id::MessageId;
use crate::domain::locale::Locale;
use crate::domain::provider::{EmailProvider, SmsProvider, Twilio, VoiceProvider};
use crate::domain::timestamp::Timestamp;

pub use client::{Lookup, NoClient, SystemLookup};
pub use outcome::{Detail, Outcome, Trouble};
use render::Said;
use voice::twiml::Voices;

/// How long a provider has for one message, all its steps together.
pub const SEND_TIMEOUT: Duration = Duration::from_secs(20);

/// One email, rendered. Not `Debug`: it holds a code.
#[derive(Clone)]
pub struct EmailContent {
    /// `Name <address>`; empty takes the provider's own.
    pub from: String,
    pub reply_to: Option<String>,
    pub to: Email,
    pub to_name: String,
    pub subject: String,
    pub text: String,
    pub html: String,
    pub locale: Locale,
    pub message_id: MessageId,
}

/// One text message, rendered. Not `Debug`: it holds a code.
#[derive(Clone)]
pub struct SmsContent {
    pub to: Phone,
    pub text: String,
    /// Where the provider tells what became of it.
    pub report_url: String,
    pub message_id: MessageId,
    /// How long delivering it makes sense.
    pub valid_for: Duration,
}

/// One call to be placed.
#[derive(Clone)]
pub struct CallContent {
    pub to: Phone,
    pub locale: Locale,
    pub script: Script,
    pub message_id: MessageId,
}

/// What is said in a call.
#[derive(Clone)]
pub enum Script {
    /// It is in no request: the provider asks for it.
    Asked {
        /// What the contact hears first, in words; it holds no code.
        gate: String,
        /// Where the provider asks what to say.
        script_url: String,
        /// Where the provider tells how the call ended.
        report_url: String,
    },
    /// All of it, step by step without a key between: for what holds nothing secret.
    Whole(Vec<Vec<Said>>),
}

/// Whose settings a provider comes from, which decides where it may lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EnteredBy {
    /// The operator's own files: anywhere.
    Operator,
    /// A tenant's admin: within the address rules, and nothing on the service's disk.
    Tenant,
}

/// Every way to send, with the connections it keeps.
pub struct Senders {
    wire: client::Wire,
    relays: email::Relays,
    patterns: sms::Patterns,
    timeout: Duration,
}

impl Senders {
    /// Senders by the operating system's resolver.
    ///
    /// # Errors
    /// A machine without certificates to check servers by.
    pub fn new(rules: AddressRules) -> Result<Self, NoClient> {
        Self::with(rules, Arc::new(SystemLookup), SEND_TIMEOUT)
    }

    /// The same with another resolver and time-out.
    ///
    /// # Errors
    /// A machine without certificates to check servers by.
    pub fn with(rules: AddressRules, lookup: Arc<dyn Lookup>, timeout: Duration) -> Result<Self, NoClient> {
        Ok(Self {
            wire: client::Wire::new(rules, lookup, timeout)?,
            relays: email::Relays::default(),
            patterns: sms::Patterns::default(),
            timeout,
        })
    }

    /// Sends one email. `at` is the date it carries.
    pub async fn email(
        &self,
        provider: &EmailProvider,
        entered_by: EnteredBy,
        content: &EmailContent,
        at: Timestamp,
    ) -> Outcome {
        match (provider, entered_by) {
            (EmailProvider::File { dir }, EnteredBy::Operator) => file::email(dir, content, at).await,
            (EmailProvider::File { .. }, EnteredBy::Tenant) => outcome::no_files(),
            (EmailProvider::Smtp(smtp), _) => {
                let post = email::Post { wire: &self.wire, relays: &self.relays, timeout: self.timeout };
                post.send(smtp, entered_by, content, at).await
            }
        }
    }

    /// Places one call.
    pub async fn call(
        &self,
        provider: &VoiceProvider,
        entered_by: EnteredBy,
        content: &CallContent,
        at: Timestamp,
    ) -> Outcome {
        match (provider, entered_by) {
            (VoiceProvider::File { dir }, EnteredBy::Operator) => file::call(dir, content, at).await,
            (VoiceProvider::File { .. }, EnteredBy::Tenant) => outcome::no_files(),
            (VoiceProvider::Twilio { account, .. }, _) => {
                let voices = Voices::of(Some(provider));
                voice::twilio::place(&self.wire, (account, voices), entered_by, content).await
            }
        }
    }

    /// Whether an account of Twilio's works, in words for the operator.
    ///
    /// # Errors
    /// What is wrong with it.
    pub async fn look_up(&self, account: &Twilio, entered_by: EnteredBy) -> Result<String, String> {
        twilio::client::look_up(&self.wire, account, entered_by).await
    }

    /// Sends one text message.
    pub async fn sms(
        &self,
        provider: &SmsProvider,
        entered_by: EnteredBy,
        content: &SmsContent,
        at: Timestamp,
    ) -> Outcome {
        match (provider, entered_by) {
            (SmsProvider::File { dir }, EnteredBy::Operator) => file::sms(dir, content, at).await,
            (SmsProvider::File { .. }, EnteredBy::Tenant) => outcome::no_files(),
            (SmsProvider::Http(gateway), _) => {
                sms::gateway::send(&self.wire, &self.patterns, gateway, entered_by, content).await
            }
            (SmsProvider::Twilio(account), _) => {
                sms::twilio::send(&self.wire, account, entered_by, content).await
            }
        }
    }
}
