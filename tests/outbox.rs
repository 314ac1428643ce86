//! The real loops of a serving process, on both databases. Time stands still unless a test moves it, and a test
//! waits for what arrives, never for a length of time.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a helper of a test fails like the test itself")]
#![expect(dead_code, reason = "the harness serves several test binaries")]

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use countersign::app::{App, Ports, StartError};
use countersign::domain::address::AddressRules;
use countersign::host::client::PushClient;
use countersign::host::resolver::SystemLookup;
use countersign::message::Senders;
use countersign::outbox::{self, Outbox};
use countersign::ports::FixedRandom;
use countersign::store::Queue;
use futures_util::FutureExt as _;
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use code::code_in;
use receiver::{Push, Receiver};
use service::{Service, api_key, ruiz};

#[expect(dead_code, reason = "the harness serves several test binaries")]
#[path = "support/code.rs"]
mod code;
#[path = "support/database.rs"]
mod database;
#[path = "support/receiver.rs"]
mod receiver;
#[path = "support/service.rs"]
mod service;

/// One test, on SQLite and on PostgreSQL.
macro_rules! on_both {
    ($(#[$doc:meta])* async fn $name:ident($service:ident: Service) $body:block) => {
        mod $name {
            use super::*;

            async fn run($service: Service) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                run(Service::start(crate::database::Backend::Sqlite).await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                run(Service::start(crate::database::Backend::Postgres).await).await;
            }
        }
    };
}

/// A second process on the service's database, with its loops running and the service's clock.
struct Process {
    base: String,
    stop: CancellationToken,
    task: JoinHandle<Result<(), StartError>>,
}

impl Process {
    async fn start(service: &Service) -> Self {
        Self::with(service, &[]).await
    }

    async fn with(service: &Service, more: &[(&str, &str)]) -> Self {
        let ports = Ports {
            clock: Arc::new(service.clock.clone()),
            random: Arc::new(FixedRandom::seeded(service.database.seed() + 2)),
        };
        let config = service::config(&service.database, service.dir.path(), more);
        let (app, screens) = App::ready(config, ports).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let stop = CancellationToken::new();
        let task = tokio::spawn(app.serve(screens, listener, stop.clone()));
        Self { base, stop, task }
    }

    /// Stops it and waits until it has.
    async fn stop(self) {
        self.stop.cancel();
        self.task.await.unwrap().unwrap();
    }
}

/// The example client, told, and a code asked for by these channels.
async fn ask(service: &Service, tenant: &str, client: &str, channels: Value) -> String {
    let (key, path) = (api_key(tenant), format!("/api/v1/clients/{client}"));
    let reply = service.call("PUT", &path, &key, Some(&ruiz())).await;
    assert!(reply.status < 300, "{}", reply.text);
    let body = json!({"contact": "c-1", "surface": "lead_card", "channels": channels});
    let challenge = service.call("POST", &format!("{path}/codes"), &key, Some(&body)).await.expect(201);
    challenge["id"].as_str().unwrap().to_owned()
}

fn has(pushes: &[Push], kind: &str) -> bool {
    pushes.iter().any(|push| push.kind() == kind)
}

/// Settings by which texts go to a host of the test, so that it hears of them as they come.
fn texts_to(gateway: &Receiver) -> [(&'static str, String); 4] {
    [
        ("COUNTERSIGN_SMS__PROVIDER", "http".to_owned()),
        ("COUNTERSIGN_SMS__METHOD", "POST".to_owned()),
        ("COUNTERSIGN_SMS__URL", gateway.url("sms")),
        ("COUNTERSIGN_SMS__BODY", "to={{to}}&text={{text}}".to_owned()),
    ]
}

async fn with_texts(service: &Service, gateway: &Receiver) -> Process {
    gateway.answer("sms", 200, &[]);
    let more = texts_to(gateway);
    let more: Vec<_> = more.iter().map(|(key, value)| (*key, value.as_str())).collect();
    Process::with(service, &more).await
}

/// The loops alone, of the service's own process, with more patience than any machine needs.
fn patient(service: &Service) -> (CancellationToken, JoinHandle<()>) {
    let rules = AddressRules::new(vec!["127.0.0.0/8".parse().unwrap()]);
    let pusher = PushClient::with(rules.clone(), Arc::new(SystemLookup), Duration::from_secs(600)).unwrap();
    let senders = Senders::with(rules, Arc::new(SystemLookup), Duration::from_secs(600)).unwrap();
    let mut outbox = Outbox { pusher: Arc::new(pusher), ..service.app.outbox().clone() };
    outbox.post.senders = Arc::new(senders);
    let stop = CancellationToken::new();
    (stop.clone(), tokio::spawn(outbox::run(outbox, stop)))
}

on_both! {
    async fn whoever_asks_has_no_answer_before_the_loops_are_woken(service: Service) {
        for queue in [Queue::Email, Queue::Phone, Queue::HostEvent, Queue::Client] {
            // What creating the tenants may have rung.
            let _ = service.app.desk().bells.of(queue).notified().now_or_never();
        }
        ask(&service, "cornerstone", "lead-1", json!(["email"])).await;
        for queue in [Queue::Email, Queue::Phone, Queue::HostEvent, Queue::Client] {
            let woken = service.app.desk().bells.of(queue).notified().now_or_never();
            assert!(woken.is_some(), "{queue:?}");
        }
    }
}

on_both! {
    async fn what_another_process_wrote_down_is_sent_and_posted(service: Service) {
        let gateway = Receiver::start().await;
        ask(&service, "cornerstone", "lead-1", json!(["sms"])).await;
        let process = with_texts(&service, &gateway).await;
        gateway.until(|texts| texts.len() == 1).await;
        service.host.until(|pushes| has(pushes, "verification.code_sent")).await;
        // And what is written while it runs.
        ask(&service, "compeo", "lead-2", json!(["sms"])).await;
        gateway.until(|texts| texts.len() == 2).await;
        service.host.until(|pushes| pushes.len() == 2).await;
        process.stop().await;
        assert_eq!(service.drain().await, 0, "nothing was left and nothing is done twice");
    }
}

on_both! {
    async fn a_client_is_verified_and_lapses_without_anybody_asking(service: Service) {
        let mut service = service;
        let gateway = Receiver::start().await;
        let process = with_texts(&service, &gateway).await;
        service.base.clone_from(&process.base);
        let challenge = ask(&service, "cornerstone", "lead-1", json!(["sms"])).await;
        let text = gateway.until(|texts| texts.len() == 1).await.remove(0);
        let text = String::from_utf8(text.body).unwrap().replace('+', " ");
        let check = format!("/api/v1/challenges/{challenge}/check");
        let checked = service.post(&check, json!({"code": code_in(&text)})).await.expect(200);
        assert_eq!(checked["result"], "verified");
        service.host.until(|pushes| has(pushes, "verification.verified")).await;
        service.advance(3_599);
        service.post("/api/v1/clients/lead-1/unlock", json!({})).await.expect(200);
        assert!(!has(&service.host.pushes(), "verification.expired"));
        service.advance(1);
        let pushes = service.host.until(|pushes| has(pushes, "verification.expired")).await;
        let lapsed = pushes.iter().find(|push| push.kind() == "verification.expired").unwrap().json();
        assert_eq!(lapsed["timestamp"], json!(service.now()));
        assert_eq!(lapsed["data"]["state"], "not_verified");
        process.stop().await;
    }
}

on_both! {
    async fn a_code_that_nobody_uses_expires_by_itself(service: Service) {
        let process = Process::start(&service).await;
        let challenge = ask(&service, "cornerstone", "lead-1", json!(["email"])).await;
        service.host.until(|pushes| has(pushes, "verification.code_sent")).await;
        service.advance(600);
        let pushes = service.host.until(|pushes| has(pushes, "verification.code_expired")).await;
        assert_eq!(pushes.last().unwrap().json()["data"]["challenge"], challenge);
        process.stop().await;
    }
}

on_both! {
    async fn a_host_that_does_not_answer_delays_nobody_else(service: Service) {
        service.host.hold("cornerstone");
        // More than one tenant may have under way at once.
        for n in 0..6 {
            ask(&service, "cornerstone", &format!("lead-{n}"), json!(["email"])).await;
        }
        let (stop, loops) = patient(&service);
        service.host.until(|pushes| pushes.iter().filter(|p| p.tenant == "cornerstone").count() == 4).await;
        for n in 0..6 {
            ask(&service, "compeo", &format!("lead-{n}"), json!(["sms"])).await;
        }
        service.host.until(|pushes| pushes.iter().filter(|p| p.tenant == "compeo").count() == 6).await;
        let held = service.host.pushes().iter().filter(|p| p.tenant == "cornerstone").count();
        assert_eq!(held, 4, "and no more than four wait for the one that does not answer");
        service.host.release("cornerstone");
        service.host.until(|pushes| pushes.len() == 12).await;
        stop.cancel();
        loops.await.unwrap();
    }
}

on_both! {
    async fn very_many_events_of_one_tenant_delay_nobody_else(service: Service) {
        service.host.hold("cornerstone");
        for n in 0..6 {
            ask(&service, "cornerstone", &format!("lead-{n}"), json!(["email"])).await;
        }
        // More than one look passes by, and behind those that are posted.
        service.database.execute("update host_event set run_at = run_at - 10").await;
        service.database.execute(
            "with recursive n(i) as (select 1 union all select i + 1 from n where i < 200) \
             insert into host_event select tenant_id, id || '-' || i, kind, client_id, body, state, attempts, last_status, \
             last_error, created_at, changed_at, run_at + 5 from host_event, n"
        ).await;
        assert!(service.database.count("select count(*) from host_event").await > 1100);
        let (stop, loops) = patient(&service);
        service.host.until(|pushes| pushes.iter().filter(|p| p.tenant == "cornerstone").count() == 4).await;
        ask(&service, "compeo", "lead-1", json!(["sms"])).await;
        service.host.until(|pushes| pushes.iter().filter(|p| p.tenant == "compeo").count() == 1).await;
        stop.cancel();
        service.host.release("cornerstone");
        loops.await.unwrap();
    }
}

on_both! {
    async fn a_host_that_refuses_redirects_or_is_busy_delays_nobody_else(service: Service) {
        for (round, (status, headers)) in [
            (429, &[("retry-after", "30")][..]),
            (307, &[("location", "/compeo")]),
            (500, &[]),
        ].into_iter().enumerate() {
            service.host.answer("cornerstone", status, headers);
            for n in 0..6 {
                for tenant in ["cornerstone", "compeo"] {
                    // Each by a contact of its own, so that no limit is in the way.
                    let (key, path) = (api_key(tenant), format!("/api/v1/clients/lead-{round}-{n}"));
                    let email = format!("ana-{round}-{n}@ruiz.example");
                    let contact = json!({"id": "c-1", "name": "Ana", "role": "owner", "email": email});
                    let client = json!({"name": "Client", "contacts": [contact]});
                    service.call("PUT", &path, &key, Some(&client)).await.expect(201);
                    let body = json!({"contact": "c-1", "surface": "lead_card"});
                    service.call("POST", &format!("{path}/codes"), &key, Some(&body)).await.expect(201);
                }
            }
            let (stop, loops) = patient(&service);
            // Time stands still: whoever had to wait for the other's next attempt would wait for ever.
            let goal = 6 * (round + 1);
            service.host.until(|pushes| {
                ["cornerstone", "compeo"].iter().all(|of| pushes.iter().filter(|p| p.tenant == *of).count() == goal)
            }).await;
            stop.cancel();
            loops.await.unwrap();
            let of = |tenant: &str, state: &str| format!(
                "select count(*) from host_event where tenant_id = '{tenant}' and state = '{state}' and attempts = 1");
            let goal = i64::try_from(goal).unwrap();
            assert_eq!(service.database.count(&of("compeo", "delivered")).await, goal, "{status}");
            assert_eq!(service.database.count(&of("cornerstone", "pending")).await, goal, "{status}");
        }
    }
}

on_both! {
    async fn a_gateway_that_does_not_answer_delays_no_texts_of_another_tenant_and_no_email(service: Service) {
        let gateway = Receiver::start().await;
        gateway.hold("slow");
        gateway.answer("slow", 200, &[]);
        gateway.answer("quick", 200, &[]);
        for (tenant, at) in [("cornerstone", "slow"), ("compeo", "quick")] {
            let sms = json!({"provider": "http", "method": "POST", "url": gateway.url(at), "body": "to={{to}}&text={{text}}"});
            service.apply_with(tenant, json!({}), json!({"sms": sms})).await;
            for n in 0..12 {
                let (key, path) = (api_key(tenant), format!("/api/v1/clients/lead-{n}"));
                let (mobile, email) = (format!("+1305555{:04}", 100 + n), format!("ana-{n}@ruiz.example"));
                let contact = json!({"id": "c-1", "name": "Ana", "role": "owner", "mobile": mobile, "email": email});
                let client = json!({"name": "Client", "contacts": [contact]});
                service.call("PUT", &path, &key, Some(&client)).await.expect(201);
                let body = json!({"contact": "c-1", "surface": "lead_card"});
                service.call("POST", &format!("{path}/codes"), &key, Some(&body)).await.expect(201);
            }
        }
        let (stop, loops) = patient(&service);
        let texts = |texts: &[Push], at: &str| texts.iter().filter(|text| text.tenant == at).count();
        gateway.until(|all| texts(all, "quick") == 12 && texts(all, "slow") == 8).await;
        // Once all has been told to the hosts there is nothing left that could wait for the slow one.
        service.host.until(|pushes| pushes.iter().filter(|push| push.kind() == "verification.code_sent").count() == 24).await;
        assert_eq!(texts(&gateway.pushes(), "slow"), 8, "and no more than eight wait for the one that does not answer");
        gateway.release("slow");
        gateway.until(|all| texts(all, "slow") == 12).await;
        stop.cancel();
        loops.await.unwrap();
        assert_eq!(service.mail().len(), 24);
        assert_eq!(service.database.count("select count(*) from message where state = 'sent'").await, 48);
    }
}

on_both! {
    async fn work_under_way_is_finished_before_the_process_stops(service: Service) {
        let gateway = Receiver::start().await;
        service.host.hold("cornerstone");
        gateway.hold("sms");
        ask(&service, "cornerstone", "lead-1", json!(["sms"])).await;
        let process = with_texts(&service, &gateway).await;
        service.host.until(|pushes| pushes.len() == 1).await;
        gateway.until(|texts| texts.len() == 1).await;
        process.stop.cancel();
        // What comes after it was asked to stop is left for others.
        ask(&service, "compeo", "lead-2", json!(["email"])).await;
        assert!(!process.task.is_finished());
        service.host.release("cornerstone");
        gateway.release("sms");
        process.stop().await;
        let sent = "select count(*) from message where state = 'sent' and channel = 'sms'";
        assert_eq!(service.database.count(sent).await, 1);
        let delivered = "select count(*) from host_event where tenant_id = 'cornerstone' and state = 'delivered'";
        assert_eq!(service.database.count(delivered).await, 1);
        assert!(service.host.pushes().iter().all(|push| push.tenant == "cornerstone"));
        service.drain().await;
        assert!(service.host.pushes().iter().any(|push| push.tenant == "compeo"), "and loses nothing");
    }
}

on_both! {
    async fn two_processes_share_the_work_and_do_none_of_it_twice(service: Service) {
        let gateway = Receiver::start().await;
        let (one, other) = (with_texts(&service, &gateway).await, with_texts(&service, &gateway).await);
        for n in 0..12 {
            let tenant = if n % 2 == 0 { "cornerstone" } else { "compeo" };
            // Each from a contact of its own, so that no limit is in the way.
            let (key, path) = (api_key(tenant), format!("/api/v1/clients/lead-{n}"));
            let contact = json!({"id": "c-1", "name": "Ana", "role": "owner", "mobile": format!("+1305555{:04}", 100 + n)});
            let client = json!({"name": "Client", "contacts": [contact]});
            service.call("PUT", &path, &key, Some(&client)).await.expect(201);
            let body = json!({"contact": "c-1", "surface": "lead_card"});
            service.call("POST", &format!("{path}/codes"), &key, Some(&body)).await.expect(201);
        }
        gateway.until(|texts| texts.len() >= 12).await;
        service.host.until(|pushes| pushes.len() >= 12).await;
        one.stop().await;
        other.stop().await;
        assert_eq!((gateway.pushes().len(), service.host.pushes().len()), (12, 12));
        assert_eq!(service.drain().await, 0);
    }
}
