//! Who may ask what a call says: the carrier, at an address it was told, and nobody else.

use serde_json::json;

use super::{
    Call, PUBLIC, TOKEN, by, carrier, code_in, ended, is, on, placed, pushed, signature, state, tell,
    tell_signed,
};
use crate::on_both;
use crate::service::{Service, api_key};

/// The three addresses of a call that stands at its gate, each with what would be told there.
async fn addresses(service: &Service, call: &Call) -> [(String, Vec<(&'static str, &'static str)>); 3] {
    let (_, gate) = on(service, &call.script, "").await;
    [
        (call.script.clone(), vec![("CallSid", "CA1")]),
        (gate, vec![("CallSid", "CA1"), ("Digits", "9")]),
        (call.report.clone(), vec![("CallSid", "CA1"), ("CallStatus", "busy")]),
    ]
}

on_both! {
    async fn what_nobody_signed_is_refused_and_does_nothing(service: Service) {
        let carrier = carrier().await;
        let service = by(&service, &carrier).await;
        let call = placed(&service, &carrier).await;
        for (url, form) in addresses(&service, &call).await {
            let right = signature(TOKEN, &url, &form);
            let other_form = [("CallSid", "CA2"), ("Digits", "1"), ("CallStatus", "completed")];
            let mut lower = right.to_lowercase();
            lower.push('=');
            for (why, given) in [
                ("no signature", String::new()),
                ("another token", signature("0123456789abcdef0123456789abcdee", &url, &form)),
                ("an empty token", signature("", &url, &form)),
                ("another address", signature(TOKEN, &call.report.replace("msg_", "msg_0"), &form)),
                ("other parameters", signature(TOKEN, &url, &other_form)),
                ("another case", lower),
            ] {
                let reply = tell_signed(&service, &url, &form, &given).await;
                assert_eq!(reply.header("cache-control"), Some("no-store"));
                assert_eq!(reply.problem(401), "unauthorized", "{why}: {url}");
            }
            let path = url.strip_prefix(PUBLIC).unwrap();
            let got = service.send(service.request("GET", path).header("x-twilio-signature", &right)).await;
            assert_eq!(got.status, 404, "only posts are heard");
        }
        service.drain().await;
        assert_eq!(state(&service, &call.challenge).await, is("sent", "answered"));
        assert_eq!(service.status("lead-10482").await["state"], "code_sent");
        assert!(pushed(&service, "message.failed").is_empty() && pushed(&service, "verification.reported").is_empty());
    }
}

on_both! {
    async fn not_even_the_carriers_signature_makes_another_address(service: Service) {
        let carrier = carrier().await;
        let service = by(&service, &carrier).await;
        let other = placed(&service, &carrier).await;
        service.advance(30);
        let call = placed(&service, &carrier).await;
        let (_, gate) = on(&service, &call.script, "").await;
        let other_gate = other.script.replace(".start.", ".en-gate1.");
        let key = |url: &str| url.rsplit_once('.').unwrap().1.to_owned();
        let with_key = |url: &str, key: &str| format!("{}.{key}", url.rsplit_once('.').unwrap().0);
        let forged = [
            gate.replace("en-gate1", "en-code1"),
            gate.replace("en-gate1", "es-gate1"),
            gate.replace("en-gate1", "end"),
            gate.replace("en-gate1", "start"),
            gate.replace(".0.en", ".1.en"),
            gate.replace(".0.en", ".00.en"),
            gate.replace("msg_", "msg_0"),
            gate.replace("/cornerstone/", "/compeo/"),
            gate.replace("/cornerstone/", "/nobody/"),
            call.script.replace("start", "en-gate1"),
            other_gate,
            with_key(&gate, &key(&call.script)),
            with_key(&gate, &key(&gate).to_uppercase()),
            with_key(&gate, &key(&gate)[..31]),
            with_key(&gate, ""),
            format!("{gate}0"),
            format!("{gate}.x"),
            gate.rsplit_once('.').unwrap().0.to_owned(),
        ];
        for url in forged {
            let reply = tell(&service, &url, &[("CallSid", "CA1"), ("Digits", "1")]).await;
            assert_eq!(reply.problem(401), "unauthorized", "{url}");
        }
        assert_eq!(state(&service, &call.challenge).await, is("sent", "answered"));
    }
}

on_both! {
    async fn an_answer_is_xml_that_nobody_keeps_and_the_record_says_what_happened(service: Service) {
        let carrier = carrier().await;
        let service = by(&service, &carrier).await;
        let call = placed(&service, &carrier).await;
        service.advance(1);
        let (_, gate) = on(&service, &call.script, "").await;
        service.advance(1);
        let form = [("Digits", "1")];
        let reply = tell(&service, &gate, &form).await;
        assert_eq!(reply.status, 200);
        assert_eq!(reply.header("content-type"), Some("text/xml; charset=utf-8"));
        assert_eq!(reply.header("cache-control"), Some("no-store"));
        let code = code_in(&reply.text).unwrap();
        service.advance(1);
        ended(&service, &call, "completed").await.expect(204);
        for url in [&call.script, &call.report, &gate] {
            assert!(!url.contains(&code), "{url}");
        }
        assert_eq!(service.entries("message.send", "sent").await, 3, "placed, answered, heard");
        assert_eq!(service.entries("message.send", "delivered").await, 1);
        let audit = service.get("/api/v1/audit?action=message.send").await.expect(200);
        let items = audit["items"].as_array().unwrap();
        let details: Vec<_> = items.iter().rev().map(|one| one["detail"]["detail"].clone()).collect();
        assert_eq!(details, [json!("calling"), json!("answered"), json!("heard"), json!("heard")]);
        assert!(!audit.to_string().contains(&code));
        let listed = service.call("GET", "/api/v1/messages?channel=voice", &api_key("cornerstone"), None).await.expect(200);
        assert_eq!(listed["items"][0]["state"], "delivered");
    }
}
