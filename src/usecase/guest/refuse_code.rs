//! Somebody is called with a code that they did not ask for, and says so: it can no longer be typed.

use std::sync::Arc;

use serde_json::json;

use crate::domain::audit::Origin;
use crate::domain::challenge::State;
use crate::domain::guest::{GuestId, Out};
use crate::domain::id::ChallengeId;
use crate::domain::tenant::Tenant;
use crate::usecase::{Desk, Failure};

use super::work::{Done, Work};

/// Cancels the code of a challenge, if it is the guest's and nothing has ended it.
///
/// # Errors
/// The database's.
pub async fn refuse_code(
    desk: &Desk,
    tenant: &Arc<Tenant>,
    guest: &GuestId,
    challenge: &ChallengeId,
    origin: Origin,
) -> Result<(), Failure> {
    let mut work = Work::begin(desk, tenant, origin).await?;
    let Some(mut guest) = work.lock(guest).await? else { return Ok(()) };
    let theirs = |out: &Out| out.challenge == *challenge && out.is_open();
    if !guest.standing.code.as_ref().is_some_and(theirs) {
        return Ok(());
    }
    work.end(&guest, challenge, State::Cancelled).await?;
    if let Some(out) = &mut guest.standing.code {
        out.end(State::Cancelled);
    }
    work.note(&guest, Done("code.report", "reported", challenge.as_str()), json!({"code_cancelled": true}));
    work.tx.of(&work.tenant.id).update_guest(&guest).await?;
    Ok(work.commit().await?)
}
