//! Emails through a real SMTP server that nobody here wrote: plain, STARTTLS and TLS, with a login.

use std::io::{BufRead as _, BufReader, Lines};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use countersign::domain::address::AddressRules;
use countersign::domain::contact::Email;
use countersign::domain::id::MessageId;
use countersign::domain::locale::Locale;
use countersign::domain::provider::{EmailProvider, Smtp};
use countersign::domain::timestamp::Timestamp;
use countersign::message::{
    Detail, EmailContent, EnteredBy, Outcome, SEND_TIMEOUT, Senders, SystemLookup, Trouble,
};
use serde_json::{Value, json};

/// A relay, stopped with the test.
struct Relay {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    port: u16,
    authority: PathBuf,
    _dir: tempfile::TempDir,
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// From when and until when a relay's certificate holds.
#[derive(Clone, Copy)]
enum Validity {
    Now,
    Over,
}

impl Validity {
    fn dates(self) -> [&'static str; 2] {
        match self {
            Self::Now => ["20200101000000Z", "20991231000000Z"],
            Self::Over => ["20200101000000Z", "20210101000000Z"],
        }
    }
}

/// An authority's certificate, and one for 127.0.0.1 that it signed, with its key.
fn certificates(dir: &Path, validity: Validity) -> [PathBuf; 3] {
    let file = |name: &str| dir.join(name).display().to_string();
    let names = ["ca.pem", "ca.key", "relay.csr", "relay.key", "relay.pem", "ca.conf"].map(file);
    let [ca, ca_key, request, key, certificate, settings] = &names;
    std::fs::write(dir.join("index"), "").unwrap();
    let folder = dir.display();
    let written = format!(
        "[ca]\ndefault_ca = own\n[own]\nrand_serial = yes\ndatabase = {folder}/index\nnew_certs_dir = {folder}\npolicy = any\n\
         default_md = sha256\nx509_extensions = server\n[any]\ncommonName = supplied\n\
         [server]\nsubjectAltName = IP:127.0.0.1\n"
    );
    std::fs::write(settings, written).unwrap();
    let new = ["-newkey", "rsa:2048", "-nodes", "-keyout"];
    openssl(
        &[&["req", "-x509", "-subj", "/CN=A test's authority", "-out", ca], &new[..], &[ca_key]].concat(),
    );
    openssl(&[&["req", "-new", "-subj", "/CN=127.0.0.1", "-out", request], &new[..], &[key]].concat());
    let [from, until] = validity.dates();
    let signed = ["ca", "-batch", "-notext", "-config", settings, "-cert", ca, "-keyfile"];
    let dates = ["-startdate", from, "-enddate", until];
    openssl(&[&signed[..], &[ca_key, "-in", request, "-out", certificate], &dates[..]].concat());
    [ca, certificate, key].map(PathBuf::from)
}

fn openssl(arguments: &[&str]) {
    let done = Command::new("openssl").args(arguments).stderr(Stdio::null()).status();
    assert!(done.unwrap().success(), "openssl {arguments:?}");
}

fn start(mode: &str) -> Relay {
    start_with(mode, Validity::Now, "")
}

#[expect(clippy::disallowed_methods, reason = "the test is told of its Python by its environment")]
fn start_with(mode: &str, validity: Validity, fault: &str) -> Relay {
    let python =
        std::env::var("TEST_PYTHON").expect("TEST_PYTHON names no Python with aiosmtpd: run ./tests/run");
    let dir = tempfile::tempdir().unwrap();
    let [authority, certificate, key] = certificates(dir.path(), validity);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/relay/relay.py");
    let mut command = Command::new(python);
    // Quiet about a log-in without encryption, which is what is tried here.
    command.args(["-W", "ignore"]).arg(script).arg(mode).arg(&certificate).arg(key).arg(fault);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let port = lines.next().expect("the relay says its port").unwrap().parse().unwrap();
    Relay { child, lines, port, authority, _dir: dir }
}

impl Relay {
    fn provider(&self, scheme: &str, password: &str, trusted: bool) -> EmailProvider {
        EmailProvider::Smtp(Smtp {
            url: format!("{scheme}://countersign:{password}@127.0.0.1:{}", self.port).into(),
            from: None,
            ca_file: trusted.then(|| self.authority.clone()),
        })
    }

    fn next(&mut self) -> Value {
        serde_json::from_str(&self.lines.next().unwrap().unwrap()).unwrap()
    }
}

async fn send(provider: &EmailProvider) -> Outcome {
    send_within(provider, SEND_TIMEOUT).await
}

async fn send_within(provider: &EmailProvider, patience: Duration) -> Outcome {
    let at = Timestamp::parse("2026-11-20T15:04:05Z").unwrap();
    let content = EmailContent {
        from: "Cornerstone PEO <verify@cornerstone.example>".into(),
        reply_to: None,
        to: Email::parse("ana@ruiz-landscaping.example").unwrap(),
        to_name: "Ana Ruiz".into(),
        subject: "Su código de Cornerstone para esta llamada".into(),
        text: "482 913\r\nLéalo solo a nuestro agente.".into(),
        html: "<p>482 913</p><p>Léalo solo a nuestro agente.</p>".into(),
        locale: Locale::Es,
        message_id: MessageId::new(at, [7; 10]),
    };
    let senders = Senders::with(AddressRules::default(), Arc::new(SystemLookup), patience).unwrap();
    senders.email(provider, EnteredBy::Operator, &content, at).await
}

async fn arrives(mode: &str, scheme: &str, tls: bool) {
    let mut relay = start(mode);
    let outcome = send(&relay.provider(scheme, "relay-password", tls)).await;
    assert!(matches!(outcome, Outcome::Sent { .. }), "{outcome:?}");
    let kept = relay.next();
    assert_eq!(kept["tls"], tls);
    assert_eq!(kept["login"], true);
    assert_eq!(kept["from"], "verify@cornerstone.example");
    assert_eq!(kept["to"], json!(["ana@ruiz-landscaping.example"]));
    assert_eq!(kept["subject"], "Su código de Cornerstone para esta llamada");
    assert_eq!(kept["auto_submitted"], "auto-generated");
    assert!(kept["text"].as_str().unwrap().contains("Léalo solo a nuestro agente."));
    assert!(kept["html"].as_str().unwrap().contains("<p>482 913</p>"));
}

#[tokio::test]
async fn an_email_arrives_by_plain_smtp() {
    arrives("plain", "smtp", false).await;
}

#[tokio::test]
async fn an_email_arrives_by_starttls() {
    arrives("starttls", "smtp+starttls", true).await;
}

#[tokio::test]
async fn an_email_arrives_by_tls() {
    arrives("tls", "smtps", true).await;
}

/// Why it was not taken: the trouble, and whether trying again makes sense.
fn trouble(outcome: Outcome) -> (Trouble, bool) {
    match outcome {
        Outcome::Temporary(trouble) => (trouble, true),
        Outcome::Permanent(trouble) => (trouble, false),
        Outcome::Sent { .. } => panic!("it was sent"),
    }
}

#[tokio::test]
async fn a_relay_whose_certificate_does_not_hold_gets_nothing_and_the_log_says_why() {
    for (mode, scheme) in [("tls", "smtps"), ("starttls", "smtp+starttls")] {
        for (validity, trusted, why) in [
            (Validity::Now, false, "certificate is signed by nobody that is trusted"),
            (Validity::Over, true, "certificate has expired"),
        ] {
            let relay = start_with(mode, validity, "");
            let provider = relay.provider(scheme, "relay-password", trusted);
            let (trouble, again) = trouble(send(&provider).await);
            assert_eq!((trouble.detail, again), (Detail::ProviderMisconfigured, true), "{mode}: {trouble:?}");
            assert!(trouble.log.contains(why), "{mode}: {trouble:?}");
        }
        let relay = start(mode);
        let other = EmailProvider::Smtp(Smtp {
            url: format!("{scheme}://countersign:relay-password@localhost:{}", relay.port).into(),
            from: None,
            ca_file: Some(relay.authority.clone()),
        });
        let (trouble, again) = trouble(send(&other).await);
        assert_eq!((trouble.detail, again), (Detail::ProviderMisconfigured, true), "{mode}: {trouble:?}");
        assert!(trouble.log.contains("certificate is for another name"), "{mode}: {trouble:?}");
    }
}

#[tokio::test]
async fn each_fault_of_a_relay_is_told_apart() {
    for (fault, detail, again) in [
        ("421 4.3.2 closing", Detail::ProviderDown, true),
        ("450 4.2.1 busy", Detail::MailboxUnavailable, true),
        ("451 4.7.1 greylisted", Detail::ProviderDown, true),
        ("550 5.1.1 no such user", Detail::NoSuchAddress, false),
        ("552 5.2.2 full", Detail::MailboxUnavailable, false),
        ("554 5.7.1 refused", Detail::Rejected, false),
        ("530 5.7.0 log in first", Detail::ProviderMisconfigured, true),
        ("gone after the message", Detail::UnknownOutcome, true),
    ] {
        let relay = start_with("plain", Validity::Now, fault);
        let (trouble, tried) = trouble(send(&relay.provider("smtp", "relay-password", false)).await);
        assert_eq!((trouble.detail, tried), (detail, again), "{fault}: {trouble:?}");
        let kept = format!("{trouble:?}");
        assert!(!kept.contains("ana@") && !kept.contains("482 913"), "{kept}");
    }
}

#[tokio::test]
async fn a_relay_that_falls_silent_is_left_in_bounded_time() {
    for (fault, detail) in
        [("silent at the sender", Detail::Timeout), ("silent after the message", Detail::UnknownOutcome)]
    {
        let relay = start_with("plain", Validity::Now, fault);
        let provider = relay.provider("smtp", "relay-password", false);
        let (trouble, again) = trouble(send_within(&provider, Duration::from_secs(1)).await);
        assert_eq!((trouble.detail, again), (detail, true), "{fault}: {trouble:?}");
    }
}

#[tokio::test]
async fn a_wrong_password_is_the_operators_fault_not_the_recipients() {
    let relay = start("tls");
    let outcome = send(&relay.provider("smtps", "another-password", true)).await;
    assert!(
        matches!(&outcome, Outcome::Temporary(t) if t.detail == Detail::ProviderMisconfigured),
        "{outcome:?}"
    );
    assert!(!format!("{outcome:?}").contains("another-password"));
}
