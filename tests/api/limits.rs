//! How often a code may be sent: by contact, by destination, by the tenant's own numbers.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::code::wrong;
use crate::on_both;
use crate::service::{Reply, Service, api_key, ruiz};
use crate::steps::{act, again, ask, challenge, check, destinations, put, status};

fn wanted(contact: &str) -> Value {
    json!({"contact": contact, "surface": "lead_card"})
}

/// The refusal with its `Retry-After`.
#[track_caller]
fn limited(reply: Reply, code: &str) -> (String, Value) {
    let wait = reply.header("retry-after").unwrap_or_default().to_owned();
    let problem = reply.expect(429);
    assert_eq!(problem["code"], code, "{problem}");
    (wait, problem)
}

on_both! {
    async fn the_next_code_waits_thirty_seconds_and_the_live_one_is_named(service: Service) {
        put(&service, "k", &ruiz()).await.expect(201);
        let asked = challenge(&service, "k", "c-1").await;
        assert_eq!(asked["resend_at"], "2026-11-20T15:04:35Z");
        for (waited, wait) in [(0, "30"), (1, "29"), (28, "1")] {
            service.advance(waited);
            let (retry_after, problem) = limited(ask(&service, "k", wanted("c-1")).await, "too_soon");
            assert_eq!((retry_after.as_str(), &problem["challenge"]), (wait, &asked["id"]));
            limited(act(&service, &asked, "resend", json!({})).await, "too_soon");
        }
        service.clock.advance(std::time::Duration::from_millis(999));
        assert_eq!(limited(ask(&service, "k", wanted("c-1")).await, "too_soon").0, "1", "a started second counts whole");
        assert_eq!(again(&service, &asked).await["state"], "active", "a refusal changes nothing");
        service.clock.advance(std::time::Duration::from_millis(1));
        ask(&service, "k", wanted("c-1")).await.expect(201);
        service.drain().await;
        assert_eq!(service.mail().len(), 2, "only what was allowed was sent");
    }
}

on_both! {
    async fn the_sixth_send_within_fifteen_minutes_is_too_many_however_it_is_asked_for(service: Service) {
        put(&service, "k", &ruiz()).await.expect(201);
        let mut asked = challenge(&service, "k", "c-1").await;
        for send in 2..=5 {
            service.advance(40);
            if send % 2 == 0 {
                act(&service, &asked, "resend", json!({"channel": "sms"})).await.expect(200);
            } else {
                asked = challenge(&service, "k", "c-1").await;
            }
        }
        service.advance(40);
        let (wait, problem) = limited(ask(&service, "k", wanted("c-1")).await, "too_many_sends");
        assert_eq!((wait.as_str(), problem.get("challenge")), ("700", None));
        assert_eq!(limited(act(&service, &asked, "resend", json!({})).await, "too_many_sends").0, "700");
        service.advance(699);
        assert_eq!(limited(ask(&service, "k", wanted("c-1")).await, "too_many_sends").0, "1");
        service.advance(1);
        ask(&service, "k", wanted("c-1")).await.expect(201);
        service.advance(30);
        assert_eq!(limited(ask(&service, "k", wanted("c-1")).await, "too_many_sends").0, "10", "the second send leaves the window next");
    }
}

on_both! {
    async fn limits_count_for_each_contact_of_each_client(service: Service) {
        put(&service, "k", &ruiz()).await.expect(201);
        put(&service, "other", &ruiz()).await.expect(201);
        for _ in 0..5 {
            ask(&service, "k", wanted("c-1")).await.expect(201);
            service.advance(30);
        }
        limited(ask(&service, "k", wanted("c-1")).await, "too_many_sends");
        ask(&service, "k", wanted("c-2")).await.expect(201);
        ask(&service, "other", wanted("c-1")).await.expect(201);
    }
}

/// A client whose owner has this one mobile number and nothing else.
async fn with_number(service: &Service, tenant: &str, client: &str, mobile: &str) {
    let owner = json!({"id": "c-1", "name": "Ana", "role": "owner", "mobile": mobile});
    let body = json!({"name": "K", "contacts": [owner]});
    let path = format!("/api/v1/clients/{client}");
    service.call("PUT", &path, &api_key(tenant), Some(&body)).await.expect(201);
}

on_both! {
    async fn one_number_over_sixty_clients_at_once_gets_four_times_the_sends_of_one(service: Service) {
        let written = ["+13055550142", "(305) 555-0142", "305.555.0142"];
        for i in 0..60 {
            with_number(&service, "cornerstone", &format!("k-{i}"), written[i % 3]).await;
        }
        let all = (0..60).map(|i| {
            let service = &service;
            async move { ask(service, &format!("k-{i}"), wanted("c-1")).await }
        });
        let mut sent = 0;
        for reply in join_all(all).await {
            if reply.status == 201 {
                sent += 1;
            } else {
                assert_eq!(limited(reply, "too_many_sends").0, "900");
            }
        }
        assert_eq!(sent, 20);
        service.drain().await;
        assert_eq!(destinations(&service), vec!["+13055550142"; 20]);
        with_number(&service, "cornerstone", "neighbour", "+13055550143").await;
        ask(&service, "neighbour", wanted("c-1")).await.expect(201);
        with_number(&service, "compeo", "theirs", "+13055550142").await;
        let theirs = service.call("POST", "/api/v1/clients/theirs/codes", &api_key("compeo"), Some(&wanted("c-1"))).await;
        theirs.expect(201);
        let refused = (0..60).map(|i| format!("k-{i}"));
        let mut first_refused = String::new();
        for client in refused {
            if status(&service, &client).await["state"] == "not_verified" {
                first_refused = client;
            }
        }
        service.advance(899);
        assert_eq!(limited(ask(&service, &first_refused, wanted("c-1")).await, "too_many_sends").0, "1");
        service.advance(1);
        ask(&service, &first_refused, wanted("c-1")).await.expect(201);
    }
}

on_both! {
    async fn a_refused_send_is_not_counted_and_changes_nothing(service: Service) {
        service.policy(json!({"sends": 1, "resend_after": "10s"})).await;
        for i in 0..5 {
            with_number(&service, "cornerstone", &format!("k-{i}"), "+13055550142").await;
        }
        for i in 0..4 {
            challenge(&service, &format!("k-{i}"), "c-1").await;
            service.advance(10);
        }
        for _ in 0..10 {
            limited(ask(&service, "k-4", wanted("c-1")).await, "too_many_sends");
        }
        assert_eq!(status(&service, "k-4").await["version"], 1);
        service.advance(860);
        challenge(&service, "k-4", "c-1").await;
    }
}

on_both! {
    async fn limits_hold_in_another_process_and_after_a_restart(service: Service) {
        put(&service, "k", &ruiz()).await.expect(201);
        let asked = challenge(&service, "k", "c-1").await;
        let now = service.now();
        let mut service = service;
        let second = service.second(now).await;
        let serving = second.serve_requests(std::net::TcpListener::bind("127.0.0.1:0").unwrap()).unwrap();
        let first = std::mem::replace(&mut service.base, format!("http://{}", serving.address));
        let (wait, problem) = limited(ask(&service, "k", wanted("c-1")).await, "too_soon");
        assert_eq!((wait.as_str(), &problem["challenge"]), ("30", &asked["id"]));
        serving.stop().await;
        service.base = first;
        for _ in 0..4 {
            service.advance(30);
            challenge(&service, "k", "c-1").await;
        }
        service.app.beat().await.unwrap();
        let (_, database) = service.stop().await;
        let service = Service::with(database, &[]).await;
        let (wait, _) = limited(ask(&service, "k", wanted("c-1")).await, "too_many_sends");
        assert_eq!(wait, "780", "its time goes on where the other's stood, too");
    }
}

on_both! {
    async fn a_tenants_own_numbers_hold(service: Service) {
        let numbers = json!({"digits": 8, "code_valid": "30s", "verified_for": "1m", "tries": 3, "sends": 2, "resend_after": "10s"});
        service.policy(numbers).await;
        put(&service, "k", &ruiz()).await.expect(201);
        let asked = challenge(&service, "k", "c-1").await;
        assert_eq!((&asked["tries_left"], &asked["expires_at"], &asked["resend_at"]),
            (&json!(3), &json!("2026-11-20T15:04:35Z"), &json!("2026-11-20T15:04:15Z")));
        service.drain().await;
        let code = service.code();
        assert_eq!(code.len(), 8);
        assert_eq!(act(&service, &asked, "check", json!({"code": "123456"})).await.problem(400), "invalid_request");
        for left in [2, 1, 0] {
            assert_eq!(check(&service, &asked, &wrong(&code)).await, json!({"result": "incorrect", "tries_left": left}));
        }
        assert_eq!(check(&service, &asked, &code).await, json!({"result": "locked"}));
        service.advance(9);
        assert_eq!(limited(ask(&service, "k", wanted("c-1")).await, "too_soon").0, "1");
        service.advance(1);
        let asked = challenge(&service, "k", "c-1").await;
        service.drain().await;
        service.advance(29);
        assert_eq!(limited(ask(&service, "k", wanted("c-1")).await, "too_many_sends").0, "861");
        let checked = check(&service, &asked, &service.code()).await;
        assert_eq!(checked["verification"]["expires_at"], "2026-11-20T15:05:44Z");
        service.advance(59);
        assert_eq!(status(&service, "k").await["state"], "verified");
        service.advance(1);
        assert_eq!(status(&service, "k").await["state"], "not_verified");
        service.advance(900);
        let asked = challenge(&service, "k", "c-1").await;
        service.drain().await;
        service.advance(30);
        assert_eq!(check(&service, &asked, &service.code()).await, json!({"result": "expired"}));
    }
}
