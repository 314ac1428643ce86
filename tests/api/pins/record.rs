//! What is kept and told of a PIN: notices to everybody, nothing that confirms it, and an end to all of it.

use countersign::domain::id::{ClientId, TenantId};
use countersign::domain::key::KeySet;
use countersign::domain::timestamp::Timestamp;
use countersign::usecase::pin::hasher::{Hashed, Hasher, Of, Whose};
use countersign::usecase::pin::set_pin::SetFault;
use countersign::usecase::tenant::bump_epoch::{Ended, bump_epoch};
use countersign::usecase::tenant::purge::purge;
use serde_json::{Value, json};

use crate::life::CLIENT;
use crate::on_both;
use crate::pin::{PIN, SMALL, WRONG};
use crate::service::{Service, api_key, master_key, ruiz};
use crate::steps::delete;

const DAY: u64 = 24 * 3600;

/// The notices that were queued since `at`.
async fn notices(service: &Service, at: Timestamp) -> Vec<Value> {
    service.drain().await;
    let sent = "select id from message where purpose in ('pin_set', 'pin_changed') and state = 'sent' and created_at >=";
    let ids = service.database.texts(&format!("{sent} {}", at.millis())).await;
    service.mail().into_iter().filter(|mail| ids.iter().any(|id| mail["id"] == *id)).collect()
}

/// Where they went, in alphabetical order.
async fn notified(service: &Service, at: Timestamp) -> Vec<String> {
    let notices = notices(service, at).await;
    let mut to: Vec<_> = notices.iter().map(|mail| mail["to"].as_str().unwrap().to_owned()).collect();
    to.sort();
    to
}

on_both! {
    async fn every_detail_on_file_is_told_and_those_it_was_changed_from(service: Service) {
        service.with_pin().await;
        let everybody = ["+13055550142", "ana@ruiz-landscaping.example", "luis@ruiz-landscaping.example"];
        assert_eq!(notified(&service, service.now()).await, everybody, "not the bookkeeper, and nobody is called");
        // Somebody has the owner's details exchanged, and asks for a link.
        let mut list = ruiz();
        list["contacts"][0]["email"] = json!("thief@elsewhere.example");
        list["contacts"][0]["mobile"] = json!("+13055550188");
        let path = format!("/api/v1/clients/{CLIENT}");
        service.call("PUT", &path, &api_key("cornerstone"), Some(&list)).await.expect(200);
        service.advance(30);
        let token = service.link("c-1").await;
        service.set(&token, WRONG).await.unwrap();
        let told = notified(&service, service.now()).await;
        let former = ["+13055550142", "ana@ruiz-landscaping.example"];
        assert!(former.iter().all(|old| told.iter().any(|to| to == old)), "{told:?}");
        assert_eq!(told.len(), 5, "{told:?}");
        // A month later the old ones are nobody's business any more.
        service.advance(31 * DAY);
        let token = service.link("c-1").await;
        service.set(&token, PIN).await.unwrap();
        assert_eq!(notified(&service, service.now()).await.len(), 3);
        purge(service.app.desk()).await.unwrap();
        assert_eq!(service.database.count("select count(*) from former_detail").await, 0);
    }
}

on_both! {
    async fn who_shares_an_address_is_told_once_and_each_in_their_language(service: Service) {
        service.pins_on().await;
        let mut list = ruiz();
        list["contacts"][1]["email"] = list["contacts"][0]["email"].clone();
        list["contacts"][1]["mobile"] = json!("+13055550145");
        let path = format!("/api/v1/clients/{CLIENT}");
        service.call("PUT", &path, &api_key("cornerstone"), Some(&list)).await.expect(200);
        let token = service.link("c-1").await;
        service.set(&token, PIN).await.unwrap();
        let told = notified(&service, service.now()).await;
        assert_eq!(told, ["+13055550142", "+13055550145", "ana@ruiz-landscaping.example", "luis@ruiz-landscaping.example"]);
        let told = notices(&service, service.now()).await;
        let text = |to: &str| {
            let mail = told.iter().find(|mail| mail["to"] == to).unwrap();
            mail["text"].as_str().unwrap().to_owned()
        };
        assert!(text("+13055550142").contains("su PIN de seguridad"), "{}", text("+13055550142"));
        assert!(text("+13055550145").contains("your security PIN"), "{}", text("+13055550145"));
        assert!(text("ana@ruiz-landscaping.example").contains("iPhone, Safari"), "where it was set from");
    }
}

/// So many times another address for the owner.
async fn churn(service: &Service, times: std::ops::Range<u32>) {
    let path = format!("/api/v1/clients/{CLIENT}");
    for time in times {
        let mut list = ruiz();
        list["contacts"][0]["email"] = json!(format!("ana-{time}@elsewhere.example"));
        service.call("PUT", &path, &api_key("cornerstone"), Some(&list)).await.expect(200);
    }
}

on_both! {
    async fn however_often_a_detail_is_changed_the_first_one_is_told(service: Service) {
        service.with_pin().await;
        churn(&service, 0..26).await;
        service.advance(30);
        let token = service.link("c-1").await;
        service.set(&token, WRONG).await.unwrap();
        let told = notified(&service, service.now()).await;
        assert!(told.iter().any(|to| to == "ana@ruiz-landscaping.example"), "{told:?}");
        assert_eq!(told.len(), 26 + 3, "26 that are gone, the owner's two, and the other's");
    }
}

on_both! {
    async fn no_pin_is_set_while_more_details_are_gone_than_can_be_told(service: Service) {
        service.with_pin().await;
        churn(&service, 0..100).await;
        service.advance(30);
        let token = service.link("c-1").await;
        service.advance(3600);
        churn(&service, 100..101).await;
        assert_eq!(service.pin().await["link"], json!(null), "its contact's details changed");
        let refused = service.ask_link("c-1").await.expect(422);
        let until = json!("2026-12-20T15:04:05Z");
        assert_eq!((&refused["code"], &refused["until"]), (&json!("contact_unreachable"), &until));
        assert!(service.set(&token, WRONG).await.is_err());
        // A link to somebody else that was out before.
        service.database.execute("update challenge set state = 'active', closed_at = null, contact_id = 'c-2' where state = 'cancelled'").await;
        assert!(matches!(service.set(&token, WRONG).await, Err(SetFault::Link(_))));
        assert_eq!(service.said(PIN).await["result"], "verified", "the PIN is what it was");
        service.database.execute("update challenge set state = 'cancelled', closed_at = 0 where state = 'active'").await;
        service.advance(30 * DAY - 3630);
        let token = service.link("c-1").await;
        service.set(&token, WRONG).await.unwrap();
    }
}

on_both! {
    async fn a_first_pin_was_set_and_a_later_one_changed(service: Service) {
        service.pins_on().await;
        for (pin, english, spanish) in [
            (PIN, "Your Cornerstone security PIN was set", "Se creó su PIN de seguridad: Cornerstone"),
            (WRONG, "Your Cornerstone security PIN was changed", "Se cambió su PIN de seguridad: Cornerstone"),
        ] {
            service.advance(60);
            let token = service.link("c-1").await;
            service.set(&token, pin).await.unwrap();
            let told = notices(&service, service.now()).await;
            let subject = |to: &str| told.iter().find(|mail| mail["to"] == to).unwrap()["subject"].clone();
            assert_eq!(subject("luis@ruiz-landscaping.example"), english);
            assert_eq!(subject("ana@ruiz-landscaping.example"), spanish);
        }
    }
}

on_both! {
    async fn old_details_are_kept_only_where_pins_are_used(service: Service) {
        service.know(CLIENT).await.expect(201);
        let list = json!({"name": "Ruiz", "contacts": []});
        let path = format!("/api/v1/clients/{CLIENT}");
        service.call("PUT", &path, &api_key("cornerstone"), Some(&list)).await.expect(200);
        assert_eq!(service.database.count("select count(*) from former_detail").await, 0);
    }
}

on_both! {
    async fn a_copy_of_the_database_confirms_no_pin_and_holds_no_link(service: Service) {
        service.pins_on().await;
        let token = service.link("c-1").await;
        service.set(&token, PIN).await.unwrap();
        service.said(WRONG).await;
        service.said(PIN).await;
        service.drain().await;
        let dump = service.database.dump().await.join("\n");
        for secret in [PIN, WRONG, &token, &hex::encode(&token), "iPhone"] {
            assert!(!dump.contains(secret), "{secret}");
        }
        let hash = service.database.texts("select hash from pin").await.remove(0);
        let key = service.database.texts("select key_id from pin").await.remove(0);
        assert!(hash.starts_with("$argon2id$"));
        // Whoever has all of it but the key, and guesses right, learns nothing by it: neither with a key of their own...
        let (tenant, client) = (TenantId::parse("cornerstone").unwrap(), ClientId::parse(CLIENT).unwrap());
        let of = Of { tenant: &tenant, whose: Whose::Pin(&client) };
        let right = countersign::domain::pin::secret::Pin::parse(PIN, 6).unwrap();
        let foreign = KeySet::parse(&master_key(99)).unwrap();
        let kept = Hashed { text: hash.clone(), key: foreign.id };
        let ring = countersign::domain::key::KeyRing::new(foreign, vec![]);
        let random = std::sync::Arc::new(countersign::ports::SystemRandom);
        let pool = Hasher::of_size(std::sync::Arc::new(ring), random, SMALL);
        assert!(!pool.admit(&tenant).unwrap().matches(right.expose(), &kept, of).await.unwrap().ok);
        // ... nor with none, whatever is hashed of what is known.
        let parsed = argon2::password_hash::phc::PasswordHash::new(&hash).unwrap();
        for guess in [PIN.to_owned(), format!("cornerstone{CLIENT}{PIN}"), format!("{key}{PIN}")] {
            use argon2::PasswordVerifier as _;
            assert!(argon2::Argon2::default().verify_password(guess.as_bytes(), &parsed).is_err());
        }
        let kept = Hashed { text: hash, key: countersign::domain::key::KeyId::parse(&key).unwrap() };
        assert!(service.app.desk().hasher.admit(&tenant).unwrap().matches(right.expose(), &kept, of).await.unwrap().ok, "with the key it does");
    }
}

on_both! {
    async fn a_pin_moved_to_another_client_is_wrong_there(service: Service) {
        service.with_pin().await;
        service.know("lead-2").await.expect(201);
        service.database.execute("update pin set client_id = 'lead-2'").await;
        service.database.execute("update client set standing = standing").await;
        let said = service.post("/api/v1/clients/lead-2/pin/check", json!({"pin": PIN})).await.expect(200);
        assert_eq!(said["result"], "incorrect");
    }
}

on_both! {
    async fn a_dropped_client_leaves_no_pin_behind(service: Service) {
        service.with_pin().await;
        service.said(PIN).await;
        service.advance(30);
        let token = service.link("c-1").await;
        delete(&service, CLIENT).await.expect(204);
        for table in ["pin", "former_detail"] {
            assert_eq!(service.database.count(&format!("select count(*) from {table}")).await, 0, "{table}");
        }
        assert!(service.set(&token, WRONG).await.is_err());
        assert_eq!(service.check_pin(PIN).await.problem(404), "client_not_found");
        assert_eq!(service.status(CLIENT).await["pin"], "not_set");
        service.know(CLIENT).await.expect(201);
        assert_eq!(service.pin().await, json!({"state": "not_set"}));
        assert_eq!(service.said(PIN).await, json!({"result": "not_set"}));
        assert!(service.set(&token, WRONG).await.is_err());
        assert_eq!(service.ask_link("c-1").await.problem(429), "too_soon", "the limits stay");
    }
}

on_both! {
    async fn an_epoch_ends_links_and_locks_pins_until_they_are_set_anew(service: Service) {
        service.with_pin().await;
        service.advance(30);
        let token = service.link("c-1").await;
        let Ended { open, pins } = bump_epoch(service.app.desk()).await.unwrap();
        assert_eq!((open, pins), (1, 1));
        assert!(service.set(&token, WRONG).await.is_err());
        assert_eq!(service.pin().await["link"], json!(null));
        assert_eq!(service.said(PIN).await["result"], "locked");
        assert_eq!(service.status(CLIENT).await["pin"], "locked");
        service.drain().await;
        assert_eq!(service.pushed("pin.locked"), 1);
        assert_eq!(service.entries("pin.lock", "locked").await, 1);
        assert_eq!(bump_epoch(service.app.desk()).await.unwrap().pins, 0, "once is enough");
        service.advance(30);
        let token = service.link("c-1").await;
        service.set(&token, WRONG).await.unwrap();
        assert_eq!(service.said(WRONG).await["result"], "verified");
    }
}

on_both! {
    async fn what_is_too_old_goes_and_the_pin_stays(service: Service) {
        service.with_pin().await;
        service.drain().await;
        assert_eq!(service.database.count("select count(*) from link").await, 1);
        service.apply("cornerstone", json!({"retention": "24h"})).await;
        service.pin_policy(json!({"link_valid": "72h"})).await;
        service.advance(30);
        let token = service.link("c-1").await;
        service.advance(71 * 3600);
        purge(service.app.desk()).await.unwrap();
        service.set(&token, WRONG).await.unwrap();
        service.advance(4 * DAY);
        service.drain().await;
        purge(service.app.desk()).await.unwrap();
        for table in ["link", "message", "challenge"] {
            assert_eq!(service.database.count(&format!("select count(*) from {table}")).await, 0, "{table}");
        }
        assert_eq!(service.said(WRONG).await["result"], "verified");
    }
}
