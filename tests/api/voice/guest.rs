//! Calls to guests: the code that a signer or a participant types.

use countersign::domain::wording::Spot;
use countersign::message::render::built_in;
use serde_json::{Value, json};

use super::{asked, by, carrier, code_in, field, on, press, pushed, tell};
use crate::gateway::Server;
use crate::guest::{proof_of, session, signing};
use crate::on_both;
use crate::service::Service;
use crate::wordings::worded;

const OVER: &str = "This code is no longer valid. You can ask for a new one on the page. Goodbye.";

/// The built-in words with another gate.
fn signers() -> String {
    let built_in = built_in(Spot::parse("signer_code", "voice", "en").unwrap()).body;
    let (_, rest) = built_in.split_once('\n').unwrap();
    format!("gate: Sign here, says {{{{brand}}}}. Key 1.\n{rest}")
}

/// The newest call comes to its end.
async fn hung_up(service: &Service, carrier: &Server) {
    let report = field(&asked(carrier).pop().unwrap(), "StatusCallback");
    tell(service, &report, &[("CallSid", "CA1"), ("CallStatus", "completed")]).await.expect(204);
    service.drain().await;
}

/// The gate of the newest call: what is said there, and where a key is told.
async fn gate(service: &Service, carrier: &Server) -> (String, String) {
    service.drain().await;
    let form = asked(carrier).pop().expect("a call");
    assert_eq!(field(&form, "To"), "+13055550142");
    let (said, action) = on(service, &field(&form, "Url"), "").await;
    assert!(code_in(&said).is_none() && said.contains("If you did not ask for a code, press 9."), "{said}");
    (said, action)
}

async fn message(service: &Service, id: &str) -> Value {
    service.signing_now(id).await["messages"].as_array().unwrap().last().unwrap().clone()
}

on_both! {
    async fn key_9_of_a_signers_call_reports_the_code_once_and_ends_it(service: Service) {
        let carrier = carrier().await;
        let service = by(&service, &carrier).await;
        let (id, path) = service.signing(&signing()).await;
        service.pressed(&path, "call").await;
        worded(&service, "signer_code/voice/en", "", &signers()).await;
        let (said, action) = gate(&service, &carrier).await;
        assert!(said.contains(">Sign here, says Cornerstone. Key 1.</Say>"), "{said}");
        for _ in 0..3 {
            let (said, over) = press(&service, &action, "9").await;
            assert!(said.contains("We have stopped this request. Please call us at 8 0 0, 5 5 5, 0 1 9 9."), "{said}");
            assert!(over.is_none() && code_in(&said).is_none(), "{said}");
        }
        let (said, over) = press(&service, &action, "1").await;
        assert!(said.contains(OVER) && over.is_none() && code_in(&said).is_none(), "{said}");
        hung_up(&service, &carrier).await;
        assert_eq!(service.entries("code.report", "reported").await, 1);
        assert_eq!(service.database.texts("select actor_kind from audit where action = 'code.report'").await, ["contact"]);
        assert_eq!(service.signing_now(&id).await["state"], "open");
        let told = message(&service, &id).await;
        assert_eq!((&told["state"], &told["detail"]), (&json!("failed"), &json!("reported")));
        let pushes = pushed(&service, "message.failed");
        assert_eq!(pushes.len(), 1, "the host is told");
        let data = &pushes[0]["data"];
        assert_eq!((&data["signing"], &data["message"]["detail"]), (&json!(id), &json!("reported")));
        service.advance(30);
        service.pressed(&path, "text").await;
        service.drain().await;
        proof_of(&service.typed(&path, &service.typed_code()).await);
    }
}

on_both! {
    async fn a_signer_who_has_heard_the_code_can_still_report_it(service: Service) {
        let carrier = carrier().await;
        let service = by(&service, &carrier).await;
        let (id, path) = service.signing(&signing()).await;
        service.pressed(&path, "call").await;
        let (_, action) = gate(&service, &carrier).await;
        let (said, heard) = on(&service, &action, "1").await;
        let code = code_in(&said).unwrap();
        assert!(said.contains("Type it on the page where your document is."), "{said}");
        press(&service, &heard, "9").await;
        let late = service.typed(&path, &code).await;
        assert!(late.status == 422 && late.text.contains("That code has expired"), "{}", late.text);
        assert_eq!(service.signing_now(&id).await["state"], "open");
        service.advance(30);
        service.pressed(&path, "call").await;
        let (_, action) = gate(&service, &carrier).await;
        let (said, heard) = on(&service, &action, "1").await;
        proof_of(&service.typed(&path, &code_in(&said).unwrap()).await);
        press(&service, &heard, "9").await;
        assert_eq!(service.entries("code.report", "reported").await, 1, "a code that was used is not called back");
        assert_eq!(service.signing_now(&id).await["state"], "verified");
    }
}

on_both! {
    async fn a_participant_who_was_invited_by_email_is_called_who_asks_for_it(service: Service) {
        let carrier = carrier().await;
        let service = by(&service, &carrier).await;
        service.post("/api/v1/sessions", session("email")).await.expect(201);
        service.drain().await;
        let path = service.link_path();
        service.pressed(&path, "arrive").await;
        service.drain().await;
        // The words of another call are none of this one.
        worded(&service, "signer_code/voice/en", "", &signers()).await;
        let texted = service.typed_code();
        let page = service.page(&format!("{path}?step=code")).await;
        assert!(page.text.contains("Did not arrive?") && page.text.contains("value=\"again-call\">Call me</button>"), "{}", page.text);
        service.advance(30);
        service.pressed(&format!("{path}?step=code"), "again-call").await;
        let (said, action) = gate(&service, &carrier).await;
        assert!(said.contains("Hello. This is Cornerstone with the session code you asked for."), "{said}");
        let (said, _) = on(&service, &action, "1").await;
        assert_eq!(code_in(&said), Some(texted.clone()), "the same code");
        assert!(said.contains("Your session code is:") && said.contains("Type it on the page to join."), "{said}");
        assert!(service.page(&format!("{path}?step=code")).await.text.contains("We are calling the phone ending in 42."));
        let proof = proof_of(&service.typed(&path, &texted).await);
        let redeemed = service.post("/api/v1/sessions/ses-7/participants/p-1/proof", json!({"proof": proof})).await;
        assert_eq!(redeemed.expect(200)["method"], "voice");
    }
}

on_both! {
    async fn the_telephone_that_an_invitation_went_to_does_not_ring(service: Service) {
        let carrier = carrier().await;
        let service = by(&service, &carrier).await;
        service.post("/api/v1/sessions", session("sms")).await.expect(201);
        service.drain().await;
        let path = service.link_path();
        for wish in ["arrive", "call", "again-call"] {
            assert!(!service.page(&format!("{path}?step=code")).await.text.contains("Call me"));
            service.pressed(&path, wish).await;
            service.drain().await;
            assert_eq!(service.newest_mail()["channel"], "email", "{wish}");
            service.advance(30);
        }
        assert!(asked(&carrier).is_empty());
    }
}
