//! Email: over a scripted relay.

use countersign::domain::provider::{EmailProvider, Smtp};
use countersign::message::{Detail, EnteredBy, Outcome, Senders};
use mail_parser::{MessageParser, MimeHeaders as _};

use crate::given::{
    AT, assert_nothing_leaks, email, message_id, permanent, senders, senders_within, sent, temporary,
};
use crate::smtp::{GOOD, Relay, Reply, Script};

fn provider(url: &str) -> EmailProvider {
    EmailProvider::Smtp(Smtp { url: url.into(), from: None, ca_file: None })
}

fn at(relay: &Relay) -> EmailProvider {
    provider(&format!("smtp://agent7:hunter2@127.0.0.1:{}", relay.port()))
}

async fn attempt(senders: &Senders, script: Script) -> Outcome {
    let relay = Relay::start(script).await;
    let outcome = senders.email(&at(&relay), EnteredBy::Operator, &email(), AT).await;
    assert_nothing_leaks(&outcome);
    outcome
}

#[tokio::test]
async fn a_message_arrives_whole_and_in_both_forms() {
    let relay = Relay::start(GOOD).await;
    assert_eq!(senders().email(&at(&relay), EnteredBy::Operator, &email(), AT).await, sent());

    let kept = relay.kept();
    assert!(kept.commands.contains(&"MAIL FROM:<verify@cornerstone.example>".to_owned()));
    assert!(kept.commands.contains(&"RCPT TO:<ana.ruiz@example.com>".to_owned()));
    assert!(kept.messages[0].is_ascii());
    let message = MessageParser::default().parse(kept.messages[0].as_bytes()).unwrap();
    let from = message.from().unwrap().first().unwrap();
    assert_eq!(from.name(), Some("Cornerstone PEO, LLC"));
    assert_eq!(from.address(), Some("verify@cornerstone.example"));
    let to = message.to().unwrap().first().unwrap();
    assert_eq!((to.name(), to.address()), (Some("Ana Ruíz"), Some("ana.ruiz@example.com")));
    assert_eq!(message.reply_to().unwrap().first().unwrap().address(), Some("help@cornerstone.example"));
    assert_eq!(message.subject(), Some("Su código de Cornerstone PEO"));
    assert_eq!(message.message_id(), Some(&*format!("{}@cornerstone.example", message_id())));
    assert_eq!(message.date().unwrap().to_timestamp(), AT.seconds());
    assert!(kept.messages[0].contains("Auto-Submitted: auto-generated\r\n"));
    assert!(kept.messages[0].contains("Content-Language: es\r\n"));
    let kind = message.content_type().unwrap();
    assert_eq!((kind.ctype(), kind.subtype()), ("multipart", Some("alternative")));
    assert_eq!(message.body_text(0).unwrap().replace("\r\n", "\n").trim_end(), email().text);
    assert_eq!(message.body_html(0).unwrap().trim_end(), email().html);
}

#[tokio::test]
async fn nothing_in_a_message_adds_a_header_or_a_recipient() {
    let relay = Relay::start(GOOD).await;
    let mut content = email();
    content.subject = "Hello\r\nBcc: eve@example.net".into();
    content.to_name = "Ana\r\nRCPT TO:<eve@example.net>\r\nBcc: eve@example.net".into();
    content.from = "PEO\r\nX-Evil: 1 <verify@cornerstone.example>".into();
    assert_eq!(senders().email(&at(&relay), EnteredBy::Operator, &content, AT).await, sent());

    let kept = relay.kept();
    assert_eq!(kept.commands.iter().filter(|line| line.starts_with("RCPT")).count(), 1);
    let message = MessageParser::default().parse(kept.messages[0].as_bytes()).unwrap();
    assert!(message.bcc().is_none());
    assert!(message.header("X-Evil").is_none());
    assert_eq!(message.to().unwrap().iter().count(), 1);
}

#[tokio::test]
async fn a_good_connection_is_used_again_and_never_one_that_was_given_up() {
    let relay = Relay::start(GOOD).await;
    let senders = senders();
    for _ in 0..3 {
        assert_eq!(senders.email(&at(&relay), EnteredBy::Operator, &email(), AT).await, sent());
    }
    let counted = {
        let kept = relay.kept();
        (kept.connections, kept.messages.len())
    };
    assert_eq!(counted, (1, 3));

    let mute = Relay::start(Script { message: Reply::Silence, ..GOOD }).await;
    let senders = senders_within(&[], 200);
    for _ in 0..2 {
        senders.email(&at(&mute), EnteredBy::Operator, &email(), AT).await;
    }
    assert_eq!(mute.kept().connections, 2);
}

#[tokio::test]
async fn another_password_is_another_connection() {
    let relay = Relay::start(GOOD).await;
    let senders = senders();
    for password in ["one", "two"] {
        let provider = provider(&format!("smtp://u:{password}@127.0.0.1:{}", relay.port()));
        assert_eq!(senders.email(&provider, EnteredBy::Operator, &email(), AT).await, sent());
    }
    assert_eq!(relay.kept().connections, 2);
}

#[tokio::test]
async fn a_refused_recipient_is_permanent() {
    let senders = senders();
    for (reply, detail) in [
        ("550 5.1.1 <ana.ruiz@example.com>: no such user", Detail::NoSuchAddress),
        ("550 no ana.ruiz@example.com here", Detail::NoSuchAddress),
        ("551 moved", Detail::NoSuchAddress),
        ("553 no", Detail::NoSuchAddress),
        ("552 full", Detail::MailboxUnavailable),
        ("550-5.7.1 <ana.ruiz@example.com>\r\n550 5.7.1 relaying denied", Detail::Rejected),
    ] {
        let outcome = attempt(&senders, Script { recipient: Reply::Say(reply), ..GOOD }).await;
        assert_eq!(permanent(&outcome), Some(detail), "{reply}");
    }
    let outcome = attempt(&senders, Script { message: Reply::Say("552 too much"), ..GOOD }).await;
    assert_eq!(permanent(&outcome), Some(Detail::MailboxUnavailable));
    let outcome = attempt(&senders, Script { message: Reply::Say("554 123456 looks bad"), ..GOOD }).await;
    assert_eq!(permanent(&outcome), Some(Detail::Rejected));
}

#[tokio::test]
async fn trouble_of_the_relay_is_temporary() {
    use Detail::{MailboxUnavailable, ProviderDown, ProviderMisconfigured, UnknownOutcome};
    let senders = senders();
    for (script, detail) in [
        (Script { recipient: Reply::Say("451 4.7.1 greylisted ana.ruiz@example.com"), ..GOOD }, ProviderDown),
        (Script { recipient: Reply::Say("450 busy"), ..GOOD }, MailboxUnavailable),
        (Script { auth: Reply::Say("535 5.7.8 agent7 has a bad password"), ..GOOD }, ProviderMisconfigured),
        (Script { auth: Reply::Say("454 later"), ..GOOD }, ProviderDown),
        (Script { ehlo: "250 relay.test", ..GOOD }, ProviderMisconfigured),
        (Script { sender: Reply::Say("530 5.7.0 log in first"), ..GOOD }, ProviderMisconfigured),
        (Script { recipient: Reply::Say("530 log in first"), ..GOOD }, ProviderMisconfigured),
        (Script { greeting: Reply::Say("554 go away"), ..GOOD }, ProviderDown),
        (Script { greeting: Reply::Say("SSH-2.0-x"), ..GOOD }, ProviderDown),
        (Script { greeting: Reply::HangUp, ..GOOD }, ProviderDown),
        (Script { data: Reply::HangUp, ..GOOD }, ProviderDown),
        (Script { message: Reply::HangUp, ..GOOD }, UnknownOutcome),
    ] {
        let outcome = attempt(&senders, script).await;
        assert_eq!(temporary(&outcome), Some(detail), "{outcome:?}");
    }
}

#[tokio::test]
async fn a_silent_relay_is_given_up_wherever_it_falls_silent() {
    let hush = Reply::Silence;
    let senders = senders_within(&[], 200);
    for (script, detail) in [
        (Script { greeting: hush, ..GOOD }, Detail::Timeout),
        (Script { auth: hush, ..GOOD }, Detail::Timeout),
        (Script { recipient: hush, ..GOOD }, Detail::Timeout),
        (Script { message: hush, ..GOOD }, Detail::UnknownOutcome),
    ] {
        assert_eq!(temporary(&attempt(&senders, script).await), Some(detail));
    }
}

#[tokio::test]
async fn without_encryption_that_was_asked_for_nothing_is_said() {
    let relay = Relay::start(GOOD).await;
    for (scheme, detail) in
        [("smtp+starttls", Detail::ProviderMisconfigured), ("smtps", Detail::ProviderDown)]
    {
        let provider = provider(&format!("{scheme}://agent7:hunter2@localhost:{}", relay.port()));
        let outcome = senders().email(&provider, EnteredBy::Operator, &email(), AT).await;
        assert_eq!(temporary(&outcome), Some(detail), "{scheme}");
        assert_nothing_leaks(&outcome);
    }
    let said = relay.kept().commands.join("\n");
    assert!(!said.contains("AUTH") && !said.contains("MAIL"), "{said}");
}

#[tokio::test]
async fn a_closed_port_and_bad_settings_are_the_providers_trouble() {
    let senders = senders();
    let mut unsigned = email();
    unsigned.from = "nobody".into();
    for (url, content, detail) in [
        ("smtp://127.0.0.1:1", email(), Detail::ProviderDown),
        ("http://127.0.0.1", email(), Detail::ProviderMisconfigured),
        ("smtp://agent7:hunter2@127.0.0.1/?x", email(), Detail::ProviderMisconfigured),
        ("smtp://127.0.0.1:1", unsigned, Detail::ProviderMisconfigured),
    ] {
        let outcome = senders.email(&provider(url), EnteredBy::Operator, &content, AT).await;
        assert_eq!(temporary(&outcome), Some(detail), "{url}");
        assert_nothing_leaks(&outcome);
    }
}

#[tokio::test]
async fn the_providers_sender_stands_in_for_a_missing_one() {
    let relay = Relay::start(GOOD).await;
    let url = format!("smtp://127.0.0.1:{}", relay.port()).into();
    let from = Some("\"Fallback\" <fallback@cornerstone.example>".into());
    let provider = EmailProvider::Smtp(Smtp { url, from, ca_file: None });
    let mut content = email();
    content.from = String::new();
    assert_eq!(senders().email(&provider, EnteredBy::Operator, &content, AT).await, sent());
    assert!(relay.kept().messages[0].contains("From: Fallback <fallback@cornerstone.example>\r\n"));
}

#[tokio::test]
async fn a_tenants_relay_stays_within_the_rules() {
    let strict = senders();
    let relay = Relay::start(GOOD).await;
    let misconfigured = Some(Detail::ProviderMisconfigured);
    let port = relay.port();
    for url in [
        &*format!("smtp://127.0.0.1:{port}"),
        &*format!("smtp://relay.example.com:{port}"),
        "smtp://relay.example.com:587",
        "smtp://localhost:25",
        "smtp://[::1]:25",
    ] {
        let outcome = strict.email(&provider(url), EnteredBy::Tenant, &email(), AT).await;
        assert_eq!(temporary(&outcome), misconfigured, "{url}");
    }
    assert_eq!(relay.kept().connections, 0);

    let allowed = senders_within(&["127.0.0.0/8"], 10_000);
    let named = provider(&format!("smtp://relay.example.com:{port}"));
    assert_eq!(allowed.email(&named, EnteredBy::Tenant, &email(), AT).await, sent());

    let url = "smtps://relay.example.com".into();
    let own_ca = EmailProvider::Smtp(Smtp { url, from: None, ca_file: Some("/etc/passwd".into()) });
    let outcome = allowed.email(&own_ca, EnteredBy::Tenant, &email(), AT).await;
    assert_eq!(temporary(&outcome), misconfigured);
}
