//! Email by SMTP: one message over a connection to a relay.
//!
//! Owns the order of things: address, message, connection, verdict. The relay signs (DKIM); nothing here does.
//! A connection is used again only after a message that went through, so a cancelled send spoils no other.

mod compose;
mod pool;
mod relay;
mod session;
mod verdict;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::client::Wire;
use super::outcome::{Detail, Outcome};
use super::{EmailContent, EnteredBy};
use crate::domain::provider::Smtp;
use crate::domain::timestamp::Timestamp;

pub(super) use pool::Relays;

/// What a send works with.
pub(super) struct Post<'a> {
    pub(super) wire: &'a Wire,
    pub(super) relays: &'a Relays,
    pub(super) timeout: Duration,
}

impl Post<'_> {
    /// Sends one message, and gives up when the time is over: the client's own time-out covers connecting only.
    pub(super) async fn send(
        &self,
        smtp: &Smtp,
        entered_by: EnteredBy,
        content: &EmailContent,
        at: Timestamp,
    ) -> Outcome {
        let handed_over = AtomicBool::new(false);
        let attempt = self.attempt(smtp, entered_by, content, at, &handed_over);
        match tokio::time::timeout(self.timeout, attempt).await {
            Ok(Ok(())) => Outcome::sent(),
            Ok(Err(outcome)) => outcome,
            Err(_) if handed_over.load(Ordering::Relaxed) => {
                Outcome::temporary(Detail::UnknownOutcome, "relay did not confirm in time")
            }
            Err(_) => Outcome::temporary(Detail::Timeout, "relay did not answer in time"),
        }
    }

    async fn attempt(
        &self,
        smtp: &Smtp,
        entered_by: EnteredBy,
        content: &EmailContent,
        at: Timestamp,
        handed_over: &AtomicBool,
    ) -> Result<(), Outcome> {
        let relay = relay::Relay::parse(smtp, entered_by)?;
        let message = compose::compose(content, smtp.from.as_deref(), at)?;
        let mut session = match self.relays.take(&relay.key).await {
            Some(session) => session,
            None => self.open(&relay, entered_by).await?,
        };
        session.deliver(&message, handed_over).await?;
        self.relays.put(relay.key, session);
        Ok(())
    }

    async fn open(&self, relay: &relay::Relay, entered_by: EnteredBy) -> Result<session::Session, Outcome> {
        let addresses = self.wire.relay(entered_by, &relay.host, relay.port).await?;
        session::Session::open(relay, &addresses, self.timeout).await
    }
}
