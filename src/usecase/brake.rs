//! The brake on guesses that are spread over many clients: wrong tries are counted with what they came to, and where a
//! tenant can bear no more, checks rest in every process.
//!
//! Whether they rest is read from the directory, so a check costs no query for it; who counts the try that is one too many
//! raises the revision with the same commit, and all processes know within a second. What all tenants have had together
//! each process looks up now and then.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::json;

use crate::domain::audit::Origin;
use crate::domain::guess::{self, Ceiling};
use crate::domain::id::TenantId;
use crate::domain::refusal::Refusal;
use crate::domain::timestamp::Timestamp;
use crate::domain::workflow::Workflow;
use crate::store::{Store, StoreError, Tx};

use super::Desk;
use super::tenant::record::record_by;

/// Of which workflows all tenants together have had too many wrong tries, as this process last looked.
#[derive(Clone)]
pub struct Everywhere {
    ceiling: Ceiling,
    reached: Arc<[AtomicBool; Workflow::ALL.len()]>,
}

impl Everywhere {
    /// None yet.
    pub fn new(ceiling: Ceiling) -> Self {
        Self { ceiling, reached: Arc::default() }
    }

    fn is_reached(&self, workflow: Workflow) -> bool {
        self.reached[workflow as usize].load(Ordering::Relaxed)
    }

    /// Looks anew.
    ///
    /// # Errors
    /// [`StoreError`]; then what was seen last stands.
    pub async fn look(&self, store: &Store, now: Timestamp) -> Result<(), StoreError> {
        let sums = store.guessed_everywhere(now).await?;
        for workflow in Workflow::ALL {
            let chance = sums.iter().find(|(of, _)| *of == workflow).map_or(0, |(_, chance)| *chance);
            let reached = self.ceiling.is_reached(chance);
            let was = self.reached[workflow as usize].swap(reached, Ordering::Relaxed);
            if reached && !was {
                tracing::error!(%workflow, "too many wrong codes over all tenants: each has few an hour left");
            }
            metrics::gauge!("countersign_guessed_everywhere", "workflow" => workflow.as_str())
                .set(f64::from(u8::from(reached)));
        }
        Ok(())
    }
}

/// Until when nothing of this workflow is checked for a tenant.
pub fn rests_until(desk: &Desk, tenant: &TenantId, workflow: Workflow, now: Timestamp) -> Option<Timestamp> {
    let everywhere = desk.everywhere.is_reached(workflow);
    guess::rests_until(desk.directory.get().guesses(tenant), workflow, everywhere, now)
}

/// Whether codes go on: who cannot have one checked is not sent one either.
///
/// # Errors
/// `Locked`
pub fn goes_on(desk: &Desk, tenant: &TenantId, workflow: Workflow, now: Timestamp) -> Result<(), Refusal> {
    rests_until(desk, tenant, workflow, now).map_or(Ok(()), |until| Err(Refusal::Locked { until }))
}

/// Counts a wrong try that had this chance, in billionths, within the transaction that writes what it came to.
///
/// # Errors
/// [`StoreError`]
pub async fn count_wrong(
    desk: &Desk,
    tx: &Tx,
    tenant: &TenantId,
    (workflow, chance): (Workflow, u64),
    now: Timestamp,
) -> Result<(), StoreError> {
    let guesses = tx.of(tenant).count_guess(workflow, chance, now).await?;
    let everywhere = desk.everywhere.is_reached(workflow);
    let Some(until) = guess::rests_until(&guesses, workflow, everywhere, now) else { return Ok(()) };
    if rests_until(desk, tenant, workflow, now).is_some() {
        return Ok(());
    }
    let tries = guess::tries(&guesses, now);
    tracing::error!(%tenant, %workflow, tries, %until, "too many wrong codes: checks rest");
    count(workflow, 1);
    let mut detail = json!({"wrong_tries": tries, "until": until});
    if everywhere {
        detail["everywhere"] = json!(true);
    }
    record_by(desk, tx, (tenant, Origin::service("brake")), "checks.rest", workflow.as_str(), detail).await
}

/// Makes the figures of checks that rest known, all zero.
pub fn announce() {
    for workflow in Workflow::ALL {
        count(workflow, 0);
    }
}

fn count(workflow: Workflow, times: u64) {
    metrics::counter!("countersign_checks_rested_total", "workflow" => workflow.as_str()).increment(times);
}

/// Lets a tenant's checks go on at once: the wrong codes so far count no more. Gives how many there were.
///
/// # Errors
/// [`StoreError`]
pub async fn let_go_on(desk: &Desk, tenant: &TenantId) -> Result<u64, StoreError> {
    let_go_on_because(desk, tenant, ("", Origin::operator())).await
}

/// The same, whoever asks, for a reason that is put on the record.
///
/// # Errors
/// [`StoreError`]
pub async fn let_go_on_because(
    desk: &Desk,
    tenant: &TenantId,
    (reason, by): (&str, Origin),
) -> Result<u64, StoreError> {
    let tx = desk.store.begin().await?;
    let tries = tx.forget_guesses(tenant).await?;
    let mut detail = json!({"wrong_tries": tries});
    if !reason.is_empty() {
        detail["reason"] = json!(reason);
    }
    record_by(desk, &tx, (tenant, by), "checks.resume", "", detail).await?;
    tx.commit().await?;
    desk.refresh().await?;
    Ok(tries)
}
