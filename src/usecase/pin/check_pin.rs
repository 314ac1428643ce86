//! An agent types the PIN that the client says.
//!
//! The try is counted and committed, then compared with no transaction open, and what it came to is written in a
//! second one: nothing is answered before that, so neither a race nor a crash gives a free try.

use std::sync::Arc;

use serde_json::json;

use crate::domain::agent::Agent;
use crate::domain::client::{Assurance, Method, Verified};
use crate::domain::event::EventType;
use crate::domain::id::ClientId;
use crate::domain::pin;
use crate::domain::pin::secret::Pin;
use crate::domain::pin::standing::Set;
use crate::domain::pin::tries::{self, StoredPin, Verdict};
use crate::domain::request;
use crate::domain::tenant::Tenant;
use crate::store::StoreError;
use crate::usecase::case::Note;
use crate::usecase::{Caller, Case, Desk, Failure};

use super::hasher::{Hashed, Of};

/// What the check came to, with the proof if there is one.
pub struct Checked {
    pub verdict: Verdict,
    pub verified: Option<Verified>,
}

/// Checks a PIN.
///
/// # Errors
/// `ClientNotFound`, `PinDisabled`, `Reported`, `Busy`; `Invalid` for something that cannot be a PIN. None of them
/// costs a try.
pub async fn check_pin(
    desk: &Desk,
    tenant: &Arc<Tenant>,
    client: &ClientId,
    typed: &str,
    agent: Option<Agent>,
    caller: &Caller,
) -> Result<Checked, Failure> {
    let case = Case::open(desk, tenant, client, caller).await?;
    request::may_use_pin(tenant, &case.client, case.now)?;
    let typed = Pin::parse(typed, pin::DIGITS).map_err(|e| Failure::Invalid(e.to_string()))?;
    let checked = match count(case).await? {
        Ok(tried) => compare(desk, tenant, client, &typed, &tried, agent, caller).await?,
        Err(verdict) => Checked { verdict, verified: None },
    };
    metrics::counter!("countersign_pin_checks_total", "result" => checked.verdict.as_str()).increment(1);
    Ok(checked)
}

/// Counts the try, for good; or says what to answer instead.
async fn count(mut case: Case<'_>) -> Result<Result<StoredPin, Verdict>, Failure> {
    let allowed = case.tenant.policy.pin.tries;
    let scope = case.tx.of(&case.tenant.id);
    let stored = scope.pin(&case.client.id).await?;
    if let Err(verdict) = tries::may_try(stored.as_ref(), allowed) {
        if let Some(stuck) = stored.filter(|pin| pin.is_stuck(allowed, case.now)) {
            lock(&mut case, &stuck).await?;
            case.commit().await?;
        }
        return Ok(Err(verdict));
    }
    let tried = scope.count_pin_try(&case.client.id, allowed, case.now).await?;
    let tried = tried.ok_or(StoreError::Guard("pin"))?;
    note(&mut case, "counted", json!({"try": tried.tries}));
    case.commit_notes().await?;
    Ok(Ok(tried))
}

/// Compares with no transaction open, and writes what that came to.
async fn compare(
    desk: &Desk,
    tenant: &Arc<Tenant>,
    client: &ClientId,
    typed: &Pin,
    tried: &StoredPin,
    agent: Option<Agent>,
    caller: &Caller,
) -> Result<Checked, Failure> {
    let of = Of { tenant: &tenant.id, client };
    let stored = Hashed { text: tried.hash.clone(), key: tried.key };
    let compared = match desk.hasher.matches(typed, &stored, of).await {
        Ok(compared) => compared,
        Err(busy) => {
            let tx = desk.store.begin().await?;
            tx.of(&tenant.id).uncount_pin_try(client, tried).await?;
            tx.commit().await?;
            return Err(busy.into());
        }
    };
    // One made with an old key or weaker parameters is made anew, now that the digits are known.
    let fresh = if compared.ok && compared.outdated { desk.hasher.hash(typed, of).await.ok() } else { None };
    let mut case = Case::open(desk, tenant, client, caller).await?;
    case.settle().await?;
    let now = case.tx.of(&tenant.id).pin(client).await?;
    let allowed = tenant.policy.pin.tries;
    let verdict = tries::judge(compared.ok, tried, now.as_ref(), allowed);
    let verified = match (verdict, now) {
        (Verdict::Verified, Some(now)) => Some(succeed(&mut case, &now, fresh, agent).await?),
        (Verdict::Incorrect { tries_left }, Some(now)) => {
            fail(&mut case, &now, tries_left).await?;
            None
        }
        _ => None,
    };
    case.commit().await?;
    Ok(Checked { verdict, verified })
}

async fn succeed(
    case: &mut Case<'_>,
    now: &StoredPin,
    fresh: Option<Hashed>,
    agent: Option<Agent>,
) -> Result<Verified, Failure> {
    let rekeyed = fresh.is_some();
    let (hash, key) = fresh.map_or_else(|| (now.hash.clone(), now.key), |fresh| (fresh.text, fresh.key));
    let after = StoredPin { hash, key, tries: 0, ..now.clone() };
    case.tx.of(&case.tenant.id).write_pin(&case.client.id, now, &after).await?;
    let set: &Set = case.client.standing.pin.set.as_ref().ok_or(StoreError::Guard("pin"))?;
    let verified = Verified {
        challenge: None,
        method: Method::Pin,
        assurance: Assurance::Pin,
        contact: set.by.clone(),
        agent,
        surface: None,
        channels: Vec::new(),
        at: case.now,
        until: case.now + case.tenant.policy.pin.verified_for,
    };
    let standing = &mut case.client.standing;
    standing.last_verified_at = Some(verified.at);
    standing.last_verified_by.clone_from(&verified.agent);
    standing.verified = Some(verified.clone());
    case.changed();
    case.tell(EventType::Verified, None);
    note(
        case,
        "verified",
        json!({"assurance": verified.assurance, "until": verified.until, "rekeyed": rekeyed}),
    );
    Ok(verified)
}

async fn fail(case: &mut Case<'_>, now: &StoredPin, tries_left: u32) -> Result<(), Failure> {
    case.changed();
    case.tell(EventType::Failed, None);
    note(case, "incorrect", json!({"tries_left": tries_left}));
    if tries_left == 0 {
        lock(case, now).await?;
    }
    Ok(())
}

/// Locks the PIN until it is set anew.
async fn lock(case: &mut Case<'_>, now: &StoredPin) -> Result<(), Failure> {
    let after = StoredPin { locked_at: Some(case.now), ..now.clone() };
    case.tx.of(&case.tenant.id).write_pin(&case.client.id, now, &after).await?;
    if let Some(set) = &mut case.client.standing.pin.set {
        set.locked = true;
    }
    case.changed();
    case.tell(EventType::PinLocked, None);
    note(case, "locked", json!({}));
    Ok(())
}

fn note(case: &mut Case<'_>, outcome: &'static str, detail: serde_json::Value) {
    let set = case.client.standing.pin.set.as_ref();
    let contact = set.map_or_else(String::new, |set| set.by.id.as_str().to_owned());
    case.note(Note { action: "pin.check", outcome, contact: &contact, object: "", detail });
}
