//! Calls by Twilio.
//!
//! Owns what is asked for. Nothing is recorded, and nothing of a code is in what is asked: only where to go on, or the whole of
//! what holds nothing secret.
//! Without a word on which events to tell, the end of a call is told.

use super::super::client::Wire;
use super::super::outcome::Outcome;
use super::super::twilio::client;
use super::super::{CallContent, EnteredBy, Script};
use super::twiml::{self, Voices};
use crate::domain::call::{LONGEST, RINGS};
use crate::domain::provider::Twilio;

pub async fn place(
    wire: &Wire,
    (account, voices): (&Twilio, Voices<'_>),
    entered_by: EnteredBy,
    content: &CallContent,
) -> Outcome {
    let (rings, longest) = (RINGS.as_secs().to_string(), LONGEST.as_secs().to_string());
    let mut form = vec![
        ("To", content.to.expose()),
        ("From", account.from.as_deref().unwrap_or_default()),
        ("Timeout", rings.as_str()),
        ("TimeLimit", longest.as_str()),
        ("Record", "false"),
    ];
    let whole;
    match &content.script {
        Script::Asked { script_url, report_url, .. } => {
            form.extend([("Url", script_url.as_str()), ("StatusCallback", report_url.as_str())]);
        }
        Script::Whole(steps) => {
            whole = twiml::tell(steps, voices);
            form.push(("Twiml", &whole));
        }
    }
    client::create(wire, account, entered_by, "Calls", &form).await
}
