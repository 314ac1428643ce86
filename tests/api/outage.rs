//! The database goes away and comes back: 503, nothing half-done, no help needed.

use serde_json::{Value, json};

use crate::database::{Backend, Database};
use crate::proxy::Proxy;
use crate::service::{Service, requested, ruiz};

/// A service whose database is at the other end of a wire, and the database itself.
async fn wired() -> (Service, Proxy, String) {
    let mut database = Database::create(Backend::Postgres).await;
    let direct = database.url.clone();
    let (_, rest) = direct.split_once('@').unwrap();
    let (server, name) = rest.split_once('/').unwrap();
    let proxy = Proxy::start(server.parse().unwrap()).await;
    database.url = format!("postgres://postgres@{}/{name}", proxy.address);
    let service = Service::with(database, &[]).await;
    service.webhook(&requested()).await.expect(200);
    (service, proxy, direct)
}

async fn rows(url: &str) -> Vec<i64> {
    let mut counts = Vec::new();
    for table in ["challenge", "message", "host_event", "audit", "inbound"] {
        counts.push(Database::count_at(url, &format!("select count(*) from {table}")).await);
    }
    counts.push(Database::count_at(url, "select max(version) from client").await);
    counts
}

fn asked() -> Value {
    json!({"contact": "c-1", "surface": "lead_card"})
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_is_gone_is_told_and_comes_back_by_itself() {
    let (service, proxy, direct) = wired().await;
    let before = rows(&direct).await;
    proxy.cut();
    let refused = service.post("/api/v1/clients/lead-10482/codes", asked()).await;
    assert_eq!(refused.header("retry-after"), Some("5"));
    let body = refused.json();
    assert!(body["id"].as_str().is_some_and(|id| id.len() == 16), "{body}");
    assert_eq!(body.as_object().unwrap().len(), 5, "an id and nothing of what happened: {body}");
    assert_eq!(refused.problem(503), "unavailable");
    assert_eq!(service.get("/api/v1/clients/lead-10482/status").await.problem(503), "unavailable");
    assert_eq!(service.call("GET", "/readyz", "", None).await.problem(503), "unavailable");
    service.call("GET", "/healthz", "", None).await.expect(200);
    proxy.restore();
    assert_eq!(rows(&direct).await, before);
    service.call("GET", "/readyz", "", None).await.expect(200);
    service.post("/api/v1/clients/lead-10482/codes", asked()).await.expect(201);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_whose_commit_never_arrives_leaves_nothing() {
    let (service, proxy, direct) = wired().await;
    let before = rows(&direct).await;
    proxy.cut_at("COMMIT");
    assert_eq!(service.post("/api/v1/clients/lead-10482/codes", asked()).await.problem(503), "unavailable");
    proxy.restore();
    assert_eq!(rows(&direct).await, before);
    proxy.cut_at("COMMIT");
    let again = requested();
    assert_eq!(service.webhook_as("cornerstone", "msg_cut", &again).await.problem(503), "unavailable");
    proxy.restore();
    assert_eq!(rows(&direct).await, before, "the webhook's id is not taken either");
    service.webhook_as("cornerstone", "msg_cut", &again).await.expect(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_check_whose_commit_never_arrives_is_no_free_try_and_no_answer() {
    let (service, proxy, direct) = wired().await;
    let challenge = service.post("/api/v1/clients/lead-10482/codes", asked()).await.expect(201);
    service.drain().await;
    let check = format!("/api/v1/challenges/{}/check", challenge["id"].as_str().unwrap());
    proxy.cut_at("COMMIT");
    let code = json!({"code": service.code()});
    assert_eq!(service.post(&check, code.clone()).await.problem(503), "unavailable");
    proxy.restore();
    let tries = Database::count_at(&direct, "select max(tries)::bigint from challenge").await;
    assert_eq!(tries, 0, "nothing was answered, and nothing was counted");
    assert_eq!(service.post(&check, code).await.expect(200)["result"], "verified");
    let put = ruiz();
    proxy.cut_at("COMMIT");
    let path = "/api/v1/clients/lead-10482";
    let key = crate::service::api_key("cornerstone");
    assert_eq!(service.call("PUT", path, &key, Some(&put)).await.problem(503), "unavailable");
    proxy.restore();
    service.get(path).await.expect(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_that_somebody_never_lets_go_holds_up_a_request_for_seconds_not_for_ever() {
    use sea_orm::{ConnectionTrait as _, TransactionTrait as _};
    let (service, _proxy, direct) = wired().await;
    let other = countersign::store::open(&direct.as_str().into()).await.unwrap();
    let held = other.begin().await.unwrap();
    held.execute_unprepared("select 1 from client for update").await.unwrap();
    assert_eq!(service.post("/api/v1/clients/lead-10482/codes", asked()).await.problem(503), "unavailable");
    service.get("/api/v1/clients/lead-10482/status").await.expect(200);
    held.rollback().await.unwrap();
    service.post("/api/v1/clients/lead-10482/codes", asked()).await.expect(201);
}
