//! `/window/{tenant}`: the agent's page, its parts, and what it starts with.

use serde_json::{Value, json};

use crate::code::wrong;
use crate::on_both;
use crate::opt_outs::gateway_says;
use crate::service::{Service, api_key, requested, ruiz};
use crate::steps::{act, ask, challenge, check, id, put, settings, status, token, verify};

/// What the window starts with, for the agent whose token names the client.
async fn view(service: &Service) -> Value {
    let token = token(service, &["k"]).await;
    service.call("GET", "/window/cornerstone/clients/k", &token, None).await.expect(200)
}

async fn told(service: &Service) {
    put(service, "k", &ruiz()).await.expect(201);
}

on_both! {
    async fn the_page_may_be_framed_by_the_tenants_own_origins_only(service: Service) {
        service.apply("cornerstone", json!({"allowed_origins": ["https://crm.example", "https://crm.example:8443"]})).await;
        service.apply("compeo", json!({"allowed_origins": []})).await;
        for (tenant, parents) in [("cornerstone", "https://crm.example https://crm.example:8443"), ("compeo", "'none'")] {
            let reply = service.call("GET", &format!("/window/{tenant}"), "", None).await;
            assert_eq!((reply.status, reply.header("content-type")), (200, Some("text/html; charset=utf-8")));
            let policy = reply.header("content-security-policy").unwrap();
            let expected = format!("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; \
                base-uri 'none'; form-action 'none'; frame-ancestors {parents}");
            assert_eq!(policy, expected);
            let headers = [("x-content-type-options", "nosniff"), ("referrer-policy", "same-origin"), ("cache-control", "no-cache")];
            for (name, value) in headers {
                assert_eq!(reply.header(name), Some(value));
            }
            assert!(reply.text.starts_with("<!doctype html>") && !reply.text.contains("{{"), "nothing is left to fill in");
        }
        for nobody in ["/window/nobody", "/window/Corner", "/window/%00", "/window/"] {
            assert_eq!(service.call("GET", nobody, "", None).await.problem(404), "not_found", "{nobody}");
        }
    }
}

/// The paths of the modules that a script at a path imports.
fn imported(path: &str, script: &str) -> Vec<String> {
    let import = regex::Regex::new(r#"(?:from |import\()"([./a-z0-9-]+\.js)""#).unwrap();
    let here = url::Url::parse("http://service").unwrap().join(path).unwrap();
    import.captures_iter(script).map(|found| here.join(&found[1]).unwrap().path().to_owned()).collect()
}

on_both! {
    async fn everything_the_page_names_is_there_and_is_fetched_once(service: Service) {
        let page = service.call("GET", "/window/cornerstone", "", None).await.text;
        let named = regex::Regex::new(r#"(?:src|href)="(/assets/[^"]+)""#).unwrap();
        let mut paths: Vec<String> = named.captures_iter(&page).map(|found| found[1].to_owned()).collect();
        assert!(paths.contains(&"/assets/window.js".to_owned()), "{paths:?}");
        let mut next = 0;
        while next < paths.len() {
            let reply = service.call("GET", &paths[next], "", None).await;
            assert_eq!((reply.status, reply.header("cache-control")), (200, Some("no-cache")), "{}", paths[next]);
            assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
            let tag = reply.header("etag").unwrap().to_owned();
            let again = service.send(service.request("GET", &paths[next]).header("if-none-match", &tag)).await;
            assert_eq!((again.status, again.text.as_str(), again.header("etag")), (304, "", Some(tag.as_str())));
            for path in imported(&paths[next], &reply.text) {
                if !paths.contains(&path) {
                    paths.push(path);
                }
            }
            next += 1;
        }
        assert!(paths.iter().any(|path| path == "/embed/v1/window.js"), "{paths:?}");
        let window = service.call("GET", "/embed/v1/window.js", "", None).await.text;
        for text in ["Who are you speaking with?", "¿Con quién habla?"] {
            assert!(window.contains(text), "{window}");
        }
        for missing in ["/assets/", "/assets/i18n/fr.json", "/assets/..%2Fpage%2Fwindow.html", "/assets/window.html"] {
            assert_eq!(service.call("GET", missing, "", None).await.problem(404), "not_found", "{missing}");
        }
    }
}

on_both! {
    async fn the_link_of_a_webhook_opens_the_client_and_keeps_the_token_out_of_the_address(service: Service) {
        let answer = service.webhook(&requested()).await.expect(200);
        let link = url::Url::parse(answer["window_url"].as_str().unwrap()).unwrap();
        assert_eq!((link.path(), link.query()), ("/window/cornerstone", None));
        let fragment: std::collections::HashMap<_, _> = url::form_urlencoded::parse(link.fragment().unwrap().as_bytes()).collect();
        assert_eq!((&*fragment["client"], &*fragment["surface"], &*fragment["lang"]), ("lead-10482", "lead_card", "en"));
        let path = format!("{}/clients/{}", link.path(), fragment["client"]);
        let view = service.call("GET", &path, &fragment["token"], None).await.expect(200);
        assert_eq!((&view["client"]["name"], &view["agent"]), (&json!("Ruiz Landscaping LLC"), &json!({"id": "u-77", "name": "Maria Lopez"})));
        assert_eq!(view["status"], answer["status"]);
    }
}

on_both! {
    async fn the_window_starts_with_the_authorized_contacts_all_of_them_masked(service: Service) {
        told(&service).await;
        let shown = view(&service).await;
        assert_eq!(shown["tenant"], json!({"name": "cornerstone PEO", "short_name": "Cornerstone", "support_phone": "800-555-0199",
            "accent": {"light": {"fill": "#0550ae", "letters": "#ffffff"}, "dark": null}, "digits": 6, "time_zone": "America/New_York"}));
        assert_eq!((&shown["challenge"], &shown["recent"]), (&Value::Null, &json!([])));
        assert_eq!(shown["status"], status(&service, "k").await);
        let way = |channel: &str, to: &str| json!({"channel": channel, "to": to, "changed_at": null, "blocked": false, "opted_out": false, "not_served": false});
        assert_eq!(shown["contacts"], json!([
            {"id": "c-1", "name": "Ana Ruiz", "role": "owner", "locale": "es", "reachable": true, "reason": null, "until": null,
                "channels": [way("email", "a•••@ruiz-landscaping.example"), way("sms", "(•••) •••-••42"),
                    way("voice", "(•••) •••-••42")]},
            {"id": "c-2", "name": "Luis Ruiz", "role": "authorized_representative", "locale": "en", "reachable": true, "reason": null,
                "until": null, "channels": [way("email", "l•••@ruiz-landscaping.example"), way("voice", "(•••) •••-••43")]},
        ]));
        verify(&service, "k", "c-1").await;
        service.advance(30);
        challenge(&service, "k", "c-2").await;
        let text = view(&service).await.to_string();
        for secret in ["ana@", "luis@", "mark@", "3055550142", "5550143", "Mark", "c-3", &service.code()] {
            assert!(!text.contains(secret), "{secret}: {text}");
        }
    }
}

on_both! {
    async fn a_window_opens_for_its_own_tenant_and_client_only(service: Service) {
        told(&service).await;
        let token = token(&service, &["k", "unknown"]).await;
        let get = |path: &'static str, credential: String| {
            let service = &service;
            async move { service.call("GET", path, &credential, None).await }
        };
        get("/window/cornerstone/clients/k", token.clone()).await.expect(200);
        get("/window/cornerstone/clients/k", api_key("cornerstone")).await.expect(200);
        for (path, credential) in [("/window/compeo/clients/k", token.clone()), ("/window/nobody/clients/k", token.clone()),
            ("/window/cornerstone/clients/k", api_key("compeo")), ("/window/cornerstone/clients/k", String::new())] {
            assert_eq!(get(path, credential).await.problem(401), "unauthorized", "{path}");
        }
        assert_eq!(get("/window/cornerstone/clients/unknown", token).await.problem(404), "client_not_found");
    }
}

on_both! {
    async fn a_contact_that_cannot_be_sent_to_says_why_and_until_when(service: Service) {
        let reason = |shown: &Value, i: usize| {
            let contact = &shown["contacts"][i];
            (contact["reachable"].clone(), contact["reason"].clone(), contact["until"].clone())
        };
        let mut list = ruiz();
        list["contacts"][1]["email"] = json!("");
        put(&service, "k", &list).await.expect(201);
        assert_eq!(reason(&view(&service).await, 1), (json!(true), Value::Null, Value::Null), "a telephone alone can be called");
        list["contacts"][1]["phone"] = json!("");
        put(&service, "k", &list).await.expect(200);
        assert_eq!(reason(&view(&service).await, 1), (json!(false), json!("no_contact"), Value::Null));
        list["contacts"][0]["email"] = json!("new@ruiz-landscaping.example");
        put(&service, "k", &list).await.expect(200);
        for (on_change, changed_at, blocked) in [("warn", json!("2026-11-20T15:04:05Z"), false), ("ignore", Value::Null, false),
            ("block", json!("2026-11-20T15:04:05Z"), true)] {
            service.policy(json!({"on_recent_change": on_change})).await;
            let shown = view(&service).await;
            let ways = &shown["contacts"][0]["channels"];
            assert_eq!((&ways[0]["changed_at"], &ways[0]["blocked"]), (&changed_at, &json!(blocked)), "{on_change}");
            assert_eq!((&ways[1]["changed_at"], &ways[1]["blocked"]), (&Value::Null, &json!(false)));
            assert_eq!(reason(&shown, 0), (json!(true), Value::Null, Value::Null), "the mobile is still open");
        }
        list["contacts"][0]["mobile"] = json!("+13055550199");
        put(&service, "k", &list).await.expect(200);
        assert_eq!(reason(&view(&service).await, 0), (json!(false), json!("changed"), json!("2026-11-21T15:04:05Z")));
        service.advance(86_400);
        assert_eq!(reason(&view(&service).await, 0), (json!(true), Value::Null, Value::Null));
        for _ in 0..2 {
            let asked = challenge(&service, "k", "c-1").await;
            service.drain().await;
            let miss = wrong(&service.code());
            for _ in 0..5 {
                check(&service, &asked, &miss).await;
            }
            service.advance(30);
        }
        assert_eq!(reason(&view(&service).await, 0), (json!(false), json!("locked"), json!("2026-11-21T16:04:35Z")));
    }
}

on_both! {
    async fn the_code_that_is_out_and_what_happened_lately_are_shown(service: Service) {
        told(&service).await;
        let asked = challenge(&service, "k", "c-1").await;
        service.drain().await;
        let code = service.code();
        service.advance(1);
        check(&service, &asked, &wrong(&code)).await;
        let shown = view(&service).await;
        let out = &shown["challenge"];
        assert_eq!((&out["id"], &out["state"], &out["contact"], &out["contact_name"], &out["tries_left"], &out["expires_at"], &out["resend_at"]),
            (&asked["id"], &json!("active"), &json!("c-1"), &json!("Ana Ruiz"), &json!(4), &asked["expires_at"], &asked["resend_at"]));
        assert_eq!(out["agent"], json!({"id": "u-77", "name": "Maria Lopez"}));
        let states: Vec<_> = out["messages"].as_array().unwrap().iter().map(|m| m["state"].clone()).collect();
        assert_eq!(states, ["sent", "sent"]);
        service.advance(1);
        check(&service, &asked, &code).await;
        service.advance(60);
        let second = challenge(&service, "k", "c-2").await;
        service.advance(1);
        act(&service, &second, "cancel", json!({})).await.expect(200);
        service.advance(1);
        service.post("/api/v1/clients/k/status/revoke", json!({})).await.expect(200);
        let shown = view(&service).await;
        assert_eq!(shown["challenge"], Value::Null);
        let recent: Vec<_> = shown["recent"].as_array().unwrap().iter().map(|r| (r["action"].as_str().unwrap(), r["contact_name"].as_str())).collect();
        let (ana, luis) = (Some("Ana Ruiz"), Some("Luis Ruiz"));
        assert_eq!(recent, [("revoked", ana), ("cancelled", luis), ("sent", luis), ("verified", ana), ("incorrect", ana), ("sent", ana)]);
        let first = shown["recent"].as_array().unwrap().last().unwrap();
        assert_eq!((&first["at"], &first["agent_name"]), (&json!("2026-11-20T15:04:05Z"), &json!("Maria Lopez")));
    }
}

on_both! {
    async fn who_acted_lately_is_named_as_long_as_anything_that_is_kept_names_them(service: Service) {
        told(&service).await;
        let named = |shown: &Value| -> Vec<_> {
            let recent = shown["recent"].as_array().unwrap();
            recent.iter().map(|r| (r["action"].as_str().unwrap().to_owned(), r["agent_name"].clone())).collect()
        };
        let kevin = json!({"contact": "c-2", "surface": "lead_card", "agent": {"id": "u-81", "name": "Kevin Brown"}});
        ask(&service, "k", kevin).await.expect(201);
        service.advance(60);
        challenge(&service, "k", "c-1").await;
        let sent = |name: &str| ("sent".to_owned(), json!(name));
        assert_eq!(named(&view(&service).await), [sent("Maria Lopez"), sent("Kevin Brown")], "his code is over, and still names him");
        service.advance(1);
        service.post("/api/v1/clients/k/status/revoke", json!({"agent": {"id": "u-9", "name": "Otto Reyes"}})).await.expect(200);
        assert_eq!(named(&view(&service).await)[0], ("revoked".to_owned(), json!("u-9")), "of him the record alone is left");
    }
}

on_both! {
    async fn who_reported_a_code_is_shown_with_when_and_for_how_long(service: Service) {
        told(&service).await;
        assert_eq!(view(&service).await["reported_until"], Value::Null);
        challenge(&service, "k", "c-1").await;
        service.drain().await;
        service.advance(60);
        gateway_says(&service, "+13055550142", "NO").await;
        let shown = view(&service).await;
        assert_eq!((&shown["status"]["state"], &shown["reported_until"]), (&json!("reported"), &json!("2026-11-21T15:05:05Z")));
        assert_eq!(shown["recent"][0], json!({"at": "2026-11-20T15:05:05Z", "action": "reported", "contact_name": "Ana Ruiz", "agent_name": null}));
        service.advance(86_400);
        assert_eq!(view(&service).await["reported_until"], Value::Null);
    }
}

on_both! {
    async fn a_refused_window_names_no_contact(service: Service) {
        told(&service).await;
        let body = json!({"contact": "c-3", "surface": "lead_card"});
        assert_eq!(ask(&service, "k", body).await.problem(403), "contact_not_authorized");
        let shown = view(&service).await;
        assert_eq!(shown["recent"], json!([]), "an attempt on somebody not authorized is for the record, not for the window");
        let tenant = settings(&service, "cornerstone");
        assert!(tenant.authorized_roles.len() == 2 && shown["contacts"].as_array().unwrap().len() == 2);
        let asked = challenge(&service, "k", "c-1").await;
        assert_eq!(view(&service).await["challenge"]["id"], id(&asked));
    }
}
