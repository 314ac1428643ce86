//! The host names further participants while a session runs, or others in the place of known ones.

use std::sync::Arc;

use crate::domain::contact::Contact;
use crate::domain::id::SessionId;
use crate::domain::session::MOST_PARTICIPANTS;
use crate::domain::tenant::Tenant;
use crate::usecase::guest::Work;
use crate::usecase::{Caller, Desk, Failure};

use super::admit::{admit, lock_running};
use super::view_session::{Viewed, viewed};

/// Adds them.
///
/// # Errors
/// `NotFound`, `SessionOver`, and those of the invitations, of which then none goes out.
pub async fn add_participants(
    desk: &Desk,
    tenant: &Arc<Tenant>,
    session: &SessionId,
    participants: Vec<Contact>,
    caller: &Caller,
) -> Result<Viewed, Failure> {
    let mut work = Work::begin(desk, tenant, caller.origin.clone()).await?;
    let session = lock_running(&mut work, session).await?;
    for (position, person) in participants.into_iter().enumerate() {
        admit(&mut work, &session, person, position).await?;
    }
    let view = viewed(&work.tx.of(&tenant.id), session, work.when()).await?;
    if view.participants.len() > MOST_PARTICIPANTS {
        return Err(Failure::Invalid(format!("participants: a session has at most {MOST_PARTICIPANTS}")));
    }
    work.commit().await?;
    Ok(view)
}
