//! Asking Twilio's API for one text or one call.
//!
//! Owns the request and the reading of the answer, which is bounded and never quoted: it repeats the text.

use reqwest::StatusCode;
use secrecy::ExposeSecret as _;
use serde::Deserialize;
use url::Url;

use super::error;
use crate::domain::provider::Twilio;
use crate::message::EnteredBy;
use crate::message::client::{Fault, Wire, read_some};
use crate::message::outcome::{Detail, Outcome};

/// Longest reference that is kept; Twilio's have 34 characters.
const LONGEST_REFERENCE: usize = 64;

/// What is read of an answer, good or bad.
#[derive(Default, Deserialize)]
struct Answer {
    sid: Option<String>,
    /// Of an error; of a message created it is `error_code`.
    code: Option<u32>,
    error_code: Option<u32>,
}

/// Creates one of a `resource`, `Messages` or `Calls`, from a form; the reference of one that was taken is its sid.
pub async fn create(
    wire: &Wire,
    account: &Twilio,
    entered_by: EnteredBy,
    resource: &str,
    form: &[(&str, &str)],
) -> Outcome {
    attempt(wire, account, entered_by, resource, form).await.unwrap_or_else(Outcome::from)
}

/// What is read of an account.
#[derive(Default, Deserialize)]
struct Account {
    status: String,
}

/// Whether the account is there, takes its token and is active, in words for the operator.
///
/// # Errors
/// What is wrong.
pub async fn look_up(wire: &Wire, account: &Twilio, entered_by: EnteredBy) -> Result<String, String> {
    let (base, sid) = (&account.api_base, &account.account_sid);
    let url = Url::parse(&format!("{base}/2010-04-01/Accounts/{sid}.json"))
        .map_err(|_| "its api_base is no address".to_owned())?;
    let client = wire.http(entered_by, &url).map_err(|fault| fault.to_string())?;
    let request = client.get(url).basic_auth(sid, Some(account.auth_token.expose_secret()));
    let response = request.send().await.map_err(|error| Fault::from(&error).to_string())?;
    let status = response.status();
    match status {
        StatusCode::OK => {}
        StatusCode::UNAUTHORIZED => {
            return Err("twilio does not take this auth_token for this account_sid".to_owned());
        }
        StatusCode::NOT_FOUND => return Err("twilio has no such account_sid".to_owned()),
        _ => return Err(format!("twilio answered {status}")),
    }
    let found: Account = serde_json::from_slice(&read_some(response).await).unwrap_or_default();
    match found.status.as_str() {
        "active" => Ok("twilio takes the account and its token".to_owned()),
        "suspended" | "closed" => Err(format!("twilio says that the account is {}", found.status)),
        _ => Err("what answers at its api_base is not twilio".to_owned()),
    }
}

async fn attempt(
    wire: &Wire,
    account: &Twilio,
    entered_by: EnteredBy,
    resource: &str,
    form: &[(&str, &str)],
) -> Result<Outcome, Fault> {
    let (base, sid) = (&account.api_base, &account.account_sid);
    let Ok(url) = Url::parse(&format!("{base}/2010-04-01/Accounts/{sid}/{resource}.json")) else {
        return Ok(Outcome::misconfigured("twilio's api_base is no address"));
    };
    let request = wire.http(entered_by, &url)?.post(url).form(form);
    let request = request.basic_auth(sid, Some(account.auth_token.expose_secret()));
    let response = request.send().await.map_err(|error| Fault::from(&error))?;
    let status = response.status();
    Ok(read(status, &read_some(response).await))
}

fn read(status: StatusCode, body: &[u8]) -> Outcome {
    let answer: Answer = serde_json::from_slice(body).unwrap_or_default();
    if !status.is_success() || answer.error_code.is_some() {
        return error::outcome(status, answer.code.or(answer.error_code));
    }
    match answer.sid.filter(|sid| is_reference(sid)) {
        Some(sid) => Outcome::Sent { reference: Some(sid) },
        // It may have been taken all the same.
        None => Outcome::temporary(
            Detail::UnknownOutcome,
            format!("twilio answered {status}, but not as its API does"),
        ),
    }
}

fn is_reference(sid: &str) -> bool {
    (1..=LONGEST_REFERENCE).contains(&sid.len()) && sid.bytes().all(|b| b.is_ascii_alphanumeric())
}
