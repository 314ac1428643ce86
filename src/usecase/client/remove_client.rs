//! The host drops a client.

use std::sync::Arc;

use serde_json::json;

use crate::domain::challenge::State;
use crate::domain::event::EventType;
use crate::domain::id::ClientId;
use crate::domain::tenant::Tenant;
use crate::domain::timestamp::Timestamp;
use crate::usecase::case::Note;
use crate::usecase::pin::cancel_link::cancel_link;
use crate::usecase::{Caller, Case, Desk, Failure};

use super::put_client;

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
    remove(&mut case, None).await?;
    case.commit().await?;
    Ok(())
}

/// The same for a client that is locked already; a removal said before the list that is kept changes nothing.
///
/// # Errors
/// The database's.
pub async fn remove(case: &mut Case<'_>, said_at: Option<Timestamp>) -> Result<(), Failure> {
    case.settle().await?;
    if put_client::is_late(case, said_at) {
        case.note(Note {
            action: "client.remove",
            outcome: "too_old",
            contact: "",
            object: "",
            detail: json!({}),
        });
        return Ok(());
    }
    // A list that was said before does not bring it back.
    case.client.listed_at = case.client.listed_at.max(put_client::told_at(case, said_at));
    let cancelled = case.end_pending(State::Cancelled).await?;
    let revoked = case.client.standing.disprove(|_| true).pop();
    cancel_link(case, "client_removed").await?;
    let pin = forget_pin(case).await?;
    case.client.standing.last_verified_by = None;
    case.client.standing.locked = None;
    case.client.contacts = Vec::new();
    case.client.name = String::new();
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
        detail: json!({"pin": pin}),
    });
    Ok(())
}

/// A client that is told anew starts without a PIN, and nobody is told of it at an address that was dropped.
async fn forget_pin(case: &mut Case<'_>) -> Result<bool, Failure> {
    let scope = case.tx.of(&case.tenant.id);
    scope.forget_former(&case.client.id).await?;
    let was_set = scope.forget_pin(&case.client.id).await?;
    case.client.standing.pin.set = None;
    case.client.standing.pin.required = false;
    Ok(was_set)
}
