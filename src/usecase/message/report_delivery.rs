//! A provider tells what became of a text.
//!
//! A gateway is told an address with a key of its own, so that nobody who only knows a message's id can report on
//! it; Twilio signs. Either address names the attempt, so that a late word about an earlier provider does not
//! pass for the one that took over. Nothing waits for a provider's own reference, which may come after the report.

use subtle::ConstantTimeEq as _;

use crate::domain::audit::{Actor, Origin};
use crate::domain::id::{MessageId, TenantId};
use crate::domain::key::KeySet;
use crate::domain::message::MessageState::{self, Failed};
use crate::domain::message::{self, Attempt};
use crate::domain::provider::SmsProvider;
use crate::message::Detail;
use crate::message::twilio;
use crate::usecase::{Desk, Failure};

use super::deliver_message::record;
use super::opt_out;

/// Length of the key in a report's address, in hexadecimal digits: 128 bits.
const KEY: usize = 32;

/// What is reported, and of which attempt.
pub struct Report {
    pub attempt: Attempt,
    pub state: MessageState,
    /// Of a failure.
    pub detail: Detail,
}

fn key(keys: &KeySet, tenant: &TenantId, attempt: &Attempt) -> String {
    let number = attempt.number.to_string();
    let of: [&[u8]; 4] =
        [b"sms-report", tenant.as_str().as_bytes(), attempt.message.as_str().as_bytes(), number.as_bytes()];
    hex::encode(keys.callback.mac(&of))[..KEY].to_owned()
}

/// Where a gateway reports on a message. `%d` is Kannel's place for the status; others put theirs there.
fn gateway_url(desk: &Desk, tenant: &TenantId, attempt: &Attempt) -> String {
    let key = key(desk.store.vault().ring.current(), tenant, attempt);
    let Attempt { message, number } = attempt;
    format!("{}/callbacks/sms/{tenant}/{message}.{number}.{key}?status=%d", base(desk))
}

/// Where Twilio reports on a message: its signature covers the whole address.
fn twilio_url(desk: &Desk, tenant: &TenantId, attempt: &Attempt) -> String {
    let Attempt { message, number } = attempt;
    format!("{}/callbacks/twilio/{tenant}/status?message={message}&attempt={number}", base(desk))
}

/// Where a provider reports on an attempt.
pub fn report_url(desk: &Desk, tenant: &TenantId, provider: &SmsProvider, attempt: &Attempt) -> String {
    match provider {
        SmsProvider::Twilio(_) => twilio_url(desk, tenant, attempt),
        SmsProvider::File { .. } | SmsProvider::Http(_) => gateway_url(desk, tenant, attempt),
    }
}

fn base(desk: &Desk) -> &str {
    desk.public_url.as_str().trim_end_matches('/')
}

/// The attempt that the last part of a gateway's address is about, if its key is right.
pub fn authentic(desk: &Desk, tenant: &TenantId, part: &str) -> Option<Attempt> {
    let (id, rest) = part.split_once('.')?;
    let (number, given) = rest.split_once('.')?;
    let attempt = Attempt { message: MessageId::parse(id).ok()?, number: number.parse().ok()? };
    let ring = &desk.store.vault().ring;
    let right = ring.all().any(|keys| key(keys, tenant, &attempt).as_bytes().ct_eq(given.as_bytes()).into());
    right.then_some(attempt)
}

/// A gateway's word for a state: Kannel's number, or `delivered`, `failed`. Others change nothing.
pub fn state_of(word: &str) -> Option<MessageState> {
    match word {
        "1" | "delivered" => Some(MessageState::Delivered),
        "2" | "16" | "failed" => Some(MessageState::Failed),
        "4" | "8" | "sent" => Some(MessageState::Sent),
        _ => None,
    }
}

/// What Twilio's word for a state and its code come to. Words on the way, and those not known, change nothing.
pub fn twilio_report(attempt: Attempt, word: &str, code: &str) -> Option<Report> {
    let state = match word {
        "sent" => MessageState::Sent,
        "delivered" | "read" => MessageState::Delivered,
        "undelivered" | "failed" | "canceled" => MessageState::Failed,
        _ => return None,
    };
    Some(Report { attempt, state, detail: twilio::error::reported(code.parse().ok()) })
}

/// Notes what was reported. States only move forward, whatever order reports come in and however often.
///
/// # Errors
/// The database's.
pub async fn report_delivery(
    desk: &Desk,
    tenant: &TenantId,
    report: Report,
    from: &str,
) -> Result<(), Failure> {
    let tx = desk.store.begin().await?;
    let scope = tx.of(tenant);
    let found = scope.message(&report.attempt.message).await?;
    let Some(mut message) = found.filter(|m| message::is_news(m, &report.attempt, report.state)) else {
        return Ok(());
    };
    let stopped = if report.state == Failed && report.detail == Detail::OptedOut {
        opt_out::number_of(&tx, tenant, &message).await?
    } else {
        None
    };
    let before = message.state;
    message.state = report.state;
    message.detail = (report.state == Failed).then(|| report.detail.as_str().to_owned());
    message.changed_at = desk.time.now();
    if scope.move_message(&message, before, None).await? {
        let origin = Origin { actor: Actor::Provider, from: from.to_owned() };
        record(desk, &tx, tenant, &message, origin.clone()).await?;
        if let Some(phone) = stopped {
            opt_out::stop(desk, &tx, tenant, &phone, Some(&message), origin).await?;
        }
        tx.commit().await?;
        desk.bells.ring();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::timestamp::Timestamp;

    #[test]
    fn twilios_words_are_read_and_those_on_the_way_change_nothing() {
        let read = |word, code| {
            let message = MessageId::new(Timestamp::from_seconds(1_800_000_000), [7; 10]);
            twilio_report(Attempt { message, number: 0 }, word, code).map(|r| (r.state, r.detail))
        };
        let on_the_way = [
            "accepted",
            "scheduled",
            "queued",
            "sending",
            "receiving",
            "received",
            "partially_delivered",
            "",
            "Sent",
            "new",
        ];
        for word in on_the_way {
            assert_eq!(read(word, ""), None, "{word}");
        }
        for word in ["delivered", "read"] {
            assert_eq!(read(word, "").map(|r| r.0), Some(MessageState::Delivered), "{word}");
        }
        assert_eq!(read("sent", "").map(|r| r.0), Some(MessageState::Sent));
        for (word, code, detail) in [
            ("undelivered", "30003", Detail::Unreachable),
            ("undelivered", "30006", Detail::Landline),
            ("failed", "21610", Detail::OptedOut),
            ("failed", "", Detail::NotDelivered),
            ("failed", "x", Detail::NotDelivered),
            ("canceled", "", Detail::NotDelivered),
        ] {
            assert_eq!(read(word, code), Some((MessageState::Failed, detail)), "{word} {code}");
        }
    }
}
