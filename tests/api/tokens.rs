//! `POST /api/v1/agent-tokens`, and what such a token opens and does not.

use countersign::domain::id::TenantId;
use countersign::usecase::tenant::change_api_key::{create_api_key, revoke_api_key};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use crate::on_both;
use crate::service::{Service, api_key, requested, ruiz};
use crate::steps::{challenge, id, put, status, token};

/// A call with a token.
async fn call(
    service: &Service,
    token: &str,
    method: &str,
    path: &str,
    body: Value,
) -> crate::service::Reply {
    let body = (method != "GET").then_some(body);
    service.call(method, path, token, body.as_ref()).await
}

on_both! {
    async fn a_token_names_an_agent_and_lives_for_an_hour(service: Service) {
        put(&service, "k", &ruiz()).await.expect(201);
        let body = json!({"agent": {"id": "u-77", "name": "Maria Lopez"}, "clients": ["k"]});
        let answer = service.post("/api/v1/agent-tokens", body).await.expect(200);
        let token = answer["agent_token"].as_str().unwrap();
        assert_eq!(answer, json!({"agent_token": token, "expires_at": "2026-11-20T16:04:05Z"}));
        assert!(token.starts_with("cst_"));
        let from_webhook = service.webhook(&requested()).await.expect(200);
        assert_eq!(from_webhook["expires_at"], answer["expires_at"]);
        service.advance(3599);
        call(&service, token, "GET", "/api/v1/clients/k/status", Value::Null).await.expect(200);
        service.advance(1);
        for token in [token, from_webhook["agent_token"].as_str().unwrap()] {
            let reply = call(&service, token, "GET", "/api/v1/clients/k/status", Value::Null).await;
            assert_eq!(reply.problem(401), "unauthorized");
        }
    }
}

on_both! {
    async fn a_token_without_an_agent_or_for_too_many_clients_is_not_made(service: Service) {
        let agent = json!({"id": "u-77"});
        let clients = |count: usize| (0..count).map(|i| format!("c-{i}")).collect::<Vec<_>>();
        for body in [json!({}), json!({"agent": {}}), json!({"agent": {"id": " "}}), json!({"agent": "u-77"}),
            json!({"agent": agent, "clients": "k"}), json!({"agent": agent, "clients": [""]}), json!({"agent": agent, "clients": clients(51)})] {
            assert_eq!(service.post("/api/v1/agent-tokens", body).await.problem(400), "invalid_request");
        }
        let french = json!({"agent": {"id": "u-77", "locale": "fr"}});
        assert_eq!(service.post("/api/v1/agent-tokens", french).await.problem(422), "unknown_value");
        service.post("/api/v1/agent-tokens", json!({"agent": agent, "clients": clients(50)})).await.expect(200);
    }
}

on_both! {
    async fn a_token_acts_on_the_clients_it_names_and_reads_the_status_of_all(service: Service) {
        for client in ["k", "other"] {
            put(&service, client, &ruiz()).await.expect(201);
        }
        let asked = challenge(&service, "other", "c-1").await;
        let (named, none) = (token(&service, &["k"]).await, token(&service, &[]).await);
        let about = format!("/api/v1/challenges/{}", id(&asked));
        let wanted = json!({"contact": "c-1", "surface": "lead_card"});
        let routes = [("GET", about.clone(), json!({})), ("POST", format!("{about}/resend"), json!({})),
            ("POST", format!("{about}/check"), json!({"code": "123456"})), ("POST", format!("{about}/cancel"), json!({})),
            ("POST", "/api/v1/clients/other/codes".to_owned(), wanted.clone()), ("POST", "/api/v1/clients/unknown/codes".to_owned(), wanted),
            ("GET", "/window/cornerstone/clients/other".to_owned(), json!({}))];
        for (method, path, body) in routes {
            for token in [&named, &none] {
                let reply = call(&service, token, method, &path, body.clone()).await;
                assert_eq!(reply.problem(403), "client_not_in_token", "{method} {path}");
            }
        }
        let now = service.get(&about).await.expect(200);
        assert_eq!((&now["state"], &now["tries_left"]), (&json!("active"), &json!(5)), "nothing was done");
        for token in [&named, &none] {
            let one = call(&service, token, "GET", "/api/v1/clients/other/status", Value::Null).await.expect(200);
            assert_eq!(one["state"], "code_sent");
            let many = call(&service, token, "GET", "/api/v1/status?client=other&client=k&client=zz", Value::Null).await.expect(200);
            assert_eq!(many["statuses"].as_array().unwrap().len(), 3);
            call(&service, token, "POST", "/api/v1/status", json!({"clients": ["other"]})).await.expect(200);
        }
    }
}

on_both! {
    async fn what_only_a_host_may_do_refuses_a_token(service: Service) {
        put(&service, "k", &ruiz()).await.expect(201);
        let token = token(&service, &["k"]).await;
        let agent = json!({"agent": {"id": "u-77"}, "clients": ["k"]});
        for (method, path, body) in [("PUT", "/api/v1/clients/k", ruiz()), ("GET", "/api/v1/clients/k", json!({})), ("DELETE", "/api/v1/clients/k", json!({})),
            ("POST", "/api/v1/clients/k/status/revoke", json!({})), ("POST", "/api/v1/clients/k/unlock", json!({})), ("POST", "/api/v1/agent-tokens", agent)] {
            assert_eq!(call(&service, &token, method, path, body).await.problem(401), "unauthorized", "{method} {path}");
        }
        assert_eq!(status(&service, "k").await["version"], 1);
    }
}

on_both! {
    async fn whoever_holds_a_token_acts_as_its_agent_whatever_the_body_says(service: Service) {
        put(&service, "k", &ruiz()).await.expect(201);
        let token = token(&service, &["k"]).await;
        let other = json!({"id": "u-1", "name": "Somebody Else"});
        let body = json!({"contact": "c-1", "surface": "lead_card", "agent": other});
        let asked = call(&service, &token, "POST", "/api/v1/clients/k/codes", body).await.expect(201);
        let maria = json!({"id": "u-77", "name": "Maria Lopez"});
        assert_eq!(status(&service, "k").await["agent"], maria);
        service.drain().await;
        assert!(service.mail().iter().any(|m| m["text"].as_str().unwrap().contains("Maria")));
        let check = format!("/api/v1/challenges/{}/check", id(&asked));
        let body = json!({"code": service.code(), "agent": other});
        assert_eq!(call(&service, &token, "POST", &check, body).await.expect(200)["verification"]["agent"], maria);
        let by = |agent: &str| format!("select count(*) from audit where actor_kind = 'agent' and actor_id = '{agent}'");
        assert_eq!(service.database.count(&by("u-77")).await, 2, "asked, and verified");
        assert_eq!(service.database.count(&by("u-1")).await, 0);
    }
}

on_both! {
    async fn whoever_types_the_code_is_named_not_whoever_asked(service: Service) {
        put(&service, "k", &ruiz()).await.expect(201);
        let asked = challenge(&service, "k", "c-1").await;
        service.drain().await;
        let agent = json!({"agent": {"id": "u-2", "name": "Tom Hale"}, "clients": ["k"]});
        let tom = service.post("/api/v1/agent-tokens", agent).await.expect(200)["agent_token"].as_str().unwrap().to_owned();
        let path = format!("/api/v1/challenges/{}/check", id(&asked));
        call(&service, &tom, "POST", &path, json!({"code": service.code()})).await.expect(200);
        assert_eq!(status(&service, "k").await["agent"], json!({"id": "u-2", "name": "Tom Hale"}));
    }
}

on_both! {
    async fn a_token_dies_with_the_key_that_made_it(service: Service) {
        put(&service, "k", &ruiz()).await.expect(201);
        let tenant = TenantId::parse("cornerstone").unwrap();
        let (key_id, key) = create_api_key(service.app.desk(), &tenant).await.unwrap();
        let body = json!({"agent": {"id": "u-77"}, "clients": ["k"]});
        let made = service.call("POST", "/api/v1/agent-tokens", key.expose_secret(), Some(&body)).await.expect(200);
        let (dying, living) = (made["agent_token"].as_str().unwrap(), token(&service, &["k"]).await);
        call(&service, dying, "GET", "/api/v1/clients/k/status", Value::Null).await.expect(200);
        revoke_api_key(service.app.desk(), &tenant, &key_id).await.unwrap();
        for credential in [dying, key.expose_secret()] {
            let reply = call(&service, credential, "GET", "/api/v1/clients/k/status", Value::Null).await;
            assert_eq!(reply.problem(401), "unauthorized");
        }
        call(&service, &living, "GET", "/api/v1/clients/k/status", Value::Null).await.expect(200);
    }
}

on_both! {
    async fn a_token_counts_only_from_the_tenants_own_pages(service: Service) {
        service.apply("compeo", json!({"allowed_origins": ["https://compeo.example"]})).await;
        let token = token(&service, &["k"]).await;
        let from = |origin: &str, credential: &str| {
            service.request("GET", "/api/v1/clients/k/status").bearer_auth(credential).header("origin", origin)
        };
        for origin in ["https://crm.example", "http://127.0.0.1:8080"] {
            service.send(from(origin, &token)).await.expect(200);
        }
        for origin in ["https://compeo.example", "https://evil.example", "https://crm.example.evil.example", "http://crm.example",
            "https://crm.example:444", "https://crm.example/", "null", ""] {
            assert_eq!(service.send(from(origin, &token)).await.problem(401), "unauthorized", "{origin:?}");
        }
        service.send(from("https://evil.example", &api_key("cornerstone"))).await.expect(200);
    }
}

on_both! {
    async fn every_credential_that_is_wrong_gets_the_same_answer(service: Service) {
        let good = token(&service, &["k"]).await;
        let foreign_mac = good.rsplit_once('.').unwrap().0.to_owned() + ".AAAA";
        let answer = service.call("GET", "/api/v1/clients/k/status", "", None).await;
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
        let expected = answer.expect(401);
        let wrong = [foreign_mac, good[..good.len() - 6].to_owned(), good.replacen("cst_", "cst_e", 1), "cst_".to_owned(), "cst_.".to_owned(),
            format!("cst_{}.x", "x".repeat(9000)), good.replacen("cst_", "csk_", 1), "csk_nobody".to_owned(), api_key("nobody"), "x".to_owned()];
        for credential in wrong {
            let reply = service.call("GET", "/api/v1/clients/k/status", &credential, None).await;
            assert_eq!(reply.expect(401), expected, "{credential}");
        }
        for header in ["Bearer", "Bearer ", &format!("Basic {good}"), &good] {
            let request = service.request("GET", "/api/v1/clients/k/status").header("authorization", header);
            assert_eq!(service.send(request).await.expect(401), expected, "{header}");
        }
        let query = format!("/api/v1/clients/k/status?token={good}&access_token={good}");
        assert_eq!(service.call("GET", &query, "", None).await.expect(401), expected, "never in a query");
    }
}

on_both! {
    async fn a_tenant_that_is_switched_off_does_nothing_by_its_credentials(service: Service) {
        let token = token(&service, &["k"]).await;
        service.apply("cornerstone", json!({"eligible": false})).await;
        for credential in [token, api_key("cornerstone")] {
            let reply = call(&service, &credential, "GET", "/api/v1/clients/k/status", Value::Null).await;
            assert_eq!(reply.problem(403), "tenant_not_eligible");
        }
    }
}
