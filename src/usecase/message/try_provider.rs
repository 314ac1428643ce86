//! An admin tries one of the providers that carry a tenant's messages: a message marked as a test, with the code 000000, to the
//! admin's own address or proven number and to nobody else.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use crate::domain::admin::Admin;
use crate::domain::audit::{Entry, Origin};
use crate::domain::channel::Channel;
use crate::domain::contact::{Destination, Email, Phone};
use crate::domain::id::{AuditId, MessageId};
use crate::domain::locale::Locale;
use crate::domain::message::Attempt;
use crate::domain::provider::VoiceProvider;
use crate::domain::seal;
use crate::domain::tenant::Tenant;
use crate::domain::timestamp::Timestamp;
use crate::message::render::ClientCode;
use crate::message::{Detail, EmailContent, EnteredBy, Outcome, SmsContent};
use crate::usecase::admin::sessions::person;
use crate::usecase::client::dispatch::count_sends;
use crate::usecase::{Desk, Failure};

use super::Post;
use super::report_delivery::report_url;
use super::send::sender;

/// Tests to one address in the window of sends; as many times more as for clients.
const TESTS: u32 = 2;
const CODE: &str = "000000";
const MARK: &str = "TEST: ";

/// One provider of a tenant's messages, as it may be shown.
pub struct Listed {
    pub channel: Channel,
    /// Its place among those of its channel, from 0: the next takes over where one is down.
    pub order: usize,
    pub kind: &'static str,
    pub place: String,
    /// Whether it is the tenant's own, and not the service's.
    pub own: bool,
}

/// Those of a tenant, in the order in which they are asked.
pub fn providers(post: &Post, tenant: &Tenant) -> Vec<Listed> {
    let mut all = Vec::new();
    if let Some(email) = post.of_emails(tenant) {
        let own = tenant.providers.email.is_some();
        all.push(Listed { channel: Channel::Email, order: 0, kind: email.kind(), place: email.place(), own });
    }
    let (texts, owner) = post.of_texts(tenant);
    all.extend(texts.iter().enumerate().map(|(order, text)| {
        let own = owner.is_some();
        Listed { channel: Channel::Sms, order, kind: text.kind(), place: text.place(), own }
    }));
    if let Some(voice) = post.of_calls(tenant) {
        let own = tenant.providers.voice.is_some();
        all.push(Listed { channel: Channel::Voice, order: 0, kind: voice.kind(), place: voice.place(), own });
    }
    all
}

/// What a test came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tried {
    /// The provider took it, or its account answers where no call is placed.
    Taken,
    /// It did not, for this reason.
    Not(Detail),
    /// There is no such provider, or nothing of the admin's to send to.
    Nowhere,
}

/// Tries one provider, and puts that on the record. Nobody is called: of calls the account is looked at.
///
/// # Errors
/// `TooManySends`
pub async fn try_provider(
    desk: &Desk,
    post: &Post,
    tenant: &Arc<Tenant>,
    ((channel, order), locale): ((Channel, usize), Locale),
    (admin, origin): (&Admin, Origin),
) -> Result<Tried, Failure> {
    // Nothing is typed, so nobody else gets one.
    let (own, now) = (person(desk, admin).await?, desk.time.now());
    let test = Test { desk, post, tenant, locale, now };
    let to = match channel {
        Channel::Email => own.email.clone().map(Destination::Email),
        Channel::Sms => own.number.clone().map(Destination::Phone),
        Channel::Voice => None,
    };
    if let Some(to) = &to {
        let tx = desk.store.begin().await?;
        let index = seal::index(desk.store.vault().ring.current(), &tenant.id, &to.normal());
        count_sends(&tx, tenant, &[index], TESTS, now).await?;
        tx.commit().await?;
    }
    let outcome = match (channel, to) {
        (Channel::Email, Some(Destination::Email(to))) => test.email(to, &own.name).await?,
        (Channel::Sms, Some(Destination::Phone(to))) => test.text(to, order).await?,
        (Channel::Voice, _) => test.account().await,
        _ => None,
    };
    let tried = match outcome {
        Some(Outcome::Sent { .. }) => Tried::Taken,
        Some(Outcome::Temporary(trouble) | Outcome::Permanent(trouble)) => Tried::Not(trouble.detail),
        None => return Ok(Tried::Nowhere),
    };
    let (result, why) = if let Tried::Not(why) = tried { ("failed", why.as_str()) } else { ("taken", "") };
    let done = ("provider.test", result);
    let ((at, chance), detail) = (desk.draw(), json!({"order": order, "detail": why}));
    let id = AuditId::new(at, chance);
    let entry = Entry::of_tenant(id, &tenant.id, at, origin, done, channel.as_str(), detail);
    desk.store.of(&tenant.id).insert_audit(&[entry]).await?;
    Ok(tried)
}

struct Test<'a> {
    desk: &'a Desk,
    post: &'a Post,
    tenant: &'a Tenant,
    locale: Locale,
    now: Timestamp,
}

impl Test<'_> {
    fn says(&self) -> ClientCode<'_> {
        ClientCode {
            tenant: self.tenant,
            locale: self.locale,
            contact_name: "",
            agent_name: None,
            code: CODE,
            valid_for: self.tenant.policy.client.code.code_valid,
            sent_at: self.now,
        }
    }

    fn id(&self) -> MessageId {
        MessageId::new(self.now, self.desk.draw().1)
    }

    async fn email(&self, to: Email, name: &str) -> Result<Option<Outcome>, Failure> {
        let Some(provider) = self.post.of_emails(self.tenant) else { return Ok(None) };
        let body = self.post.renderer.client_code_email(&self.says())?;
        let brand = &self.tenant.brand;
        let content = EmailContent {
            from: brand.from.clone().unwrap_or_else(|| sender(provider, self.tenant)),
            reply_to: brand.reply_to.clone(),
            to,
            to_name: name.to_owned(),
            subject: format!("{MARK}{}", body.subject),
            text: format!("{MARK}{}", body.text),
            html: body.html,
            locale: self.locale,
            message_id: self.id(),
        };
        Ok(Some(self.post.senders.email(provider, EnteredBy::Operator, &content, self.now).await))
    }

    async fn text(&self, to: Phone, order: usize) -> Result<Option<Outcome>, Failure> {
        let Some(provider) = self.post.of_texts(self.tenant).0.get(order) else { return Ok(None) };
        let message_id = self.id();
        let attempt = Attempt { message: message_id.clone(), number: 1 };
        let text = self.post.renderer.client_code_sms(&self.says())?;
        let content = SmsContent {
            to,
            text: format!("{MARK}{text}"),
            report_url: report_url(self.desk, &self.tenant.id, provider, &attempt),
            message_id,
            valid_for: Duration::from_mins(10),
        };
        Ok(Some(self.post.senders.sms(provider, EnteredBy::Operator, &content, self.now).await))
    }

    async fn account(&self) -> Option<Outcome> {
        match self.post.of_calls(self.tenant)? {
            VoiceProvider::File { .. } => Some(Outcome::Sent { reference: None }),
            VoiceProvider::Twilio { account, .. } => {
                let known = self.post.senders.look_up(account, EnteredBy::Operator).await;
                let wrong = |log| Outcome::temporary(Detail::ProviderMisconfigured, log);
                Some(known.map_or_else(wrong, |_| Outcome::Sent { reference: None }))
            }
        }
    }
}
