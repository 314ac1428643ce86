//! What came of many pushes at once is written together, and each is told for itself.

use countersign::domain::event::{Event, EventType};
use countersign::domain::id::{EventId, TenantId};
use countersign::ports::{self, SystemRandom};
use countersign::store::{Attempt, Queue, StoreError};
use futures_util::future::join_all;

use crate::database::Backend;
use crate::on_both;
use crate::service::Service;

/// Queues that many events and claims them all, in the order of their ids.
async fn claimed(service: &Service, many: usize) -> Vec<EventId> {
    let (tenant, now) = (TenantId::parse("cornerstone").unwrap(), service.now());
    let store = &service.app.desk().store;
    let event = |at: usize| Event {
        id: EventId::new(now, ports::bytes(&SystemRandom)),
        kind: EventType::Verified,
        about: format!("lead-{at}"),
        at: now,
        body: b"{}".to_vec(),
    };
    let tx = store.begin().await.unwrap();
    tx.of(&tenant).insert_events(&(0..many).map(event).collect::<Vec<_>>()).await.unwrap();
    tx.commit().await.unwrap();
    let mut ids = Vec::new();
    while ids.len() < many {
        let claims = store.claim(Queue::HostEvent, now, &[], |_| many, many).await.unwrap();
        ids.extend(claims.into_iter().map(|claim| EventId::parse(&claim.id).unwrap()));
    }
    ids
}

async fn record(service: &Service, id: &EventId, attempt: &Attempt) -> Result<(), StoreError> {
    let tenant = TenantId::parse("cornerstone").unwrap();
    service.app.desk().store.record_attempt(&tenant, id, attempt).await
}

/// Taken, to be tried again, or parked, by its number.
fn outcome(service: &Service, at: usize) -> (Attempt, &'static str) {
    let now = service.now();
    let status = Some(200 + u16::try_from(at).unwrap());
    let failed = |next| Attempt {
        attempts: 1,
        status,
        error: Some(format!("error {at}")),
        next,
        delivered: false,
        at: now,
    };
    match at % 3 {
        0 => {
            (Attempt { attempts: 1, status, error: None, next: None, delivered: true, at: now }, "delivered")
        }
        1 => (failed(Some(now)), "pending"),
        _ => (failed(None), "parked"),
    }
}

/// How many events stand as they were told to.
async fn as_told(service: &Service, ids: &[EventId]) -> usize {
    let mut right = 0;
    for (at, id) in ids.iter().enumerate() {
        let (attempt, state) = outcome(service, at);
        let error =
            attempt.error.map_or("last_error is null".to_owned(), |error| format!("last_error = '{error}'"));
        let run_at = if state == "pending" { "run_at is not null" } else { "run_at is null" };
        let query = format!(
            "select count(*) from host_event where id = '{id}' and state = '{state}' and last_status = {} and attempts = 1 and {error} and {run_at}",
            200 + at
        );
        right += usize::try_from(service.database.count(&query).await).unwrap();
    }
    right
}

on_both! {
    async fn what_came_of_a_hundred_is_written_in_a_few_statements(service: Service) {
        let ids = claimed(&service, 100).await;
        let before = service.app.desk().store.round_trips();
        let service = &service;
        let all = ids.iter().enumerate().map(|(at, id)| async move { record(service, id, &outcome(service, at).0).await });
        for ended in join_all(all).await {
            ended.unwrap();
        }
        let trips = service.app.desk().store.round_trips() - before;
        assert!(trips <= 10, "{trips}: those that come while one is written go together");
        assert_eq!(as_told(service, &ids).await, 100);
    }
}

on_both! {
    async fn more_than_fit_into_one_statement_are_all_written(service: Service) {
        let ids = claimed(&service, 300).await;
        let service = &service;
        let all = ids.iter().enumerate().map(|(at, id)| async move { record(service, id, &outcome(service, at).0).await });
        for ended in join_all(all).await {
            ended.unwrap();
        }
        assert_eq!(as_told(service, &ids).await, 300);
    }
}

on_both! {
    async fn one_that_cannot_be_written_spoils_no_other(service: Service) {
        // PostgreSQL takes no text with a NUL.
        let spoilt = |at: usize| at == 7 && service.database.backend == Backend::Postgres;
        let ids = claimed(&service, 20).await;
        let (service, spoilt) = (&service, &spoilt);
        let all = ids.iter().enumerate().map(|(at, id)| async move {
            let (mut attempt, _) = outcome(service, at);
            if spoilt(at) {
                attempt.error = Some("a\0b".to_owned());
            }
            record(service, id, &attempt).await
        });
        for (at, ended) in join_all(all).await.into_iter().enumerate() {
            assert_eq!(ended.is_err(), spoilt(at), "{at}: {ended:?}");
        }
        let written = if spoilt(7) { 19 } else { 20 };
        assert_eq!(as_told(service, &ids).await, written);
    }
}

on_both! {
    async fn what_was_ended_meanwhile_stays_as_it_is(service: Service) {
        let ids = claimed(&service, 2).await;
        service.database.execute(&format!("update host_event set state = 'parked', run_at = null where id = '{}'", ids[0])).await;
        for (at, id) in ids.iter().enumerate() {
            record(&service, id, &outcome(&service, 3 * at).0).await.unwrap();
        }
        assert_eq!(service.database.count("select count(*) from host_event where state = 'parked'").await, 1);
        assert_eq!(service.database.count("select count(*) from host_event where state = 'delivered'").await, 1);
    }
}
