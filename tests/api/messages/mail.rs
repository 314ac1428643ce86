//! Email as it reaches a relay: headers, brand, both languages.

use mail_parser::{MessageParser, MimeHeaders as _};
use serde_json::json;

use super::{ask, sent, state, told};
use crate::code::code_in;
use crate::database::Database;
use crate::on_both;
use crate::service::Service;
use crate::smtp::{GOOD, Relay};

async fn by_relay(service: &Service, relay: &Relay) -> Service {
    let url = format!("smtp://127.0.0.1:{}", relay.port());
    let more = [
        ("COUNTERSIGN_EMAIL__TRANSPORT", "smtp"),
        ("COUNTERSIGN_EMAIL__URL", url.as_str()),
        ("COUNTERSIGN_EMAIL__FROM", "Fallback <fallback@relay.example>"),
    ];
    Service::with(Database::create(service.database.backend).await, &more).await
}

on_both! {
    async fn an_email_is_the_tenants_own_in_both_forms(service: Service) {
        let relay = Relay::start(GOOD).await;
        let service = by_relay(&service, &relay).await;
        let brand = json!({"from": "Cornerstone PEO <verify@cornerstone.example>", "reply_to": "help@cornerstone.example"});
        service.apply("cornerstone", json!({"brand": brand})).await;
        told(&service).await;
        for (locale, subject, sentence) in [
            ("es", "Su código de Cornerstone para esta llamada", "Su código para esta llamada"),
            ("en", "Your Cornerstone code for this call", "Your code for this call"),
        ] {
            service.advance(60);
            let body = json!({"contact": "c-1", "surface": "lead_card", "channels": ["email"], "locale": locale});
            let challenge = service.post("/api/v1/clients/lead-10482/codes", body).await.expect(201);
            let challenge = challenge["id"].as_str().unwrap().to_owned();
            service.drain().await;
            assert_eq!(state(&service, &challenge).await, sent());
            let raw = relay.kept().messages.pop().unwrap();
            assert!(relay.kept().commands.contains(&"RCPT TO:<ana@ruiz-landscaping.example>".to_owned()));
            let message = MessageParser::default().parse(raw.as_bytes()).unwrap();
            let from = message.from().unwrap().first().unwrap();
            assert_eq!((from.name(), from.address()), (Some("Cornerstone PEO"), Some("verify@cornerstone.example")));
            assert_eq!(message.reply_to().unwrap().first().unwrap().address(), Some("help@cornerstone.example"));
            assert_eq!(message.subject(), Some(subject));
            assert_eq!(message.date().unwrap().to_timestamp(), service.clock_seconds());
            assert!(raw.contains("Auto-Submitted: auto-generated\r\n"), "{raw}");
            assert!(raw.contains(&format!("Content-Language: {locale}\r\n")), "{raw}");
            let kind = message.content_type().unwrap();
            assert_eq!((kind.ctype(), kind.subtype()), ("multipart", Some("alternative")));
            let (text, html) = (message.body_text(0).unwrap(), message.body_html(0).unwrap());
            assert!(text.contains(sentence) && html.contains(sentence), "{text}");
            assert!(html.contains("#0550ae") && html.contains(&format!("lang=\"{locale}\"")), "{html}");
            assert!(text.contains("800-555-0199") && text.contains("Cornerstone"), "{text}");
            let check = format!("/api/v1/challenges/{challenge}/check");
            let result = service.post(&check, json!({"code": code_in(&text)})).await.expect(200);
            assert_eq!(result["result"], "verified");
        }
    }
}

on_both! {
    async fn a_brand_without_a_sender_takes_the_relays(service: Service) {
        let relay = Relay::start(GOOD).await;
        let service = by_relay(&service, &relay).await;
        told(&service).await;
        ask(&service, "email").await;
        service.drain().await;
        let raw = relay.kept().messages.pop().unwrap();
        assert!(raw.contains("From: Fallback <fallback@relay.example>\r\n") || raw.contains("From: \"Fallback\""), "{raw}");
        assert!(!raw.contains("Reply-To"), "{raw}");
    }
}
