//! Texts: kept as the inbox keeps everything, told as sent and delivered, and answered by whoever got them.

use std::io;
use std::sync::Arc;

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::json;
use url::Url;

use super::super::Inbox;
use super::super::message::{Message, Turn};
use super::api::Asked;
use super::callback::Form;
use super::{Carrier, twiml};

/// Longest answer: what ten texts hold.
const LONGEST: usize = 1600;

impl Carrier {
    /// Whether this number answered STOP, and not START since.
    pub(super) fn has_stopped(&self, number: &str) -> bool {
        self.stopped.lock().unwrap_or_else(std::sync::PoisonError::into_inner).contains(number)
    }

    /// Keeps a text and soon tells that it was sent and delivered.
    pub(super) async fn take_text(self: Arc<Self>, asked: &Asked) -> io::Result<String> {
        let sid = self.reference("SM");
        let message = Message {
            id: sid.clone(),
            channel: "sms".to_owned(),
            at: self.clock.wall().to_string(),
            from: Some(asked.from().to_owned()),
            to: asked.field("To").to_owned(),
            text: asked.field("Body").to_owned(),
            report_url: Some(asked.field("StatusCallback").to_owned()).filter(|url| !url.is_empty()),
            ..Message::default()
        };
        self.keep(&message).await?;
        tokio::spawn(async move { self.tell_delivered(&message).await });
        Ok(sid)
    }

    async fn tell_delivered(&self, message: &Message) {
        let Some(url) = &message.report_url else { return };
        for status in ["sent", "delivered"] {
            let form = vec![
                ("AccountSid", self.account.sid.as_str()),
                ("From", message.from.as_deref().unwrap_or_default()),
                ("MessageSid", &message.id),
                ("MessageStatus", status),
                ("To", &message.to),
            ];
            self.tell(url, &form).await;
        }
    }

    /// Keeps a message as a file, in place of what was kept of it before.
    pub(super) async fn keep(&self, message: &Message) -> io::Result<()> {
        let (dir, message) = (self.dir.clone(), message.clone());
        web::block(move || message.write(&dir)).await.map_err(io::Error::other)?
    }
}

/// What a contact answers.
#[derive(Deserialize)]
pub struct Reply {
    text: String,
}

/// `POST /messages/{message}/reply`: tells the service, and keeps the answer and what comes back.
pub async fn reply(
    inbox: web::Data<Inbox>,
    carrier: web::Data<Carrier>,
    id: web::Path<String>,
    reply: web::Json<Reply>,
) -> HttpResponse {
    let text: String = reply.text.trim().chars().take(LONGEST).collect();
    let messages = super::super::screen::messages(inbox).await;
    let found = messages.into_iter().find(|message| message.id == *id && message.can_be_answered());
    let (Some(mut message), false) = (found, text.is_empty()) else {
        return HttpResponse::NotFound().finish();
    };
    carrier.heed(&message.to, &text);
    message.turns.push(Turn { own: true, text: text.clone() });
    let answer = carrier.pass_on(&message, &text).await;
    let told = answer.is_some();
    let texts = answer.and_then(|xml| twiml::read(&xml)).unwrap_or_default().texts;
    message.turns.extend(texts.into_iter().map(|text| Turn { own: false, text }));
    if carrier.keep(&message).await.is_err() || !told {
        return HttpResponse::BadGateway().finish();
    }
    HttpResponse::Ok().json(json!({ "turns": message.turns }))
}

impl Carrier {
    /// Posts an answer to where answers to this number go: beside the address that this text is reported to.
    async fn pass_on(&self, message: &Message, text: &str) -> Option<String> {
        let mut url = Url::parse(message.report_url.as_deref()?).ok()?;
        url.set_query(None);
        let url = url.join("inbound").ok()?;
        let sid = self.reference("SM");
        let form: Form<'_> = vec![
            ("AccountSid", &self.account.sid),
            ("Body", text),
            ("From", &message.to),
            ("MessageSid", &sid),
            ("NumMedia", "0"),
            ("To", message.from.as_deref().unwrap_or_default()),
        ];
        self.tell(url.as_str(), &form).await
    }

    /// A carrier stops texts to a number by itself, and takes them up again.
    fn heed(&self, number: &str, text: &str) {
        let mut stopped = self.stopped.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        match text.to_uppercase().as_str() {
            "STOP" | "STOPALL" | "UNSUBSCRIBE" | "CANCEL" | "END" | "QUIT" => {
                stopped.insert(number.to_owned());
            }
            "START" | "YES" | "UNSTOP" => {
                stopped.remove(number);
            }
            _ => {}
        }
    }
}
