//! `POST /webhooks/{tenant}`: who signed it, what it says, and what is kept of it.

use std::time::Duration;

use countersign::domain::id::TenantId;
use countersign::domain::timestamp::Timestamp;
use countersign::host::signature::{self, WebhookSecret};
use countersign::usecase::tenant::apply_tenants::{Wanted, apply_tenants};
use serde_json::{Value, json};

use crate::on_both;
use crate::service::{Reply, START, Service, WEBHOOK_SECRET, requested, ruiz, tenant};
use crate::steps::{delete, get, put, status};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
const TIME: i64 = 1_614_265_330;
const BODY: &str = r#"{"test": 2432232314}"#;
const SIGNATURE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

/// A tenant that shares the secret of the published vector, at the vector's time.
async fn with_the_vector(service: &Service) {
    let wanted = Wanted {
        id: TenantId::parse("vector").unwrap(),
        settings: tenant("vector", &service.host.url("vector")),
        providers: json!({}),
        webhook_secret: Some(SECRET.to_owned().into()),
        push_secret: None,
        api_key: None,
    };
    apply_tenants(service.app.desk(), vec![wanted]).await.unwrap();
    service.clock.set(Timestamp::from_seconds(TIME));
}

async fn post(service: &Service, tenant: &str, headers: &[(&str, &str)], body: &str) -> Reply {
    let mut request = service.request("POST", &format!("/webhooks/{tenant}")).body(body.to_owned());
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    service.send(request).await
}

async fn vector(service: &Service, headers: &[(&str, &str)], body: &str) -> Reply {
    post(service, "vector", headers, body).await
}

fn three<'a>(id: &'a str, time: &'a str, signature: &'a str) -> [(&'a str, &'a str); 3] {
    [("webhook-id", id), ("webhook-timestamp", time), ("webhook-signature", signature)]
}

/// Whoever signs right gets past the door: the published body is then no webhook of ours.
#[track_caller]
fn passed(reply: Reply) {
    let body = reply.expect(400);
    assert_eq!(
        (&body["code"], &body["detail"]),
        (&json!("invalid_request"), &json!("the body: missing field `type`"))
    );
}

on_both! {
    async fn the_published_vector_passes_the_door_and_its_neighbours_do_not(service: Service) {
        with_the_vector(&service).await;
        let time = TIME.to_string();
        passed(vector(&service, &three(ID, &time, SIGNATURE), BODY).await);
        let bad = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OA=";
        passed(vector(&service, &three(ID, &time, &format!("{bad} v2,{bad} {SIGNATURE} {bad}")), BODY).await);
        let leading = format!("0{time}");
        let plus = format!("+{time}");
        let refused = [
            three(ID, &time, bad),
            three(ID, &time, ""),
            three(ID, &time, "v1,"),
            three(ID, &time, &SIGNATURE[..11]),
            three(ID, &time, &SIGNATURE[3..]),
            three(ID, &time, "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg=="),
            three(ID, "hello", SIGNATURE),
            three(ID, &plus, SIGNATURE),
            three(ID, &leading, SIGNATURE),
            three("", &time, SIGNATURE),
        ];
        for headers in refused {
            assert_eq!(vector(&service, &headers, BODY).await.problem(401), "unauthorized", "{headers:?}");
        }
        for missing in 0..3 {
            let mut headers = three(ID, &time, SIGNATURE).to_vec();
            let left_out = headers.remove(missing);
            assert_eq!(vector(&service, &headers, BODY).await.problem(401), "unauthorized", "{left_out:?}");
            let mut doubled = three(ID, &time, SIGNATURE).to_vec();
            doubled.push(left_out);
            assert_eq!(vector(&service, &doubled, BODY).await.problem(401), "unauthorized", "{left_out:?}");
        }
        assert_eq!(vector(&service, &three(ID, &time, SIGNATURE), r#"{"test":2432232314}"#).await.problem(401), "unauthorized");
    }
}

on_both! {
    async fn a_signature_holds_for_five_minutes_either_way(service: Service) {
        let body = requested().to_string();
        let now = service.clock_seconds();
        for (id, seconds, expected) in [("a", -301, 401), ("b", 301, 401), ("c", -300, 200), ("d", 300, 200)] {
            let request = service.signed("cornerstone", id, body.as_bytes(), now + seconds);
            assert_eq!(service.send(request).await.status, expected, "{seconds} s");
        }
    }
}

on_both! {
    async fn one_changed_byte_anywhere_is_refused_and_changes_nothing(service: Service) {
        put(&service, "k", &ruiz()).await.expect(201);
        let body = r#"{"type":"client.removed","timestamp":"2026-11-20T15:04:05Z","data":{"client":{"id":"k"}}}"#;
        let time = service.clock_seconds().to_string();
        let secret = WebhookSecret::parse(WEBHOOK_SECRET).unwrap();
        let signature = signature::sign(&[secret], "msg_9", service.clock_seconds(), body.as_bytes());
        let rows = "select (select count(*) from audit) + (select count(*) from inbound)";
        let before = service.database.count(rows).await;
        let texts = ["msg_9", &time, &signature, body];
        for (which, text) in texts.iter().enumerate() {
            for at in 0..text.len() {
                let other = if &text[at..=at] == "A" { "B" } else { "A" };
                let changed = format!("{}{other}{}", &text[..at], &text[at + 1..]);
                let mut now = texts;
                now[which] = &changed;
                let headers = three(now[0], now[1], now[2]);
                let reply = post(&service, "cornerstone", &headers, now[3]).await;
                assert_eq!(reply.problem(401), "unauthorized", "{changed}");
            }
        }
        assert_eq!(service.database.count(rows).await, before);
        get(&service, "k").await.expect(200);
        let right = service.signed("cornerstone", "msg_9", body.as_bytes(), service.clock_seconds());
        assert_eq!(service.send(right).await.expect(200), json!({}));
        assert_eq!(get(&service, "k").await.problem(404), "client_not_found");
    }
}

on_both! {
    async fn the_bytes_are_signed_as_they_came_not_as_they_parse(service: Service) {
        let pretty = serde_json::to_string_pretty(&requested()).unwrap();
        let signed = service.signed("cornerstone", "a", pretty.as_bytes(), service.clock_seconds());
        let rewritten = signed.try_clone().unwrap().body(requested().to_string());
        assert_eq!(service.send(rewritten).await.problem(401), "unauthorized");
        service.send(signed).await.expect(200);
    }
}

on_both! {
    async fn an_unknown_tenant_a_bad_signature_and_a_foreign_secret_look_the_same(service: Service) {
        let (body, now) = (requested().to_string(), service.clock_seconds());
        let sign = |secret| signature::sign(&[WebhookSecret::parse(secret).unwrap()], "a", now, body.as_bytes());
        let (own, foreign, time) = (sign(WEBHOOK_SECRET), sign(SECRET), now.to_string());
        let mut answers = Vec::new();
        for (tenant, signature) in [("nobody", &own), ("No%20Body", &own), ("cornerstone", &"v1,AAAA".to_owned()), ("cornerstone", &foreign)] {
            let reply = post(&service, tenant, &three("a", &time, signature), &body).await;
            let mut headers: Vec<_> = reply.headers.iter().filter(|(name, _)| *name != "date").collect();
            headers.sort_by_key(|(name, _)| name.as_str());
            answers.push(format!("{} {headers:?} {}", reply.status, reply.text));
        }
        assert!(answers[0].starts_with("401"), "{}", answers[0]);
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:#?}");
    }
}

on_both! {
    async fn a_tenant_that_is_not_eligible_and_a_surface_that_is_off_are_told_so(service: Service) {
        service.apply("cornerstone", json!({"surfaces": ["payroll_card"]})).await;
        assert_eq!(service.webhook(&requested()).await.problem(403), "surface_disabled");
        assert_eq!(get(&service, "lead-10482").await.problem(404), "client_not_found");
        let mut payroll = requested();
        payroll["data"]["surface"] = json!("payroll_card");
        service.webhook(&payroll).await.expect(200);
        service.apply("cornerstone", json!({"eligible": false})).await;
        assert_eq!(service.webhook(&payroll).await.problem(403), "tenant_not_eligible");
        let told = updated("Ana", service.now());
        assert_eq!(service.webhook(&told).await.problem(403), "tenant_not_eligible", "nothing is kept for it either");
        let unsigned = service.request("POST", "/webhooks/cornerstone").body(payroll.to_string());
        assert_eq!(service.send(unsigned).await.problem(401), "unauthorized");
    }
}

on_both! {
    async fn a_body_over_64_kib_is_too_large(service: Service) {
        let mut body = requested();
        body["data"]["padding"] = json!("");
        let room = 64 * 1024 - body.to_string().len();
        body["data"]["padding"] = json!("x".repeat(room));
        service.webhook(&body).await.expect(200);
        body["data"]["padding"] = json!("x".repeat(room + 1));
        assert_eq!(service.webhook(&body).await.problem(413), "body_too_large");
    }
}

on_both! {
    async fn a_word_that_is_not_known_lists_the_known_ones(service: Service) {
        let cases = [
            ("/type", "type", json!(["verification.requested", "pin.requested", "client.updated", "client.removed"])),
            ("/data/surface", "surface", json!(["lead_card", "enrollments", "payroll_card"])),
            ("/data/agent/locale", "agent.locale", json!(["en", "es"])),
            ("/data/contacts/0/locale", "contacts.locale", json!(["en", "es"])),
        ];
        for (place, field, known) in cases {
            let mut body = requested();
            *body.pointer_mut(place).unwrap() = json!("martian");
            let problem = service.webhook(&body).await.expect(422);
            assert_eq!((&problem["code"], &problem["field"], &problem["known"]), (&json!("unknown_value"), &json!(field), &known));
        }
        assert_eq!(get(&service, "lead-10482").await.problem(404), "client_not_found");
    }
}

on_both! {
    async fn a_body_that_cannot_be_understood_is_told_where(service: Service) {
        let now = service.clock_seconds();
        for (id, text, detail) in [("a", "{\"type\":", "line 1"), ("b", "", "line 1"), ("c", "{} {}", "type")] {
            let problem = service.send(service.signed("cornerstone", id, text.as_bytes(), now)).await.expect(400);
            assert_eq!(problem["code"], "invalid_request");
            assert!(problem["detail"].as_str().unwrap().contains(detail), "{problem}");
        }
        for (parent, field) in [("", "type"), ("", "timestamp"), ("/data", "surface"), ("/data", "client"), ("/data", "contacts"),
            ("/data", "agent"), ("/data/client", "id"), ("/data/agent", "id"), ("/data/contacts/1", "id"),
            ("/data/contacts/1", "name"), ("/data/contacts/1", "role")] {
            let mut body = requested();
            body.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(field);
            let problem = service.webhook(&body).await.expect(400);
            let detail = problem["detail"].as_str().unwrap();
            assert_eq!(problem["code"], "invalid_request");
            assert!(detail.contains(&format!("`{field}`")), "{field}: {detail}");
            let place = parent.trim_start_matches('/').replace("contacts/1", "contacts[1]").replace('/', ".");
            assert!(detail.starts_with(&place), "{place}: {detail}");
        }
        for (place, value, named) in [("/timestamp", json!("ana@x.test"), "timestamp"), ("/data/client/id", json!(""), "client"),
            ("/data/client/id", json!("x".repeat(201)), "client"), ("/data/agent/id", json!(" "), "agent.id"),
            ("/data/contacts/0/id", json!("a\nb"), "contacts"), ("/data/contacts", json!("ana@x.test"), "contacts")] {
            let mut body = requested();
            *body.pointer_mut(place).unwrap() = value;
            let problem = service.webhook(&body).await.expect(400);
            let detail = problem["detail"].as_str().unwrap();
            assert!(detail.contains(named) && !detail.contains("ana@"), "{detail}");
        }
    }
}

on_both! {
    async fn a_detail_that_cannot_be_used_is_named_and_nothing_changes(service: Service) {
        service.webhook(&requested()).await.expect(200);
        let before = (get(&service, "lead-10482").await.text, status(&service, "lead-10482").await);
        for (contact, field, bad) in [(0, "email", "nobody@"), (1, "phone", "12"), (2, "mobile", "+1 305"), (0, "mobile", "x@y.test")] {
            let mut body = requested();
            body["data"]["contacts"][1]["name"] = json!("Somebody Else");
            body["data"]["contacts"][contact][field] = json!(bad);
            let problem = service.webhook(&body).await.expect(422);
            assert_eq!(problem["code"], "contact_invalid");
            assert_eq!((&problem["contact"], &problem["field"]), (&requested()["data"]["contacts"][contact]["id"], &json!(field)));
            assert!(!problem.to_string().contains(bad), "{problem}");
        }
        assert_eq!(before, (get(&service, "lead-10482").await.text, status(&service, "lead-10482").await));
    }
}

on_both! {
    async fn fields_that_are_not_known_are_ignored(service: Service) {
        let mut body = requested();
        body["version"] = json!(9);
        for place in ["/data", "/data/client", "/data/agent", "/data/contacts/0"] {
            body.pointer_mut(place).unwrap()["favourite_colour"] = json!({"is": ["green"]});
        }
        service.webhook(&body).await.expect(200);
        assert!(!get(&service, "lead-10482").await.text.contains("green"));
    }
}

on_both! {
    async fn a_refused_webhook_may_come_again_corrected_under_the_same_id(service: Service) {
        let mut body = requested();
        body["data"]["contacts"][0]["email"] = json!("nonsense");
        assert_eq!(service.webhook_as("cornerstone", "same", &body).await.problem(422), "contact_invalid");
        service.apply("cornerstone", json!({"surfaces": ["payroll_card"]})).await;
        assert_eq!(service.webhook_as("cornerstone", "same", &requested()).await.problem(403), "surface_disabled");
        service.apply("cornerstone", json!({"surfaces": ["lead_card"]})).await;
        let answer = service.webhook_as("cornerstone", "same", &requested()).await.expect(200);
        assert_eq!(answer["status"]["state"], "not_verified");
    }
}

on_both! {
    async fn the_same_id_gets_the_same_answer_and_has_its_effect_once(service: Service) {
        let first = service.webhook_as("cornerstone", "same", &requested()).await.expect(200);
        service.advance(200);
        let mut other = requested();
        other["data"]["client"]["name"] = json!("Another name");
        assert_eq!(service.webhook_as("cornerstone", "same", &other).await.expect(200), first);
        assert_eq!(get(&service, "lead-10482").await.expect(200)["name"], "Ruiz Landscaping LLC");
        assert_eq!(first["expires_at"], "2026-11-20T16:04:05Z");
        let token = first["agent_token"].as_str().unwrap();
        assert!(first["window_url"].as_str().unwrap().contains(token));
        let body = json!({"contact": "c-1", "surface": "lead_card"});
        service.call("POST", "/api/v1/clients/lead-10482/codes", token, Some(&body)).await.expect(201);
        let elsewhere = service.webhook_as("compeo", "same", &requested()).await.expect(200);
        assert_ne!(elsewhere["agent_token"], first["agent_token"], "another tenant's id is another one");
    }
}

/// A list of one contact, as told at a moment.
fn updated(name: &str, at: Timestamp) -> Value {
    let contacts =
        json!([{"id": "c-1", "name": name, "role": "owner", "email": "ana@ruiz-landscaping.example"}]);
    json!({"type": "client.updated", "timestamp": at, "data": {"client": {"id": "k", "name": "K"}, "contacts": contacts}})
}

async fn first_name(service: &Service) -> Value {
    get(service, "k").await.expect(200)["contacts"][0]["name"].clone()
}

on_both! {
    async fn a_late_list_changes_nothing_and_a_clock_that_runs_ahead_shuts_nothing_out(service: Service) {
        let start = Timestamp::parse(START).unwrap();
        let before = |seconds| start - Duration::from_secs(seconds);
        for (name, at, kept) in [("First", before(60), "First"), ("Late", before(61), "First"), ("Equal", before(60), "Equal"),
            ("Newer", before(59), "Newer"), ("Ahead", start + Duration::from_secs(86_400), "Ahead"), ("Behind", before(1), "Ahead")] {
            assert_eq!(service.webhook(&updated(name, at)).await.expect(200), json!({}));
            assert_eq!(first_name(&service).await, kept, "{name}");
        }
        service.advance(1);
        service.webhook(&updated("Now", service.now())).await.expect(200);
        assert_eq!(first_name(&service).await, "Now");
    }
}

on_both! {
    async fn a_list_told_before_the_removal_does_not_bring_a_client_back(service: Service) {
        let removed = |at: Timestamp| json!({"type": "client.removed", "timestamp": at, "data": {"client": {"id": "k"}}});
        let start = service.now();
        let before = |seconds| start - Duration::from_secs(seconds);
        service.webhook(&updated("First", before(60))).await.expect(200);
        service.webhook(&removed(before(30))).await.expect(200);
        assert_eq!(service.webhook(&updated("Late", before(31))).await.expect(200), json!({}));
        assert_eq!(get(&service, "k").await.problem(404), "client_not_found");
        service.webhook(&updated("Anew", before(29))).await.expect(200);
        assert_eq!(first_name(&service).await, "Anew");
        assert_eq!(delete(&service, "k").await.status, 204);
        service.webhook(&updated("Late", before(1))).await.expect(200);
        assert_eq!(get(&service, "k").await.problem(404), "client_not_found");
        put(&service, "k", &ruiz()).await.expect(201);
        assert_eq!(first_name(&service).await, "Ana Ruiz", "what is told now counts at once");
    }
}

on_both! {
    async fn pins_are_refused_while_they_are_switched_off(service: Service) {
        let mut body = requested();
        body["type"] = json!("pin.requested");
        assert_eq!(service.webhook(&body).await.problem(403), "pin_disabled");
        assert_eq!(get(&service, "lead-10482").await.problem(404), "client_not_found");
    }
}

on_both! {
    async fn a_removed_client_is_gone_and_its_removal_may_be_told_twice(service: Service) {
        service.webhook(&requested()).await.expect(200);
        let removed = json!({"type": "client.removed", "timestamp": START, "data": {"client": {"id": "lead-10482"}}});
        assert_eq!(service.webhook(&removed).await.expect(200), json!({}));
        assert_eq!(get(&service, "lead-10482").await.problem(404), "client_not_found");
        assert_eq!(service.webhook(&removed).await.expect(200), json!({}));
        let body = json!({"contact": "c-1", "surface": "lead_card"});
        assert_eq!(service.post("/api/v1/clients/lead-10482/codes", body).await.problem(404), "client_not_found");
    }
}
