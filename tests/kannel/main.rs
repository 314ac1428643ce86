//! Texts through a real Kannel and its fake operator: out, both reports, and what a contact answers.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a helper of a test fails like the test itself")]
#![expect(dead_code, reason = "the harness serves several test binaries")]

use std::io::Write as _;
use std::time::Duration;

use countersign::domain::id::TenantId;
use countersign::usecase::message::hear_reply::reply_url;
use serde_json::{Value, json};

use database::{Backend, Database};
use gateway::Kannel;
use service::{Service, api_key, ruiz};

#[expect(dead_code, reason = "the harness serves several test binaries")]
#[path = "../support/code.rs"]
mod code;
#[path = "../support/database.rs"]
mod database;
mod gateway;
#[path = "../support/receiver.rs"]
mod receiver;
#[path = "../support/service.rs"]
mod service;

const CLIENT: &str = "/api/v1/clients/lead-10482";
/// How often it is looked whether something outside has happened, and how long at most.
const LOOK_EVERY: Duration = Duration::from_millis(50);
const LOOKS: usize = 1_200;

/// A service whose texts go out by this gateway.
async fn by(kannel: &Kannel) -> Service {
    let url = format!(
        "http://127.0.0.1:{}/cgi-bin/sendsms?username=cs&password=secret&from=IDV&charset=UTF-8&coding=0&dlr-mask=31\
         &to={{{{to}}}}&text={{{{text}}}}&dlr-url={{{{report_url}}}}",
        kannel.sends()
    );
    let more = [
        ("COUNTERSIGN_SERVER__PUBLIC_URL", "http://127.0.0.1:{port}"),
        ("COUNTERSIGN_SMS__PROVIDER", "http"),
        ("COUNTERSIGN_SMS__URL", &url),
        ("COUNTERSIGN_SMS__SUCCESS_BODY", "^0:"),
    ];
    Service::with(Database::create(Backend::Sqlite).await, &more).await
}

/// Looks until what is read is as expected.
async fn until(what: &str, mut looked: impl AsyncFnMut() -> bool) {
    for _ in 0..LOOKS {
        if looked().await {
            return;
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    panic!("waited in vain: {what}");
}

async fn asked(service: &Service) -> Value {
    let body = json!({"contact": "c-1", "surface": "lead_card", "channels": ["sms"]});
    let challenge = service.post(&format!("{CLIENT}/codes"), body).await.expect(201);
    service.drain().await;
    challenge
}

async fn message(service: &Service, challenge: &Value) -> Value {
    let path = format!("/api/v1/challenges/{}", challenge["id"].as_str().unwrap());
    service.get(&path).await.expect(200)["messages"][0].clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_text_goes_out_is_reported_on_and_answered() {
    let Some(kannel) = Kannel::found() else {
        // Past the capture of a test's output: this must be seen.
        writeln!(
            std::io::stderr(),
            "!! the test against Kannel was NOT run: install kannel and kannel-extras"
        )
        .unwrap();
        return;
    };
    let service = by(&kannel).await;
    service.call("PUT", CLIENT, &api_key("cornerstone"), Some(&ruiz())).await.expect(201);
    let inbound = reply_url(service.app.desk(), &TenantId::parse("cornerstone").unwrap());
    let kannel = kannel.start(&inbound).await;

    let mut phone = kannel.phone(None);
    until("Kannel connects to its operator", async || kannel.is_online()).await;
    let challenge = asked(&service).await;
    assert_eq!(message(&service, &challenge).await["detail"], Value::Null);
    let text = phone.receives("es su codigo de Cornerstone");
    assert!(text.contains("+13055550142") && text.contains("Léalo solo"), "{text}");
    until("the text is reported as delivered", async || {
        message(&service, &challenge).await["state"] == "delivered"
    })
    .await;
    let reports = |figures: &str| {
        let line = figures.lines().find(|line| {
            line.starts_with("countersign_requests_total")
                && line.contains("/callbacks/sms/{tenant}/{message}")
        });
        line.and_then(|line| line.rsplit_once(' ')).map(|(_, count)| count.to_owned())
    };
    until("both reports came, by the operator's and by the phone's", async || {
        reports(&service.call("GET", "/metrics", "", None).await.text).as_deref() == Some("2")
    })
    .await;
    service.drain().await;
    let told = service.host.pushes().iter().filter(|push| push.kind() == "message.delivered").count();
    assert_eq!(told, 1);
    drop(phone);

    let phone = kannel.phone(Some("NO"));
    until("NO reports the code", async || {
        service.get(&format!("{CLIENT}/status")).await.expect(200)["state"] == "reported"
    })
    .await;
    drop(phone);
    service.post(&format!("{CLIENT}/status/revoke"), json!({})).await.expect(200);

    let mut phone = kannel.phone(Some("STOP please"));
    let confirmed = phone.receives("you will get no more texts from us");
    assert!(
        confirmed.contains("Cornerstone: you will get no more texts from us. Reply START to get them again.")
    );
    service.advance(60);
    let body = json!({"contact": "c-1", "surface": "lead_card", "channels": ["sms"]});
    let refused = service.post(&format!("{CLIENT}/codes"), body).await;
    assert_eq!(refused.problem(422), "contact_unreachable");
}
