//! `GET /api/v1/openapi.json` and `GET /api/v1/docs`: the document, and that it says what the routes do.

use std::collections::{BTreeMap, BTreeSet};

use countersign::domain::challenge::{self, Verdict};
use countersign::domain::channel::Channel;
use countersign::domain::client::{Assurance, Method};
use countersign::domain::event::EventType;
use countersign::domain::guest;
use countersign::domain::locale::Locale;
use countersign::domain::login;
use countersign::domain::message::{MessageState, Purpose};
use countersign::domain::page::EVENT_STATES;
use countersign::domain::pin::tries;
use countersign::domain::session::SessionState;
use countersign::domain::status::{self, PinState, Requirement, Tone};
use countersign::domain::surface::Surface;
use serde_json::{Value, json};

use crate::database::Backend;
use crate::service::{Service, api_key};

const METHODS: [&str; 7] = ["GET", "PUT", "POST", "DELETE", "PATCH", "HEAD", "OPTIONS"];

async fn document(service: &Service) -> Value {
    service.call("GET", "/api/v1/openapi.json", "", None).await.expect(200)
}

/// Every operation with its path and method.
fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let paths = document["paths"].as_object().unwrap();
    let all = paths.iter().flat_map(|(path, methods)| {
        let methods = methods.as_object().unwrap();
        methods.iter().map(|(method, operation)| (path.clone(), method.to_uppercase(), operation.clone()))
    });
    all.collect()
}

/// Every value under that key, however deep.
fn under<'a>(value: &'a Value, key: &str, found: &mut Vec<&'a Value>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                if name == key {
                    found.push(member);
                }
                under(member, key, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| under(item, key, found)),
        _ => {}
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn document_and_page_need_no_key_and_are_sent_once() {
    let service = Service::start(Backend::Sqlite).await;
    for (path, kind) in
        [("/api/v1/openapi.json", "application/json"), ("/api/v1/docs", "text/html; charset=utf-8")]
    {
        let first = service.call("GET", path, "", None).await;
        assert_eq!((first.status, first.header("content-type")), (200, Some(kind)), "{path}");
        let tag = first.header("etag").unwrap().to_owned();
        let again = service.send(service.request("GET", path).header("if-none-match", tag)).await;
        assert_eq!((again.status, again.text.as_str()), (304, ""), "{path}");
    }
    let document = document(&service).await;
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["servers"], json!([{"url": "http://127.0.0.1:8080"}]));
    assert_eq!(document["info"]["version"], env!("CARGO_PKG_VERSION"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_route_takes_just_the_methods_that_are_in_the_document() {
    let service = Service::start(Backend::Sqlite).await;
    let mut known = BTreeMap::<String, BTreeSet<String>>::new();
    for (path, method, _) in operations(&document(&service).await) {
        known.entry(path).or_default().insert(method);
    }
    assert!(known.len() > 15);
    for (path, methods) in &known {
        let address = path.replace("{tenant}", "cornerstone").replace("{client}", "k").replace("{id}", "x");
        for method in METHODS {
            let answer = service.call(method, &address, "", None).await;
            assert_eq!(answer.status == 405, !methods.contains(method), "{method} {path}: {}", answer.text);
            if answer.status == 405 {
                let allowed: BTreeSet<_> =
                    answer.header("allow").unwrap().split(", ").map(str::to_owned).collect();
                assert_eq!(&allowed, methods, "{path}");
                if method != "HEAD" {
                    assert_eq!(answer.problem(405), "method_not_allowed");
                }
            } else {
                assert!(!answer.text.contains("there is no such address"), "{method} {path}");
            }
        }
    }
    let unknown = service.get("/api/v1/nothing").await;
    assert_eq!(unknown.problem(404), "not_found");
}

/// A route that is registered by hand would be in the service and not in the document.
#[test]
fn no_route_of_the_api_is_registered_but_with_its_description() {
    let table = include_str!("../../src/http/api/mod.rs");
    let webhook = include_str!("../../src/http/webhook/mod.rs");
    for (name, text) in [("api", table), ("webhook", webhook)] {
        for word in [".route(", ".service(", "web::resource", "ServiceConfig"] {
            assert!(!text.contains(word), "{name} registers by {word}");
        }
    }
    assert_eq!(table.matches("Endpoint::").count() + webhook.matches("Endpoint::").count(), 56);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_set_of_words_is_the_domains_own() {
    let service = Service::start(Backend::Sqlite).await;
    let document = document(&service).await;
    let told = [
        ("Surface", json!(Surface::ALL)),
        ("Channel", json!(Channel::ALL)),
        ("Locale", json!(Locale::ALL)),
        ("StatusState", json!(status::State::ALL)),
        ("ButtonTone", json!(Tone::ALL)),
        ("PinState", json!(PinState::ALL)),
        ("Requirement", json!(Requirement::ALL)),
        ("SigningState", json!(guest::SigningState::ALL)),
        ("ParticipantState", json!(guest::ParticipantState::ALL)),
        ("SessionState", json!(SessionState::ALL)),
        ("ProofMethod", json!(guest::Method::ALL)),
        ("UserState", json!(login::UserState::ALL)),
        ("LoginDecision", json!(login::Decision::ALL)),
        ("LoginMethod", json!(login::Method::ALL)),
        ("Method", json!(Method::ALL)),
        ("Assurance", json!(Assurance::ALL)),
        ("ChallengeState", json!(challenge::State::ALL)),
        ("MessageState", json!(MessageState::ALL)),
        ("Purpose", json!(Purpose::ALL)),
        ("PinCheckResult", json!(tries::Verdict::ALL.map(tries::Verdict::as_str))),
        ("CheckResult", json!(Verdict::ALL.map(Verdict::as_str))),
        ("EventType", json!(EventType::ALL.map(EventType::as_str))),
        ("EventState", json!(EVENT_STATES)),
    ];
    let schemas = document["components"]["schemas"].as_object().unwrap();
    for (name, words) in &told {
        assert_eq!(&schemas[*name]["enum"], words, "{name}");
    }
    let mut named: BTreeSet<_> = told.iter().map(|(name, _)| *name).collect();
    named.extend(["ErrorCode", "ActorKind"]);
    for (name, schema) in schemas {
        let mut sets = Vec::new();
        under(schema, "enum", &mut sets);
        assert!(
            sets.is_empty() || named.contains(name.as_str()) || name == "Webhook",
            "{name} has words of its own"
        );
    }
    let pushes: BTreeSet<_> = document["webhooks"].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(pushes, EventType::ALL.into_iter().map(EventType::as_str).collect());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_document_is_whole() {
    let service = Service::start(Backend::Sqlite).await;
    let document = document(&service).await;
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let mut references = Vec::new();
    under(&document, "$ref", &mut references);
    let named = |reference: &Value| reference.as_str().unwrap().replace("#/components/schemas/", "");
    let used: BTreeSet<_> = references.into_iter().map(named).collect();
    for name in &used {
        assert!(schemas.contains_key(name), "{name} is nowhere");
    }
    let tags: BTreeSet<_> =
        document["tags"].as_array().unwrap().iter().map(|tag| tag["name"].clone().to_string()).collect();
    let mut ids = BTreeSet::new();
    for (path, method, operation) in operations(&document) {
        let place = format!("{method} {path}");
        assert!(ids.insert(operation["operationId"].to_string()), "{place}: two by one id");
        assert!(
            !operation["summary"].as_str().unwrap().ends_with('.') && operation["description"].is_string(),
            "{place}"
        );
        assert!(tags.contains(&operation["tags"][0].to_string()), "{place}");
        let responses = operation["responses"].as_object().unwrap();
        let guarded = operation.get("security").is_some_and(|known| !known.as_array().unwrap().is_empty());
        assert_eq!(responses.contains_key("401"), guarded, "{place}");
        assert_eq!(responses.contains_key("413"), operation.get("requestBody").is_some(), "{place}");
        for (status, response) in responses {
            let waits = matches!(status.as_str(), "429" | "503");
            assert_eq!(response["headers"].get("Retry-After").is_some(), waits, "{place} {status}");
            let problem = response["content"].get("application/problem+json").is_some();
            assert_eq!(problem, status.as_str() >= "400", "{place} {status}");
        }
    }
}

/// What is left out is never null: an answer's schema says so.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_answer_has_a_null() {
    let service = Service::start(Backend::Sqlite).await;
    let document = document(&service).await;
    for name in [
        "Status",
        "Challenge",
        "Message",
        "Check",
        "Verification",
        "Client",
        "ListedContact",
        "Event",
        "SentMessage",
        "AuditEntry",
        "Problem",
        "WebhookAnswer",
        "MessageNews",
    ] {
        let schema = &document["components"]["schemas"][name];
        assert!(schema["properties"].is_object(), "{name} is not there");
        assert!(!schema.to_string().contains("\"null\""), "{name}: {schema}");
    }
}

/// A client that reads every member of a body by its place, as a list, is told that it is no object.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_is_no_object() {
    let service = Service::start(Backend::Sqlite).await;
    let contacts = json!([["c-1", "Ana Ruiz", "owner", "ana@ruiz.example"]]);
    let bodies = [
        ("PUT", "/api/v1/clients/k", json!(["Ruiz", null, []]), "the body: expected an object"),
        (
            "PUT",
            "/api/v1/clients/k",
            json!({"name": "Ruiz", "contacts": contacts}),
            "contacts[0]: expected an object",
        ),
        ("POST", "/api/v1/clients/k/unlock", json!([null, null]), "the body: expected an object"),
        (
            "POST",
            "/api/v1/clients/k/unlock",
            json!({"agent": ["u-77", "Maria"]}),
            "agent: expected an object",
        ),
        ("POST", "/api/v1/agent-tokens", json!({"agent": ["u-77"]}), "agent: expected an object"),
    ];
    for (method, path, body, detail) in bodies {
        let answer = service.call(method, path, &api_key("cornerstone"), Some(&body)).await.expect(400);
        assert_eq!(
            (&answer["code"], &answer["detail"]),
            (&json!("invalid_request"), &json!(detail)),
            "{body}"
        );
    }
    let webhook =
        json!({"type": "client.removed", "timestamp": "2026-11-20T15:04:05Z", "data": {"client": ["k"]}});
    assert_eq!(service.webhook(&webhook).await.expect(400)["detail"], "data.client: expected an object");
    let webhook =
        json!({"type": "client.removed", "timestamp": "2026-11-20T15:04:05Z", "data": [{"id": "k"}]});
    assert_eq!(service.webhook(&webhook).await.expect(400)["detail"], "data: expected an object");
}
