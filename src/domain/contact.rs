//! A client's people: how they can be reached, whether they may be, and how their details are shown.
//!
//! Emails and numbers are parsed once, here; nothing below ever sees the raw text.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::channel::Channel;
use super::id::ContactId;
use super::locale::Locale;
use super::numbering;
use super::timestamp::Timestamp;

/// An email address: parsed, its domain in lower case. Never printed whole.
///
/// Read back from the database as it was sealed: rules that grow stricter never make a stored contact unreadable.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Email(String);

impl Email {
    /// # Errors
    /// Text that is not one bare address of at most 254 characters.
    pub fn parse(text: &str) -> Result<Self, BadDetail> {
        // Lower case before it is checked: some letters become others by it.
        let text = text.trim();
        let (local, domain) = text.rsplit_once('@').ok_or(BadDetail::Email)?;
        let text = &format!("{local}@{}", domain.to_lowercase());
        let options = email_address::Options::default()
            .with_required_tld()
            .without_display_text()
            .without_domain_literal();
        let address =
            email_address::EmailAddress::parse_with_options(text, options).map_err(|_| BadDetail::Email)?;
        if text.len() > 254 || text.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err(BadDetail::Email);
        }
        Ok(Self(address.to_string()))
    }

    /// The address itself, for sending only.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What is indexed: mailboxes differ by case nowhere that matters.
    pub fn normal(&self) -> String {
        self.0.to_lowercase()
    }

    /// First letter of the mailbox and the domain: `a•••@gmail.com`.
    pub fn masked(&self) -> String {
        let (local, domain) = self.0.rsplit_once('@').unwrap_or((&self.0, ""));
        let first: String = local.chars().take(1).collect();
        format!("{first}•••@{domain}")
    }
}

/// A telephone number in E.164. Never printed whole.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Phone(String);

impl Phone {
    /// Parses international numbers, and national ones as numbers of the United States.
    ///
    /// # Errors
    /// Text that is not a number that can exist.
    pub fn parse(text: &str) -> Result<Self, BadDetail> {
        if text.len() > 40 || text.chars().any(char::is_control) {
            return Err(BadDetail::Phone);
        }
        numbering::e164(text.trim()).map(Self).ok_or(BadDetail::Phone)
    }

    /// The number itself, for sending only.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The last two digits.
    pub fn last2(&self) -> &str {
        &self.0[self.0.len().saturating_sub(2)..]
    }

    /// Only the last two digits: `(•••) •••-••42` for North America, `+•••••••42` elsewhere.
    pub fn masked(&self) -> String {
        let last = self.last2();
        if self.0.starts_with("+1") && self.0.len() == 12 {
            return format!("(•••) •••-••{last}");
        }
        format!("+{}{last}", "•".repeat(self.0.len().saturating_sub(3)))
    }
}

macro_rules! masked_display {
    ($name:ident) => {
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.masked())
            }
        }

        impl FromStr for $name {
            type Err = BadDetail;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::parse(text)
            }
        }
    };
}
masked_display!(Email);
masked_display!(Phone);

/// A detail that cannot be an address or a number. The text itself is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadDetail {
    #[error("is not an email address, such as ana@example.com")]
    Email,
    #[error("is not a telephone number; write it with its country code, such as +13055550142")]
    Phone,
}

/// An email or a number, ready to send to.
#[derive(Clone, PartialEq, Eq)]
pub enum Destination {
    Email(Email),
    Phone(Phone),
}

impl Destination {
    /// What is indexed and compared.
    pub fn normal(&self) -> String {
        match self {
            Self::Email(email) => email.normal(),
            Self::Phone(phone) => phone.expose().to_owned(),
        }
    }

    /// What an agent may see.
    pub fn masked(&self) -> String {
        match self {
            Self::Email(email) => email.masked(),
            Self::Phone(phone) => phone.masked(),
        }
    }
}

impl fmt::Debug for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

/// A person on the client's account, as the host last told it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    pub id: ContactId,
    pub name: String,
    /// The host's own word; authority comes from the tenant's `authorized_roles`.
    pub role: String,
    pub email: Option<Email>,
    /// Takes texts and calls.
    pub mobile: Option<Phone>,
    /// Takes calls only.
    pub phone: Option<Phone>,
    pub locale: Option<Locale>,
    /// When each detail last changed; `None` counts as unchanged.
    #[serde(default)]
    pub email_changed_at: Option<Timestamp>,
    #[serde(default)]
    pub mobile_changed_at: Option<Timestamp>,
    #[serde(default)]
    pub phone_changed_at: Option<Timestamp>,
}

impl Contact {
    /// Where this channel reaches the person now; a call takes the mobile first.
    pub fn destination(&self, channel: Channel) -> Option<Destination> {
        match channel {
            Channel::Email => self.email.clone().map(Destination::Email),
            Channel::Sms => self.mobile.clone().map(Destination::Phone),
            Channel::Voice => self.mobile.clone().or_else(|| self.phone.clone()).map(Destination::Phone),
        }
    }

    /// When the detail that this channel uses last changed.
    pub fn changed_at(&self, channel: Channel) -> Option<Timestamp> {
        match channel {
            Channel::Email => self.email_changed_at,
            Channel::Sms => self.mobile_changed_at,
            Channel::Voice if self.mobile.is_some() => self.mobile_changed_at,
            Channel::Voice => self.phone_changed_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_parsed_and_masked() {
        let email = Email::parse(" Ana.Ruiz@Gmail.COM ").unwrap();
        assert_eq!(email.expose(), "Ana.Ruiz@gmail.com");
        assert_eq!(email.masked(), "A•••@gmail.com");
        assert_eq!(format!("{email:?}"), "A•••@gmail.com");
        for bad in [
            "",
            "ana",
            "ana@",
            "@x.test",
            "a@b",
            "Ana <ana@x.test>",
            "a@x.test\r\nBcc: b@x.test",
            "a b@x.test",
        ] {
            assert_eq!(Email::parse(bad), Err(BadDetail::Email), "{bad:?}");
        }
    }

    #[test]
    fn numbers_become_e164_and_show_two_digits() {
        for (text, e164) in [
            ("+13055550142", "+13055550142"),
            ("(305) 555-0142", "+13055550142"),
            ("305.555.0142", "+13055550142"),
            ("+52 55 5123 4567", "+525551234567"),
            ("+34 612 345 678", "+34612345678"),
        ] {
            assert_eq!(Phone::parse(text).unwrap().expose(), e164, "{text}");
        }
        assert_eq!(Phone::parse("+13055550142").unwrap().masked(), "(•••) •••-••42");
        assert_eq!(Phone::parse("+34612345678").unwrap().masked(), "+•••••••••78");
        for bad in ["", "555", "+1305555014", "not a number", "+10000000000", "+13055550142 ext 5", "1;drop"]
        {
            assert_eq!(Phone::parse(bad), Err(BadDetail::Phone), "{bad:?}");
        }
    }
}
