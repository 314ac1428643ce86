//! What goes out to people: in which words, by which provider, how often it is tried, and when it is dropped.

mod dropped;
mod lease;
mod mail;
mod report;
mod retry;
mod twilio;

use serde_json::{Value, json};

use crate::database::Database;
use crate::on_both;
use crate::receiver::{Push, Receiver};
use crate::service::{Service, api_key, ruiz};

const CLIENT: &str = "/api/v1/clients/lead-10482";

/// A gateway that takes everything under `/sms`.
async fn gateway() -> Receiver {
    let gateway = Receiver::start().await;
    gateway.answer("sms", 200, &[]);
    gateway
}

/// A second service whose texts go to `gateway`, under `/sms`, as JSON.
pub async fn by_gateway(service: &Service, gateway: &Receiver) -> Service {
    by_gateways(service, gateway, "").await
}

/// The same with providers after the first, as the variable has them.
async fn by_gateways(service: &Service, gateway: &Receiver, next: &str) -> Service {
    let url = gateway.url("sms");
    let mut more = vec![
        ("COUNTERSIGN_SMS__PROVIDER", "http"),
        ("COUNTERSIGN_SMS__METHOD", "POST"),
        ("COUNTERSIGN_SMS__URL", url.as_str()),
        ("COUNTERSIGN_SMS__HEADERS", "{ Content-Type = \"application/json\" }"),
        ("COUNTERSIGN_SMS__BODY", BODY),
    ];
    if !next.is_empty() {
        more.push(("COUNTERSIGN_SMS__NEXT", next));
    }
    Service::with(Database::create(service.database.backend).await, &more).await
}

const BODY: &str = r#"{"to":"{{to}}","text":"{{text}}","report":"{{report_url}}"}"#;

/// The example client, told.
async fn told(service: &Service) {
    service.call("PUT", CLIENT, &api_key("cornerstone"), Some(&ruiz())).await.expect(201);
}

/// A code for Ana by one channel. Gives the challenge's id.
async fn ask(service: &Service, channel: &str) -> String {
    let body = json!({"contact": "c-1", "surface": "lead_card", "channels": [channel]});
    let challenge = service.post(&format!("{CLIENT}/codes"), body).await.expect(201);
    challenge["id"].as_str().unwrap().to_owned()
}

/// The only message of a challenge: its state, and its detail if there is one.
async fn state(service: &Service, challenge: &str) -> (String, Option<String>) {
    let challenge = service.get(&format!("/api/v1/challenges/{challenge}")).await.expect(200);
    let messages = challenge["messages"].as_array().unwrap();
    assert_eq!(messages.len(), 1);
    let word = |key: &str| messages[0][key].as_str().map(str::to_owned);
    (word("state").unwrap(), word("detail"))
}

fn sent() -> (String, Option<String>) {
    ("sent".to_owned(), None)
}

fn with(state: &str, detail: &str) -> (String, Option<String>) {
    (state.to_owned(), Some(detail.to_owned()))
}

/// The code in a text that a gateway was given.
fn code_of(text: &Push) -> String {
    crate::code::code_in(text.json()["text"].as_str().unwrap())
}

/// The pushes of one type that the host got so far.
fn pushed(service: &Service, kind: &str) -> Vec<Value> {
    service.host.pushes().iter().map(Push::json).filter(|event| event["type"] == kind).collect()
}

on_both! {
    async fn a_gateway_is_given_the_number_the_text_and_where_to_report(service: Service) {
        let gateway = gateway().await;
        let service = by_gateway(&service, &gateway).await;
        told(&service).await;
        let challenge = ask(&service, "sms").await;
        service.drain().await;
        let texts = gateway.pushes();
        assert_eq!(texts.len(), 1);
        let text = texts[0].json();
        assert_eq!(text["to"], "+13055550142");
        assert!(text["text"].as_str().unwrap().contains("código") || text["text"].as_str().unwrap().contains("codigo"));
        assert!(text["report"].as_str().unwrap().starts_with("http://127.0.0.1:8080/callbacks/sms/cornerstone/msg_"));
        assert_eq!(state(&service, &challenge).await, sent());
        service.advance(300);
        service.drain().await;
        assert_eq!(gateway.pushes().len(), 1, "sent once");
    }
}

on_both! {
    async fn a_contact_reads_the_language_that_was_asked_for_then_their_own_then_the_tenants(service: Service) {
        service.apply("cornerstone", json!({"default_locale": "es"})).await;
        told(&service).await;
        let mut list = ruiz();
        list["contacts"][1].as_object_mut().unwrap().remove("locale");
        list["contacts"][1]["role"] = json!("owner");
        list["contacts"][0]["locale"] = json!("en");
        service.call("PUT", CLIENT, &api_key("cornerstone"), Some(&list)).await.expect(200);
        for (contact, locale, expected) in
            [("c-1", None, "en"), ("c-2", None, "es"), ("c-2", Some("en"), "en"), ("c-1", Some("es"), "es")]
        {
            service.advance(60);
            let mut body = json!({"contact": contact, "surface": "lead_card", "channels": ["email"]});
            if let Some(locale) = locale {
                body["locale"] = json!(locale);
            }
            service.post(&format!("{CLIENT}/codes"), body).await.expect(201);
            service.drain().await;
            let mail = service.mail().pop().unwrap();
            let word = if expected == "es" { "Su código" } else { "Your code" };
            assert_eq!(mail["lang"], expected, "{contact} {locale:?}");
            assert!(mail["text"].as_str().unwrap().contains(word), "{mail}");
            let subject = mail["subject"].as_str().unwrap();
            assert!(subject.starts_with(if expected == "es" { "Su código de" } else { "Your Cornerstone" }));
        }
    }
}

on_both! {
    async fn a_text_is_in_the_contacts_language_and_fits_one_segment(service: Service) {
        told(&service).await;
        for (locale, word) in [("en", "is your Cornerstone code"), ("es", "de Cornerstone")] {
            service.advance(60);
            let body = json!({"contact": "c-1", "surface": "lead_card", "channels": ["sms"], "locale": locale});
            service.post(&format!("{CLIENT}/codes"), body).await.expect(201);
            service.drain().await;
            let mail = service.mail().pop().unwrap();
            let text = mail["text"].as_str().unwrap();
            assert!(text.contains(word) && text.chars().count() <= 160, "{text}");
        }
    }
}

on_both! {
    async fn every_message_of_a_challenge_carries_the_same_code(service: Service) {
        told(&service).await;
        let body = json!({"contact": "c-1", "surface": "lead_card"});
        let challenge = service.post(&format!("{CLIENT}/codes"), body).await.expect(201);
        service.advance(30);
        let again = format!("/api/v1/challenges/{}/resend", challenge["id"].as_str().unwrap());
        service.post(&again, json!({})).await.expect(200);
        service.drain().await;
        let texts = service.mail();
        let codes: std::collections::BTreeSet<_> =
            texts.iter().map(|m| crate::code::code_in(m["text"].as_str().unwrap())).collect();
        assert_eq!((texts.len(), codes.len()), (4, 1));
    }
}
