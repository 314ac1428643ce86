//! Proving that the log is whole, or telling the first thing that is wrong with it.

use crate::domain::chain::{Chain, Checkpoint, Report, Walk};
use crate::domain::id::TenantId;
use crate::store::{StoreError, Tx};
use crate::usecase::Desk;

use super::logged;

/// Entries read at once.
const PAGE: u64 = 1000;

/// What was found.
#[derive(Debug)]
pub struct Verdict {
    /// One a tenant.
    pub reports: Vec<Report>,
    /// Names of tenants in the log that no tenant can have: somebody else wrote them.
    pub strays: Vec<String>,
}

impl Verdict {
    /// Whether everything is as it was written.
    pub fn is_whole(&self) -> bool {
        self.strays.is_empty() && self.reports.iter().all(|report| report.bad == 0)
    }
}

/// Goes along the log of one tenant, or of all, and compares it with checkpoints that were kept elsewhere. It changes
/// nothing, and nobody waits for it.
///
/// # Errors
/// [`StoreError`]
pub async fn verify(
    desk: &Desk,
    tenant: Option<&TenantId>,
    known: &[Checkpoint],
) -> Result<Verdict, StoreError> {
    let (mut tenants, mut strays) = logged(desk).await?;
    if let Some(tenant) = tenant {
        (tenants, strays) = (vec![tenant.clone()], Vec::new());
    } else {
        // A tenant of which nothing at all is left is known from its checkpoints only.
        tenants.extend(known.iter().map(|checkpoint| checkpoint.tenant.clone()));
        tenants.sort();
        tenants.dedup();
    }
    let mut reports = Vec::new();
    for tenant in &tenants {
        let known = known.iter().filter(|checkpoint| checkpoint.tenant == *tenant).cloned().collect();
        reports.push(verify_tenant(desk, tenant, known).await?);
    }
    Ok(Verdict { reports, strays })
}

async fn verify_tenant(desk: &Desk, tenant: &TenantId, known: Vec<Checkpoint>) -> Result<Report, StoreError> {
    let ring = &desk.store.vault().ring;
    let tx = desk.store.snapshot().await?;
    let chain = tx.of(tenant).chain().await?;
    let is_lost = chain.is_none() && !tx.of(tenant).places(i64::MIN, 1).await?.is_empty();
    let mut walk = Walk::new(ring, chain.unwrap_or_else(|| Chain::start(tenant, ring.current())), known);
    if is_lost {
        walk.lost();
    }
    along(&tx, tenant, &mut walk).await?;
    walk.end();
    unsealed(&tx, tenant, &mut walk).await?;
    Ok(walk.report())
}

async fn along(tx: &Tx, tenant: &TenantId, walk: &mut Walk<'_>) -> Result<(), StoreError> {
    let mut after = i64::MIN;
    loop {
        let places = tx.of(tenant).places(after, PAGE).await?;
        for (link, entry) in &places {
            walk.step(link, entry.as_ref());
        }
        match places.last() {
            Some((last, _)) if places.len() as u64 == PAGE => after = last.seq,
            _ => return Ok(()),
        }
    }
}

async fn unsealed(tx: &Tx, tenant: &TenantId, walk: &mut Walk<'_>) -> Result<(), StoreError> {
    let mut after = String::new();
    loop {
        let entries = tx.of(tenant).unsealed_after(&after, PAGE).await?;
        for entry in &entries {
            walk.unsealed(entry);
        }
        match entries.last() {
            Some(last) if entries.len() as u64 == PAGE => after.clone_from(&last.id),
            _ => return Ok(()),
        }
    }
}
