//! Giving entries their places in the chain, after they were committed.
//!
//! Places are given in the order of arrival: an entry that is committed late, with an older time than others that are
//! sealed already, gets the next place like any other. Only one process seals a tenant at a time, by a lock of the
//! chain's row, which no request takes.

use std::collections::BTreeMap;

use crate::domain::chain::{Chain, Wrong};
use crate::domain::id::TenantId;
use crate::domain::timestamp::Timestamp;
use crate::store::{Looked, StoreError};
use crate::usecase::Desk;

/// Entries looked at by one statement, and sealed by one transaction at most.
const PAGE: u64 = 500;
/// Entries in memory at once, read and written by one statement each: few at a time keep a busy service small.
const PART: usize = 128;

/// What a look at the log came to.
#[derive(Debug, Default)]
pub struct Pass {
    pub sealed: u64,
    /// Entries that have no place and get none, since the chain was tampered with.
    pub left: u64,
    /// The time of the oldest of them.
    pub left_since: Option<Timestamp>,
    /// The chains that grew.
    pub grown: BTreeMap<TenantId, Chain>,
}

/// Seals whatever has no place yet of everything since a moment.
///
/// # Errors
/// [`StoreError`]; what was sealed before stays sealed, and a second call goes on.
pub async fn seal_since(desk: &Desk, since: Timestamp) -> Result<Pass, StoreError> {
    let mut pass = Pass::default();
    let mut after = (since, String::new());
    loop {
        let looked = desk.store.look_at_entries((after.0, &after.1), PAGE).await?;
        let left = pass.left;
        for (tenant, ids) in without_place(&looked) {
            match TenantId::parse(tenant) {
                Ok(tenant) => seal(desk, &tenant, &ids, &mut pass).await?,
                Err(_) => pass.left += ids.len() as u64,
            }
        }
        if let Some(oldest) = looked.iter().find(|entry| entry.seq.is_none() && pass.left > left) {
            pass.left_since.get_or_insert(Timestamp::from_millis(oldest.at));
        }
        match looked.last() {
            Some(last) if looked.len() as u64 == PAGE => {
                after = (Timestamp::from_millis(last.at), last.id.clone());
            }
            _ => return Ok(pass),
        }
        tokio::task::yield_now().await;
    }
}

fn without_place(looked: &[Looked]) -> BTreeMap<&str, Vec<&str>> {
    let mut of_tenants: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for entry in looked.iter().filter(|entry| entry.seq.is_none()) {
        of_tenants.entry(entry.tenant_id.as_str()).or_default().push(entry.id.as_str());
    }
    of_tenants
}

async fn seal(desk: &Desk, tenant: &TenantId, ids: &[&str], pass: &mut Pass) -> Result<(), StoreError> {
    let ring = &desk.store.vault().ring;
    let tx = desk.store.begin().await?;
    let mut chain = tx.lock_chain(tenant).await?;
    let scope = tx.of(tenant);
    let is_lost = chain.size == 0 && !scope.places(0, 1).await?.is_empty();
    let right = if is_lost { Err(Wrong::ChainGone) } else { chain.check(ring) };
    if let Err(wrong) = right {
        tracing::error!(%tenant, %wrong, "the audit log is not sealed any more: see `countersign audit verify`");
        pass.left += ids.len() as u64;
        return Ok(());
    }
    for some in ids.chunks(PART) {
        let entries = scope.unsealed(some).await?;
        // Sealed all the same: what somebody put there is evidence, and stays what it is.
        let mut foreign = entries.iter().filter(|entry| entry.check(ring).is_err());
        if let Some(first) = foreign.next() {
            let more = foreign.count();
            tracing::error!(%tenant, entry = ?first.id, more, "an entry of the audit log is not as this service writes it");
        }
        let links = chain.append(ring.current(), &entries, desk.time.now());
        scope.insert_links(&links).await?;
        pass.sealed += links.len() as u64;
    }
    scope.save_chain(&chain).await?;
    tx.commit().await?;
    pass.grown.insert(tenant.clone(), chain);
    Ok(())
}
