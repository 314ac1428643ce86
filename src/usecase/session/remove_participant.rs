//! The host takes a participant out.

use std::sync::Arc;

use crate::domain::id::{ContactId, SessionId};
use crate::domain::refusal::Refusal;
use crate::domain::tenant::Tenant;
use crate::usecase::guest::Work;
use crate::usecase::{Caller, Desk, Failure};

use super::admit::{leave, lock_participant};

/// Takes them out; once more changes nothing.
///
/// # Errors
/// `NotFound`
pub async fn remove_participant(
    desk: &Desk,
    tenant: &Arc<Tenant>,
    (session, person): (&SessionId, &ContactId),
    caller: &Caller,
) -> Result<(), Failure> {
    let mut work = Work::begin(desk, tenant, caller.origin.clone()).await?;
    let known = work.tx.of(&tenant.id).lock_session(session).await?;
    known.ok_or(Refusal::NotFound("session"))?;
    let mut guest = lock_participant(&work, session, person).await?;
    work.now = desk.time.now();
    leave(&mut work, &mut guest).await?;
    Ok(work.commit().await?)
}
