//! Every PIN is locked: a restored database has those again that were changed since.

use std::sync::Arc;

use crate::domain::refusal::Refusal;
use crate::domain::tenant::Tenant;
use crate::usecase::{Caller, Case, Desk, Failure};

use super::lock_pin::lock_if_open;

/// Locks the PINs of all clients of a tenant, one client at a time; each is set anew by a link. Gives how many those were.
///
/// # Errors
/// The database's. A run that breaks off has locked some; another goes on.
pub async fn lock_pins(desk: &Desk, tenant: &Arc<Tenant>) -> Result<u64, Failure> {
    let mut locked = 0;
    for client in desk.store.of(&tenant.id).open_pins().await? {
        let mut case = match Case::open(desk, tenant, &client, &Caller::operator()).await {
            Err(Failure::Refused(Refusal::ClientNotFound)) => continue,
            case => case?,
        };
        case.settle().await?;
        if lock_if_open(&mut case, "epoch").await? {
            case.commit().await?;
            locked += 1;
        }
    }
    Ok(locked)
}
