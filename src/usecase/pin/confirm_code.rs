//! Who opened a link from an email types the code that was texted, and may go on by the link in this browser.

use serde_json::{Value, json};

use crate::domain::challenge::{Challenge, Verdict};
use crate::domain::code::{NotACode, TypedCode};
use crate::domain::guest::{Out, When};
use crate::domain::proof::BrowserToken;
use crate::domain::workflow::Workflow;
use crate::ports;
use crate::store::StoreError;
use crate::usecase::case::Note;
use crate::usecase::client::check_code::derive;
use crate::usecase::guest::attempt::{Slate, Tried, attempt};
use crate::usecase::{Case, Desk};

use super::open_link::{self, Known, LinkFault};

/// What the check came to.
#[derive(Debug)]
pub enum Confirmed {
    /// Right: what the browser brings along from now on.
    Right(BrowserToken),
    /// Nothing is asked of this browser.
    Already,
    Not(Verdict),
    /// No code at all; it costs no try.
    NotACode(NotACode),
}

/// Checks the code.
///
/// # Errors
/// The link's, and the database's.
pub async fn confirm_code(
    desk: &Desk,
    token: &str,
    typed: &str,
    (browser, address): (Option<&BrowserToken>, &str),
) -> Result<Confirmed, LinkFault> {
    let known = open_link::find(desk, token).await?;
    let mut case = known.lock(desk, &open_link::client_id(&known.link)?, address).await?;
    if !known.is_asked(&case.client, browser) {
        return Ok(Confirmed::Already);
    }
    let Some(mut out) = case.client.standing.pin.confirm.code(&known.link.id).cloned() else {
        return Ok(Confirmed::Not(Verdict::Expired));
    };
    let found = case.tx.of(&case.tenant.id).challenge(&out.challenge).await?;
    let typed =
        match TypedCode::parse(typed, found.map_or(case.tenant.policy.pin.code().digits, |code| code.digits))
        {
            Ok(typed) => typed,
            Err(fault) => return Ok(Confirmed::NotACode(fault)),
        };
    let tried = check(desk, &mut case, &known, (&mut out, &typed)).await?;
    let confirmed = match tried {
        Tried::Not(verdict) => return Ok(Confirmed::Not(verdict)),
        Tried::Right => {
            let browser = BrowserToken::new(ports::bytes(desk.random.as_ref()));
            case.client.standing.pin.confirm.admit(&known.link.id, &browser);
            note(&mut case, &known, &out, ("verified", json!({})));
            Confirmed::Right(browser)
        }
        Tried::Wrong { tries_left, over, until } => {
            note(&mut case, &known, &out, ("incorrect", json!({"tries_left": tries_left})));
            if over {
                note(&mut case, &known, &out, ("locked", json!({"subject_until": until})));
            }
            Confirmed::Not(Verdict::Incorrect { tries_left })
        }
    };
    case.commit().await?;
    let result = if matches!(confirmed, Confirmed::Right(_)) { "verified" } else { "incorrect" };
    metrics::counter!("countersign_pin_code_checks_total", "result" => result).increment(1);
    Ok(confirmed)
}

async fn check(
    desk: &Desk,
    case: &mut Case<'_>,
    known: &Known,
    (out, typed): (&mut Out, &TypedCode),
) -> Result<Tried, StoreError> {
    let at = When { now: case.now, epoch: desk.directory.get().epoch };
    let rules = case.tenant.policy.pin.code();
    let confirm = &mut case.client.standing.pin.confirm;
    let (throttle, person) = (&mut confirm.throttle, &known.link.contact);
    let slate = Slate { workflow: Workflow::Pin, throttle, person, rules: &rules };
    let is_right = |code: &Challenge| Ok(derive(desk, &case.tenant, code)?.matches(typed));
    let tried = attempt((desk, &case.tx, &case.tenant), at, out, slate, is_right).await?;
    confirm.keep(&known.link.id, out.clone());
    Ok(tried)
}

fn note(case: &mut Case<'_>, known: &Known, code: &Out, (outcome, detail): (&'static str, Value)) {
    let (contact, object) = (known.link.contact.as_str(), code.challenge.as_str());
    let mut detail = detail;
    if let Value::Object(fields) = &mut detail {
        fields.insert("link".to_owned(), json!(known.link.id));
    }
    case.note(Note { action: "pin.code_check", outcome, contact, object, detail });
}
