//! A client says that they did not ask for a code.

use std::sync::Arc;

use serde_json::json;

use crate::domain::audit::Origin;
use crate::domain::challenge::State;
use crate::domain::event::EventType;
use crate::domain::id::{ChallengeId, ClientId};
use crate::domain::policy::REPORT_LASTS;
use crate::domain::tenant::Tenant;
use crate::usecase::case::Note;
use crate::usecase::{Case, Desk, Failure};

/// Ends the code that is out and what it may have brought, and refuses new ones for a day or until revoked.
///
/// # Errors
/// The database's. A client that is gone is no error: there is nothing left to protect.
pub async fn report_code(
    desk: &Desk,
    tenant: &Arc<Tenant>,
    client: &ClientId,
    challenge: &ChallengeId,
    origin: Origin,
) -> Result<(), Failure> {
    let tx = desk.store.begin().await?;
    let Some(client) = tx.of(&tenant.id).lock_client(client).await? else { return Ok(()) };
    let mut case = Case::on(desk, tx, tenant, client, origin);
    case.settle().await?;
    let cancelled = case.end_pending(State::Cancelled).await?;
    let revoked = case.client.standing.verified.take_if(|v| v.challenge.as_ref() == Some(challenge));
    case.client.standing.reported_until = Some(case.now + REPORT_LASTS);
    case.changed();
    if let Some(cancelled) = &cancelled {
        case.tell(EventType::Cancelled, Some(cancelled));
    }
    case.tell(EventType::Reported, Some(challenge));
    case.note(Note {
        action: "code.report",
        outcome: "reported",
        contact: "",
        object: challenge.as_str(),
        detail: json!({"code_cancelled": cancelled.is_some(), "verification_ended": revoked.is_some()}),
    });
    case.commit().await?;
    Ok(())
}
