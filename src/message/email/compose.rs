//! An email as bytes: headers, and text and HTML as alternatives (RFC 5322, RFC 2046).
//!
//! Owns what goes into the headers. Values cannot add a header: control characters are taken out of names and
//! subject, and addresses are parsed.

use std::time::{Duration, SystemTime};

use lettre::Message;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};

use super::super::EmailContent;
use super::super::outcome::{Detail, Outcome};
use crate::domain::timestamp::Timestamp;

/// `fallback_from` is the provider's own sender, for a content without one.
pub(super) fn compose(
    content: &EmailContent,
    fallback_from: Option<&str>,
    at: Timestamp,
) -> Result<Message, Outcome> {
    let from = if content.from.is_empty() { fallback_from.unwrap_or_default() } else { &content.from };
    let from = mailbox(from).ok_or_else(|| Outcome::misconfigured("the sender is no address"))?;
    let id = format!("<{}@{}>", content.message_id, from.email.domain());
    let mut message = Message::builder()
        .message_id(Some(id))
        .date(date(at))
        .from(from)
        .to(recipient(content)?)
        .subject(printable(&content.subject))
        // Keeps vacation answers away (RFC 3834).
        .raw_header(raw("Auto-Submitted", "auto-generated"))
        .raw_header(raw("Content-Language", content.locale.as_str()));
    if let Some(reply_to) = &content.reply_to {
        let reply_to = mailbox(reply_to).ok_or_else(|| Outcome::misconfigured("reply_to is no address"))?;
        message = message.reply_to(reply_to);
    }
    message
        .multipart(MultiPart::alternative_plain_html(content.text.clone(), content.html.clone()))
        .map_err(|_| Outcome::misconfigured("the message cannot be put together"))
}

fn recipient(content: &EmailContent) -> Result<Mailbox, Outcome> {
    let unsendable = |_| Outcome::permanent(Detail::NoSuchAddress, "the address cannot be written in SMTP");
    let address = content.to.expose().parse().map_err(unsendable)?;
    Ok(Mailbox::new(name(&content.to_name), address))
}

/// `Name <address>`, the name also with a comma or in quotes, or the address alone.
fn mailbox(text: &str) -> Option<Mailbox> {
    let text = text.trim();
    let Some((before, rest)) = text.rsplit_once('<') else {
        return Some(Mailbox::new(None, text.parse().ok()?));
    };
    let address = rest.strip_suffix('>')?.trim().parse().ok()?;
    Some(Mailbox::new(name(before.trim().trim_matches('"')), address))
}

fn name(text: &str) -> Option<String> {
    Some(printable(text).trim().to_owned()).filter(|name| !name.is_empty())
}

fn printable(text: &str) -> String {
    text.replace("\r\n", " ").replace(char::is_control, " ")
}

fn raw(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

fn date(at: Timestamp) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_millis(u64::try_from(at.millis()).unwrap_or(0))
}
