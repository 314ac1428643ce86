//! Files: the provider for development.

use std::path::Path;

use countersign::domain::provider::{EmailProvider, SmsProvider};
use countersign::message::{Detail, EnteredBy};
use serde_json::{Value, json};

use crate::given::{AT, email, message_id, senders, sent, sms, temporary};

fn only_file(dir: &Path) -> (String, Value) {
    let mut files: Vec<_> = std::fs::read_dir(dir).unwrap().map(Result::unwrap).collect();
    assert_eq!(files.len(), 1);
    let file = files.remove(0);
    let content = serde_json::from_slice(&std::fs::read(file.path()).unwrap()).unwrap();
    (file.file_name().into_string().unwrap(), content)
}

#[tokio::test]
async fn an_email_is_one_json_file() {
    let dir = tempfile::tempdir().unwrap().path().join("new/outbox");
    let provider = EmailProvider::File { dir: dir.clone() };
    // The same message again takes the place of the first.
    for _ in 0..2 {
        assert_eq!(senders().email(&provider, EnteredBy::Operator, &email(), AT).await, sent());
    }
    let (name, content) = only_file(&dir);
    assert_eq!(name, format!("{}-{}.json", AT.millis(), message_id()));
    let expected = json!({
        "id": message_id(), "channel": "email", "at": AT,
        "from": email().from, "reply_to": "help@cornerstone.example", "to": "ana.ruiz@example.com",
        "subject": email().subject, "text": email().text, "html": email().html, "lang": "es",
    });
    assert_eq!(content, expected);
}

#[tokio::test]
async fn a_text_is_one_json_file() {
    let dir = tempfile::tempdir().unwrap();
    let provider = SmsProvider::File { dir: dir.path().to_owned() };
    assert_eq!(senders().sms(&provider, EnteredBy::Operator, &sms(), AT).await, sent());
    let (name, content) = only_file(dir.path());
    assert_eq!(name, format!("{}-{}.json", AT.millis(), message_id()));
    let expected = json!({
        "id": message_id(), "channel": "sms", "at": AT,
        "to": "+13055550142", "text": sms().text, "report_url": sms().report_url,
    });
    assert_eq!(content, expected);
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_is_temporary() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let provider = SmsProvider::File { dir: file.path().join("below") };
    let outcome = senders().sms(&provider, EnteredBy::Operator, &sms(), AT).await;
    assert_eq!(temporary(&outcome), Some(Detail::ProviderDown));
}

#[tokio::test]
async fn a_tenant_names_no_folder() {
    let dir = tempfile::tempdir().unwrap();
    let texts = SmsProvider::File { dir: dir.path().to_owned() };
    let outcome = senders().sms(&texts, EnteredBy::Tenant, &sms(), AT).await;
    assert_eq!(temporary(&outcome), Some(Detail::ProviderMisconfigured));
    let mails = EmailProvider::File { dir: dir.path().to_owned() };
    let outcome = senders().email(&mails, EnteredBy::Tenant, &email(), AT).await;
    assert_eq!(temporary(&outcome), Some(Detail::ProviderMisconfigured));
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
}
