//! Time: what lapses, when, and what a clock that is wrong can do about it.

use std::time::Duration;

use countersign::domain::challenge::State;
use countersign::domain::timestamp::Timestamp;
use serde_json::json;

use crate::code::wrong;
use crate::database::Backend;
use crate::life::CLIENT;
use crate::on_both;
use crate::service::{START, Service, requested};

const HOUR: Duration = Duration::from_secs(3600);

fn start() -> Timestamp {
    Timestamp::parse(START).unwrap()
}

on_both! {
    async fn a_code_is_accepted_within_ten_minutes_and_not_after(service: Service) {
        let (challenge, code) = service.code_out().await;
        service.clock.advance(Duration::from_millis(599_900));
        assert_eq!(service.checked(&challenge, &code).await["result"], "verified");
        service.advance(30);
        let (challenge, code) = service.code_for(CLIENT, "c-1").await;
        service.advance(600);
        assert_eq!(service.checked(&challenge, &code).await, json!({"result": "expired"}));
        assert_eq!(service.checked(&challenge, &wrong(&code)).await, json!({"result": "expired"}));
        let stored = service.stored(&challenge).await;
        assert_eq!((stored.tries, service.get(&format!("/api/v1/challenges/{challenge}")).await.expect(200)["state"].clone()), (0, json!("expired")));
    }
}

on_both! {
    async fn a_verification_holds_for_an_hour_to_the_millisecond(service: Service) {
        let (challenge, code) = service.code_out().await;
        assert_eq!(service.checked(&challenge, &code).await["result"], "verified");
        service.clock.advance(Duration::from_millis(3_599_999));
        service.drain().await;
        assert_eq!(service.status(CLIENT).await["state"], "verified");
        assert_eq!(service.pushed("verification.expired"), 0);
        service.clock.advance(Duration::from_millis(1));
        assert_eq!(service.status(CLIENT).await["state"], "not_verified");
        service.drain().await;
        assert_eq!(service.pushed("verification.expired"), 1);
    }
}

on_both! {
    async fn what_lapsed_unnoticed_is_told_before_what_comes_next(service: Service) {
        let (challenge, code) = service.code_out().await;
        assert_eq!(service.checked(&challenge, &code).await["result"], "verified");
        service.advance(3000);
        let late = service.ask(CLIENT, "c-1").await.expect(201)["id"].as_str().unwrap().to_owned();
        service.advance(600);
        service.ask(CLIENT, "c-1").await.expect(201);
        assert_eq!(service.stored(&late).await.stored, State::Expired, "over by time, not superseded");
        assert_eq!(service.entries("code.expire", "expired").await, 1);
        assert_eq!(service.entries("verification.expire", "expired").await, 1);
        service.drain().await;
        assert_eq!((service.pushed("verification.code_expired"), service.pushed("verification.expired")), (1, 1));
    }
}

on_both! {
    async fn a_clock_set_back_revives_nothing(service: Service) {
        let (challenge, code) = service.code_out().await;
        service.know("lead-2").await.expect(201);
        let (other, right) = service.code_for("lead-2", "c-1").await;
        assert_eq!(service.checked(&other, &right).await["result"], "verified");
        service.advance(3600);
        assert_eq!(service.status("lead-2").await["state"], "not_verified");
        service.clock.set(start());
        assert_eq!(service.checked(&challenge, &code).await, json!({"result": "expired"}));
        assert_eq!(service.status("lead-2").await["state"], "not_verified");
        let version = service.status(CLIENT).await["version"].as_i64();
        service.drain().await;
        assert_eq!(service.status(CLIENT).await["version"].as_i64(), version);
        let kinds = service.host.take_kinds();
        assert!(kinds.ends_with(&["verification.code_expired".to_owned(), "verification.expired".to_owned()])
            || kinds.ends_with(&["verification.expired".to_owned(), "verification.code_expired".to_owned()]), "{kinds:?}");
    }
}

on_both! {
    async fn a_clock_set_back_makes_nothing_last_longer(service: Service) {
        let (challenge, code) = service.code_out().await;
        service.know("lead-2").await.expect(201);
        let (other, right) = service.code_for("lead-2", "c-1").await;
        assert_eq!(service.checked(&other, &right).await["result"], "verified");
        service.know("lead-3").await.expect(201);
        for _ in 0..2 {
            service.advance(30);
            let (locked, code) = service.code_for("lead-3", "c-1").await;
            for _ in 0..5 {
                service.checked(&locked, &wrong(&code)).await;
            }
        }
        assert_eq!(service.ask("lead-3", "c-1").await.problem(429), "locked");
        service.clock.set(start() - HOUR);
        // While it is ahead of its clock the service lets time pass one part in a hundred slower.
        let pass = |seconds: u64| service.clock.advance(Duration::from_millis(seconds * 1011));
        service.post(&format!("/api/v1/challenges/{challenge}/resend"), json!({})).await.expect(200);
        assert_eq!(service.ask(CLIENT, "c-1").await.header("retry-after"), Some("30"));
        pass(30);
        service.post(&format!("/api/v1/challenges/{challenge}/resend"), json!({})).await.expect(200);
        pass(510);
        assert_eq!(service.checked(&challenge, &code).await, json!({"result": "expired"}));
        pass(3000);
        assert_eq!(service.status("lead-2").await["state"], "not_verified");
        pass(60);
        service.ask("lead-3", "c-1").await.expect(201);
        service.drain().await;
        assert_eq!(service.pushed("verification.expired"), 1);
    }
}

on_both! {
    async fn a_clock_that_steps_an_hour_forward_and_back_stops_nothing_and_stretches_nothing(service: Service) {
        let (before, code_before) = service.code_out().await;
        service.clock.advance(HOUR);
        // What ends by time has ended, and stays so.
        assert_eq!(service.checked(&before, &code_before).await, json!({"result": "expired"}));
        service.host.answer("cornerstone", 500, &[]);
        let (challenge, code) = service.code_for(CLIENT, "c-1").await;
        service.clock.set(start());
        assert_eq!(service.checked(&before, &code_before).await, json!({"result": "expired"}));
        // The host's own time is right again, and so is what it signs.
        service.webhook_as("cornerstone", "msg_after", &requested()).await.expect(200);
        assert_eq!(service.checked(&challenge, &code).await["result"], "verified");
        // What was to be tried again in seconds is not tried in an hour.
        service.host.answer("cornerstone", 204, &[]);
        let pass = |seconds: u64| service.clock.advance(Duration::from_millis(seconds * 1011));
        pass(10);
        service.drain().await;
        assert_eq!(service.database.count("select count(*) from host_event where state = 'pending'").await, 0);
        pass(20);
        let (_, next) = service.code_for(CLIENT, "c-1").await;
        assert_ne!(next, code, "a text goes out at once");
        pass(3560);
        assert_eq!(service.status(CLIENT).await["state"], "verified");
        pass(10);
        assert_eq!(service.status(CLIENT).await["state"], "not_verified");
    }
}

on_both! {
    async fn a_process_whose_clock_is_behind_makes_nothing_last_longer(service: Service) {
        let twin = service.twin(start() - HOUR).await;
        service.know(CLIENT).await.expect(201);
        let body = json!({"contact": "c-1", "surface": "lead_card"});
        let challenge = service.post_at(&twin.base, &format!("/api/v1/clients/{CLIENT}/codes"), &body).await.expect(201);
        assert_eq!(challenge["expires_at"], (start() + Duration::from_secs(600)).to_string());
        service.drain().await;
        let (id, code) = (challenge["id"].as_str().unwrap(), service.code());
        service.advance(600);
        for app in [&service.app, &twin.app] {
            app.beat().await.unwrap();
        }
        let check = format!("/api/v1/challenges/{id}/check");
        let answer = service.post_at(&twin.base, &check, &json!({"code": code})).await.expect(200);
        assert_eq!(answer, json!({"result": "expired"}));
        let (challenge, code) = service.code_for(CLIENT, "c-1").await;
        let check = format!("/api/v1/challenges/{challenge}/check");
        let answer = service.post_at(&twin.base, &check, &json!({"code": code})).await.expect(200);
        assert_eq!(answer["verification"]["expires_at"], (service.now() + HOUR).to_string());
        service.advance(3600);
        for app in [&service.app, &twin.app] {
            app.beat().await.unwrap();
        }
        twin.app.outbox().drain().await.unwrap();
        assert_eq!(service.pushed("verification.expired"), 1);
    }
}

on_both! {
    async fn a_restart_with_the_clock_behind_makes_nothing_last_longer(service: Service) {
        service.know("lead-2").await.expect(201);
        let (other, right) = service.code_for("lead-2", "c-1").await;
        assert_eq!(service.checked(&other, &right).await["result"], "verified");
        service.advance(3000);
        let (challenge, code) = service.code_out().await;
        service.advance(599);
        let before = (service.status("lead-2").await["version"].as_i64(), service.now());
        service.app.beat().await.unwrap();
        let (app, database) = service.stop().await;
        drop(app);
        // It starts an hour behind what the database has seen.
        let service = Service::with(database.renumbered(), &[]).await;
        assert!(service.now() >= before.1);
        assert_eq!(service.status("lead-2").await["state"], "verified");
        service.advance(2);
        assert_eq!(service.checked(&challenge, &code).await, json!({"result": "expired"}));
        assert_eq!(service.status("lead-2").await["state"], "not_verified");
        assert!(service.status("lead-2").await["version"].as_i64() > before.0);
    }
}

/// What the last audit entry has seen is known even where the process died at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_that_died_without_a_word_has_still_seen_its_last_change() {
    let service = Service::start(Backend::Sqlite).await;
    let (challenge, code) = service.code_out().await;
    service.advance(601);
    service.know("lead-2").await.expect(201);
    let (app, database) = service.stop().await;
    drop(app);
    let service = Service::with(database.renumbered(), &[]).await;
    assert_eq!(service.checked(&challenge, &code).await, json!({"result": "expired"}));
}

on_both! {
    async fn the_version_grows_with_every_change_and_by_time_and_never_falls(service: Service) {
        let version = async || service.status(CLIENT).await["version"].as_i64().unwrap();
        let mut seen = vec![version().await];
        service.know(CLIENT).await.expect(201);
        seen.push(version().await);
        let (challenge, code) = service.code_for(CLIENT, "c-1").await;
        seen.push(version().await);
        service.checked(&challenge, &wrong(&code)).await;
        seen.push(version().await);
        service.checked(&challenge, &code).await;
        seen.push(version().await);
        service.advance(30);
        let (challenge, _) = service.code_for(CLIENT, "c-1").await;
        seen.push(version().await);
        service.post(&format!("/api/v1/challenges/{challenge}/cancel"), json!({})).await.expect(200);
        seen.push(version().await);
        service.advance(30);
        service.ask(CLIENT, "c-1").await.expect(201);
        seen.push(version().await);
        service.advance(600);
        seen.push(version().await);
        service.advance(3600);
        seen.push(version().await);
        assert!(seen.is_sorted_by(|a, b| a < b), "{seen:?}");
        let last = *seen.last().unwrap();
        service.drain().await;
        assert_eq!(version().await, last, "what time did is counted once");
        service.clock.set(start());
        assert_eq!(version().await, last);
        service.call("DELETE", &format!("/api/v1/clients/{CLIENT}"), &crate::service::api_key("cornerstone"), None).await.expect(204);
        assert!(version().await > last, "a client that is gone is not older than before");
        let gone = version().await;
        service.know(CLIENT).await.expect(201);
        assert!(version().await > gone);
    }
}

on_both! {
    async fn a_webhooks_time_is_compared_with_the_clock_on_the_wall(service: Service) {
        let sent = async |id: &str, seconds: i64| {
            let body = requested().to_string();
            service.send(service.signed("cornerstone", id, body.as_bytes(), service.clock_seconds() + seconds)).await.status
        };
        for round in ["at_first", "set_back"] {
            for (off, expected) in [(0, 200), (300, 200), (301, 401), (-300, 200), (-301, 401)] {
                assert_eq!(sent(&format!("msg_{round}_{off}"), off).await, expected, "{round}: {off} s");
            }
            service.advance(7200);
            service.know(CLIENT).await.expect(200);
            service.clock.set(start());
        }
    }
}
