//! `countersign demo`: one command, and everything works.

use std::net::TcpListener;

use serde_json::{Value, json};

use super::place::Place;
use super::process::Process;

/// Whether the demonstration's three ports are free; it has no others.
fn free() -> bool {
    let taken: Vec<_> =
        [8080, 9000, 9001].into_iter().filter(|p| TcpListener::bind(("127.0.0.1", *p)).is_err()).collect();
    if !taken.is_empty() {
        eprintln!("SKIPPED: the demonstration needs the ports {taken:?}, which something else holds");
    }
    taken.is_empty()
}

/// The CRM's server at work: it hears the pushes, asks for all statuses at once, and its buttons get a window, or the reason.
async fn the_crm_uses_the_service(crm: &Process) {
    let verified = |_: u16, body: &Value| {
        let rows = body["rows"].as_array().unwrap();
        rows.iter().any(|row| row["kind"] == "verification.verified" && row["older"] == false)
    };
    let received = crm.becomes("/received?lang=en", "", verified).await;
    assert_eq!((&received["totals"]["refused"], &received["totals"]["repeated"]), (&json!(0), &json!(0)));
    let (_, status) = crm.call("GET", "/status?lang=es", "", None).await;
    let rows = &status["rows"];
    assert_eq!(rows.as_object().unwrap().len(), 38);
    assert_eq!(rows["lead-10482"]["label"], "Sin verificar");
    assert_eq!(rows["se-118"]["tooltip"], "Southeast no usa la verificación.");
    let click =
        |client: &str| json!({"client": client, "surface": "enrollments", "agent": "u-77", "lang": "es"});
    let (code, answer) = crm.call("POST", "/verify", "", Some(&click("cg-5063"))).await;
    assert!(code == 200 && answer["window_url"].as_str().unwrap().contains("&surface=enrollments&lang=es"));
    let (code, answer) = crm.call("POST", "/verify", "", Some(&click("se-118"))).await;
    assert_eq!((code, &answer["code"]), (403, &json!("tenant_not_eligible")));
    let token = json!({"client": "cg-5063", "agent": "u-81", "lang": "en"});
    let (code, answer) = crm.call("POST", "/token", "", Some(&token)).await;
    assert!(code == 200 && answer["token"].as_str().unwrap().starts_with("cst_"), "{answer}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_demo_starts_from_nothing_and_verifies_a_client() {
    if !free() {
        return;
    }
    let place = Place::bare();
    let demo = Process::demo(&place).await;
    for address in ["http://127.0.0.1:9000/leads", "http://127.0.0.1:9001/", "http://127.0.0.1:8080"] {
        assert!(demo.said().contains(address), "{}", demo.said());
    }
    let tenants = std::fs::read_to_string(place.path("demo/tenants.toml")).unwrap();
    let master = std::fs::read_to_string(place.path("demo/master.key")).unwrap();
    let key = regex::Regex::new("csk_[A-Za-z0-9_]+").unwrap().find(&tenants).unwrap().as_str().to_owned();
    for secret in [key.as_str(), master.trim(), "whsec_"] {
        assert!(!demo.said().contains(secret), "{}", demo.said());
    }
    let mut pages = demo;
    for (page, word) in
        [("http://127.0.0.1:9000/leads", "Ruiz Landscaping LLC"), ("http://127.0.0.1:9001/", "<html")]
    {
        pages.base = page.to_owned();
        let (status, body) = pages.call("GET", "", "", None).await;
        assert!(status == 200 && body.as_str().unwrap().contains(word), "{page} {status}");
    }
    pages.base = "http://127.0.0.1:8080".to_owned();
    let demo = pages;
    let challenge = crate::tenants::ask(&demo, &key).await;
    let path = format!("/api/v1/challenges/{challenge}");
    demo.becomes(&path, &key, |_, body| body["messages"][0]["state"] == "sent").await;
    let file = std::fs::read_dir(place.path("demo/outbox")).unwrap().next().unwrap().unwrap().path();
    let mail: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let code = regex::Regex::new(r"\b\d{3} \d{3}\b")
        .unwrap()
        .find(mail["text"].as_str().unwrap())
        .unwrap()
        .as_str()
        .to_owned();
    let (_, checked) = demo.call("POST", &format!("{path}/check"), &key, Some(&json!({"code": code}))).await;
    assert_eq!(checked["result"], "verified");
    let mut demo = demo;
    demo.base = "http://127.0.0.1:9000".to_owned();
    the_crm_uses_the_service(&demo).await;
    demo.terminate();
    assert_eq!(demo.ended().await.code, 0);

    let again = Process::demo(&place).await;
    assert_eq!(
        std::fs::read_to_string(place.path("demo/tenants.toml")).unwrap(),
        tenants,
        "its secrets stay"
    );
    let (_, status) = again.call("GET", "/api/v1/clients/lead-1/status", &key, None).await;
    assert_eq!(status["state"], "verified");
    again.terminate();
    assert_eq!(again.ended().await.code, 0);
}
