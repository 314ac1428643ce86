//! What we ask Twilio for, held against its official API document by a server that knows nothing but that.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails like the test itself")]

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use countersign::domain::address::AddressRules;
use countersign::domain::contact::Phone;
use countersign::domain::id::MessageId;
use countersign::domain::locale::Locale;
use countersign::domain::provider::{SmsProvider, Twilio, VoiceProvider};
use countersign::domain::timestamp::Timestamp;
use countersign::message::{CallContent, Detail, EnteredBy, Outcome, Script, Senders, SmsContent};

const AT: Timestamp = Timestamp::from_millis(1_795_000_000_123);

/// What is wrong with a request.
type Change = dyn Fn(&mut Twilio, &mut SmsContent);

/// The mock server, stopped with the test.
struct Prism {
    child: Child,
    base: String,
    _dir: tempfile::TempDir,
}

impl Drop for Prism {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

#[expect(clippy::disallowed_methods, reason = "the test is told of the packages by its environment")]
fn packages() -> Option<PathBuf> {
    std::env::var("TEST_PRISM").ok().map(|dir| Path::new(&dir).join("node_modules"))
}

/// Starts Prism on the part of the document that is about texts and calls.
fn start(packages: &Path) -> Prism {
    let dir = tempfile::tempdir().unwrap();
    let cut = dir.path().join("twilio.json");
    let whole = packages.join("@twilio/cli-core/src/services/twilio-api/twilio_api_v2010.json");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/prism/cut.mjs");
    assert!(Command::new("node").arg(script).arg(whole).arg(&cut).status().unwrap().success());
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string();
    let mut child = Command::new("node")
        .arg(packages.join(".bin/prism"))
        .args(["mock", "-h", "127.0.0.1", "-p", &port])
        .arg(cut)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    assert!(lines.any(|line| line.contains("Prism is listening")), "Prism stopped");
    std::thread::spawn(move || lines.for_each(drop));
    Prism { child, base: format!("http://127.0.0.1:{port}"), _dir: dir }
}

fn account(prism: &Prism) -> Twilio {
    Twilio {
        account_sid: "AC0123456789abcdef0123456789abcdef".into(),
        auth_token: "0123456789abcdef0123456789abcdef".into(),
        from: Some("+13055550100".into()),
        messaging_service_sid: None,
        api_base: prism.base.clone(),
    }
}

fn senders() -> Senders {
    Senders::new(AddressRules::new(Vec::new())).unwrap()
}

fn asked(script_url: &str) -> Script {
    Script::Asked {
        gate: "Oprima 1".into(),
        script_url: script_url.into(),
        report_url: "https://cs.example/callbacks/twilio/cornerstone/voice/end?t=1".into(),
    }
}

async fn call(prism: &Prism, script: Script) -> Outcome {
    let content = CallContent {
        to: Phone::parse("+13055550142").unwrap(),
        locale: Locale::Es,
        script,
        message_id: MessageId::new(AT, [7; 10]),
    };
    let provider =
        VoiceProvider::Twilio { account: account(prism), voice_en: String::new(), voice_es: String::new() };
    senders().call(&provider, EnteredBy::Operator, &content, AT).await
}

async fn send(prism: &Prism, change: impl Fn(&mut Twilio, &mut SmsContent)) -> Outcome {
    let mut account = account(prism);
    let mut content = SmsContent {
        to: Phone::parse("+13055550142").unwrap(),
        text: "482 913 es su codigo de Cornerstone. Léalo solo al agente. ¿No? & = + %".into(),
        report_url: "https://cs.example/callbacks/twilio/cornerstone/status?message=msg_1&attempt=0".into(),
        message_id: MessageId::new(AT, [7; 10]),
        valid_for: Duration::from_mins(10),
    };
    change(&mut account, &mut content);
    senders().sms(&SmsProvider::Twilio(account), EnteredBy::Operator, &content, AT).await
}

fn is_sent(outcome: &Outcome, kind: &str) -> bool {
    matches!(outcome, Outcome::Sent { reference: Some(sid) } if sid.starts_with(kind))
}

fn is_refused(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Permanent(trouble) if trouble.detail == Detail::Rejected)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_we_ask_for_is_what_twilios_document_describes() {
    let Some(packages) = packages() else {
        // Past the capture of a test's output: this must be seen.
        writeln!(
            std::io::stderr(),
            "!! the test against Twilio's API document was NOT run: TEST_PRISM is not set"
        )
        .unwrap();
        return;
    };
    let prism = start(&packages);
    let by_number = send(&prism, |_, _| {}).await;
    assert!(is_sent(&by_number, "SM"), "{by_number:?}");
    let by_service = send(&prism, |account, content| {
        account.from = None;
        account.messaging_service_sid = Some("MG0123456789abcdef0123456789abcdef".into());
        content.valid_for = Duration::from_hours(24);
    })
    .await;
    assert!(is_sent(&by_service, "SM"), "{by_service:?}");
    // The mock tells what is wrong: without this, the two above would prove little.
    let wrong: [&Change; 3] = [
        &|account, _| account.account_sid = "AC0".into(),
        &|account, _| account.messaging_service_sid = Some("MG0".into()),
        &|_, content| content.report_url = "not an address".into(),
    ];
    for change in wrong {
        let outcome = send(&prism, change).await;
        assert!(is_refused(&outcome), "{outcome:?}");
    }
    let placed = call(&prism, asked("https://cs.example/callbacks/twilio/cornerstone/voice/start?t=1")).await;
    assert!(is_sent(&placed, "CA"), "{placed:?}");
    let whole = call(&prism, Script::Whole(Vec::new())).await;
    assert!(is_sent(&whole, "CA"), "{whole:?}");
    let refused = call(&prism, asked("not an address")).await;
    assert!(is_refused(&refused), "{refused:?}");
}
