//! The provider for development: one JSON file a message, which an inbox can show.
//!
//! Owns the files' names and fields. A file appears whole: it is written under another name first.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::outcome::{Detail, Outcome};
use super::render::Said;
use super::{CallContent, EmailContent, Script, SmsContent};
use crate::domain::channel::Channel;
use crate::domain::id::MessageId;
use crate::domain::locale::Locale;
use crate::domain::timestamp::Timestamp;

#[derive(Serialize)]
struct EmailFile<'a> {
    id: &'a MessageId,
    channel: Channel,
    at: Timestamp,
    from: &'a str,
    reply_to: Option<&'a str>,
    to: &'a str,
    subject: &'a str,
    text: &'a str,
    html: &'a str,
    lang: Locale,
}

#[derive(Serialize)]
struct SmsFile<'a> {
    id: &'a MessageId,
    channel: Channel,
    at: Timestamp,
    to: &'a str,
    text: &'a str,
    report_url: &'a str,
}

/// A call that nobody places: what would be said first, and where it goes on; or all of it.
#[derive(Serialize)]
struct CallFile<'a> {
    id: &'a MessageId,
    channel: Channel,
    at: Timestamp,
    to: &'a str,
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    script_url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    report_url: Option<&'a str>,
    lang: Locale,
}

pub(super) async fn email(dir: &Path, content: &EmailContent, at: Timestamp) -> Outcome {
    let file = EmailFile {
        id: &content.message_id,
        channel: Channel::Email,
        at,
        from: &content.from,
        reply_to: content.reply_to.as_deref(),
        to: content.to.expose(),
        subject: &content.subject,
        text: &content.text,
        html: &content.html,
        lang: content.locale,
    };
    keep(dir, &content.message_id, at, &file).await
}

pub(super) async fn sms(dir: &Path, content: &SmsContent, at: Timestamp) -> Outcome {
    let file = SmsFile {
        id: &content.message_id,
        channel: Channel::Sms,
        at,
        to: content.to.expose(),
        text: &content.text,
        report_url: &content.report_url,
    };
    keep(dir, &content.message_id, at, &file).await
}

pub(super) async fn call(dir: &Path, content: &CallContent, at: Timestamp) -> Outcome {
    let whole;
    let (text, urls) = match &content.script {
        Script::Asked { gate, script_url, report_url } => (gate, Some((script_url, report_url))),
        Script::Whole(steps) => {
            whole = steps.iter().flatten().map(Said::in_words).collect::<Vec<_>>().join("\n");
            (&whole, None)
        }
    };
    let file = CallFile {
        id: &content.message_id,
        channel: Channel::Voice,
        at,
        to: content.to.expose(),
        text,
        script_url: urls.map(|(script, _)| script.as_str()),
        report_url: urls.map(|(_, report)| report.as_str()),
        lang: content.locale,
    };
    keep(dir, &content.message_id, at, &file).await
}

async fn keep(dir: &Path, id: &MessageId, at: Timestamp, file: &impl Serialize) -> Outcome {
    let name = format!("{}-{id}.json", at.millis());
    let dir = dir.to_owned();
    let written = match serde_json::to_vec_pretty(file) {
        Ok(json) => tokio::task::spawn_blocking(move || write(&dir, &name, &json)).await,
        Err(error) => Ok(Err(error.into())),
    };
    match written.unwrap_or_else(|stopped| Err(stopped.into())) {
        Ok(()) => Outcome::sent(),
        Err(error) => Outcome::temporary(Detail::ProviderDown, format!("file not written: {}", error.kind())),
    }
}

fn write(dir: &PathBuf, name: &str, json: &[u8]) -> io::Result<()> {
    std::fs::create_dir_all(dir)?;
    let unfinished = dir.join(format!(".{name}.part"));
    let mut file = std::fs::File::create(&unfinished)?;
    file.write_all(json)?;
    std::fs::rename(unfinished, dir.join(name))
}
