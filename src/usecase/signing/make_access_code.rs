//! An admin or a publisher generates a code to tell a signer by voice: shown once, and void with the next.

use std::sync::Arc;

use serde_json::json;
use zeroize::Zeroizing;

use crate::domain::challenge::{Kind, State};
use crate::domain::guest::{GuestId, Out};
use crate::domain::id::SigningId;
use crate::domain::refusal::Refusal;
use crate::domain::tenant::Tenant;
use crate::domain::timestamp::Timestamp;
use crate::usecase::guest::check_code::access_code;
use crate::usecase::guest::{Done, Party, Work};
use crate::usecase::{Caller, Desk, Failure};

/// An access code, for this once. Not `Debug`: it holds the code.
pub struct Made {
    pub access_code: Zeroizing<String>,
    pub expires_at: Timestamp,
}

/// Makes an access code, in place of the one before it.
///
/// # Errors
/// `SwitchedOff`, `NotFound`, `Locked`
pub async fn make_access_code(
    desk: &Desk,
    tenant: &Arc<Tenant>,
    id: &SigningId,
    caller: &Caller,
) -> Result<Made, Failure> {
    if !tenant.policy.signer.access_code {
        return Err(Refusal::SwitchedOff("access codes").into());
    }
    let mut work = Work::begin(desk, tenant, caller.origin.clone()).await?;
    let found = work.lock(&GuestId::Signing(id.clone())).await?;
    let mut guest = found.ok_or(Refusal::NotFound("signing"))?;
    if let Some(until) = guest.locked_until(work.now) {
        return Err(Refusal::Locked { until }.into());
    }
    let before = guest.standing.told.take().filter(Out::is_open);
    if let Some(before) = &before {
        work.end(&guest, &before.challenge, State::Superseded).await?;
    }
    let code_valid = tenant.policy.signer.code.code_valid;
    let subject = (Kind::Told, guest.id.as_str().to_owned());
    let challenge = work.challenge(&Party::of(&guest, &work.tenant), subject, None, work.now + code_valid);
    work.tx.of(&tenant.id).insert_challenge(&challenge, None).await?;
    let code = access_code(&work, &challenge)?;
    let expires_at = challenge.expires_at;
    guest.standing.told = Some(Out::new(challenge.id.clone(), None, expires_at, work.epoch));
    work.tx.of(&tenant.id).update_guest(&guest).await?;
    let detail = json!({"superseded": before.map(|out| out.challenge)});
    work.note(&guest, Done("access_code.create", "created", challenge.id.as_str()), detail);
    work.commit().await?;
    Ok(Made { access_code: Zeroizing::new(code.expose()), expires_at })
}
