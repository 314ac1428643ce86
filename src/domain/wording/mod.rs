//! A tenant's own wording of a message: what may stand in it, what it says with given values, and what keeps it from being used.
//!
//! A small part of the language of the built-in files: `{{value}}` and `{{#if value}}…{{else}}…{{/if}}`. Knows no file, no
//! table and no way of sending.

pub mod call;
mod check;
pub mod lint;
mod preview;
pub mod say;
pub mod template;
mod variable;

use std::fmt;

use super::channel::Channel;
use super::locale::Locale;
use super::message::Purpose;
pub use check::{Found, Part, faults};
pub use preview::{Shown, Spoken, examples, longest};
use template::{Missing, Template, Unreadable};
pub use variable::{Sample, variables};

/// The longest body of an email, and of a text before it is counted in segments; in characters.
pub const MOST_BODY: usize = 4_000;

/// The messages that may have a wording of a tenant's own, and the ways they go.
const WORDED: &[(Purpose, &[Channel])] = &[
    (Purpose::ClientCode, ALL),
    (Purpose::ClientReceipt, BOTH),
    (Purpose::PinSetup, BOTH),
    (Purpose::PinReset, BOTH),
    (Purpose::PinSet, BOTH),
    (Purpose::PinChanged, BOTH),
    (Purpose::PinCode, &[Channel::Sms]),
    (Purpose::SignerCode, &[Channel::Sms, Channel::Voice]),
    (Purpose::SessionInvite, BOTH),
    (Purpose::SessionCode, ALL),
    (Purpose::LoginCode, &[Channel::Sms]),
    (Purpose::LoginChanged, BOTH),
    (Purpose::LoginReminder, &[Channel::Email]),
];
const ALL: &[Channel] = &[Channel::Email, Channel::Sms, Channel::Voice];
const BOTH: &[Channel] = &[Channel::Email, Channel::Sms];

/// Which message, by which way, in which language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spot {
    pub kind: Purpose,
    pub channel: Channel,
    pub locale: Locale,
}

impl Spot {
    /// Every one that may have a wording.
    pub fn all() -> impl Iterator<Item = Self> {
        let ways =
            WORDED.iter().flat_map(|(kind, channels)| channels.iter().map(|channel| (*kind, *channel)));
        ways.flat_map(|(kind, channel)| Locale::ALL.map(|locale| Self { kind, channel, locale }))
    }

    /// The one of these words.
    ///
    /// # Errors
    /// What is not known, and what is.
    pub fn parse(kind: &str, channel: &str, locale: &str) -> Result<Self, String> {
        let mut known = Vec::new();
        for spot in Self::all() {
            let words = [spot.kind.as_str(), spot.channel.as_str(), spot.locale.as_str()];
            if words == [kind, channel, locale] {
                return Ok(spot);
            }
            known.push(spot.to_string());
        }
        Err(format!("{kind}/{channel}/{locale} is no message with a wording; known are {}", known.join(", ")))
    }
}

impl fmt::Display for Spot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.kind.as_str(), self.channel, self.locale)
    }
}

/// What somebody wrote; without a body it stands for the built-in text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    pub subject: String,
    pub body: String,
}

impl Draft {
    /// With line breaks of one kind, and nothing around it.
    pub fn new(subject: &str, body: &str) -> Self {
        let body = body.replace("\r\n", "\n").trim().to_owned();
        let subject = if body.is_empty() { "" } else { subject.trim() };
        Self { subject: subject.to_owned(), body }
    }

    /// What a file holds: of an email the first line is its subject. With the number of lines before the body.
    pub fn from_file(spot: Spot, text: &str) -> (Self, usize) {
        let (subject, rest) = match spot.channel {
            Channel::Email => text.split_once('\n').unwrap_or((text, "")),
            Channel::Sms | Channel::Voice => ("", text),
        };
        let blank = rest.chars().take_while(|c| c.is_whitespace()).filter(|c| *c == '\n').count();
        (Self::new(subject, rest), blank + usize::from(spot.channel == Channel::Email))
    }

    /// The same as a file holds it.
    pub fn to_file(&self) -> String {
        if self.subject.is_empty() {
            format!("{}\n", self.body)
        } else {
            format!("{}\n\n{}\n", self.subject, self.body)
        }
    }

    pub fn is_built_in(&self) -> bool {
        self.body.is_empty()
    }
}

/// A version as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    pub spot: Spot,
    /// From 1.
    pub number: u32,
    pub draft: Draft,
    /// Who published it: `operator`, or `admin` and an id.
    pub author: String,
    pub created_at: super::timestamp::Timestamp,
}

/// A wording that was read, to be filled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wording {
    pub version: u32,
    subject: Template,
    body: Template,
}

impl Wording {
    /// Reads a version.
    ///
    /// # Errors
    /// The first place that cannot be read.
    pub fn read(version: u32, draft: &Draft) -> Result<Self, Unreadable> {
        let (subject, body) = (Template::parse(&draft.subject)?, Template::parse(&draft.body)?);
        Ok(Self { version, subject, body })
    }

    /// The subject with its values.
    ///
    /// # Errors
    /// A value that is placed and not there.
    pub fn subject<'v>(&self, value: impl Fn(&str) -> Option<&'v str>) -> Result<String, Missing> {
        self.subject.fill(value)
    }

    /// The text with its values.
    ///
    /// # Errors
    /// A value that is placed and not there.
    pub fn body<'v>(&self, value: impl Fn(&str) -> Option<&'v str>) -> Result<String, Missing> {
        self.body.fill(value)
    }
}

/// A tenant's own wordings: at most one of each message.
#[derive(Clone, Debug, Default)]
pub struct Wordings(Vec<(Spot, Wording)>);

impl Wordings {
    /// The wording of a message, if it has one.
    pub fn of(&self, spot: Spot) -> Option<&Wording> {
        self.0.iter().find(|(known, _)| *known == spot).map(|(_, wording)| wording)
    }

    /// Takes a wording in, in the place of the one before.
    pub fn put(&mut self, spot: Spot, wording: Wording) {
        self.0.retain(|(known, _)| *known != spot);
        self.0.push((spot, wording));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_named_by_three_words() {
        for spot in Spot::all() {
            let words = spot.to_string();
            let words: Vec<_> = words.split('/').collect();
            assert_eq!(Spot::parse(words[0], words[1], words[2]), Ok(spot));
        }
        let told = Spot::parse("client_receipt", "voice", "en").unwrap_err();
        assert!(told.starts_with(
            "client_receipt/voice/en is no message with a wording; known are client_code/email/en, "
        ));
    }

    #[test]
    fn a_draft_without_a_text_is_the_built_in_one() {
        let draft = Draft::new(" Hello ", " a\r\nb\r\n");
        assert_eq!(
            (draft.subject.as_str(), draft.body.as_str(), draft.is_built_in()),
            ("Hello", "a\nb", false)
        );
        assert_eq!(Draft::new("Hello", " \r\n"), Draft::default());
        assert!(Draft::default().is_built_in());
    }

    #[test]
    fn a_file_has_the_subject_of_an_email_in_its_first_line() {
        let email = Spot::parse("client_code", "email", "en").unwrap();
        let text = Spot { channel: Channel::Sms, ..email };
        for (spot, file, subject, body, before) in [
            (email, "Hello\n\nOne\nTwo\n", "Hello", "One\nTwo", 2),
            (email, "Hello\r\nOne\r\n", "Hello", "One", 1),
            (email, "Hello", "", "", 1),
            (text, "One\nTwo\n", "", "One\nTwo", 0),
            (text, "\n\nOne", "", "One", 2),
        ] {
            assert_eq!(Draft::from_file(spot, file), (Draft::new(subject, body), before), "{file:?}");
        }
        for spot in [email, text] {
            let draft = Draft::new(if spot == email { "Hello" } else { "" }, "One\nTwo");
            assert_eq!(Draft::from_file(spot, &draft.to_file()).0, draft);
        }
    }
}
