//! The host ends a session: every link and code of it is void.

use std::sync::Arc;

use serde_json::json;

use crate::domain::id::SessionId;
use crate::domain::refusal::Refusal;
use crate::domain::tenant::Tenant;
use crate::usecase::guest::{Done, Work};
use crate::usecase::{Caller, Desk, Failure};

use super::admit::{leave, lock_participant};
use super::start_session::session_detail;

/// Ends it; once more changes nothing.
///
/// # Errors
/// `NotFound`
pub async fn end_session(
    desk: &Desk,
    tenant: &Arc<Tenant>,
    id: &SessionId,
    caller: &Caller,
) -> Result<(), Failure> {
    let mut work = Work::begin(desk, tenant, caller.origin.clone()).await?;
    let mut session = work.tx.of(&tenant.id).lock_session(id).await?.ok_or(Refusal::NotFound("session"))?;
    if session.ended_at.is_some() {
        return Ok(());
    }
    work.now = desk.time.now();
    for guest in work.tx.of(&tenant.id).participants(id).await? {
        let mut guest = lock_participant(&work, id, &guest.person.id).await?;
        leave(&mut work, &mut guest).await?;
    }
    session.ended_at = Some(work.now);
    work.tx.of(&tenant.id).update_session(&session).await?;
    work.enter("", Done("session.end", "ended", ""), session_detail(&session, json!({})));
    Ok(work.commit().await?)
}
