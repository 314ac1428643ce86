//! The link by which a PIN is set: spent by a PIN only, voided by a newer one, and over when its time is.

use countersign::domain::contact::Phone;
use countersign::domain::locale::Locale;
use countersign::domain::pin::link::Over;
use countersign::usecase::pin::open_link::{LinkFault, LinkView, open_link};
use countersign::usecase::pin::set_pin::SetFault;
use futures_util::future::join_all;
use serde_json::json;

use crate::life::CLIENT;
use crate::on_both;
use crate::pin::{PIN, WRONG};
use crate::service::{Service, api_key, ruiz};

async fn open(service: &Service, token: &str) -> Result<LinkView, LinkFault> {
    open_link(service.app.desk(), token, None).await
}

/// Why a link does not open, whoever tries: to look, or to set a PIN.
async fn over(service: &Service, token: &str) -> Over {
    let why = |fault| match fault {
        LinkFault::Over { why, .. } => why,
        LinkFault::Failed(failure) => panic!("{failure}"),
    };
    let opened = why(open(service, token).await.map(|_| ()).unwrap_err());
    match service.set(token, PIN).await {
        Err(SetFault::Link(fault)) => assert_eq!(why(fault), opened),
        other => panic!("{other:?}"),
    }
    opened
}

async fn put(service: &Service, list: &serde_json::Value) {
    service
        .call("PUT", &format!("/api/v1/clients/{CLIENT}"), &api_key("cornerstone"), Some(list))
        .await
        .expect(200);
}

on_both! {
    async fn opening_a_link_changes_nothing_however_often(service: Service) {
        service.pins_on().await;
        let token = service.link("c-1").await;
        let before = service.database.dump().await;
        for _ in 0..10 {
            let view = open(&service, &token).await.ok().unwrap();
            assert_eq!((view.client.as_str(), view.client_name.as_str()), (CLIENT, "Ruiz Landscaping LLC"));
            assert_eq!((view.contact_name.as_str(), view.locale), ("Ana Ruiz", Locale::Es));
            assert_eq!((view.is_reset, view.digits), (false, 6));
            assert_eq!(view.expires_at.to_string(), "2026-11-21T15:04:05Z");
            let numbers = ["+13055550142", "+13055550143", "+13055550144"].map(|n| Phone::parse(n).unwrap());
            assert_eq!(view.phones, numbers, "everybody's");
        }
        assert_eq!(service.database.dump().await, before);
        service.set(&token, PIN).await.unwrap();
    }
}

on_both! {
    async fn what_is_wrong_with_a_link_is_told_apart(service: Service) {
        service.pins_on().await;
        for mistyped in ["", "x", "AAAAAAAAAAAAAAAAAAAAAA", "' or 1=1 --", "é"] {
            assert_eq!(over(&service, mistyped).await, Over::Unknown, "{mistyped:?}");
        }
        let first = service.link("c-1").await;
        service.advance(30);
        let second = service.link("c-1").await;
        assert_ne!(first, second);
        assert_eq!(over(&service, &first).await, Over::Voided, "a newer one took its place");
        service.set(&second, PIN).await.unwrap();
        assert_eq!(over(&service, &second).await, Over::Used);
        assert_eq!(service.said(PIN).await["result"], "verified", "and the PIN stays what it was");
        service.advance(30);
        let third = service.link("c-2").await;
        service.advance(24 * 3600 - 1);
        assert!(open(&service, &third).await.is_ok());
        service.advance(1);
        assert_eq!(over(&service, &third).await, Over::Expired);
        service.drain().await;
        assert_eq!(service.pin().await["link"], json!(null));
        assert_eq!(over(&service, &third).await, Over::Expired, "once it is closed, too");
        assert_eq!(over(&service, &first).await, Over::Voided);
        let fault = open(&service, &third).await.err().unwrap();
        let LinkFault::Over { tenant: Some(tenant), locale: Some(locale), .. } = fault else { panic!("{fault:?}") };
        assert_eq!((tenant.id.as_str(), locale), ("cornerstone", Locale::En), "for the page that says so");
    }
}

on_both! {
    async fn of_many_pins_set_at_once_by_one_link_one_is_set(service: Service) {
        service.pins_on().await;
        let token = service.link("c-1").await;
        let pins = ["482057", "905173", "731946", "604829", "197350", "850473"];
        let done = join_all(pins.map(|pin| service.set(&token, pin))).await;
        let late = |done: &Result<_, _>| matches!(done, Err(SetFault::Link(LinkFault::Over { why: Over::Used, .. })));
        assert_eq!((done.iter().filter(|d| d.is_ok()).count(), done.iter().filter(|d| late(d)).count()), (1, 5));
        assert_eq!(service.entries("pin.set", "set").await, 1);
        let mut right = 0;
        for pin in pins.iter().take(5) {
            right += usize::from(service.said(pin).await["result"] == "verified");
        }
        assert!(right <= 1);
        assert_eq!(over(&service, &token).await, Over::Used);
    }
}

on_both! {
    async fn a_pin_that_is_not_accepted_spends_nothing(service: Service) {
        service.pins_on().await;
        let token = service.link("c-1").await;
        for easy in ["123456", "555014", "111111"] {
            assert!(matches!(service.set(&token, easy).await, Err(SetFault::Weak(_))), "{easy}");
        }
        assert_eq!(service.pin().await["state"], "not_set");
        service.set(&token, PIN).await.unwrap();
        service.advance(30);
        let token = service.link("c-1").await;
        for _ in 0..9 {
            assert!(matches!(service.set(&token, PIN).await, Err(SetFault::Same)));
        }
        service.set(&token, WRONG).await.unwrap();
    }
}

on_both! {
    async fn a_link_makes_so_many_hashes_and_no_more(service: Service) {
        service.with_pin().await;
        service.advance(30);
        let token = service.link("c-1").await;
        for _ in 0..10 {
            assert!(matches!(service.set(&token, PIN).await, Err(SetFault::Same)));
        }
        assert_eq!(service.pin().await["link"], json!(null), "it sets nothing any more");
        assert_eq!(over(&service, &token).await, Over::Voided, "and says so before anything is typed");
        let tired = service.set(&token, WRONG).await;
        assert!(matches!(tired, Err(SetFault::Link(LinkFault::Over { why: Over::Voided, .. }))), "{tired:?}");
        assert_eq!(service.said(PIN).await["result"], "verified");
    }
}

on_both! {
    async fn a_link_dies_with_what_its_contact_is(service: Service) {
        service.pins_on().await;
        let mut list = ruiz();
        let token = service.link("c-1").await;
        list["contacts"][2]["name"] = json!("Marc Dane");
        put(&service, &list).await;
        assert!(open(&service, &token).await.is_ok(), "somebody else's details");
        list["contacts"][0]["mobile"] = json!("+13055550199");
        put(&service, &list).await;
        assert_eq!(over(&service, &token).await, Over::Voided, "another number");
        assert_eq!(service.pin().await["link"], json!(null));
        service.advance(30);
        let token = service.link("c-1").await;
        list["contacts"][0]["role"] = json!("bookkeeper");
        put(&service, &list).await;
        assert_eq!(over(&service, &token).await, Over::Voided, "another role");
        assert_eq!(service.entries("pin.link_cancel", "cancelled").await, 2);
        service.advance(30);
        let token = service.link("c-2").await;
        service.apply("cornerstone", json!({"authorized_roles": ["owner"]})).await;
        assert_eq!(over(&service, &token).await, Over::Voided, "the tenant authorizes the role no more");
        service.apply("cornerstone", json!({"authorized_roles": ["authorized_representative"]})).await;
        assert!(open(&service, &token).await.is_ok());
        service.pin_policy(json!({"enabled": false})).await;
        assert_eq!(over(&service, &token).await, Over::Voided, "the tenant uses no PINs any more");
    }
}

on_both! {
    async fn a_link_that_is_over_is_not_sent(service: Service) {
        service.pins_on().await;
        service.ask_link("c-1").await.expect(201);
        let mut list = ruiz();
        list["contacts"][0]["email"] = json!("other@ruiz-landscaping.example");
        put(&service, &list).await;
        service.drain().await;
        assert!(service.mail().is_empty());
        assert_eq!(service.entries("message.send", "dropped").await, 2);
    }
}

on_both! {
    async fn links_are_limited_as_codes_are_and_apart_from_them(service: Service) {
        service.pins_on().await;
        service.ask_link("c-1").await.expect(201);
        service.ask(CLIENT, "c-1").await.expect(201);
        let refused = service.ask_link("c-1").await;
        assert_eq!(refused.header("retry-after"), Some("30"));
        let problem = refused.expect(429);
        assert_eq!(problem["code"], "too_soon");
        assert_eq!(problem["detail"], "a link was just sent; it can be sent again at 2026-11-20T15:04:35Z");
        for _ in 0..4 {
            service.advance(30);
            service.ask_link("c-1").await.expect(201);
        }
        service.advance(30);
        assert_eq!(service.ask_link("c-1").await.problem(429), "too_many_sends");
        service.ask_link("c-2").await.expect(201);
        assert_eq!(service.ask_link("c-3").await.problem(403), "contact_not_authorized");
        assert_eq!(service.entries("pin.link", "contact_not_authorized").await, 1);
        service.advance(900);
        service.ask_link("c-1").await.expect(201);
    }
}

on_both! {
    async fn one_destination_over_all_clients_has_its_limit(service: Service) {
        service.pin_policy(json!({"enabled": true, "sends": 1})).await;
        let list = json!({"name": "R", "contacts": [{"id": "c-1", "name": "Ana", "role": "owner", "mobile": "+13055550142"}]});
        for i in 0..5 {
            let path = format!("/api/v1/clients/lead-{i}");
            service.call("PUT", &path, &api_key("cornerstone"), Some(&list)).await.expect(201);
            let asked = service.post(&format!("{path}/pin/link"), json!({"contact": "c-1"})).await;
            if i < 4 { asked.expect(201); } else { assert_eq!(asked.problem(429), "too_many_sends"); }
        }
    }
}

on_both! {
    async fn who_can_only_be_called_gets_no_link(service: Service) {
        service.pins_on().await;
        let list = json!({"name": "R", "contacts": [{"id": "c-1", "name": "Ana", "role": "owner", "phone": "+13055550142"}]});
        put(&service, &list).await;
        assert_eq!(service.ask_link("c-1").await.problem(422), "contact_unreachable");
    }
}
