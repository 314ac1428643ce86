//! The service keeps what its document says: Schemathesis makes calls of it, good ones and bad ones, and compares.

use std::io::Write as _;
use std::process::{Command, Stdio};

use countersign::domain::pin::DIGITS;
use countersign::domain::pin::secret::Pin;
use countersign::ports::{Clock as _, SystemClock};
use countersign::usecase::pin::set_pin::{SetFrom, set_pin};
use regex::Regex;
use serde_json::{Value, json};

use super::python;
use crate::database::Backend;
use crate::guest;
use crate::service::{Service, WEBHOOK_SECRET, api_key, ruiz};

/// A client with a code that is out, a push that was made, a signing, and a sign-in.
struct Known {
    challenge: String,
    event: String,
    signing: String,
    login: String,
}

/// A user who needs a second step.
fn user() -> Value {
    json!({"name": "Maria Lopez", "email": "maria@host-crm.example", "role": "payroll"})
}

async fn seeded(backend: Backend) -> (Service, Known) {
    let service = Service::start(backend).await;
    service.policy(json!({"sends": 20, "resend_after": "10s", "tries": 10, "subject_tries": 100})).await;
    let pins = json!({"enabled": true, "sends": 20, "resend_after": "10s", "tries": 10});
    service.apply("cornerstone", json!({"policy": {"pin": pins}})).await;
    let put = service.call("PUT", "/api/v1/clients/lead-10482", &api_key("cornerstone"), Some(&ruiz())).await;
    put.expect(201);
    let link = json!({"contact": "c-1"});
    let link = service.post("/api/v1/clients/lead-10482/pin/link", link).await.expect(201);
    service.drain().await;
    let mail = service.mail().into_iter().find(|mail| mail["id"] == link["messages"][0]["id"]).unwrap();
    let token = Regex::new("/p/([A-Za-z0-9_-]{22})").unwrap();
    let token = token.captures(mail["text"].as_str().unwrap()).unwrap()[1].to_owned();
    let from = SetFrom { address: "198.51.100.7".to_owned(), device: String::new(), browser: None };
    set_pin(service.app.desk(), &token, &Pin::parse("482057", DIGITS).unwrap(), &from).await.unwrap();
    let asked = json!({"contact": "c-2", "surface": "lead_card", "channels": ["email"]});
    let challenge = service.post("/api/v1/clients/lead-10482/codes", asked).await.expect(201);
    service.drain().await;
    let events = service.get("/api/v1/events").await.expect(200);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let guests = json!({"signer": {"access_code": true}, "session": {"agent_sees_code": true}, "login": {"always_required_roles": ["payroll"]}});
    service.apply("cornerstone", json!({"policy": guests})).await;
    let signing = service.post("/api/v1/signings", guest::signing()).await.expect(201);
    service.post("/api/v1/sessions", guest::session("email")).await.expect(201);
    service.call("PUT", "/api/v1/users/u-77", &api_key("cornerstone"), Some(&user())).await.expect(201);
    let back = json!({"return_url": "https://crm.example/in"});
    let login = service.post("/api/v1/users/u-77/logins", back).await.expect(200);
    let known = Known {
        challenge: text(&challenge["id"]),
        event: text(&events["items"][0]["id"]),
        signing: text(&signing["id"]),
        login: text(&login["login"]),
    };
    (service, known)
}

/// Whether there is a Schemathesis; where there is none that is said past the capture of a test's output.
#[expect(clippy::explicit_write, reason = "`eprintln` would be captured with the test's output")]
fn found() -> bool {
    let there = Command::new(python()).args(["-c", "import schemathesis"]).stderr(Stdio::null()).status();
    let there = there.unwrap().success();
    if !there {
        writeln!(std::io::stderr(), "!! calls of the API's document were NOT made: Schemathesis is missing")
            .unwrap();
    }
    there
}

/// Makes calls with a credential; panics with what was found.
async fn keeps_its_word(service: &Service, known: &Known, credential: &str, more: &[&str]) {
    let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/interop");
    let mut command = Command::new(python());
    command
        .current_dir(service.dir.path())
        .args(["-m", "schemathesis.cli", "--config-file", &format!("{dir}/schemathesis.toml"), "run"])
        .arg(format!("{}/api/v1/openapi.json", service.base))
        .args(["--url", &service.base, "--header", &format!("Authorization: Bearer {credential}")])
        // A stream never ends: it is tried elsewhere.
        .args(["--exclude-path", "/api/v1/status/stream"])
        .args(more)
        .env("SCHEMATHESIS_HOOKS", "contract")
        .env("PYTHONPATH", dir)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("CONTRACT_CLIENT", "lead-10482")
        .env("CONTRACT_CHALLENGE", &known.challenge)
        .env("CONTRACT_EVENT", &known.event)
        .env("CONTRACT_SIGNING", &known.signing)
        .env("CONTRACT_LOGIN", &known.login)
        .env("CONTRACT_SECRET", WEBHOOK_SECRET)
        .env("CONTRACT_AT", service.clock_seconds().to_string());
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{told}{}", String::from_utf8_lossy(&output.stderr));
}

async fn a_host_and_an_agent(backend: Backend) {
    if !found() {
        return;
    }
    let (service, known) = seeded(backend).await;
    keeps_its_word(&service, &known, &api_key("cornerstone"), &[]).await;
    let (service, known) = seeded(backend).await;
    let wanted = json!({"agent": {"id": "u-77", "name": "Maria Lopez"}, "clients": ["lead-10482"]});
    let token = service.post("/api/v1/agent-tokens", wanted).await.expect(200);
    let those = ["--include-tag", "Codes", "--include-tag", "Statuses", "--include-tag", "Security PINs"];
    keeps_its_word(&service, &known, token["agent_token"].as_str().unwrap(), &those).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_answer_is_as_the_document_says_on_sqlite() {
    a_host_and_an_agent(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_answer_is_as_the_document_says_on_postgresql() {
    a_host_and_an_agent(Backend::Postgres).await;
}

/// What a program writes that is given some input.
fn output(mut command: Command, input: &str) -> String {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{input}");
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_example_fits_its_schema() {
    if !found() {
        return;
    }
    let service = Service::start(Backend::Sqlite).await;
    let document = service.get("/api/v1/openapi.json").await.text;
    let mut command = Command::new(python());
    command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/interop/examples.py"));
    let told = output(command, &document);
    let lines: Vec<_> = told.lines().collect();
    assert!(lines.len() == 1 && lines[0] != "0 examples", "{told}");
}

/// The calls that the page shows, as somebody copies them.
fn calls(page: &str) -> Vec<String> {
    let sample = Regex::new(r#"(?s)aria-label="Request: [^"]*"><code>(.*?)</code>"#).unwrap();
    let tag = Regex::new("<[^>]*>").unwrap();
    let entities = [
        ("&quot;", "\""),
        ("&#x27;", "'"),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&#x3D;", "="),
        ("&#x60;", "`"),
        ("&amp;", "&"),
    ];
    let text = |html: &str| {
        let bare = tag.replace_all(html, "").into_owned();
        entities.iter().fold(bare, |text, (entity, plain)| text.replace(entity, plain))
    };
    sample.captures_iter(page).map(|found| text(&found[1])).collect()
}

/// A stream never ends; a proof and trust come from a browser, and a code is shown once somebody has arrived.
const ELSEWHERE: [&str; 4] = ["/status/stream", "/proof", "/reveal", "/devices/"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_call_that_the_page_shows_can_be_copied_and_works() {
    let (service, known) = seeded(Backend::Sqlite).await;
    service.clock.set(SystemClock.wall());
    let page = service.get("/api/v1/docs").await.text;
    let calls = calls(&page);
    assert!(calls.len() > 20);
    let ids = Regex::new("(chl|evt|sgn)_[0-9a-z]{26}").unwrap();
    let elsewhere = |call: &str| ELSEWHERE.iter().any(|one| call.contains(one));
    for (number, call) in calls.into_iter().filter(|call| !elsewhere(call)).enumerate() {
        let put =
            service.call("PUT", "/api/v1/clients/lead-10482", &api_key("cornerstone"), Some(&ruiz())).await;
        assert!(put.status < 300, "{}", put.text);
        let maria = service.call("PUT", "/api/v1/users/u-77", &api_key("cornerstone"), Some(&user())).await;
        assert!(maria.status < 300, "{}", maria.text);
        let mut signing = String::new();
        if call.contains("sgn_") {
            let made = service.post("/api/v1/signings", guest::signing()).await.expect(201);
            made["id"].as_str().unwrap().clone_into(&mut signing);
        }
        if call.contains("/api/v1/sessions/") {
            let mut session = guest::session("email");
            session["id"] = json!(format!("ses-of-{number}"));
            service.post("/api/v1/sessions", session).await.expect(201);
            service.advance(60);
        }
        let mut challenge = String::new();
        if call.contains("chl_") {
            service.advance(60);
            let asked = json!({"contact": "c-1", "surface": "lead_card"});
            let asked = service.post("/api/v1/clients/lead-10482/codes", asked).await.expect(201);
            asked["id"].as_str().unwrap().clone_into(&mut challenge);
            service.advance(60);
        }
        service.clock.set(SystemClock.wall().max(service.now()));
        let true_ids = |found: &regex::Captures<'_>| match &found[1] {
            "chl" => challenge.clone(),
            "sgn" => signing.clone(),
            _ => known.event.clone(),
        };
        let call = ids.replace_all(&call, true_ids).replace("http://127.0.0.1:8080", &service.base);
        let call = call.replace("ses-7", &format!("ses-of-{number}"));
        let mut shell = Command::new("sh");
        shell.env("COUNTERSIGN_KEY", api_key("cornerstone")).env("WEBHOOK_SECRET", WEBHOOK_SECRET);
        let script =
            format!("curl() {{ command curl -sS -o /dev/null -w '%{{http_code}}' \"$@\"; }}\n{call}\n");
        shell.args(["-eu", "-c", "eval \"$(cat)\""]);
        let status = tokio::task::spawn_blocking(move || (output(shell, &script), script)).await.unwrap();
        assert!(status.0.starts_with('2'), "{}: {}", status.0, status.1);
    }
}
