//! The host redeems what a guest's browser brought: once, in its time, for that guest only.

use std::sync::Arc;

use serde_json::json;

use crate::domain::guest::GuestId;
use crate::domain::id::{ContactId, SessionId, SigningId};
use crate::domain::proof::{Kept, Proof};
use crate::domain::refusal::Refusal;
use crate::domain::tenant::Tenant;
use crate::usecase::{Caller, Desk, Failure};

use super::work::{Done, Work};

/// Whose proof it is said to be.
pub enum Of {
    Signer(SigningId),
    Participant(SessionId, ContactId),
}

/// Redeems a proof.
///
/// # Errors
/// `NotFound`, whatever is wrong with it.
pub async fn redeem_proof(
    desk: &Desk,
    tenant: &Arc<Tenant>,
    of: &Of,
    given: &Proof,
    caller: &Caller,
) -> Result<Kept, Failure> {
    let mut work = Work::begin(desk, tenant, caller.origin.clone()).await?;
    let scope = work.tx.of(&tenant.id);
    let found = match of {
        Of::Signer(id) => scope.lock_guest(&GuestId::Signing(id.clone())).await?,
        Of::Participant(session, person) => scope.lock_participant(session, person).await?,
    };
    work.now = desk.time.now();
    let not_found = Refusal::NotFound("proof");
    let mut guest = found.ok_or_else(|| not_found.clone())?;
    let kept = guest.standing.proofs.redeem(given, work.now, work.epoch).ok_or(not_found)?;
    work.note(&guest, Done("proof.redeem", "redeemed", ""), json!({"verified_at": kept.verified_at}));
    work.tx.of(&tenant.id).update_guest(&guest).await?;
    work.commit().await?;
    Ok(kept)
}
