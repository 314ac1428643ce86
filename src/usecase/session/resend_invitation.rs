//! The host sends an invitation once more: the same link, the same way.

use std::sync::Arc;

use crate::domain::guest::ParticipantView;
use crate::domain::id::{ContactId, SessionId};
use crate::domain::refusal::Refusal;
use crate::domain::tenant::Tenant;
use crate::usecase::guest::Work;
use crate::usecase::guest::invite::invite;
use crate::usecase::{Caller, Desk, Failure};

use super::admit::{lock_participant, lock_running};
use super::view_session::shown;

/// Sends it.
///
/// # Errors
/// `NotFound`, `SessionOver`, and those of the invitation.
pub async fn resend_invitation(
    desk: &Desk,
    tenant: &Arc<Tenant>,
    (session, person): (&SessionId, &ContactId),
    caller: &Caller,
) -> Result<ParticipantView, Failure> {
    let mut work = Work::begin(desk, tenant, caller.origin.clone()).await?;
    lock_running(&mut work, session).await?;
    let mut guest = lock_participant(&work, session, person).await?;
    if guest.standing.left_at.is_some() {
        return Err(Refusal::NotFound("participant").into());
    }
    invite(&mut work, &mut guest).await?;
    work.tx.of(&tenant.id).update_guest(&guest).await?;
    let view = shown(&work.tx.of(&tenant.id), &guest, work.when()).await?;
    work.commit().await?;
    Ok(view)
}
