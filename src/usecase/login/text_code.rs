//! Codes that are texted to a user: to sign in by, and to set a number up by.
//!
//! One code is out at a time for each; sent again it is the same one. It is counted and checked like any other code, by a
//! guarded update on its own row, while the user's is locked.

use std::sync::Arc;

use serde_json::json;

use crate::domain::challenge::{self, Kind, State, Verdict};
use crate::domain::channel::Channel;
use crate::domain::code::TypedCode;
use crate::domain::contact::{Destination, Phone};
use crate::domain::guest::Out;
use crate::domain::login::{Method, Pending, User};
use crate::domain::message::{MessageState, Purpose};
use crate::domain::refusal::{Refusal, Unreachable};
use crate::store::StoreError;
use crate::usecase::client::check_code::derive;
use crate::usecase::guest::{Done, Work};
use crate::usecase::{Desk, Failure};

use super::link::{Browser, Ticket};
use super::sign_in::{Checked, SIGN_IN, attempt};
use super::{end, note, party};

/// Texts the code that a user signs in by, or the same once more.
///
/// # Errors
/// `Locked`, `TooSoon`, `TooManySends`, `ContactUnreachable`
pub async fn text_code(desk: &Desk, ticket: &Ticket, browser: &Browser) -> Result<Checked<()>, Failure> {
    let Some((mut work, mut user)) = ticket.lock(desk, browser).await? else { return Ok(Checked::Gone) };
    let Some(number) = user.standing.text.as_ref().map(|text| text.number.clone()) else {
        return Ok(Checked::Gone);
    };
    let (before, subject) = (user.standing.code.take(), user.id.as_str().to_owned());
    let (out, wanted) = text(&mut work, &mut user, before, (&number, subject)).await?;
    user.standing.code = Some(out);
    keep(work, &user, wanted).await
}

/// Writes what was asked for, and only then tells of a number that wants no texts: it was asked for all the same.
async fn keep(work: Work<'_>, user: &User, wanted: bool) -> Result<Checked<()>, Failure> {
    work.tx.of(&work.tenant.id).update_user(user).await?;
    work.commit().await?;
    let stopped = Refusal::ContactUnreachable(Unreachable::OptedOut);
    if wanted { Ok(Checked::Right(())) } else { Err(stopped.into()) }
}

/// Texts the code that sets a number up. Another number voids the code that went to the one before.
///
/// # Errors
/// As [`text_code`].
pub async fn choose_number(
    desk: &Desk,
    ticket: &Ticket,
    number: &Phone,
    browser: &Browser,
) -> Result<Checked<()>, Failure> {
    let Some((mut work, mut user)) = ticket.lock(desk, browser).await? else { return Ok(Checked::Gone) };
    let Some(login) = user.login(&ticket.about.login).cloned() else { return Ok(Checked::Gone) };
    if !user.may_change(&login, work.now) {
        return Ok(Checked::Gone);
    }
    let mut before = match login.setting_up {
        Some(Pending::Sms { number, code }) => Some((number, code)),
        Some(Pending::App { .. }) | None => None,
    };
    if let Some((_, other)) = before.take_if(|(kept, _)| kept != number) {
        end(&mut work, &user, &[other.challenge], State::Superseded).await?;
    }
    let before = before.map(|(_, code)| code);
    if before.is_none() {
        let detail = json!({"method": Method::Sms});
        note(&mut work, &user, Done("second_step.begin", "begun", ""), detail);
    }
    let (code, wanted) = text(&mut work, &mut user, before, (number, ticket.about.number())).await?;
    let login = user.login(&ticket.about.login).ok_or(StoreError::Guard("crm_user"))?;
    login.setting_up = Some(Pending::Sms { number: number.clone(), code });
    keep(work, &user, wanted).await
}

/// Sends a code there: the one that is out, or a new one. Gives it, and whether the number wants texts.
async fn text(
    work: &mut Work<'_>,
    user: &mut User,
    before: Option<Out>,
    (number, subject): (&Phone, String),
) -> Result<(Out, bool), Failure> {
    let tenant = Arc::clone(&work.tenant);
    if !tenant.telephone.serves(number) {
        return Err(Refusal::ContactUnreachable(Unreachable::NotServed).into());
    }
    let rules = &tenant.policy.login.code;
    user.may_text(rules, work.now)?;
    let live = before.as_ref().is_some_and(|out| out.state(work.now, work.epoch) == State::Active);
    let (action, out) = match before {
        Some(out) if live => ("code.resend", out),
        before => {
            if let Some(over) = before.filter(Out::is_open) {
                end(work, user, &[over.challenge], State::Superseded).await?;
            }
            let whom = party(user, &tenant);
            let expires_at = work.now + rules.code_valid;
            let code = work.challenge(&whom, (Kind::Sent, subject), Some(Channel::Sms), expires_at);
            work.tx.of(&tenant.id).insert_challenge(&code, None).await?;
            ("code.request", Out::new(code.id, Some(Channel::Sms), expires_at, work.epoch))
        }
    };
    let to = Destination::Phone(number.clone());
    let whom = party(user, &tenant);
    let message = work.queue(&whom, &out.challenge, (Channel::Sms, &to), Purpose::LoginCode).await?;
    let wanted = message.state != MessageState::Failed;
    user.standing.throttle.count_send(&user.person.id, work.now);
    let outcome = if wanted { "sent" } else { "opted_out" };
    note(work, user, Done(action, outcome, out.challenge.as_str()), json!({"channels": [Channel::Sms]}));
    Ok((out, wanted))
}

/// Checks the code that a user signs in by.
///
/// # Errors
/// The database's.
pub(super) async fn by_text(
    work: &mut Work<'_>,
    user: &mut User,
    typed: &str,
) -> Result<Checked<()>, Failure> {
    let Some(mut out) = user.standing.code.clone() else { return Ok(Checked::Over(Verdict::Expired)) };
    let checked = check(work, user, &mut out, (SIGN_IN, typed)).await?;
    user.standing.code = Some(out);
    Ok(checked)
}

/// Checks a code that was texted, and ends it where it was right or its last try.
///
/// # Errors
/// The database's.
pub(super) async fn check(
    work: &mut Work<'_>,
    user: &mut User,
    out: &mut Out,
    (action, typed): (&'static str, &str),
) -> Result<Checked<()>, Failure> {
    let found = work.tx.of(&work.tenant.id).challenge(&out.challenge).await?;
    let digits = found.map_or(work.tenant.policy.login.code.digits, |code| code.digits);
    let typed = match TypedCode::parse(typed, digits) {
        Ok(typed) => typed,
        Err(fault) => return Ok(Checked::NotACode(fault)),
    };
    match challenge::may_try(out.state(work.now, work.epoch), user.locked_until(work.now)) {
        Ok(()) => {}
        Err(Verdict::Locked { until: Some(until) }) => return Ok(Checked::Locked { until }),
        Err(verdict) => return Ok(Checked::Over(verdict)),
    }
    let counted = work.tx.of(&work.tenant.id).count_try(&out.challenge).await?;
    let code = counted.ok_or(StoreError::Guard("challenge"))?;
    let sent = derive(work.desk, &work.tenant, &code)?;
    let checked = match attempt(work, user, (action, Method::Sms), |_, _| sent.matches(&typed)) {
        Checked::Wrong { tries_left } => Checked::Wrong { tries_left: tries_left.min(code.tries_left()) },
        other => other,
    };
    let state = match checked {
        Checked::Right(()) => State::Verified,
        Checked::Wrong { tries_left: 0 } => State::Locked,
        _ => return Ok(checked),
    };
    out.end(state);
    let closed = work.tx.of(&work.tenant.id).close_challenge(&out.challenge, state, work.now).await?;
    if closed { Ok(checked) } else { Err(StoreError::Guard("challenge").into()) }
}
