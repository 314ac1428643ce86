//! When a push is tried again: the planned moments, and what the host may ask for.

use std::collections::BTreeSet;

use countersign::domain::id::TenantId;
use countersign::domain::timestamp::Timestamp;
use serde_json::json;

use super::{ask, genuine, posted, told};
use crate::on_both;
use crate::service::Service;

/// The waits between ten attempts, in seconds.
const PLAN: [i64; 9] = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];

/// One event is waiting at the host's door and nothing else is: a code was asked for and given up.
async fn one_event(service: &Service, status: u16, headers: &[(&str, &str)]) {
    told(service).await;
    let challenge = ask(service).await;
    posted(service).await;
    service.advance(1);
    service.host.answer("cornerstone", status, headers);
    service.post(&format!("/api/v1/challenges/{challenge}/cancel"), json!({})).await.expect(200);
    assert_eq!(service.drain().await, 1);
}

/// When the event that waits is tried again, in milliseconds after now.
async fn wait(service: &Service) -> i64 {
    let query = "select run_at from host_event where state = 'pending'";
    service.database.count(query).await - service.now().millis()
}

/// Goes to one millisecond before the next attempt, sees that nothing happens, and goes there.
async fn next_attempt(service: &Service) {
    let at = service.now().millis() + wait(service).await;
    service.clock.set(Timestamp::from_millis(at - 1));
    assert_eq!(service.drain().await, 0, "an attempt before its time");
    service.clock.set(Timestamp::from_millis(at));
    assert_eq!(service.drain().await, 1);
}

async fn states(service: &Service) -> Vec<(String, u32)> {
    let tenant = TenantId::parse("cornerstone").unwrap();
    let newest = service.app.desk().store.of(&tenant).recent_events(1).await.unwrap();
    newest.into_iter().map(|(_, state, attempts)| (state, attempts)).collect()
}

on_both! {
    async fn ten_attempts_keep_to_the_plan_and_the_event_is_then_kept_for_replay(service: Service) {
        one_event(&service, 500, &[]).await;
        let mut attempts = vec![service.clock_seconds()];
        for planned in PLAN {
            let wait = wait(&service).await;
            assert!((planned * 800..=planned * 1_200).contains(&wait), "{wait} ms for {planned} s");
            next_attempt(&service).await;
            attempts.push(service.clock_seconds());
        }
        assert_eq!(states(&service).await, [("parked".to_owned(), 10)]);
        service.advance(30 * 86_400);
        assert_eq!(service.drain().await, 0);

        let pushes = service.host.pushes().split_off(1);
        assert_eq!(pushes.len(), 10);
        let same = |name: &str| pushes.iter().map(|p| p.headers[name].clone()).collect::<BTreeSet<_>>().len();
        assert_eq!(same("webhook-id"), 1, "the id stays");
        assert_eq!(same("webhook-timestamp"), 10, "the time is that of the attempt");
        assert_eq!(same("webhook-signature"), 10);
        for (push, at) in pushes.iter().zip(attempts) {
            assert_eq!(push.headers["webhook-timestamp"], at.to_string());
            assert_eq!(push.body, pushes[0].body);
            assert!(genuine(push, at));
        }
    }
}

on_both! {
    async fn a_wish_to_be_left_alone_is_honoured_between_the_plan_and_twice_the_plan(service: Service) {
        one_event(&service, 500, &[("Retry-After", "1")]).await;
        assert_eq!(wait(&service).await, 5_000, "no sooner than planned");
        for (status, asked, expected) in [
            (503, "450", 450),
            (500, "999999", 2 * 1_800),
            (500, "0", 7_200),
            (502, "18001", 18_001),
        ] {
            service.host.answer("cornerstone", status, &[("Retry-After", asked)]);
            next_attempt(&service).await;
            assert_eq!(wait(&service).await, expected * 1_000, "{status} {asked}");
        }
    }
}

on_both! {
    async fn a_host_that_is_busy_is_left_alone_for_a_minute_at_least(service: Service) {
        one_event(&service, 429, &[]).await;
        assert_eq!(wait(&service).await, 60_000);
        service.host.answer("cornerstone", 429, &[("Retry-After", "400")]);
        next_attempt(&service).await;
        assert_eq!(wait(&service).await, 400_000);
    }
}

on_both! {
    async fn a_wish_of_a_few_seconds_does_not_shorten_the_minute(service: Service) {
        one_event(&service, 429, &[("Retry-After", "7")]).await;
        assert_eq!(wait(&service).await, 60_000);
    }
}

on_both! {
    async fn gone_is_a_failure_like_any_other(service: Service) {
        one_event(&service, 410, &[]).await;
        assert!((4_000..=6_000).contains(&wait(&service).await));
        service.host.answer("cornerstone", 200, &[]);
        next_attempt(&service).await;
        assert_eq!(states(&service).await, [("delivered".to_owned(), 2)]);
        service.advance(86_400);
        assert_eq!(service.drain().await, 0);
    }
}

on_both! {
    async fn a_redirect_is_not_followed_and_not_taken_for_delivered(service: Service) {
        for (tries, status) in [301, 302, 303, 307, 308].into_iter().enumerate() {
            let trap = service.host.url("trap");
            if tries == 0 {
                one_event(&service, status, &[("Location", &trap)]).await;
            } else {
                service.host.answer("cornerstone", status, &[("Location", &trap)]);
                next_attempt(&service).await;
            }
        }
        assert!(service.host.pushes().iter().all(|push| push.tenant == "cornerstone"));
        assert_eq!(states(&service).await, [("pending".to_owned(), 5)]);
    }
}
