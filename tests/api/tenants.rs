//! Tenants apart: no credential of one reads or changes anything of another.

use std::time::Duration;

use countersign::domain::id::TenantId;
use countersign::host::signature::{self, WebhookSecret};
use countersign::store::SecretPurpose;
use countersign::usecase::tenant::rotate_secret::rotate_secret;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use crate::code::wrong;
use crate::guest;
use crate::life::CLIENT;
use crate::on_both;
use crate::service::{Service, WEBHOOK_SECRET, api_key, requested, ruiz};

const ROUTES: &str = include_str!("../../src/http/api/mod.rs");

/// What `compeo` has, under the same id as a client of `cornerstone`: a code that is out, and the code.
async fn other(service: &Service) -> (String, String) {
    for tenant in ["compeo", "cornerstone"] {
        service.apply(tenant, json!({"policy": {"pin": {"enabled": true}}})).await;
    }
    let mut list = ruiz();
    list["name"] = json!("Compeo's own client");
    list["contacts"][0]["name"] = json!("Zoe Other");
    list["contacts"][0]["email"] = json!("zoe@other.example");
    let key = api_key("compeo");
    service.call("PUT", &format!("/api/v1/clients/{CLIENT}"), &key, Some(&list)).await.expect(201);
    let body = json!({"contact": "c-1", "surface": "lead_card"});
    let asked =
        service.call("POST", &format!("/api/v1/clients/{CLIENT}/codes"), &key, Some(&body)).await.expect(201);
    service.drain().await;
    (asked["id"].as_str().unwrap().to_owned(), service.code())
}

/// An event that was told to the other tenant.
async fn event_of_other(service: &Service) -> String {
    let listed = service.call("GET", "/api/v1/events", &api_key("compeo"), None).await.expect(200);
    listed["items"][0]["id"].as_str().unwrap().to_owned()
}

/// Every route of the API, with a body that would do something, on that client and that challenge.
fn routes(
    challenge: &str,
    code: &str,
    event: &str,
    [signing, session, login]: [&str; 3],
) -> Vec<(&'static str, String, Value)> {
    let signing = |rest: &str| format!("/api/v1/signings/{signing}{rest}");
    let its_session = |rest: &str| format!("/api/v1/sessions/{session}{rest}");
    let person = |rest: &str| its_session(&format!("/participants/p-1{rest}"));
    let people = json!({"participants": guest::session("email")["participants"]});
    let guests = [
        ("POST", "/api/v1/signings".into(), guest::signing()),
        ("POST", "/api/v1/sessions".into(), guest::session("email")),
        ("GET", signing(""), Value::Null),
        ("PATCH", signing(""), json!({"mobile": "+13055550199"})),
        ("POST", signing("/access-code"), json!({})),
        ("POST", signing("/proof"), json!({"proof": "x"})),
        ("DELETE", signing(""), Value::Null),
        ("GET", its_session(""), Value::Null),
        ("POST", its_session("/participants"), people),
        ("PATCH", person(""), json!({"name": "Somebody Else"})),
        ("POST", person("/resend"), json!({})),
        ("POST", person("/reveal"), json!({"agent": {"id": "u-1"}})),
        ("POST", person("/proof"), json!({"proof": "x"})),
        ("DELETE", person(""), Value::Null),
        ("DELETE", its_session(""), Value::Null),
    ];
    let user = |rest: &str| format!("/api/v1/users/u-77{rest}");
    let maria = json!({"name": "Maria Lopez", "email": "maria@crm.example", "role": "agent"});
    let users = [
        ("PUT", user(""), maria),
        ("GET", user(""), Value::Null),
        ("GET", "/api/v1/users".into(), Value::Null),
        ("POST", user("/logins"), json!({"return_url": "https://crm.example/in"})),
        ("POST", user("/manage"), json!({"return_url": "https://crm.example/in"})),
        ("GET", user("/devices"), Value::Null),
        ("DELETE", user("/devices/dev_00000000000000000000000000"), Value::Null),
        ("DELETE", user("/devices"), Value::Null),
        ("GET", "/api/v1/two-step-policy".into(), Value::Null),
        (
            "PUT",
            "/api/v1/two-step-policy".into(),
            json!({"required_from": null, "always_required_roles": [], "trust_days": 1}),
        ),
        ("POST", format!("/api/v1/logins/{login}/proof"), json!({"proof": "x"})),
        ("DELETE", user("/second-step"), Value::Null),
        ("DELETE", user(""), Value::Null),
    ];
    let client = |rest: &str| format!("/api/v1/clients/{CLIENT}{rest}");
    let its = |rest: &str| format!("/api/v1/challenges/{challenge}{rest}");
    let mut routes = vec![
        ("POST", "/api/v1/agent-tokens".into(), json!({"agent": {"id": "u-1"}, "clients": [CLIENT]})),
        ("GET", format!("/api/v1/status?client={CLIENT}"), Value::Null),
        ("POST", "/api/v1/status".into(), json!({"clients": [CLIENT]})),
        ("GET", "/api/v1/events".into(), Value::Null),
        ("POST", "/api/v1/events/replay".into(), json!({"failed_since": "2026-01-01T00:00:00Z"})),
        ("POST", format!("/api/v1/events/{event}/replay"), json!({})),
        ("GET", "/api/v1/messages".into(), Value::Null),
        ("GET", "/api/v1/audit".into(), Value::Null),
        ("GET", client("/status"), Value::Null),
        ("GET", client(""), Value::Null),
        ("GET", its(""), Value::Null),
        ("POST", its("/resend"), json!({})),
        ("POST", its("/check"), json!({"code": wrong(code)})),
        ("POST", its("/check"), json!({"code": code})),
        ("POST", its("/cancel"), json!({})),
        ("POST", client("/codes"), json!({"contact": "c-2", "surface": "lead_card"})),
        ("POST", client("/pin/link"), json!({"contact": "c-1"})),
        ("POST", client("/pin/check"), json!({"pin": "482057"})),
        ("GET", client("/pin"), Value::Null),
        ("POST", client("/pin/lock"), json!({})),
        ("POST", client("/unlock"), json!({})),
        ("POST", client("/status/revoke"), json!({})),
        ("PUT", client(""), ruiz()),
        ("DELETE", client(""), Value::Null),
    ];
    routes.extend(guests);
    routes.extend(users);
    routes
}

/// What `compeo` has beside: a signing, a session, and a user at a sign-in. Gives the ids of the first and the last.
async fn guests_of_other(service: &Service) -> [String; 2] {
    let mut policy =
        json!({"policy": {"signer": {"access_code": true}, "session": {"agent_sees_code": true}}});
    service.apply("cornerstone", policy.take()).await;
    let key = api_key("compeo");
    let made = service.call("POST", "/api/v1/signings", &key, Some(&guest::signing())).await.expect(201);
    let mut session = guest::session("email");
    session["id"] = json!("ses-other");
    service.call("POST", "/api/v1/sessions", &key, Some(&session)).await.expect(201);
    service
        .apply(
            "compeo",
            json!({"policy": {"pin": {"enabled": true}, "login": {"always_required_roles": ["boss"]}}}),
        )
        .await;
    let zoe = json!({"name": "Zoe Other", "email": "zoe@other.example", "role": "boss"});
    service.call("PUT", "/api/v1/users/u-77", &key, Some(&zoe)).await.expect(201);
    let back = json!({"return_url": "https://crm.example/in"});
    let begun = service.call("POST", "/api/v1/users/u-77/logins", &key, Some(&back)).await.expect(200);
    [&made["id"], &begun["login"]].map(|id| id.as_str().unwrap().to_owned())
}

/// The rows of a tenant, and how many there are.
async fn rows(service: &Service, tenant: &str) -> Vec<String> {
    let rows: Vec<_> = service.database.dump().await.into_iter().filter(|row| row.contains(tenant)).collect();
    assert!(rows.len() >= 4);
    rows
}

#[test]
fn every_route_is_tried() {
    let tried: Vec<_> = routes("{id}", "123456", "{id}", ["{id}", "{id}", "{login}"])
        .into_iter()
        .map(|(method, path, _)| {
            let path = path
                .replace("/api/v1", "")
                .replace(CLIENT, "{client}")
                .replace("p-1", "{participant}")
                .replace("u-77", "{user}")
                .replace("dev_00000000000000000000000000", "{device}");
            format!("Endpoint::{}(\"{}\",", method.to_lowercase(), path.split('?').next().unwrap())
        })
        .collect();
    // The document is no tenant's; a stream never ends, and has this among its own tests.
    let apart = ["document::", "stream::"];
    let of_a_tenant =
        |line: &&str| line.starts_with("Endpoint::") && apart.iter().all(|module| !line.contains(module));
    // A route too long for a line has its address on the next.
    let routes = ROUTES.replace("(\n            \"", "(\"");
    let known: Vec<_> = routes.lines().map(str::trim).filter(of_a_tenant).collect();
    assert_eq!(known.len(), 51);
    for route in known {
        assert!(tried.iter().any(|tried| route.starts_with(tried.as_str())), "{route} is not tried");
    }
}

on_both! {
    async fn no_route_reaches_another_tenant_by_an_api_key(service: Service) {
        let (challenge, code) = other(&service).await;
        let event = event_of_other(&service).await;
        let [signing, login] = guests_of_other(&service).await;
        service.advance(30);
        let before = rows(&service, "compeo").await;
        for known in [false, true] {
            for (method, path, body) in routes(&challenge, &code, &event, [&signing, "ses-other", &login]) {
                let answer = service.call(method, &path, &api_key("cornerstone"), Some(&body)).await;
                assert!(!answer.text.contains("Zoe") && !answer.text.contains("Compeo") && !answer.text.contains("other.example"), "{method} {path}: {}", answer.text);
                if ["/challenges/", "/events/evt_", "/signings/", "/sessions/", "/logins/", "/devices/"].iter().any(|one| path.contains(one)) {
                    assert_eq!(answer.problem(404), "not_found", "{method} {path}");
                } else if !known && path.contains("/clients/") && method != "PUT" && !path.ends_with("/status") {
                    assert!(matches!(answer.status, 404 | 204), "{method} {path}: {}", answer.text);
                } else {
                    assert!(answer.status < 300, "{method} {path}: {}", answer.text);
                }
                assert_eq!(rows(&service, "compeo").await, before, "{method} {path}");
            }
            service.know(CLIENT).await.expect(201);
        }
        service.drain().await;
        assert!(service.mail().iter().skip(2).all(|mail| mail["to"] != "zoe@other.example"));
        let check = format!("/api/v1/challenges/{challenge}/check");
        let answer = service.call("POST", &check, &api_key("compeo"), Some(&json!({"code": code}))).await.expect(200);
        assert_eq!(answer["result"], "verified", "its own host still can");
    }
}

on_both! {
    async fn no_route_reaches_another_tenant_by_an_agents_token(service: Service) {
        let (challenge, code) = other(&service).await;
        let event = event_of_other(&service).await;
        let [signing, login] = guests_of_other(&service).await;
        service.know(CLIENT).await.expect(201);
        let token = service.webhook(&requested()).await.expect(200)["agent_token"].as_str().unwrap().to_owned();
        service.advance(30);
        let before = rows(&service, "compeo").await;
        for (method, path, body) in routes(&challenge, &code, &event, [&signing, "ses-other", &login]) {
            let answer = service.call(method, &path, &token, Some(&body)).await;
            assert!(!answer.text.contains("Zoe") && !answer.text.contains("Compeo"), "{method} {path}: {}", answer.text);
            let expected = match (path.as_str(), method) {
                (path, _) if path.contains("/challenges/") => 404,
                (path, _) if path.contains("/api/v1/status") || path.ends_with("/status") => 200,
                (path, _) if path.ends_with("/codes") || path.ends_with("/pin/link") => 201,
                (path, _) if path.contains("/pin") => 200,
                // What agents may do at all, for those whom their token names.
                (path, _) if path.ends_with("/proof") || path.ends_with("/participants") => 401,
                (path, method) if path.contains("/signings/") && method != "DELETE" => 403,
                (path, _) if path.contains("/sessions/") => 403,
                _ => 401,
            };
            assert_eq!(answer.status, expected, "{method} {path}: {}", answer.text);
            assert_eq!(rows(&service, "compeo").await, before, "{method} {path}");
        }
        let window = |tenant: &str| format!("/window/{tenant}/clients/{CLIENT}");
        let own = service.call("GET", &window("cornerstone"), &token, None).await.expect(200);
        assert_eq!(own["contacts"][0]["name"], "Ana Ruiz");
        assert_eq!(service.call("GET", &window("compeo"), &token, None).await.problem(401), "unauthorized");
        assert_eq!(service.call("GET", &window("compeo"), &api_key("cornerstone"), None).await.problem(401), "unauthorized");
    }
}

on_both! {
    async fn a_webhook_is_taken_only_with_its_own_tenants_secret(service: Service) {
        let compeo = TenantId::parse("compeo").unwrap();
        let secret = rotate_secret(service.app.desk(), &compeo, SecretPurpose::Webhook, Duration::ZERO).await.unwrap();
        let before = (rows(&service, "compeo").await, rows(&service, "cornerstone").await);
        let (body, seconds) = (requested().to_string(), service.clock_seconds());
        let own = WebhookSecret::parse(secret.expose_secret()).unwrap();
        let sent = |tenant: &str, secret: WebhookSecret| {
            let request = service.request("POST", &format!("/webhooks/{tenant}")).header("webhook-id", "msg_x");
            let signature = signature::sign(&[secret], "msg_x", seconds, body.as_bytes());
            request.header("webhook-timestamp", seconds.to_string()).header("webhook-signature", signature).body(body.clone())
        };
        let foreign = || WebhookSecret::parse(WEBHOOK_SECRET).unwrap();
        for (tenant, secret) in [("compeo", foreign()), ("cornerstone", own.clone()), ("nobody", foreign()), ("nobody", own.clone())] {
            let answer = service.send(sent(tenant, secret)).await;
            assert_eq!(answer.text, service.send(sent("none", foreign())).await.text, "one answer for all");
            assert_eq!(answer.problem(401), "unauthorized");
        }
        assert_eq!((rows(&service, "compeo").await, rows(&service, "cornerstone").await), before);
        service.send(sent("compeo", own)).await.expect(200);
        service.send(sent("cornerstone", foreign())).await.expect(200);
        assert_eq!(service.database.count("select count(*) from client").await, 2, "the same webhook id, apart");
    }
}

on_both! {
    async fn a_report_needs_the_key_of_its_own_message(service: Service) {
        other(&service).await;
        service.code_out().await;
        let mail = service.mail();
        let report = |tenant: &str| {
            let url = mail.iter().filter_map(|m| m["report_url"].as_str()).find(|url| url.contains(tenant)).unwrap();
            url.rsplit_once('/').unwrap().1.replace("?status=%d", "")
        };
        let (compeo, cornerstone) = (report("/compeo/"), report("/cornerstone/"));
        let (theirs, ours) = (compeo.split_once('.').unwrap(), cornerstone.split_once('.').unwrap());
        let before = service.database.dump().await;
        let tries = [
            ("cornerstone", format!("{}.{}", theirs.0, theirs.1)),
            ("compeo", format!("{}.{}", ours.0, ours.1)),
            ("cornerstone", format!("{}.{}", theirs.0, ours.1)),
            ("compeo", format!("{}.{}", theirs.0, ours.1)),
            ("cornerstone", format!("{}.{}", ours.0, theirs.1)),
            ("cornerstone", ours.0.to_owned()),
            ("cornerstone", format!("{}.", ours.0)),
        ];
        for (tenant, part) in tries {
            let answer = service.call("POST", &format!("/callbacks/sms/{tenant}/{part}?status=failed"), "", None).await;
            assert_eq!(answer.problem(401), "unauthorized", "{tenant} {part}");
        }
        assert_eq!(service.database.dump().await, before);
        service.call("POST", &format!("/callbacks/sms/cornerstone/{cornerstone}?status=failed"), "", None).await.expect(204);
        assert_eq!(service.database.count("select count(*) from message where state = 'failed' and tenant_id = 'cornerstone'").await, 1);
    }
}

on_both! {
    async fn nothing_of_one_tenant_counts_for_another(service: Service) {
        let (challenge, code) = other(&service).await;
        let (own, right) = service.code_out().await;
        assert_ne!(right, code);
        for _ in 0..5 {
            service.checked(&own, &wrong(&right)).await;
        }
        let status = service.call("GET", &format!("/api/v1/clients/{CLIENT}/status"), &api_key("compeo"), None).await.expect(200);
        assert_eq!(status["state"], "code_sent");
        let check = format!("/api/v1/challenges/{challenge}/check");
        let answer = service.call("POST", &check, &api_key("compeo"), Some(&json!({"code": right}))).await.expect(200);
        assert_eq!(answer, json!({"result": "incorrect", "tries_left": 4}));
        let answer = service.call("POST", &check, &api_key("compeo"), Some(&json!({"code": code}))).await.expect(200);
        assert_eq!(answer["result"], "verified");
        assert_eq!(service.status(CLIENT).await["state"], "locked");
        service.drain().await;
        for push in service.host.pushes() {
            let of = push.json()["data"]["challenge"].as_str().unwrap() == challenge;
            assert_eq!(push.tenant, if of { "compeo" } else { "cornerstone" });
        }
    }
}
