//! Events, messages and the audit log, read by the host a page at a time; and events posted once more.

use serde_json::{Value, json};

use crate::code::wrong;
use crate::on_both;
use crate::service::{Service, api_key, ruiz};
use crate::steps::{challenge, check, put, token};

/// Two clients, each verified after a wrong try, every push taken.
async fn lived(service: &Service) {
    for client in ["a", "b"] {
        put(service, client, &ruiz()).await.expect(201);
        let asked = challenge(service, client, "c-1").await;
        service.drain().await;
        let code = service.code();
        service.advance(1);
        check(service, &asked, &wrong(&code)).await;
        service.advance(1);
        assert_eq!(check(service, &asked, &code).await["result"], "verified");
        service.advance(1);
        service.drain().await;
    }
}

async fn items(service: &Service, path: &str) -> Vec<Value> {
    service.get(path).await.expect(200)["items"].as_array().unwrap().clone()
}

fn of(items: &[Value], field: &str) -> Vec<String> {
    items.iter().map(|item| item[field].as_str().unwrap().to_owned()).collect()
}

on_both! {
    async fn a_list_is_read_page_by_page_newest_first(service: Service) {
        lived(&service).await;
        let whole = items(&service, "/api/v1/events?limit=200").await;
        assert_eq!(of(&whole, "type")[..3], ["verification.verified", "verification.failed", "verification.code_sent"]);
        assert_eq!(whole.len(), 6);
        let (mut pages, mut path) = (Vec::new(), "/api/v1/events?limit=4".to_owned());
        loop {
            let page = service.get(&path).await.expect(200);
            pages.extend(page["items"].as_array().unwrap().clone());
            let Some(next) = page["next"].as_str() else { break };
            path = format!("/api/v1/events?limit=4&page={next}");
        }
        assert_eq!(pages, whole);
        assert_eq!(service.get("/api/v1/events?limit=0").await.problem(400), "invalid_request");
        assert_eq!(service.get("/api/v1/events?limit=201").await.problem(400), "invalid_request");
        assert_eq!(service.get("/api/v1/events?since=yesterday").await.problem(400), "invalid_request");
    }
}

on_both! {
    async fn a_list_holds_what_was_asked_for(service: Service) {
        lived(&service).await;
        let mine = items(&service, "/api/v1/events?client=a").await;
        assert!(mine.len() == 3 && of(&mine, "client").iter().all(|client| client == "a"));
        assert_eq!(items(&service, "/api/v1/events?type=verification.failed&client=b").await.len(), 1);
        assert_eq!(items(&service, "/api/v1/events?state=parked").await.len(), 0);
        let since = items(&service, "/api/v1/events?client=b&type=verification.failed").await[0]["created_at"].clone();
        let since = since.as_str().unwrap();
        assert_eq!(items(&service, &format!("/api/v1/events?since={since}")).await.len(), 2);
        assert_eq!(items(&service, &format!("/api/v1/events?until={since}")).await.len(), 4);
        let texts = items(&service, "/api/v1/messages?channel=sms&client=a").await;
        assert_eq!((texts.len(), &texts[0]["to"], &texts[0]["state"]), (1, &json!("(•••) •••-••42"), &json!("sent")));
        let checks = items(&service, "/api/v1/audit?action=code.check&client=a").await;
        assert_eq!(of(&checks, "outcome"), ["verified", "incorrect"]);
        assert_eq!(checks[1]["detail"]["tries_left"], 4);
        let unknown = service.get("/api/v1/messages?state=lost").await.expect(422);
        assert_eq!(unknown["known"].as_array().unwrap().len(), 5);
        assert_eq!(service.get("/api/v1/events?state=lost").await.problem(422), "unknown_value");
    }
}

on_both! {
    async fn an_event_is_posted_once_more_under_its_own_id(service: Service) {
        lived(&service).await;
        service.host.take_kinds();
        let verified = items(&service, "/api/v1/events?type=verification.verified&client=a").await;
        let id = verified[0]["id"].as_str().unwrap();
        let replay = format!("/api/v1/events/{id}/replay");
        assert_eq!(service.post(&replay, json!({})).await.expect(200), json!({"replayed": 1}));
        service.drain().await;
        let pushes = service.host.pushes();
        assert_eq!((pushes.len(), pushes[0].headers["webhook-id"].as_str()), (1, id));
        assert_eq!(service.call("POST", &replay, &api_key("compeo"), Some(&json!({}))).await.problem(404), "not_found");
        assert_eq!(service.post("/api/v1/events/evt_x/replay", json!({})).await.problem(404), "not_found");
    }
}

on_both! {
    async fn what_was_given_up_is_recovered_at_once(service: Service) {
        put(&service, "a", &ruiz()).await.expect(201);
        service.host.answer("cornerstone", 500, &[]);
        challenge(&service, "a", "c-1").await;
        let before = service.now().to_string();
        for _ in 0..12 {
            service.drain().await;
            service.advance(2 * 24 * 3600);
        }
        let parked = items(&service, "/api/v1/events?state=parked").await;
        assert!(!parked.is_empty(), "given up after its last attempt");
        assert_eq!((&parked[0]["attempts"], &parked[0]["last_status"]), (&json!(10), &json!(500)));
        service.host.answer("cornerstone", 204, &[]);
        service.host.take_kinds();
        let late = json!({"failed_since": service.now()});
        assert_eq!(service.post("/api/v1/events/replay", late).await.expect(200)["replayed"], 0);
        let all = json!({"failed_since": before});
        let count = service.post("/api/v1/events/replay", all).await.expect(200)["replayed"].as_u64().unwrap();
        assert_eq!(count, parked.len() as u64);
        service.drain().await;
        assert!(service.host.take_kinds().contains(&"verification.code_sent".to_owned()));
        assert_eq!(items(&service, "/api/v1/events?state=parked").await.len(), 0);
        assert_eq!(items(&service, "/api/v1/audit?action=event.replay").await.len(), 2);
    }
}

on_both! {
    async fn lists_are_the_hosts_own_and_no_browsers(service: Service) {
        lived(&service).await;
        let token = token(&service, &["a"]).await;
        for list in ["events", "messages", "audit"] {
            let path = format!("/api/v1/{list}");
            assert_eq!(service.call("GET", &path, &token, None).await.problem(401), "unauthorized");
            let foreign = service.call("GET", &path, &api_key("compeo"), None).await.expect(200);
            let of_clients = foreign["items"].as_array().unwrap().iter().filter(|item| item["client"].is_string()).count();
            assert_eq!(of_clients, 0, "{list}");
        }
    }
}

on_both! {
    async fn a_wish_that_no_row_can_meet_is_refused_before_the_database_sees_it(service: Service) {
        let wishes = [
            ("events", "type=verification.nothing", 422), ("events", "state=late", 422), ("events", "page=aud_1", 400), ("events", "page=%00", 400),
            ("events", "client=%00", 400), ("events", "client=", 400), ("messages", "challenge=chl_1", 400), ("messages", "challenge=%00", 400),
            ("messages", "page=evt_01m7wdp3k2v9c8d7e6f5g4h3j2", 400), ("messages", "channel=fax", 422), ("messages", "client=a%0Ab", 400),
            ("audit", "action=%00", 400), ("audit", "actor=%00", 400), ("audit", "page=1", 400), ("audit", "client=%C2%9B", 400),
        ];
        for (list, wish, status) in wishes {
            let answer = service.get(&format!("/api/v1/{list}?{wish}")).await;
            assert_eq!(answer.problem(status), if status == 422 { "unknown_value" } else { "invalid_request" }, "{list} {wish}");
        }
        for fine in ["events?type=verification.verified&client=k", "messages?channel=voice", "audit?action=code.check&actor=u-77"] {
            assert_eq!(service.get(&format!("/api/v1/{fine}")).await.expect(200), json!({"items": []}), "{fine}");
        }
    }
}
