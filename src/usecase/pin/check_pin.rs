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

use super::hasher::{Admission, Hashed, Of};
use super::lock_pin;

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
    // Where the pool is full, a flood costs no transaction.
    drop(desk.hasher.admit()?);
    let case = Case::open(desk, tenant, client, caller).await?;
    request::may_use_pin(tenant, &case.client, case.now)?;
    let typed = Pin::parse(typed, pin::DIGITS).map_err(|e| Failure::Invalid(e.to_string()))?;
    let checked = match count(desk, case).await? {
        Ok(counted) => {
            let compared = counted.compare(desk, tenant, client, &typed).await?;
            settle(compared, Case::open(desk, tenant, client, caller).await?, agent).await?
        }
        Err(verdict) => Checked { verdict, verified: None },
    };
    metrics::counter!("countersign_pin_checks_total", "result" => checked.verdict.as_str()).increment(1);
    Ok(checked)
}

/// A try that was counted, with its place in the pool.
struct Counted {
    tried: StoredPin,
    place: Admission,
}

/// What comparing it came to.
struct Compared {
    tried: StoredPin,
    ok: bool,
    /// One made with an old key or other parameters, made anew now that the digits are known.
    fresh: Option<Hashed>,
}

/// Counts the try, for good, once it is sure to be compared; or says what to answer instead.
async fn count(desk: &Desk, mut case: Case<'_>) -> Result<Result<Counted, Verdict>, Failure> {
    let allowed = case.tenant.policy.pin.tries;
    let stored = case.tx.of(&case.tenant.id).pin(&case.client.id).await?;
    if let Err(verdict) = tries::may_try(stored.as_ref(), allowed) {
        if let Some(stuck) = stored.filter(|pin| pin.is_stuck(allowed, case.now)) {
            lock_pin::lock(&mut case, &stuck, "wrong_tries").await?;
            case.commit().await?;
        }
        return Ok(Err(verdict));
    }
    // A role that the tenant no longer authorizes proves nothing either.
    if lock_pin::lock_if_orphaned(&mut case).await? {
        case.commit().await?;
        return Ok(Err(Verdict::Locked));
    }
    let place = desk.hasher.admit()?;
    let wrong = stored.map_or(0, |pin| pin.wrong_by(case.now));
    let tried = case.tx.of(&case.tenant.id).count_pin_try(&case.client.id, allowed, wrong, case.now).await?;
    let tried = tried.ok_or(StoreError::Guard("pin"))?;
    note(&mut case, "counted", json!({"try": tried.tries}));
    case.commit_notes().await?;
    Ok(Ok(Counted { tried, place }))
}

impl Counted {
    /// Compares with no transaction open. A try that could not be compared is given back.
    async fn compare(
        self,
        desk: &Desk,
        tenant: &Tenant,
        client: &ClientId,
        typed: &Pin,
    ) -> Result<Compared, Failure> {
        let Self { tried, place } = self;
        let of = Of { tenant: &tenant.id, client };
        let kept = Hashed { text: tried.hash.clone(), key: tried.key };
        let verdict = match place.matches(typed, &kept, of).await {
            Ok(verdict) => verdict,
            Err(fault) => {
                let tx = desk.store.begin().await?;
                tx.of(&tenant.id).uncount_pin_try(client, &tried).await?;
                tx.commit().await?;
                return Err(fault.into());
            }
        };
        let anew = verdict.ok && verdict.outdated;
        let fresh = if anew { Some(place.hash(typed, of).await?) } else { None };
        Ok(Compared { tried, ok: verdict.ok, fresh })
    }
}

/// Writes what the comparison came to, by what is kept now.
async fn settle(compared: Compared, mut case: Case<'_>, agent: Option<Agent>) -> Result<Checked, Failure> {
    case.settle().await?;
    let now = case.tx.of(&case.tenant.id).pin(&case.client.id).await?;
    let allowed = case.tenant.policy.pin.tries;
    let verdict = tries::judge(compared.ok, &compared.tried.hash, now.as_ref(), allowed);
    let verified = match (verdict, now) {
        (Verdict::Verified, Some(now)) => Some(succeed(&mut case, &now, compared.fresh, agent).await?),
        (Verdict::Incorrect { tries_left }, Some(now)) if now.hash == compared.tried.hash => {
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
    let after = StoredPin { hash, key, ..tries::after_right(now) };
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
    let after = tries::after_wrong(now, tries_left, case.now);
    case.tx.of(&case.tenant.id).write_pin(&case.client.id, now, &after).await?;
    case.changed();
    case.tell(EventType::Failed, None);
    note(case, "incorrect", json!({"tries_left": tries_left}));
    if after.locked_at.is_some() {
        lock_pin::tell(case, "wrong_tries");
    }
    Ok(())
}

fn note(case: &mut Case<'_>, outcome: &'static str, detail: serde_json::Value) {
    let set = case.client.standing.pin.set.as_ref();
    let contact = set.map_or_else(String::new, |set| set.by.id.as_str().to_owned());
    case.note(Note { action: "pin.check", outcome, contact: &contact, object: "", detail });
}
