//! An agent types the PIN that the client says.
//!
//! The try is counted and committed, then compared with no transaction open, and what it came to is written in a
//! second one: nothing is answered before that, so neither a race nor a crash gives a free try. Whatever happened
//! meanwhile, a report above all, counts.

use std::sync::Arc;

use serde_json::json;

use crate::domain::agent::Agent;
use crate::domain::client::{Assurance, Method, Verified};
use crate::domain::event::EventType;
use crate::domain::guess;
use crate::domain::id::ClientId;
use crate::domain::pin;
use crate::domain::pin::secret::Pin;
use crate::domain::pin::standing::Set;
use crate::domain::pin::tries::{self, StoredPin, Verdict};
use crate::domain::refusal::Refusal;
use crate::domain::request;
use crate::domain::tenant::Tenant;
use crate::domain::workflow::Workflow;
use crate::store::StoreError;
use crate::usecase::case::Note;
use crate::usecase::{Caller, Case, Desk, Failure, brake};

use super::hasher::{Admission, HashFault, Hashed, Of, Whose};
use super::lock_pin;

/// What the check came to, with the proof if there is one.
pub struct Checked {
    pub verdict: Verdict,
    pub verified: Option<Verified>,
}

impl Checked {
    fn without_proof(verdict: Verdict) -> Self {
        Self { verdict, verified: None }
    }
}

/// Checks a PIN.
///
/// # Errors
/// `ClientNotFound`, `PinDisabled`, `Reported`, `Busy`, `Locked` while checks rest; `Invalid` for something that cannot be a PIN. None of them costs a
/// try, but for a report that comes while it is being compared.
pub async fn check_pin(
    desk: &Desk,
    tenant: &Arc<Tenant>,
    client: &ClientId,
    typed: &str,
    agent: Option<Agent>,
    caller: &Caller,
) -> Result<Checked, Failure> {
    let checked = match begin(desk, tenant, client, typed, caller).await? {
        Begun::Counted(attempt) => attempt.finish(desk, tenant, client, agent, caller).await?,
        Begun::Answered(verdict) => Checked::without_proof(verdict),
    };
    tally(checked.verdict, 1);
    Ok(checked)
}

/// Makes the figures of checks known, all zero.
pub fn announce() {
    for verdict in Verdict::ALL {
        tally(verdict, 0);
    }
}

fn tally(verdict: Verdict, times: u64) {
    metrics::counter!("countersign_pin_checks_total", "result" => verdict.as_str()).increment(times);
}

/// What the first half of a check came to.
pub enum Begun {
    /// A try is counted for good, and must be compared.
    Counted(Attempt),
    /// There is nothing to compare.
    Answered(Verdict),
}

/// A try that was counted, with its place in the pool.
pub struct Attempt {
    typed: Pin,
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

/// The first half: reads the PIN and counts the try.
///
/// # Errors
/// Those of [`check_pin`].
pub async fn begin(
    desk: &Desk,
    tenant: &Arc<Tenant>,
    client: &ClientId,
    typed: &str,
    caller: &Caller,
) -> Result<Begun, Failure> {
    // Where the pool is full, a flood costs no transaction.
    drop(desk.hasher.admit(&tenant.id)?);
    let case = Case::open(desk, tenant, client, caller).await?;
    request::may_use_pin(tenant, &case.client, case.now)?;
    brake::goes_on(desk, &tenant.id, Workflow::Pin, case.now)?;
    let typed = Pin::parse(typed, pin::DIGITS).map_err(|e| Failure::Invalid(e.to_string()))?;
    count(desk, case, typed).await
}

/// Counts the try, for good, once it is sure to be compared; or says what to answer instead.
async fn count(desk: &Desk, mut case: Case<'_>, typed: Pin) -> Result<Begun, Failure> {
    let allowed = case.tenant.policy.pin.tries;
    let stored = case.tx.of(&case.tenant.id).pin(&case.client.id).await?;
    if let Err(verdict) = tries::may_try(stored.as_ref(), allowed) {
        if stored.is_some_and(|pin| pin.is_stuck(allowed, case.now)) {
            case.settle().await?;
            lock_pin::lock_if_open(&mut case, "wrong_tries").await?;
            case.commit().await?;
        }
        return Ok(Begun::Answered(verdict));
    }
    // A role that the tenant no longer authorizes proves nothing either.
    if lock_pin::lock_if_orphaned(&mut case).await? {
        case.commit().await?;
        return Ok(Begun::Answered(Verdict::Locked));
    }
    // It works again once the key is configured again, so no lock is written; another PIN may be set meanwhile.
    if let Some(pin) = stored.as_ref().filter(|pin| !desk.hasher.has_key(pin.key)) {
        note(&mut case, "key_gone", json!({"key": pin.key.to_string()}));
        case.commit_notes().await?;
        return Ok(Begun::Answered(Verdict::Locked));
    }
    let place = desk.hasher.admit(&case.tenant.id)?;
    let wrong = stored.map_or(0, |pin| pin.wrong_by(case.now));
    let tried = case.tx.of(&case.tenant.id).count_pin_try(&case.client.id, allowed, wrong, case.now).await?;
    let tried = tried.ok_or(StoreError::Guard("pin"))?;
    note(&mut case, "counted", json!({"try": tried.tries}));
    if lock_pin::foresee(&mut case, &tried) {
        case.changed();
        case.commit().await?;
    } else {
        case.commit_notes().await?;
    }
    Ok(Begun::Counted(Attempt { typed, tried, place }))
}

impl Attempt {
    /// The second half: compares the PIN and writes what that came to, by what is so now.
    ///
    /// # Errors
    /// Those of [`check_pin`].
    pub async fn finish(
        self,
        desk: &Desk,
        tenant: &Arc<Tenant>,
        client: &ClientId,
        agent: Option<Agent>,
        caller: &Caller,
    ) -> Result<Checked, Failure> {
        let of = Of { tenant: &tenant.id, whose: Whose::Pin(client) };
        let compared = match compare(&self, of).await {
            Ok(compared) => compared,
            Err(fault) => {
                give_back(desk, tenant, client, caller, &self.tried).await?;
                return Err(fault.into());
            }
        };
        let directory = desk.directory.get();
        let tenant = directory.member(&tenant.id).map_or(tenant, |member| &member.tenant);
        settle(compared, Case::open(desk, tenant, client, caller).await?, agent).await
    }
}

/// Compares with no transaction open.
async fn compare(attempt: &Attempt, of: Of<'_>) -> Result<Compared, HashFault> {
    let Attempt { typed, tried, place } = attempt;
    let kept = Hashed { text: tried.hash.clone(), key: tried.key };
    let verdict = place.matches(typed.expose(), &kept, of).await?;
    let mut fresh = None;
    if verdict.ok && verdict.outdated {
        // A right one is right whether or not there is time to hash it anew.
        match place.hash(typed.expose(), of).await {
            Ok(hashed) => fresh = Some(hashed),
            Err(error) => tracing::warn!(%error, "a PIN of an old key or other parameters stays as it is"),
        }
    }
    Ok(Compared { tried: tried.clone(), ok: verdict.ok, fresh })
}

/// A try that could not be compared is given back, where there still is somebody to give it to.
async fn give_back(
    desk: &Desk,
    tenant: &Arc<Tenant>,
    client: &ClientId,
    caller: &Caller,
    tried: &StoredPin,
) -> Result<(), Failure> {
    let mut case = match Case::open(desk, tenant, client, caller).await {
        Ok(case) => case,
        Err(Failure::Refused(_)) => return Ok(()),
        Err(failure) => return Err(failure),
    };
    case.settle().await?;
    let left = case.tx.of(&tenant.id).uncount_pin_try(client, tried).await?;
    let Some(left) = left else { return Ok(()) };
    if lock_pin::foresee(&mut case, &left) {
        case.changed();
    }
    note(&mut case, "given_back", json!({"try": tried.tries}));
    case.commit().await?;
    Ok(())
}

/// Writes what the comparison came to, by what is kept now.
async fn settle(compared: Compared, mut case: Case<'_>, agent: Option<Agent>) -> Result<Checked, Failure> {
    case.settle().await?;
    // Right or wrong, a try that a report overtakes stays counted: else one could tell which it was.
    if let Err(refusal) = request::may_use_pin(&case.tenant, &case.client, case.now) {
        let because = if matches!(refusal, Refusal::Reported { .. }) { "reported" } else { "pin_disabled" };
        note(&mut case, "late", json!({"because": because}));
        case.commit().await?;
        return Err(refusal.into());
    }
    let orphaned = lock_pin::lock_if_orphaned(&mut case).await?;
    let now = case.tx.of(&case.tenant.id).pin(&case.client.id).await?;
    let allowed = case.tenant.policy.pin.tries;
    let verdict = match tries::judge(compared.ok, &compared.tried.hash, now.as_ref(), allowed) {
        _ if orphaned => Verdict::Locked,
        verdict => verdict,
    };
    let verified = match (verdict, now) {
        (Verdict::Verified, Some(now)) => Some(succeed(&mut case, &now, compared.fresh, agent).await?),
        (Verdict::Incorrect { tries_left }, Some(now)) if now.hash == compared.tried.hash => {
            fail(&mut case, &now, tries_left).await?;
            let guess = (Workflow::Pin, guess::chance(pin::DIGITS));
            brake::count_wrong(case.desk(), &case.tx, &case.tenant.id, guess, case.now).await?;
            None
        }
        (Verdict::Incorrect { .. }, _) => {
            note(&mut case, "late", json!({"because": "set_anew"}));
            None
        }
        (verdict, _) => {
            note(&mut case, "late", json!({"because": verdict.as_str()}));
            None
        }
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
    lock_pin::foresee(case, &after);
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
    case.client.standing.prove(&verified, case.tenant.tells_proofs_apart());
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
    lock_pin::foresee(case, &after);
    case.changed();
    case.tell(EventType::Failed, None);
    note(case, "incorrect", json!({"tries_left": tries_left}));
    if after.locked_at.is_some() {
        lock_pin::tell(case, "wrong_tries");
    }
    Ok(())
}

fn note(case: &mut Case<'_>, outcome: &'static str, detail: serde_json::Value) {
    let contact = lock_pin::holder(case);
    case.note(Note { action: "pin.check", outcome, contact: &contact, object: "", detail });
}
