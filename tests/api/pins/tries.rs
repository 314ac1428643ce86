//! Wrong PINs: counted before they are compared, five in a row and no way around the count.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::database::Backend;
use crate::life::CLIENT;
use crate::on_both;
use crate::pin::{PIN, WRONG};
use crate::service::Service;

fn left(answers: &[Value]) -> Vec<i64> {
    answers.iter().map(|a| a["tries_left"].as_i64().unwrap_or(-1)).collect()
}

async fn wrong(service: &Service, times: usize) -> Vec<i64> {
    let mut answers = Vec::new();
    for _ in 0..times {
        answers.push(service.said(WRONG).await);
    }
    left(&answers)
}

on_both! {
    async fn fifty_simultaneous_wrong_pins_make_five_comparisons(service: Service) {
        service.with_pin().await;
        let twin = service.twin(service.now()).await;
        let (path, body) = (format!("/api/v1/clients/{CLIENT}/pin/check"), json!({"pin": WRONG}));
        let base = |i: usize| if i.is_multiple_of(2) { &service.base } else { &twin.base };
        let answers = join_all((0..50).map(|i| service.post_at(base(i), &path, &body))).await;
        let answers: Vec<Value> = answers.into_iter().map(|a| a.expect(200)).collect();
        let mut tried: Vec<_> = answers.iter().filter(|a| a["result"] == "incorrect").cloned().collect();
        tried.sort_by_key(|a| a["tries_left"].as_i64());
        assert_eq!(left(&tried), [0, 1, 2, 3, 4]);
        assert_eq!(answers.iter().filter(|a| **a == json!({"result": "locked"})).count(), 45);
        assert_eq!(service.entries("pin.check", "counted").await, 5, "no comparison without its entry");
        assert_eq!(service.entries("pin.check", "incorrect").await, 5);
        assert_eq!(service.entries("pin.lock", "locked").await, 1);
        service.drain().await;
        assert_eq!((service.pushed("verification.failed"), service.pushed("pin.locked")), (5, 1));
        assert_eq!(service.said(PIN).await, json!({"result": "locked"}), "the right one too");
    }
}

on_both! {
    async fn five_wrong_in_a_row_lock_until_it_is_set_anew_and_a_right_one_clears(service: Service) {
        service.with_pin().await;
        assert_eq!(wrong(&service, 4).await, [4, 3, 2, 1]);
        assert_eq!(service.said(PIN).await["result"], "verified");
        assert_eq!(wrong(&service, 5).await, [4, 3, 2, 1, 0], "a right one clears them");
        assert_eq!(service.said(PIN).await, json!({"result": "locked"}));
        assert_eq!(service.pin().await["state"], "locked");
        let status = service.status(CLIENT).await;
        assert_eq!((&status["pin"], &status["state"]), (&json!("locked"), &json!("verified")), "what was proved before holds");
        service.advance(30 * 24 * 3600);
        assert_eq!(service.said(PIN).await, json!({"result": "locked"}), "no time lifts it");
        service.post(&format!("/api/v1/clients/{CLIENT}/unlock"), json!({})).await.expect(200);
        assert_eq!(service.said(PIN).await, json!({"result": "locked"}));
        let (challenge, code) = service.code_for(CLIENT, "c-1").await;
        assert_eq!(service.checked(&challenge, &code).await["result"], "verified", "the code is the way out");
        let token = service.link("c-1").await;
        service.set(&token, "731946").await.unwrap();
        assert_eq!(service.pin().await["state"], "set");
        assert_eq!(wrong(&service, 1).await, [4], "a new PIN has tries of its own");
        assert_eq!(service.said("731946").await["result"], "verified");
    }
}

on_both! {
    async fn wrong_codes_and_wrong_pins_are_counted_apart(service: Service) {
        service.with_pin().await;
        wrong(&service, 4).await;
        let (challenge, code) = service.code_for(CLIENT, "c-1").await;
        let miss = service.checked(&challenge, &crate::code::wrong(&code)).await;
        assert_eq!(miss["tries_left"], 4);
        assert_eq!(wrong(&service, 1).await, [0]);
        assert_eq!(service.checked(&challenge, &code).await["result"], "verified");
    }
}

on_both! {
    async fn what_cannot_be_a_pin_costs_no_try(service: Service) {
        service.with_pin().await;
        for typed in ["", "12345", "1234567", "abcdef", "48205a"] {
            assert_eq!(service.check_pin(typed).await.problem(400), "invalid_request", "{typed}");
        }
        let path = format!("/api/v1/clients/{CLIENT}/pin/check");
        for body in [json!({}), json!({"pin": 482_057}), json!({"pin": null}), json!([])] {
            assert_eq!(service.post(&path, body).await.problem(400), "invalid_request");
        }
        assert_eq!(wrong(&service, 1).await, [4]);
    }
}

on_both! {
    async fn a_tenant_allows_as_many_tries_as_it_says(service: Service) {
        service.with_pin().await;
        wrong(&service, 4).await;
        service.pin_policy(json!({"tries": 3})).await;
        assert_eq!(service.said(PIN).await, json!({"result": "locked"}), "more than are allowed now");
        service.advance(30);
        assert_eq!(service.said(PIN).await, json!({"result": "locked"}));
        assert_eq!(service.pin().await["state"], "locked", "and every screen is told");
        assert_eq!(service.entries("pin.lock", "locked").await, 1);
        service.database.attempt("update pin set tries = 11").await.unwrap_err();
    }
}

on_both! {
    async fn a_last_try_whose_process_died_locks_the_pin_a_while_later(service: Service) {
        service.with_pin().await;
        wrong(&service, 4).await;
        let at = service.now().millis();
        service.database.execute(&format!("update pin set tries = 5, tried_at = {at}")).await;
        assert_eq!(service.said(PIN).await, json!({"result": "locked"}), "it may still be compared");
        assert_eq!(service.pin().await["state"], "set");
        service.advance(30);
        assert_eq!(service.pin().await["state"], "locked", "before anybody tries again");
        assert_eq!(service.said(PIN).await, json!({"result": "locked"}));
        assert_eq!(service.pin().await["state"], "locked");
        service.drain().await;
        assert_eq!(service.pushed("pin.locked"), 1);
    }
}

on_both! {
    async fn a_check_that_cannot_be_recorded_tells_nothing(service: Service) {
        service.with_pin().await;
        service.database.refuse_audit().await;
        assert_eq!(service.check_pin(PIN).await.status, 500);
        assert_eq!(service.check_pin(WRONG).await.status, 500);
        service.database.allow_audit().await;
        assert_eq!(service.status(CLIENT).await["state"], "not_verified");
        assert_eq!(wrong(&service, 1).await, [4], "neither was counted, and neither was compared");
    }
}

on_both! {
    async fn what_a_check_came_to_is_told_only_once_it_is_written(service: Service) {
        service.with_pin().await;
        let (refuse, allow) = match service.database.backend {
            Backend::Sqlite => (
                "create trigger outcomes before insert on audit when new.outcome <> 'counted' begin select raise(abort, 'refused'); end",
                "drop trigger outcomes",
            ),
            Backend::Postgres => (
                "alter table audit add constraint outcomes check (outcome = 'counted') not valid",
                "alter table audit drop constraint outcomes",
            ),
        };
        service.database.execute(refuse).await;
        assert_eq!(service.check_pin(PIN).await.problem(500), "internal");
        assert_eq!(service.check_pin(WRONG).await.problem(500), "internal");
        service.database.execute(allow).await;
        assert_eq!(service.status(CLIENT).await["state"], "not_verified");
        assert_eq!(service.entries("pin.check", "counted").await, 2);
        service.advance(30);
        assert_eq!(wrong(&service, 1).await, [2], "neither was a free try");
        assert_eq!(service.said(PIN).await["result"], "verified");
        assert_eq!(wrong(&service, 5).await, [4, 3, 2, 1, 0], "and a right one clears them all");
    }
}

on_both! {
    async fn after_a_report_no_pin_is_checked_and_no_link_sent(service: Service) {
        use countersign::domain::audit::Origin;
        use countersign::domain::id::{ChallengeId, ClientId};
        use countersign::usecase::client::report_code::report_code;
        service.with_pin().await;
        let (challenge, _) = service.code_for(CLIENT, "c-1").await;
        let tenant = crate::steps::settings(&service, "cornerstone");
        let (client, challenge) = (ClientId::parse(CLIENT).unwrap(), ChallengeId::parse(&challenge).unwrap());
        report_code(service.app.desk(), &tenant, &client, &challenge, Origin::service("test")).await.unwrap();
        assert_eq!(service.check_pin(PIN).await.problem(409), "reported");
        service.advance(30);
        assert_eq!(service.ask_link("c-1").await.problem(409), "reported");
        service.post(&format!("/api/v1/clients/{CLIENT}/status/revoke"), json!({})).await.expect(200);
        assert_eq!(service.said(PIN).await["result"], "verified");
    }
}

on_both! {
    async fn a_pin_whose_holder_no_longer_speaks_for_the_client_is_locked(service: Service) {
        service.with_pin().await;
        service.apply("cornerstone", json!({"authorized_roles": ["authorized_representative"]})).await;
        assert_eq!(service.said(PIN).await, json!({"result": "locked"}), "the role is authorized no more");
        service.apply("cornerstone", json!({"authorized_roles": ["owner", "authorized_representative"]})).await;
        assert_eq!(service.said(PIN).await, json!({"result": "locked"}), "and it stays so");
        service.advance(30);
        let token = service.link("c-2").await;
        service.set(&token, WRONG).await.unwrap();
        let mut list = crate::service::ruiz();
        let contacts = list["contacts"].as_array_mut().unwrap();
        contacts.remove(0);
        let path = format!("/api/v1/clients/{CLIENT}");
        let key = crate::service::api_key("cornerstone");
        service.call("PUT", &path, &key, Some(&list)).await.expect(200);
        assert_eq!(service.said(WRONG).await["result"], "verified", "somebody else's leaving changes nothing");
        list["contacts"].as_array_mut().unwrap().remove(0);
        service.call("PUT", &path, &key, Some(&list)).await.expect(200);
        assert_eq!(service.status(CLIENT).await["pin"], "locked", "every screen is told at once");
        service.drain().await;
        assert_eq!(service.pushed("pin.locked"), 2);
        assert_eq!(service.said(WRONG).await, json!({"result": "locked"}));
    }
}
