//! A contact who wants no more texts gets none, by whatever way it was said, until they ask for them again.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::gateway::{Answer, Server};
use crate::life::CLIENT;
use crate::on_both;
use crate::receiver::Push;
use crate::service::{Reply, Service, api_key, ruiz};
use crate::steps::token;
use crate::twilio::{api, by_twilio, call_back, field, forms};

const ANA: &str = "+13055550142";

/// What a contact answers, passed on by a gateway.
pub async fn gateway_says(service: &Service, from: &str, text: &str) -> Reply {
    let tenant = countersign::domain::id::TenantId::parse("cornerstone").unwrap();
    let url = countersign::usecase::message::hear_reply::reply_url(service.app.desk(), &tenant);
    let path = url.strip_prefix(crate::twilio::PUBLIC).unwrap();
    service.send(service.request("GET", path).query(&[("from", from), ("text", text)])).await
}

/// The same, passed on by Twilio.
async fn twilio_says(service: &Service, text: &str) -> Reply {
    let params = [("MessageSid", "SM1"), ("From", ANA), ("To", "+13055550100"), ("Body", text)];
    call_back(service, "/callbacks/twilio/cornerstone/inbound", &params).await
}

/// Taken, whatever is answered in words.
#[track_caller]
fn passed(reply: Reply) {
    assert_eq!(reply.status, 200, "{}", reply.text);
}

/// A code for Ana by these channels, or by the usual ones.
async fn ask(service: &Service, channels: Option<&[&str]>) -> Reply {
    let mut body = json!({"contact": "c-1", "surface": "lead_card"});
    if let Some(channels) = channels {
        body["channels"] = json!(channels);
    }
    service.post(&format!("/api/v1/clients/{CLIENT}/codes"), body).await
}

/// Channel, state and detail of each message.
fn states(challenge: &Value) -> Vec<String> {
    let word = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let messages = challenge["messages"].as_array().unwrap().iter();
    messages.map(|m| [word(&m["channel"]), word(&m["state"]), word(&m["detail"])].join(" ")).collect()
}

async fn again(service: &Service, challenge: &Value) -> Value {
    service.get(&format!("/api/v1/challenges/{}", challenge["id"].as_str().unwrap())).await.expect(200)
}

fn texts(service: &Service) -> usize {
    service.mail().iter().filter(|mail| mail["channel"] == "sms").count()
}

/// What the window starts with of Ana.
async fn ana(service: &Service) -> Value {
    let token = token(service, &[CLIENT]).await;
    let path = format!("/window/cornerstone/clients/{CLIENT}");
    service.call("GET", &path, &token, None).await.expect(200)["contacts"][0].clone()
}

/// Actions on the record, with who and what came of it.
async fn record(service: &Service, action: &str) -> Vec<Value> {
    let audit = service.get("/api/v1/audit").await.expect(200);
    let items = audit["items"].as_array().unwrap();
    items.iter().filter(|entry| entry["action"] == action).cloned().collect()
}

on_both! {
    async fn after_stop_no_text_goes_out_and_the_other_channels_go_on(service: Service) {
        service.know(CLIENT).await.expect(201);
        ask(&service, None).await.expect(201);
        service.drain().await;
        assert_eq!(texts(&service), 1);
        let confirmed = gateway_says(&service, ANA, "¡Alto!").await;
        assert_eq!(confirmed.status, 200);
        assert_eq!(confirmed.text, "Cornerstone: ya no le enviaremos mensajes de texto. Responda START para recibirlos de nuevo.");
        let again_said = gateway_says(&service, ANA, "STOP").await;
        assert_eq!((again_said.status, again_said.text.as_str()), (204, ""), "one confirmation at most");

        service.advance(60);
        let asked = ask(&service, None).await.expect(201);
        assert_eq!(states(&asked), ["email queued -", "sms failed opted_out"]);
        service.drain().await;
        let asked = again(&service, &asked).await;
        assert_eq!(states(&asked), ["email sent -", "sms failed opted_out"]);
        assert_eq!(texts(&service), 1, "no further text");
        let failed: Vec<_> = service.host.pushes().iter().map(Push::json).filter(|e| e["type"] == "message.failed").collect();
        assert_eq!(failed.len(), 1);
        assert_eq!(failed[0]["data"]["message"]["detail"], "opted_out");
        assert_eq!(service.status(CLIENT).await["channels"], json!(["email"]), "a text that was not sent proves nothing of a phone");

        service.advance(60);
        let refused = ask(&service, Some(&["sms"])).await;
        assert_eq!(refused.json()["detail"], "this contact stopped our texts (STOP); use email or a call, or another contact");
        assert_eq!(refused.problem(422), "contact_unreachable");
        let send_again = format!("/api/v1/challenges/{}/resend", asked["id"].as_str().unwrap());
        assert_eq!(service.post(&send_again, json!({"channel": "sms"})).await.problem(422), "contact_unreachable");
        let resent = service.post(&send_again, json!({})).await.expect(200);
        assert_eq!(states(&resent), ["email sent -", "sms failed opted_out", "email queued -"]);
        service.drain().await;
        assert_eq!(texts(&service), 1);
    }
}

on_both! {
    async fn start_restores_texts(service: Service) {
        service.know(CLIENT).await.expect(201);
        passed(gateway_says(&service, "13055550142", "stop").await);
        assert_eq!(ask(&service, Some(&["sms"])).await.problem(422), "contact_unreachable");
        for other in ["yes", "hello", "", "482913"] {
            gateway_says(&service, ANA, other).await.expect(204);
        }
        assert_eq!(ask(&service, Some(&["sms"])).await.problem(422), "contact_unreachable");
        gateway_says(&service, ANA, "START").await.expect(204);
        ask(&service, Some(&["sms"])).await.expect(201);
        service.drain().await;
        assert_eq!(texts(&service), 1);
        assert_eq!(gateway_says(&service, ANA, "stop").await.status, 200, "a new stop may be confirmed anew");
    }
}

on_both! {
    async fn a_text_on_its_way_is_not_sent_once_the_contact_has_stopped(service: Service) {
        service.know(CLIENT).await.expect(201);
        let asked = ask(&service, None).await.expect(201);
        passed(gateway_says(&service, ANA, "STOP").await);
        service.drain().await;
        assert_eq!(states(&again(&service, &asked).await), ["email sent -", "sms failed opted_out"]);
        service.advance(60);
        let send_again = format!("/api/v1/challenges/{}/resend", asked["id"].as_str().unwrap());
        let resent = service.post(&send_again, json!({})).await.expect(200);
        assert_eq!(states(&resent)[2..], ["email queued -", "sms failed opted_out"]);
        service.drain().await;
        assert_eq!(texts(&service), 0);
    }
}

on_both! {
    async fn the_window_shows_it_before_anything_is_sent(service: Service) {
        service.know(CLIENT).await.expect(201);
        let ways = |ana: &Value| ana["channels"].as_array().unwrap().iter()
            .map(|way| (way["channel"].clone(), way["blocked"].clone(), way["opted_out"].clone())).collect::<Vec<_>>();
        let way = |channel: &str, stopped: bool| (json!(channel), json!(stopped), json!(stopped));
        assert_eq!(ways(&ana(&service).await), [way("email", false), way("sms", false), way("voice", false)]);
        passed(gateway_says(&service, ANA, "STOP").await);
        let seen = ana(&service).await;
        assert_eq!(ways(&seen), [way("email", false), way("sms", true), way("voice", false)]);
        assert_eq!((&seen["reachable"], &seen["reason"]), (&json!(true), &Value::Null));
        let mut list = ruiz();
        list["contacts"][0].as_object_mut().unwrap().remove("email");
        service.call("PUT", &format!("/api/v1/clients/{CLIENT}"), &api_key("cornerstone"), Some(&list)).await.expect(200);
        let seen = ana(&service).await;
        assert_eq!((&seen["reachable"], &seen["reason"]), (&json!(true), &Value::Null));
        gateway_says(&service, ANA, "unstop").await.expect(204);
        assert_eq!(ana(&service).await["reachable"], true);
    }
}

on_both! {
    async fn stop_is_of_one_number_and_one_tenant(service: Service) {
        service.know(CLIENT).await.expect(201);
        service.know("other").await.expect(201);
        service.call("PUT", "/api/v1/clients/k", &api_key("compeo"), Some(&ruiz())).await.expect(201);
        passed(gateway_says(&service, ANA, "STOP").await);
        let asked = service.ask("other", "c-1").await.expect(201);
        assert_eq!(states(&asked), ["email queued -", "sms failed opted_out"], "another client with the same number");
        let body = json!({"contact": "c-1", "surface": "lead_card", "channels": ["sms"]});
        service.call("POST", "/api/v1/clients/k/codes", &api_key("compeo"), Some(&body)).await.expect(201);
        let mut list = ruiz();
        list["contacts"][0]["mobile"] = json!("+13055550147");
        service.call("PUT", &format!("/api/v1/clients/{CLIENT}"), &api_key("cornerstone"), Some(&list)).await.expect(200);
        service.advance(100_000);
        ask(&service, Some(&["sms"])).await.expect(201);
    }
}

on_both! {
    async fn it_is_on_the_record_once_and_readable_nowhere(service: Service) {
        service.know(CLIENT).await.expect(201);
        let asked = ask(&service, None).await.expect(201);
        service.drain().await;
        for text in ["STOP", "stop", "START", "start"] {
            gateway_says(&service, ANA, text).await;
        }
        let (stops, starts) = (record(&service, "text.stop").await, record(&service, "text.start").await);
        assert_eq!((stops.len(), starts.len()), (1, 1));
        assert_eq!(stops[0]["actor"], json!({"kind": "contact", "id": "c-1"}));
        assert_eq!((&stops[0]["client"], &stops[0]["contact"], &stops[0]["outcome"]), (&json!(CLIENT), &json!("c-1"), &json!("opted_out")));
        assert_eq!(stops[0]["object"], asked["messages"][1]["id"]);
        passed(gateway_says(&service, "+13055550199", "STOP").await);
        assert_eq!(record(&service, "text.stop").await.len(), 2, "also of a number that nothing went to");
        assert_eq!(service.database.count("select count(*) from opt_out").await, 1);
        for row in service.database.dump().await {
            assert!(!row.contains("3055550199") && !row.contains(&hex::encode("3055550199")), "{row}");
        }
    }
}

on_both! {
    async fn no_still_reports_and_stops_nothing(service: Service) {
        service.know(CLIENT).await.expect(201);
        ask(&service, None).await.expect(201);
        service.drain().await;
        gateway_says(&service, ANA, "No.").await.expect(204);
        assert_eq!(service.status(CLIENT).await["state"], "reported");
        assert!(record(&service, "text.stop").await.is_empty());
    }
}

on_both! {
    async fn twilio_passes_on_what_contacts_answer_and_gets_an_empty_answer(service: Service) {
        let api = api().await;
        let service = by_twilio(&service, &api, "").await;
        service.know(CLIENT).await.expect(201);
        ask(&service, None).await.expect(201);
        service.drain().await;
        let reply = twilio_says(&service, "Stop").await;
        assert_eq!((reply.status, reply.header("content-type")), (200, Some("text/xml; charset=utf-8")));
        assert_eq!(reply.text, r#"<?xml version="1.0" encoding="UTF-8"?><Response/>"#, "Twilio confirms by itself");
        assert_eq!(ask_later(&service, &["sms"]).await.problem(422), "contact_unreachable");
        passed(twilio_says(&service, "START").await);
        ask_later(&service, &["sms"]).await.expect(201);
        service.drain().await;
        assert_eq!(forms(&api).len(), 2);
        passed(twilio_says(&service, "NO").await);
        assert_eq!(service.status(CLIENT).await["state"], "reported");
        let judged = [("From", ANA), ("Body", "Ya basta de esto"), ("OptOutType", "STOP")];
        passed(call_back(&service, "/callbacks/twilio/cornerstone/inbound", &judged).await);
        assert_eq!(record(&service, "text.stop").await.len(), 2, "what Twilio took for a stop is one");
    }
}

async fn ask_later(service: &Service, channels: &[&str]) -> Reply {
    service.advance(60);
    ask(service, Some(channels)).await
}

on_both! {
    async fn a_block_at_the_provider_is_a_stop(service: Service) {
        let api = Server::start(Answer::Say("400 Bad Request", "", r#"{"code": 21610, "message": "blocked"}"#)).await;
        let service = by_twilio(&service, &api, "").await;
        service.know(CLIENT).await.expect(201);
        let asked = ask(&service, None).await.expect(201);
        service.drain().await;
        assert_eq!(states(&again(&service, &asked).await), ["email sent -", "sms failed opted_out"]);
        assert_eq!(ask_later(&service, &["sms"]).await.problem(422), "contact_unreachable");
        let stops = record(&service, "text.stop").await;
        assert_eq!((stops.len(), &stops[0]["actor"]["kind"], &stops[0]["client"]), (1, &json!("provider"), &json!(CLIENT)));
        ask_later(&service, &["email", "sms"]).await.expect(201);
        service.drain().await;
        assert_eq!(api.seen().len(), 1, "not asked again");
    }
}

on_both! {
    async fn a_block_that_is_reported_later_is_a_stop_too(service: Service) {
        let api = api().await;
        let service = by_twilio(&service, &api, "").await;
        service.know(CLIENT).await.expect(201);
        ask(&service, Some(&["sms"])).await.expect(201);
        service.drain().await;
        let form = forms(&api).pop().unwrap();
        let path = field(&form, "StatusCallback").strip_prefix(crate::twilio::PUBLIC).unwrap().to_owned();
        let params = [("MessageStatus", "undelivered"), ("ErrorCode", "21610")];
        for _ in 0..2 {
            call_back(&service, &path, &params).await.expect(204);
        }
        assert_eq!(record(&service, "text.stop").await.len(), 1);
        assert_eq!(ask_later(&service, &["sms"]).await.problem(422), "contact_unreachable");
    }
}

on_both! {
    async fn a_receipt_is_a_text_too(service: Service) {
        service.policy(json!({"receipt": true})).await;
        let (challenge, code) = service.code_out().await;
        passed(gateway_says(&service, ANA, "STOP").await);
        assert_eq!(service.checked(&challenge, &code).await["result"], "verified");
        let before = texts(&service);
        service.drain().await;
        assert_eq!(texts(&service), before, "no receipt by text");
        assert!(service.mail().iter().filter(|m| m["channel"] == "email").count() > 1, "but by email");
    }
}

on_both! {
    async fn of_many_stops_at_once_one_counts_and_no_code_asked_for_meanwhile_slips_through(service: Service) {
        for client in 0..5 {
            service.know(&format!("k-{client}")).await.expect(201);
        }
        let stops = join_all((0..20).map(|_| gateway_says(&service, ANA, "STOP")));
        let clients: Vec<_> = (0..5).map(|client| format!("k-{client}")).collect();
        let asks = join_all(clients.iter().map(|client| service.ask(client, "c-1")));
        let (stops, asks) = futures_util::join!(stops, asks);
        assert_eq!(stops.iter().filter(|reply| reply.status == 200).count(), 1, "one confirmation");
        assert!(stops.iter().all(|reply| reply.status == 200 || reply.status == 204));
        assert_eq!(record(&service, "text.stop").await.len(), 1);
        for asked in asks {
            asked.expect(201);
        }
        service.drain().await;
        assert_eq!(texts(&service), 0);
    }
}

on_both! {
    async fn a_stop_outlives_what_is_deleted_by_age(service: Service) {
        service.know(CLIENT).await.expect(201);
        ask(&service, Some(&["sms"])).await.expect(201);
        passed(gateway_says(&service, ANA, "STOP").await);
        service.drain().await;
        service.advance(9 * 366 * 24 * 3600);
        countersign::usecase::tenant::purge::purge(service.app.desk()).await.unwrap();
        assert_eq!(service.database.count("select count(*) from send_limit").await, 0);
        assert_eq!(ask(&service, Some(&["sms"])).await.problem(422), "contact_unreachable");
    }
}
