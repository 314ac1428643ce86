//! The messages about a user's second step: that it changed, that a browser skips it, or that they need one.

use serde::Serialize;

use super::value::one_line;
use super::view::{Frame, Moment, sender_in_text};
use super::wording::{Of, worded_sms};
use super::{EmailBody, RenderError, Renderer, fits, render, to_value};
use crate::domain::calendar;
use crate::domain::locale::Locale;
use crate::domain::login::Method;
use crate::domain::login::notice::{Change, Notice};
use crate::domain::message::Purpose;
use crate::domain::tenant::Tenant;

/// What changed (E-L2, E-L3, L2, L3), or is to be set up.
#[derive(Clone, Copy)]
pub struct LoginChanged<'a> {
    pub tenant: &'a Tenant,
    pub locale: Locale,
    pub notice: &'a Notice,
}

#[derive(Serialize)]
struct ChangedEmail<'a> {
    #[serde(flatten)]
    frame: Frame<'a>,
    #[serde(flatten)]
    at: Moment,
    device: Option<String>,
    /// What changed, and what follows from it where something does.
    change: String,
    effect: String,
    password: bool,
    /// Whether it may well have been the user.
    calm: bool,
}

#[derive(Serialize)]
struct ChangedText {
    brand: String,
    #[serde(flatten)]
    at: Moment,
    device: Option<String>,
    change: String,
}

#[derive(Serialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a condition of the template, which never tests a value"
)]
struct Changed {
    added_app: bool,
    added_text: bool,
    removed_app: bool,
    removed_text: bool,
    backup: bool,
    left: usize,
    one_left: bool,
    renewed: bool,
    removed_devices: bool,
    reset: bool,
    password: bool,
    trusted: bool,
    one_day: bool,
    days: u32,
}

#[derive(Serialize)]
struct Reminder<'a> {
    #[serde(flatten)]
    frame: Frame<'a>,
    /// Whether there is a day to come from which they need it.
    dated: bool,
    from: String,
}

impl LoginChanged<'_> {
    fn values(&self) -> Changed {
        let notice = self.notice;
        let (mut left, mut days) = (0, 0);
        match notice.change {
            Change::BackupCodeUsed { left: kept } => left = kept,
            Change::DeviceTrusted { days: of } => days = of,
            Change::Added { .. }
            | Change::Removed { .. }
            | Change::CodesRenewed
            | Change::DevicesRemoved
            | Change::Reset
            | Change::PasswordSet
            | Change::Reminder { .. } => {}
        }
        let is = |change| notice.change == change;
        Changed {
            added_app: is(Change::Added { method: Method::Authenticator }),
            added_text: is(Change::Added { method: Method::Sms }),
            removed_app: is(Change::Removed { method: Method::Authenticator }),
            removed_text: is(Change::Removed { method: Method::Sms }),
            backup: matches!(notice.change, Change::BackupCodeUsed { .. }),
            left,
            one_left: left == 1,
            renewed: is(Change::CodesRenewed),
            removed_devices: is(Change::DevicesRemoved),
            reset: is(Change::Reset),
            password: is(Change::PasswordSet),
            trusted: self.is_trust(),
            one_day: days == 1,
            days,
        }
    }

    fn is_trust(&self) -> bool {
        matches!(self.notice.change, Change::DeviceTrusted { .. })
    }

    fn at(&self) -> Moment {
        Moment::new(self.notice.at, self.tenant, self.locale)
    }

    fn device(&self) -> Option<String> {
        Some(one_line(&self.notice.device)).filter(|device| !device.is_empty())
    }

    fn of(&self) -> Of<'_> {
        (self.tenant, Purpose::LoginChanged, self.locale)
    }

    fn template(&self) -> &'static str {
        if self.is_trust() { "device_trusted" } else { "login_changed" }
    }
}

impl Renderer {
    /// The email that tells of it.
    ///
    /// # Errors
    /// A template that wants a value it is not given.
    pub fn login_changed_email(&self, message: &LoginChanged<'_>) -> Result<EmailBody, RenderError> {
        let LoginChanged { tenant, locale, notice } = *message;
        let frame = Frame::new(tenant, locale);
        if let Change::Reminder { required_from } = notice.change {
            let from = required_from.map(|day| calendar::date(locale, day, tenant.time_zone));
            let (dated, from) = (from.is_some(), from.unwrap_or_default());
            let of = (tenant, Purpose::LoginReminder, locale);
            return self.email_of(of, "login_reminder", &Reminder { frame, dated, from });
        }
        let (reset, password) = (notice.change == Change::Reset, notice.change == Change::PasswordSet);
        let values = ChangedEmail {
            frame,
            at: message.at(),
            device: message.device(),
            change: self.news("email/login_changed", "change", message)?,
            effect: self.news("email/login_changed", "effect", message)?,
            password,
            calm: !reset && !password,
        };
        self.email_of(message.of(), message.template(), &values)
    }

    /// What changed, in words.
    fn news(&self, of: &str, part: &str, message: &LoginChanged<'_>) -> Result<String, RenderError> {
        let name = format!("{of}/{}.{part}", message.locale);
        render(&self.plain, &name, to_value(&name, &message.values())?)
    }

    /// The text that tells of it, in one segment: where a long name leaves no room, without the device.
    ///
    /// # Errors
    /// As for the email, and a text that does not fit one segment.
    pub fn login_changed_sms(&self, message: &LoginChanged<'_>) -> Result<String, RenderError> {
        let (brand, _) = sender_in_text(message.tenant);
        let change = self.news("sms/login_changed", "change", message)?;
        let mut values = ChangedText { brand, at: message.at(), device: message.device(), change };
        if let Some(own) = worded_sms(message.of(), &values) {
            return Ok(own);
        }
        let text = self.sms(message.template(), message.locale, &values)?;
        if fits(&text) {
            return Ok(text);
        }
        values.device = None;
        self.one_segment(message.template(), message.locale, &values)
    }
}
