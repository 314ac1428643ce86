//! The messages about a security PIN: the link by which it is set, and the notice that it changed.

use super::{EmailBody, RenderError, Renderer};
use crate::domain::locale::Locale;
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
    pub contact_name: &'a str,
    pub changed_at: Timestamp,
    /// Where it is known.
    pub device: Option<&'a str>,
}

impl Renderer {
    /// The email with a link.
    ///
    /// # Errors
    /// A template that wants a value it is not given.
    pub fn pin_link_email(&self, message: &PinLink<'_>) -> Result<EmailBody, RenderError> {
        let text = message.link.to_owned();
        Ok(EmailBody { subject: message.tenant.short_name().to_owned(), html: text.clone(), text })
    }

    /// The text with a link, in one segment.
    ///
    /// # Errors
    /// As for the email, and a text that does not fit one segment.
    pub fn pin_link_sms(&self, message: &PinLink<'_>) -> Result<String, RenderError> {
        Ok(message.link.to_owned())
    }

    /// The email that tells of a changed PIN.
    ///
    /// # Errors
    /// A template that wants a value it is not given.
    pub fn pin_changed_email(&self, message: &PinChanged<'_>) -> Result<EmailBody, RenderError> {
        let text = format!("PIN {}", message.changed_at);
        Ok(EmailBody { subject: message.tenant.short_name().to_owned(), html: text.clone(), text })
    }

    /// The text that tells of a changed PIN, in one segment.
    ///
    /// # Errors
    /// As for the email, and a text that does not fit one segment.
    pub fn pin_changed_sms(&self, message: &PinChanged<'_>) -> Result<String, RenderError> {
        Ok(format!("PIN {}", message.changed_at))
    }
}
