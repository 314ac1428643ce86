//! What a mail filter that nobody here wrote thinks of every email, as it leaves for the relay.

use std::io::Write as _;
use std::process::{Command, Stdio};

use countersign::domain::address::AddressRules;
use countersign::domain::contact::Email;
use countersign::domain::id::MessageId;
use countersign::domain::locale::Locale;
use countersign::domain::provider::{EmailProvider, Smtp};
use countersign::domain::timestamp::Timestamp;
use countersign::message::render::Renderer;
use countersign::message::{EmailContent, EnteredBy, Outcome, Senders};
use regex::Regex;

use crate::sample::{Case, all_emails, cases};
use crate::smtp::{GOOD, Relay};

/// What SpamAssassin may count against an email at the most; from 5 on it calls one spam.
const MOST: f64 = 1.0;

/// Whether there is a SpamAssassin; says loudly that the test is left out where there is none.
fn spamassassin() -> bool {
    let found = Command::new("spamassassin").arg("--version").stdout(Stdio::null()).status().is_ok();
    if !found {
        eprintln!("SKIPPED: SpamAssassin is not installed, nobody has judged the emails");
    }
    found
}

/// Every email of a case in both languages, as a relay gets it.
async fn raw(case: &Case) -> Vec<String> {
    let (relay, renderer) = (Relay::start(GOOD).await, Renderer::new().unwrap());
    let senders = Senders::new(AddressRules::default()).unwrap();
    let url = format!("smtp://127.0.0.1:{}", relay.port()).into();
    let provider = EmailProvider::Smtp(Smtp { url, from: None, ca_file: None });
    let at = Timestamp::parse("2026-11-20T15:04:05Z").unwrap();
    for locale in Locale::ALL {
        for body in all_emails(&renderer, case, locale) {
            let content = EmailContent {
                from: "Acme Relief <verify@acme.example>".into(),
                reply_to: Some("help@acme.example".into()),
                to: Email::parse("ana@ruiz-landscaping.example").unwrap(),
                to_name: case.contact.into(),
                subject: body.subject,
                text: body.text,
                html: body.html,
                locale,
                message_id: MessageId::new(at, [7; 10]),
            };
            let outcome = senders.email(&provider, EnteredBy::Operator, &content, at).await;
            assert!(matches!(outcome, Outcome::Sent { .. }), "{outcome:?}");
        }
    }
    std::mem::take(&mut relay.kept().messages)
}

/// One run over a mailbox of all of them: the filter takes seconds to start.
fn judged(messages: &[String]) -> String {
    let mut mailbox = String::new();
    for raw in messages {
        mailbox.push_str("From verify@acme.example Fri Nov 20 15:04:05 2026\n");
        mailbox.push_str(&raw.replace("\r\n", "\n"));
        mailbox.push('\n');
    }
    let mut command = Command::new("spamassassin");
    // Of this machine alone: no look-ups in the network.
    command.args(["-L", "-t", "--mbox"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let writing = std::thread::spawn(move || input.write_all(mailbox.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writing.join().unwrap().unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[tokio::test]
async fn a_mail_filter_has_next_to_nothing_against_any_email() {
    if !spamassassin() {
        return;
    }
    let mut messages = Vec::new();
    for case in cases() {
        messages.extend(raw(&case).await);
    }
    let report = judged(&messages);
    // The filter hands a mailbox back in an order of its own: score, rules and subject are read where they stand.
    let verdict = Regex::new(
        r"(?ms)^X-Spam-Status: \w+, score=(-?[0-9.]+) .*?tests=(.*?) autolearn.*?^Subject: (.*?)$",
    );
    let verdict = verdict.unwrap();
    let verdicts: Vec<[&str; 3]> = verdict.captures_iter(&report).map(|found| found.extract().1).collect();
    assert_eq!(verdicts.len(), messages.len(), "{report}");
    let over: Vec<_> = verdicts.iter().filter(|[score, ..]| score.parse::<f64>().unwrap() >= MOST).collect();
    assert!(over.is_empty(), "{over:#?}");
}
