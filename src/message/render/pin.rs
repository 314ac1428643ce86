//! The messages about a security PIN: the link by which it is set, and the notice that it was.

use std::time::Duration;

use serde::Serialize;
use url::Url;

use super::value::{one_line, person};
use super::view::{Frame, Moment, sender_in_text};
use super::wording::{Of, worded_sms};
use super::{EmailBody, RenderError, Renderer, fits};
use crate::domain::calendar;
use crate::domain::locale::Locale;
use crate::domain::message::Purpose;
use crate::domain::pin::DIGITS;
use crate::domain::tenant::Tenant;
use crate::domain::timestamp::Timestamp;

/// What the message with a link says (P1, and P2 where there is a PIN already). Not `Debug`: it holds the link.
#[derive(Clone, Copy)]
pub struct PinLink<'a> {
    pub tenant: &'a Tenant,
    pub locale: Locale,
    pub contact_name: &'a str,
    /// The whole address.
    pub link: &'a str,
    /// Whether it takes the place of a PIN.
    pub is_reset: bool,
    pub requested_at: Timestamp,
    pub expires_at: Timestamp,
    pub sent_at: Timestamp,
}

/// What the notice says (P3).
#[derive(Clone, Copy, Debug)]
pub struct PinChanged<'a> {
    pub tenant: &'a Tenant,
    pub locale: Locale,
    /// Whether there was none before.
    pub is_first: bool,
    pub changed_at: Timestamp,
    /// Where it is known.
    pub device: Option<&'a str>,
}

#[derive(Serialize)]
struct LinkEmail<'a> {
    #[serde(flatten)]
    frame: Frame<'a>,
    /// Of a first link when it expires, of a later one when it was asked for.
    #[serde(flatten)]
    moment: Moment,
    greeted: bool,
    first_name: String,
    link: &'a str,
    /// How the address begins, without its last slash.
    origin: String,
    digits: u32,
    valid_for: String,
}

#[derive(Serialize)]
struct LinkText<'a> {
    brand: String,
    phone: Option<String>,
    link: &'a str,
    valid_for: String,
}

#[derive(Serialize)]
struct ChangedEmail<'a> {
    #[serde(flatten)]
    frame: Frame<'a>,
    #[serde(flatten)]
    changed: Moment,
    is_first: bool,
    device: Option<String>,
}

#[derive(Serialize)]
struct ChangedText {
    brand: String,
    phone: Option<String>,
    is_first: bool,
    #[serde(flatten)]
    changed: Moment,
}

impl Renderer {
    /// The email with a link.
    ///
    /// # Errors
    /// A template that wants a value it is not given.
    pub fn pin_link_email(&self, message: &PinLink<'_>) -> Result<EmailBody, RenderError> {
        let moment = if message.is_reset { message.requested_at } else { message.expires_at };
        let first_name = person(message.contact_name);
        let values = LinkEmail {
            frame: Frame::new(message.tenant, message.locale),
            moment: Moment::new(moment, message.tenant, message.locale),
            greeted: !first_name.is_empty(),
            first_name,
            link: message.link,
            origin: Url::parse(message.link)
                .map_or_else(|_| String::new(), |url| url.origin().ascii_serialization()),
            digits: DIGITS,
            valid_for: calendar::length(message.locale, message.lives()),
        };
        self.email_of(message.of(), message.template(), &values)
    }

    /// The text with a link, in one segment: where a long address or number leaves no room, with fewer words, and
    /// then without the number to call.
    ///
    /// # Errors
    /// As for the email, and a text that no variant fits into one segment.
    pub fn pin_link_sms(&self, message: &PinLink<'_>) -> Result<String, RenderError> {
        let (brand, phone) = sender_in_text(message.tenant);
        let valid_for = calendar::short_length(message.lives());
        let mut values = LinkText { brand, phone, link: message.link, valid_for };
        if let Some(own) = worded_sms(message.of(), &values) {
            return Ok(own);
        }
        let short = format!("{}_short", message.template());
        for name in [message.template(), &short] {
            let text = self.sms(name, message.locale, &values)?;
            if fits(&text) {
                return Ok(text);
            }
        }
        values.phone = None;
        self.one_segment(&short, message.locale, &values)
    }

    /// The email that tells of a PIN that was set or changed.
    ///
    /// # Errors
    /// A template that wants a value it is not given.
    pub fn pin_changed_email(&self, message: &PinChanged<'_>) -> Result<EmailBody, RenderError> {
        let values = ChangedEmail {
            frame: Frame::new(message.tenant, message.locale),
            changed: Moment::new(message.changed_at, message.tenant, message.locale),
            is_first: message.is_first,
            device: message.device.map(one_line).filter(|device| !device.is_empty()),
        };
        self.email_of(message.of(), "pin_changed", &values)
    }

    /// The text that tells of it, in one segment.
    ///
    /// # Errors
    /// As for the email, and a text that does not fit one segment.
    pub fn pin_changed_sms(&self, message: &PinChanged<'_>) -> Result<String, RenderError> {
        let (brand, phone) = sender_in_text(message.tenant);
        let changed = Moment::new(message.changed_at, message.tenant, message.locale);
        let values = ChangedText { brand, phone, is_first: message.is_first, changed };
        let own = worded_sms(message.of(), &values);
        own.map_or_else(|| self.one_segment("pin_changed", message.locale, &values), Ok)
    }
}

impl PinChanged<'_> {
    fn of(&self) -> Of<'_> {
        (self.tenant, if self.is_first { Purpose::PinSet } else { Purpose::PinChanged }, self.locale)
    }
}

impl PinLink<'_> {
    fn of(&self) -> Of<'_> {
        (self.tenant, if self.is_reset { Purpose::PinReset } else { Purpose::PinSetup }, self.locale)
    }

    fn template(&self) -> &'static str {
        if self.is_reset { "pin_reset" } else { "pin_setup" }
    }

    /// How long the link still lives, in whole hours or minutes. The seconds that sending took are not told.
    fn lives(&self) -> Duration {
        const MINUTE: u64 = 60;
        const HOUR: u64 = 60 * MINUTE;
        let seconds = self.expires_at.since(self.sent_at).as_secs() + MINUTE / 2;
        let unit = if seconds >= 2 * HOUR { HOUR } else { MINUTE };
        Duration::from_secs((seconds / unit).max(1) * unit)
    }
}
