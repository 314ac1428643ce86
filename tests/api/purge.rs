//! What is older than a tenant keeps it goes, and nothing else.

use countersign::domain::timestamp::Timestamp;
use countersign::usecase::audit::seal::seal_since;
use countersign::usecase::tenant::purge::purge;
use serde_json::json;

use crate::on_both;
use crate::service::{Service, api_key, requested, ruiz};
use crate::steps::{challenge, put, status, verify};

const DAY: u64 = 24 * 3600;

async fn counts(service: &Service) -> Vec<i64> {
    let mut counts = Vec::new();
    for table in ["challenge", "message", "host_event", "inbound", "send_limit", "audit"] {
        counts.push(service.database.count(&format!("select count(*) from {table}")).await);
    }
    counts
}

on_both! {
    async fn what_is_too_old_goes_and_the_rest_stays(service: Service) {
        service.webhook(&requested()).await.expect(200);
        verify(&service, "lead-10482", "c-1").await;
        service.drain().await;
        let whole = counts(&service).await;
        assert!(whole.iter().all(|count| *count > 0), "{whole:?}");
        purge(service.app.desk()).await.unwrap();
        assert_eq!(counts(&service).await, whole, "nothing is too old");
        service.advance(16 * DAY);
        service.drain().await;
        let before = counts(&service).await;
        purge(service.app.desk()).await.unwrap();
        let [challenges, messages, events, inbound, limits, audit] = counts(&service).await[..] else { unreachable!() };
        assert_eq!((challenges, messages, events, audit), (before[0], before[1], before[2], before[5]));
        assert_eq!((inbound, limits), (0, 0), "webhook ids after 14 days, limits after 15 minutes");
        service.advance(75 * DAY);
        challenge(&service, "lead-10482", "c-1").await;
        purge(service.app.desk()).await.unwrap();
        let left = counts(&service).await;
        assert_eq!(left[..3], [1, 2, 2], "the code of today with its messages and its event, and the lapse told 75 days ago");
        assert_eq!(left[5], audit + 1, "the record stays for seven years");
        assert_eq!(status(&service, "lead-10482").await["state"], "code_sent");
        assert!(service.get("/api/v1/clients/lead-10482").await.status == 200, "a client is kept until it is dropped");
        service.advance(8 * 366 * DAY);
        purge(service.app.desk()).await.unwrap();
        assert_eq!(counts(&service).await[5], left[5], "what has no place in the chain waits for one");
        seal_since(service.app.desk(), Timestamp::default()).await.unwrap();
        purge(service.app.desk()).await.unwrap();
        assert_eq!(counts(&service).await[5], 0);
    }
}

on_both! {
    async fn a_tenants_own_retention_counts_and_only_for_itself(service: Service) {
        put(&service, "k", &ruiz()).await.expect(201);
        service.call("PUT", "/api/v1/clients/k", &api_key("compeo"), Some(&ruiz())).await.expect(201);
        let body = json!({"contact": "c-1", "surface": "lead_card"});
        challenge(&service, "k", "c-1").await;
        service.call("POST", "/api/v1/clients/k/codes", &api_key("compeo"), Some(&body)).await.expect(201);
        service.drain().await;
        service.apply("cornerstone", json!({"retention": "30d"})).await;
        service.advance(31 * DAY);
        service.drain().await;
        purge(service.app.desk()).await.unwrap();
        let of = |tenant: &str| format!("select count(*) from challenge where tenant_id = '{tenant}'");
        assert_eq!(service.database.count(&of("cornerstone")).await, 0);
        assert_eq!(service.database.count(&of("compeo")).await, 1);
    }
}

on_both! {
    async fn more_than_one_batch_goes_in_one_run(service: Service) {
        let rows: Vec<_> = (0..450).map(|i| format!("('cornerstone', 'msg_old_{i}', 1, '')")).collect();
        let rows = format!("insert into inbound (tenant_id, webhook_id, received_at, answer) values {}", rows.join(","));
        service.database.execute(&rows).await;
        purge(service.app.desk()).await.unwrap();
        assert_eq!(service.database.count("select count(*) from inbound").await, 0);
    }
}
