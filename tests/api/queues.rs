//! What is due is found however much else waits: of other tenants, or of another queue of the same table.

use std::time::Duration;

use countersign::domain::event::{Event, EventType};
use countersign::domain::id::{EventId, TenantId};
use countersign::domain::timestamp::Timestamp;
use countersign::ports::{self, SystemRandom};
use countersign::store::{Claim, Queue};
use serde_json::json;

use crate::on_both;
use crate::service::Service;

/// More than one look passes by.
const VERY_MANY: usize = 1100;

fn tenant(id: &str) -> TenantId {
    TenantId::parse(id).unwrap()
}

async fn queue(service: &Service, of: &str, many: usize, at: Timestamp) {
    let event = |number: usize| Event {
        id: EventId::new(at, ports::bytes(&SystemRandom)),
        kind: EventType::Verified,
        about: format!("lead-{number}"),
        at,
        body: b"{}".to_vec(),
    };
    let tx = service.app.desk().store.begin().await.unwrap();
    tx.of(&tenant(of)).insert_events(&(0..many).map(event).collect::<Vec<_>>()).await.unwrap();
    tx.commit().await.unwrap();
}

async fn ahead(service: &Service, busy: &[TenantId], free: usize) -> Vec<String> {
    let store = &service.app.desk().store;
    tenants(store.claim(Queue::HostEvent, service.now(), busy, |_| free, 9).await.unwrap())
}

async fn behind(service: &Service, busy: &[TenantId], free: usize) -> Vec<String> {
    let store = &service.app.desk().store;
    tenants(store.claim_behind(Queue::HostEvent, service.now(), busy, |_| free, 9).await.unwrap())
}

fn tenants(claims: Vec<Claim>) -> Vec<String> {
    claims.into_iter().map(|claim| claim.tenant.as_str().to_owned()).collect()
}

on_both! {
    async fn one_tenants_backlog_hides_nobody_elses_events(service: Service) {
        let (crowd, other, late) = ("cornerstone", "compeo", "southeast");
        let busy = [tenant(crowd)];
        queue(&service, crowd, VERY_MANY, service.now()).await;
        queue(&service, late, 1, service.now() + Duration::from_secs(1)).await;
        assert_eq!(behind(&service, &busy, 2).await, [""; 0], "nobody else has anything to do yet");
        service.advance(1);
        queue(&service, other, 3, service.now() - Duration::from_millis(1)).await;

        assert_eq!(ahead(&service, &[], 2).await, [crowd; 2], "the oldest come first");
        assert_eq!(ahead(&service, &busy, 2).await, [""; 0]);
        assert_eq!(behind(&service, &busy, 2).await, [other, other, late], "whose are oldest first, of each what it may");
        assert_eq!(behind(&service, &busy, 2).await, [other]);
        assert_eq!(behind(&service, &busy, 2).await, [""; 0], "all of them are taken");
        service.advance(30);
        assert_eq!(behind(&service, &[tenant(crowd), tenant(other)], 2).await, [late], "and given back");
    }
}

on_both! {
    async fn emails_that_wait_hold_up_no_text(service: Service) {
        service.know("lead-1").await.expect(201);
        let body = json!({"contact": "c-1", "surface": "lead_card", "channels": ["email", "sms"]});
        service.post("/api/v1/clients/lead-1/codes", body).await.expect(201);
        service.database.execute(&format!(
            "with recursive n(i) as (select 1 union all select i + 1 from n where i < {VERY_MANY}) \
             insert into message select tenant_id, id || '-' || i, challenge_id, client_id, contact_id, purpose, channel, \
             destination, masked, state, detail, attempts, created_at, changed_at, run_at - 2 from message, n \
             where channel = 'email'"
        )).await;
        // A call that was due before the text.
        service.database.execute(
            "insert into message select tenant_id, id || '-call', challenge_id, client_id, contact_id, purpose, 'voice', \
             destination, masked, state, detail, attempts, created_at, changed_at, run_at - 1 from message where channel = 'sms'"
        ).await;
        let store = &service.app.desk().store;
        let channels = async |claims: Vec<Claim>| {
            let mut channels = Vec::new();
            for claim in claims {
                for channel in ["email", "sms", "voice"] {
                    let row = format!("select count(*) from message where channel = '{channel}' and id = '{}'", claim.id);
                    if service.database.count(&row).await == 1 {
                        channels.push(channel);
                    }
                }
            }
            channels
        };
        let emails = store.claim(Queue::Email, service.now(), &[], |_| 8, 8).await.unwrap();
        assert_eq!(channels(emails).await, ["email"; 8]);
        let ahead = store.claim(Queue::Phone, service.now(), &[], |_| 8, 8).await.unwrap();
        assert_eq!(channels(ahead).await, [""; 0]);
        for next in ["voice", "sms"] {
            let behind = store.claim_behind(Queue::Phone, service.now(), &[], |_| 1, 8).await.unwrap();
            assert_eq!(channels(behind).await, [next], "what has waited longest, by whatever channel");
        }
    }
}
