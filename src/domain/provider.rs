//! Who carries messages: the settings of each kind of provider, for the whole service or for one tenant.
//!
//! Only settings; the code that talks to a provider is in `message`.

pub mod document;

use std::collections::BTreeMap;
use std::path::PathBuf;

use secrecy::{ExposeSecret as _, SecretString};

/// `[email]`
#[derive(Clone, Debug)]
pub enum EmailProvider {
    /// One JSON file a message, for development.
    File {
        dir: PathBuf,
    },
    Smtp(Smtp),
}

/// A relay, by its URL: `smtp`, `smtp+starttls` or `smtps`, with `user:password@` before the host.
#[derive(Clone, Debug)]
pub struct Smtp {
    pub url: SecretString,
    /// The sender where a brand names none.
    pub from: Option<String>,
    /// A PEM file with the certificate authority of a private relay.
    pub ca_file: Option<PathBuf>,
}

impl EmailProvider {
    /// Its kind, in figures and on pages.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::File { .. } => "file",
            Self::Smtp(_) => "smtp",
        }
    }

    /// What tells it from others of its kind, without what is secret of it: the relay's host.
    pub fn place(&self) -> String {
        match self {
            Self::File { .. } => String::new(),
            Self::Smtp(smtp) => host(&smtp.url),
        }
    }
}

/// `[sms]`, with those that take over after it (`[[sms.next]]`).
#[derive(Clone, Debug)]
pub enum SmsProvider {
    File { dir: PathBuf },
    Http(HttpGateway),
    Twilio(Twilio),
}

impl SmsProvider {
    /// Its kind, in figures and on pages.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::File { .. } => "file",
            Self::Http(_) => "http",
            Self::Twilio(_) => "twilio",
        }
    }

    /// What tells it from others of its kind, without what is secret of it: the gateway's host, or the end of the account.
    pub fn place(&self) -> String {
        match self {
            Self::File { .. } => String::new(),
            Self::Http(gateway) => host(&gateway.url),
            Self::Twilio(account) => account.place(),
        }
    }
}

/// The host of an address, which may hold a password or a key besides.
fn host(url: &SecretString) -> String {
    let url = url.expose_secret();
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    authority.rsplit('@').next().unwrap_or_default().to_owned()
}

/// Any gateway that takes a text by one HTTP request.
#[derive(Clone, Debug)]
pub struct HttpGateway {
    pub method: GatewayMethod,
    /// `{{to}}`, `{{text}}`, `{{report_url}}` are percent-encoded here.
    pub url: SecretString,
    pub headers: BTreeMap<String, SecretString>,
    /// The same names, escaped by the content type.
    pub body: Option<SecretString>,
    /// Statuses that mean taken.
    pub success: Vec<u16>,
    /// A pattern the answer must match, where the status does not tell.
    pub success_body: Option<String>,
}

/// How a gateway is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GatewayMethod {
    Get,
    Post,
    Put,
}

/// Twilio's account and sender.
#[derive(Clone, Debug)]
pub struct Twilio {
    pub account_sid: String,
    pub auth_token: SecretString,
    pub from: Option<String>,
    pub messaging_service_sid: Option<String>,
    pub api_base: String,
}

impl Twilio {
    fn place(&self) -> String {
        let end = self.account_sid.len().saturating_sub(4);
        format!("…{}", self.account_sid.get(end..).unwrap_or_default())
    }
}

/// `[voice]`
#[derive(Clone, Debug)]
pub enum VoiceProvider {
    File { dir: PathBuf },
    Twilio { account: Twilio, voice_en: String, voice_es: String },
}

impl VoiceProvider {
    /// Its kind, in figures and on pages.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::File { .. } => "file",
            Self::Twilio { .. } => "twilio",
        }
    }

    /// What tells it from others of its kind, without what is secret of it: the end of the account.
    pub fn place(&self) -> String {
        match self {
            Self::File { .. } => String::new(),
            Self::Twilio { account, .. } => account.place(),
        }
    }
}

/// The providers of one tenant, or of the service; `None` or empty takes the service's.
#[derive(Clone, Debug, Default)]
pub struct Providers {
    pub email: Option<EmailProvider>,
    /// The first, and those after it.
    pub sms: Vec<SmsProvider>,
    pub voice: Option<VoiceProvider>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_secret_of_a_provider_is_shown() {
        for (url, shown) in [
            ("smtps://sam:hunter2@relay.example:465", "relay.example:465"),
            ("smtp://relay.example", "relay.example"),
            ("https://user:p%40ss@gate.example/send?key=s3cret", "gate.example"),
            ("https://gate.example?to=a@b.example&key=s3cret", "gate.example"),
            ("https://[::1]:8080/x", "[::1]:8080"),
        ] {
            assert_eq!(host(&SecretString::from(url)), shown, "{url}");
        }
    }
}
