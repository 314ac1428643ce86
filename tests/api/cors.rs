//! Browsers of the CRM: which origins may call, what they may read, and the headers that every answer carries.

use serde_json::json;

use crate::on_both;
use crate::service::{Reply, Service, api_key, ruiz};
use crate::steps::{put, token};

async fn preflight(service: &Service, path: &str, origin: &str, method: &str, headers: &str) -> Reply {
    let request = service.request("OPTIONS", path).header("origin", origin);
    service
        .send(
            request
                .header("access-control-request-method", method)
                .header("access-control-request-headers", headers),
        )
        .await
}

/// The words of a list in a header, in order.
fn words(reply: &Reply, name: &str) -> Vec<String> {
    let mut words: Vec<_> =
        reply.header(name).unwrap_or_default().split(',').map(|w| w.trim().to_lowercase()).collect();
    words.sort();
    words
}

on_both! {
    async fn a_preflight_passes_from_some_tenants_origin_only(service: Service) {
        service.apply("compeo", json!({"allowed_origins": ["https://compeo.example:8443"]})).await;
        let asks = "authorization, content-type, if-none-match, accept-language, last-event-id";
        for origin in ["https://crm.example", "https://compeo.example:8443"] {
            for (path, method) in [("/api/v1/clients/k/status", "GET"), ("/api/v1/status/stream", "GET"), ("/api/v1/clients/k/codes", "POST"), ("/api/v1/challenges/chl_1/check", "POST"),
                ("/api/v1/sessions/s", "DELETE"), ("/api/v1/signings/sgn_1", "PATCH")] {
                let reply = preflight(&service, path, origin, method, asks).await;
                assert!(matches!(reply.status, 200 | 204), "{path}: {}", reply.status);
                assert_eq!(reply.header("access-control-allow-origin"), Some(origin));
                assert_eq!(words(&reply, "access-control-allow-methods"), ["delete", "get", "patch", "post"]);
                let allowed = words(&reply, "access-control-allow-headers");
                assert!(asks.split(", ").all(|ask| allowed.iter().any(|a| a == ask)), "{allowed:?}");
                assert_eq!(reply.header("access-control-allow-credentials"), None);
                assert_eq!(reply.header("access-control-max-age"), Some("600"));
            }
        }
        for (origin, method, header) in [("https://evil.example", "GET", "authorization"), ("https://crm.example.evil.example", "GET", "authorization"),
            ("http://crm.example", "GET", "authorization"), ("https://compeo.example", "GET", "authorization"), ("null", "GET", "authorization")] {
            let reply = preflight(&service, "/api/v1/clients/k/status", origin, method, header).await;
            assert_eq!(reply.header("access-control-allow-origin"), None, "{origin}");
            assert_eq!(reply.header("access-control-allow-credentials"), None);
        }
        let reply = preflight(&service, "/api/v1/clients/k", "https://crm.example", "PUT", "authorization").await;
        assert!(reply.status >= 400 || !words(&reply, "access-control-allow-methods").contains(&"put".to_owned()));
    }
}

on_both! {
    async fn a_browser_may_read_the_tag_and_how_long_to_wait_and_never_sends_cookies(service: Service) {
        put(&service, "k", &ruiz()).await.expect(201);
        let token = token(&service, &["k"]).await;
        let wanted = json!({"contact": "c-1", "surface": "lead_card"}).to_string();
        let from = |method: &str, path: &str, origin: &str| {
            service.request(method, path).bearer_auth(&token).header("origin", origin)
        };
        let answers = [
            service.send(from("GET", "/api/v1/clients/k/status", "https://crm.example")).await,
            service.send(from("POST", "/api/v1/clients/k/codes", "https://crm.example").body(wanted.clone())).await,
            service.send(from("POST", "/api/v1/clients/k/codes", "https://crm.example").body(wanted)).await,
            // The window in the page starts with this.
            service.send(from("GET", "/window/cornerstone/clients/k", "https://crm.example")).await,
        ];
        assert_eq!(answers.iter().map(|a| a.status).collect::<Vec<_>>(), [200, 201, 429, 200]);
        for answer in &answers {
            assert_eq!(answer.header("access-control-allow-origin"), Some("https://crm.example"));
            assert_eq!(words(answer, "access-control-expose-headers"), ["date", "etag", "retry-after"]);
            assert!(words(answer, "vary").contains(&"origin".to_owned()), "{:?}", answer.headers);
            assert_eq!(answer.header("access-control-allow-credentials"), None);
            assert_eq!(answer.header("set-cookie"), None);
        }
        for path in ["/api/v1/clients/k/status", "/window/cornerstone/clients/k"] {
            let foreign = service.send(from("GET", path, "https://evil.example")).await;
            assert_eq!((foreign.status, foreign.header("access-control-allow-origin")), (401, None), "{path}");
        }
    }
}

on_both! {
    async fn every_answer_says_that_it_is_not_framed_kept_or_guessed_at(service: Service) {
        put(&service, "k", &ruiz()).await.expect(201);
        let routes = [("GET", "/api/v1/clients/k", 200), ("PUT", "/api/v1/clients/k", 400), ("GET", "/api/v1/clients/unknown", 404),
            ("DELETE", "/api/v1/clients/unknown", 404), ("GET", "/api/v1/clients/%FF", 404), ("POST", "/api/v1/clients/k/codes", 400),
            ("POST", "/api/v1/clients/k/unlock", 200), ("POST", "/api/v1/clients/k/status/revoke", 200), ("POST", "/api/v1/agent-tokens", 400),
            ("GET", "/api/v1/challenges/chl_1", 404), ("POST", "/api/v1/challenges/chl_1/check", 400), ("PATCH", "/api/v1/clients/k", 405),
            ("GET", "/api/v1/nothing", 404), ("POST", "/webhooks/cornerstone", 401), ("GET", "/webhooks/cornerstone", 405),
            ("GET", "/window/nobody", 404), ("GET", "/window/cornerstone/clients/k", 200), ("GET", "/window/cornerstone/clients/unknown", 404),
            ("GET", "/assets/nothing.js", 404), ("GET", "/healthz", 200), ("GET", "/readyz", 200), ("GET", "/", 404), ("POST", "/callbacks/nothing", 404)];
        for (method, path, status) in routes {
            let reply = service.call(method, path, &api_key("cornerstone"), None).await;
            assert_eq!(reply.status, status, "{method} {path}: {}", reply.text);
            let headers = [("x-content-type-options", "nosniff"), ("cache-control", "no-store"), ("referrer-policy", "same-origin"),
                ("content-security-policy", "default-src 'none'; base-uri 'none'; frame-ancestors 'none'")];
            for (name, value) in headers {
                assert_eq!(reply.header(name), Some(value), "{method} {path}");
            }
            assert_eq!(reply.header("strict-transport-security"), None, "not over plain HTTP");
            if status >= 400 {
                reply.problem(status);
            }
        }
        for path in ["/api/v1/clients/k/status", "/api/v1/status?client=k"] {
            let reply = service.get(path).await;
            assert_eq!(reply.header("cache-control"), Some("private, no-cache"), "kept by the browser alone, asked about each time");
            assert!(words(&reply, "vary").contains(&"authorization".to_owned()));
            assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
        }
    }
}

on_both! {
    async fn a_refused_preflight_carries_them_too(service: Service) {
        let reply = preflight(&service, "/api/v1/clients/k/status", "https://evil.example", "GET", "authorization").await;
        assert!(reply.status >= 400);
        assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(reply.header("content-security-policy"), Some("default-src 'none'; base-uri 'none'; frame-ancestors 'none'"));
    }
}

/// Over TLS, browsers are told to stay there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_behind_tls_says_so_to_browsers() {
    let database = crate::database::Database::create(crate::database::Backend::Sqlite).await;
    let service =
        Service::with(database, &[("COUNTERSIGN_SERVER__PUBLIC_URL", "https://verify.example")]).await;
    for path in ["/healthz", "/window/cornerstone", "/api/v1/nothing"] {
        let reply = service.get(path).await;
        assert_eq!(
            reply.header("strict-transport-security"),
            Some("max-age=31536000; includeSubDomains"),
            "{path}"
        );
    }
}

on_both! {
    async fn a_header_that_cannot_be_read_counts_as_left_out(service: Service) {
        let odd = reqwest::header::HeaderValue::from_bytes(b"\xff").unwrap();
        let request = service.request("GET", "/api/v1/clients/k/status").bearer_auth(api_key("cornerstone"));
        let reply = service.send(request.header("if-none-match", odd.clone()).header("accept-language", odd.clone())).await;
        assert_eq!(reply.expect(200)["button"]["label"], "Not verified");
        let asset = service.request("GET", "/assets/window.css").header("if-none-match", odd.clone());
        assert_eq!(service.send(asset).await.status, 200);
        let request = service.request("GET", "/api/v1/clients/k/status").header("authorization", odd);
        assert_eq!(service.send(request).await.problem(401), "unauthorized");
    }
}
