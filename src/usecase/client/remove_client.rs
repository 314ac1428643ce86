//! The host drops a client.

use std::sync::Arc;

use serde_json::json;

use crate::domain::challenge::State;
use crate::domain::event::EventType;
use crate::domain::id::ClientId;
use crate::domain::tenant::Tenant;
use crate::domain::timestamp::Timestamp;
use crate::usecase::case::Note;
use crate::usecase::{Caller, Case, Desk, Failure};

/// Forgets a client's name and contacts, and ends what was open. Its version and limits stay, so that a client
/// told anew starts neither again.
///
/// # Errors
/// `ClientNotFound`
pub async fn remove_client(
    desk: &Desk,
    tenant: &Arc<Tenant>,
    id: &ClientId,
    caller: &Caller,
) -> Result<(), Failure> {
    let mut case = Case::open(desk, tenant, id, caller).await?;
    let now = case.now;
    remove(&mut case, now).await?;
    case.commit().await?;
    Ok(())
}

/// The same for a client that is locked already. A list that was told before `at` does not bring it back.
///
/// # Errors
/// The database's.
pub async fn remove(case: &mut Case<'_>, at: Timestamp) -> Result<(), Failure> {
    case.settle().await?;
    let cancelled = case.end_pending(State::Cancelled).await?;
    let revoked = case.client.standing.verified.take();
    case.client.standing.last_verified_by = None;
    case.client.standing.locked = None;
    case.client.contacts = Vec::new();
    case.client.name = String::new();
    case.client.listed_at = case.client.listed_at.max(at.min(case.now));
    case.client.removed = true;
    case.changed();
    if let Some(challenge) = &cancelled {
        case.tell(EventType::Cancelled, Some(challenge));
    }
    if let Some(verified) = &revoked {
        case.tell(EventType::Revoked, verified.challenge.as_ref());
    }
    case.note(Note {
        action: "client.remove",
        outcome: "removed",
        contact: "",
        object: "",
        detail: json!({}),
    });
    Ok(())
}
