//! A relay as its URL describes it: `smtp`, `smtp+starttls` or `smtps`, `user:password@`, host, port.
//!
//! Owns the reading of that URL. Errors never repeat it: it holds a password.

use std::path::PathBuf;

use lettre::transport::smtp::authentication::Credentials;
use secrecy::ExposeSecret as _;
use sha2::{Digest as _, Sha256};
use url::Url;

use super::super::EnteredBy;
use super::super::outcome::Outcome;
use crate::domain::provider::Smtp;

/// When the connection is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Security {
    Never,
    /// After `STARTTLS`, which the relay must offer.
    Upgraded,
    FromTheStart,
}

/// Where to connect, and as whom.
pub(super) struct Relay {
    pub(super) security: Security,
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) credentials: Option<Credentials>,
    pub(super) ca_file: Option<PathBuf>,
    /// The same for the same settings: connections are kept under it.
    pub(super) key: [u8; 32],
}

impl Relay {
    pub(super) fn parse(smtp: &Smtp, entered_by: EnteredBy) -> Result<Self, Outcome> {
        if smtp.ca_file.is_some() && entered_by == EnteredBy::Tenant {
            return Err(super::super::outcome::no_files());
        }
        let mut relay = Self::from_url(smtp.url.expose_secret())
            .ok_or_else(|| Outcome::misconfigured("the relay's url is none"))?;
        relay.ca_file.clone_from(&smtp.ca_file);
        relay.key = key(smtp, entered_by);
        Ok(relay)
    }

    fn from_url(text: &str) -> Option<Self> {
        let url = Url::parse(text).ok()?;
        let (security, port) = match url.scheme() {
            "smtp" => (Security::Never, 25),
            "smtp+starttls" => (Security::Upgraded, 587),
            "smtps" => (Security::FromTheStart, 465),
            _ => return None,
        };
        // Anything further would be ignored, and somebody may think that it is not.
        if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
            return None;
        }
        let host = url.host_str().filter(|host| !host.is_empty())?.to_owned();
        let port = url.port().unwrap_or(port);
        Some(Self { security, host, port, credentials: credentials(&url).ok()?, ca_file: None, key: [0; 32] })
    }

    /// The name that the relay's certificate must show.
    pub(super) fn certificate_name(&self) -> String {
        self.host.trim_matches(['[', ']']).to_owned()
    }
}

/// A user name or password that is not text once it is decoded.
struct NotText;

fn credentials(url: &Url) -> Result<Option<Credentials>, NotText> {
    let password = url.password().unwrap_or_default();
    if url.username().is_empty() && password.is_empty() {
        return Ok(None);
    }
    Ok(Some(Credentials::new(percent_decode(url.username())?, percent_decode(password)?)))
}

fn percent_decode(text: &str) -> Result<String, NotText> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let encoded = if *first == b'%' { after.get(..2) } else { None };
        let decoded = encoded.and_then(|pair| hex::decode(pair).ok());
        rest = if decoded.is_some() { &after[2..] } else { after };
        bytes.extend(decoded.unwrap_or_else(|| vec![*first]));
    }
    String::from_utf8(bytes).map_err(|_| NotText)
}

fn key(smtp: &Smtp, entered_by: EnteredBy) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update([u8::from(entered_by == EnteredBy::Tenant)]);
    hash.update(smtp.url.expose_secret());
    hash.update([0]);
    hash.update(smtp.ca_file.as_deref().map(|path| path.as_os_str().as_encoded_bytes()).unwrap_or_default());
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<(Security, String, u16, Option<Credentials>)> {
        Relay::from_url(text).map(|r| (r.security, r.host, r.port, r.credentials))
    }

    #[test]
    fn the_scheme_decides_encryption_and_port() {
        for (text, security, host, port) in [
            ("smtp://127.0.0.1:1025", Security::Never, "127.0.0.1", 1025),
            ("smtp://mail.example.com", Security::Never, "mail.example.com", 25),
            ("smtp+starttls://mail.example.com", Security::Upgraded, "mail.example.com", 587),
            ("smtps://mail.example.com/", Security::FromTheStart, "mail.example.com", 465),
            ("smtps://[::1]:4650", Security::FromTheStart, "[::1]", 4650),
        ] {
            assert_eq!(read(text), Some((security, host.to_owned(), port, None)), "{text}");
        }
    }

    #[test]
    fn user_and_password_are_decoded() {
        let credentials = |text: &str| read(text).unwrap().3;
        let expected = |user: &str, password: &str| Some(Credentials::new(user.into(), password.into()));
        assert_eq!(credentials("smtps://u:p@h.test"), expected("u", "p"));
        assert_eq!(credentials("smtps://u%40x.test:p%3A%2f%25@h.test"), expected("u@x.test", "p:/%"));
        assert_eq!(credentials("smtps://u:100%@h.test"), expected("u", "100%"));
        assert_eq!(credentials("smtps://u:ñ@h.test"), expected("u", "ñ"));
        assert_eq!(credentials("smtps://u@h.test"), expected("u", ""));
    }

    #[test]
    fn other_urls_are_refused() {
        for text in [
            "",
            "mail.example.com",
            "http://mail.example.com",
            "smtp://",
            "smtp:mail.example.com",
            "smtp:///x",
            "smtp://mail.example.com/x",
            "smtp://mail.example.com?tls=required",
            "smtp://mail.example.com#x",
            "smtp://mail.example.com:99999",
            "smtp://u:%ff@mail.example.com",
        ] {
            assert!(read(text).is_none(), "{text}");
        }
    }
}
