//! A message whose code is over goes to nobody, however it came to be over.

use countersign::domain::timestamp::Timestamp;
use serde_json::{Value, json};

use super::{CLIENT, ask, by_gateway, code_of, gateway, pushed, sent, state, told};
use crate::code::wrong;
use crate::on_both;
use crate::receiver::Receiver;
use crate::service::{Service, api_key, ruiz};

/// A text that was refused once and waits for its next turn. Gives its challenge and the code in it.
async fn waiting(service: &Service, gateway: &Receiver) -> (String, String) {
    gateway.answer("sms", 503, &[]);
    let challenge = ask(service, "sms").await;
    service.drain().await;
    assert_eq!(state(service, &challenge).await.0, "queued");
    gateway.answer("sms", 200, &[]);
    (challenge, code_of(&gateway.pushes().pop().unwrap()))
}

async fn check(service: &Service, challenge: &str, code: &str) -> Value {
    service.post(&format!("/api/v1/challenges/{challenge}/check"), json!({"code": code})).await.expect(200)
}

/// Asserts that the message is not sent, and says so.
async fn never_sent(service: &Service, gateway: &Receiver, challenge: &str, why: &str) {
    let before = gateway.pushes().len();
    service.advance(60);
    service.drain().await;
    assert_eq!(gateway.pushes().len(), before, "{why}");
    assert_eq!(state(service, challenge).await.0, "dropped", "{why}");
    assert!(pushed(service, "message.failed").is_empty(), "{why}");
}

async fn list(service: &Service, contacts: Value) {
    let body = json!({"name": "Ruiz Landscaping LLC", "contacts": contacts});
    let reply = service.call("PUT", CLIENT, &api_key("cornerstone"), Some(&body)).await;
    assert!(reply.status < 300, "{}", reply.text);
}

on_both! {
    async fn a_text_is_dropped_once_its_code_is_cancelled_used_or_locked(service: Service) {
        let gateway = gateway().await;
        let service = by_gateway(&service, &gateway).await;
        told(&service).await;

        let (challenge, _) = waiting(&service, &gateway).await;
        service.post(&format!("/api/v1/challenges/{challenge}/cancel"), json!({})).await.expect(200);
        never_sent(&service, &gateway, &challenge, "cancelled").await;

        service.advance(1_000);
        let (challenge, code) = waiting(&service, &gateway).await;
        assert_eq!(check(&service, &challenge, &code).await["result"], "verified");
        never_sent(&service, &gateway, &challenge, "verified").await;

        service.advance(1_000);
        let (challenge, code) = waiting(&service, &gateway).await;
        for _ in 0..5 {
            check(&service, &challenge, &wrong(&code)).await;
        }
        assert_eq!(check(&service, &challenge, &code).await["result"], "locked");
        never_sent(&service, &gateway, &challenge, "locked").await;
    }
}

on_both! {
    async fn a_text_is_dropped_once_its_code_is_superseded_or_expired(service: Service) {
        let gateway = gateway().await;
        let service = by_gateway(&service, &gateway).await;
        told(&service).await;

        let (challenge, old) = waiting(&service, &gateway).await;
        service.advance(30);
        let newer = ask(&service, "sms").await;
        service.drain().await;
        assert_eq!(state(&service, &challenge).await.0, "dropped");
        assert_eq!(state(&service, &newer).await.0, "sent");
        let texts = gateway.pushes();
        assert_eq!(texts.len(), 2);
        assert_ne!(code_of(&texts[1]), old);

        // Nothing ran while the code lived: it is not sent when something does.
        service.advance(1_000);
        let late = ask(&service, "sms").await;
        service.advance(600);
        never_sent(&service, &gateway, &late, "expired").await;
    }
}

on_both! {
    async fn a_text_is_dropped_once_its_contact_may_not_get_it(service: Service) {
        let gateway = gateway().await;
        let service = by_gateway(&service, &gateway).await;
        let whole = ruiz()["contacts"].clone();
        let mut gone = whole.clone();
        gone.as_array_mut().unwrap().remove(0);
        let mut demoted = whole.clone();
        demoted[0]["role"] = json!("bookkeeper");
        let mut moved = whole.clone();
        moved[0]["mobile"] = json!("+13055550149");
        let mut without = whole.clone();
        without[0].as_object_mut().unwrap().remove("mobile");
        for (why, changed) in [("gone", gone), ("demoted", demoted), ("moved", moved), ("without", without)] {
            list(&service, whole.clone()).await;
            let (challenge, _) = waiting(&service, &gateway).await;
            list(&service, changed).await;
            never_sent(&service, &gateway, &challenge, why).await;
            service.advance(1_000);
        }
        list(&service, whole).await;
        let (challenge, _) = waiting(&service, &gateway).await;
        service.call("DELETE", CLIENT, &api_key("cornerstone"), None).await.expect(204);
        let before = gateway.pushes().len();
        service.advance(60);
        service.drain().await;
        assert_eq!(gateway.pushes().len(), before);
        let query = format!("select count(*) from message where challenge_id = '{challenge}' and state = 'dropped'");
        assert_eq!(service.database.count(&query).await, 1);
    }
}

on_both! {
    async fn a_text_is_dropped_once_everything_open_was_ended(service: Service) {
        let gateway = gateway().await;
        let service = by_gateway(&service, &gateway).await;
        told(&service).await;
        let (challenge, _) = waiting(&service, &gateway).await;
        service.database.execute("update meta set value = value + 1 where name = 'epoch'").await;
        service.database.execute("insert into meta (name, value) select 'epoch', 1 where not exists (select 1 from meta where name = 'epoch')").await;
        service.app.beat().await.unwrap();
        never_sent(&service, &gateway, &challenge, "epoch").await;
    }
}

/// A text that its gateway has read and not yet answered, while `meanwhile` happens; then it answers `status`.
async fn meanwhile(service: &Service, gateway: &Receiver, status: u16) -> String {
    let challenge = ask(service, "sms").await;
    gateway.hold("sms");
    gateway.answer("sms", status, &[]);
    let (outbox, before) = (service.app.outbox().clone(), gateway.pushes().len());
    let sending = tokio::spawn(async move { outbox.drain().await.unwrap() });
    gateway.until(|texts| texts.len() > before).await;
    service.post(&format!("/api/v1/challenges/{challenge}/cancel"), json!({})).await.expect(200);
    assert_eq!(state(service, &challenge).await.0, "dropped");
    gateway.release("sms");
    sending.await.unwrap();
    challenge
}

on_both! {
    async fn a_text_that_went_out_while_it_was_dropped_is_recorded_as_sent(service: Service) {
        let gateway = gateway().await;
        let service = by_gateway(&service, &gateway).await;
        told(&service).await;
        let challenge = meanwhile(&service, &gateway, 200).await;
        assert_eq!(state(&service, &challenge).await, sent());
        let query = "select count(*) from audit where action = 'message.send' and outcome = 'sent'";
        assert_eq!(service.database.count(query).await, 1);
    }
}

on_both! {
    async fn a_text_that_was_refused_while_it_was_dropped_stays_dropped(service: Service) {
        let gateway = gateway().await;
        let service = by_gateway(&service, &gateway).await;
        told(&service).await;
        for status in [400, 503] {
            let challenge = meanwhile(&service, &gateway, status).await;
            assert_eq!(state(&service, &challenge).await.0, "dropped", "{status}");
            let texts = gateway.pushes().len();
            service.clock.set(Timestamp::from_millis(service.now().millis() + 1_000_000));
            service.drain().await;
            assert_eq!(gateway.pushes().len(), texts, "{status}");
        }
        assert!(pushed(&service, "message.failed").is_empty());
    }
}
