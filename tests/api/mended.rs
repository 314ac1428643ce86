//! Ways around a rule that were found and closed: each would come back unnoticed without its test.

use countersign::domain::id::MessageId;
use countersign::domain::message::{Attempt, MessageState};
use countersign::domain::timestamp::Timestamp;
use countersign::usecase::message::report_delivery::{Report, report_delivery};
use serde_json::{Value, json};

use crate::code::wrong;
use crate::on_both;
use crate::service::{requested, ruiz};
use crate::steps::{act, again, ask, challenge, check, delete, put, status, token};

fn block() -> Value {
    json!({"on_recent_change": "block"})
}

on_both! {
    async fn a_client_dropped_and_told_anew_has_no_first_list_again(service: Service) {
        service.policy(block()).await;
        put(&service, "k", &ruiz()).await.expect(201);
        delete(&service, "k").await.expect(204);
        let mut list = ruiz();
        list["contacts"][0]["mobile"] = json!("+13055550177");
        put(&service, "k", &list).await.expect(201);
        let asked = ask(&service, "k", json!({"contact": "c-1", "surface": "lead_card"})).await;
        assert_eq!(asked.problem(422), "contact_unreachable", "every detail is new");
        service.advance(24 * 3600);
        challenge(&service, "k", "c-1").await;
    }
}

on_both! {
    async fn the_newer_of_two_lists_counts_in_whatever_order_they_come(service: Service) {
        // The host's clock is two minutes ahead, and its lists are said a second apart.
        let said = |seconds: i64| Timestamp::from_seconds(service.clock_seconds() + 120 + seconds).to_string();
        let list = |at: String, name: &str| {
            let mut body = requested();
            body["timestamp"] = json!(at);
            body["data"]["contacts"][0]["name"] = json!(name);
            body
        };
        let (old, new) = (list(said(0), "Old"), list(said(1), "New"));
        service.webhook(&new).await.expect(200);
        service.advance(30);
        service.webhook(&old).await.expect(200);
        let name = async || service.get("/api/v1/clients/lead-10482").await.expect(200)["contacts"][0]["name"].clone();
        assert_eq!(name().await, "New");
        // A whole second as the host writes it is not older than the call it came after.
        service.clock.advance(std::time::Duration::from_millis(600));
        put(&service, "lead-10482", &ruiz()).await.expect(200);
        let mut same_second = list(Timestamp::from_seconds(service.clock_seconds() + 120).to_string(), "Newest");
        service.webhook(&same_second).await.expect(200);
        assert_eq!(name().await, "Newest");
        let removed = json!({"type": "client.removed", "timestamp": said(-60), "data": {"client": {"id": "lead-10482"}}});
        service.webhook(&removed).await.expect(200);
        assert_eq!(name().await, "Newest", "a late removal");
        same_second["timestamp"] = json!("2027-11-20T15:04:05Z");
        service.webhook(&same_second).await.expect(200);
        service.advance(1);
        let mut later = list(Timestamp::from_seconds(service.clock_seconds() + 121).to_string(), "After");
        later["data"]["contacts"][0]["name"] = json!("After");
        service.webhook(&later).await.expect(200);
        assert_eq!(name().await, "After", "an absurd time shuts nothing out");
    }
}

on_both! {
    async fn a_role_that_counts_no_longer_ends_its_code(service: Service) {
        put(&service, "k", &ruiz()).await.expect(201);
        let asked = challenge(&service, "k", "c-1").await;
        service.drain().await;
        let code = service.code();
        service.apply("cornerstone", json!({"authorized_roles": ["authorized_representative"]})).await;
        assert_eq!(check(&service, &asked, &code).await["result"], "cancelled");
        assert_ne!(status(&service, "k").await["state"], "verified");
    }
}

on_both! {
    async fn tries_left_is_one_number_wherever_it_stands(service: Service) {
        put(&service, "k", &ruiz()).await.expect(201);
        for _ in 0..2 {
            let asked = challenge(&service, "k", "c-1").await;
            service.drain().await;
            let miss = wrong(&service.code());
            for _ in 0..4 {
                check(&service, &asked, &miss).await;
            }
            service.advance(30);
        }
        let asked = challenge(&service, "k", "c-1").await;
        assert_eq!(asked["tries_left"], 2, "eight of ten are gone");
        service.drain().await;
        assert_eq!(check(&service, &asked, &wrong(&service.code())).await["tries_left"], 1);
        assert_eq!(again(&service, &asked).await["tries_left"], 1);
    }
}

on_both! {
    async fn a_raised_epoch_leaves_the_window_without_a_code(service: Service) {
        put(&service, "k", &ruiz()).await.expect(201);
        challenge(&service, "k", "c-1").await;
        let token = token(&service, &["k"]).await;
        let path = "/window/cornerstone/clients/k";
        assert_eq!(service.call("GET", path, &token, None).await.expect(200)["challenge"]["digits"], 6);
        let tx = service.app.desk().store.begin().await.unwrap();
        tx.raise("epoch").await.unwrap();
        tx.commit().await.unwrap();
        service.app.beat().await.unwrap();
        assert_eq!(service.call("GET", path, &token, None).await.expect(200)["challenge"], Value::Null);
        service.advance(1);
        let closed = countersign::usecase::tenant::bump_epoch::bump_epoch(service.app.desk()).await.unwrap();
        assert_eq!((closed.open, &status(&service, "k").await["state"]), (1, &json!("not_verified")));
        service.drain().await;
        assert_eq!(service.host.take_kinds(), ["verification.code_sent", "verification.cancelled"]);
    }
}

on_both! {
    async fn a_failure_told_of_an_earlier_attempt_does_not_end_the_next(service: Service) {
        put(&service, "k", &ruiz()).await.expect(201);
        let asked = challenge(&service, "k", "c-1").await;
        let id = MessageId::parse(asked["messages"][1]["id"].as_str().unwrap()).unwrap();
        let tenant = countersign::domain::id::TenantId::parse("cornerstone").unwrap();
        service.database.execute("update message set attempts = 1").await;
        let report = Report {
            attempt: Attempt { message: id, number: 0 },
            state: MessageState::Failed,
            detail: countersign::message::Detail::NotDelivered,
        };
        report_delivery(service.app.desk(), &tenant, report, "test").await.unwrap();
        service.drain().await;
        assert_eq!(again(&service, &asked).await["messages"][1]["state"], "sent");
    }
}

on_both! {
    async fn what_cannot_be_is_refused_before_it_does_harm(service: Service) {
        put(&service, "k", &ruiz()).await.expect(201);
        let unlock = service.post("/api/v1/clients/k/unlock", json!({"contact": "c-one"})).await;
        assert_eq!(unlock.problem(404), "not_found");
        let long: Vec<String> = (0..50).map(|i| format!("{i:0>200}")).collect();
        let asked = json!({"agent": {"id": "u-77"}, "clients": long});
        assert_eq!(service.post("/api/v1/agent-tokens", asked).await.problem(400), "invalid_request");
        let mut list = ruiz();
        list["contacts"][0]["email"] = json!("ana@\u{130}\u{15e}\u{130}.com.tr");
        assert_eq!(put(&service, "k", &list).await.problem(422), "contact_invalid");
        put(&service, "k", &ruiz()).await.expect(200);
        let asked = challenge(&service, "k", "c-1").await;
        act(&service, &asked, "cancel", json!({})).await.expect(200);
    }
}

on_both! {
    async fn one_client_that_cannot_be_read_takes_no_others_status_with_it(service: Service) {
        put(&service, "a", &ruiz()).await.expect(201);
        put(&service, "b", &ruiz()).await.expect(201);
        service.database.execute("update client set standing = name where id = 'a'").await;
        let both = service.get("/api/v1/status?client=a&client=b").await.expect(200);
        let versions: Vec<_> = both["statuses"].as_array().unwrap().iter().map(|s| s["version"].as_i64().unwrap()).collect();
        assert_eq!(versions, [0, 1]);
    }
}
