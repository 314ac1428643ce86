//! Wrong codes: counted before they are compared, and no way around the count.

use std::sync::Arc;

use countersign::domain::audit::{Actor, Origin};
use countersign::domain::id::{ChallengeId, TenantId};
use countersign::usecase::Caller;
use countersign::usecase::client::check_code::check_code;
use futures_util::future::join_all;
use sea_orm::{ConnectionTrait as _, SqliteTransactionMode, TransactionOptions, TransactionTrait as _};
use serde_json::{Value, json};

use crate::code::wrong;
use crate::database::Backend;
use crate::life::CLIENT;
use crate::on_both;
use crate::service::{Service, api_key};

async fn guess(service: &Service, challenge: &str, code: &str, times: usize) -> Vec<Value> {
    let mut answers = Vec::new();
    for _ in 0..times {
        answers.push(service.checked(challenge, &wrong(code)).await);
    }
    answers
}

fn left(answers: &[Value]) -> Vec<i64> {
    answers.iter().map(|a| a["tries_left"].as_i64().unwrap_or(-1)).collect()
}

on_both! {
    async fn a_hundred_simultaneous_guesses_get_five_tries(service: Service) {
        let (challenge, code) = service.code_out().await;
        let twin = service.twin(service.now()).await;
        let (path, body) = (format!("/api/v1/challenges/{challenge}/check"), json!({"code": wrong(&code)}));
        let base = |i: usize| if i.is_multiple_of(2) { &service.base } else { &twin.base };
        let answers = join_all((0..100).map(|i| service.post_at(base(i), &path, &body))).await;
        let answers: Vec<Value> = answers.into_iter().map(|a| a.expect(200)).collect();
        let mut tried: Vec<_> = answers.iter().filter(|a| a["result"] == "incorrect").cloned().collect();
        tried.sort_by_key(|a| a["tries_left"].as_i64());
        assert_eq!(left(&tried), [0, 1, 2, 3, 4]);
        assert_eq!(answers.iter().filter(|a| **a == json!({"result": "locked"})).count(), 95);
        assert_eq!(service.stored(&challenge).await.tries, 5);
        service.drain().await;
        assert_eq!((service.pushed("verification.failed"), service.pushed("verification.locked")), (5, 1));
        assert_eq!(service.entries("code.check", "incorrect").await, 5);
        assert_eq!(service.entries("code.check", "locked").await, 1);
        assert_eq!(service.checked(&challenge, &code).await, json!({"result": "locked"}), "the right one too");
    }
}

on_both! {
    async fn the_tries_count_down_and_the_code_is_then_locked_alone(service: Service) {
        let (challenge, code) = service.code_out().await;
        assert_eq!(left(&guess(&service, &challenge, &code, 5).await), [4, 3, 2, 1, 0]);
        assert_eq!(service.checked(&challenge, &code).await, json!({"result": "locked"}));
        assert_eq!(service.status(CLIENT).await["state"], "locked");
        service.advance(30);
        let (challenge, code) = service.code_for(CLIENT, "c-1").await;
        assert_eq!(service.checked(&challenge, &code).await["result"], "verified");
    }
}

on_both! {
    async fn ten_wrong_tries_over_several_codes_lock_the_contact_and_nobody_else(service: Service) {
        let (first, code) = service.code_out().await;
        assert_eq!(left(&guess(&service, &first, &code, 3).await), [4, 3, 2]);
        service.advance(30);
        service.post(&format!("/api/v1/challenges/{first}/resend"), json!({})).await.expect(200);
        assert_eq!(left(&guess(&service, &first, &code, 1).await), [1], "sending again refills nothing");
        service.advance(30);
        let (second, code) = service.code_for(CLIENT, "c-1").await;
        assert_eq!(left(&guess(&service, &second, &code, 4).await), [4, 3, 2, 1]);
        service.advance(30);
        let (third, code) = service.code_for(CLIENT, "c-1").await;
        let answers = guess(&service, &third, &code, 3).await;
        assert_eq!(left(&answers), [1, 0, -1], "a new request refills nothing");
        let until = (service.now() + std::time::Duration::from_secs(3600)).to_string();
        assert_eq!(answers[2], json!({"result": "locked", "locked_until": until}));
        let refused = service.ask(CLIENT, "c-1").await;
        assert_eq!(refused.header("retry-after"), Some("3600"));
        assert_eq!(refused.json()["locked_until"], until);
        assert_eq!(refused.problem(429), "locked");
        service.know(CLIENT).await.expect(200);
        assert_eq!(service.ask(CLIENT, "c-1").await.problem(429), "locked", "the list told anew lifts nothing");
        let (other, code) = service.code_for(CLIENT, "c-2").await;
        assert_eq!(service.checked(&other, &code).await["result"], "verified", "another contact stays open");
        service.advance(3599);
        assert_eq!(service.ask(CLIENT, "c-1").await.problem(429), "locked");
        service.advance(1);
        service.ask(CLIENT, "c-1").await.expect(201);
    }
}

on_both! {
    async fn thirty_wrong_tries_lock_the_whole_client_until_it_is_unlocked(service: Service) {
        let owner = |i| json!({"id": format!("c-{i}"), "name": "Ana", "role": "owner", "email": format!("ana{i}@ruiz.example")});
        let list = json!({"name": "Ruiz", "contacts": (0..4).map(owner).collect::<Vec<_>>()});
        let path = format!("/api/v1/clients/{CLIENT}");
        service.call("PUT", &path, &api_key("cornerstone"), Some(&list)).await.expect(201);
        for contact in ["c-0", "c-1", "c-2"] {
            for _ in 0..2 {
                service.advance(30);
                let (challenge, code) = service.code_for(CLIENT, contact).await;
                guess(&service, &challenge, &code, 5).await;
            }
        }
        assert_eq!(service.ask(CLIENT, "c-3").await.problem(429), "locked");
        let agent = json!({"agent": {"id": "u-1", "name": "Ines"}});
        let status = service.post(&format!("{path}/unlock"), agent).await.expect(200);
        assert_eq!(status["state"], "not_verified");
        let entry = "select count(*) from audit where action = 'client.unlock' and actor_kind = 'agent' and actor_id = 'u-1'";
        assert_eq!(service.database.count(entry).await, 1);
        service.advance(30);
        let (challenge, code) = service.code_for(CLIENT, "c-0").await;
        assert_eq!(left(&guess(&service, &challenge, &code, 1).await), [4], "the wrong tries are forgotten");
        assert_eq!(service.checked(&challenge, &code).await["result"], "verified");
    }
}

on_both! {
    async fn a_right_answer_is_no_wrong_try(service: Service) {
        let (challenge, code) = service.code_out().await;
        guess(&service, &challenge, &code, 4).await;
        assert_eq!(service.checked(&challenge, &code).await["result"], "verified");
        service.advance(30);
        let (challenge, code) = service.code_for(CLIENT, "c-1").await;
        assert_eq!(left(&guess(&service, &challenge, &code, 5).await), [4, 3, 2, 1, 0]);
        service.advance(30);
        let (challenge, code) = service.code_for(CLIENT, "c-1").await;
        assert_eq!(left(&guess(&service, &challenge, &code, 1).await), [0], "nine before it, not ten");
    }
}

on_both! {
    async fn what_cannot_be_a_code_costs_no_try(service: Service) {
        let (challenge, code) = service.code_out().await;
        for typed in ["", "12345", "1234567", "abcdef", "12345a", "code: 123456", "１２３", "٤٨٢٩١٣"] {
            assert_eq!(service.check(&challenge, typed).await.problem(400), "invalid_request", "{typed}");
        }
        let path = format!("/api/v1/challenges/{challenge}/check");
        for body in [json!({}), json!({"code": 123_456}), json!({"code": null}), json!([])] {
            assert_eq!(service.post(&path, body).await.problem(400), "invalid_request");
        }
        assert_eq!(service.stored(&challenge).await.tries, 0);
        assert_eq!(left(&guess(&service, &challenge, &code, 1).await), [4]);
        let spoken = format!(" {}-{} ", &code[..3], &code[3..]);
        assert_eq!(service.checked(&challenge, &spoken).await["result"], "verified");
    }
}

on_both! {
    async fn an_older_code_is_a_wrong_try_of_the_newer_challenge(service: Service) {
        let (older, old) = service.code_out().await;
        service.advance(30);
        let (newer, new) = service.code_for(CLIENT, "c-1").await;
        assert_ne!(old, new);
        assert_eq!(service.checked(&newer, &old).await, json!({"result": "incorrect", "tries_left": 4}));
        assert_eq!(service.checked(&older, &old).await, json!({"result": "superseded"}));
        assert_eq!(service.checked(&older, &new).await, json!({"result": "superseded"}));
        assert_eq!(service.stored(&older).await.tries, 0);
        assert_eq!(service.checked(&newer, &new).await["result"], "verified");
    }
}

on_both! {
    async fn a_check_that_cannot_be_recorded_tells_nothing(service: Service) {
        let (challenge, code) = service.code_out().await;
        service.database.refuse_audit().await;
        let right = service.check(&challenge, &code).await;
        let miss = service.check(&challenge, &wrong(&code)).await;
        let bare = |text: &str| {
            let mut problem: Value = serde_json::from_str(text).unwrap();
            // Each failure has an id of its own.
            assert!(problem.as_object_mut().unwrap().remove("id").is_some());
            problem
        };
        assert_eq!((right.status, bare(&right.text)), (500, bare(&miss.text)), "right and wrong look the same");
        service.database.allow_audit().await;
        assert_eq!(service.stored(&challenge).await.tries, 0);
        assert_eq!(service.status(CLIENT).await["state"], "code_sent");
        assert_eq!(left(&guess(&service, &challenge, &code, 5).await), [4, 3, 2, 1, 0]);
    }
}

on_both! {
    async fn a_check_given_up_while_it_waits_gives_no_free_try(service: Service) {
        let (challenge, code) = service.code_out().await;
        let desk = service.app.desk();
        let tenant = Arc::clone(&desk.directory.get().member(&TenantId::parse("cornerstone").unwrap()).unwrap().tenant);
        let id = ChallengeId::parse(&challenge).unwrap();
        let caller = Caller::unbound(Origin { actor: Actor::Service, from: "test".into() });
        let other = service.database.connect().await;
        let immediate = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let holder = other.begin_with_options(immediate).await.unwrap();
        if service.database.backend == Backend::Postgres {
            holder.execute_unprepared("select 1 from client for update").await.unwrap();
        }
        {
            let mut check = Box::pin(check_code(desk, &tenant, &id, &code, None, &caller));
            for _ in 0..20 {
                tokio::select! {
                    biased;
                    answer = &mut check => panic!("answered under another's lock: {:?}", answer.map(|c| c.verdict)),
                    _ = service.database.count("select count(*) from audit") => {}
                }
            }
        }
        holder.rollback().await.unwrap();
        assert_eq!(service.stored(&challenge).await.tries, 0);
        assert_eq!(left(&guess(&service, &challenge, &code, 1).await), [4]);
        assert_eq!(service.checked(&challenge, &code).await["result"], "verified");
    }
}

/// The tries are counted and compared, and the connection is cut before the commit.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_dies_before_the_commit_gives_no_free_try() {
    let service = Service::start(Backend::Postgres).await;
    let (challenge, code) = service.code_out().await;
    let waiting = "from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    for typed in [wrong(&code), code.clone()] {
        let other = service.database.connect().await;
        let holder = other.begin().await.unwrap();
        holder.execute_unprepared("lock table audit in access exclusive mode").await.unwrap();
        let mut check = Box::pin(service.check(&challenge, &typed));
        let counted = format!("select count(*) {waiting}");
        loop {
            tokio::select! {
                biased;
                answer = &mut check => panic!("answered before it is on the record: {}", answer.text),
                blocked = service.database.count(&counted) => if blocked > 0 { break },
            }
        }
        service.database.execute(&format!("select pg_terminate_backend(pid) {waiting}")).await;
        let answer = check.await;
        holder.rollback().await.unwrap();
        assert_eq!(answer.header("retry-after"), Some("5"));
        assert_eq!(answer.problem(503), "unavailable");
        assert_eq!(service.stored(&challenge).await.tries, 0);
    }
    assert_eq!(left(&guess(&service, &challenge, &code, 1).await), [4]);
    assert_eq!(service.checked(&challenge, &code).await["result"], "verified");
}

on_both! {
    async fn the_database_itself_refuses_a_try_too_many(service: Service) {
        let (challenge, code) = service.code_out().await;
        guess(&service, &challenge, &code, 1).await;
        service.database.attempt("update challenge set tries = 6").await.unwrap_err();
        service.database.attempt("update challenge set tries = 5").await.unwrap();
        assert_eq!(service.stored(&challenge).await.tries, 5);
    }
}
