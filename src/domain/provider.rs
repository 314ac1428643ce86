//! Who carries messages: the settings of each kind of provider, for the whole service or for one tenant.
//!
//! Only settings; the code that talks to a provider is in `message`.

pub mod document;

use std::collections::BTreeMap;
use std::path::PathBuf;

use secrecy::SecretString;

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

/// `[sms]`, with those that take over after it (`[[sms.next]]`).
#[derive(Clone, Debug)]
pub enum SmsProvider {
    File { dir: PathBuf },
    Http(HttpGateway),
    Twilio(Twilio),
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

/// `[voice]`
#[derive(Clone, Debug)]
pub enum VoiceProvider {
    File { dir: PathBuf },
    Twilio { account: Twilio, voice_en: String, voice_es: String },
}

/// The providers of one tenant, or of the service; `None` or empty takes the service's.
#[derive(Clone, Debug, Default)]
pub struct Providers {
    pub email: Option<EmailProvider>,
    /// The first, and those after it.
    pub sms: Vec<SmsProvider>,
    pub voice: Option<VoiceProvider>,
}
