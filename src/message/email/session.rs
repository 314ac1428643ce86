//! One SMTP connection, step by step, so that a refusal is known by the step it came at.
//!
//! Owns the dialogue: greeting, encryption, log-in, envelope, message. What a refusal means is the verdict's.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use lettre::Message;
use lettre::transport::smtp::authentication::DEFAULT_MECHANISMS;
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};

use super::super::outcome::{Detail, Outcome};
use super::relay::{Relay, Security};
use super::verdict::{Step, verdict};
use crate::host::install_crypto;

/// A connection that is ready for a message.
pub(super) struct Session(AsyncSmtpConnection);

impl Session {
    /// Connects to one of these addresses, never to another one, and logs in.
    pub(super) async fn open(
        relay: &Relay,
        addresses: &[SocketAddr],
        timeout: Duration,
    ) -> Result<Self, Outcome> {
        let tls = if relay.security == Security::Never { None } else { Some(tls(relay).await?) };
        let hello = ClientId::default();
        let at_once = tls.clone().filter(|_| relay.security == Security::FromTheStart);
        // Each address has a share of the time, so that a dead one leaves some for the next.
        let mut connection =
            AsyncSmtpConnection::connect_tokio1(addresses, Some(timeout / 4), &hello, at_once, None)
                .await
                .map_err(|error| verdict(Step::Connect, &error))?;
        if let Some(tls) = tls.filter(|_| relay.security == Security::Upgraded) {
            connection.starttls(tls, &hello).await.map_err(|error| verdict(Step::Encrypt, &error))?;
        }
        if let Some(credentials) = &relay.credentials {
            let login = connection.auth(DEFAULT_MECHANISMS, credentials).await;
            login.map_err(|error| verdict(Step::LogIn, &error))?;
        }
        Ok(Self(connection))
    }

    /// Hands one message over; sets `handed_over` once the relay may have all of it.
    pub(super) async fn deliver(
        &mut self,
        message: &Message,
        handed_over: &AtomicBool,
    ) -> Result<(), Outcome> {
        let bytes = message.formatted();
        let envelope = message.envelope();
        let odd_address =
            envelope.from().into_iter().chain(envelope.to()).any(|a| !AsRef::<str>::as_ref(a).is_ascii());
        let parameters = self.parameters(odd_address, bytes.is_ascii())?;
        self.command(Step::Sender, Mail::new(envelope.from().cloned(), parameters)).await?;
        for to in envelope.to() {
            self.command(Step::Recipient, Rcpt::new(to.clone(), vec![])).await?;
        }
        self.command(Step::Data, Data).await?;
        handed_over.store(true, Ordering::Relaxed);
        self.0.message(&bytes).await.map(drop).map_err(|error| verdict(Step::Message, &error))
    }

    /// Whether the relay still answers.
    pub(super) async fn is_alive(&mut self) -> bool {
        self.0.test_connected().await
    }

    async fn command(&mut self, step: Step, command: impl std::fmt::Display) -> Result<(), Outcome> {
        self.0.command(command).await.map(drop).map_err(|error| verdict(step, &error))
    }

    fn parameters(&self, odd_address: bool, ascii: bool) -> Result<Vec<MailParameter>, Outcome> {
        let mut parameters = Vec::new();
        for (needed, extension, parameter) in [
            (odd_address, Extension::SmtpUtfEight, MailParameter::SmtpUtfEight),
            (!ascii, Extension::EightBitMime, MailParameter::Body(MailBodyParameter::EightBitMime)),
        ] {
            if needed && !self.0.server_info().supports_feature(extension) {
                return Err(Outcome::permanent(Detail::Unsupported, "the relay takes no such address"));
            }
            parameters.extend(needed.then_some(parameter));
        }
        Ok(parameters)
    }
}

/// Certificates are always checked, by the machine's store and the relay's own authority if it names one.
async fn tls(relay: &Relay) -> Result<TlsParameters, Outcome> {
    install_crypto();
    let mut builder = TlsParameters::builder(relay.certificate_name());
    if let Some(path) = &relay.ca_file {
        let authority =
            authority(path).await.ok_or_else(|| Outcome::misconfigured("ca_file is no PEM file"))?;
        builder = builder.add_root_certificate(authority);
    }
    builder.build().map_err(|_| Outcome::misconfigured("no TLS with these settings"))
}

async fn authority(path: &Path) -> Option<Certificate> {
    let path = path.to_owned();
    let pem = tokio::task::spawn_blocking(move || std::fs::read(path)).await.ok()?.ok()?;
    Certificate::from_pem(&pem).ok()
}
