//! What happens between counting a PIN and having compared it: a report, a lock, no turn in the pool, nobody left to tell.

use std::sync::Arc;
use std::time::Duration;

use countersign::domain::id::ClientId;
use countersign::domain::key::{KeyRing, KeySet};
use countersign::domain::pin::DIGITS;
use countersign::domain::pin::secret::Pin;
use countersign::domain::pin::tries::Verdict;
use countersign::domain::refusal::Refusal;
use countersign::usecase::pin::check_pin::{Attempt, Begun, Checked, begin, check_pin};
use countersign::usecase::pin::hasher::{Hasher, Size};
use countersign::usecase::pin::set_pin::{SetFault, SetFrom, set_pin};
use countersign::usecase::{Caller, Desk, Failure};
use serde_json::json;

use crate::life::CLIENT;
use crate::on_both;
use crate::pin::{PIN, SMALL, WRONG, cornerstone};
use crate::service::{Service, api_key, master_key, ruiz};

use super::reports::report;

fn caller() -> Caller {
    Caller { origin: countersign::domain::audit::Origin::service("test"), named: None }
}

fn client() -> ClientId {
    ClientId::parse(CLIENT).unwrap()
}

/// A check that is counted and waits to be compared.
async fn counted(service: &Service, pin: &str) -> Attempt {
    let tenant = crate::steps::settings(service, "cornerstone");
    match begin(service.app.desk(), &tenant, &client(), pin, &caller()).await.unwrap() {
        Begun::Counted(attempt) => attempt,
        Begun::Answered(verdict) => panic!("{verdict:?}"),
    }
}

/// Its turn has come.
async fn compared(service: &Service, attempt: Attempt) -> Result<Verdict, Failure> {
    let tenant = crate::steps::settings(service, "cornerstone");
    let done = attempt.finish(service.app.desk(), &tenant, &client(), None, &caller()).await;
    done.map(|Checked { verdict, verified }| {
        assert_eq!(verified.is_some(), verdict == Verdict::Verified);
        verdict
    })
}

/// A whole check in a process with another pool.
async fn check_by(desk: &Desk, service: &Service, pin: &str) -> Result<Verdict, Failure> {
    let tenant = crate::steps::settings(service, "cornerstone");
    check_pin(desk, &tenant, &client(), pin, None, &caller()).await.map(|checked| checked.verdict)
}

async fn set_by(desk: &Desk, token: &str, pin: &str) -> Result<(), SetFault> {
    let from = SetFrom { address: "198.51.100.7".to_owned(), device: String::new(), browser: None };
    set_pin(desk, token, &Pin::parse(pin, DIGITS).unwrap(), &from).await.map(|_| ())
}

/// The same service in a process whose pool never has a place free.
fn crowded(service: &Service) -> Desk {
    let mut desk = service.app.desk().clone();
    let size = Size { places: 0, waiting: 2, waits: Duration::ZERO };
    desk.hasher = Hasher::of_size(Arc::clone(&desk.store.vault().ring), Arc::clone(&desk.random), size);
    desk
}

/// The same service in a process that was given another master key and not the one before.
fn rekeyed(service: &Service) -> Desk {
    let mut desk = service.app.desk().clone();
    let ring = KeyRing::new(KeySet::parse(&master_key(99)).unwrap(), vec![]);
    desk.hasher = Hasher::of_size(Arc::new(ring), Arc::clone(&desk.random), SMALL);
    desk
}

on_both! {
    async fn a_report_that_comes_while_a_pin_is_compared_wins(service: Service) {
        service.with_pin().await;
        let (challenge, _) = service.code_for(CLIENT, "c-1").await;
        let attempt = counted(&service, PIN).await;
        report(&service, &challenge).await;
        let done = compared(&service, attempt).await;
        assert!(matches!(done, Err(Failure::Refused(Refusal::Reported { .. }))), "{done:?}");
        assert_eq!(service.entries("pin.check", "late").await, 1);
        service.post(&format!("/api/v1/clients/{CLIENT}/status/revoke"), json!({})).await.expect(200);
        assert_eq!(service.status(CLIENT).await["state"], "not_verified");
        service.advance(30);
        assert_eq!(service.said(WRONG).await["tries_left"], 3, "right or wrong, it was a try");
    }
}

on_both! {
    async fn what_else_comes_while_a_pin_is_compared_counts_too(service: Service) {
        service.with_pin().await;
        let attempt = counted(&service, PIN).await;
        service.pin_policy(json!({"enabled": false})).await;
        let done = compared(&service, attempt).await;
        assert!(matches!(done, Err(Failure::Refused(Refusal::PinDisabled))), "{done:?}");
        service.pin_policy(json!({"enabled": true})).await;
        let attempt = counted(&service, PIN).await;
        service.apply("cornerstone", json!({"authorized_roles": ["authorized_representative"]})).await;
        assert_eq!(compared(&service, attempt).await.unwrap(), Verdict::Locked, "the role is authorized no more");
        service.apply("cornerstone", json!({"authorized_roles": ["owner"]})).await;
        service.advance(30);
        let token = service.link("c-1").await;
        service.set(&token, WRONG).await.unwrap();
        let attempt = counted(&service, WRONG).await;
        service.post(&format!("/api/v1/clients/{CLIENT}/pin/lock"), json!({})).await.expect(200);
        assert_eq!(compared(&service, attempt).await.unwrap(), Verdict::Locked);
        service.advance(30);
        let token = service.link("c-1").await;
        service.set(&token, PIN).await.unwrap();
        let attempt = counted(&service, PIN).await;
        service.advance(30);
        let token = service.link("c-1").await;
        service.set(&token, WRONG).await.unwrap();
        assert_eq!(compared(&service, attempt).await.unwrap(), Verdict::Incorrect { tries_left: 5 }, "it was set anew");
        assert_eq!(service.entries("pin.check", "late").await, 4, "and the record says so each time");
        assert_eq!(service.status(CLIENT).await["state"], "not_verified");
    }
}

on_both! {
    async fn an_outcome_that_comes_very_late_is_counted_once(service: Service) {
        service.with_pin().await;
        let late = counted(&service, WRONG).await;
        service.advance(30);
        assert_eq!(service.said(WRONG).await["tries_left"], 3, "it was taken for wrong");
        assert_eq!(compared(&service, late).await.unwrap(), Verdict::Incorrect { tries_left: 3 });
        let late = counted(&service, WRONG).await;
        service.advance(30);
        assert_eq!(service.said(PIN).await["result"], "verified");
        assert_eq!(compared(&service, late).await.unwrap(), Verdict::Incorrect { tries_left: 5 });
        assert_eq!(service.said(WRONG).await["tries_left"], 4);
    }
}

on_both! {
    async fn who_gets_no_turn_in_the_pool_has_lost_no_try(service: Service) {
        service.with_pin().await;
        let crowded = crowded(&service);
        for tried in 1..=6 {
            let told = check_by(&crowded, &service, WRONG).await;
            assert!(matches!(told, Err(Failure::Refused(Refusal::Busy))), "{told:?}");
            assert_eq!(service.entries("pin.check", "given_back").await, tried, "and the record says so");
        }
        for left in [4, 3, 2, 1] {
            assert_eq!(service.said(WRONG).await["tries_left"], left);
        }
        check_by(&crowded, &service, WRONG).await.unwrap_err();
        service.advance(30);
        assert_eq!(service.status(CLIENT).await["pin"], "set", "the last one was given back too");
        assert_eq!(service.said(PIN).await["result"], "verified");
        let token = service.link("c-1").await;
        for tried in 1..=12 {
            let told = set_by(&crowded, &token, WRONG).await;
            assert!(matches!(told, Err(SetFault::Failed(Failure::Refused(Refusal::Busy)))), "{told:?}");
            assert_eq!(service.entries("pin.set", "given_back").await, tried);
        }
        assert_eq!(service.entries("pin.set", "counted").await, 13, "those of this link, and the one it was set by");
        service.set(&token, WRONG).await.unwrap();
    }
}

on_both! {
    async fn a_last_try_that_nobody_tells_of_locks_the_pin_on_every_screen(service: Service) {
        service.with_pin().await;
        for left in [4, 3, 2, 1] {
            assert_eq!(service.said(WRONG).await["tries_left"], left);
        }
        service.drain().await;
        drop(counted(&service, WRONG).await);
        let version = service.status(CLIENT).await["version"].as_i64().unwrap();
        service.advance(29);
        assert_eq!(service.status(CLIENT).await["pin"], "set", "it may still be compared");
        service.advance(1);
        let status = service.status(CLIENT).await;
        assert_eq!((&status["pin"], status["version"].as_i64()), (&json!("locked"), Some(version + 1)));
        assert_eq!(service.pin().await["state"], "locked");
        service.drain().await;
        assert_eq!((service.pushed("pin.locked"), service.entries("pin.lock", "locked").await), (1, 1), "by itself");
        assert_eq!(service.status(CLIENT).await["version"].as_i64(), Some(version + 1));
        assert_eq!(service.said(PIN).await, json!({"result": "locked"}));
        service.drain().await;
        assert_eq!(service.pushed("pin.locked"), 1);
    }
}

on_both! {
    async fn a_right_last_try_locks_nothing_later(service: Service) {
        service.with_pin().await;
        for _ in 0..4 {
            service.said(WRONG).await;
        }
        assert_eq!(service.said(PIN).await["result"], "verified");
        service.advance(60);
        service.drain().await;
        assert_eq!(service.status(CLIENT).await["pin"], "set");
        assert_eq!(service.pushed("pin.locked"), 0);
    }
}

on_both! {
    async fn a_pin_whose_key_is_gone_is_locked_and_can_be_set_anew(service: Service) {
        service.with_pin().await;
        let rekeyed = rekeyed(&service);
        for asked in 1..=6 {
            assert_eq!(check_by(&rekeyed, &service, PIN).await.unwrap(), Verdict::Locked);
            assert_eq!(service.entries("pin.check", "key_gone").await, asked);
        }
        assert_eq!(service.said(PIN).await["result"], "verified", "where the key is known all is as it was");
        service.advance(30);
        let token = service.link("c-1").await;
        set_by(&rekeyed, &token, WRONG).await.unwrap();
        assert_eq!(check_by(&rekeyed, &service, WRONG).await.unwrap(), Verdict::Verified);
    }
}

on_both! {
    async fn one_tenants_flood_leaves_the_other_its_turn(service: Service) {
        service.with_pin().await;
        service.apply("compeo", json!({"policy": {"pin": {"enabled": true}}})).await;
        let path = format!("/api/v1/clients/{CLIENT}");
        service.call("PUT", &path, &api_key("compeo"), Some(&ruiz())).await.expect(201);
        let (flood, hasher) = (crate::steps::settings(&service, "compeo"), &service.app.desk().hasher);
        let held: Vec<_> = std::iter::from_fn(|| hasher.admit(&flood.id).ok()).collect();
        let body = json!({"pin": PIN});
        let refused = service.call("POST", &format!("{path}/pin/check"), &api_key("compeo"), Some(&body)).await;
        assert_eq!(refused.header("retry-after"), Some("5"));
        assert_eq!(refused.problem(503), "unavailable");
        assert_eq!(service.said(PIN).await["result"], "verified");
        let others: Vec<_> = std::iter::from_fn(|| hasher.admit(&cornerstone()).ok()).collect();
        assert!(others.len() + 1 >= held.len(), "{} beside {}", others.len(), held.len());
    }
}
