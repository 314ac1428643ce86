//! Calls by Twilio.
//!
//! Owns what is asked for. Nothing is recorded, and nothing of the code is in what is asked: only where to go on.
//! Without a word on which events to tell, the end of a call is told.

use super::super::client::Wire;
use super::super::outcome::Outcome;
use super::super::twilio::client;
use super::super::{CallContent, EnteredBy};
use crate::domain::call::{LONGEST, RINGS};
use crate::domain::provider::Twilio;

pub async fn place(wire: &Wire, account: &Twilio, entered_by: EnteredBy, content: &CallContent) -> Outcome {
    let (rings, longest) = (RINGS.as_secs().to_string(), LONGEST.as_secs().to_string());
    let form = [
        ("To", content.to.expose()),
        ("From", account.from.as_deref().unwrap_or_default()),
        ("Url", content.script_url.as_str()),
        ("StatusCallback", content.report_url.as_str()),
        ("Timeout", rings.as_str()),
        ("TimeLimit", longest.as_str()),
        ("Record", "false"),
    ];
    client::create(wire, account, entered_by, "Calls", &form).await
}
