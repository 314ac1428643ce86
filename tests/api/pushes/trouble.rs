//! Hosts that are down, slow or forbidden, and a process that dies half-way: nobody else waits, nothing is lost.

use std::sync::Arc;
use std::time::Duration;

use countersign::domain::address::AddressRules;
use countersign::domain::id::TenantId;
use countersign::host::client::PushClient;
use countersign::host::resolver::SystemLookup;
use countersign::outbox::Outbox;
use serde_json::json;

use super::{CODES, ask, told};
use crate::database::Database;
use crate::on_both;
use crate::service::{Service, api_key, ruiz};

/// The service's outbox with a host that has only a moment to answer.
fn impatient(service: &Service) -> Outbox {
    let rules = AddressRules::new(vec!["127.0.0.0/8".parse().unwrap()]);
    let pusher = PushClient::with(rules, Arc::new(SystemLookup), Duration::from_millis(200)).unwrap();
    Outbox { pusher: Arc::new(pusher), ..service.app.outbox().clone() }
}

/// Three codes asked for in each of two tenants, in turn.
async fn busy(service: &Service) {
    for n in 0..3 {
        for tenant in ["cornerstone", "compeo"] {
            let (key, client) = (api_key(tenant), format!("/api/v1/clients/lead-{n}"));
            service.call("PUT", &client, &key, Some(&ruiz())).await.expect(201);
            let body = json!({"contact": "c-1", "surface": "lead_card", "channels": ["email"]});
            service.call("POST", &format!("{client}/codes"), &key, Some(&body)).await.expect(201);
        }
    }
}

async fn events(service: &Service, tenant: &str) -> Vec<(String, u32)> {
    let tenant = TenantId::parse(tenant).unwrap();
    let kept = service.app.desk().store.of(&tenant).recent_events(9).await.unwrap();
    kept.into_iter().map(|(_, state, attempts)| (state, attempts)).collect()
}

fn all(state: &str) -> Vec<(String, u32)> {
    vec![(state.to_owned(), 1); 3]
}

on_both! {
    async fn a_host_that_fails_delays_nobody_elses_events(service: Service) {
        busy(&service).await;
        service.host.answer("cornerstone", 500, &[]);
        service.drain().await;
        assert_eq!(events(&service, "compeo").await, all("delivered"));
        assert_eq!(events(&service, "cornerstone").await, all("pending"));
    }
}

on_both! {
    async fn a_host_that_never_answers_delays_nobody_elses_events(service: Service) {
        busy(&service).await;
        service.host.hold("cornerstone");
        impatient(&service).drain().await.unwrap();
        assert_eq!(events(&service, "compeo").await, all("delivered"));
        assert_eq!(events(&service, "cornerstone").await, all("pending"));
        let query = "select count(*) from host_event where state = 'pending' and last_error = 'timed out'";
        assert_eq!(service.database.count(query).await, 3);
        let soonest = service.database.count("select min(run_at) from host_event where state = 'pending'").await;
        assert_eq!(soonest - service.now().millis(), 60_000, "slow is busy");
    }
}

on_both! {
    async fn a_private_address_that_nobody_named_is_not_called(service: Service) {
        let strict = [("COUNTERSIGN_HOST__ALLOW_PRIVATE_CALLBACKS", "")];
        let strict = Service::with(Database::create(service.database.backend).await, &strict).await;
        told(&strict).await;
        ask(&strict).await;
        strict.drain().await;
        assert!(strict.host.pushes().is_empty());
        let query = "select count(*) from host_event where state = 'pending' and attempts = 1 and last_error like 'address refused%'";
        assert_eq!(strict.database.count(query).await, 1);

        // Once the operator names the network, what waited arrives.
        let later = strict.second(strict.now() + Duration::from_secs(6)).await;
        later.outbox().drain().await.unwrap();
        assert_eq!(strict.host.take_kinds(), ["verification.code_sent"]);
    }
}

on_both! {
    async fn a_process_that_dies_before_it_noted_the_answer_posts_again_under_the_same_id(service: Service) {
        told(&service).await;
        ask(&service).await;
        service.host.hold("cornerstone");
        let outbox = service.app.outbox().clone();
        let dying = tokio::spawn(async move { outbox.drain().await });
        let first = service.host.until(|pushes| pushes.len() == 1).await.remove(0);
        dying.abort();
        assert!(dying.await.unwrap_err().is_cancelled());
        service.host.release("cornerstone");

        let before = service.now() + Duration::from_millis(29_999);
        service.second(before).await.outbox().drain().await.unwrap();
        assert_eq!(service.host.pushes().len(), 1, "the claim holds for thirty seconds");
        let other = service.second(before + Duration::from_millis(1)).await;
        other.outbox().drain().await.unwrap();
        let again = service.host.pushes().remove(1);
        assert_eq!(again.headers["webhook-id"], first.headers["webhook-id"]);
        assert_eq!(again.body, first.body);
        assert_ne!(again.headers["webhook-timestamp"], first.headers["webhook-timestamp"]);
        assert_eq!(events(&service, "cornerstone").await, [("delivered".to_owned(), 1)]);
    }
}

on_both! {
    async fn a_tenant_that_is_told_a_new_secret_gets_both_signatures_for_a_while(service: Service) {
        use countersign::host::signature::{WebhookSecret, sign};
        use countersign::store::SecretPurpose::Push;
        use countersign::usecase::tenant::rotate_secret::rotate_secret;
        use secrecy::ExposeSecret as _;
        let tenant = TenantId::parse("cornerstone").unwrap();
        let hour = Duration::from_secs(3600);
        let new = rotate_secret(service.app.desk(), &tenant, Push, hour).await.unwrap();
        let secrets = [crate::service::PUSH_SECRET, new.expose_secret()].map(|s| WebhookSecret::parse(s).unwrap());
        told(&service).await;
        for (wait, valid) in [(0, 2), (3_600, 1)] {
            service.advance(wait);
            let body = json!({"contact": "c-1", "surface": "lead_card", "channels": ["email"]});
            service.post(CODES, body).await.expect(201);
            service.drain().await;
            let push = service.host.pushes().pop().unwrap();
            let sent: Vec<_> = push.headers["webhook-signature"].split(' ').map(str::to_owned).collect();
            let of = |s: &WebhookSecret| sign(std::slice::from_ref(s), &push.headers["webhook-id"], service.clock_seconds(), &push.body);
            let mut expected: Vec<_> = secrets[2 - valid..].iter().map(of).collect();
            expected.sort();
            let mut sorted = sent;
            sorted.sort();
            assert_eq!(sorted, expected);
        }
    }
}
