//! A named agent looks at a participant's code, to tell it by phone: only where the tenant allows it, and only once the
//! participant has reached the page for it.

use std::sync::Arc;

use serde_json::json;
use zeroize::Zeroizing;

use crate::domain::id::{ContactId, SessionId};
use crate::domain::refusal::Refusal;
use crate::domain::tenant::Tenant;
use crate::domain::timestamp::Timestamp;
use crate::store::StoreError;
use crate::usecase::client::check_code::derive;
use crate::usecase::guest::{Done, Work};
use crate::usecase::{Caller, Desk, Failure};

use super::admit::{lock_participant, lock_running};

/// A code that somebody looked at. Not `Debug`: it holds the code.
pub struct Revealed {
    pub code: Zeroizing<String>,
    pub expires_at: Timestamp,
}

/// Shows the code to whoever the caller acts as, and says so on the record.
///
/// # Errors
/// `SwitchedOff`, `NotFound`, `SessionOver`, `Locked`; `NoCode` before the participant has arrived, or after the code is
/// over.
pub async fn reveal_code(
    desk: &Desk,
    tenant: &Arc<Tenant>,
    (session, person): (&SessionId, &ContactId),
    caller: &Caller,
) -> Result<Revealed, Failure> {
    if !tenant.policy.session.agent_sees_code {
        return Err(Refusal::SwitchedOff("codes that an agent may see").into());
    }
    let mut work = Work::begin(desk, tenant, caller.origin.clone()).await?;
    lock_running(&mut work, session).await?;
    let mut guest = lock_participant(&work, session, person).await?;
    if let Some(until) = guest.locked_until(work.now) {
        return Err(Refusal::Locked { until }.into());
    }
    let told = guest.standing.to_tell(work.now, work.epoch);
    let id = told.map(|out| out.challenge.clone()).ok_or(Refusal::NoCode)?;
    let scope = work.tx.of(&tenant.id);
    let challenge = scope.challenge(&id).await?.ok_or(StoreError::Guard("challenge"))?;
    let code = derive(desk, tenant, &challenge)?;
    if let Some(out) = &mut guest.standing.code {
        out.seen = true;
    }
    scope.update_guest(&guest).await?;
    work.note(&guest, Done("code.reveal", "revealed", id.as_str()), json!({}));
    work.commit().await?;
    Ok(Revealed { code: Zeroizing::new(code.expose().to_owned()), expires_at: challenge.expires_at })
}
