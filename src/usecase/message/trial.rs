//! A message marked as a test, to an admin's own address or proven number and to nobody else's: counted, handed to a provider,
//! and put on the record.

use std::time::Duration;

use serde_json::{Value, json};

use crate::domain::admin::Admin;
use crate::domain::audit::{Entry, Origin};
use crate::domain::channel::Channel;
use crate::domain::contact::Destination;
use crate::domain::id::{AuditId, MessageId};
use crate::domain::locale::Locale;
use crate::domain::message::Attempt;
use crate::domain::provider::SmsProvider;
use crate::domain::seal;
use crate::domain::tenant::Tenant;
use crate::domain::timestamp::Timestamp;
use crate::message::render::{EmailBody, Said};
use crate::message::{CallContent, Detail, EmailContent, EnteredBy, Outcome, Script, SmsContent};
use crate::usecase::admin::sessions::{Person, person};
use crate::usecase::client::dispatch::count_sends;
use crate::usecase::{Desk, Failure};

use super::Post;
use super::report_delivery::report_url;
use super::send::sender;

/// Tests to one address in the window of sends; as many times more as for clients.
const TESTS: u32 = 2;
const MARK: &str = "TEST: ";

/// What a test came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tried {
    /// The provider took it, or its account answers where no call is placed.
    Taken,
    /// It did not, for this reason.
    Not(Detail),
    /// There is no such provider.
    NoProvider,
    /// There is nothing of the admin's to send to.
    NoAddress,
}

impl From<Outcome> for Tried {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Sent { .. } => Self::Taken,
            Outcome::Temporary(trouble) | Outcome::Permanent(trouble) => Self::Not(trouble.detail),
        }
    }
}

/// Where a test by that way goes: nothing is typed, so nobody else gets one.
pub fn own(person: &Person, channel: Channel) -> Option<Destination> {
    match channel {
        Channel::Email => person.email.clone().map(Destination::Email),
        Channel::Sms | Channel::Voice => person.number.clone().map(Destination::Phone),
    }
}

/// What is tested, and who gets it.
pub(super) struct Trial<'a> {
    pub desk: &'a Desk,
    pub post: &'a Post,
    pub tenant: &'a Tenant,
    pub locale: Locale,
    pub now: Timestamp,
    own: Person,
}

impl<'a> Trial<'a> {
    pub async fn of(
        (desk, post): (&'a Desk, &'a Post),
        tenant: &'a Tenant,
        locale: Locale,
        admin: &Admin,
    ) -> Result<Self, Failure> {
        Ok(Self { desk, post, tenant, locale, now: desk.time.now(), own: person(desk, admin).await? })
    }

    fn id(&self) -> MessageId {
        MessageId::new(self.now, self.desk.draw().1)
    }

    async fn count(&self, to: &Destination) -> Result<(), Failure> {
        let tx = self.desk.store.begin().await?;
        let index = seal::index(self.desk.store.vault().ring.current(), &self.tenant.id, &to.normal());
        count_sends(&tx, self.tenant, &[index], TESTS, self.now).await?;
        tx.commit().await?;
        Ok(())
    }

    pub async fn email(&self, body: EmailBody) -> Result<Tried, Failure> {
        let Some(provider) = self.post.of_emails(self.tenant) else { return Ok(Tried::NoProvider) };
        let Some(to) = self.own.email.clone() else { return Ok(Tried::NoAddress) };
        self.count(&Destination::Email(to.clone())).await?;
        let brand = &self.tenant.brand;
        let content = EmailContent {
            from: brand.from.clone().unwrap_or_else(|| sender(provider, self.tenant)),
            reply_to: brand.reply_to.clone(),
            to,
            to_name: self.own.name.clone(),
            subject: format!("{MARK}{}", body.subject),
            text: format!("{MARK}{}", body.text),
            html: body.html,
            locale: self.locale,
            message_id: self.id(),
        };
        Ok(self.post.senders.email(provider, EnteredBy::Operator, &content, self.now).await.into())
    }

    /// By one of the providers of texts, in their order.
    pub async fn text(&self, text: &str, order: usize) -> Result<Tried, Failure> {
        let provider: Option<&SmsProvider> = self.post.of_texts(self.tenant).0.get(order);
        let Some(provider) = provider else { return Ok(Tried::NoProvider) };
        let Some(to) = self.own.number.clone() else { return Ok(Tried::NoAddress) };
        self.count(&Destination::Phone(to.clone())).await?;
        let message_id = self.id();
        let attempt = Attempt { message: message_id.clone(), number: 1 };
        let content = SmsContent {
            to,
            text: format!("{MARK}{text}"),
            report_url: report_url(self.desk, &self.tenant.id, provider, &attempt),
            message_id,
            valid_for: Duration::from_mins(10),
        };
        Ok(self.post.senders.sms(provider, EnteredBy::Operator, &content, self.now).await.into())
    }

    /// A call that says all of it in one go, without a key: it holds nothing secret.
    pub async fn call(&self, steps: Vec<Vec<Said>>) -> Result<Tried, Failure> {
        let Some(provider) = self.post.of_calls(self.tenant) else { return Ok(Tried::NoProvider) };
        let Some(to) = self.own.number.clone() else { return Ok(Tried::NoAddress) };
        self.count(&Destination::Phone(to.clone())).await?;
        let (locale, message_id, script) = (self.locale, self.id(), Script::Whole(steps));
        let content = CallContent { to, locale, script, message_id };
        Ok(self.post.senders.call(provider, EnteredBy::Operator, &content, self.now).await.into())
    }

    /// What was sent to nobody is on no record.
    pub async fn record(
        &self,
        origin: Origin,
        (action, object): (&'static str, &str),
        tried: Tried,
        more: Value,
    ) -> Result<(), Failure> {
        let (result, why) = match tried {
            Tried::Taken => ("taken", ""),
            Tried::Not(why) => ("failed", why.as_str()),
            Tried::NoProvider | Tried::NoAddress => return Ok(()),
        };
        let (at, chance) = self.desk.draw();
        let mut detail = json!({"detail": why});
        if let (Value::Object(detail), Value::Object(more)) = (&mut detail, more) {
            detail.extend(more);
        }
        let (id, done) = (AuditId::new(at, chance), (action, result));
        let entry = Entry::of_tenant(id, &self.tenant.id, at, origin, done, object, detail);
        self.desk.store.of(&self.tenant.id).insert_audit(&[entry]).await?;
        Ok(())
    }
}
