//! A guest types a code on their page.
//!
//! As for a client: the row is locked, the try counted by a guarded update before anything is compared, and nothing is
//! answered before the commit. A right one makes the proof that the browser takes on to the host.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::domain::access_code::{self, Typed};
use crate::domain::challenge::{Challenge, Verdict};
use crate::domain::code::{Binding, NotACode};
use crate::domain::event::EventType;
use crate::domain::guest::{Guest, Matter, Method, Out};
use crate::domain::proof::Proof;
use crate::domain::timestamp::Timestamp;
use crate::ports;
use crate::store::StoreError;
use crate::usecase::client::check_code::derive;
use crate::usecase::{Desk, Failure};

use super::attempt::{Slate, Tried, attempt};
use super::link::Ticket;
use super::work::{Done, Work};

/// What the check came to.
#[derive(Debug)]
pub enum Checked {
    /// Right: where the browser goes on to, with its proof.
    Passed {
        location: String,
    },
    Not(Verdict),
    /// No code at all; it costs no try.
    NotACode(NotACode),
    /// The link is over.
    Gone,
}

/// Checks a code. Only where one is asked for (`told`) is it read as an access code, too: a slip of the finger in a code that
/// was sent must not cost a try of the other.
///
/// # Errors
/// The database's.
pub async fn check_code(
    desk: &Desk,
    ticket: &Ticket,
    (typed, told): (&str, bool),
    address: &str,
) -> Result<Checked, Failure> {
    let Some((mut work, mut guest)) = ticket.lock(desk, address).await? else { return Ok(Checked::Gone) };
    let digits = digits(&work, &guest).await?;
    let typed = match Typed::parse(typed, digits, told && guest.takes_access_codes(&work.tenant)) {
        Ok(typed) => typed,
        Err(fault) => return Ok(Checked::NotACode(fault)),
    };
    let checked = check(&mut work, &mut guest, &typed).await?;
    if let Checked::Not(verdict) = &checked
        && !matches!(verdict, Verdict::Incorrect { .. })
    {
        return Ok(checked);
    }
    work.tx.of(&work.tenant.id).update_guest(&guest).await?;
    work.commit().await?;
    let result = if matches!(checked, Checked::Passed { .. }) { "verified" } else { "incorrect" };
    metrics::counter!("countersign_guest_checks_total", "result" => result).increment(1);
    Ok(checked)
}

/// How many digits the code has that is out; a tenant may have changed its mind since.
async fn digits(work: &Work<'_>, guest: &Guest) -> Result<u32, StoreError> {
    let usual = guest.rules(&work.tenant).digits;
    let Some(out) = &guest.standing.code else { return Ok(usual) };
    let found = work.tx.of(&work.tenant.id).challenge(&out.challenge).await?;
    Ok(found.map_or(usual, |challenge| challenge.digits))
}

async fn check(work: &mut Work<'_>, guest: &mut Guest, typed: &Typed) -> Result<Checked, Failure> {
    let Some(mut out) = slot(guest, typed).clone() else { return Ok(Checked::Not(Verdict::Expired)) };
    let (tenant, person) = (Arc::clone(&work.tenant), guest.person.id.clone());
    let rules = guest.rules(&tenant).clone();
    let workflow = guest.matter.workflow();
    let slate = Slate { workflow, throttle: &mut guest.standing.throttle, person: &person, rules: &rules };
    let here = &*work;
    let is_right = |challenge: &Challenge| {
        Ok(match typed {
            Typed::Sent(code) => derive(here.desk, &tenant, challenge)?.matches(code),
            Typed::Told(code) => access_code(here, challenge)?.matches(code),
        })
    };
    let tried = attempt((work.desk, &work.tx, &tenant), work.when(), &mut out, slate, is_right).await?;
    *slot(guest, typed) = Some(out.clone());
    Ok(match tried {
        Tried::Not(verdict) => Checked::Not(verdict),
        Tried::Right => Checked::Passed { location: pass(work, guest, typed, &out).await? },
        Tried::Wrong { tries_left, over, until } => {
            fail(work, guest, &out, (tries_left, over, until)).await?;
            Checked::Not(Verdict::Incorrect { tries_left })
        }
    })
}

/// Where the newest code of that kind stands.
fn slot<'a>(guest: &'a mut Guest, typed: &Typed) -> &'a mut Option<Out> {
    match typed {
        Typed::Sent(_) => &mut guest.standing.code,
        Typed::Told(_) => &mut guest.standing.told,
    }
}

/// The access code of a challenge, with the key it was made with.
///
/// # Errors
/// A key that is not configured.
pub fn access_code(work: &Work<'_>, challenge: &Challenge) -> Result<access_code::AccessCode, StoreError> {
    let ring = &work.desk.store.vault().ring;
    let keys = ring.by_id(challenge.key).ok_or(StoreError::Guard("challenge"))?;
    let of = Binding {
        tenant: &work.tenant.id,
        workflow: challenge.workflow,
        subject: &challenge.subject,
        challenge: challenge.id.as_str(),
        epoch: challenge.epoch,
        digits: challenge.digits,
    };
    Ok(access_code::derive(keys, of))
}

async fn pass(work: &mut Work<'_>, guest: &mut Guest, typed: &Typed, out: &Out) -> Result<String, Failure> {
    let method = match typed {
        Typed::Sent(_) => out.method(),
        Typed::Told(_) => Method::Told,
    };
    let proof = Proof::new(ports::bytes(work.desk.random.as_ref()));
    guest.standing.verify(work.now, method);
    guest.standing.proofs.keep(&proof, method, work.now, work.epoch);
    note(work, guest, &out.challenge, "verified", json!({"method": method}));
    let kind = match guest.matter {
        Matter::Signing { .. } => EventType::SigningVerified,
        Matter::Session { .. } => EventType::ParticipantVerified,
    };
    work.tell(kind, guest).await?;
    Ok(guest.matter.return_url().with(&proof))
}

async fn fail(
    work: &mut Work<'_>,
    guest: &Guest,
    out: &Out,
    (tries_left, over, until): (u32, bool, Option<Timestamp>),
) -> Result<(), StoreError> {
    note(work, guest, &out.challenge, "incorrect", json!({"tries_left": tries_left}));
    if !over {
        return Ok(());
    }
    note(work, guest, &out.challenge, "locked", json!({"subject_until": until}));
    let kind = match guest.matter {
        Matter::Signing { .. } => EventType::SigningLocked,
        Matter::Session { .. } => EventType::ParticipantLocked,
    };
    work.tell(kind, guest).await
}

fn note(
    work: &mut Work<'_>,
    guest: &Guest,
    challenge: &crate::domain::id::ChallengeId,
    outcome: &'static str,
    detail: Value,
) {
    work.note(guest, Done("code.check", outcome, challenge.as_str()), detail);
}
