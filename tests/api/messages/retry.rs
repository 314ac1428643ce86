//! What a provider refuses: tried again while the code lives, by the next provider, or told at once.

use countersign::domain::timestamp::Timestamp;
use serde_json::json;

use super::{BODY, ask, by_gateway, by_gateways, code_of, gateway, pushed, sent, state, told, with};
use crate::database::Database;
use crate::gateway::{Answer, Server};
use crate::on_both;
use crate::service::Service;
use crate::smtp::{GOOD, Relay, Reply, Script};

/// Goes to one millisecond before `seconds` after the start, sees that nothing is sent, and goes there.
async fn attempt_at(service: &Service, start: Timestamp, seconds: i64) {
    let at = start.millis() + seconds * 1_000;
    service.clock.set(Timestamp::from_millis(at - 1));
    assert_eq!(service.drain().await, 0, "an attempt before {seconds} s");
    service.clock.set(Timestamp::from_millis(at));
    assert!(service.drain().await > 0, "no attempt at {seconds} s");
}

on_both! {
    async fn a_text_is_tried_again_while_its_code_lives_and_then_given_up(service: Service) {
        let gateway = gateway().await;
        gateway.answer("sms", 503, &[]);
        let service = by_gateway(&service, &gateway).await;
        told(&service).await;
        let (start, challenge) = (service.now(), ask(&service, "sms").await);
        service.drain().await;
        assert_eq!(state(&service, &challenge).await, with("queued", "provider_down"));
        // After 2, 5, 15, 30 and 60 seconds, and every minute from there, ten minutes in all.
        let moments = [2, 7, 22, 52, 112, 172, 232, 292, 352, 412, 472, 532];
        for seconds in moments {
            attempt_at(&service, start, seconds).await;
            assert_eq!(state(&service, &challenge).await, with("queued", "provider_down"));
        }
        assert!(pushed(&service, "message.failed").is_empty());
        attempt_at(&service, start, 592).await;
        assert_eq!(state(&service, &challenge).await, with("failed", "provider_down"));
        let failed = pushed(&service, "message.failed");
        assert_eq!(failed.len(), 1);
        assert_eq!(failed[0]["data"]["message"]["detail"], "provider_down");
        assert_eq!(failed[0]["data"]["challenge"], challenge);

        let texts = gateway.pushes();
        assert_eq!(texts.len(), 14);
        let code = code_of(&texts[0]);
        assert!(texts.iter().all(|text| code_of(text) == code), "the same code each time");
        service.advance(3_600);
        service.drain().await;
        assert_eq!(gateway.pushes().len(), 14);
    }
}

on_both! {
    async fn a_text_that_is_taken_at_last_is_sent_and_its_code_counts(service: Service) {
        let gateway = gateway().await;
        gateway.answer("sms", 500, &[]);
        let service = by_gateway(&service, &gateway).await;
        told(&service).await;
        let challenge = ask(&service, "sms").await;
        service.drain().await;
        gateway.answer("sms", 200, &[]);
        service.advance(2);
        service.drain().await;
        assert_eq!(state(&service, &challenge).await, sent());
        let code = code_of(&gateway.pushes()[1]);
        let check = format!("/api/v1/challenges/{challenge}/check");
        assert_eq!(service.post(&check, json!({"code": code})).await.expect(200)["result"], "verified");
        assert!(pushed(&service, "message.failed").is_empty());
    }
}

on_both! {
    async fn the_providers_take_turns_until_one_takes_the_text(service: Service) {
        let gateway = gateway().await;
        for path in ["sms", "second"] {
            gateway.answer(path, 503, &[]);
        }
        let next = format!(
            "[{{ provider = \"http\", method = \"POST\", url = \"{}\", headers = {{ Content-Type = \"application/json\" }}, body = '{BODY}' }}]",
            gateway.url("second"),
        );
        let service = by_gateways(&service, &gateway, &next).await;
        told(&service).await;
        let challenge = ask(&service, "sms").await;
        let turns = || gateway.pushes().iter().map(|text| text.tenant.clone()).collect::<Vec<_>>();
        service.drain().await;
        assert_eq!(turns(), ["sms", "second"], "the next takes over at once");
        service.advance(1);
        service.drain().await;
        assert_eq!(turns().len(), 2, "and then all are left alone for a while");
        gateway.answer("second", 200, &[]);
        service.advance(1);
        service.drain().await;
        assert_eq!(turns(), ["sms", "second", "sms", "second"]);
        let texts = gateway.pushes();
        assert!(texts.iter().all(|text| code_of(text) == code_of(&texts[0])));
        assert_eq!(state(&service, &challenge).await, sent());
    }
}

on_both! {
    async fn what_will_not_get_better_is_told_at_once(service: Service) {
        let gateway = gateway().await;
        gateway.answer("sms", 404, &[]);
        let service = by_gateway(&service, &gateway).await;
        told(&service).await;
        let challenge = ask(&service, "sms").await;
        service.drain().await;
        assert_eq!(state(&service, &challenge).await, with("failed", "rejected"));
        assert_eq!(pushed(&service, "message.failed").len(), 1);
        service.advance(120);
        service.drain().await;
        assert_eq!(gateway.pushes().len(), 1, "and not tried again");
    }
}

on_both! {
    async fn a_gateways_answer_has_a_name_that_stays(service: Service) {
        let gateway = gateway().await;
        let service = by_gateway(&service, &gateway).await;
        told(&service).await;
        for (status, expected) in [
            (400, with("failed", "rejected")),
            (422, with("failed", "rejected")),
            (401, with("queued", "provider_misconfigured")),
            (403, with("queued", "provider_misconfigured")),
            (302, with("queued", "provider_misconfigured")),
            (429, with("queued", "provider_down")),
            (502, with("queued", "provider_down")),
        ] {
            gateway.answer("sms", status, &[]);
            service.advance(1_000);
            let challenge = ask(&service, "sms").await;
            service.drain().await;
            assert_eq!(state(&service, &challenge).await, expected, "{status}");
        }
    }
}

on_both! {
    async fn a_gateway_that_hangs_up_may_have_sent_the_text(service: Service) {
        let gateway = Server::start(Answer::HangUp).await;
        let url = format!("{}?to={{{{to}}}}&text={{{{text}}}}", gateway.url("/"));
        let more = [("COUNTERSIGN_SMS__PROVIDER", "http"), ("COUNTERSIGN_SMS__URL", &url)];
        let service = Service::with(Database::create(service.database.backend).await, &more).await;
        told(&service).await;
        let challenge = ask(&service, "sms").await;
        service.drain().await;
        assert_eq!(state(&service, &challenge).await, with("queued", "unknown_outcome"));
    }
}

on_both! {
    async fn a_relays_answer_has_a_name_that_stays(service: Service) {
        for (reply, expected) in [
            ("550 5.1.1 no such user", with("failed", "no_such_address")),
            ("552 5.2.2 full", with("failed", "mailbox_unavailable")),
            ("550 5.7.1 no", with("failed", "rejected")),
            ("450 4.2.1 later", with("queued", "mailbox_unavailable")),
            ("451 4.7.1 greylisted", with("queued", "provider_down")),
            ("530 5.7.0 log in", with("queued", "provider_misconfigured")),
        ] {
            let relay = Relay::start(Script { recipient: Reply::Say(reply), ..GOOD }).await;
            let url = format!("smtp://127.0.0.1:{}", relay.port());
            let more = [
                ("COUNTERSIGN_EMAIL__TRANSPORT", "smtp"),
                ("COUNTERSIGN_EMAIL__URL", &url),
                ("COUNTERSIGN_EMAIL__FROM", "verify@cornerstone.example"),
            ];
            let service = Service::with(Database::create(service.database.backend).await, &more).await;
            told(&service).await;
            let challenge = ask(&service, "email").await;
            service.drain().await;
            assert_eq!(state(&service, &challenge).await, expected, "{reply}");
            let failed = pushed(&service, "message.failed");
            let told: Vec<_> = failed.iter().map(|event| event["data"]["message"]["detail"].as_str()).collect();
            let detail = expected.1.as_deref();
            assert_eq!(told, if expected.0 == "failed" { vec![detail] } else { vec![] }, "{reply}");
        }
    }
}
