//! Pushes to the host: every event once, signed, and nothing in them that should stay inside.

mod retry;
mod together;
mod trouble;

use countersign::domain::audit::Origin;
use countersign::domain::id::{ChallengeId, ClientId, TenantId};
use countersign::host::signature::{SignedHeaders, WebhookSecret, verify};
use countersign::usecase::client::report_code::report_code;
use serde_json::{Value, json};

use crate::code::wrong;
use crate::on_both;
use crate::receiver::Push;
use crate::service::{PUSH_SECRET, Service, api_key, requested, ruiz, tenant};

const CODES: &str = "/api/v1/clients/lead-10482/codes";
const STATUS: &str = "/api/v1/clients/lead-10482/status";

/// The client of the examples, told and nothing else.
async fn told(service: &Service) {
    let path = "/api/v1/clients/lead-10482";
    service.call("PUT", path, &api_key("cornerstone"), Some(&ruiz())).await.expect(201);
}

/// A fresh code, by email unless said otherwise. Gives the challenge's id.
async fn ask(service: &Service) -> String {
    let agent = json!({"id": "u-77", "name": "Maria Lopez"});
    let body = json!({"contact": "c-1", "surface": "lead_card", "channels": ["email"], "agent": agent});
    let challenge = service.post(CODES, body).await.expect(201);
    challenge["id"].as_str().unwrap().to_owned()
}

async fn check(service: &Service, challenge: &str, code: &str) -> Value {
    let agent = json!({"id": "u-77", "name": "Maria Lopez"});
    let path = format!("/api/v1/challenges/{challenge}/check");
    service.post(&path, json!({"code": code, "agent": agent})).await.expect(200)
}

/// Whether the three headers fit the body, by the host's secret and the time it came.
fn genuine(push: &Push, seconds: i64) -> bool {
    let header = |name: &str| push.headers[name].as_str();
    let signed = SignedHeaders {
        id: header("webhook-id"),
        timestamp: header("webhook-timestamp"),
        signature: header("webhook-signature"),
    };
    let secret = WebhookSecret::parse(PUSH_SECRET).unwrap();
    verify(&[secret], signed, &push.body, seconds).is_ok()
}

/// Posts what is due and gives what came, each checked as a host would.
async fn posted(service: &Service) -> Vec<Value> {
    let before = service.host.pushes().len();
    service.drain().await;
    let came = service.host.pushes().split_off(before);
    let mut ids: Vec<_> = came.iter().map(|push| push.headers["webhook-id"].clone()).collect();
    for push in &came {
        assert!(genuine(push, service.clock_seconds()), "{push:?}");
        assert_eq!(push.headers["content-type"], "application/json");
        assert_eq!(push.headers["webhook-timestamp"], service.clock_seconds().to_string());
        let id = push.headers["webhook-id"].strip_prefix("evt_").unwrap();
        assert!(!id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric()), "{id}");
    }
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), came.len(), "an id that is there twice");
    came.iter().map(Push::json).collect()
}

/// The status as the host could read it now, with the challenge an event is about.
async fn status_of(service: &Service, challenge: &str) -> Value {
    let mut status = service.get(STATUS).await.expect(200);
    status["challenge"] = json!(challenge);
    status
}

/// Asserts that exactly these events were posted now, each with the status of this moment.
async fn expect(service: &Service, kinds: &[&str], challenge: &str) {
    let data = status_of(service, challenge).await;
    let at = service.now();
    let expected: Vec<_> = kinds.iter().map(|k| json!({"type": k, "timestamp": at, "data": data})).collect();
    let mut came = posted(service).await;
    // Of what happens at the same moment none is promised to come first.
    came.sort_by_key(|event| event["type"].to_string());
    assert_eq!(came, expected);
    assert_eq!(posted(service).await, Vec::<Value>::new(), "posted a second time");
}

on_both! {
    async fn a_code_that_is_sent_missed_and_right_is_told_step_by_step(service: Service) {
        told(&service).await;
        let challenge = ask(&service).await;
        expect(&service, &["verification.code_sent"], &challenge).await;
        let code = service.code();
        check(&service, &challenge, &wrong(&code)).await;
        expect(&service, &["verification.failed"], &challenge).await;
        service.advance(30);
        service.post(&format!("/api/v1/challenges/{challenge}/resend"), json!({})).await.expect(200);
        expect(&service, &["verification.code_sent"], &challenge).await;
        check(&service, &challenge, &code).await;
        expect(&service, &["verification.verified"], &challenge).await;
        service.advance(3600);
        expect(&service, &["verification.expired"], &challenge).await;
    }
}

on_both! {
    async fn a_code_that_ends_otherwise_is_told_too(service: Service) {
        told(&service).await;
        let challenge = ask(&service).await;
        expect(&service, &["verification.code_sent"], &challenge).await;
        service.advance(600);
        expect(&service, &["verification.code_expired"], &challenge).await;

        let challenge = ask(&service).await;
        expect(&service, &["verification.code_sent"], &challenge).await;
        service.post(&format!("/api/v1/challenges/{challenge}/cancel"), json!({})).await.expect(200);
        expect(&service, &["verification.cancelled"], &challenge).await;
    }
}

on_both! {
    async fn the_last_wrong_try_is_told_as_a_failure_and_a_lock(service: Service) {
        service.policy(json!({"tries": 3})).await;
        told(&service).await;
        let challenge = ask(&service).await;
        posted(&service).await;
        let miss = wrong(&service.code());
        for _ in 0..2 {
            check(&service, &challenge, &miss).await;
            expect(&service, &["verification.failed"], &challenge).await;
        }
        assert_eq!(check(&service, &challenge, &miss).await["tries_left"], 0);
        expect(&service, &["verification.failed", "verification.locked"], &challenge).await;
        check(&service, &challenge, &miss).await;
        assert_eq!(posted(&service).await, Vec::<Value>::new());
    }
}

on_both! {
    async fn a_revoked_and_a_reported_verification_are_told(service: Service) {
        told(&service).await;
        let challenge = ask(&service).await;
        posted(&service).await;
        check(&service, &challenge, &service.code()).await;
        expect(&service, &["verification.verified"], &challenge).await;
        service.post(&format!("{STATUS}/revoke"), json!({})).await.expect(200);
        expect(&service, &["verification.revoked"], &challenge).await;

        service.advance(60);
        let challenge = ask(&service).await;
        expect(&service, &["verification.code_sent"], &challenge).await;
        let (tenant, client) =
            (TenantId::parse("cornerstone").unwrap(), ClientId::parse("lead-10482").unwrap());
        let member = service.app.desk().directory.get().member(&tenant).unwrap().clone();
        let id = ChallengeId::parse(&challenge).unwrap();
        report_code(service.app.desk(), &member.tenant, &client, &id, Origin::service("test")).await.unwrap();
        let reported = status_of(&service, &challenge).await;
        assert_eq!(reported["state"], "reported");
        expect(&service, &["verification.cancelled", "verification.reported"], &challenge).await;
    }
}

on_both! {
    async fn what_became_of_a_message_is_told_with_its_client_and_challenge(service: Service) {
        let gateway = crate::receiver::Receiver::start().await;
        gateway.answer("sms", 400, &[]);
        let service = crate::messages::by_gateway(&service, &gateway).await;
        told(&service).await;
        let body = json!({"contact": "c-1", "surface": "lead_card", "channels": ["sms"]});
        let challenge = service.post(CODES, body).await.expect(201);
        let told = posted(&service).await;
        let failed = told.iter().find(|event| event["type"] == "message.failed").unwrap();
        let message = json!({"id": challenge["messages"][0]["id"], "channel": "sms", "state": "failed", "detail": "rejected"});
        let data = json!({"client": "lead-10482", "challenge": challenge["id"], "message": message});
        assert_eq!(*failed, json!({"type": "message.failed", "timestamp": service.now(), "data": data}));
        assert_eq!(told.len(), 2, "{told:?}");
    }
}

on_both! {
    async fn a_host_that_has_nowhere_to_be_told_loses_nothing(service: Service) {
        let mut settings = tenant("quiet", "");
        settings.as_object_mut().unwrap().remove("callback_url");
        service.apply("quiet", settings).await;
        let key = api_key("quiet");
        service.call("PUT", "/api/v1/clients/lead-10482", &key, Some(&ruiz())).await.expect(201);
        let body = json!({"contact": "c-1", "surface": "lead_card"});
        service.call("POST", CODES, &key, Some(&body)).await.expect(201);
        service.drain().await;
        assert!(service.host.pushes().is_empty());
        let quiet = TenantId::parse("quiet").unwrap();
        let kept = service.app.desk().store.of(&quiet).recent_events(9).await.unwrap();
        assert_eq!(kept, [("verification.code_sent".to_owned(), "parked".to_owned(), 1)]);
        service.advance(400);
        service.drain().await;
        assert_eq!(service.mail().len(), 2, "the code went out all the same");
    }
}

on_both! {
    async fn no_push_carries_a_code_an_address_or_a_number(service: Service) {
        let token = service.webhook(&requested()).await.expect(200)["agent_token"].as_str().unwrap().to_owned();
        let body = json!({"contact": "c-1", "surface": "lead_card"});
        let challenge = service.call("POST", CODES, &token, Some(&body)).await.expect(201);
        service.drain().await;
        let (challenge, code) = (challenge["id"].as_str().unwrap(), service.code());
        check(&service, challenge, &wrong(&code)).await;
        check(&service, challenge, &code).await;
        service.post(&format!("{STATUS}/revoke"), json!({})).await.expect(200);
        service.drain().await;
        let pushes = service.host.pushes();
        assert_eq!(pushes.len(), 4);
        let spaced = format!("{} {}", &code[..3], &code[3..]);
        for push in pushes {
            let all = format!("{:?} {}", push.headers, String::from_utf8(push.body.clone()).unwrap());
            for secret in [code.as_str(), &spaced, &wrong(&code), "@", "3055550142", "555-0142", &token] {
                assert!(!all.contains(secret), "{secret} in {all}");
            }
        }
    }
}
