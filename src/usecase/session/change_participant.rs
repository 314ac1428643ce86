//! The host changes a participant. Another name or detail is another person: a reassignment.

use std::sync::Arc;

use crate::domain::guest::ParticipantView;
use crate::domain::id::{ContactId, SessionId};
use crate::domain::refusal::Refusal;
use crate::domain::session::Change;
use crate::domain::tenant::Tenant;
use crate::usecase::guest::Work;
use crate::usecase::{Caller, Desk, Failure};

use super::admit::{lock_participant, lock_running, reassign};
use super::view_session::shown;

/// Changes them.
///
/// # Errors
/// `NotFound`, `SessionOver`, and those of the invitation.
pub async fn change_participant(
    desk: &Desk,
    tenant: &Arc<Tenant>,
    (session, person): (&SessionId, &ContactId),
    change: Change,
    caller: &Caller,
) -> Result<ParticipantView, Failure> {
    let mut work = Work::begin(desk, tenant, caller.origin.clone()).await?;
    lock_running(&mut work, session).await?;
    let mut guest = lock_participant(&work, session, person).await?;
    if guest.standing.left_at.is_some() {
        return Err(Refusal::NotFound("participant").into());
    }
    if change.apply(&mut guest.person) {
        reassign(&mut work, &mut guest).await?;
    } else {
        work.tx.of(&tenant.id).update_guest(&guest).await?;
    }
    let view = shown(&work.tx.of(&tenant.id), &guest, work.when()).await?;
    work.commit().await?;
    Ok(view)
}
