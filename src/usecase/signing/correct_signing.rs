//! The host corrects a signer's number: the same link uses the new one, and a code that went to the old one is void.

use std::sync::Arc;

use serde_json::json;

use crate::domain::challenge::State;
use crate::domain::event::EventType;
use crate::domain::guest::{GuestId, Out, SigningView};
use crate::domain::id::SigningId;
use crate::domain::refusal::Refusal;
use crate::domain::signing::Correction;
use crate::domain::tenant::Tenant;
use crate::usecase::guest::{Done, Work};
use crate::usecase::{Caller, Desk, Failure};

use super::view_signing::shown;

/// Corrects the numbers that are given.
///
/// # Errors
/// `NotFound`
pub async fn correct_signing(
    desk: &Desk,
    tenant: &Arc<Tenant>,
    id: &SigningId,
    correction: Correction,
    caller: &Caller,
) -> Result<SigningView, Failure> {
    let mut work = Work::begin(desk, tenant, caller.origin.clone()).await?;
    let found = work.lock(&GuestId::Signing(id.clone())).await?;
    let mut guest = found.ok_or(Refusal::NotFound("signing"))?;
    if correction.apply(&mut guest) {
        let open = guest.standing.code.clone().filter(Out::is_open);
        if let Some(out) = &open {
            work.end(&guest, &out.challenge, State::Cancelled).await?;
        }
        if let Some(out) = guest.standing.code.as_mut().filter(|_| open.is_some()) {
            out.end(State::Cancelled);
        }
        work.tx.of(&tenant.id).update_guest(&guest).await?;
        let cancelled = open.map(|out| out.challenge);
        work.note(&guest, Done("signing.correct", "changed", id.as_str()), json!({"cancelled": cancelled}));
        work.tell(EventType::SigningNumberChanged, &guest).await?;
    }
    let view = shown(&work.tx.of(&tenant.id), &guest, work.when()).await?;
    work.commit().await?;
    Ok(view)
}
