//! The host gives a signing up: its link and codes are void, and its signer is forgotten.

use std::sync::Arc;

use serde_json::json;

use crate::domain::challenge::State;
use crate::domain::guest::{GuestId, Out};
use crate::domain::id::SigningId;
use crate::domain::refusal::Refusal;
use crate::domain::tenant::Tenant;
use crate::usecase::guest::{Done, Work};
use crate::usecase::{Caller, Desk, Failure};

/// Ends a signing.
///
/// # Errors
/// `NotFound`
pub async fn cancel_signing(
    desk: &Desk,
    tenant: &Arc<Tenant>,
    id: &SigningId,
    caller: &Caller,
) -> Result<(), Failure> {
    let mut work = Work::begin(desk, tenant, caller.origin.clone()).await?;
    let found = work.lock(&GuestId::Signing(id.clone())).await?;
    let guest = found.ok_or(Refusal::NotFound("signing"))?;
    let codes =
        [&guest.standing.code, &guest.standing.told].into_iter().flatten().filter(|out| out.is_open());
    let codes = codes.map(|out: &Out| out.challenge.clone());
    for open in codes.chain(guest.standing.link.clone()) {
        work.end(&guest, &open, State::Cancelled).await?;
    }
    work.tx.of(&tenant.id).forget_guest(&guest.id).await?;
    work.note(&guest, Done("signing.cancel", "cancelled", id.as_str()), json!({}));
    Ok(work.commit().await?)
}
