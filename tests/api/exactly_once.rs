//! One effect for many tries: of codes, of requests, of webhooks, of messages and of pushes.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use countersign::domain::challenge::State;
use countersign::domain::id::{ChallengeId, TenantId};
use countersign::store::Queue;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::life::CLIENT;
use crate::on_both;
use crate::service::{api_key, requested, ruiz};

const ACTIVE: &str = "select count(*) from challenge where state = 'active'";

fn tally(words: impl IntoIterator<Item = String>) -> BTreeMap<String, usize> {
    let mut tally = BTreeMap::new();
    for word in words {
        *tally.entry(word).or_default() += 1;
    }
    tally
}

fn word(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// The example client with `count` owners instead.
fn owners(count: usize) -> Value {
    let owner = |i| json!({"id": format!("c-{i}"), "name": "Ana", "role": "owner", "email": format!("ana{i}@ruiz.example")});
    json!({"name": "Ruiz", "contacts": (0..count).map(owner).collect::<Vec<_>>()})
}

on_both! {
    async fn of_a_hundred_simultaneous_right_answers_one_wins(service: Service) {
        let (challenge, code) = service.code_out().await;
        let twin = service.twin(service.now()).await;
        let (path, body) = (format!("/api/v1/challenges/{challenge}/check"), json!({"code": code}));
        let base = |i: usize| if i.is_multiple_of(2) { &service.base } else { &twin.base };
        let answers = join_all((0..100).map(|i| service.post_at(base(i), &path, &body))).await;
        let results = tally(answers.into_iter().map(|a| word(&a.expect(200)["result"])));
        assert_eq!(results, BTreeMap::from([("already_used".into(), 99), ("verified".into(), 1)]));
        service.drain().await;
        assert_eq!(service.pushed("verification.verified"), 1);
        assert_eq!(service.entries("code.check", "verified").await, 1);
        assert_eq!(service.database.count("select count(*) from audit where action = 'code.check'").await, 1);
        assert_eq!(service.stored(&challenge).await.tries, 1);
    }
}

on_both! {
    async fn fifty_requests_at_once_for_one_contact_make_one_code(service: Service) {
        service.know(CLIENT).await.expect(201);
        let answers = join_all((0..50).map(|_| service.ask(CLIENT, "c-1"))).await;
        let live = answers.iter().find(|a| a.status == 201).unwrap().json()["id"].clone();
        let refused: Vec<_> = answers.iter().filter(|a| a.status != 201).collect();
        assert_eq!(refused.len(), 49);
        for answer in refused {
            assert_eq!((answer.status, answer.header("retry-after")), (429, Some("30")), "{}", answer.text);
            assert_eq!(answer.json()["code"], "too_soon");
            assert_eq!(answer.json()["challenge"], live);
        }
        assert_eq!(service.database.count("select count(*) from challenge").await, 1);
        service.drain().await;
        assert_eq!(service.mail().len(), 2);
        assert_eq!(service.host.take_kinds(), ["verification.code_sent"]);
    }
}

on_both! {
    async fn fifty_requests_at_once_for_fifty_contacts_leave_one_code_active(service: Service) {
        let path = format!("/api/v1/clients/{CLIENT}");
        service.call("PUT", &path, &api_key("cornerstone"), Some(&owners(50))).await.expect(201);
        let twin = service.twin(service.now()).await;
        let bodies: Vec<_> = (0..50).map(|i| json!({"contact": format!("c-{i}"), "surface": "lead_card"})).collect();
        let base = |i: usize| if i.is_multiple_of(2) { &service.base } else { &twin.base };
        let path = format!("{path}/codes");
        let asked = join_all(bodies.iter().enumerate().map(|(i, body)| service.post_at(base(i), &path, body)));
        let looks = async {
            for _ in 0..20 {
                assert!(service.database.count(ACTIVE).await <= 1);
            }
        };
        let (answers, ()) = tokio::join!(asked, looks);
        let statuses = tally(answers.iter().map(|a| a.status.to_string()));
        assert!(statuses.keys().all(|status| status == "201" || status == "429"), "{statuses:?}");
        assert_eq!(service.database.count(ACTIVE).await, 1);
        let made = i64::try_from(statuses["201"]).unwrap();
        assert_eq!(service.database.count("select count(*) from challenge where state = 'superseded'").await, made - 1);
        service.drain().await;
        assert_eq!(service.mail().len(), 1, "what is over is not sent");
    }
}

on_both! {
    async fn the_database_itself_refuses_a_second_active_code(service: Service) {
        service.code_out().await;
        let again = |id: &str, kind: &str, state: &str| format!(
            "insert into challenge (tenant_id, id, workflow, subject, kind, state, contact_id, people, channels, digits,
             tries_allowed, tries, created_at, expires_at, resend_at, epoch, key_id)
             select tenant_id, '{id}', workflow, subject, '{kind}', '{state}', contact_id, people, channels, digits,
             tries_allowed, tries, created_at, expires_at, resend_at, epoch, key_id from challenge where kind = 'sent' and state = 'active'"
        );
        service.database.attempt(&again("chl_2", "sent", "active")).await.unwrap_err();
        service.database.attempt(&again("chl_3", "sent", "superseded")).await.unwrap();
        service.database.attempt(&again("chl_4", "told", "active")).await.unwrap();
        service.database.attempt("update challenge set state = 'lost'").await.unwrap_err();
        assert_eq!(service.database.count(ACTIVE).await, 2, "one of each kind");
    }
}

on_both! {
    async fn fifty_identical_webhooks_at_once_have_one_effect_and_get_one_answer(service: Service) {
        let twin = service.twin(service.now()).await;
        let body = requested().to_string();
        let send = |i: usize| {
            let request = service.signed("cornerstone", "msg_same", body.as_bytes(), service.clock_seconds());
            let base = if i.is_multiple_of(2) { &service.base } else { &twin.base };
            let (client, request) = request.build_split();
            let mut request = request.unwrap();
            *request.url_mut() = format!("{base}/webhooks/cornerstone").parse().unwrap();
            service.send(reqwest::RequestBuilder::from_parts(client, request))
        };
        let answers = join_all((0..50).map(send)).await;
        assert!(answers.iter().all(|a| a.status == 200), "{answers:?}");
        assert_eq!(answers.iter().map(|a| &a.text).collect::<BTreeSet<_>>().len(), 1);
        assert_eq!(service.database.count("select count(*) from audit where action = 'client.put'").await, 1);
        assert_eq!(service.database.count("select version from client").await, 1);
    }
}

on_both! {
    async fn a_webhook_is_remembered_for_fourteen_days(service: Service) {
        let update = |name: &str| {
            let mut body = requested();
            body["type"] = json!("client.updated");
            body["timestamp"] = json!("2030-01-01T00:00:00Z");
            body["data"]["client"]["name"] = json!(name);
            body
        };
        let name = async || service.get("/api/v1/clients/lead-10482").await.expect(200)["name"].clone();
        let first = service.webhook_as("cornerstone", "msg_1", &requested()).await;
        service.webhook_as("cornerstone", "msg_2", &update("Second")).await.expect(200);
        service.webhook_as("cornerstone", "msg_3", &update("Third")).await.expect(200);
        for days in [13 * 24 * 3600, 24 * 3600 - 1] {
            service.advance(days);
            assert_eq!(service.webhook_as("cornerstone", "msg_2", &update("Second")).await.expect(200), json!({}));
            assert_eq!(service.webhook_as("cornerstone", "msg_1", &requested()).await.text, first.text);
            assert_eq!(name().await, "Third");
        }
        service.advance(1);
        service.webhook_as("cornerstone", "msg_2", &update("Second")).await.expect(200);
        assert_eq!(name().await, "Second");
        let anew = service.webhook_as("cornerstone", "msg_1", &requested()).await;
        assert_ne!(anew.expect(200)["agent_token"], first.json()["agent_token"]);
    }
}

on_both! {
    async fn a_webhook_that_failed_is_not_remembered(service: Service) {
        service.database.refuse_audit().await;
        let body = requested();
        assert_eq!(service.webhook_as("cornerstone", "msg_1", &body).await.problem(500), "internal");
        service.database.allow_audit().await;
        let answer = service.webhook_as("cornerstone", "msg_1", &body).await.expect(200);
        assert_eq!(answer["status"]["version"], 1);
    }
}

on_both! {
    async fn two_processes_send_each_message_and_push_each_event_once(service: Service) {
        for i in 0..12 {
            let client = format!("lead-{i}");
            service.know(&client).await.expect(201);
            service.ask(&client, "c-1").await.expect(201);
        }
        // A millisecond apart, so that the same message sent by both would leave two files.
        let second = service.second(service.now() + Duration::from_millis(1)).await;
        let (one, two) = (service.app.outbox(), second.outbox());
        let (a, b, c, d) = tokio::join!(one.drain(), two.drain(), one.drain(), two.drain());
        // Who looked at rows that another had just locked came away with fewer; the next look finds what nobody took. It is
        // that of the later clock: for the other one what this one wrote is not due yet.
        let rest = two.drain().await.unwrap();
        assert_eq!(a.unwrap() + b.unwrap() + c.unwrap() + d.unwrap() + rest, 36);
        let mail = service.mail();
        assert_eq!(mail.len(), 24);
        assert_eq!(mail.iter().map(|m| word(&m["id"])).collect::<BTreeSet<_>>().len(), 24);
        let pushes = service.host.pushes();
        assert_eq!(pushes.len(), 12);
        assert_eq!(pushes.iter().map(|p| p.headers["webhook-id"].clone()).collect::<BTreeSet<_>>().len(), 12);
        assert_eq!(service.database.count("select count(*) from message where attempts <> 1").await, 0);
        assert_eq!(service.entries("message.send", "sent").await, 24);
    }
}

on_both! {
    async fn two_processes_let_each_verification_lapse_once(service: Service) {
        for i in 0..4 {
            let client = format!("lead-{i}");
            service.know(&client).await.expect(201);
            let (challenge, code) = service.code_for(&client, "c-1").await;
            assert_eq!(service.checked(&challenge, &code).await["result"], "verified");
            service.advance(30);
            service.ask(&client, "c-1").await.expect(201);
        }
        service.drain().await;
        service.host.take_kinds();
        service.advance(3600);
        let second = service.second(service.now() + Duration::from_millis(1)).await;
        let (one, two) = (service.app.outbox(), second.outbox());
        let ran = tokio::join!(one.drain(), two.drain(), one.drain(), two.drain());
        assert!(ran.0.is_ok() && ran.1.is_ok() && ran.2.is_ok() && ran.3.is_ok());
        // What all of them left to each other, those of the later clock, too.
        two.drain().await.unwrap();
        let kinds = tally(service.host.take_kinds());
        assert_eq!(kinds, BTreeMap::from([("verification.code_expired".into(), 4), ("verification.expired".into(), 4)]));
        assert_eq!(service.entries("verification.expire", "expired").await, 4);
        assert_eq!(service.entries("code.expire", "expired").await, 4);
    }
}

on_both! {
    async fn two_processes_never_claim_the_same_work(service: Service) {
        for i in 0..10 {
            let client = format!("lead-{i}");
            service.know(&client).await.expect(201);
            service.ask(&client, "c-1").await.expect(201);
        }
        let second = service.second(service.now()).await;
        let now = service.now();
        let claim = |i: usize| {
            let app = if i.is_multiple_of(2) { &service.app } else { &second };
            let queue = if i % 4 < 2 { Queue::Email } else { Queue::Phone };
            async move { app.desk().store.claim(queue, now, &[], |_| 5, 5).await.unwrap() }
        };
        let mut all = Vec::new();
        // Claimers may look at the same rows and come away with fewer, but never with the same.
        while all.len() < 20 {
            let claimed: Vec<_> = join_all((0..8).map(claim)).await.into_iter().flatten().collect();
            assert!(!claimed.is_empty());
            all.extend(claimed.into_iter().map(|c| c.id));
        }
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), 20);
        assert!(claim(0).await.is_empty());
        service.advance(29);
        let store = &service.app.desk().store;
        let later = async |at| {
            let emails = store.claim(Queue::Email, at, &[], |_| 50, 50).await.unwrap();
            emails.len() + store.claim(Queue::Phone, at, &[], |_| 50, 50).await.unwrap().len()
        };
        assert_eq!(later(service.now()).await, 0, "the lease still holds");
        service.advance(1);
        assert_eq!(later(service.now()).await, 20, "a process that died gives its work back");
    }
}

on_both! {
    async fn a_code_is_never_accepted_once_something_else_ended_it(service: Service) {
        let mut without_ana = ruiz();
        without_ana["contacts"].as_array_mut().unwrap().remove(0);
        for round in 0..9 {
            let client = format!("race-{round}");
            service.know(&client).await.expect(201);
            let (challenge, code) = service.code_for(&client, "c-1").await;
            let cancel = format!("/api/v1/challenges/{challenge}/cancel");
            let put = format!("/api/v1/clients/{client}");
            let other = async { match round % 3 {
                0 => service.post(&cancel, json!({})).await,
                1 => service.ask(&client, "c-2").await,
                _ => service.call("PUT", &put, &api_key("cornerstone"), Some(&without_ana)).await,
            } };
            let check = service.check(&challenge, &code);
            let (answer, other) = if round < 5 {
                tokio::join!(check, other)
            } else {
                let (other, answer) = tokio::join!(other, check);
                (answer, other)
            };
            let result = word(&answer.expect(200)["result"]);
            let state = service.stored(&challenge).await.stored;
            let expected = match (round % 3, result.as_str()) {
                (0, "verified") => (409, State::Verified),
                (0 | 2, "cancelled") => (200, State::Cancelled),
                (1, "verified") => (201, State::Verified),
                (1, "superseded") => (201, State::Superseded),
                (2, "verified") => (200, State::Verified),
                (_, other) => panic!("{other}"),
            };
            assert_eq!((other.status, state), expected, "{result}");
            let verified = service.status(&client).await["state"] == "verified";
            assert_eq!(verified, result == "verified");
        }
    }
}

on_both! {
    async fn sending_again_at_the_same_moment_costs_a_right_answer_nothing(service: Service) {
        for round in 0..4 {
            let client = format!("race-{round}");
            service.know(&client).await.expect(201);
            let (challenge, code) = service.code_for(&client, "c-1").await;
            service.advance(30);
            let path = format!("/api/v1/challenges/{challenge}/resend");
            let (answer, again) = tokio::join!(service.check(&challenge, &code), service.post(&path, json!({})));
            assert_eq!(answer.expect(200)["result"], "verified");
            assert!(matches!(again.status, 200 | 409), "{}", again.text);
            service.drain().await;
            let sent = service.database.count(&format!("select count(*) from message where challenge_id = '{challenge}' and state = 'sent'")).await;
            assert_eq!(sent, 2, "a code that is over is not sent once more");
        }
    }
}

on_both! {
    async fn a_challenge_ends_once_even_where_nobody_holds_its_client(service: Service) {
        let (challenge, _) = service.code_out().await;
        let (tenant, id) = (TenantId::parse("cornerstone").unwrap(), ChallengeId::parse(&challenge).unwrap());
        let tx = service.app.desk().store.begin().await.unwrap();
        let scope = tx.of(&tenant);
        for left in (0..5).rev() {
            assert_eq!(scope.count_try(&id).await.unwrap().unwrap().tries_left(), left);
        }
        assert!(scope.count_try(&id).await.unwrap().is_none(), "no sixth try");
        let mut again = service.stored(&challenge).await;
        again.resend_at = service.now();
        scope.note_resend(&again).await.unwrap();
        assert!(scope.close_challenge(&id, State::Cancelled, service.now()).await.unwrap());
        assert!(!scope.close_challenge(&id, State::Verified, service.now()).await.unwrap());
        scope.note_resend(&again).await.unwrap_err();
        tx.commit().await.unwrap();
        assert_eq!(service.stored(&challenge).await.stored, State::Cancelled);
        service.know("lead-2").await.expect(201);
        let id = ChallengeId::parse(&service.code_for("lead-2", "c-1").await.0).unwrap();
        let tx = service.app.desk().store.begin().await.unwrap();
        let scope = tx.of(&tenant);
        assert!(scope.close_challenge(&id, State::Superseded, service.now()).await.unwrap());
        assert!(scope.count_try(&id).await.unwrap().is_none(), "no try on what is over");
    }
}
