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

/// The CRM's server at work: it hears the pushes, and its buttons get tokens for all rows and for one client, or the reason.
async fn the_crm_uses_the_service(crm: &Process) {
    let verified = |_: u16, body: &Value| {
        let rows = body["rows"].as_array().unwrap();
        rows.iter().any(|row| row["kind"] == "verification.verified" && row["older"] == false)
    };
    let received = crm.becomes("/received?lang=en", "", verified).await;
    assert_eq!((&received["totals"]["refused"], &received["totals"]["repeated"]), (&json!(0), &json!(0)));
    let wish = |tenant: &str, client: Option<&str>| {
        let surface = client.map(|_| "enrollments");
        json!({"tenant": tenant, "client": client, "surface": surface, "agent": "u-77", "lang": "es"})
    };
    for client in [None, Some("cg-5063")] {
        let (code, answer) = crm.call("POST", "/token", "", Some(&wish("coguardhr", client))).await;
        assert!(code == 200 && answer["token"].as_str().unwrap().starts_with("cst_"), "{client:?} {answer}");
        let (_, answer) =
            crm.call("POST", "/token", "", Some(&wish("southeast", client.map(|_| "se-118")))).await;
        assert_eq!((&answer["status"], &answer["code"]), (&json!(403), &json!("tenant_not_eligible")));
        assert_eq!(answer["title"], "Southeast no usa la verificación.");
    }
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
    #[cfg(unix)]
    for file in ["countersign.db", "countersign.db-wal", "countersign.db-shm", "tenants.toml", "master.key"] {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(place.path(&format!("demo/{file}"))).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
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
