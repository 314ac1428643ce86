//! What a single text must look like: lines, words, web addresses, mailboxes.
//!
//! Each check says what is allowed; those for secrets never repeat what was given.

use serde_json::Value;
use url::Url;

use crate::domain::wrong::Wrong;

/// The text of a value.
///
/// # Errors
/// Another kind of value, or no text at all.
pub fn text(value: &Value) -> Result<&str, Wrong> {
    match value.as_str() {
        None => Err(Wrong::of("fault.text", [])),
        Some(text) if text.trim().is_empty() => Err(Wrong::of("fault.empty", [])),
        Some(text) => Ok(text),
    }
}

/// A text on one line.
///
/// # Errors
/// More than `most` characters, or control characters.
pub fn line(text: &str, most: usize) -> Result<String, Wrong> {
    let length = text.chars().count();
    if length > most {
        let values = [("length", length.to_string()), ("most", most.to_string())];
        return Err(Wrong::of("fault.long", values));
    }
    if text.chars().any(char::is_control) {
        return Err(Wrong::of("fault.control", []));
    }
    Ok(text.to_owned())
}

/// One of `words`.
///
/// # Errors
/// Any other word; the known ones are listed.
pub fn word<T: Copy>(text: &str, words: &[(&'static str, T)]) -> Result<T, Wrong> {
    words.iter().find(|(word, _)| *word == text).map(|(_, meaning)| *meaning).ok_or_else(|| {
        let known = words.iter().map(|(word, _)| *word).collect::<Vec<_>>();
        Wrong::of("fault.word", [("text", quoted(text)), ("known", known.join(", "))])
    })
}

/// A text as it stands within what is said of it.
pub fn quoted(text: &str) -> String {
    format!("{text:?}")
}

/// An `http` or `https` address without user info or fragment, at most 2048 characters.
///
/// # Errors
/// Anything else, without repeating it: an address may carry a key.
pub fn web_address(text: &str) -> Result<Url, Wrong> {
    let wrong = || Wrong::of("fault.web", []);
    let url = Url::parse(text).map_err(|_| wrong())?;
    let plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    if text.len() > 2048 || !plain || !["http", "https"].contains(&url.scheme()) || has_space(text) {
        return Err(wrong());
    }
    Ok(url)
}

// A URL parser drops tabs and line breaks and trims spaces; what is kept must be what was written.
fn has_space(text: &str) -> bool {
    text.chars().any(|c| c.is_whitespace() || c.is_control())
}

/// An origin as browsers send it: `scheme://host[:port]`, nothing after it, no wildcard.
///
/// # Errors
/// Anything else, with the right spelling if there is one.
pub fn origin(text: &str) -> Result<String, Wrong> {
    let wrong = || Wrong::of("fault.origin", [("text", quoted(text))]);
    let url = web_address(text).map_err(|_| wrong())?;
    let written = url.origin().ascii_serialization();
    if text.contains('*') {
        return Err(wrong());
    }
    if written != text {
        return Err(wrong().and(Wrong::of("fault.meant", [("text", quoted(&written))])));
    }
    Ok(written)
}

/// An address with or without a name: `Name <address>`.
///
/// # Errors
/// Text that is not one mailbox.
pub fn mailbox(text: &str) -> Result<String, Wrong> {
    let wrong = || Wrong::of("fault.mailbox", [("text", quoted(text))]);
    let (name, address) = match text.strip_suffix('>').and_then(|t| t.rsplit_once('<')) {
        Some((name, address)) => (name.trim(), address),
        None => ("", text),
    };
    let options = email_address::Options::default().without_display_text().without_domain_literal();
    email_address::EmailAddress::parse_with_options(address, options).map_err(|_| wrong())?;
    if !is_display_name(name) || line(text, 320).is_err() {
        return Err(wrong());
    }
    Ok(text.to_owned())
}

/// Words, or anything in double quotes (RFC 5322, 3.4).
fn is_display_name(name: &str) -> bool {
    if let Some(quoted) = name.strip_prefix('"').and_then(|n| n.strip_suffix('"')) {
        return !quoted.contains(['"', '\\']);
    }
    !name.contains(['"', '(', ')', '<', '>', '[', ']', ':', ';', '@', '\\', ',']) && !name.starts_with('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_spelled_as_browsers_send_it() {
        for good in
            ["https://crm.example", "http://127.0.0.1:9000", "https://crm.example:8443", "http://[::1]:9000"]
        {
            assert_eq!(origin(good), Ok(good.to_owned()));
        }
        for bad in [
            "https://crm.example/",
            "https://crm.example/app",
            "https://crm.example:443",
            "https://CRM.example",
            "https://*.crm.example",
            "https://user@crm.example",
            "crm.example",
            "ftp://crm.example",
            "null",
            "*",
            " https://crm.example",
            "",
        ] {
            assert!(origin(bad).is_err(), "{bad:?}");
        }
        let hint = origin("https://crm.example/").unwrap_err().to_string();
        assert!(hint.ends_with("did you mean \"https://crm.example\"?"), "{hint}");
    }

    #[test]
    fn a_web_address_carries_no_credentials() {
        for good in ["http://127.0.0.1:9000/countersign/a?x=1", "https://crm.example"] {
            assert!(web_address(good).is_ok(), "{good}");
        }
        let long = format!("https://crm.example/{}", "a".repeat(2048));
        for bad in
            ["https://u:p@a.example", "https://a.example/#f", "ftp://a.example", "/x", "https:// a", &long]
        {
            assert!(web_address(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_mailbox_has_one_address() {
        for good in
            ["a@b.example", "Cornerstone PEO <verify@cornerstone.example>", "\"Acme, Inc.\" <a@b.example>"]
        {
            assert_eq!(mailbox(good), Ok(good.to_owned()));
        }
        for bad in [
            "",
            "a",
            "a@",
            "A <a@b.example",
            "a@b.example, c@d.example",
            "Acme, Inc. <a@b.example>",
            "A\r\nBcc: x@y.example <a@b.example>",
            "A <a@b.example> <c@d.example>",
        ] {
            assert!(mailbox(bad).is_err(), "{bad:?}");
        }
    }
}
