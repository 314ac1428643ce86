//! `/api/v1/challenges/{id}`: reading, sending again, checking and giving up a code.

use serde_json::{Value, json};

use crate::code::{code_in, wrong};
use crate::on_both;
use crate::service::{START, Service, api_key, ruiz};
use crate::steps::{act, again, ask, challenge, check, destinations, id, put, status, verify};

/// The code in every message so far, each once.
fn codes(service: &Service) -> Vec<String> {
    let mut codes: Vec<_> = service.mail().iter().map(|m| code_in(m["text"].as_str().unwrap())).collect();
    codes.sort();
    codes.dedup();
    codes
}

async fn told(service: &Service) {
    put(service, "k", &ruiz()).await.expect(201);
}

/// The challenge without its messages.
fn bare(mut challenge: Value) -> Value {
    challenge.as_object_mut().unwrap().remove("messages");
    challenge
}

on_both! {
    async fn a_challenge_shows_what_became_of_it_and_of_its_messages(service: Service) {
        told(&service).await;
        let asked = challenge(&service, "k", "c-1").await;
        assert!(id(&asked).starts_with("chl_"));
        let expected = json!({"id": asked["id"], "state": "active", "contact": "c-1", "expires_at": "2026-11-20T15:14:05Z",
            "resend_at": "2026-11-20T15:04:35Z", "tries_left": 5});
        assert_eq!(bare(asked.clone()), expected);
        let message = |i: usize, channel: &str, to: &str, state: &str, at: &str| {
            json!({"id": asked["messages"][i]["id"], "channel": channel, "to": to, "state": state, "at": at})
        };
        let messages = |state: &str, at: &str| {
            json!([message(0, "email", "a•••@ruiz-landscaping.example", state, at), message(1, "sms", "(•••) •••-••42", state, at)])
        };
        assert_eq!(asked["messages"], messages("queued", START));
        assert!(asked["messages"][0]["id"].as_str().unwrap().starts_with("msg_"));
        service.advance(3);
        service.drain().await;
        let sent = again(&service, &asked).await;
        let mut by_channel = sent["messages"].as_array().unwrap().clone();
        by_channel.sort_by_key(|m| m["channel"].to_string());
        assert_eq!(json!(by_channel), messages("sent", "2026-11-20T15:04:08Z"));
        assert_eq!(bare(sent), expected);
        check(&service, &asked, &wrong(&service.code())).await;
        assert_eq!(again(&service, &asked).await["tries_left"], 4);
        service.advance(597);
        let over = again(&service, &asked).await;
        assert_eq!((&over["state"], &over["expires_at"]), (&json!("expired"), &expected["expires_at"]));
    }
}

on_both! {
    async fn sending_again_repeats_the_code_and_refills_nothing(service: Service) {
        told(&service).await;
        let asked = challenge(&service, "k", "c-1").await;
        service.drain().await;
        check(&service, &asked, &wrong(&service.code())).await;
        service.advance(120);
        let repeated = act(&service, &asked, "resend", json!({})).await.expect(200);
        assert_eq!(repeated["messages"].as_array().unwrap().len(), 4);
        let expected = json!({"id": asked["id"], "state": "active", "contact": "c-1", "expires_at": asked["expires_at"],
            "resend_at": "2026-11-20T15:06:35Z", "tries_left": 4});
        assert_eq!(bare(repeated), expected);
        service.drain().await;
        assert_eq!((service.mail().len(), codes(&service).len()), (4, 1));
        service.advance(30);
        act(&service, &asked, "resend", json!({"channel": "sms"})).await.expect(200);
        service.drain().await;
        assert_eq!((service.mail().len(), codes(&service).len()), (5, 1));
        assert_eq!(service.mail()[4]["channel"], "sms");
        service.advance(449);
        assert_eq!(again(&service, &asked).await["state"], "active");
        service.advance(1);
        assert_eq!(check(&service, &asked, &service.code()).await, json!({"result": "expired"}), "no more time");
    }
}

on_both! {
    async fn sending_again_may_take_another_channel_which_is_then_named(service: Service) {
        told(&service).await;
        let body = json!({"contact": "c-1", "surface": "lead_card", "channels": ["sms"]});
        let asked = ask(&service, "k", body).await.expect(201);
        service.advance(30);
        let repeated = act(&service, &asked, "resend", json!({"channel": "email"})).await.expect(200);
        assert_eq!(repeated["messages"].as_array().unwrap().len(), 2);
        assert_eq!(status(&service, "k").await["channels"], json!(["sms", "email"]));
        service.drain().await;
        assert_eq!(codes(&service).len(), 1);
        assert_eq!(destinations(&service), ["+13055550142", "ana@ruiz-landscaping.example"]);
        assert_eq!(act(&service, &asked, "resend", json!({"channel": "fax"})).await.problem(422), "unknown_value");
        let checked = check(&service, &asked, &service.code()).await;
        assert_eq!(checked["verification"]["assurance"], "contact", "an email carried it too");
    }
}

on_both! {
    async fn a_code_that_is_given_up_stays_here(service: Service) {
        told(&service).await;
        let asked = challenge(&service, "k", "c-1").await;
        let cancelled = act(&service, &asked, "cancel", json!({})).await.expect(200);
        assert_eq!(cancelled["state"], "cancelled");
        assert!(cancelled["messages"].as_array().unwrap().iter().all(|m| m["state"] == "dropped"), "{cancelled}");
        service.drain().await;
        assert_eq!(service.mail().len(), 0);
        assert_eq!(status(&service, "k").await["state"], "not_verified");
        assert_eq!(check(&service, &asked, "123456").await, json!({"result": "cancelled"}));
        assert_eq!(act(&service, &asked, "cancel", json!({})).await.problem(409), "challenge_over");
        let mut kinds = service.host.take_kinds();
        kinds.sort();
        assert_eq!(kinds, ["verification.cancelled", "verification.code_sent"]);
    }
}

on_both! {
    async fn a_new_request_voids_the_code_before_it(service: Service) {
        told(&service).await;
        let first = challenge(&service, "k", "c-1").await;
        service.drain().await;
        let old = service.code();
        let second = challenge(&service, "k", "c-2").await;
        assert_eq!(check(&service, &first, &old).await, json!({"result": "superseded"}));
        assert_eq!(again(&service, &first).await["state"], "superseded");
        assert_eq!(act(&service, &first, "resend", json!({})).await.problem(409), "challenge_over");
        assert_eq!(act(&service, &first, "cancel", json!({})).await.problem(409), "challenge_over");
        assert_eq!(check(&service, &second, &old).await, json!({"result": "incorrect", "tries_left": 4}), "an older code is a wrong one");
        assert_eq!(status(&service, "k").await["challenge"], second["id"]);
        service.advance(30);
        challenge(&service, "k", "c-1").await;
        service.drain().await;
        let sent = service.mail().len();
        assert_eq!(sent, 4, "what was still queued of a voided code was dropped");
    }
}

on_both! {
    async fn a_right_code_is_right_once_and_says_what_it_proved(service: Service) {
        told(&service).await;
        let asked = challenge(&service, "k", "c-1").await;
        service.drain().await;
        let code = service.code();
        let checked = check(&service, &asked, &code).await;
        assert_eq!(checked, json!({"result": "verified", "verification": {"method": "code", "channels": ["email", "sms"], "assurance": "contact",
            "contact": {"id": "c-1", "name": "Ana Ruiz"}, "agent": {"id": "u-77", "name": "Maria Lopez"}, "surface": "lead_card",
            "verified_at": "2026-11-20T15:04:05Z", "expires_at": "2026-11-20T16:04:05Z"}}));
        assert_eq!(check(&service, &asked, &code).await, json!({"result": "already_used"}));
        assert_eq!(check(&service, &asked, "000000").await, json!({"result": "already_used"}));
        assert_eq!(again(&service, &asked).await["state"], "verified");
        for verb in ["resend", "cancel"] {
            assert_eq!(act(&service, &asked, verb, json!({})).await.problem(409), "challenge_over");
        }
    }
}

on_both! {
    async fn a_code_may_be_typed_as_it_is_read_out(service: Service) {
        told(&service).await;
        for written in ["{a} {b}", "{a}-{b}", " {a}\u{2013}{b}\n", "wide", "{a}\u{a0}{b}"] {
            let asked = challenge(&service, "k", "c-1").await;
            service.drain().await;
            let code = service.code();
            let wide: String = code.chars().map(|c| char::from_u32(c as u32 - '0' as u32 + 0xff10).unwrap()).collect();
            let typed = written.replace("{a}", &code[..3]).replace("{b}", &code[3..]).replace("wide", &wide);
            assert_eq!(check(&service, &asked, &typed).await["result"], "verified", "{typed:?}");
            service.advance(300);
        }
    }
}

on_both! {
    async fn what_cannot_be_a_code_costs_no_try(service: Service) {
        told(&service).await;
        let asked = challenge(&service, "k", "c-1").await;
        for typed in [json!({"code": "12345"}), json!({"code": "1234567"}), json!({"code": "12345a"}), json!({"code": ""}),
            json!({"code": 123_456}), json!({}), json!({"code": null})] {
            assert_eq!(act(&service, &asked, "check", typed).await.problem(400), "invalid_request");
        }
        assert_eq!(again(&service, &asked).await["tries_left"], 5);
    }
}

/// Types a wrong code until no try is left.
async fn use_up(service: &Service, contact: &str) -> Value {
    let asked = challenge(service, "k", contact).await;
    service.drain().await;
    let miss = wrong(&service.code());
    for left in (0..5).rev() {
        assert_eq!(check(service, &asked, &miss).await, json!({"result": "incorrect", "tries_left": left}));
    }
    asked
}

on_both! {
    async fn a_locked_code_is_told_apart_from_a_locked_contact(service: Service) {
        told(&service).await;
        let first = use_up(&service, "c-1").await;
        assert_eq!(check(&service, &first, &service.code()).await, json!({"result": "locked"}), "this code only");
        assert_eq!(again(&service, &first).await["state"], "locked");
        assert_eq!(act(&service, &first, "resend", json!({})).await.problem(409), "challenge_over");
        service.advance(30);
        let second = use_up(&service, "c-1").await;
        let until = "2026-11-20T16:04:35Z";
        assert_eq!(check(&service, &second, &service.code()).await, json!({"result": "locked", "locked_until": until}));
        service.advance(100);
        let refused = ask(&service, "k", json!({"contact": "c-1", "surface": "lead_card"})).await;
        assert_eq!(refused.header("retry-after"), Some("3500"));
        let problem = refused.expect(429);
        assert_eq!((&problem["code"], &problem["locked_until"]), (&json!("locked"), &json!(until)));
        verify(&service, "k", "c-2").await;
        service.advance(3500);
        verify(&service, "k", "c-1").await;
    }
}

on_both! {
    async fn an_id_that_is_not_ours_is_not_found(service: Service) {
        told(&service).await;
        let asked = challenge(&service, "k", "c-1").await;
        let flipped = if id(&asked).ends_with('0') { '1' } else { '0' };
        let unknown = format!("{}{flipped}", &id(&asked)[..id(&asked).len() - 1]);
        let upper = id(&asked).to_uppercase();
        for id in [unknown.as_str(), &upper, "chl_short", "msg_0123456789abcdefghjkmnpqrs", "..%2F..", "%00", "客户"] {
            assert_eq!(service.get(&format!("/api/v1/challenges/{id}")).await.problem(404), "not_found", "{id}");
            for (verb, body) in [("resend", json!({})), ("check", json!({"code": "123456"})), ("cancel", json!({}))] {
                let path = format!("/api/v1/challenges/{id}/{verb}");
                assert_eq!(service.post(&path, body).await.problem(404), "not_found", "{path}");
            }
        }
        let foreign = api_key("compeo");
        for (method, verb, body) in [("GET", "", None), ("POST", "/resend", Some(json!({}))), ("POST", "/check", Some(json!({"code": "123456"}))),
            ("POST", "/cancel", Some(json!({})))] {
            let path = format!("/api/v1/challenges/{}{verb}", id(&asked));
            assert_eq!(service.call(method, &path, &foreign, body.as_ref()).await.problem(404), "not_found", "{path}");
        }
        assert_eq!(bare(again(&service, &asked).await), bare(asked));
    }
}
