//! Steps that many tests begin with: a client is told, a code asked for, read from the mail and typed.

use countersign::domain::id::TenantId;
use countersign::domain::tenant::Tenant;
use serde_json::{Value, json};
use std::sync::Arc;

use super::service::{Reply, Service, api_key};

/// Tells the client of `cornerstone`.
pub async fn put(service: &Service, client: &str, body: &Value) -> Reply {
    let path = format!("/api/v1/clients/{}", segment(client));
    service.call("PUT", &path, &api_key("cornerstone"), Some(body)).await
}

/// Reads the client of `cornerstone`.
pub async fn get(service: &Service, client: &str) -> Reply {
    service.get(&format!("/api/v1/clients/{}", segment(client))).await
}

/// Drops the client of `cornerstone`.
pub async fn delete(service: &Service, client: &str) -> Reply {
    let path = format!("/api/v1/clients/{}", segment(client));
    service.call("DELETE", &path, &api_key("cornerstone"), None).await
}

/// Asks for a code with the host's key.
pub async fn ask(service: &Service, client: &str, body: Value) -> Reply {
    service.post(&format!("/api/v1/clients/{}/codes", segment(client)), body).await
}

/// A code for this contact from the lead card.
pub async fn challenge(service: &Service, client: &str, contact: &str) -> Value {
    let agent = json!({"id": "u-77", "name": "Maria Lopez"});
    let body = json!({"contact": contact, "surface": "lead_card", "agent": agent});
    ask(service, client, body).await.expect(201)
}

/// What is done to a challenge: `resend`, `check`, `cancel`.
pub async fn act(service: &Service, challenge: &Value, verb: &str, body: Value) -> Reply {
    service.post(&format!("/api/v1/challenges/{}/{verb}", id(challenge)), body).await
}

/// The answer to a typed code.
pub async fn check(service: &Service, challenge: &Value, code: &str) -> Value {
    act(service, challenge, "check", json!({"code": code})).await.expect(200)
}

/// The challenge as it is now.
pub async fn again(service: &Service, challenge: &Value) -> Value {
    service.get(&format!("/api/v1/challenges/{}", id(challenge))).await.expect(200)
}

/// Asks, reads the code from the mail and types it.
pub async fn verify(service: &Service, client: &str, contact: &str) -> Value {
    let asked = challenge(service, client, contact).await;
    service.drain().await;
    let checked = check(service, &asked, &service.code()).await;
    assert_eq!(checked["result"], "verified", "{checked}");
    asked
}

/// The status of the client of `cornerstone`.
pub async fn status(service: &Service, client: &str) -> Value {
    service.get(&format!("/api/v1/clients/{}/status", segment(client))).await.expect(200)
}

/// A token of the agent `u-77` for these clients.
pub async fn token(service: &Service, clients: &[&str]) -> String {
    let agent = json!({"id": "u-77", "name": "Maria Lopez", "locale": "en"});
    let body = json!({"agent": agent, "clients": clients});
    let answer = service.post("/api/v1/agent-tokens", body).await.expect(200);
    answer["agent_token"].as_str().unwrap().to_owned()
}

/// The settings of a tenant as the service holds them.
pub fn settings(service: &Service, tenant: &str) -> Arc<Tenant> {
    let directory = service.app.desk().directory.get();
    Arc::clone(&directory.member(&TenantId::parse(tenant).unwrap()).unwrap().tenant)
}

/// The id of a challenge.
pub fn id(challenge: &Value) -> &str {
    challenge["id"].as_str().unwrap()
}

/// A host's id as one segment of a path.
pub fn segment(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}

/// Where the messages so far went, in alphabetical order.
pub fn destinations(service: &Service) -> Vec<String> {
    let mut reached: Vec<_> = service.mail().iter().map(|m| m["to"].as_str().unwrap().to_owned()).collect();
    reached.sort();
    reached
}
