//! A process that dies with a message in its hands gives it back.

use std::time::Duration;

use countersign::store::Queue;
use serde_json::json;

use super::{ask, by_gateway, code_of, gateway, sent, state, told};
use crate::code::code_in;
use crate::on_both;
use crate::service::api_key;

on_both! {
    async fn a_message_of_a_process_that_died_is_sent_by_another_after_thirty_seconds(service: Service) {
        told(&service).await;
        let challenge = ask(&service, "email").await;
        let now = service.now();
        let claimed = service.app.desk().store.claim(Queue::Email, now, &[], |_| 8, 32).await.unwrap();
        assert_eq!(claimed.len(), 1);
        assert!(service.app.desk().store.claim(Queue::Email, now, &[], |_| 8, 32).await.unwrap().is_empty());

        let early = service.second(now + Duration::from_millis(29_999)).await;
        early.outbox().drain().await.unwrap();
        assert!(service.mail().is_empty());
        let late = service.second(now + Duration::from_secs(30)).await;
        late.outbox().drain().await.unwrap();
        assert_eq!(service.mail().len(), 1);
        assert_eq!(state(&service, &challenge).await, sent());
    }
}

on_both! {
    async fn a_message_that_went_out_and_was_not_noted_goes_out_again_with_the_same_code(service: Service) {
        let gateway = gateway().await;
        let service = by_gateway(&service, &gateway).await;
        told(&service).await;
        ask(&service, "sms").await;
        gateway.hold("sms");
        let outbox = service.app.outbox().clone();
        let dying = tokio::spawn(async move { outbox.drain().await });
        let first = gateway.until(|texts| texts.len() == 1).await.remove(0);
        dying.abort();
        assert!(dying.await.unwrap_err().is_cancelled());
        gateway.release("sms");
        service.advance(29);
        service.drain().await;
        assert_eq!(gateway.pushes().len(), 1);
        service.advance(1);
        service.drain().await;
        let texts = gateway.pushes();
        assert_eq!(texts.len(), 2);
        assert_eq!(code_of(&texts[1]), code_of(&first));
        assert_eq!(texts[1].json()["report"], first.json()["report"]);
    }
}

on_both! {
    async fn two_processes_that_look_at_once_send_each_message_once(service: Service) {
        told(&service).await;
        let body = json!({"contact": "c-1", "surface": "lead_card"});
        service.post("/api/v1/clients/lead-10482/codes", body).await.expect(201);
        let (one, other) = (service.second(service.now()).await, service.second(service.now()).await);
        let (first, second) = tokio::join!(one.outbox().drain(), other.outbox().drain());
        // What each left to the other.
        let rest = one.outbox().drain().await.unwrap();
        let ran = first.unwrap() + second.unwrap() + rest;
        assert_eq!(ran, 3, "two messages and one event");
        assert_eq!(service.mail().len(), 2);
        assert_eq!(service.host.take_kinds(), ["verification.code_sent"]);
        let codes: Vec<_> = service.mail().iter().map(|m| code_in(m["text"].as_str().unwrap())).collect();
        assert_eq!(codes[0], codes[1]);
    }
}

on_both! {
    async fn of_many_that_claim_at_once_each_gets_what_no_other_has(service: Service) {
        for n in 0..8 {
            let path = format!("/api/v1/clients/lead-{n}");
            let contact = json!({"id": "c-1", "name": "Ana", "role": "owner", "email": format!("ana{n}@crm.example")});
            let client = json!({"name": "Client", "contacts": [contact]});
            service.call("PUT", &path, &api_key("cornerstone"), Some(&client)).await.expect(201);
            service.post(&format!("{path}/codes"), json!({"contact": "c-1", "surface": "lead_card"})).await.expect(201);
        }
        for round in 0..5 {
            let now = service.now();
            let claims = (0..16).map(|_| {
                let store = service.app.desk().store.clone();
                tokio::spawn(async move { store.claim(Queue::Email, now, &[], |_| 8, 32).await.unwrap() })
            });
            let mut claimed = Vec::new();
            for claim in claims.collect::<Vec<_>>() {
                claimed.extend(claim.await.unwrap().into_iter().map(|claim| claim.id));
            }
            claimed.sort();
            let count = claimed.len();
            claimed.dedup();
            assert_eq!((count, claimed.len()), (8, 8), "round {round}");
            // The lease is over for all of them.
            service.advance(30);
        }
    }
}
