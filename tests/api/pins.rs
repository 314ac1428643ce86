//! The security PIN: a link is sent, the client sets a PIN by it, an agent has it checked.

mod confirm;
mod late;
mod links;
mod record;
mod reports;
mod tries;

use serde_json::json;

use crate::life::CLIENT;
use crate::on_both;
use crate::pin::{PIN, WRONG};
use crate::service::{api_key, requested, ruiz};
use crate::steps::{destinations, token};

on_both! {
    async fn a_pin_is_set_by_its_link_and_verifies_the_client_for_an_hour(service: Service) {
        service.pins_on().await;
        assert_eq!(service.pin().await, json!({"state": "not_set"}));
        assert_eq!(service.said(PIN).await, json!({"result": "not_set"}));
        let sent = service.ask_link("c-1").await.expect(201);
        assert_eq!((&sent["contact"], &sent["expires_at"]), (&json!("c-1"), &json!("2026-11-21T15:04:05Z")));
        assert_eq!(sent["resend_at"], "2026-11-20T15:04:35Z");
        let channels: Vec<_> = sent["messages"].as_array().unwrap().iter().map(|m| m["channel"].clone()).collect();
        assert_eq!(channels, ["email", "sms"]);
        service.drain().await;
        assert_eq!(destinations(&service), ["+13055550142", "ana@ruiz-landscaping.example"]);
        let waiting = json!({"state": "not_set", "link": {"contact": "c-1", "expires_at": sent["expires_at"]}});
        assert_eq!(service.pin().await, waiting);
        let done = service.set(&service.token_of(&sent), PIN).await.unwrap();
        assert!(!done.is_reset);
        assert_eq!(service.pin().await, json!({"state": "set", "set_at": "2026-11-20T15:04:05Z"}));
        let status = service.status(CLIENT).await;
        assert_eq!((&status["state"], &status["pin"]), (&json!("not_verified"), &json!("set")), "nobody is verified by setting it");
        assert_eq!(status["button"]["tone"], "danger");
        service.advance(60);
        let said = service.said(" 482-057 ").await;
        assert_eq!(said, json!({"result": "verified", "verification": {
            "method": "pin", "channels": [], "assurance": "pin", "contact": {"id": "c-1", "name": "Ana Ruiz"},
            "agent": {"id": "u-77", "name": "Maria Lopez"},
            "verified_at": "2026-11-20T15:05:05Z", "expires_at": "2026-11-20T16:05:05Z",
        }}));
        let status = service.status(CLIENT).await;
        assert_eq!((&status["state"], &status["method"], &status["assurance"]), (&json!("verified"), &json!("pin"), &json!("pin")));
        assert_eq!(status["button"]["tone"], "success");
        assert_eq!((&status["channels"], &status["challenge"]), (&json!(null), &json!(null)));
        service.drain().await;
        let pushed = ["pin.link_sent", "pin.set", "verification.verified"].map(|kind| service.pushed(kind));
        assert_eq!(pushed, [1, 1, 1]);
        let push = service.host.pushes().into_iter().rfind(|push| push.kind() == "verification.verified").unwrap();
        let body: serde_json::Value = serde_json::from_slice(&push.body).unwrap();
        assert_eq!((&body["data"]["method"], &body["data"]["pin"]), (&json!("pin"), &json!("set")));
        service.advance(3600);
        service.drain().await;
        assert_eq!(service.status(CLIENT).await["state"], "not_verified");
        assert_eq!(service.pushed("verification.expired"), 1);
        assert_eq!(service.said(PIN).await["result"], "verified", "a PIN does not expire");
    }
}

on_both! {
    async fn a_reset_leaves_the_old_pin_in_force_until_the_new_one_is_set(service: Service) {
        service.with_pin().await;
        service.advance(30);
        let token = service.link("c-2").await;
        assert_eq!(service.said(PIN).await["result"], "verified");
        let again = service.set(&token, PIN).await.unwrap_err();
        assert!(matches!(again, countersign::usecase::pin::set_pin::SetFault::Same));
        let set = service.set(&token, WRONG).await.unwrap();
        assert!(set.is_reset);
        assert_eq!(service.said(PIN).await, json!({"result": "incorrect", "tries_left": 4}));
        let said = service.said(WRONG).await;
        assert_eq!(said["verification"]["contact"], json!({"id": "c-2", "name": "Luis Ruiz"}), "who set it");
    }
}

on_both! {
    async fn a_tenant_that_uses_no_pins_refuses_them(service: Service) {
        service.know(CLIENT).await.expect(201);
        assert_eq!(service.ask_link("c-1").await.problem(403), "pin_disabled");
        assert_eq!(service.check_pin(PIN).await.problem(403), "pin_disabled");
        let mut webhook = requested();
        webhook["type"] = json!("pin.requested");
        assert_eq!(service.webhook(&webhook).await.problem(403), "pin_disabled");
        assert_eq!(service.database.count("select count(*) from inbound").await, 0);
    }
}

on_both! {
    async fn another_tenants_client_is_as_if_there_were_none(service: Service) {
        service.with_pin().await;
        service.apply("compeo", json!({"policy": {"pin": {"enabled": true}}})).await;
        let path = format!("/api/v1/clients/{CLIENT}/pin");
        let (link, check) = (json!({"contact": "c-1"}), json!({"pin": PIN}));
        for (method, path, body) in [
            ("GET", path.clone(), None),
            ("POST", format!("{path}/link"), Some(&link)),
            ("POST", format!("{path}/check"), Some(&check)),
            ("POST", format!("{path}/lock"), None),
        ] {
            let foreign = service.call(method, &path, &api_key("compeo"), body).await;
            let nobody = service.call(method, &path.replace(CLIENT, "nobody"), &api_key("cornerstone"), body).await;
            assert_eq!((foreign.status, &foreign.text), (404, &nobody.text), "{path}");
            assert_eq!(foreign.problem(404), "client_not_found");
        }
        service.call("PUT", &format!("/api/v1/clients/{CLIENT}"), &api_key("compeo"), Some(&ruiz())).await.expect(201);
        let check = service.call("POST", &format!("{path}/check"), &api_key("compeo"), Some(&check)).await.expect(200);
        assert_eq!(check, json!({"result": "not_set"}), "a client of the same id has no PIN of another tenant's");
    }
}

on_both! {
    async fn an_agent_may_do_it_for_the_clients_of_the_token(service: Service) {
        service.with_pin().await;
        let path = format!("/api/v1/clients/{CLIENT}/pin/check");
        let named = token(&service, &[CLIENT]).await;
        let body = json!({"pin": PIN, "agent": {"id": "u-1", "name": "Somebody else"}});
        let said = service.call("POST", &path, &named, Some(&body)).await.expect(200);
        assert_eq!(said["verification"]["agent"], json!({"id": "u-77", "name": "Maria Lopez"}), "the token's own agent");
        let other = token(&service, &["lead-2"]).await;
        for (method, path) in [("POST", path.clone()), ("POST", path.replace("check", "link")), ("POST", path.replace("check", "lock")), ("GET", path.replace("/check", ""))] {
            let body = json!({"pin": PIN, "contact": "c-1"});
            let refused = service.call(method, &path, &other, Some(&body).filter(|_| method == "POST")).await;
            assert_eq!(refused.problem(403), "client_not_in_token", "{path}");
        }
    }
}

on_both! {
    async fn the_window_opens_on_the_pin(service: Service) {
        service.pin_policy(json!({"enabled": true})).await;
        let mut webhook = requested();
        let answer = service.webhook(&webhook).await.expect(200);
        assert!(!answer["window_url"].as_str().unwrap().contains("tools="));
        webhook["type"] = json!("pin.requested");
        let answer = service.webhook_as("cornerstone", "msg_pin", &webhook).await.expect(200);
        let url = answer["window_url"].as_str().unwrap();
        assert!(url.ends_with("&surface=lead_card&lang=en&tools=pin"), "{url}");
        assert_eq!(service.webhook_as("cornerstone", "msg_pin", &webhook).await.expect(200), answer, "the same answer again");
        let started = async || {
            let path = format!("/window/cornerstone/clients/{CLIENT}");
            let token = answer["agent_token"].as_str().unwrap();
            service.call("GET", &path, token, None).await.expect(200)["pin"].clone()
        };
        assert_eq!(started().await, json!({"enabled": true, "digits": 6, "confirm_by_code": false, "state": "not_set", "set_at": null, "link": null}));
        let link = service.link("c-1").await;
        let waiting = json!({"contact": {"id": "c-1", "name": "Ana Ruiz"}, "expires_at": "2026-11-21T15:04:05Z"});
        assert_eq!(started().await["link"], waiting);
        service.set(&link, PIN).await.unwrap();
        service.said(WRONG).await;
        let set = json!({"enabled": true, "digits": 6, "confirm_by_code": false, "state": "set", "set_at": "2026-11-20T15:04:05Z", "link": null, "tries_left": 4});
        assert_eq!(started().await, set);
    }
}

on_both! {
    async fn a_pin_is_required_from_a_date_or_of_single_clients(service: Service) {
        service.pin_policy(json!({"enabled": true, "required_since": "2026-11-01"})).await;
        let path = format!("/api/v1/clients/{CLIENT}");
        let key = api_key("cornerstone");
        let requirements = async || service.status(CLIENT).await["requirements"].clone();
        let mut client = ruiz();
        client["created_at"] = json!("2026-10-02T14:00:00Z");
        service.call("PUT", &path, &key, Some(&client)).await.expect(201);
        assert_eq!(requirements().await, json!([]), "older than the date");
        let version = service.status(CLIENT).await["version"].as_i64().unwrap();
        client["pin_required"] = json!(true);
        let told = service.call("PUT", &path, &key, Some(&client)).await.expect(200);
        assert_eq!(told["pin_required"], true);
        let status = service.status(CLIENT).await;
        assert_eq!((&status["requirements"], status["version"].as_i64()), (&json!(["security_pin"]), Some(version + 1)));
        client.as_object_mut().unwrap().remove("pin_required");
        service.call("PUT", &path, &key, Some(&client)).await.expect(200);
        service.webhook(&requested()).await.expect(200);
        assert_eq!(requirements().await, json!(["security_pin"]), "left out, it stays");
        let mut webhook = requested();
        webhook["data"]["client"]["pin_required"] = json!(false);
        service.webhook(&webhook).await.expect(200);
        assert_eq!(requirements().await, json!([]));
        client["created_at"] = json!("2026-11-02T14:00:00Z");
        service.call("PUT", &path, &key, Some(&client)).await.expect(200);
        assert_eq!(requirements().await, json!(["security_pin"]), "younger than the date");
        let token = service.link("c-1").await;
        service.set(&token, PIN).await.unwrap();
        assert_eq!(requirements().await, json!([]), "it has one");
    }
}
