//! Texts: over a scripted gateway.

use std::collections::BTreeMap;

use countersign::domain::provider::{GatewayMethod, HttpGateway, SmsProvider};
use countersign::message::{Detail, EnteredBy, Outcome, Senders};

use crate::gateway::{Answer, Server};
use crate::given::{AT, assert_nothing_leaks, permanent, senders, senders_within, sent, sms, temporary};

const OK: Answer = Answer::Say("200 OK", "", "");

fn gateway(url: &str) -> HttpGateway {
    HttpGateway {
        method: GatewayMethod::Get,
        url: url.into(),
        headers: BTreeMap::new(),
        body: None,
        success: vec![200, 202],
        success_body: None,
    }
}

fn query(server: &Server) -> HttpGateway {
    gateway(&format!(
        "{}?password=hunter2&to={{{{to}}}}&text={{{{text}}}}&dlr-url={{{{report_url}}}}",
        server.url("/send")
    ))
}

async fn send(senders: &Senders, gateway: HttpGateway) -> Outcome {
    let outcome = senders.sms(&SmsProvider::Http(gateway), EnteredBy::Operator, &sms(), AT).await;
    assert_nothing_leaks(&outcome);
    outcome
}

#[tokio::test]
async fn a_query_carries_the_message_percent_encoded() {
    let server = Server::start(OK).await;
    assert_eq!(send(&senders(), query(&server)).await, sent());
    let expected = "GET /send?password=hunter2&to=%2B13055550142&text=Code%20123456%20%26%20%22no%22%20one%27s%20%3Casking%3E\
        &dlr-url=https%3A%2F%2Fcs.example%2Fcallbacks%2Fsms%2Ft%2Fm%3Fstatus%3D%25d HTTP/1.1";
    assert_eq!(server.seen()[0].lines().next(), Some(expected));
}

#[tokio::test]
async fn a_body_is_escaped_by_its_content_type() {
    for (method, content_type, template, expected) in [
        (
            GatewayMethod::Post,
            "application/json; charset=utf-8",
            r#"{"to":"{{to}}","text":"{{text}}"}"#,
            r#"{"to":"+13055550142","text":"Code 123456 & \"no\" one's <asking>"}"#,
        ),
        (
            GatewayMethod::Put,
            "application/x-www-form-urlencoded",
            "to={{to}}&text={{text}}",
            "to=%2B13055550142&text=Code+123456+%26+%22no%22+one%27s+%3Casking%3E",
        ),
        (
            GatewayMethod::Post,
            "text/xml",
            "<sms to='{{to}}'>{{text}}</sms>",
            "<sms to='+13055550142'>Code 123456 &amp; &quot;no&quot; one&#39;s &lt;asking&gt;</sms>",
        ),
        (GatewayMethod::Post, "text/plain", "{{text}}", "Code 123456 & \"no\" one's <asking>"),
    ] {
        let server = Server::start(OK).await;
        let mut gateway = gateway(server.url("/").as_str());
        gateway.method = method;
        gateway.headers.insert("Content-Type".into(), content_type.into());
        gateway.headers.insert("X-Key".into(), "hunter2".into());
        gateway.body = Some(template.into());
        assert_eq!(send(&senders(), gateway).await, sent());
        let request = server.seen().remove(0);
        let (head, body) = request.split_once("\r\n\r\n").unwrap();
        assert_eq!(body, expected);
        assert!(head.starts_with(if method == GatewayMethod::Put { "PUT / " } else { "POST / " }), "{head}");
        assert!(head.contains("x-key: hunter2"), "{head}");
        assert!(head.contains(&format!("content-type: {content_type}")), "{head}");
    }
}

#[tokio::test]
async fn the_status_decides() {
    use Detail::{ProviderDown, ProviderMisconfigured, Rejected};
    let senders = senders();
    for (status, is_permanent, detail) in [
        ("400 Bad +13055550142", true, Rejected),
        ("404 Not Found", true, Rejected),
        ("422 Oh", true, Rejected),
        ("401 Who", false, ProviderMisconfigured),
        ("403 No", false, ProviderMisconfigured),
        ("302 Found", false, ProviderMisconfigured),
        ("408 Slow", false, ProviderDown),
        ("429 Busy", false, ProviderDown),
        ("500 Oh", false, ProviderDown),
        ("503 Busy", false, ProviderDown),
        ("201 Created", false, ProviderDown),
    ] {
        let server = Server::start(Answer::Say(status, "location: http://127.0.0.1:1/\r\n", "123456")).await;
        let outcome = send(&senders, query(&server)).await;
        let found = if is_permanent { permanent(&outcome) } else { temporary(&outcome) };
        assert_eq!(found, Some(detail), "{status}");
        assert_eq!(server.seen().len(), 1, "{status}");
    }
}

#[tokio::test]
async fn where_the_status_does_not_tell_the_answer_does() {
    let senders = senders();
    for (answer, taken) in
        [("0: Accepted for delivery", true), ("3: Queued for later delivery", false), ("", false)]
    {
        let server = Server::start(Answer::Say("202 Accepted", "", answer)).await;
        let mut gateway = query(&server);
        gateway.success_body = Some("^0:".into());
        let outcome = send(&senders, gateway).await;
        let expected = (!taken).then_some(Detail::ProviderDown);
        assert_eq!((outcome == sent(), temporary(&outcome)), (taken, expected), "{answer}");
    }
    let server = Server::start(OK).await;
    let mut gateway = query(&server);
    gateway.success_body = Some("(".into());
    assert_eq!(temporary(&send(&senders, gateway).await), Some(Detail::ProviderMisconfigured));
}

#[tokio::test]
async fn an_endless_answer_is_read_only_in_part() {
    let server = Server::start(Answer::Endless).await;
    let mut gateway = query(&server);
    gateway.success_body = Some("^x{100}".into());
    assert_eq!(send(&senders_within(&[], 60_000), gateway).await, sent());
}

#[tokio::test]
async fn faults_are_told_apart() {
    for (answer, detail) in [(Answer::Silence, Detail::Timeout), (Answer::HangUp, Detail::UnknownOutcome)] {
        let server = Server::start(answer).await;
        let outcome = send(&senders_within(&[], 300), query(&server)).await;
        assert_eq!(temporary(&outcome), Some(detail));
        assert_eq!(server.seen().len(), 1);
    }
    for (url, detail) in [
        ("http://127.0.0.1:1/{{text}}", Detail::ProviderDown),
        ("gateway?{{text}}", Detail::ProviderMisconfigured),
    ] {
        assert_eq!(temporary(&send(&senders(), gateway(url)).await), Some(detail), "{url}");
    }
    let mut bad_header = gateway("http://127.0.0.1:1/");
    bad_header.headers.insert("X-Key".into(), "hunter2\r\nX-Evil: 1".into());
    assert_eq!(temporary(&send(&senders(), bad_header).await), Some(Detail::ProviderMisconfigured));
}

#[tokio::test]
async fn a_tenants_gateway_stays_within_the_rules() {
    let strict = senders();
    let server = Server::start(OK).await;
    let by_name = format!("http://sms.example.com:{}/{{{{text}}}}", server.port());
    for url in [server.url("/").as_str(), &by_name, "https://sms.example.com/", "https://localhost/"] {
        let provider = SmsProvider::Http(gateway(url));
        let outcome = strict.sms(&provider, EnteredBy::Tenant, &sms(), AT).await;
        assert_eq!(temporary(&outcome), Some(Detail::ProviderMisconfigured), "{url}");
        assert_nothing_leaks(&outcome);
    }
    assert!(server.seen().is_empty());
    let allowed = senders_within(&["127.0.0.0/8"], 10_000);
    let provider = SmsProvider::Http(gateway(&by_name));
    assert_eq!(allowed.sms(&provider, EnteredBy::Tenant, &sms(), AT).await, sent());
}
