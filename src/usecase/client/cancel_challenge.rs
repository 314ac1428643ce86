//! An agent gives a code up.

use std::sync::Arc;

use serde_json::json;

use crate::domain::challenge::State;
use crate::domain::event::EventType;
use crate::domain::id::ChallengeId;
use crate::domain::refusal::Refusal;
use crate::domain::tenant::Tenant;
use crate::usecase::case::Note;
use crate::usecase::{Caller, Case, Desk, Failure};

use super::dispatch::Answer;
use super::get_challenge::get_challenge;

/// Cancels an active challenge; what is still queued of it is dropped.
///
/// # Errors
/// `NotFound`, `ChallengeOver`
pub async fn cancel_challenge(
    desk: &Desk,
    tenant: &Arc<Tenant>,
    id: &ChallengeId,
    caller: &Caller,
) -> Result<Answer, Failure> {
    let mut case = Case::of_challenge(desk, tenant, id, caller).await?;
    let live =
        case.client.standing.pending.as_ref().filter(|p| p.challenge == *id && p.expires_at > case.now);
    let contact = live.ok_or(Refusal::ChallengeOver)?.contact.id.clone();
    case.end_pending(State::Cancelled).await?;
    case.changed();
    case.tell(EventType::Cancelled, Some(id));
    case.note(Note {
        action: "code.cancel",
        outcome: "cancelled",
        contact: contact.as_str(),
        object: id.as_str(),
        detail: json!({}),
    });
    case.commit().await?;
    get_challenge(desk, tenant, id, caller).await
}
