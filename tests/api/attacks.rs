//! Attacks that fool people, each played through from its first step: what the attacker gets, and what everybody else keeps.

use serde_json::{Value, json};

use crate::code::wrong;
use crate::life::CLIENT;
use crate::on_both;
use crate::pin::{PIN, WRONG};
use crate::service::{Service, api_key};

async fn put(service: &Service, client: &str, contacts: Value) {
    let body = json!({"name": client, "contacts": contacts});
    let path = format!("/api/v1/clients/{client}");
    service.call("PUT", &path, &api_key("cornerstone"), Some(&body)).await.expect(201);
}

/// What was sent so far to this address or number.
fn sent_to(service: &Service, to: &str) -> Vec<String> {
    let mail = service.mail_in_order().into_iter().filter(|mail| mail["to"] == to);
    mail.map(|mail| mail["text"].as_str().unwrap().to_owned()).collect()
}

on_both! {
    async fn a_destination_that_is_asked_for_gets_nothing(service: Service) {
        service.pins_on().await;
        let mine = json!({
            "to": "+13055559999", "destination": "thief@evil.example", "email": "thief@evil.example",
            "mobile": "+13055559999", "phone": "+13055559999", "number": "+13055559999",
        });
        let with = |body: Value| {
            let (mut body, mine) = (body, mine.clone());
            body.as_object_mut().unwrap().extend(mine.as_object().unwrap().clone());
            body
        };
        let ask = with(json!({"contact": "c-1", "surface": "lead_card"}));
        let asked = service.post(&format!("/api/v1/clients/{CLIENT}/codes"), ask).await.expect(201);
        service.advance(30);
        let again = format!("/api/v1/challenges/{}/resend", asked["id"].as_str().unwrap());
        service.post(&again, with(json!({}))).await.expect(200);
        service.post(&format!("/api/v1/clients/{CLIENT}/pin/link"), with(json!({"contact": "c-1"}))).await.expect(201);
        service.drain().await;
        let sent = service.mail();
        assert!(sent.len() >= 6, "codes, the same again, and a link, each both ways");
        for one in &sent {
            assert!(["ana@ruiz-landscaping.example", "+13055550142"].contains(&one["to"].as_str().unwrap()), "{one}");
        }
    }
}

on_both! {
    async fn on_a_shared_phone_each_email_names_whose_code_it_is_and_the_phone_has_one_limit(service: Service) {
        const SHARED: &str = "+13055550142";
        service.policy(json!({"sends": 1})).await;
        for (client, name) in [("k-1", "Ana Ruiz"), ("k-2", "Bruno Paz"), ("k-3", "Carla Sol"), ("k-4", "Dario Luz"), ("k-5", "Elsa Mar")] {
            let email = format!("{client}@office.example");
            put(&service, client, json!([{"id": "c-1", "name": name, "role": "owner", "email": email, "mobile": SHARED, "locale": "en"}])).await;
        }
        let (ana, ana_code) = service.code_for("k-1", "c-1").await;
        let (bruno, bruno_code) = service.code_for("k-2", "c-1").await;
        for (client, name, other) in [("k-1", "Ana", "Bruno"), ("k-2", "Bruno", "Ana")] {
            let mail = sent_to(&service, &format!("{client}@office.example"));
            assert!(mail.len() == 1 && mail[0].contains(name) && !mail[0].contains(other), "{mail:?}");
        }
        // Whoever reads the newest text of the shared phone is not whom the other agent asks for.
        assert_eq!(service.checked(&ana, &bruno_code).await["result"], "incorrect");
        assert_eq!(service.checked(&bruno, &ana_code).await["result"], "incorrect");
        assert_eq!(service.checked(&ana, &ana_code).await["verification"]["contact"]["name"], "Ana Ruiz");
        assert_eq!(service.status("k-2").await["state"], "code_sent");
        for client in ["k-3", "k-4"] {
            service.code_for(client, "c-1").await;
        }
        assert_eq!(service.ask("k-5", "c-1").await.problem(429), "too_many_sends", "four times the sends of one, over all clients");
        assert_eq!(sent_to(&service, SHARED).len(), 4);
    }
}

on_both! {
    async fn a_forwarded_link_sets_one_pin_and_everybody_on_file_hears_of_it(service: Service) {
        service.pins_on().await;
        let token = service.link("c-1").await;
        let page = format!("/p/{token}?lang=en");
        // The friend it was forwarded to is quicker.
        service.set(&token, WRONG).await.unwrap();
        service.drain().await;
        assert!(service.page(&page).await.text.contains("This link was already used"), "its owner is told so");
        assert!(service.page(&page).await.text.contains("If it wasn&#x27;t you, call"));
        assert!(service.set(&token, PIN).await.is_err());
        for to in ["ana@ruiz-landscaping.example", "+13055550142", "luis@ruiz-landscaping.example"] {
            let news = sent_to(&service, to).pop().unwrap();
            assert!(news.contains("PIN") && !news.contains("/p/"), "{to}: {news}");
        }
        // One word of the owner's, and the PIN of the friend's is worth nothing.
        crate::opt_outs::gateway_says(&service, "+13055550142", "NO").await;
        assert_eq!(service.pin().await["state"], "locked");
        assert_eq!(service.check_pin(WRONG).await.problem(409), "reported");
    }
}

on_both! {
    async fn who_locks_somebody_out_on_purpose_keeps_one_contact_out_for_an_hour_and_no_longer(service: Service) {
        service.with_pin().await;
        for _ in 0..2 {
            service.advance(30);
            let (challenge, code) = service.code_for(CLIENT, "c-1").await;
            for _ in 0..5 {
                service.check(&challenge, &wrong(&code)).await;
            }
        }
        assert_eq!(service.ask(CLIENT, "c-1").await.problem(429), "locked");
        assert_eq!(service.status(CLIENT).await["state"], "locked");
        // The other contact, and the PIN, stay open.
        let (challenge, code) = service.code_for(CLIENT, "c-2").await;
        assert_eq!(service.checked(&challenge, &code).await["result"], "verified");
        assert_eq!(service.said(PIN).await["result"], "verified");
        service.advance(3599);
        assert_eq!(service.ask(CLIENT, "c-1").await.problem(429), "locked");
        service.advance(1);
        let (challenge, code) = service.code_for(CLIENT, "c-1").await;
        assert_eq!(service.checked(&challenge, &code).await["result"], "verified", "it ends by itself");
        // Or at once, by somebody who answers for it.
        for _ in 0..2 {
            service.advance(30);
            let (challenge, code) = service.code_for(CLIENT, "c-1").await;
            for _ in 0..5 {
                service.check(&challenge, &wrong(&code)).await;
            }
        }
        service.post(&format!("/api/v1/clients/{CLIENT}/unlock"), json!({"contact": "c-1"})).await.expect(200);
        assert_eq!(service.entries("client.unlock", "unlocked").await, 1);
        service.advance(30);
        service.ask(CLIENT, "c-1").await.expect(201);
    }
}
