//! One attempt to send one message: rendered in memory, given to a provider, forgotten.

use std::time::Duration;

use zeroize::Zeroizing;

use crate::domain::agent::Agent;
use crate::domain::call;
use crate::domain::call::script::Place;
use crate::domain::challenge::Challenge;
use crate::domain::channel::Channel;
use crate::domain::contact::{Contact, Destination, Email, Phone};
use crate::domain::guest::Guest;
use crate::domain::locale::Locale;
use crate::domain::login::notice::Notice;
use crate::domain::message::{self, Attempt, Message, Purpose};
use crate::domain::provider::{EmailProvider, Smtp};
use crate::domain::tenant::Tenant;
use crate::domain::timestamp::Timestamp;
use crate::message::render::{
    ClientCode, ClientReceipt, EmailBody, LoginChanged, PinChanged, PinLink, RenderError, Said,
};
use crate::message::{CallContent, Detail, EmailContent, EnteredBy, Outcome, Script, SmsContent};
use crate::store::StoreError;
use crate::usecase::Desk;
use crate::usecase::call::ticket::{Spot, Ticket};
use crate::usecase::client::check_code;
use crate::usecase::pin::send_link;

use super::Post;
use super::report_delivery::report_url;
use super::to_guest;

/// A receipt is worth sending for so long after the verification.
const RECEIPT_WORTH: Duration = Duration::from_secs(3600);
/// The notice of a changed PIN or second step is worth it for longer: whoever gets it may have to do something.
const NOTICE_WORTH: Duration = Duration::from_hours(24);
const HALF_A_MINUTE: Duration = Duration::from_secs(29);

/// A message that may go out, with everything it says.
pub struct Ready<'a> {
    pub tenant: &'a Tenant,
    pub message: &'a Message,
    pub challenge: &'a Challenge,
    pub contact: Contact,
    pub destination: Destination,
    pub verified_by: Option<&'a Agent>,
    /// In the notice of a PIN that was set: where it was set from, if that is known.
    pub device: Option<String>,
    /// Whom it goes to, if that is a guest.
    pub guest: Option<&'a Guest>,
    /// In an email about a user's second step: what changed.
    pub notice: Option<&'a Notice>,
    pub at: Timestamp,
}

impl Ready<'_> {
    pub fn locale(&self) -> Locale {
        match self.message.purpose {
            // It goes to others than the link went to.
            purpose if purpose.is_pin_notice() => self.contact.locale.unwrap_or(self.tenant.default_locale),
            _ => message::locale(self.challenge, Some(&self.contact), self.tenant),
        }
    }

    /// Who asked for the code; in a receipt, who verified.
    fn agent(&self) -> Option<&str> {
        let agent = match self.message.purpose {
            Purpose::ClientCode => self.challenge.agent.as_ref(),
            Purpose::ClientReceipt => self.verified_by,
            _ => None,
        };
        agent.map(|a| a.name.as_str())
    }

    /// Until when it is worth sending.
    pub fn until(&self) -> Timestamp {
        match self.message.purpose {
            Purpose::ClientCode | Purpose::SignerCode if self.message.channel == Channel::Voice => {
                self.challenge.expires_at - call::NEEDS
            }
            Purpose::ClientCode
            | Purpose::PinSetup
            | Purpose::PinReset
            | Purpose::PinCode
            | Purpose::SignerCode
            | Purpose::SessionInvite
            | Purpose::SessionCode
            | Purpose::LoginCode => self.challenge.expires_at,
            Purpose::ClientReceipt => self.message.created_at + RECEIPT_WORTH,
            Purpose::PinSet | Purpose::PinChanged | Purpose::LoginChanged | Purpose::LoginReminder => {
                self.message.created_at + NOTICE_WORTH
            }
        }
    }

    fn receipt(&self) -> ClientReceipt<'_> {
        ClientReceipt {
            tenant: self.tenant,
            locale: self.locale(),
            agent_name: self.agent(),
            destination: &self.message.masked,
            verified_at: self.challenge.closed_at.unwrap_or(self.at),
        }
    }

    fn link<'c>(&'c self, link: &'c str) -> PinLink<'c> {
        PinLink {
            tenant: self.tenant,
            locale: self.locale(),
            contact_name: &self.contact.name,
            link,
            is_reset: self.message.purpose == Purpose::PinReset,
            requested_at: self.challenge.created_at,
            expires_at: self.challenge.expires_at,
            sent_at: self.at,
        }
    }

    fn changed(&self) -> PinChanged<'_> {
        PinChanged {
            tenant: self.tenant,
            locale: self.locale(),
            is_first: self.message.purpose == Purpose::PinSet,
            changed_at: self.challenge.closed_at.unwrap_or(self.at),
            device: self.device.as_deref(),
        }
    }

    fn login_changed<'c>(&'c self, notice: &'c Notice) -> LoginChanged<'c> {
        LoginChanged { tenant: self.tenant, locale: self.locale(), notice }
    }

    fn code<'c>(&'c self, code: &'c str) -> ClientCode<'c> {
        ClientCode {
            tenant: self.tenant,
            locale: self.locale(),
            contact_name: &self.contact.name,
            agent_name: self.agent(),
            code,
            // To the nearest minute: a code sent at once has ten minutes, not nine and some.
            valid_for: self.challenge.expires_at.since(self.at) + HALF_A_MINUTE,
            sent_at: self.at,
        }
    }
}

/// Makes one attempt, by the provider whose turn it is.
pub async fn send(desk: &Desk, post: &Post, ready: &Ready<'_>) -> Result<Outcome, StoreError> {
    let (purpose, channel) = (ready.message.purpose, ready.message.channel);
    let secret = match purpose {
        // A call is asked for without its code: whoever answers it asks for that.
        Purpose::ClientCode if channel != Channel::Voice => {
            Zeroizing::new(check_code::derive(desk, ready.tenant, ready.challenge)?.expose().to_owned())
        }
        Purpose::PinSetup | Purpose::PinReset => {
            send_link::address_by(desk, ready.tenant, ready.challenge, channel).await?
        }
        Purpose::ClientCode
        | Purpose::ClientReceipt
        | Purpose::PinSet
        | Purpose::PinChanged
        | Purpose::LoginChanged
        | Purpose::LoginReminder => Zeroizing::default(),
        Purpose::PinCode
        | Purpose::SignerCode
        | Purpose::SessionInvite
        | Purpose::SessionCode
        | Purpose::LoginCode => to_guest::secret(desk, ready)?,
    };
    let outcome = match (&ready.destination, channel) {
        (Destination::Email(to), Channel::Email) => email(desk, post, ready, to, &secret).await,
        (Destination::Phone(to), Channel::Sms) => sms(desk, post, ready, to, &secret).await,
        (Destination::Phone(to), Channel::Voice) => call(desk, post, ready, to).await,
        _ => Ok(Outcome::permanent(Detail::Unsupported, "the channel does not go there")),
    };
    Ok(outcome.unwrap_or_else(|error| {
        tracing::error!(message.id = %ready.message.id, %error, "a message cannot be rendered");
        Outcome::permanent(Detail::Rejected, "the message cannot be rendered")
    }))
}

async fn email(
    desk: &Desk,
    post: &Post,
    ready: &Ready<'_>,
    to: &Email,
    secret: &str,
) -> Result<Outcome, RenderError> {
    let body: EmailBody = match ready.message.purpose {
        Purpose::ClientCode => post.renderer.client_code_email(&ready.code(secret))?,
        Purpose::ClientReceipt => post.renderer.client_receipt_email(&ready.receipt())?,
        Purpose::PinSetup | Purpose::PinReset => post.renderer.pin_link_email(&ready.link(secret))?,
        Purpose::PinSet | Purpose::PinChanged => post.renderer.pin_changed_email(&ready.changed())?,
        Purpose::SignerCode | Purpose::SessionInvite | Purpose::SessionCode => {
            to_guest::email(&post.renderer, ready, host(desk), secret)?
        }
        Purpose::PinCode | Purpose::LoginCode => {
            return Ok(Outcome::permanent(Detail::Unsupported, "this code is a text"));
        }
        Purpose::LoginChanged | Purpose::LoginReminder => match ready.notice {
            Some(notice) => post.renderer.login_changed_email(&ready.login_changed(notice))?,
            None => return Ok(Outcome::permanent(Detail::Rejected, "nothing is known of what changed")),
        },
    };
    let brand = &ready.tenant.brand;
    let Some(provider) = post.of_emails(ready.tenant) else {
        return Ok(Outcome::permanent(Detail::Unsupported, "no provider of email is configured"));
    };
    let content = EmailContent {
        from: brand.from.clone().unwrap_or_else(|| sender(provider, ready.tenant)),
        reply_to: brand.reply_to.clone(),
        to: to.clone(),
        to_name: ready.contact.name.clone(),
        subject: body.subject,
        text: body.text,
        html: body.html,
        locale: ready.locale(),
        message_id: ready.message.id.clone(),
    };
    // Tenants' providers come from the operator's own tenant file.
    Ok(counted(provider.kind(), post.senders.email(provider, EnteredBy::Operator, &content, ready.at).await))
}

/// The sender where the brand names none. A relay is given none rather than one that cannot exist: it says so.
pub(super) fn sender(provider: &EmailProvider, tenant: &Tenant) -> String {
    match provider {
        EmailProvider::Smtp(Smtp { from: Some(from), .. }) => from.clone(),
        EmailProvider::Smtp(_) => String::new(),
        EmailProvider::File { .. } => {
            format!("\"{}\" <verify@{}.invalid>", tenant.short_name().replace(['"', '\\'], ""), tenant.id)
        }
    }
}

async fn sms(
    desk: &Desk,
    post: &Post,
    ready: &Ready<'_>,
    to: &Phone,
    secret: &str,
) -> Result<Outcome, RenderError> {
    let text = match ready.message.purpose {
        Purpose::ClientCode => post.renderer.client_code_sms(&ready.code(secret))?,
        Purpose::ClientReceipt => post.renderer.client_receipt_sms(&ready.receipt())?,
        Purpose::PinSetup | Purpose::PinReset => post.renderer.pin_link_sms(&ready.link(secret))?,
        Purpose::PinSet | Purpose::PinChanged => post.renderer.pin_changed_sms(&ready.changed())?,
        Purpose::PinCode
        | Purpose::SignerCode
        | Purpose::SessionInvite
        | Purpose::SessionCode
        | Purpose::LoginCode => to_guest::sms(&post.renderer, ready, host(desk), secret)?,
        Purpose::LoginChanged => match ready.notice {
            Some(notice) => post.renderer.login_changed_sms(&ready.login_changed(notice))?,
            None => return Ok(Outcome::permanent(Detail::Rejected, "nothing is known of what changed")),
        },
        Purpose::LoginReminder => {
            return Ok(Outcome::permanent(Detail::Unsupported, "this notice is an email"));
        }
    };
    let (providers, owner) = post.of_texts(ready.tenant);
    let place = post.turns.pick(&owner, providers.len(), ready.message.attempts, ready.at);
    let Some((place, provider)) = place.and_then(|place| Some((place, providers.get(place)?))) else {
        return Ok(Outcome::permanent(Detail::Unsupported, "no provider of texts is configured"));
    };
    let attempt = Attempt { message: ready.message.id.clone(), number: ready.message.attempts };
    let report_url = report_url(desk, &ready.tenant.id, provider, &attempt);
    let content = SmsContent {
        to: to.clone(),
        text,
        report_url,
        message_id: ready.message.id.clone(),
        valid_for: ready.until().since(ready.at),
    };
    let outcome = post.senders.sms(provider, EnteredBy::Operator, &content, ready.at).await;
    post.turns.note(&owner, place, &outcome, ready.at);
    Ok(counted(provider.kind(), outcome))
}

async fn call(desk: &Desk, post: &Post, ready: &Ready<'_>, to: &Phone) -> Result<Outcome, RenderError> {
    let Some(provider) = post.of_calls(ready.tenant) else {
        return Ok(Outcome::permanent(Detail::Unsupported, "no provider of calls is configured"));
    };
    let attempt = Attempt { message: ready.message.id.clone(), number: ready.message.attempts };
    let url = |spot| Ticket { attempt: attempt.clone(), spot }.url(desk, &ready.tenant.id);
    let gate = Place::start(ready.locale()).lines();
    let gate = match ready.message.purpose {
        purpose @ (Purpose::SignerCode | Purpose::SessionCode) => {
            post.renderer.typed_code_call(to_guest::typed_for(purpose), ready.tenant, &gate, "")?
        }
        _ => post.renderer.client_code_call(ready.tenant, &gate, "")?,
    };
    let content = CallContent {
        to: to.clone(),
        locale: ready.locale(),
        script: Script::Asked {
            gate: gate.iter().map(Said::in_words).collect::<Vec<_>>().join(" "),
            script_url: url(Spot::Start),
            report_url: url(Spot::End),
        },
        message_id: ready.message.id.clone(),
    };
    Ok(counted(provider.kind(), post.senders.call(provider, EnteredBy::Operator, &content, ready.at).await))
}

/// The host of our pages, which a code to type is bound to.
fn host(desk: &Desk) -> &str {
    desk.public_url.host_str().unwrap_or_default()
}

/// Counts an attempt by the kind of its provider.
fn counted(provider: &'static str, outcome: Outcome) -> Outcome {
    let (word, detail) = match &outcome {
        Outcome::Sent { .. } => ("sent", ""),
        Outcome::Temporary(trouble) => ("temporary", trouble.detail.as_str()),
        Outcome::Permanent(trouble) => ("permanent", trouble.detail.as_str()),
    };
    let labels = [("provider", provider), ("outcome", word), ("detail", detail)];
    metrics::counter!("countersign_sends_total", &labels).increment(1);
    outcome
}
