//! An agent types what the client reads out.
//!
//! One transaction, with the client locked: the try is counted by a guarded update before anything is compared,
//! and nothing is answered before the commit, so neither a race nor a crash gives a free try.

use std::sync::Arc;

use serde_json::json;

use crate::domain::agent::Agent;
use crate::domain::challenge::{self, Challenge, State, Verdict};
use crate::domain::client::{Assurance, Locked, Method, Named, Verified};
use crate::domain::code::{self, Binding, TypedCode};
use crate::domain::event::EventType;
use crate::domain::guess;
use crate::domain::id::ChallengeId;
use crate::domain::refusal::Refusal;
use crate::domain::request;
use crate::domain::tenant::Tenant;
use crate::domain::timestamp::Timestamp;
use crate::domain::workflow::Workflow;
use crate::store::StoreError;
use crate::usecase::case::Note;
use crate::usecase::{Caller, Case, Desk, Failure, brake};

use super::dispatch;

/// What the check came to, with the proof if there is one.
pub struct Checked {
    pub verdict: Verdict,
    pub verified: Option<Verified>,
}

/// Checks a code.
///
/// # Errors
/// `NotFound`; `Invalid` for something that cannot be a code, which costs no try.
pub async fn check_code(
    desk: &Desk,
    tenant: &Arc<Tenant>,
    id: &ChallengeId,
    typed: &str,
    agent: Option<Agent>,
    caller: &Caller,
) -> Result<Checked, Failure> {
    let mut case = Case::of_challenge(desk, tenant, id, caller).await?;
    let epoch = desk.directory.get().epoch;
    if let Err(verdict) = may_try(desk, &case, id, epoch).await? {
        return Ok(Checked { verdict, verified: None });
    }
    // Counted in the database first; everything after this stands or falls with the same commit.
    let counted = case.tx.of(&tenant.id).count_try(id).await?;
    let challenge = counted.ok_or(StoreError::Guard("challenge"))?;
    if challenge.epoch != epoch {
        return Ok(Checked { verdict: Verdict::Expired, verified: None });
    }
    let typed = TypedCode::parse(typed, challenge.digits).map_err(|e| Failure::Invalid(e.to_string()))?;
    // An older proof may have lapsed unnoticed: it is told and counted before a new one takes its place.
    case.settle().await?;
    let rules = &tenant.policy.client.code;
    case.client.standing.throttle.count_try(&challenge.contact, rules, case.now);
    let right = derive(desk, tenant, &challenge)?.matches(&typed);
    let left = case.client.standing.throttle.tries_left(&challenge.contact, rules, case.now);
    let verdict = challenge::judge(right, left.min(challenge.tries_left()));
    let verified = if right {
        let receipts = dispatch::receipts(desk, &case, &challenge);
        case.send(&receipts);
        Some(succeed(&mut case, &challenge, agent).await?)
    } else {
        fail(&mut case, &challenge, verdict).await?;
        let guess = (Workflow::Client, guess::chance(challenge.digits));
        brake::count_wrong(desk, &case.tx, &tenant.id, guess, case.now).await?;
        None
    };
    case.commit().await?;
    metrics::counter!("countersign_checks_total", "result" => verdict.as_str()).increment(1);
    Ok(Checked { verdict, verified })
}

/// Whether this challenge is the client's live one and may be tried; otherwise what to answer.
async fn may_try(
    desk: &Desk,
    case: &Case<'_>,
    id: &ChallengeId,
    epoch: i64,
) -> Result<Result<(), Verdict>, Failure> {
    let rests = brake::rests_until(desk, &case.tenant.id, Workflow::Client, case.now);
    let pending =
        case.client.standing.pending.as_ref().filter(|p| p.challenge == *id && p.expires_at > case.now);
    if let Some(pending) = pending {
        // A role that the tenant no longer authorizes proves nothing either.
        if request::authorized(&case.tenant, &case.client, &pending.contact.id).is_err() {
            return Ok(Err(Verdict::Cancelled));
        }
        let locked = case.client.standing.throttle.locked_until(&pending.contact.id, case.now);
        return Ok(challenge::may_try(State::Active, locked.max(rests)));
    }
    let found = case.tx.of(&case.tenant.id).challenge(id).await?;
    let challenge = found.ok_or(Refusal::NotFound("challenge"))?;
    let locked = case.client.standing.throttle.locked_until(&challenge.contact, case.now);
    Ok(challenge::may_try(challenge.state(case.now, epoch), locked))
}

/// The code of a challenge, with the key it was made with.
pub fn derive(desk: &Desk, tenant: &Tenant, challenge: &Challenge) -> Result<code::Code, StoreError> {
    let keys = desk.store.vault().ring.by_id(challenge.key).ok_or_else(|| StoreError::Row {
        table: "challenge",
        column: "key_id",
        id: challenge.id.as_str().to_owned(),
        reason: format!("master key {} is not among the configured ones", challenge.key),
    })?;
    Ok(code::derive(
        keys,
        Binding {
            tenant: &tenant.id,
            workflow: challenge.workflow,
            subject: &challenge.subject,
            challenge: challenge.id.as_str(),
            epoch: challenge.epoch,
            digits: challenge.digits,
        },
    ))
}

async fn succeed(
    case: &mut Case<'_>,
    challenge: &Challenge,
    agent: Option<Agent>,
) -> Result<Verified, Failure> {
    close(case, challenge, State::Verified).await?;
    let verified = Verified {
        challenge: Some(challenge.id.clone()),
        method: Method::Code,
        assurance: Assurance::of(&challenge.channels),
        contact: Named { id: challenge.contact.clone(), name: challenge.contact_name.clone() },
        // Whoever typed it heard it; where nobody says who did, whoever asked.
        agent: agent.or_else(|| challenge.agent.clone()),
        surface: challenge.surface,
        channels: challenge.channels.clone(),
        at: case.now,
        until: case.now + case.tenant.policy.client.code.verified_for,
    };
    let standing = &mut case.client.standing;
    standing.throttle.forgive_try(&challenge.contact);
    standing.pending = None;
    standing.locked = None;
    standing.prove(&verified, case.tenant.tells_proofs_apart());
    case.changed();
    case.tell(EventType::Verified, Some(&challenge.id));
    note(case, challenge, "verified", json!({"assurance": verified.assurance, "until": verified.until}));
    Ok(verified)
}

async fn fail(case: &mut Case<'_>, challenge: &Challenge, verdict: Verdict) -> Result<(), Failure> {
    let Verdict::Incorrect { tries_left } = verdict else { return Ok(()) };
    let rules = &case.tenant.policy.client.code;
    let subject = case.client.standing.throttle.lock_if_used_up(&challenge.contact, rules, case.now);
    note(case, challenge, "incorrect", json!({"tries_left": tries_left}));
    if tries_left > 0 && subject.is_none() {
        case.changed();
        case.tell(EventType::Failed, Some(&challenge.id));
        return Ok(());
    }
    close(case, challenge, State::Locked).await?;
    lock(case, challenge, subject);
    case.changed();
    case.tell(EventType::Failed, Some(&challenge.id));
    case.tell(EventType::Locked, Some(&challenge.id));
    note(case, challenge, "locked", json!({"subject_until": subject}));
    Ok(())
}

fn lock(case: &mut Case<'_>, challenge: &Challenge, subject: Option<Timestamp>) {
    case.client.standing.pending = None;
    case.client.standing.locked = Some(Locked {
        challenge: Some(challenge.id.clone()),
        until: subject.unwrap_or(challenge.expires_at),
        subject: subject.is_some(),
    });
}

/// The guarded update by which a challenge ends once, whoever else tries to end it.
async fn close(case: &Case<'_>, challenge: &Challenge, state: State) -> Result<(), StoreError> {
    let closed = case.tx.of(&case.tenant.id).close_challenge(&challenge.id, state, case.now).await?;
    if closed { Ok(()) } else { Err(StoreError::Guard("challenge")) }
}

fn note(case: &mut Case<'_>, challenge: &Challenge, outcome: &'static str, detail: serde_json::Value) {
    let (contact, object) = (challenge.contact.as_str(), challenge.id.as_str());
    case.note(Note { action: "code.check", outcome, contact, object, detail });
}
