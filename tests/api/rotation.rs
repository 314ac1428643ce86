//! Secrets and keys that change under way: what was made with the old one holds as long as it should.

use std::time::Duration;

use countersign::app::{App, Ports};
use countersign::config;
use countersign::domain::id::TenantId;
use countersign::host::signature::{self, WebhookSecret};
use countersign::ports::{FixedClock, FixedRandom};
use countersign::store::SecretPurpose;
use countersign::usecase::tenant::change_api_key::{create_api_key, revoke_api_key};
use countersign::usecase::tenant::rotate_secret::rotate_secret;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use crate::life::CLIENT;
use crate::on_both;
use crate::pin::{PIN, WRONG};
use crate::service::{PUSH_SECRET, Reply, Service, WEBHOOK_SECRET, api_key, master_key, requested, ruiz};

const OVERLAP: Duration = Duration::from_secs(3600);

fn cornerstone() -> TenantId {
    TenantId::parse("cornerstone").unwrap()
}

async fn signed(service: &Service, id: &str, secret: &str) -> Reply {
    let (body, seconds) = (requested().to_string(), service.clock_seconds());
    let secret = WebhookSecret::parse(secret).unwrap();
    let request = service.request("POST", "/webhooks/cornerstone").header("webhook-id", id);
    let request = request.header("webhook-timestamp", seconds.to_string());
    let request =
        request.header("webhook-signature", signature::sign(&[secret], id, seconds, body.as_bytes()));
    service.send(request.body(body)).await
}

fn token(answer: &Value) -> String {
    answer["agent_token"].as_str().unwrap().to_owned()
}

on_both! {
    async fn both_webhook_secrets_hold_for_the_overlap_and_then_the_new_one(service: Service) {
        let rotated = rotate_secret(service.app.desk(), &cornerstone(), SecretPurpose::Webhook, OVERLAP).await.unwrap();
        let new = rotated.expose_secret();
        service.advance(3599);
        let old = token(&signed(&service, "msg_1", WEBHOOK_SECRET).await.expect(200));
        let fresh = token(&signed(&service, "msg_2", new).await.expect(200));
        let status = format!("/api/v1/clients/{CLIENT}/status");
        for token in [&old, &fresh] {
            service.call("GET", &status, token, None).await.expect(200);
        }
        service.advance(1);
        assert_eq!(signed(&service, "msg_3", WEBHOOK_SECRET).await.problem(401), "unauthorized");
        assert_eq!(signed(&service, "msg_1", WEBHOOK_SECRET).await.problem(401), "unauthorized", "not even a repeat");
        signed(&service, "msg_4", new).await.expect(200);
        assert_eq!(service.call("GET", &status, &old, None).await.problem(401), "unauthorized", "a token dies with its secret");
        service.call("GET", &status, &fresh, None).await.expect(200);
    }
}

on_both! {
    async fn a_secret_rotated_twice_does_not_live_longer_for_it(service: Service) {
        let desk = service.app.desk();
        rotate_secret(desk, &cornerstone(), SecretPurpose::Webhook, Duration::from_secs(60)).await.unwrap();
        let last = rotate_secret(desk, &cornerstone(), SecretPurpose::Webhook, OVERLAP).await.unwrap();
        signed(&service, "msg_1", WEBHOOK_SECRET).await.expect(200);
        service.advance(60);
        assert_eq!(signed(&service, "msg_2", WEBHOOK_SECRET).await.problem(401), "unauthorized");
        rotate_secret(desk, &cornerstone(), SecretPurpose::Webhook, Duration::ZERO).await.unwrap();
        assert_eq!(signed(&service, "msg_3", last.expose_secret()).await.problem(401), "unauthorized", "at once");
    }
}

on_both! {
    async fn pushes_are_signed_with_both_secrets_for_the_overlap(service: Service) {
        let rotated = rotate_secret(service.app.desk(), &cornerstone(), SecretPurpose::Push, OVERLAP).await.unwrap();
        let (old, new) = (WebhookSecret::parse(PUSH_SECRET).unwrap(), WebhookSecret::parse(rotated.expose_secret()).unwrap());
        service.know(CLIENT).await.expect(201);
        let good = |secret: &WebhookSecret| {
            let push = service.host.pushes().pop().unwrap();
            let header = |name: &str| push.headers[name].clone();
            let (id, timestamp, signature) = (header("webhook-id"), header("webhook-timestamp"), header("webhook-signature"));
            let headers = signature::SignedHeaders { id: &id, timestamp: &timestamp, signature: &signature };
            signature::verify(std::slice::from_ref(secret), headers, &push.body, service.clock_seconds()).is_ok()
        };
        service.ask(CLIENT, "c-1").await.expect(201);
        service.drain().await;
        assert_eq!((good(&old), good(&new)), (true, true));
        service.clock.advance(OVERLAP);
        service.drain().await;
        assert_eq!(service.host.pushes().pop().unwrap().kind(), "verification.code_expired");
        assert_eq!((good(&old), good(&new)), (false, true));
    }
}

on_both! {
    async fn a_revoked_api_key_takes_its_tokens_with_it(service: Service) {
        let desk = service.app.desk();
        let twin = service.twin(service.now()).await;
        let (id, key) = create_api_key(desk, &cornerstone()).await.unwrap();
        let body = json!({"agent": {"id": "u-1"}, "clients": [CLIENT]});
        let made = service.call("POST", "/api/v1/agent-tokens", key.expose_secret(), Some(&body)).await.expect(200);
        let kept = service.post("/api/v1/agent-tokens", body.clone()).await.expect(200);
        let status = format!("/api/v1/clients/{CLIENT}/status");
        service.call("GET", &status, &token(&made), None).await.expect(200);
        let other = TenantId::parse("compeo").unwrap();
        revoke_api_key(desk, &other, &id).await.unwrap_err();
        revoke_api_key(desk, &cornerstone(), &id).await.unwrap();
        for dead in [key.expose_secret().to_owned(), token(&made)] {
            assert_eq!(service.call("GET", &status, &dead, None).await.problem(401), "unauthorized");
        }
        service.call("GET", &status, &token(&kept), None).await.expect(200);
        twin.app.beat().await.unwrap();
        let other = twin.app.desk().directory.get();
        assert!(other.by_api_key(key.expose_secret()).is_none(), "another process knows within a beat");
        assert!(!other.is_live(&cornerstone(), id.as_str(), service.now()));
    }
}

/// Stops the service and starts it with another master key, and the old ones.
pub async fn restarted(service: Service, current: u8, old: &[u8]) -> Service {
    let (app, database) = service.stop().await;
    drop(app);
    let old = old.iter().map(|first| master_key(*first)).collect::<Vec<_>>().join(",");
    let keys = [
        ("COUNTERSIGN_SECRETS__MASTER_KEY", master_key(current)),
        ("COUNTERSIGN_SECRETS__OLD_MASTER_KEYS", old),
    ];
    Service::with(database.renumbered(), &keys.each_ref().map(|(name, value)| (*name, value.as_str()))).await
}

on_both! {
    async fn an_old_master_key_still_opens_what_it_made(service: Service) {
        let answer = service.webhook_as("cornerstone", "msg_1", &requested()).await;
        let (made, first) = (token(&answer.json()), answer.text);
        let (challenge, code) = service.code_for(CLIENT, "c-1").await;
        let report = service.mail().iter().find_map(|m| m["report_url"].as_str().map(str::to_owned)).unwrap();
        let report = format!("/callbacks{}", report.split_once("/callbacks").unwrap().1.replace("%d", "1"));
        service.know("lead-2").await.expect(201);
        service.ask("lead-2", "c-1").await.expect(201);

        let service = restarted(service, 40, &[1]).await;
        assert_eq!(service.webhook_as("cornerstone", "msg_1", &requested()).await.text, first);
        assert_eq!(service.get(&format!("/api/v1/clients/{CLIENT}")).await.expect(200)["contacts"], ruiz()["contacts"]);
        service.call("POST", &report, "", None).await.expect(204);
        let check = format!("/api/v1/challenges/{challenge}/check");
        let answer = service.call("POST", &check, &made, Some(&json!({"code": code}))).await.expect(200);
        assert_eq!(answer["result"], "verified", "by an old token, with an old code");
        service.drain().await;
        assert_eq!(service.mail().len(), 2, "what was queued before is sent");
        assert!(service.pushed("verification.code_sent") >= 1 && service.pushed("verification.verified") == 1);
    }
}

on_both! {
    async fn after_the_rotation_the_old_master_key_may_go(service: Service) {
        service.webhook_as("cornerstone", "msg_1", &requested()).await.expect(200);
        service.know("lead-2").await.expect(201);
        let (challenge, code) = service.code_for("lead-2", "c-1").await;
        service.checked(&challenge, &code).await;
        let (open, code) = service.code_for(CLIENT, "c-1").await;
        let (database, url) = (service.database.backend, service.database.url.clone());
        let service = restarted(service, 40, &[1]).await;
        assert!(service.app.desk().store.rotate_seals().await.unwrap() > 8);
        assert_eq!(service.app.desk().store.rotate_seals().await.unwrap(), 0, "and nothing is left to do");
        assert_eq!((database, &url), (service.database.backend, &service.database.url));

        let service = restarted(service, 40, &[]).await;
        assert_eq!(service.get(&format!("/api/v1/clients/{CLIENT}")).await.expect(200)["contacts"], ruiz()["contacts"]);
        assert_eq!(service.status("lead-2").await["state"], "verified");
        service.webhook_as("cornerstone", "msg_2", &requested()).await.expect(200);
        service.get(&format!("/api/v1/challenges/{challenge}")).await.expect(200);
        let answer = service.check(&open, &code).await;
        assert_eq!(answer.problem(500), "internal", "a code whose key is gone cannot be checked");
        assert_eq!(service.stored(&open).await.tries, 0);
        service.advance(30);
        service.drain().await;
        let (challenge, code) = service.code_for(CLIENT, "c-1").await;
        assert_eq!(service.checked(&challenge, &code).await["result"], "verified");
    }
}

on_both! {
    async fn without_the_old_master_key_the_service_says_which_one_is_missing(service: Service) {
        let missing = service.app.desk().store.vault().ring.current().id.to_string();
        let file = service.dir.path().join("other.toml");
        std::fs::write(&file, "").unwrap();
        let environment = [("COUNTERSIGN_DATABASE__URL", service.database.url.clone()), ("COUNTERSIGN_SECRETS__MASTER_KEY", master_key(40))];
        let settings = config::load(Some(&file), environment.map(|(name, value)| (name.to_owned(), value))).unwrap();
        let ports = Ports {
            clock: std::sync::Arc::new(FixedClock::at(service.now())),
            random: std::sync::Arc::new(FixedRandom::seeded(1)),
        };
        let error = App::build(settings, ports).await.err().expect("it does not start").to_string();
        assert!(error.contains(&missing) && error.contains("master key"), "{error}");
        assert!(!error.contains(&master_key(40)) && !error.contains(WEBHOOK_SECRET));
    }
}

on_both! {
    async fn a_raised_epoch_ends_every_open_code(service: Service) {
        let (challenge, code) = service.code_out().await;
        service.know("lead-2").await.expect(201);
        let queued = service.ask("lead-2", "c-1").await.expect(201)["id"].as_str().unwrap().to_owned();
        service.know("lead-3").await.expect(201);
        service.advance(30);
        let tx = service.app.desk().store.begin().await.unwrap();
        tx.raise("epoch").await.unwrap();
        tx.commit().await.unwrap();
        service.app.beat().await.unwrap();
        assert_eq!(service.checked(&challenge, &code).await, json!({"result": "expired"}));
        assert_eq!(service.post(&format!("/api/v1/challenges/{challenge}/resend"), json!({})).await.problem(409), "challenge_over");
        assert_eq!(service.get(&format!("/api/v1/challenges/{queued}")).await.expect(200)["state"], "expired");
        let before = service.mail().len();
        service.drain().await;
        assert_eq!(service.mail().len(), before, "a code that is over is not sent");
        let (fresh, right) = service.code_for(CLIENT, "c-1").await;
        assert_eq!(service.checked(&fresh, &right).await["result"], "verified");
        assert_eq!(service.checked(&challenge, &code).await["result"], "superseded");
    }
}

on_both! {
    async fn who_wants_no_texts_is_known_under_every_master_key(service: Service) {
        let tenant = cornerstone();
        let ana = "+13055550142";
        let reply = async |service: &Service, text: &str| {
            let desk = service.app.desk();
            let said = countersign::domain::reply::read(text);
            countersign::usecase::message::hear_reply::hear_reply(desk, &tenant, ana, said, "test").await.unwrap()
        };
        let by_text = async |service: &Service| {
            service.advance(60);
            let body = json!({"contact": "c-1", "surface": "lead_card", "channels": ["sms"]});
            service.post(&format!("/api/v1/clients/{CLIENT}/codes"), body).await
        };
        service.know(CLIENT).await.expect(201);
        assert!(reply(&service, "STOP").await.is_some());
        let service = restarted(service, 40, &[1]).await;
        assert!(reply(&service, "stop").await.is_none(), "known already, by the key before");
        by_text(&service).await.expect(201);
        service.drain().await;
        assert!(service.mail().is_empty(), "looked at under every key before it is sent");
        service.app.desk().store.rotate_seals().await.unwrap();
        assert_eq!(service.app.desk().store.rotate_seals().await.unwrap(), 0, "and nothing is left to do");
        assert_eq!(service.database.count("select count(*) from opt_out").await, 1);
        let service = restarted(service, 40, &[]).await;
        assert_eq!(by_text(&service).await.problem(422), "contact_unreachable");
        reply(&service, "START").await;
        by_text(&service).await.expect(201);
        assert_eq!(service.database.count("select count(*) from opt_out").await, 0);
    }
}

on_both! {
    async fn a_pin_moves_to_the_new_master_key_when_it_is_next_right(service: Service) {
        service.with_pin().await;
        let mut list = ruiz();
        list["contacts"][0]["email"] = json!("other@ruiz-landscaping.example");
        let path = format!("/api/v1/clients/{CLIENT}");
        service.call("PUT", &path, &api_key("cornerstone"), Some(&list)).await.expect(200);
        service.advance(30);
        let link = service.link("c-2").await;
        let hash = service.database.texts("select hash from pin").await;

        let service = restarted(service, 40, &[1]).await;
        let store = &service.app.desk().store;
        assert_eq!(store.pins_of_old_keys().await.unwrap(), 1);
        assert_eq!(service.said(WRONG).await["result"], "incorrect");
        assert_eq!(store.pins_of_old_keys().await.unwrap(), 1, "a wrong one moves nothing");
        assert_eq!(service.said(PIN).await["result"], "verified");
        assert_eq!(store.pins_of_old_keys().await.unwrap(), 0);
        assert_ne!(service.database.texts("select hash from pin").await, hash);
        service.app.desk().store.rotate_seals().await.unwrap();
        assert_eq!(service.app.desk().store.rotate_seals().await.unwrap(), 0, "and nothing is left to do");
        service.set(&link, WRONG).await.unwrap();
        service.drain().await;
        let told = service.mail();
        assert!(told.iter().any(|mail| mail["to"] == "ana@ruiz-landscaping.example"), "sealed anew, and found again");

        let service = restarted(service, 40, &[]).await;
        assert_eq!(service.said(WRONG).await["result"], "verified");
    }
}

on_both! {
    async fn a_pin_whose_master_key_is_gone_costs_no_try(service: Service) {
        service.with_pin().await;
        let service = restarted(service, 40, &[1]).await;
        service.app.desk().store.rotate_seals().await.unwrap();
        let service = restarted(service, 40, &[]).await;
        for _ in 0..6 {
            assert_eq!(service.said(PIN).await["result"], "locked");
        }
        assert_eq!(service.database.count("select count(*) from pin where tries > 0").await, 0);
        let service = restarted(service, 40, &[1]).await;
        assert_eq!(service.said(PIN).await["result"], "verified");
    }
}
