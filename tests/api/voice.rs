//! A code by a call: placed, answered, heard, reported, and what became of it.

mod address;
mod end;
mod guest;
mod script;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha1::Sha1;

use crate::database::Database;
use crate::gateway::{Answer, Server};
use crate::on_both;
use crate::receiver::Push;
use crate::service::{Reply, Service, api_key, ruiz};

const CLIENT: &str = "/api/v1/clients/lead-10482";
const TOKEN: &str = "0123456789abcdef0123456789abcdef";
const TAKEN: &str = r#"{"sid": "CAfedcba9876543210fedcba9876543210", "status": "queued"}"#;
const PUBLIC: &str = "http://127.0.0.1:8080";

/// A carrier that takes every call.
async fn carrier() -> Server {
    Server::start(Answer::Say("201 Created", "", TAKEN)).await
}

/// The service with its calls by `carrier`, and a client whose contacts are known.
async fn by(service: &Service, carrier: &Server) -> Service {
    by_with(service, carrier, &[]).await
}

async fn by_with(service: &Service, carrier: &Server, more: &[(&str, &str)]) -> Service {
    let base = carrier.url("");
    let mut settings = vec![
        ("COUNTERSIGN_VOICE__PROVIDER", "twilio"),
        ("COUNTERSIGN_VOICE__ACCOUNT_SID", "AC0123456789abcdef0123456789abcdef"),
        ("COUNTERSIGN_VOICE__AUTH_TOKEN", TOKEN),
        ("COUNTERSIGN_VOICE__FROM", "+13055550100"),
        ("COUNTERSIGN_VOICE__API_BASE", base.as_str()),
    ];
    settings.extend(more);
    let service = Service::with(Database::create(service.database.backend).await, &settings).await;
    service.call("PUT", CLIENT, &api_key("cornerstone"), Some(&ruiz())).await.expect(201);
    service
}

/// What a call was asked for with, newest last.
fn asked(carrier: &Server) -> Vec<Vec<(String, String)>> {
    let form = |request: &String| {
        let (_, body) = request.split_once("\r\n\r\n").unwrap();
        url::form_urlencoded::parse(body.as_bytes()).into_owned().collect()
    };
    carrier.seen().iter().map(form).collect()
}

fn field(form: &[(String, String)], name: &str) -> String {
    form.iter().find(|(known, _)| known == name).unwrap_or_else(|| panic!("no {name} in {form:?}")).1.clone()
}

/// Asks for a call to a contact: the challenge.
async fn ask(service: &Service, contact: &str) -> Value {
    let body = json!({"contact": contact, "surface": "lead_card", "channels": ["voice"]});
    service.post(&format!("{CLIENT}/codes"), body).await.expect(201)
}

/// A call on its way.
struct Call {
    challenge: String,
    /// Where the carrier asks what to say.
    script: String,
    /// Where it tells of the end.
    report: String,
}

/// A call to Luis, who is spoken to in English, placed.
async fn placed(service: &Service, carrier: &Server) -> Call {
    let challenge = ask(service, "c-2").await;
    service.drain().await;
    let form = asked(carrier).pop().unwrap();
    Call {
        challenge: challenge["id"].as_str().unwrap().to_owned(),
        script: field(&form, "Url"),
        report: field(&form, "StatusCallback"),
    }
}

fn signature(token: &str, url: &str, form: &[(&str, &str)]) -> String {
    let mut sorted = form.to_vec();
    sorted.sort_unstable();
    let mut mac = Hmac::<Sha1>::new_from_slice(token.as_bytes()).unwrap();
    mac.update(url.as_bytes());
    for (name, value) in &sorted {
        mac.update(format!("{name}{value}").as_bytes());
    }
    BASE64_STANDARD.encode(mac.finalize().into_bytes())
}

/// Posts a form as the carrier does; `url` as the carrier was told it.
async fn tell(service: &Service, url: &str, form: &[(&str, &str)]) -> Reply {
    tell_signed(service, url, form, &signature(TOKEN, url, form)).await
}

async fn tell_signed(service: &Service, url: &str, form: &[(&str, &str)], signature: &str) -> Reply {
    let path = url.strip_prefix(PUBLIC).unwrap();
    let request = service.request("POST", path).header("x-twilio-signature", signature).form(form);
    service.send(request).await
}

/// What is said after a key, or none, and where a further key is told.
async fn press(service: &Service, url: &str, key: &str) -> (String, Option<String>) {
    let form = [("CallSid", "CA1"), ("CallStatus", "in-progress"), ("Digits", key)];
    let reply = tell(service, url, &form).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    let action = regex::Regex::new("action=\"([^\"]*)\"").unwrap();
    let action = action.captures(&reply.text).map(|found| found[1].to_owned());
    (reply.text, action)
}

/// The same where a key is waited for.
async fn on(service: &Service, url: &str, key: &str) -> (String, String) {
    let (said, action) = press(service, url, key).await;
    let action = action.unwrap_or_else(|| panic!("the call is over: {said}"));
    (said, action)
}

async fn ended(service: &Service, call: &Call, status: &str) -> Reply {
    tell(service, &call.report, &[("CallSid", "CA1"), ("CallStatus", status)]).await
}

/// The code that a call says, if it says one.
fn code_in(said: &str) -> Option<String> {
    let prosody = regex::Regex::new("<prosody rate=\"slow\">(.*?)</prosody>").unwrap();
    let tag = regex::Regex::new("<[^>]*>").unwrap();
    let all: Vec<_> =
        prosody.captures_iter(said).map(|found| tag.replace_all(&found[1], "").into_owned()).collect();
    assert!(all.is_empty() || (all.len() == 2 && all[0] == all[1]), "{said}");
    all.into_iter().next()
}

/// The newest message of a challenge: its state and its detail.
async fn state(service: &Service, challenge: &str) -> (String, String) {
    let challenge = service.get(&format!("/api/v1/challenges/{challenge}")).await.expect(200);
    let message = challenge["messages"].as_array().unwrap().last().unwrap().clone();
    let word = |key: &str| message[key].as_str().unwrap_or_default().to_owned();
    (word("state"), word("detail"))
}

fn is(state: &str, detail: &str) -> (String, String) {
    (state.to_owned(), detail.to_owned())
}

fn pushed(service: &Service, kind: &str) -> Vec<Value> {
    service.host.pushes().iter().map(Push::json).filter(|event| event["type"] == kind).collect()
}

on_both! {
    async fn a_call_is_asked_for_with_nothing_of_the_code_in_it(service: Service) {
        let carrier = carrier().await;
        let service = by(&service, &carrier).await;
        let call = placed(&service, &carrier).await;
        let form = asked(&carrier).pop().unwrap();
        let names: Vec<_> = form.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["To", "From", "Timeout", "TimeLimit", "Record", "Url", "StatusCallback"]);
        assert_eq!((field(&form, "To"), field(&form, "From")), ("+13055550143".into(), "+13055550100".into()));
        assert_eq!((field(&form, "Record"), field(&form, "Timeout")), ("false".into(), "25".into()));
        assert!(carrier.seen()[0].starts_with("POST /2010-04-01/Accounts/AC0123456789abcdef0123456789abcdef/Calls.json HTTP/1.1\r\n"));
        for url in [&call.script, &call.report] {
            assert!(url.starts_with("http://127.0.0.1:8080/callbacks/twilio/cornerstone/voice/msg_"), "{url}");
        }
        assert_eq!(state(&service, &call.challenge).await, is("sent", "calling"));
        service.advance(300);
        service.drain().await;
        assert_eq!(carrier.seen().len(), 1, "it rings once");
    }
}

on_both! {
    async fn the_code_that_is_heard_verifies_the_client_by_phone_alone(service: Service) {
        let carrier = carrier().await;
        let service = by(&service, &carrier).await;
        let call = placed(&service, &carrier).await;
        let (gate, action) = on(&service, &call.script, "").await;
        assert!(gate.contains("Hello. This is Cornerstone with a code") && code_in(&gate).is_none(), "{gate}");
        assert_eq!(state(&service, &call.challenge).await, is("sent", "answered"));
        let (said, _) = on(&service, &action, "1").await;
        let code = code_in(&said).unwrap();
        assert_eq!(state(&service, &call.challenge).await, is("sent", "heard"));
        let path = format!("/api/v1/challenges/{}/check", call.challenge);
        let checked = service.post(&path, json!({"code": code})).await.expect(200);
        assert_eq!(checked["result"], "verified");
        assert_eq!(checked["verification"]["assurance"], "phone");
        assert_eq!(checked["verification"]["channels"], json!(["voice"]));
        ended(&service, &call, "completed").await.expect(204);
        service.drain().await;
        assert_eq!(state(&service, &call.challenge).await, is("delivered", "heard"));
        let told = pushed(&service, "message.delivered");
        assert_eq!(told.len(), 1);
        assert_eq!((&told[0]["data"]["message"]["channel"], &told[0]["data"]["message"]["detail"]), (&json!("voice"), &json!("heard")));
    }
}

on_both! {
    async fn a_call_is_the_default_only_where_nothing_but_a_telephone_is_known(service: Service) {
        let carrier = carrier().await;
        let service = by(&service, &carrier).await;
        let contact = |id: &str, more: Value| {
            let mut contact = json!({"id": id, "name": "Ana", "role": "owner"});
            contact.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            contact
        };
        let list = json!({"name": "K", "contacts": [
            contact("phone", json!({"phone": "+13055550143"})),
            contact("both", json!({"phone": "+13055550144", "email": "a@x.example"})),
            contact("mobile", json!({"mobile": "+13055550145"})),
        ]});
        service.call("PUT", "/api/v1/clients/k", &api_key("cornerstone"), Some(&list)).await.expect(201);
        for (contact, expected) in [("phone", "voice"), ("both", "email"), ("mobile", "sms")] {
            let body = json!({"contact": contact, "surface": "lead_card"});
            let asked = service.post("/api/v1/clients/k/codes", body).await.expect(201);
            let channels: Vec<_> = asked["messages"].as_array().unwrap().iter().map(|m| m["channel"].clone()).collect();
            assert_eq!(channels, [expected], "{contact}");
            service.drain().await;
        }
        assert_eq!(asked(&carrier).iter().map(|form| field(form, "To")).collect::<Vec<_>>(), ["+13055550143"]);
    }
}

on_both! {
    async fn the_same_code_can_be_sent_again_by_a_call_and_only_when_that_is_asked_for(service: Service) {
        let carrier = carrier().await;
        let service = by(&service, &carrier).await;
        let body = json!({"contact": "c-1", "surface": "lead_card", "channels": ["sms"]});
        let asked_for = service.post(&format!("{CLIENT}/codes"), body).await.expect(201);
        service.drain().await;
        let texted = service.code();
        let again = format!("/api/v1/challenges/{}/resend", asked_for["id"].as_str().unwrap());
        service.advance(30);
        let answer = service.post(&again, json!({"channel": "voice"})).await.expect(200);
        assert_eq!(answer["messages"].as_array().unwrap().len(), 2);
        service.drain().await;
        let form = asked(&carrier).pop().unwrap();
        assert_eq!(field(&form, "To"), "+13055550142", "the mobile takes calls too");
        let (gate, action) = on(&service, &field(&form, "Url"), "").await;
        assert!(gate.contains("Hola. Le llamamos de Cornerstone"), "{gate}");
        assert_eq!(code_in(&on(&service, &action, "1").await.0), Some(texted));
        service.advance(30);
        let answer = service.post(&again, json!({})).await.expect(200);
        let channels: Vec<_> = answer["messages"].as_array().unwrap().iter().map(|m| m["channel"].clone()).collect();
        assert_eq!(channels, ["sms", "voice", "sms"], "nobody is called who was not asked for");
        assert_eq!(service.status("lead-10482").await["channels"], json!(["sms", "voice"]));
    }
}

on_both! {
    async fn no_telephone_rings_for_a_code_that_is_over_or_as_good_as_over(service: Service) {
        let carrier = carrier().await;
        let service = by(&service, &carrier).await;
        let challenge = ask(&service, "c-2").await["id"].as_str().unwrap().to_owned();
        service.advance(541);
        service.drain().await;
        assert_eq!(state(&service, &challenge).await, is("dropped", "too_late"));
        service.advance(60);
        let challenge = ask(&service, "c-2").await["id"].as_str().unwrap().to_owned();
        service.post(&format!("/api/v1/challenges/{challenge}/cancel"), json!({})).await.expect(200);
        service.drain().await;
        assert_eq!(state(&service, &challenge).await.0, "dropped");
        assert!(carrier.seen().is_empty());
        service.advance(60);
        let challenge = ask(&service, "c-2").await["id"].as_str().unwrap().to_owned();
        service.advance(540);
        service.drain().await;
        assert_eq!(state(&service, &challenge).await, is("sent", "calling"), "a minute is enough");
    }
}

on_both! {
    async fn a_call_that_is_refused_is_told_at_once_or_tried_again_by_the_rules(service: Service) {
        let invalid = Server::start(Answer::Say("400 Bad Request", "", r#"{"code": 21211}"#)).await;
        let service = by(&service, &invalid).await;
        let challenge = ask(&service, "c-2").await["id"].as_str().unwrap().to_owned();
        service.drain().await;
        assert_eq!(state(&service, &challenge).await, is("failed", "number_invalid"));
        let down = Server::start(Answer::Say("503 Service Unavailable", "", "")).await;
        let service = by(&service, &down).await;
        let challenge = ask(&service, "c-2").await["id"].as_str().unwrap().to_owned();
        service.drain().await;
        assert_eq!(state(&service, &challenge).await, is("queued", "provider_down"));
        for _ in 0..20 {
            service.advance(60);
            service.drain().await;
        }
        assert_eq!(state(&service, &challenge).await, is("failed", "provider_down"));
        // After 2, 5, 15, 30 and then every 60 seconds, while a call is worth placing; here once a minute.
        assert_eq!(down.seen().len(), 9);
    }
}

on_both! {
    async fn a_receipt_after_a_call_is_a_text_where_there_is_a_mobile(service: Service) {
        let carrier = carrier().await;
        let service = by(&service, &carrier).await;
        service.policy(json!({"receipt": true})).await;
        for (contact, receipts) in [("c-1", 1), ("c-2", 0)] {
            let before = service.mail().len();
            let challenge = ask(&service, contact).await["id"].as_str().unwrap().to_owned();
            service.drain().await;
            let (_, action) = on(&service, &field(&asked(&carrier).pop().unwrap(), "Url"), "").await;
            let code = code_in(&on(&service, &action, "1").await.0).unwrap();
            service.post(&format!("/api/v1/challenges/{challenge}/check"), json!({"code": code})).await.expect(200);
            service.drain().await;
            let sent = service.mail().split_off(before);
            assert_eq!(sent.len(), receipts, "{contact}: {sent:?}");
            assert!(sent.iter().all(|one| one["channel"] == "sms"), "{sent:?}");
            service.advance(3600);
        }
        assert_eq!(carrier.seen().len(), 2, "nobody is called for a receipt");
    }
}

on_both! {
    async fn files_have_the_gate_and_where_it_goes_on(service: Service) {
        service.call("PUT", CLIENT, &api_key("cornerstone"), Some(&ruiz())).await.expect(201);
        let challenge = ask(&service, "c-2").await["id"].as_str().unwrap().to_owned();
        service.drain().await;
        let file = service.mail().pop().unwrap();
        assert_eq!((&file["channel"], &file["to"], &file["lang"]), (&json!("voice"), &json!("+13055550143"), &json!("en")));
        assert_eq!(
            file["text"],
            "Hello. This is Cornerstone with a code for the call you are on now. To hear the code, press 1. \
             Para español, oprima 2. If you are not on a call with us, press 9."
        );
        for url in ["script_url", "report_url"] {
            assert!(file[url].as_str().unwrap().contains("/callbacks/twilio/cornerstone/voice/msg_"), "{file}");
        }
        assert_eq!(state(&service, &challenge).await, is("sent", "calling"));
    }
}
