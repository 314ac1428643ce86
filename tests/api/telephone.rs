//! Which numbers get texts and calls, what those may cost, and codes that nobody types.

use serde_json::{Value, json};

use crate::code::code_in;
use crate::on_both;
use crate::service::{Service, ruiz};
use crate::steps::{again, ask, challenge, check, put};

/// A client with these contacts' mobiles.
fn company(contacts: &[(&str, &str)]) -> Value {
    let contacts: Vec<_> = contacts
        .iter()
        .map(|(id, mobile)| json!({"id": id, "name": "Ana Ruiz", "role": "owner", "email": format!("a{}@ruiz.example", &mobile[1..]), "mobile": mobile}))
        .collect();
    json!({"name": "Ruiz Landscaping LLC", "contacts": contacts})
}

/// The texts that went out.
fn texts(service: &Service) -> Vec<Value> {
    service.mail().into_iter().filter(|one| one["channel"] == "sms").collect()
}

/// The client reads the code out that they were texted.
async fn types_theirs(service: &Service, challenge: &Value) {
    let mine = challenge["messages"].as_array().unwrap().iter().find(|one| one["channel"] == "sms").unwrap();
    let text = texts(service).into_iter().find(|text| text["id"] == mine["id"]).expect("a text was sent");
    let code = code_in(text["text"].as_str().unwrap());
    assert_eq!(check(service, challenge, &code).await["result"], "verified");
}

/// What became of the messages of a challenge, by channel.
async fn states(service: &Service, challenge: &Value) -> Value {
    let mut seen: Vec<_> = again(service, challenge).await["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|m| json!([m["channel"], m["state"], m["detail"]]))
        .collect();
    seen.sort_by_key(ToString::to_string);
    json!(seen)
}

on_both! {
    async fn a_number_of_a_country_that_is_not_served_gets_nothing_and_the_agent_is_told(service: Service) {
        let body = json!({"name": "Ruiz", "contacts": [
            {"id": "c-1", "name": "Ana Ruiz", "role": "owner", "email": "ana@ruiz.example", "mobile": "+18765550142"},
            {"id": "c-2", "name": "Luis Ruiz", "role": "owner", "mobile": "+525551234567"},
        ]});
        put(&service, "k", &body).await.expect(201);
        let asked = challenge(&service, "k", "c-1").await;
        assert_eq!(asked["messages"].as_array().unwrap().len(), 1, "the email goes all the same: {asked}");
        let refused = ask(&service, "k", json!({"contact": "c-2", "surface": "lead_card"})).await.expect(422);
        assert_eq!(refused["code"], "contact_unreachable");
        assert!(refused["detail"].as_str().unwrap().contains("telephone.countries"), "{refused}");
        let sms = json!({"contact": "c-1", "surface": "lead_card", "channels": ["sms"]});
        assert_eq!(ask(&service, "k", sms.clone()).await.expect(422)["code"], "contact_unreachable");
        let token = crate::steps::token(&service, &["k"]).await;
        let seen = service.call("GET", "/window/cornerstone/clients/k", &token, None).await.expect(200);
        let luis = seen["contacts"].as_array().unwrap().iter().find(|one| one["id"] == "c-2").unwrap().clone();
        assert_eq!((&luis["reachable"], &luis["reason"]), (&json!(false), &json!("not_served")), "{luis}");
        service.apply("cornerstone", json!({"telephone": {"countries": ["MX", "US"]}})).await;
        ask(&service, "k", json!({"contact": "c-2", "surface": "lead_card"})).await.expect(201);
        service.drain().await;
        assert_eq!(texts(&service).len(), 1);
    }
}

on_both! {
    async fn a_number_that_is_not_served_any_more_by_its_turn_gets_nothing(service: Service) {
        put(&service, "k", &ruiz()).await.expect(201);
        let asked = challenge(&service, "k", "c-1").await;
        service.apply("cornerstone", json!({"telephone": {"countries": ["MX"]}})).await;
        service.drain().await;
        let told = json!([["email", "sent", null], ["sms", "failed", "not_served"]]);
        assert_eq!(states(&service, &asked).await, told);
    }
}

on_both! {
    async fn codes_that_nobody_types_stop_within_fifty_and_honest_ones_do_not(service: Service) {
        service.apply("cornerstone", json!({"telephone": {"countries": ["US", "MX"]}})).await;
        let mut bought = Vec::new();
        for n in 0..30 {
            let client = format!("bought-{n}");
            put(&service, &client, &company(&[("c-1", &format!("+1305555{:04}", 2000 + n))])).await.expect(201);
            bought.push(challenge(&service, &client, "c-1").await);
            service.drain().await;
        }
        assert_eq!(texts(&service).len(), 20);
        let told = json!([["email", "sent", null], ["sms", "failed", "paused"]]);
        assert_eq!(states(&service, bought.last().unwrap()).await, told, "other channels stay open");
        // A neighbouring block goes on, and this one once people there have typed theirs.
        put(&service, "honest", &company(&[("c-1", "+13055562000")])).await.expect(201);
        let asked = challenge(&service, "honest", "c-1").await;
        service.drain().await;
        types_theirs(&service, &asked).await;
        for asked in bought.iter().take(3) {
            types_theirs(&service, asked).await;
        }
        put(&service, "next", &company(&[("c-1", "+13055552999")])).await.expect(201);
        challenge(&service, "next", "c-1").await;
        service.drain().await;
        assert_eq!(texts(&service).len(), 22);
    }
}

on_both! {
    async fn numbers_count_for_a_day_and_are_forgotten_then(service: Service) {
        for n in 0..21 {
            let client = format!("k-{n}");
            put(&service, &client, &company(&[("c-1", &format!("+1305555{:04}", 2000 + n))])).await.expect(201);
            challenge(&service, &client, "c-1").await;
        }
        service.drain().await;
        assert_eq!(texts(&service).len(), 20);
        service.advance(24 * 3600 + 1);
        challenge(&service, "k-20", "c-1").await;
        service.drain().await;
        assert_eq!(texts(&service).len(), 21);
        countersign::usecase::tenant::purge::purge(service.app.desk()).await.unwrap();
        assert_eq!(service.database.count("select count(*) from texted").await, 1);
    }
}

on_both! {
    async fn the_budget_of_a_day_is_never_exceeded_and_email_goes_on(service: Service) {
        let telephone = json!({"daily_budget": "0.05", "text_price": "0.01"});
        service.apply("cornerstone", json!({"telephone": telephone})).await;
        let mut asked = Vec::new();
        for n in 0..7 {
            let client = format!("k-{n}");
            put(&service, &client, &company(&[("c-1", &format!("+1305{:03}2000", 550 + n))])).await.expect(201);
            asked.push(challenge(&service, &client, "c-1").await);
        }
        service.drain().await;
        assert_eq!((texts(&service).len(), service.mail().len()), (5, 12));
        let mut spent = 0;
        for one in &asked {
            spent += usize::from(states(&service, one).await[1] == json!(["sms", "failed", "budget_spent"]));
        }
        assert_eq!(spent, 2);
        assert_eq!(service.database.count("select micros from spent").await, 50_000);
        assert_eq!(service.entries("telephone.budget", "done").await, 1, "at four fifths somebody is told");
        // The tenant's day ends at its midnight.
        service.advance(14 * 3600);
        challenge(&service, "k-0", "c-1").await;
        service.drain().await;
        assert_eq!(texts(&service).len(), 6);
    }
}
