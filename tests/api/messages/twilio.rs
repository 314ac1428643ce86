//! Texts by Twilio: what it is asked for, what it reports, and whom it is believed to be.

use sha2::{Digest as _, Sha256};

use super::{CLIENT, ask, pushed, sent, state, told, with};
use crate::gateway::Server;
use crate::on_both;
use crate::service::{Reply, Service, tenant};
use crate::twilio::{PUBLIC, TOKEN, api, by_twilio, call_back, field, forms, post_form, sign};

/// A text that was taken: its challenge, and the path where Twilio reports on it.
async fn texted(service: &Service, api: &Server) -> (String, String) {
    let challenge = ask(service, "sms").await;
    service.drain().await;
    assert_eq!(state(service, &challenge).await, sent());
    let form = forms(api).pop().unwrap();
    (challenge, field(&form, "StatusCallback").strip_prefix(PUBLIC).unwrap().to_owned())
}

async fn report(service: &Service, path: &str, status: &str, error: &str) -> Reply {
    let mut params =
        vec![("MessageSid", "SMfedcba9876543210"), ("MessageStatus", status), ("To", "+13055550142")];
    if !error.is_empty() {
        params.push(("ErrorCode", error));
    }
    call_back(service, path, &params).await
}

on_both! {
    async fn a_text_is_asked_for_with_how_long_it_is_good_and_where_to_report(service: Service) {
        let api = api().await;
        let service = by_twilio(&service, &api, "").await;
        told(&service).await;
        ask(&service, "sms").await;
        service.advance(5);
        service.drain().await;
        let form = forms(&api).pop().unwrap();
        assert_eq!((field(&form, "To"), field(&form, "From")), ("+13055550142", "+13055550100"));
        assert_eq!(field(&form, "ValidityPeriod"), "595", "as long as the code lives");
        assert!(field(&form, "Body").contains("es su codigo de Cornerstone"));
        let callback = field(&form, "StatusCallback");
        assert!(callback.starts_with("http://127.0.0.1:8080/callbacks/twilio/cornerstone/status?message=msg_"), "{callback}");
    }
}

on_both! {
    async fn reports_move_a_text_only_forward_whatever_their_order(service: Service) {
        let api = api().await;
        let service = by_twilio(&service, &api, "").await;
        told(&service).await;
        for order in [
            &["queued", "sending", "sent", "delivered"][..],
            &["delivered", "sent", "queued"],
            &["sent", "delivered", "delivered", "sent"],
            &["delivered", "undelivered"],
            &["undelivered", "delivered"],
            &["sent", "read"],
            &["delivered", "read"],
        ] {
            service.advance(1_000);
            service.drain().await;
            let before = pushed(&service, "message.delivered").len();
            let (challenge, path) = texted(&service, &api).await;
            for word in order {
                assert_eq!(report(&service, &path, word, "").await.status, 204, "{word}");
            }
            service.drain().await;
            assert_eq!(state(&service, &challenge).await, ("delivered".to_owned(), None), "{order:?}");
            assert_eq!(pushed(&service, "message.delivered").len(), before + 1, "{order:?}");
        }
    }
}

on_both! {
    async fn a_text_that_did_not_arrive_says_why_in_a_word(service: Service) {
        let api = api().await;
        let service = by_twilio(&service, &api, "").await;
        told(&service).await;
        for (status, error, detail) in [
            ("undelivered", "30003", "unreachable"),
            ("undelivered", "30005", "number_invalid"),
            ("undelivered", "30006", "landline"),
            ("undelivered", "30007", "rejected"),
            ("failed", "30034", "provider_misconfigured"),
            ("failed", "", "not_delivered"),
            ("undelivered", "12345", "not_delivered"),
        ] {
            service.advance(1_000);
            service.drain().await;
            let before = pushed(&service, "message.failed").len();
            let (challenge, path) = texted(&service, &api).await;
            for _ in 0..2 {
                report(&service, &path, status, error).await.expect(204);
            }
            report(&service, &path, "sent", "").await.expect(204);
            service.drain().await;
            assert_eq!(state(&service, &challenge).await, with("failed", detail), "{error}");
            let failed = pushed(&service, "message.failed").split_off(before);
            assert_eq!(failed.len(), 1, "{error}");
            assert_eq!(failed[0]["data"]["message"]["detail"], detail);
        }
    }
}

on_both! {
    async fn what_nobody_knows_is_answered_and_changes_nothing(service: Service) {
        let api = api().await;
        let service = by_twilio(&service, &api, "").await;
        told(&service).await;
        let (challenge, path) = texted(&service, &api).await;
        for status in ["", "accepted", "scheduled", "partially_delivered", "DELIVERED", "brand_new"] {
            report(&service, &path, status, "").await.expect(204);
        }
        let bare = path.split_once('?').unwrap().0;
        let id = path.split_once("message=").unwrap().1.split_once('&').unwrap().0;
        for path in [
            bare.to_owned(),
            format!("{bare}?message=&attempt="),
            format!("{bare}?message={id}"),
            format!("{bare}?message={id}&attempt=x"),
            format!("{bare}?message=msg_01J00000000000000000000000&attempt=0"),
        ] {
            report(&service, &path, "delivered", "").await.expect(204);
        }
        let compeos = path.replace("/cornerstone/", "/compeo/");
        report(&service, &compeos, "delivered", "").await.expect(204);
        let earlier = path.replace("attempt=0", "attempt=7");
        report(&service, &earlier, "failed", "30003").await.expect(204);
        assert_eq!(state(&service, &challenge).await, sent(), "not even a failure of an attempt there never was");
    }
}

on_both! {
    async fn only_an_account_of_the_tenants_is_believed(service: Service) {
        let api = api().await;
        let service = by_twilio(&service, &api, "").await;
        told(&service).await;
        let (challenge, path) = texted(&service, &api).await;
        let params = [("MessageStatus", "delivered")];
        let url = format!("{PUBLIC}{path}");
        let right = sign(TOKEN, &url, &params);
        let twisted = |text: &str| text.chars().rev().collect::<String>();
        for (path, params, signature) in [
            (path.clone(), &params[..], ""),
            (path.clone(), &params, "AAAAAAAAAAAAAAAAAAAAAAAAAAA="),
            (path.clone(), &params, &sign("another", &url, &params)),
            (path.clone(), &params, &sign("", &url, &params)),
            (path.clone(), &params, &twisted(&right)),
            (path.clone(), &params, &sign(TOKEN, &format!("https://other.example{path}"), &params)),
            (path.clone(), &[("MessageStatus", "failed")], &right),
            (path.clone(), &[("MessageStatus", "delivered"), ("ErrorCode", "1")], &right),
            (path.replace("msg_", "msg_0"), &params, &right),
            (path.replace("/cornerstone/", "/compeo/"), &params, &right),
            (path.replace("/cornerstone/", "/nobody/"), &params, &right),
            (path.replace("/cornerstone/", "/%00/"), &params, &right),
        ] {
            let reply = post_form(&service, &path, params, signature).await;
            assert_eq!(reply.problem(401), "unauthorized", "{path} {params:?}");
        }
        let twice = service.request("POST", &path).header("x-twilio-signature", &right).header("x-twilio-signature", &right);
        let twice = twice.header("content-type", "application/x-www-form-urlencoded").body("MessageStatus=delivered");
        assert_eq!(service.send(twice).await.problem(401), "unauthorized");
        let large = [("MessageStatus", "delivered"), ("Body", &"x".repeat(70_000))];
        assert_eq!(call_back(&service, &path, &large).await.problem(413), "body_too_large");
        assert_eq!(state(&service, &challenge).await, sent());
        post_form(&service, &path, &params, &right).await.expect(204);
        assert_eq!(state(&service, &challenge).await.0, "delivered");
    }
}

on_both! {
    async fn a_body_of_json_is_believed_with_its_hash_only(service: Service) {
        let api = api().await;
        let service = by_twilio(&service, &api, "").await;
        told(&service).await;
        let (challenge, path) = texted(&service, &api).await;
        let body = r#"{"MessageStatus": "delivered"}"#;
        let hashed = format!("{path}&bodySHA256={}", hex::encode(Sha256::digest(body)));
        let send = async |path: &str, body: &str| {
            let signature = sign(TOKEN, &format!("{PUBLIC}{path}"), &[]);
            let request = service.request("POST", path).header("x-twilio-signature", signature);
            service.send(request.header("content-type", "application/json").body(body.to_owned())).await
        };
        assert_eq!(send(&path, body).await.problem(401), "unauthorized", "no hash");
        assert_eq!(send(&hashed, &body.replace("delivered", "failed")).await.problem(401), "unauthorized");
        assert_eq!(state(&service, &challenge).await, sent());
        send(&hashed, body).await.expect(204);
        assert_eq!(state(&service, &challenge).await.0, "delivered");
    }
}

on_both! {
    async fn a_tenants_own_account_stands_in_for_the_services(service: Service) {
        let api = api().await;
        let service = by_twilio(&service, &api, "").await;
        let own = |token: &str| serde_json::json!({"sms": {
            "provider": "file", "dir": service.dir.path().join("outbox").display().to_string(),
            "next": [{"provider": "twilio", "account_sid": "AC1", "auth_token": token, "from": "+13055550101"}],
        }});
        service.apply_with("compeo", tenant("compeo", &service.host.url("compeo")), own("compeos-own")).await;
        let params = [("From", "+13055550142"), ("Body", "hello")];
        let ask = async |tenant: &str, token: &str| {
            let path = format!("/callbacks/twilio/{tenant}/inbound");
            post_form(&service, &path, &params, &sign(token, &format!("{PUBLIC}{path}"), &params)).await.status
        };
        for (tenant, token, status) in [
            ("cornerstone", TOKEN, 200),
            ("cornerstone", "compeos-own", 401),
            ("compeo", "compeos-own", 200),
            ("compeo", TOKEN, 401),
        ] {
            assert_eq!(ask(tenant, token).await, status, "{tenant} {token}");
        }
    }
}

on_both! {
    async fn an_error_of_the_account_hands_over_to_the_next_provider_and_one_of_the_number_does_not(service: Service) {
        for (status, body, expected, files) in [
            ("400 Bad Request", r#"{"code": 21211}"#, with("failed", "number_invalid"), 0),
            ("400 Bad Request", r#"{"code": 21614}"#, with("failed", "landline"), 0),
            ("401 Unauthorized", r#"{"code": 20003}"#, sent(), 1),
            ("400 Bad Request", r#"{"code": 21408}"#, sent(), 1),
            ("429 Too Many Requests", r#"{"code": 20429}"#, sent(), 1),
            ("200 OK", "<html>", sent(), 1),
        ] {
            let api = Server::start(crate::gateway::Answer::Say(status, "", body)).await;
            let dir = tempfile::tempdir().unwrap();
            let next = format!("[{{ provider = \"file\", dir = \"{}\" }}]", dir.path().display());
            let service = by_twilio(&service, &api, &next).await;
            told(&service).await;
            let challenge = ask(&service, "sms").await;
            service.drain().await;
            assert_eq!(state(&service, &challenge).await, expected, "{body}: at once, without waiting");
            assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), files, "{body}");
            assert_eq!(api.seen().len(), 1, "{body}");
        }
    }
}

on_both! {
    async fn a_provider_that_is_down_is_asked_last_until_a_minute_has_passed(service: Service) {
        let api = Server::start(crate::gateway::Answer::Say("503 Service Unavailable", "", "")).await;
        let dir = tempfile::tempdir().unwrap();
        let next = format!("[{{ provider = \"file\", dir = \"{}\" }}]", dir.path().display());
        let service = by_twilio(&service, &api, &next).await;
        told(&service).await;
        for (wait, asked) in [(0, 1), (30, 1), (29, 1), (31, 2), (59, 2), (60, 3)] {
            service.advance(wait);
            let body = serde_json::json!({"contact": "c-1", "surface": "lead_card", "channels": ["sms"]});
            // Some are refused for coming too soon: those send nothing at all.
            service.post(&format!("{CLIENT}/codes"), body).await;
            service.drain().await;
            assert_eq!(api.seen().len(), asked, "after {wait} s more");
        }
    }
}
