//! `/p/{token}`: what a client sees behind a link to set a PIN, and what spends it.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::on_both;
use crate::pin::cornerstone;
use crate::service::{Reply, Service};

/// Sends a link to Ana, who reads Spanish, or to Luis, who reads English; gives its path.
async fn link_of(service: &Service, contact: &str) -> String {
    service.advance(60);
    format!("/p/{}", service.link(contact).await)
}

async fn open(service: &Service, path: &str) -> Reply {
    service.call("GET", path, "", None).await
}

/// Sends the form as a browser does.
async fn send(service: &Service, path: &str, form: &[(&str, &str)]) -> Reply {
    let body: String = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    let request = service.request("POST", path).header("content-type", "application/x-www-form-urlencoded");
    service.send(request.header("origin", "http://127.0.0.1:8080").body(body)).await
}

async fn choose(service: &Service, path: &str, pin: &str) -> Reply {
    send(service, path, &[("pin", pin), ("again", pin)]).await
}

async fn pin_state(service: &Service) -> Value {
    service.pin().await["state"].clone()
}

#[track_caller]
fn shows(reply: &Reply, status: u16, texts: &[&str]) {
    assert_eq!((reply.status, reply.header("content-type")), (status, Some("text/html; charset=utf-8")));
    for text in texts {
        assert!(reply.text.contains(text), "{text:?} is not in {}", reply.text);
    }
    let style = regex::Regex::new("(?s)<style>.*?</style>").unwrap();
    let unfilled = regex::Regex::new(r"\{[a-z{]|page\.[a-z]").unwrap();
    assert!(!unfilled.is_match(&style.replace(&reply.text, "")), "{}", reply.text);
}

on_both! {
    async fn scanners_spend_nothing_and_then_the_client_sets_a_pin(service: Service) {
        service.pins_on().await;
        let path = link_of(&service, "c-2").await;
        for _ in 0..10 {
            shows(&open(&service, &path).await, 200, &["<h1>Create your security PIN</h1>", ">Continue</button>"]);
            shows(&open(&service, &format!("{path}?step=pin&lang=en")).await, 200, &["Choose a 6-digit PIN", "Save PIN"]);
            let head = service.call("HEAD", &path, "", None).await;
            assert_eq!((head.status, head.text.as_str()), (200, ""));
        }
        shows(&send(&service, &path, &[]).await, 422, &["Enter a 6-digit PIN"]);
        shows(&service.send(service.request("POST", &path)).await, 422, &["Enter a 6-digit PIN"]);
        assert_eq!(pin_state(&service).await, "not_set");
        shows(
            &choose(&service, &path, "482 057").await,
            200,
            &["Your PIN is ready", "Use it when you contact us.", "on a call you made to <a href=\"tel:8005550199\">800-555-0199</a>."],
        );
        assert_eq!(pin_state(&service).await, "set");
        let checked = service.said("482057").await;
        assert_eq!(checked["result"], "verified");
    }
}

on_both! {
    async fn what_is_wrong_with_a_pin_is_told_and_costs_no_link(service: Service) {
        service.pins_on().await;
        let first = link_of(&service, "c-2").await;
        shows(&choose(&service, &first, "739164").await, 200, &["Your PIN is ready"]);
        let path = link_of(&service, "c-2").await;
        shows(
            &open(&service, &path).await,
            200,
            &["<h1>Create a new security PIN</h1>", "Your current PIN works until you save the new one."],
        );
        for (pin, again, text) in [
            ("", "", "Enter a 6-digit PIN"),
            ("48205", "48205", "The PIN must be 6 numbers"),
            ("48205x", "48205x", "The PIN must be 6 numbers"),
            ("482057", "482058", "The two PINs are different. Type them again"),
            ("482057", "", "The two PINs are different. Type them again"),
            ("123456", "123456", "That PIN is easy to guess. Choose another one"),
            ("311299", "311299", "Do not use your birthday or phone number"),
            ("555014", "555014", "Do not use your birthday or phone number"),
            ("739164", "739164", "Choose a PIN that is different from your last one"),
        ] {
            let reply = send(&service, &path, &[("pin", pin), ("again", again)]).await;
            shows(&reply, 422, &[text, "Choose a 6-digit PIN", "<title>Error: ", "aria-invalid=\"true\""]);
            assert!(pin.is_empty() || !reply.text.contains(&format!("\"{pin}\"")), "a PIN is not sent back");
        }
        let long = "1".repeat(5_000);
        shows(&choose(&service, &path, &long).await, 422, &["The PIN must be 6 numbers"]);
        let spanish = choose(&service, &format!("{path}?lang=es"), "123456").await;
        shows(&spanish, 422, &["Ese PIN es fácil de adivinar. Elija otro", "<html lang=\"es\">"]);
        shows(&send(&service, &path, &[("pin", "482057"), ("shown", "1")]).await, 200, &["Your PIN is ready"]);
    }
}

on_both! {
    async fn a_link_that_is_over_says_which_and_what_to_do(service: Service) {
        service.pins_on().await;
        let used = link_of(&service, "c-2").await;
        choose(&service, &used, "482057").await;
        let voided = link_of(&service, "c-2").await;
        let expired = link_of(&service, "c-1").await;
        service.advance(24 * 3600);
        let unknown = "/p/AAAAAAAAAAAAAAAAAAAAAA".to_owned();
        let cut = expired[..expired.len() - 1].to_owned();
        for (path, english, todo, spanish) in [
            (&expired, "This link has expired", "Ask us for a new one: <a href=\"tel:8005550199\">", "Este enlace venció"),
            (&used, "This link was already used", "If it wasn&#x27;t you, call <a href", "Este enlace ya se usó"),
            (&voided, "This link no longer works", "or ask us for a new link: <a href", "Este enlace ya no sirve"),
            (&unknown, "This link is not valid", "or call us at a number you know.", "Este enlace no es válido"),
            (&cut, "This link is not valid", "or call us at a number you know.", "Este enlace no es válido"),
            (&"/p/".to_owned(), "This link is not valid", "or call us at a number you know.", "Este enlace no es válido"),
            (&format!("{unknown}/more"), "This link is not valid", "or call us", "Este enlace no es válido"),
        ] {
            for reply in [
                open(&service, &format!("{path}?lang=en")).await,
                open(&service, &format!("{path}?step=pin&lang=en")).await,
                choose(&service, &format!("{path}?lang=en"), "739164").await,
                send(&service, &format!("{path}?lang=en"), &[]).await,
            ] {
                shows(&reply, 404, &[english, todo]);
            }
            shows(&open(&service, &format!("{path}?lang=es")).await, 404, &[spanish]);
        }
        shows(&open(&service, &expired).await, 404, &["Este enlace venció", "Pídanos uno nuevo"]);
        let accepted = service.request("GET", &unknown).header("accept-language", "es-MX,es;q=0.9");
        shows(&service.send(accepted).await, 404, &["Este enlace no es válido"]);
        shows(&open(&service, &format!("{used}?step=done&lang=en")).await, 200, &["Your PIN is ready"]);
        shows(&open(&service, &format!("{expired}?step=done&lang=en")).await, 404, &["This link has expired"]);
    }
}

on_both! {
    async fn a_form_from_elsewhere_sets_nothing(service: Service) {
        service.pins_on().await;
        let path = link_of(&service, "c-2").await;
        let form = |origin: &str, site: &str| {
            let request = service.request("POST", &path).header("origin", origin).header("sec-fetch-site", site);
            request.header("content-type", "application/x-www-form-urlencoded").body("pin=482057&again=482057")
        };
        for (origin, site) in [("https://evil.example", "cross-site"), ("null", "cross-site"), ("null", "none")] {
            let reply = service.send(form(origin, site)).await;
            shows(&reply, 403, &["This form came from somewhere else", "Nothing was saved."]);
        }
        assert_eq!(pin_state(&service).await, "not_set");
        shows(&service.send(form("null", "same-origin")).await, 200, &["Your PIN is ready"]);
    }
}

on_both! {
    async fn a_page_is_in_the_contacts_language_and_the_tenants_brand(service: Service) {
        service.pins_on().await;
        let brand = json!({"short_name": "Q&A <b>", "support_phone": "1-800-555-0199", "color": "#8250df",
            "logo": "https://cdn.cornerstone.example/l.png"});
        service.apply("cornerstone", json!({"brand": brand})).await;
        let path = link_of(&service, "c-1").await;
        let page = open(&service, &path).await;
        shows(&page, 200, &[
            "<html lang=\"es\">", "<h1>Cree su PIN de seguridad</h1>", "<title>Cree su PIN de seguridad – Q&amp;A &lt;b&gt;</title>",
            "<img src=\"https://cdn.cornerstone.example/l.png\" alt=\"Q&amp;A &lt;b&gt;\">",
            "href=\"?step&#x3D;start&amp;lang&#x3D;en\" lang=\"en\" hreflang=\"en\">English</a>",
            "¿Necesita ayuda? Llame al <a href=\"tel:18005550199\">1-800-555-0199</a>.",
        ]);
        let style = page.text.split("<style>").nth(1).unwrap().split("</style>").next().unwrap();
        assert!(style.contains("--accent:#8250df;--on-accent:#ffffff"), "{style}");
        let hash = BASE64_STANDARD.encode(Sha256::digest(style.as_bytes()));
        let policy = format!("default-src 'none'; script-src 'self'; style-src 'self' 'sha256-{hash}'; \
            img-src data: https://cdn.cornerstone.example; base-uri 'none'; form-action 'self'; frame-ancestors 'none'");
        for (name, value) in [
            ("content-security-policy", policy.as_str()), ("referrer-policy", "same-origin"), ("cache-control", "no-store"),
            ("x-robots-tag", "noindex"), ("x-content-type-options", "nosniff"),
        ] {
            assert_eq!(page.header(name), Some(value), "{name}");
        }
        shows(&open(&service, &format!("{path}?lang=en")).await, 200, &["<html lang=\"en\">", "Create your security PIN", ">Español</a>"]);
        let token = path.rsplit('/').next().unwrap();
        for reply in [page, open(&service, &format!("{path}?step=pin")).await] {
            for private in ["Ana", "Ruiz", "ruiz", "5550142", "chl_", token] {
                assert!(!reply.text.contains(private), "{private}: {}", reply.text);
            }
        }
    }
}

on_both! {
    async fn everything_a_page_names_is_ours_and_small(service: Service) {
        service.pins_on().await;
        let path = link_of(&service, "c-1").await;
        let page = open(&service, &format!("{path}?step=pin")).await.text;
        let named = regex::Regex::new(r#"(?:src|href)="(/[^"]+)""#).unwrap();
        let paths: Vec<_> = named.captures_iter(&page).map(|found| found[1].to_owned()).collect();
        assert_eq!(paths, ["/assets/public.css", "/assets/public.js"]);
        for path in paths {
            assert_eq!(open(&service, &path).await.status, 200);
        }
        for method in ["PUT", "DELETE", "PATCH"] {
            let reply = service.call(method, &path, "", None).await;
            assert_eq!(reply.header("allow"), Some("GET, HEAD, POST"));
            assert_eq!(reply.problem(405), "method_not_allowed");
        }
    }
}

on_both! {
    async fn where_too_many_are_being_hashed_the_form_is_shown_again(service: Service) {
        service.pins_on().await;
        let path = link_of(&service, "c-2").await;
        let hasher = service.app.desk().hasher.clone();
        let held: Vec<_> = std::iter::from_fn(|| hasher.admit(&cornerstone()).ok()).collect();
        let reply = choose(&service, &path, "482057").await;
        shows(&reply, 503, &["Your PIN was not saved. Wait a few seconds, then try again.", "Save PIN"]);
        assert_eq!(reply.header("retry-after"), Some("5"));
        drop(held);
        shows(&choose(&service, &path, "482057").await, 200, &["Your PIN is ready"]);
    }
}
