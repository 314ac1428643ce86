//! A verification, a code that is out or a report is taken back.

use std::sync::Arc;

use serde_json::json;

use crate::domain::challenge::State;
use crate::domain::client::Client;
use crate::domain::event::EventType;
use crate::domain::id::{ChallengeId, ClientId};
use crate::domain::tenant::Tenant;
use crate::usecase::case::Note;
use crate::usecase::{Caller, Case, Desk, Failure};

/// Makes the client not verified, now; ends a report too. Where nothing holds, nothing changes.
///
/// # Errors
/// `ClientNotFound`
pub async fn revoke_verification(
    desk: &Desk,
    tenant: &Arc<Tenant>,
    client: &ClientId,
    caller: &Caller,
) -> Result<Client, Failure> {
    let mut case = Case::open(desk, tenant, client, caller).await?;
    case.settle().await?;
    let cancelled = case.end_pending(State::Cancelled).await?;
    let revoked = case.client.standing.disprove(|_| true).pop();
    let reported = case.client.standing.reported_until.take();
    if cancelled.is_none() && revoked.is_none() && reported.is_none() {
        return Ok(case.commit().await?);
    }
    case.changed();
    if let Some(challenge) = &cancelled {
        case.tell(EventType::Cancelled, Some(challenge));
    }
    let challenge = revoked.as_ref().and_then(|v| v.challenge.clone());
    case.tell(EventType::Revoked, challenge.as_ref());
    case.note(Note {
        action: "verification.revoke",
        outcome: "revoked",
        contact: revoked.as_ref().map_or("", |v| v.contact.id.as_str()),
        object: challenge.as_ref().map_or("", ChallengeId::as_str),
        detail: json!({"report_ended": reported.is_some(), "code_cancelled": cancelled.is_some()}),
    });
    Ok(case.commit().await?)
}
