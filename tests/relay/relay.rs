//! Emails through a real SMTP server that nobody here wrote: plain, STARTTLS and TLS, with a login.

use std::io::{BufRead as _, BufReader, Lines};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use countersign::domain::address::AddressRules;
use countersign::domain::contact::Email;
use countersign::domain::id::MessageId;
use countersign::domain::locale::Locale;
use countersign::domain::provider::{EmailProvider, Smtp};
use countersign::domain::timestamp::Timestamp;
use countersign::message::{Detail, EmailContent, EnteredBy, Outcome, Senders};
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

/// An authority's certificate, and one for 127.0.0.1 that it signed, with its key.
fn certificates(dir: &Path) -> [PathBuf; 3] {
    let file = |name: &str| dir.join(name).display().to_string();
    let names = ["ca.pem", "ca.key", "relay.csr", "relay.key", "relay.pem", "relay.ext"].map(file);
    let [ca, ca_key, request, key, certificate, extensions] = &names;
    std::fs::write(extensions, "subjectAltName=IP:127.0.0.1").unwrap();
    let new = ["-newkey", "rsa:2048", "-nodes", "-keyout"];
    openssl(
        &[&["req", "-x509", "-subj", "/CN=A test's authority", "-out", ca], &new[..], &[ca_key]].concat(),
    );
    openssl(&[&["req", "-new", "-subj", "/CN=127.0.0.1", "-out", request], &new[..], &[key]].concat());
    let signed = ["x509", "-req", "-in", request, "-CA", ca, "-CAkey", ca_key, "-CAcreateserial"];
    openssl(&[&signed[..], &["-out", certificate, "-extfile", extensions]].concat());
    [ca, certificate, key].map(PathBuf::from)
}

fn openssl(arguments: &[&str]) {
    let done = Command::new("openssl").args(arguments).stderr(Stdio::null()).status();
    assert!(done.unwrap().success(), "openssl {arguments:?}");
}

#[expect(clippy::disallowed_methods, reason = "the test is told of its Python by its environment")]
fn start(mode: &str) -> Relay {
    let python =
        std::env::var("TEST_PYTHON").expect("TEST_PYTHON names no Python with aiosmtpd: run ./tests/run");
    let dir = tempfile::tempdir().unwrap();
    let [authority, certificate, key] = certificates(dir.path());
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/relay/relay.py");
    let started =
        Command::new(python).arg(script).arg(mode).arg(&certificate).arg(key).stdout(Stdio::piped()).spawn();
    let mut child = started.unwrap();
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
    let senders = Senders::new(AddressRules::default()).unwrap();
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

#[tokio::test]
async fn a_relay_whose_certificate_nobody_signed_gets_nothing() {
    for (mode, scheme) in [("tls", "smtps"), ("starttls", "smtp+starttls")] {
        let relay = start(mode);
        let outcome = send(&relay.provider(scheme, "relay-password", false)).await;
        assert!(matches!(&outcome, Outcome::Temporary(t) if t.detail == Detail::ProviderDown), "{outcome:?}");
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
