//! From the button to the green light.

use serde_json::json;

use crate::code::wrong;
use crate::on_both;
use crate::service::requested;

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
        service.advance(1);
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

on_both! {
    async fn a_tenant_may_have_receipts_sent_after_a_verification(service: Service) {
        service.policy(json!({"receipt": true})).await;
        service.webhook(&requested()).await.expect(200);
        let asked = json!({"contact": "c-1", "surface": "payroll_card", "locale": "en"});
        let challenge = service.post("/api/v1/clients/lead-10482/codes", asked).await.expect(201);
        service.drain().await;
        let check = format!("/api/v1/challenges/{}/check", challenge["id"].as_str().unwrap());
        service.post(&check, json!({"code": service.code()})).await.expect(200);
        service.advance(1);
        service.drain().await;
        let mail = service.mail();
        assert_eq!(mail.len(), 4, "a code and a receipt by each way");
        let text = mail.last().unwrap()["text"].as_str().unwrap();
        assert!(text.contains("we verified your identity on a call") || text.contains("confirmed who you are"), "{text}");
        let shown = service.get(&format!("/api/v1/challenges/{}", challenge["id"].as_str().unwrap())).await.expect(200);
        assert_eq!(shown["messages"].as_array().unwrap().len(), 2, "a receipt is not part of the challenge");
    }
}

on_both! {
    async fn a_text_answering_no_reports_the_code(service: Service) {
        service.webhook(&requested()).await.expect(200);
        let asked = json!({"contact": "c-1", "surface": "lead_card"});
        let challenge = service.post("/api/v1/clients/lead-10482/codes", asked.clone()).await.expect(201);
        service.drain().await;
        let tenant = countersign::domain::id::TenantId::parse("cornerstone").unwrap();
        let url = countersign::usecase::message::hear_reply::reply_url(service.app.desk(), &tenant);
        let path = url.split_once("/callbacks").unwrap().1;
        let forged = "/callbacks/sms/cornerstone/inbound/00000000000000000000000000000000?from=%2B13055550142&text=NO";
        assert_eq!(service.call("GET", forged, "", None).await.problem(401), "unauthorized");
        let answer = |text: &str| format!("/callbacks{path}?from=%2B13055550142&text={text}");
        service.call("GET", &answer("later"), "", None).await.expect(204);
        let status = service.get("/api/v1/clients/lead-10482/status").await.expect(200);
        assert_eq!(status["state"], "code_sent");
        service.call("GET", &answer("No."), "", None).await.expect(204);
        let status = service.get("/api/v1/clients/lead-10482/status").await.expect(200);
        assert_eq!((&status["state"], &status["button"]["tone"]), (&json!("reported"), &json!("danger")));
        let check = format!("/api/v1/challenges/{}/check", challenge["id"].as_str().unwrap());
        let late = service.post(&check, json!({"code": service.code()})).await.expect(200);
        assert_eq!(late["result"], "cancelled");
        service.advance(31);
        assert_eq!(service.post("/api/v1/clients/lead-10482/codes", asked.clone()).await.problem(409), "reported");
        service.drain().await;
        let kinds = service.host.take_kinds();
        assert_eq!(kinds, ["verification.code_sent", "verification.cancelled", "verification.reported"]);
        service.post("/api/v1/clients/lead-10482/status/revoke", json!({})).await.expect(200);
        service.post("/api/v1/clients/lead-10482/codes", asked).await.expect(201);
    }
}
