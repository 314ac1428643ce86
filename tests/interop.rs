//! Libraries in other languages against the service: those of Standard Webhooks (both directions) and of Twilio,
//! Schemathesis, which makes calls of the API's document, and `oathtool`, which is another authenticator app.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a helper of a test fails like the test itself")]
#![expect(dead_code, reason = "the harness serves several test binaries")]

use std::io::Write as _;
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use countersign::domain::call::script::{Farewell, GATES, Heard, LISTENS, Place};
use countersign::domain::locale::Locale;
use countersign::domain::tenant::Brand;
use countersign::message::render::{Piece, Renderer};
use countersign::message::twilio::signature::{Callback, Content, signed_by};
use countersign::message::voice::twiml::{self, Voices};
use countersign::ports::{Clock as _, SystemClock};
use serde_json::{Value, json};

use database::Backend;
use receiver::Push;
use service::{PUSH_SECRET, Service, WEBHOOK_SECRET};

#[path = "interop/authenticator.rs"]
mod authenticator;
#[expect(dead_code, reason = "the harness serves several test binaries")]
#[path = "support/code.rs"]
mod code;
#[path = "interop/contract.rs"]
mod contract;
#[path = "support/database.rs"]
mod database;
#[path = "support/guest.rs"]
mod guest;
#[path = "support/login.rs"]
mod login;
#[path = "support/receiver.rs"]
mod receiver;
#[path = "templates/sample.rs"]
mod sample;
#[path = "support/service.rs"]
mod service;

#[expect(clippy::disallowed_methods, reason = "the test is told of the Python by its environment")]
fn python() -> String {
    std::env::var("TEST_PYTHON").expect(
        "TEST_PYTHON names no Python with standardwebhooks and twilio: run ./tests/run, which has one",
    )
}

/// One command of the CRM.
fn host(command: &str, given: &Value) -> Value {
    run(&["host.py", command], given)
}

fn run(args: &[&str], given: &Value) -> Value {
    let mut child = Command::new(python())
        .args(args)
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/interop"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(given.to_string().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The library knows only the machine's own time.
async fn service() -> Service {
    let service = Service::start(Backend::Sqlite).await;
    service.clock.set(SystemClock.wall());
    service
}

/// A client verified by the CRM alone.
async fn verified(service: &Service) -> Value {
    let body = include_str!("support/verification.requested.json");
    let asked = host(
        "ask",
        &json!({"base": service.base, "secret": WEBHOOK_SECRET, "id": "msg_crm_1", "body": body}),
    );
    service.drain().await;
    let mut given = asked.clone();
    given["base"] = json!(service.base);
    given["code"] = json!(service.code());
    let checked = host("check", &given);
    assert_eq!(checked, json!({"check": "verified", "status": "verified"}));
    service.drain().await;
    asked
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crm_that_signs_by_the_library_verifies_a_client() {
    let service = service().await;
    let asked = verified(&service).await;
    assert_eq!((&asked["webhook"], &asked["codes"]), (&json!(200), &json!(201)));
    assert_eq!(asked["forged"], json!([401, "unauthorized"]));
    let unknown = service.get("/api/v1/clients/lead-10483").await.problem(404);
    assert_eq!(unknown, "client_not_found", "the forged one had no effect");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_library_takes_every_push_and_refuses_it_with_anything_changed() {
    let service = service().await;
    verified(&service).await;
    service.post("/api/v1/clients/lead-10482/status/revoke", json!({})).await.expect(200);
    service.drain().await;
    let pushes = service.host.pushes();
    let kinds: Vec<_> = pushes.iter().map(Push::kind).collect();
    assert_eq!(kinds, ["verification.code_sent", "verification.verified", "verification.revoked"]);
    let raw = |push: &Push| json!({"headers": push.headers, "body": BASE64_STANDARD.encode(&push.body)});
    let given = json!({
        "secret": PUSH_SECRET, "other": WEBHOOK_SECRET,
        "pushes": pushes.iter().map(raw).collect::<Vec<_>>(),
    });
    let genuine = json!({"genuine": true, "fooled": 0, "other_secret": false});
    assert_eq!(host("verify", &given), json!(vec![genuine; 3]));
}

/// Callbacks as Twilio's servers sign them: forms of calls and texts, repeated and empty parameters, other scripts,
/// ports, queries, and bodies of JSON.
fn callbacks() -> Vec<Value> {
    let text = json!({"MessageSid": "SM1", "Body": " ¿Sí? ñandú 🙂 + & = % ", "From": "+13055550142", "To": "", "NumMedia": "0"});
    let base = "https://verify.example/callbacks/twilio/cornerstone";
    vec![
        json!({"url": format!("{base}/status?message=msg_1&attempt=0"), "params": text}),
        json!({"url": format!("{base}/inbound"), "params": {}}),
        json!({"url": format!("{base}/voice/msg_1?step=1%202&x=%C3%A9"), "params": {"CallSid": "CA1", "Digits": "1"}}),
        json!({"url": format!("{base}/inbound"), "signed_url": "https://verify.example:443/callbacks/twilio/cornerstone/inbound", "params": text}),
        json!({"url": "http://verify.example:8443/callbacks/x", "params": {"B": "1", "a": "2", "A": "3", "AB": "4"}}),
        json!({"url": "https://user:pass@verify.example/callbacks/x?a", "params": {"a": "b"}}),
        json!({"url": format!("{base}/status"), "body": "{\"MessageStatus\": \"sent\", \"ñ\": 1}"}),
        json!({"url": format!("{base}/status?message=1"), "body": ""}),
    ]
}

#[test]
fn what_twilios_library_signs_is_believed_and_with_anything_changed_it_is_not() {
    let callbacks = callbacks();
    let token = "12345678901234567890123456789012".into();
    let other = "12345678901234567890123456789013".into();
    let given = json!({"token": "12345678901234567890123456789012", "callbacks": callbacks});
    let signed = run(&["twilio_signatures.py"], &given);
    for (callback, signed) in callbacks.iter().zip(signed.as_array().unwrap()) {
        let (url, signature) = (signed["url"].as_str().unwrap(), signed["signature"].as_str().unwrap());
        let params = callback["params"].as_object();
        let form: Vec<_> = params
            .into_iter()
            .flatten()
            .map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()))
            .collect();
        let believed = |url: &str, form: &[(String, String)], body: &str, signature: &str| {
            let content = if params.is_some() { Content::Form(form) } else { Content::Body(body.as_bytes()) };
            signed_by(&[&other, &token], Callback { url, content, signature })
        };
        let body = callback["body"].as_str().unwrap_or_default();
        assert_eq!(believed(url, &form, body, signature), Some(1), "{callback}");
        assert_eq!(believed(&format!("{url}x"), &form, body, signature), None, "{callback}");
        assert_eq!(believed(&url.replace("verify", "verif"), &form, body, signature), None, "{callback}");
        let more = [&form[..], &[("More".to_owned(), "1".to_owned())]].concat();
        assert_eq!(believed(url, &more, &format!("{body} "), signature), None, "{callback}");
        assert_eq!(believed(url, &form, body, &signature.to_lowercase()), None, "{callback}");
    }
}

/// Every step of a call, in both languages: what is said there, as the official library would write it.
#[test]
fn every_step_of_a_call_is_the_twiml_that_twilios_library_writes() {
    let renderer = Renderer::new().unwrap();
    let brand = Brand {
        short_name: Some("Q&A <b>\"O'Neill\"".into()),
        support_phone: Some("800-555-0199".into()),
        ..Brand::default()
    };
    let tenant = sample::tenant(brand);
    let voices = Voices { en: "Polly.Joanna-Neural", es: "Polly.Lupe-Neural" };
    let mut steps = Vec::new();
    for locale in Locale::ALL {
        let heard = (1..=GATES).map(Heard::Gate).chain((1..=LISTENS).map(Heard::Code));
        for place in heard.map(|heard| Place { locale, heard }) {
            for code in ["482913", "4829135", "48291357"] {
                let said = renderer.client_code_call(&tenant, &place.lines(), code).unwrap();
                let action = format!("https://cs.example/callbacks/twilio/t/voice/m.0.{place}.k?a=1&b=2");
                let twiml = twiml::ask(&said, voices, place.patience().as_secs(), &action);
                steps.push((Some((action, place.patience().as_secs())), said, twiml));
            }
        }
        for bye in [Farewell::Reported, Farewell::NoKey, Farewell::Over, Farewell::Bye] {
            let said = renderer.client_code_call(&tenant, &[(bye.line(), locale)], "").unwrap();
            let twiml = twiml::leave(&said, voices);
            steps.push((None, said, twiml));
        }
    }
    let piece = |piece: &Piece| match piece {
        Piece::Words(words) => json!({"words": words}),
        Piece::Digits(digits) => json!({"digits": digits}),
    };
    let given: Vec<_> = steps
        .iter()
        .map(|(gather, said, twiml)| {
            let said: Vec<_> = said
                .iter()
                .map(|one| json!({"locale": one.locale, "pieces": one.pieces.iter().map(piece).collect::<Vec<_>>()}))
                .collect();
            json!({"gather": gather, "said": said, "twiml": twiml})
        })
        .collect();
    assert_eq!(given.len(), 44);
    let answer = run(&["twilio_twiml.py"], &json!(given));
    for (step, same) in given.iter().zip(answer.as_array().unwrap()) {
        assert_eq!(same["ours"], same["theirs"], "{}", step["twiml"]);
    }
}
