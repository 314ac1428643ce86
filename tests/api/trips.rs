//! What a request costs: round trips to the database, and one commit.

use std::path::PathBuf;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::join_all;
use serde_json::json;

use crate::code::wrong;
use crate::database::{Backend, Database};
use crate::life::CLIENT;
use crate::on_both;
use crate::service::Service;

/// Runs one request and counts its round trips.
async fn trips<T>(service: &Service, request: impl Future<Output = T>) -> (u64, T) {
    let before = service.app.desk().store.round_trips();
    let answer = request.await;
    (service.app.desk().store.round_trips() - before, answer)
}

on_both! {
    async fn asking_for_a_code_takes_six_round_trips_at_most(service: Service) {
        service.know(CLIENT).await.expect(201);
        let (first, answer) = trips(&service, service.ask(CLIENT, "c-1")).await;
        answer.expect(201);
        service.advance(30);
        let (superseding, answer) = trips(&service, service.ask(CLIENT, "c-1")).await;
        answer.expect(201);
        service.advance(600);
        let (after_expiry, answer) = trips(&service, service.ask(CLIENT, "c-1")).await;
        answer.expect(201);
        // SQLite is no journey away: there what belongs together is not squeezed into one statement.
        let most = if service.database.backend == Backend::Postgres { 6 } else { 10 };
        assert!(first < most && superseding <= most && after_expiry <= most, "{first} {superseding} {after_expiry}");
    }
}

on_both! {
    async fn checking_a_code_takes_six_round_trips_at_most(service: Service) {
        let most = if service.database.backend == Backend::Postgres { 6 } else { 8 };
        let (challenge, code) = service.code_out().await;
        for _ in 0..5 {
            let (took, answer) = trips(&service, service.check(&challenge, &wrong(&code))).await;
            assert_eq!(answer.expect(200)["result"], "incorrect");
            // It counts for the tenant, too.
            assert!(took <= most + 1, "{took} for a wrong one");
        }
        let (took, answer) = trips(&service, service.check(&challenge, &code)).await;
        assert_eq!(answer.expect(200)["result"], "locked");
        assert!(took <= 4, "{took} for one that is over");
        service.advance(30);
        let (challenge, code) = service.code_for(CLIENT, "c-1").await;
        let (took, answer) = trips(&service, service.check(&challenge, &code)).await;
        assert_eq!(answer.expect(200)["result"], "verified");
        assert!(took <= most, "{took} for the right one");
        service.policy(json!({"receipt": true})).await;
        service.advance(3600);
        let (challenge, code) = service.code_for(CLIENT, "c-1").await;
        let (took, answer) = trips(&service, service.check(&challenge, &code)).await;
        assert_eq!(answer.expect(200)["result"], "verified");
        assert!(took <= most + 1, "{took} for the right one with its receipts");
    }
}

on_both! {
    async fn a_poll_takes_one_round_trip_however_many_clients_and_none_a_moment_later(service: Service) {
        service.know(CLIENT).await.expect(201);
        let body = json!({"agent": {"id": "u-1"}, "clients": [CLIENT]});
        let token = service.post("/api/v1/agent-tokens", body).await.expect(200)["agent_token"].clone();
        let many = json!({"clients": (0..500).map(|i| format!("lead-{i}")).collect::<Vec<_>>()});
        let one = format!("/api/v1/clients/{CLIENT}/status");
        let credentials = [crate::service::api_key("cornerstone"), token.as_str().unwrap().to_owned()];
        for (credential, millis, each) in
            [(&credentials[0], 0, 1), (&credentials[1], 499, 0), (&credentials[0], 1, 1), (&credentials[1], 1000, 1)]
        {
            service.clock.advance(Duration::from_millis(millis));
            let (took, answer) = trips(&service, service.call("GET", &one, credential, None)).await;
            answer.expect(200);
            assert_eq!(took, each, "after {millis}");
            let (took, answer) = trips(&service, service.call("POST", "/api/v1/status", credential, Some(&many))).await;
            assert_eq!(answer.expect(200)["statuses"].as_array().unwrap().len(), 500);
            assert_eq!(took, each, "after {millis}");
        }
    }
}

/// What the database holds of a process at most, as the README says: 6, and 4 for each of the first four threads.
const CONNECTIONS: i64 = 22;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_takes_all_connections_of_a_thread_leaves_those_of_the_others() {
    let service = Service::start(Backend::Postgres).await;
    let store = &service.app.desk().store;
    let mut threads = vec![store.clone()];
    threads.extend((0..4).map(|_| store.for_thread()));
    let mut held = Vec::new();
    for (thread, connections) in threads.iter().zip([6, 4, 4, 4, 4]) {
        for _ in 0..connections {
            held.push(thread.begin().await.unwrap());
        }
    }
    let query = "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()";
    assert_eq!(service.database.count(query).await, CONNECTIONS, "a fifth thread shares those of the first");
    drop(held);
    let fifth = store.for_thread();
    assert!(fifth.ping().await.is_ok());
    store.clone().close().await.unwrap();
    for thread in threads.iter().chain([&fifth]) {
        assert!(thread.ping().await.is_err(), "all are closed with the first");
    }
}

/// The write-ahead log marks the last page of each commit.
fn commits(database: &Database) -> usize {
    let path = database.url.trim_start_matches("sqlite://").split('?').next().unwrap();
    let log = std::fs::read(PathBuf::from(format!("{path}-wal"))).unwrap();
    let number = |at: usize| u32::from_be_bytes(log[at..at + 4].try_into().unwrap());
    let (page, salt) = (number(8) as usize, &log[16..24]);
    let frames = (32..).step_by(24 + page).take_while(|at| at + 24 + page <= log.len());
    frames.filter(|at| log[at + 8..at + 16] == *salt && number(at + 4) != 0).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_change_commits_exactly_once_and_a_poll_never() {
    let service = Service::start(Backend::Sqlite).await;
    service.know(CLIENT).await.expect(201);
    let (challenge, code) = service.code_for(CLIENT, "c-1").await;
    let miss = wrong(&code);
    let (check, resend) =
        (format!("/api/v1/challenges/{challenge}/check"), format!("/api/v1/challenges/{challenge}/resend"));
    service.advance(30);
    let steps: [(&str, usize, futures_util::future::BoxFuture<'_, crate::service::Reply>); 7] = [
        ("sending again", 1, service.post(&resend, json!({})).boxed()),
        ("a wrong code", 1, service.check(&challenge, &miss).boxed()),
        ("no code at all", 0, service.post(&check, json!({"code": "12"})).boxed()),
        ("a poll", 0, service.get("/api/v1/clients/lead-10482/status").boxed()),
        ("too soon", 0, service.ask(CLIENT, "c-1").boxed()),
        ("the right code", 1, service.check(&challenge, &code).boxed()),
        ("another contact", 1, service.ask(CLIENT, "c-2").boxed()),
    ];
    for (what, expected, request) in steps {
        let before = commits(&service.database);
        let answer = request.await;
        assert_eq!(commits(&service.database) - before, expected, "{what}: {}", answer.text);
    }
}

on_both! {
    async fn many_who_poll_the_same_at_once_look_once_and_read_once(service: Service) {
        service.know(CLIENT).await.expect(201);
        let path = format!("/api/v1/clients/{CLIENT}/status");
        let polls = async || {
            let all = join_all((0..16).map(|_| service.get(&path))).await;
            all.into_iter().map(|reply| reply.expect(200)["state"].clone()).collect::<Vec<_>>()
        };
        assert_eq!(service.get(&path).await.expect(200)["state"], "not_verified");
        for _ in 0..5 {
            service.clock.advance(Duration::from_millis(500));
            let (looks, states) = trips(&service, polls()).await;
            assert!(states.iter().all(|state| state == "not_verified"), "{states:?}");
            // A second that is over is read anew, by one of them; any other half is looked at.
            assert_eq!(looks, 1);
        }
        service.ask(CLIENT, "c-1").await.expect(201);
        let (looks, states) = trips(&service, polls()).await;
        assert!(states.iter().all(|state| state == "code_sent"), "{states:?}");
        assert_eq!(looks, 2, "what changed is looked for, and read");
    }
}
