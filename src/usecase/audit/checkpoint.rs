//! Lines to keep elsewhere, against which the log can be compared later.

use crate::domain::chain::{Chain, Checkpoint};
use crate::domain::id::TenantId;
use crate::store::StoreError;
use crate::usecase::Desk;

use super::logged;

/// Why a checkpoint cannot be given.
#[derive(Debug, thiserror::Error)]
pub enum NoCheckpoint {
    #[error("{0}: {1}; see `countersign audit verify`")]
    Chain(TenantId, String),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A checkpoint of one tenant, or of all; of whom nothing is sealed yet there is none.
///
/// # Errors
/// [`NoCheckpoint::Chain`] for a chain that was tampered with, which is never signed.
pub async fn checkpoints(desk: &Desk, tenant: Option<&TenantId>) -> Result<Vec<Checkpoint>, NoCheckpoint> {
    let tenants = match tenant {
        Some(tenant) => vec![tenant.clone()],
        None => logged(desk).await?.0,
    };
    let mut found = Vec::new();
    for tenant in tenants {
        let Some(chain) = desk.store.of(&tenant).chain().await? else { continue };
        let right = chain.check(&desk.store.vault().ring);
        right.map_err(|wrong| NoCheckpoint::Chain(tenant, wrong.to_string()))?;
        found.push(of(desk, &chain));
    }
    Ok(found)
}

/// The checkpoint of a chain that was checked.
pub fn of(desk: &Desk, chain: &Chain) -> Checkpoint {
    Checkpoint::of(chain, desk.store.vault().ring.current(), desk.time.now())
}
