//! The messages about a user's second step: that it changed, that a browser skips it, or that they need one.

use serde::Serialize;

use super::value::one_line;
use super::view::{Frame, Moment, sender_in_text};
use super::{EmailBody, RenderError, Renderer, fits};
use crate::domain::calendar;
use crate::domain::locale::Locale;
use crate::domain::login::Method;
use crate::domain::login::notice::{Change, Notice};
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
    changed: Changed,
}

#[derive(Serialize)]
struct ChangedText {
    brand: String,
    #[serde(flatten)]
    changed: Changed,
}

#[derive(Serialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a condition of the template, which never tests a value"
)]
struct Changed {
    #[serde(flatten)]
    at: Moment,
    device: Option<String>,
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
        let Self { tenant, locale, notice } = *self;
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
            at: Moment::new(notice.at, tenant, locale),
            device: Some(one_line(&notice.device)).filter(|device| !device.is_empty()),
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
            one_day: days == 1,
            days,
        }
    }

    fn template(&self) -> &'static str {
        let trusted = matches!(self.notice.change, Change::DeviceTrusted { .. });
        if trusted { "device_trusted" } else { "login_changed" }
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
            return self.email("login_reminder", locale, &Reminder { frame, dated, from });
        }
        let values = ChangedEmail { frame, changed: message.values() };
        self.email(message.template(), message.locale, &values)
    }

    /// The text that tells of it, in one segment: where a long name leaves no room, without the device.
    ///
    /// # Errors
    /// As for the email, and a text that does not fit one segment.
    pub fn login_changed_sms(&self, message: &LoginChanged<'_>) -> Result<String, RenderError> {
        let (brand, _) = sender_in_text(message.tenant);
        let mut values = ChangedText { brand, changed: message.values() };
        let text = self.sms(message.template(), message.locale, &values)?;
        if fits(&text) {
            return Ok(text);
        }
        values.changed.device = None;
        self.one_segment(message.template(), message.locale, &values)
    }
}
