//! Calls: one rings, is answered or not, and somebody presses keys; what the service wants said is fetched as Twilio
//! does, signed.
//!
//! The page has no timers: whoever looks at it says when no key is pressed.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};

use super::super::message::Message;
use super::Carrier;
use super::api::Asked;
use super::callback::Form;
use super::twiml::{self, Sentence};

/// How long a telephone rings, and a call may take, where the service does not say.
const RINGS: u64 = 60;
const LONGEST: u64 = 14_400;
/// Calls at once; further ones find the line busy.
const MOST: usize = 20;

/// Calls that ring or are spoken on, by their references.
#[derive(Default)]
pub struct Calls(Mutex<BTreeMap<String, Call>>);

/// One of them.
#[derive(Clone, Serialize)]
struct Call {
    id: String,
    from: String,
    to: String,
    at: String,
    answered: bool,
    /// What was said so far, oldest first; after it, how much of that is new.
    said: Vec<Sentence>,
    fresh: usize,
    /// Whether it is over: everything was said, or somebody hung up.
    over: bool,
    /// What it was placed with, said in place of asking; empty where the service is asked.
    #[serde(skip)]
    whole: String,
    #[serde(skip)]
    next: String,
    #[serde(skip)]
    report: String,
    #[serde(skip)]
    longest: Duration,
}

impl Calls {
    fn with<T>(&self, work: impl FnOnce(&mut BTreeMap<String, Call>) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn get(&self, id: &str) -> Option<Call> {
        self.with(|calls| calls.get(id).cloned())
    }

    fn take(&self, id: &str) -> Option<Call> {
        self.with(|calls| calls.remove(id))
    }
}

impl Carrier {
    /// Lets a telephone ring, for as long as it was asked to.
    pub(super) fn ring(self: Arc<Self>, asked: &Asked) -> String {
        let call = Call {
            id: self.reference("CA"),
            from: asked.from().to_owned(),
            to: asked.field("To").to_owned(),
            at: self.clock.wall().to_string(),
            answered: false,
            said: Vec::new(),
            fresh: 0,
            over: false,
            whole: asked.field("Twiml").to_owned(),
            next: asked.field("Url").to_owned(),
            report: asked.field("StatusCallback").to_owned(),
            longest: Duration::from_secs(asked.seconds("TimeLimit", LONGEST)),
        };
        let (id, rings) = (call.id.clone(), Duration::from_secs(asked.seconds("Timeout", RINGS)));
        let busy = self.calls.with(|calls| {
            calls.insert(id.clone(), call);
            calls.len() > MOST
        });
        let rung = id.clone();
        tokio::spawn(async move {
            if busy {
                return self.finish(&rung, "busy").await;
            }
            tokio::time::sleep(rings).await;
            if self.calls.get(&rung).is_some_and(|call| !call.answered) {
                self.finish(&rung, "no-answer").await;
            }
        });
        id
    }

    /// Asks the service what to say, after a key or none, unless it said so before, and keeps it.
    async fn step(self: Arc<Self>, id: &str, digits: Option<&str>) -> Option<Call> {
        let call = self.calls.get(id)?;
        let mut form: Form<'_> = vec![
            ("AccountSid", &self.account.sid),
            ("CallSid", &call.id),
            ("CallStatus", "in-progress"),
            ("From", &call.from),
            ("To", &call.to),
        ];
        form.extend(digits.map(|digits| ("Digits", digits)));
        let told = if call.whole.is_empty() { self.tell(&call.next, &form).await } else { Some(call.whole) };
        let answer = told.and_then(|xml| twiml::read(&xml));
        // Twilio says so itself where a service cannot be asked, and hangs up.
        let failed = || Sentence {
            lang: "en-US".to_owned(),
            text: "We are sorry. An application error has occurred.".to_owned(),
        };
        let answer =
            answer.unwrap_or_else(|| twiml::Answer { said: vec![failed()], ..twiml::Answer::default() });
        let (over, next) = (answer.action.is_none(), answer.action.unwrap_or_default());
        let call = self.calls.with(|calls| {
            let call = calls.get_mut(id)?;
            call.fresh = answer.said.len();
            call.said.extend(answer.said);
            (call.over, call.next) = (over, next);
            Some(call.clone())
        })?;
        if over {
            self.finish(id, "completed").await;
        }
        Some(call)
    }

    /// Ends a call once: it is told, and kept as what was sent is.
    async fn finish(&self, id: &str, status: &str) {
        let Some(call) = self.calls.take(id) else { return };
        let form: Form<'_> = vec![
            ("AccountSid", &self.account.sid),
            ("CallSid", &call.id),
            ("CallStatus", status),
            ("From", &call.from),
            ("To", &call.to),
        ];
        let message = Message {
            id: call.id.clone(),
            channel: "voice".to_owned(),
            at: call.at.clone(),
            from: Some(call.from.clone()),
            to: call.to.clone(),
            text: call.said.iter().map(|said| said.text.as_str()).collect::<Vec<_>>().join("\n"),
            status: Some(status.to_owned()),
            said: call.said.clone(),
            ..Message::default()
        };
        if let Err(error) = self.keep(&message).await {
            tracing::warn!(%error, "a call is not kept");
        }
        if !call.report.is_empty() {
            self.tell(&call.report, &form).await;
        }
    }
}

/// `GET /calls.json`
pub async fn list(carrier: web::Data<Carrier>) -> HttpResponse {
    HttpResponse::Ok().json(carrier.calls.with(|calls| calls.values().cloned().collect::<Vec<_>>()))
}

/// `POST /calls/{call}/answer`
pub async fn answer(carrier: web::Data<Carrier>, id: web::Path<String>) -> HttpResponse {
    let picked_up = carrier.calls.with(|calls| {
        let call = calls.get_mut(id.as_str()).filter(|call| !call.answered)?;
        call.answered = true;
        Some(call.longest)
    });
    let Some(longest) = picked_up else { return HttpResponse::NotFound().finish() };
    let (carrier, limited) = (carrier.into_inner(), id.clone());
    let after = Arc::clone(&carrier);
    tokio::spawn(async move {
        tokio::time::sleep(longest).await;
        after.finish(&limited, "completed").await;
    });
    shown(carrier.step(&id, None).await)
}

/// A key, or none.
#[derive(Deserialize)]
pub struct Pressed {
    key: String,
}

/// `POST /calls/{call}/press`
pub async fn press(
    carrier: web::Data<Carrier>,
    id: web::Path<String>,
    pressed: web::Json<Pressed>,
) -> HttpResponse {
    if carrier.calls.get(&id).is_none_or(|call| !call.answered) {
        return HttpResponse::NotFound().finish();
    }
    let key: String = pressed.key.chars().filter(char::is_ascii_digit).take(1).collect();
    shown(carrier.into_inner().step(&id, Some(&key)).await)
}

/// `POST /calls/{call}/end`: declines a call that rings, hangs up on one that was answered.
pub async fn end(carrier: web::Data<Carrier>, id: web::Path<String>) -> HttpResponse {
    let Some(call) = carrier.calls.get(&id) else { return HttpResponse::NotFound().finish() };
    carrier.finish(&id, if call.answered { "completed" } else { "busy" }).await;
    HttpResponse::NoContent().finish()
}

fn shown(call: Option<Call>) -> HttpResponse {
    call.map_or_else(|| HttpResponse::NotFound().finish(), |call| HttpResponse::Ok().json(call))
}
