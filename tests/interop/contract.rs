//! The service keeps what its document says: Schemathesis makes calls of it, good ones and bad ones, and compares.

use std::process::Command;

use serde_json::{Value, json};

use super::python;
use crate::database::Backend;
use crate::service::{Service, WEBHOOK_SECRET, api_key, ruiz};

/// A client with a code that is out and a push that was made.
struct Known {
    challenge: String,
    event: String,
}

async fn seeded(backend: Backend) -> (Service, Known) {
    let service = Service::start(backend).await;
    service.policy(json!({"sends": 20, "resend_after": "10s", "tries": 10, "subject_tries": 100})).await;
    let put = service.call("PUT", "/api/v1/clients/lead-10482", &api_key("cornerstone"), Some(&ruiz())).await;
    put.expect(201);
    let asked = json!({"contact": "c-2", "surface": "lead_card", "channels": ["email"]});
    let challenge = service.post("/api/v1/clients/lead-10482/codes", asked).await.expect(201);
    service.drain().await;
    let events = service.get("/api/v1/events").await.expect(200);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let known = Known { challenge: text(&challenge["id"]), event: text(&events["items"][0]["id"]) };
    (service, known)
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
        .args(more)
        .env("SCHEMATHESIS_HOOKS", "contract")
        .env("PYTHONPATH", dir)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("CONTRACT_CLIENT", "lead-10482")
        .env("CONTRACT_CHALLENGE", &known.challenge)
        .env("CONTRACT_EVENT", &known.event)
        .env("CONTRACT_SECRET", WEBHOOK_SECRET)
        .env("CONTRACT_AT", service.clock_seconds().to_string());
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{told}{}", String::from_utf8_lossy(&output.stderr));
    println!("{told}");
}

async fn a_host_and_an_agent(backend: Backend) {
    let (service, known) = seeded(backend).await;
    keeps_its_word(&service, &known, &api_key("cornerstone"), &[]).await;
    let (service, known) = seeded(backend).await;
    let wanted = json!({"agent": {"id": "u-77", "name": "Maria Lopez"}, "clients": ["lead-10482"]});
    let token = service.post("/api/v1/agent-tokens", wanted).await.expect(200);
    let those = ["--include-tag", "Codes", "--include-tag", "Statuses"];
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
