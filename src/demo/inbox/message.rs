//! One message as its file has it, and what the page makes of it.
//!
//! Only what every message has is required, so that a file from another hand still shows.

use std::path::Path;
use std::{fs, io};

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::carrier::twiml::Sentence;

/// One email, text or call.
#[derive(Deserialize, Serialize, Clone, Default)]
pub struct Message {
    pub id: String,
    pub channel: String,
    pub at: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<String>,
    pub to: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    #[serde(default)]
    pub text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub html: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lang: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report_url: Option<String>,
    /// How a call ended, in the carrier's word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// What was said in a call, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub said: Vec<Sentence>,
    /// What was answered to a text, and what came back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub turns: Vec<Turn>,
}

/// A text after the first one.
#[derive(Deserialize, Serialize, Clone)]
pub struct Turn {
    /// Whether the contact wrote it.
    pub own: bool,
    pub text: String,
}

/// A stretch of text, a link if it has an `href`.
#[derive(Serialize, PartialEq, Eq, Debug)]
pub struct Piece<'a> {
    pub text: &'a str,
    pub href: Option<&'a str>,
}

impl Message {
    /// Reads a file's content; nothing if it is not a whole message.
    pub fn read(content: &str) -> Option<Self> {
        let message: Self = serde_json::from_str(content).ok()?;
        (!message.id.is_empty()).then_some(message)
    }

    /// Writes it into a folder, whole or not at all, in place of what was there under its name.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn write(&self, dir: &Path) -> io::Result<()> {
        fs::create_dir_all(dir)?;
        let beside = dir.join(format!(".{}.part", self.id));
        fs::write(&beside, serde_json::to_vec_pretty(self)?)?;
        fs::rename(beside, dir.join(format!("{}.json", self.id)))
    }

    /// Whether it is a text whose sender a carrier passes answers on to.
    pub fn can_be_answered(&self) -> bool {
        self.channel == "sms"
            && self.report_url.as_ref().is_some_and(|url| url.contains("/callbacks/twilio/"))
    }

    /// How a call ended, by a word that the page has words for; a file of the service's own says nothing of that.
    pub fn ended(&self) -> Option<&str> {
        const WORDS: [&str; 5] = ["completed", "no-answer", "busy", "failed", "canceled"];
        let status = self.status.as_deref().filter(|status| WORDS.contains(status));
        (self.channel == "voice").then_some(status.unwrap_or("placed"))
    }

    /// When it was sent, for sorting; a time that cannot be read comes last.
    pub fn moment(&self) -> i128 {
        OffsetDateTime::parse(&self.at, &Rfc3339).map_or(i128::MIN, OffsetDateTime::unix_timestamp_nanos)
    }

    /// The line in the list.
    pub fn about(&self) -> String {
        let first = || self.text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default().to_owned();
        self.subject.clone().unwrap_or_else(first)
    }

    /// The text with its links told apart.
    pub fn pieces(&self) -> Vec<Piece<'_>> {
        let mut pieces = Vec::new();
        let mut rest = self.text.as_str();
        while let Some(start) = ["https://", "http://"].iter().filter_map(|scheme| rest.find(scheme)).min() {
            let (before, link) = rest.split_at(start);
            let end = link.find(|letter: char| letter.is_whitespace() || "<>\"".contains(letter));
            let (link, _) = link.split_at(end.unwrap_or(link.len()));
            // A full stop after a link ends the sentence, not the link.
            let link = link.trim_end_matches(['.', ',', ')', ';']);
            pieces.extend([Piece { text: before, href: None }, Piece { text: link, href: Some(link) }]);
            rest = &rest[start + link.len()..];
        }
        pieces.push(Piece { text: rest, href: None });
        pieces
    }

    /// The HTML for a sandboxed frame: its links open outside of it.
    pub fn framed(&self) -> Option<String> {
        let html = self.html.as_deref()?;
        let head =
            html.to_ascii_lowercase().find("<head").and_then(|at| Some(at + html[at..].find('>')? + 1));
        let (before, after) = html.split_at(head.unwrap_or(0));
        Some(format!("{before}<base target=\"_blank\">{after}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(text: &str, html: &str) -> Message {
        let json = serde_json::json!({ "id": "m", "channel": "sms", "at": "?", "to": "t", "text": text, "html": html });
        Message::read(&json.to_string()).unwrap()
    }

    #[test]
    fn links_in_a_text_are_told_apart() {
        let message = message("Set it: https://x.example/p/a1. Thanks (http://y.example)", "");
        let links: Vec<_> =
            message.pieces().into_iter().filter_map(|piece| piece.href.map(str::to_owned)).collect();
        assert_eq!(links, ["https://x.example/p/a1", "http://y.example"]);
        let whole: String = message.pieces().iter().map(|piece| piece.text).collect();
        assert_eq!(whole, message.text);
        assert_eq!(self::message("https://", "").pieces().len(), 3);
    }

    #[test]
    fn the_base_of_a_mail_goes_into_its_head() {
        let framed = |html| message("", html).framed().unwrap();
        assert_eq!(
            framed("<!doctype html><HEAD lang=x><p>"),
            "<!doctype html><HEAD lang=x><base target=\"_blank\"><p>"
        );
        assert_eq!(framed("<p>é"), "<base target=\"_blank\"><p>é");
    }
}
