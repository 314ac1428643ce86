//! From the button to the green light.

use serde_json::json;

use crate::on_both;
use crate::service::{requested, wrong};

on_both! {
    async fn a_signed_webhook_leads_to_a_verified_client(service: Service) {
        let answer = service.webhook(&requested()).await.expect(200);
        let token = answer["agent_token"].as_str().unwrap().to_owned();
        assert_eq!(answer["status"]["state"], "not_verified");
        assert!(answer["window_url"].as_str().unwrap().contains("/window/cornerstone#token=cst_"));
        let body = json!({"contact": "c-1", "surface": "lead_card"});
        let challenge = service.call("POST", "/api/v1/clients/lead-10482/codes", &token, Some(&body)).await.expect(201);
        assert_eq!(challenge["state"], "active");
        assert_eq!(challenge["tries_left"], 5);
        assert_eq!(challenge["messages"][0]["to"], "a•••@ruiz-landscaping.example");
        assert_eq!(challenge["messages"][1]["to"], "(•••) •••-••42");
        service.drain().await;
        let mail = service.mail();
        assert_eq!(mail.len(), 2);
        assert!(mail.iter().all(|m| m["text"].as_str().unwrap().contains("Cornerstone")));
        let code = service.code();
        let check = format!("/api/v1/challenges/{}/check", challenge["id"].as_str().unwrap());
        let miss = service.call("POST", &check, &token, Some(&json!({"code": wrong(&code)}))).await.expect(200);
        assert_eq!(miss, json!({"result": "incorrect", "tries_left": 4}));
        let hit = service.call("POST", &check, &token, Some(&json!({"code": code}))).await.expect(200);
        assert_eq!(hit["result"], "verified");
        assert_eq!(hit["verification"]["agent"]["name"], "Maria Lopez");
        let status = service.get("/api/v1/clients/lead-10482/status").await.expect(200);
        assert_eq!(status["state"], "verified");
        assert_eq!(status["seconds_left"], 3600);
        service.drain().await;
        let kinds = service.host.take_kinds();
        assert_eq!(kinds, ["verification.code_sent", "verification.failed", "verification.verified"]);
        service.advance(3600);
        let status = service.get("/api/v1/clients/lead-10482/status").await.expect(200);
        assert_eq!(status["state"], "not_verified");
        service.drain().await;
        assert_eq!(service.host.take_kinds(), ["verification.expired"]);
    }
}
