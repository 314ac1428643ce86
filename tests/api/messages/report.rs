//! What a gateway reports of a text: believed by the key in the address only, and only forward.

use serde_json::json;

use super::{ask, by_gateway, gateway, pushed, sent, state, told, with};
use crate::on_both;
use crate::receiver::Receiver;
use crate::service::{Reply, Service};

fn delivered() -> (String, Option<String>) {
    ("delivered".to_owned(), None)
}

/// A text that was taken, and the path by which it is reported on, up to the status.
async fn texted(service: &Service, gateway: &Receiver) -> (String, String) {
    let challenge = ask(service, "sms").await;
    service.drain().await;
    assert_eq!(state(service, &challenge).await, sent());
    let text = gateway.pushes().pop().unwrap().json();
    let report = text["report"].as_str().unwrap();
    let path = report.strip_prefix("http://127.0.0.1:8080").unwrap().strip_suffix("%d").unwrap();
    assert!(path.ends_with("?status="));
    (challenge, path.to_owned())
}

async fn report(service: &Service, path: &str, word: &str) -> Reply {
    service.call("GET", &format!("{path}{word}"), "", None).await
}

on_both! {
    async fn reports_move_a_text_only_forward_whatever_their_order(service: Service) {
        let gateway = gateway().await;
        let service = by_gateway(&service, &gateway).await;
        told(&service).await;
        for order in [&["8", "1"][..], &["1", "8"], &["1", "1"], &["8", "8", "1", "1"], &["delivered"], &["1", "2"], &["2", "1"]] {
            service.advance(1_000);
            service.drain().await;
            let before = pushed(&service, "message.delivered").len();
            let (challenge, path) = texted(&service, &gateway).await;
            for word in order {
                report(&service, &path, word).await.expect(204);
                service.drain().await;
            }
            assert_eq!(state(&service, &challenge).await, delivered(), "{order:?}");
            let told = pushed(&service, "message.delivered").split_off(before);
            assert_eq!(told.len(), 1, "{order:?}");
            let message = &told[0]["data"]["message"];
            assert_eq!((&message["state"], &message["detail"]), (&json!("delivered"), &json!(null)));
            assert_eq!(told[0]["data"]["challenge"], challenge);
        }
    }
}

on_both! {
    async fn a_text_that_did_not_arrive_is_told_as_failed_once(service: Service) {
        let gateway = gateway().await;
        let service = by_gateway(&service, &gateway).await;
        told(&service).await;
        for word in ["2", "16", "failed"] {
            service.advance(1_000);
            service.drain().await;
            let before = pushed(&service, "message.failed").len();
            let (challenge, path) = texted(&service, &gateway).await;
            for again in [word, word, "8"] {
                report(&service, &path, again).await.expect(204);
            }
            service.drain().await;
            assert_eq!(state(&service, &challenge).await, with("failed", "not_delivered"), "{word}");
            assert_eq!(pushed(&service, "message.failed").len(), before + 1, "{word}");
        }
    }
}

on_both! {
    async fn a_word_that_nobody_knows_changes_nothing(service: Service) {
        let gateway = gateway().await;
        let service = by_gateway(&service, &gateway).await;
        told(&service).await;
        let (challenge, path) = texted(&service, &gateway).await;
        for word in ["", "0", "32", "DELIVERED", "%25d", "1%201", "queued", "dropped", "%00"] {
            report(&service, &path, word).await.expect(204);
        }
        let bare = path.strip_suffix("?status=").unwrap();
        report(&service, bare, "").await.expect(204);
        assert_eq!(state(&service, &challenge).await, sent());
        service.drain().await;
        assert!(pushed(&service, "message.delivered").is_empty());
        assert_eq!(service.call("POST", &format!("{path}1"), "", None).await.status, 204);
        assert_eq!(state(&service, &challenge).await, delivered());
    }
}

on_both! {
    async fn nobody_reports_on_a_text_without_its_own_key(service: Service) {
        let gateway = gateway().await;
        let service = by_gateway(&service, &gateway).await;
        told(&service).await;
        let (_, other) = texted(&service, &gateway).await;
        service.advance(60);
        let (challenge, path) = texted(&service, &gateway).await;
        let bare = path.strip_suffix("?status=").unwrap();
        let (id, key) = bare.rsplit_once('.').unwrap();
        let (other_id, other_key) = other.strip_suffix("?status=").unwrap().rsplit_once('.').unwrap();
        assert_ne!((id, key), (other_id, other_key));
        let last = if key.ends_with('0') { "1" } else { "0" };
        let forged = [
            id.to_owned(),
            format!("{id}."),
            format!("{id}.{}{last}", &key[..key.len() - 1]),
            format!("{id}.{}", &key[..8]),
            format!("{id}.{key}0"),
            format!("{id}.{}", key.to_uppercase().replace(char::is_numeric, "A")),
            format!("{id}.{other_key}"),
            bare.replace("/cornerstone/", "/compeo/"),
            bare.replace("/cornerstone/", "/nobody/"),
            bare.replace("msg_", "msg_0"),
            format!("/callbacks/sms/cornerstone/x.{key}"),
        ];
        for path in forged {
            let reply = report(&service, &format!("{path}?status="), "1").await;
            assert_eq!(reply.problem(401), "unauthorized", "{path}");
        }
        assert_eq!(state(&service, &challenge).await, sent());
        service.drain().await;
        assert!(pushed(&service, "message.delivered").is_empty());
    }
}
