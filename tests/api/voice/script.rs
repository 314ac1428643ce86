//! What a call says, key by key.

use serde_json::json;

use super::{
    CLIENT, Call, ask, asked, by, carrier, code_in, ended, field, is, on, placed, press, pushed, state,
};
use crate::on_both;
use crate::service::{Service, api_key, ruiz};
use crate::wordings::worded;

/// A call that stands at its gate: where a key is told.
async fn at_the_gate(service: &Service, call: &Call) -> String {
    let (gate, action) = on(service, &call.script, "").await;
    assert!(code_in(&gate).is_none(), "{gate}");
    action
}

on_both! {
    async fn keys_change_the_language_and_repeat_the_code_three_times(service: Service) {
        let carrier = carrier().await;
        let service = by(&service, &carrier).await;
        let call = placed(&service, &carrier).await;
        let english = at_the_gate(&service, &call).await;
        let (spanish, gate) = on(&service, &english, "2").await;
        assert!(spanish.contains("Hola. Le llamamos de Cornerstone") && spanish.contains("For English, press 2."), "{spanish}");
        let (first, again) = on(&service, &gate, "1").await;
        assert!(first.contains("Su código es:") && first.contains("Léalo solo a nuestro agente"), "{first}");
        let (second, once_more) = on(&service, &again, "1").await;
        let (third, last) = on(&service, &once_more, "1").await;
        assert!(second.contains("oprima 1") && !third.contains("oprima 1"), "{third}");
        let code = code_in(&first).unwrap();
        assert_eq!((code_in(&second), code_in(&third)), (Some(code.clone()), Some(code)));
        let (bye, over) = press(&service, &last, "1").await;
        assert!(over.is_none() && code_in(&bye).is_none() && bye.contains("Adiós."), "{bye}");
        ended(&service, &call, "completed").await.expect(204);
        assert_eq!(state(&service, &call.challenge).await, is("delivered", "heard"));
    }
}

on_both! {
    async fn whoever_presses_nothing_is_told_no_code(service: Service) {
        let carrier = carrier().await;
        let service = by(&service, &carrier).await;
        let call = placed(&service, &carrier).await;
        let gate = at_the_gate(&service, &call).await;
        for silence in ["", "0", "5", "#"] {
            let (said, _) = press(&service, &gate, silence).await;
            assert!(code_in(&said).is_none(), "{silence:?}: {said}");
        }
        let (said, over) = press(&service, &gate, "").await;
        assert!(said.contains("so we did not play the code") && over.is_none(), "{said}");
        ended(&service, &call, "completed").await.expect(204);
        service.drain().await;
        assert_eq!(state(&service, &call.challenge).await, is("failed", "no_answer"));
        assert_eq!(pushed(&service, "message.failed").len(), 1);
        // The code itself is as good as before: another way may carry it.
        let challenge = service.get(&format!("/api/v1/challenges/{}", call.challenge)).await.expect(200);
        assert_eq!(challenge["state"], "active");
    }
}

on_both! {
    async fn key_9_reports_the_code_once_and_ends_it(service: Service) {
        let carrier = carrier().await;
        let service = by(&service, &carrier).await;
        let call = placed(&service, &carrier).await;
        let gate = at_the_gate(&service, &call).await;
        for _ in 0..3 {
            let (said, over) = press(&service, &gate, "9").await;
            assert!(said.contains("We have stopped this request. Please call us at 8 0 0, 5 5 5, 0 1 9 9."), "{said}");
            assert!(over.is_none() && code_in(&said).is_none());
        }
        service.drain().await;
        let status = service.status("lead-10482").await;
        assert_eq!((&status["state"], &status["button"]["tone"]), (&json!("reported"), &json!("danger")));
        let challenge = service.get(&format!("/api/v1/challenges/{}", call.challenge)).await.expect(200);
        assert_eq!(challenge["state"], "cancelled");
        assert_eq!(pushed(&service, "verification.reported").len(), 1);
        assert_eq!(service.entries("code.report", "reported").await, 1);
        let body = json!({"contact": "c-2", "surface": "lead_card"});
        assert_eq!(service.post(&format!("{CLIENT}/codes"), body).await.problem(409), "reported");
        let (said, _) = press(&service, &gate, "1").await;
        assert!(said.contains("This code is no longer valid.") && code_in(&said).is_none(), "{said}");
        ended(&service, &call, "completed").await.expect(204);
        assert_eq!(state(&service, &call.challenge).await, is("failed", "reported"));
    }
}

on_both! {
    async fn who_has_heard_the_code_can_still_report_it(service: Service) {
        let carrier = carrier().await;
        let service = by(&service, &carrier).await;
        let call = placed(&service, &carrier).await;
        let gate = at_the_gate(&service, &call).await;
        let (_, heard) = on(&service, &gate, "1").await;
        press(&service, &heard, "9").await;
        assert_eq!(service.status("lead-10482").await["state"], "reported");
        ended(&service, &call, "completed").await.expect(204);
        assert_eq!(state(&service, &call.challenge).await, is("delivered", "heard"), "it was heard all the same");
    }
}

on_both! {
    async fn a_code_that_is_over_when_the_key_is_pressed_is_not_said(service: Service) {
        let carrier = carrier().await;
        let service = by(&service, &carrier).await;
        let over = "This code is no longer valid. Please ask our agent for a new one. Goodbye.";
        for end in ["expired", "cancelled", "superseded", "verified", "no longer authorized", "another number", "dropped"] {
            let call = placed(&service, &carrier).await;
            let gate = at_the_gate(&service, &call).await;
            let challenge = format!("/api/v1/challenges/{}", call.challenge);
            let mut list = ruiz();
            match end {
                "expired" => service.advance(600),
                "cancelled" => drop(service.post(&format!("{challenge}/cancel"), json!({})).await.expect(200)),
                "superseded" => {
                    service.advance(30);
                    ask(&service, "c-2").await;
                }
                "verified" => {
                    let code = code_in(&on(&service, &gate, "1").await.0).unwrap();
                    service.post(&format!("{challenge}/check"), json!({"code": code})).await.expect(200);
                }
                "no longer authorized" => list["contacts"][1]["role"] = json!("bookkeeper"),
                "another number" => list["contacts"][1]["phone"] = json!("+13055550149"),
                _ => list["contacts"] = json!([list["contacts"][0]]),
            }
            service.call("PUT", CLIENT, &api_key("cornerstone"), Some(&list)).await.expect(200);
            let (said, action) = press(&service, &gate, "1").await;
            assert!(said.contains(over) && action.is_none() && code_in(&said).is_none(), "{end}: {said}");
            let (said, action) = press(&service, &call.script, "").await;
            assert!(said.contains(over) && action.is_none(), "{end}, from the start: {said}");
            service.call("PUT", CLIENT, &api_key("cornerstone"), Some(&ruiz())).await.expect(200);
            service.advance(1000);
        }
    }
}

on_both! {
    async fn a_call_speaks_the_language_that_was_asked_for_and_names_the_brand(service: Service) {
        let carrier = carrier().await;
        let service = by(&service, &carrier).await;
        service.apply("cornerstone", json!({"brand": {"short_name": "Q&A <b>\"Plus\""}})).await;
        let body = json!({"contact": "c-2", "surface": "lead_card", "channels": ["voice"], "locale": "es"});
        service.post(&format!("{CLIENT}/codes"), body).await.expect(201);
        service.drain().await;
        let url = field(&asked(&carrier).pop().unwrap(), "Url");
        let (said, _) = on(&service, &url, "").await;
        assert!(said.contains("Le llamamos de Q&amp;A &lt;b&gt;&quot;Plus&quot; con un código"), "{said}");
        assert!(said.contains("<Say voice=\"Polly.Lupe-Neural\" language=\"es-US\">Hola."), "{said}");
        assert!(said.contains("<Say voice=\"Polly.Joanna-Neural\" language=\"en-US\">For English"), "{said}");
    }
}

/// A call in words of its own, in one language.
const OWN: &str = "gate: {{brand}} calls <you> & yours. 1: the code.\nlanguage: 2: for this language.\nreport: 9: you asked for nothing.\n\
                   code: Listen: {{code}} Once more: {{code}}\nrule: Share it with our agent.\nrepeat: 1: again.\n\
                   reported: We know. Call {{phone}}.\nno_key: Nobody there.\nover: Too late.\nbye: So long.";

on_both! {
    async fn a_call_says_what_the_tenant_worded_in_each_language(service: Service) {
        let carrier = carrier().await;
        let service = by(&service, &carrier).await;
        worded(&service, "client_code/voice/en", "", OWN).await;
        let call = placed(&service, &carrier).await;
        let english = at_the_gate(&service, &call).await;
        let (said, _) = on(&service, &call.script, "").await;
        for part in [
            ">Cornerstone calls &lt;you&gt; &amp; yours. 1: the code.</Say>",
            // Nobody worded the other language, which offers itself.
            "language=\"es-US\">Para español, oprima 2.</Say>",
            ">9: you asked for nothing.</Say>",
        ] {
            assert!(said.contains(part), "{part}: {said}");
        }
        worded(&service, "client_code/voice/es", "", &OWN.replace("Listen", "Oiga").replace("So long", "Adiós pues")).await;
        let (said, gate) = on(&service, &english, "2").await;
        assert!(said.contains("language=\"es-US\">Cornerstone calls &lt;you&gt; &amp; yours.") && said.contains("language=\"en-US\">2: for this language."), "{said}");
        let (said, again) = on(&service, &gate, "1").await;
        assert!(said.contains("\">Oiga:<prosody rate=\"slow\">") && said.contains("</prosody>Once more:<prosody") && code_in(&said).is_some(), "{said}");
        assert!(said.contains(">Share it with our agent.</Say>") && said.contains(">1: again.</Say>"), "{said}");
        let (said, heard) = on(&service, &again, "2").await;
        assert!(said.contains("language=\"en-US\">Listen:<prosody"), "{said}");
        let (bye, _) = press(&service, &heard, "").await;
        assert!(bye.contains(">So long.</Say><Hangup/>"), "{bye}");
        let (reported, _) = press(&service, &gate, "9").await;
        assert!(reported.contains(">We know. Call 8 0 0, 5 5 5, 0 1 9 9.</Say>"), "{reported}");
        let (over, _) = press(&service, &gate, "1").await;
        assert!(over.contains(">Too late.</Say><Hangup/>"), "{over}");
    }
}

on_both! {
    async fn a_call_whose_words_cannot_be_said_says_the_built_in_ones(service: Service) {
        let carrier = carrier().await;
        let service = by(&service, &carrier).await;
        worded(&service, "client_code/voice/en", "", OWN).await;
        // What it needs is gone since.
        service.apply("cornerstone", json!({"brand": {"support_phone": null}})).await;
        let call = placed(&service, &carrier).await;
        let (said, gate) = on(&service, &call.script, "").await;
        assert!(said.contains("Hello. This is Cornerstone with a code"), "{said}");
        let (said, _) = on(&service, &gate, "1").await;
        assert!(said.contains("Your code is:") && code_in(&said).is_some(), "{said}");
    }
}
