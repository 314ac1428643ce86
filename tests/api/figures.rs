//! Figures for whoever operates the service: counted as things happen, and of nobody in particular.

use serde_json::json;

use crate::code::wrong;
use crate::on_both;
use crate::pin::{PIN, cornerstone};
use crate::service::{Service, requested};
use crate::steps::{challenge, check};

async fn figures(service: &Service) -> String {
    let reply = service.call("GET", "/metrics", "", None).await;
    assert_eq!((reply.status, reply.header("content-type")), (200, Some("text/plain; version=0.0.4")));
    reply.text
}

/// The value of the figure whose name and labels begin so; figures of other tests of this process count along.
fn value(figures: &str, begins: &str) -> f64 {
    let line = figures
        .lines()
        .find(|line| line.starts_with(begins))
        .unwrap_or_else(|| panic!("{begins}\n{figures}"));
    line.rsplit(' ').next().unwrap().parse().unwrap()
}

on_both! {
    async fn what_happens_is_counted(service: Service) {
        service.webhook(&requested()).await.expect(200);
        let asked = challenge(&service, "lead-10482", "c-1").await;
        service.advance(7);
        let waiting = figures(&service).await;
        for queue in ["email", "phone", "host_event", "client"] {
            value(&waiting, &format!("countersign_outbox_due{{queue=\"{queue}\"}}"));
            value(&waiting, &format!("countersign_outbox_age_seconds{{queue=\"{queue}\"}}"));
        }
        service.drain().await;
        let code = service.code();
        check(&service, &asked, &wrong(&code)).await;
        check(&service, &asked, &code).await;
        service.drain().await;
        let told = figures(&service).await;
        for begins in [
            "countersign_checks_total{result=\"verified\"}",
            "countersign_checks_total{result=\"incorrect\"}",
            "countersign_pushes_total{outcome=\"delivered\"}",
            "countersign_messages_total{channel=\"sms\",purpose=\"client_code\",outcome=\"sent\"}",
            "countersign_sends_total{provider=\"file\",outcome=\"sent\"",
            "countersign_requests_total{method=\"POST\",route=\"/webhooks/{tenant}\",status=\"200\"}",
            "countersign_request_seconds_bucket{route=\"/webhooks/{tenant}\",le=\"10\"}",
        ] {
            assert!(value(&told, begins) >= 1.0, "{begins}");
        }
        for private in ["ruiz", "lead-10482", "c-1", "u-77", "cornerstone", "5550142", "chl_", "msg_"] {
            assert!(!told.to_lowercase().contains(private), "{private}");
        }
    }
}

on_both! {
    async fn the_hashing_of_pins_is_counted_and_timed(service: Service) {
        service.with_pin().await;
        service.said(PIN).await;
        let hasher = &service.app.desk().hasher;
        let held: Vec<_> = std::iter::from_fn(|| hasher.admit(&cornerstone()).ok()).collect();
        assert_eq!(service.check_pin(PIN).await.problem(503), "unavailable");
        drop(held);
        let told = figures(&service).await;
        assert!(value(&told, "countersign_pin_hash_seconds_count") >= 2.0);
        assert!(value(&told, "countersign_pin_hash_refusals_total") >= 1.0);
        for gauge in ["countersign_pin_hash_running", "countersign_pin_hash_waiting"] {
            assert!(value(&told, gauge) >= 0.0, "{gauge}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_is_told_with_its_age() {
    use countersign::store::Queue;
    let service = Service::start(crate::database::Backend::Sqlite).await;
    service.webhook(&requested()).await.expect(200);
    service
        .post("/api/v1/clients/lead-10482/codes", json!({"contact": "c-1", "surface": "lead_card"}))
        .await
        .expect(201);
    service.advance(7);
    let waiting = service.app.desk().store.waiting(Queue::Email, service.now()).await.unwrap();
    assert_eq!((waiting.due, waiting.oldest.as_secs()), (1.0, 7));
    service.drain().await;
    let waiting = service.app.desk().store.waiting(Queue::Email, service.now()).await.unwrap();
    assert_eq!((waiting.due, waiting.oldest.as_secs()), (0.0, 0));
}
