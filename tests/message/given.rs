//! What the tests send, by whom, and how an outcome is read.

use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use countersign::domain::address::AddressRules;
use countersign::domain::contact::{Email, Phone};
use countersign::domain::id::MessageId;
use countersign::domain::locale::Locale;
use countersign::domain::timestamp::Timestamp;
use countersign::message::{Detail, EmailContent, Lookup, Outcome, Senders, SmsContent};

pub const AT: Timestamp = Timestamp::from_millis(1_795_000_000_123);

/// Every name leads to this machine.
struct Here;

#[async_trait]
impl Lookup for Here {
    async fn lookup(&self, _name: &str) -> io::Result<Vec<IpAddr>> {
        Ok(vec!["127.0.0.1".parse().unwrap()])
    }
}

pub fn senders_within(allow: &[&str], timeout_ms: u64) -> Senders {
    let rules = AddressRules::new(allow.iter().map(|network| network.parse().unwrap()).collect());
    Senders::with(rules, Arc::new(Here), Duration::from_millis(timeout_ms)).unwrap()
}

pub fn senders() -> Senders {
    senders_within(&[], 10_000)
}

pub fn message_id() -> MessageId {
    MessageId::new(AT, [7; 10])
}

pub fn email() -> EmailContent {
    EmailContent {
        from: "Cornerstone PEO, LLC <verify@cornerstone.example>".into(),
        reply_to: Some("help@cornerstone.example".into()),
        to: Email::parse("ana.ruiz@example.com").unwrap(),
        to_name: "Ana Ruíz".into(),
        subject: "Su código de Cornerstone PEO".into(),
        text: "Código: 123456\n.\n..y más".into(),
        html: "<p>Código: <b>123456</b></p>".into(),
        locale: Locale::Es,
        message_id: message_id(),
    }
}

pub fn sms() -> SmsContent {
    SmsContent {
        to: Phone::parse("+13055550142").unwrap(),
        text: "Code 123456 & \"no\" one's <asking>".into(),
        report_url: "https://cs.example/callbacks/sms/t/m?status=%d".into(),
        message_id: message_id(),
        valid_for: Duration::from_mins(10),
    }
}

pub fn sent() -> Outcome {
    Outcome::Sent { reference: None }
}

pub fn permanent(outcome: &Outcome) -> Option<Detail> {
    match outcome {
        Outcome::Permanent(trouble) => Some(trouble.detail),
        _ => None,
    }
}

pub fn temporary(outcome: &Outcome) -> Option<Detail> {
    match outcome {
        Outcome::Temporary(trouble) => Some(trouble.detail),
        _ => None,
    }
}

/// What may be kept of an attempt names nobody and holds no secret.
pub fn assert_nothing_leaks(outcome: &Outcome) {
    let kept = format!("{outcome:?}");
    for secret in ["123456", "ana", "ruiz", "example.com", "305", "0142", "hunter2", "agent7", "127.0.0.1"] {
        assert!(!kept.to_lowercase().contains(secret), "{secret} in {kept}");
    }
}
