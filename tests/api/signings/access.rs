//! The access code: told by voice, typed on the same page.

use serde_json::json;

use crate::code::wrong;
use crate::guest::{proof_of, signing};
use crate::on_both;
use crate::service::Service;

async fn told(service: &Service, id: &str) -> String {
    let body = json!({"agent": {"id": "u-9", "name": "Pat"}});
    let made = service.post(&format!("/api/v1/signings/{id}/access-code"), body).await.expect(201);
    made["access_code"].as_str().unwrap().to_owned()
}

on_both! {
    async fn an_access_code_is_typed_in_any_case_and_survives_reopening(service: Service) {
        let (id, path) = service.signing(&signing()).await;
        let at = format!("/api/v1/signings/{id}/access-code");
        assert_eq!(service.post(&at, json!({})).await.problem(403), "surface_disabled");
        let have = service.page(&format!("{path}?step=have")).await;
        assert!(have.text.contains("6-digit code") && have.text.contains("inputmode=\"numeric\""), "{}", have.text);
        service.workflow("signer", json!({"access_code": true})).await;
        let code = told(&service, &id).await;
        assert_eq!(service.signing_now(&id).await["access_code_expires_at"], "2026-11-21T15:04:05Z");
        let have = service.page(&format!("{path}?step=have")).await;
        assert!(have.text.contains("Use the code Cornerstone gave you.") && have.text.contains("inputmode=\"text\""), "{}", have.text);
        service.page(&path).await;
        service.pressed(&path, "text").await;
        service.drain().await;
        assert_eq!(service.mail().len(), 1, "an access code is never sent");
        let sent = service.typed_code();
        let typed = service.form(&format!("{path}?step=have"), &[("do", "check"), ("code", &code.to_lowercase().replace('-', " "))]).await;
        let proof = proof_of(&typed);
        assert_eq!(service.redeem(&id, &proof).await.expect(200)["method"], "told");
        assert_eq!(service.typed(&path, &code).await.status, 422, "once");
        proof_of(&service.typed(&path, &sent).await);
        assert_eq!(service.entries("access_code.create", "created").await, 1);
        assert_eq!(service.database.texts("select actor_id from audit where action = 'access_code.create'").await, ["u-9"]);
    }
}

on_both! {
    async fn who_opened_by_an_access_code_is_verified_whatever_became_of_the_code_that_was_sent(service: Service) {
        service.workflow("signer", json!({"access_code": true})).await;
        for wrong_ones in [0, 5] {
            let (id, path) = service.signing(&signing()).await;
            service.pressed(&path, "text").await;
            service.drain().await;
            let sent = service.typed_code();
            for _ in 0..wrong_ones {
                service.typed(&path, &wrong(&sent)).await;
            }
            let before = if wrong_ones == 5 { "locked" } else { "code_sent" };
            assert_eq!(service.signing_now(&id).await["state"], before);
            let code = told(&service, &id).await;
            service.advance(30);
            assert_eq!(service.has(&path, &code).await.status, 303);
            assert_eq!(service.signing_now(&id).await["state"], "verified", "after {before}");
            service.drain().await;
            assert_eq!(service.push_data("signing.verified")["state"], "verified", "after {before}");
            service.pressed(&path, "text").await;
            assert_eq!(service.signing_now(&id).await["state"], "code_sent", "a new code is news");
            service.advance(30);
        }
    }
}

on_both! {
    async fn a_new_access_code_voids_the_one_before_and_has_tries_of_its_own(service: Service) {
        service.workflow("signer", json!({"access_code": true, "subject_tries": 20})).await;
        let (id, path) = service.signing(&signing()).await;
        let first = told(&service, &id).await;
        let second = told(&service, &id).await;
        assert_ne!(first, second);
        let missed = service.has(&path, &first).await;
        assert!(missed.text.contains("4 tries left"), "{}", missed.text);
        for bad in ["AB12", "AB!12345", &"A".repeat(21)] {
            let refused = service.has(&path, bad).await;
            assert!(refused.status == 422 && refused.text.contains("That is not a code."), "{}", refused.text);
        }
        let slip = service.typed(&path, "12345A").await;
        assert!(slip.status == 422 && slip.text.contains("The code must be 6 numbers"), "{}", slip.text);
        for _ in 0..4 {
            service.has(&path, "AAAA-AAAA").await;
        }
        assert_eq!(service.has(&path, &second).await.status, 429, "this code is locked");
        service.pressed(&path, "text").await;
        service.drain().await;
        let sent = service.typed_code();
        assert!(service.typed(&path, &wrong(&sent)).await.text.contains("4 tries left"), "a sent one has its own");
        let third = told(&service, &id).await;
        proof_of(&service.has(&path, &third).await);
        proof_of(&service.typed(&path, &sent).await);
    }
}
