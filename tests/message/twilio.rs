//! Texts by Twilio: over a scripted API.

use std::time::Duration;

use countersign::domain::provider::{SmsProvider, Twilio};
use countersign::message::{Detail, EnteredBy, Outcome, Senders};

use crate::gateway::{Answer, Server};
use crate::given::{AT, assert_nothing_leaks, permanent, senders, senders_within, sms, temporary};

const TAKEN: &str = r#"{"sid": "SMfedcba9876543210fedcba9876543210", "status": "queued", "error_code": null, "body": "Code 123456"}"#;

fn account(api_base: &str) -> Twilio {
    Twilio {
        account_sid: "AC0123456789abcdef0123456789abcdef".into(),
        auth_token: "hunter2".into(),
        from: Some("+13055550100".into()),
        messaging_service_sid: None,
        api_base: api_base.into(),
    }
}

fn at(server: &Server) -> Twilio {
    account(server.url("").as_str().trim_end_matches('/'))
}

async fn send(senders: &Senders, account: Twilio) -> Outcome {
    let outcome = senders.sms(&SmsProvider::Twilio(account), EnteredBy::Operator, &sms(), AT).await;
    assert_nothing_leaks(&outcome);
    outcome
}

async fn answered(status: &'static str, headers: &'static str, body: &'static str) -> Outcome {
    let server = Server::start(Answer::Say(status, headers, body)).await;
    let outcome = send(&senders(), at(&server)).await;
    assert_eq!(server.seen().len(), 1, "asked once");
    outcome
}

#[tokio::test]
async fn a_text_is_asked_for_by_a_form_and_its_sid_is_the_reference() {
    let server = Server::start(Answer::Say("201 Created", "", TAKEN)).await;
    let outcome = send(&senders(), at(&server)).await;
    assert_eq!(outcome, Outcome::Sent { reference: Some("SMfedcba9876543210fedcba9876543210".into()) });
    let seen = server.seen().pop().unwrap();
    let (head, form) = seen.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with(
        "POST /2010-04-01/Accounts/AC0123456789abcdef0123456789abcdef/Messages.json HTTP/1.1\r\n"
    ));
    let head = head.to_lowercase();
    // The account and its token, by basic authentication.
    assert!(
        head.contains("authorization: basic qumwmtizndu2nzg5ywjjzgvmmdeymzq1njc4owfiy2rlzjpodw50zxiy"),
        "{head}"
    );
    assert!(head.contains("content-type: application/x-www-form-urlencoded"), "{head}");
    assert_eq!(
        form,
        "To=%2B13055550142&Body=Code+123456+%26+%22no%22+one%27s+%3Casking%3E&From=%2B13055550100\
         &StatusCallback=https%3A%2F%2Fcs.example%2Fcallbacks%2Fsms%2Ft%2Fm%3Fstatus%3D%25d&ValidityPeriod=600"
    );
}

#[tokio::test]
async fn a_messaging_service_picks_the_number_unless_one_is_named() {
    for (from, expected) in [(None, ""), (Some("+13055550100"), "&From=%2B13055550100")] {
        let server = Server::start(Answer::Say("201 Created", "", TAKEN)).await;
        let service = Some("MG0".to_owned());
        let account = Twilio { from: from.map(str::to_owned), messaging_service_sid: service, ..at(&server) };
        assert!(matches!(send(&senders(), account).await, Outcome::Sent { .. }));
        let seen = server.seen().pop().unwrap();
        assert!(seen.contains(&format!("&MessagingServiceSid=MG0{expected}&StatusCallback=")), "{seen}");
    }
}

#[tokio::test]
async fn nothing_is_asked_for_once_the_code_is_as_good_as_over() {
    let server = Server::start(Answer::Say("201 Created", "", TAKEN)).await;
    let content = countersign::message::SmsContent { valid_for: Duration::from_millis(999), ..sms() };
    let provider = SmsProvider::Twilio(at(&server));
    let outcome = senders().sms(&provider, EnteredBy::Operator, &content, AT).await;
    assert_eq!(temporary(&outcome), Some(Detail::Timeout));
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn an_error_is_read_by_its_code() {
    for (status, body, detail) in [
        (
            "400 Bad Request",
            r#"{"code": 21211, "message": "Invalid 'To' +13055550142", "status": 400}"#,
            Detail::NumberInvalid,
        ),
        ("400 Bad Request", r#"{"code": 21614, "message": "x"}"#, Detail::Landline),
        ("400 Bad Request", r#"{"code": 21610, "message": "Code 123456"}"#, Detail::OptedOut),
        ("400 Bad Request", r#"{"code": 99999}"#, Detail::Rejected),
        ("201 Created", r#"{"sid": "SM1", "status": "failed", "error_code": 30006}"#, Detail::Landline),
    ] {
        assert_eq!(permanent(&answered(status, "", body).await), Some(detail), "{body}");
    }
    for (status, body, detail) in [
        ("401 Unauthorized", r#"{"code": 20003, "message": "Authenticate"}"#, Detail::ProviderMisconfigured),
        ("400 Bad Request", r#"{"code": 21408}"#, Detail::ProviderMisconfigured),
        ("404 Not Found", r#"{"code": 20404}"#, Detail::ProviderMisconfigured),
        ("429 Too Many Requests", r#"{"code": 20429}"#, Detail::ProviderDown),
        ("429 Too Many Requests", "", Detail::ProviderDown),
        ("500 Internal Server Error", "<html>hunter2</html>", Detail::ProviderDown),
        ("503 Service Unavailable", r#"{"code": "21610"}"#, Detail::ProviderDown),
    ] {
        assert_eq!(temporary(&answered(status, "", body).await), Some(detail), "{body}");
    }
}

#[tokio::test]
async fn an_answer_that_is_none_of_twilios_may_have_sent_the_text() {
    for body in [
        "",
        "<html>Sign in to this network</html>",
        "[]",
        "null",
        "{}",
        r#"{"sid": ""}"#,
        r#"{"sid": "SM 1"}"#,
        r#"{"sid": 1}"#,
        "\u{0}",
    ] {
        assert_eq!(temporary(&answered("200 OK", "", body).await), Some(Detail::UnknownOutcome), "{body}");
    }
    let moved = answered("302 Found", "location: http://127.0.0.1:1/\r\n", "").await;
    assert_eq!(temporary(&moved), Some(Detail::ProviderMisconfigured), "no redirect is followed");
}

#[tokio::test]
async fn faults_are_told_apart_and_an_answer_without_an_end_is_read_in_part() {
    for (answer, detail) in [
        (Answer::Silence, Detail::Timeout),
        (Answer::HangUp, Detail::UnknownOutcome),
        (Answer::Endless, Detail::UnknownOutcome),
    ] {
        let server = Server::start(answer).await;
        let outcome = send(&senders_within(&[], 300), at(&server)).await;
        assert_eq!(temporary(&outcome), Some(detail));
    }
    assert_eq!(temporary(&send(&senders(), account("http://127.0.0.1:1")).await), Some(Detail::ProviderDown));
    assert_eq!(temporary(&send(&senders(), account("nowhere")).await), Some(Detail::ProviderMisconfigured));
}

#[tokio::test]
async fn an_account_is_looked_up_with_its_token() {
    for (status, body, expected) in [
        (
            "200 OK",
            r#"{"status": "active", "friendly_name": "hunter2"}"#,
            Ok("twilio takes the account and its token"),
        ),
        ("200 OK", r#"{"status": "suspended"}"#, Err("twilio says that the account is suspended")),
        ("200 OK", "<html>", Err("what answers at its api_base is not twilio")),
        (
            "401 Unauthorized",
            r#"{"code": 20003}"#,
            Err("twilio does not take this auth_token for this account_sid"),
        ),
        ("404 Not Found", "", Err("twilio has no such account_sid")),
        ("503 Service Unavailable", "", Err("twilio answered 503 Service Unavailable")),
    ] {
        let server = Server::start(Answer::Say(status, "", body)).await;
        let found = senders().look_up(&at(&server), EnteredBy::Operator).await;
        assert_eq!(found.as_deref().map_err(String::as_str), expected, "{body}");
        let asked = server.seen().pop().unwrap();
        assert!(
            asked
                .starts_with("GET /2010-04-01/Accounts/AC0123456789abcdef0123456789abcdef.json HTTP/1.1\r\n")
        );
    }
    let down = senders().look_up(&account("http://127.0.0.1:1"), EnteredBy::Operator).await;
    assert_eq!(down, Err("connection failed".to_owned()));
}

#[tokio::test]
async fn a_tenants_account_stays_within_the_rules() {
    let server = Server::start(Answer::Say("201 Created", "", TAKEN)).await;
    let provider = SmsProvider::Twilio(at(&server));
    let outcome = senders().sms(&provider, EnteredBy::Tenant, &sms(), AT).await;
    assert_eq!(temporary(&outcome), Some(Detail::ProviderMisconfigured));
    assert!(server.seen().is_empty());
}
