//! A client says that they did not ask for a code, for a link, or for the PIN that was set.

use std::sync::Arc;

use serde_json::json;

use crate::domain::audit::Origin;
use crate::domain::challenge::State;
use crate::domain::client::{Method, Verified};
use crate::domain::event::EventType;
use crate::domain::id::{ChallengeId, ClientId};
use crate::domain::message::Message;
use crate::domain::policy::REPORT_LASTS;
use crate::domain::tenant::Tenant;
use crate::usecase::case::Note;
use crate::usecase::pin::cancel_link::cancel_link;
use crate::usecase::pin::lock_pin;
use crate::usecase::{Case, Desk, Failure};

/// Ends what is out and what the code may have brought, and refuses anything new for a day or until revoked.
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
    report(Case::on(desk, tx, tenant, client, origin), challenge, false).await
}

/// The same for whatever a text was about: where that is a PIN that was set, it is locked too.
///
/// # Errors
/// As for a code.
pub async fn report_text(
    desk: &Desk,
    tenant: &Arc<Tenant>,
    text: &Message,
    origin: Origin,
) -> Result<(), Failure> {
    let tx = desk.store.begin().await?;
    let Some(client) = tx.of(&tenant.id).lock_client(&text.client).await? else { return Ok(()) };
    let about = tx.of(&tenant.id).challenge(&text.challenge).await?;
    let denies_pin = text.purpose.denies_pin(about.map_or(State::Cancelled, |challenge| challenge.stored));
    report(Case::on(desk, tx, tenant, client, origin), &text.challenge, denies_pin).await
}

async fn report(mut case: Case<'_>, challenge: &ChallengeId, denies_pin: bool) -> Result<(), Failure> {
    case.settle().await?;
    let cancelled = case.end_pending(State::Cancelled).await?;
    let link = cancel_link(&mut case, "reported").await?;
    let brought = |verified: &Verified| {
        verified.challenge.as_ref() == Some(challenge) || (denies_pin && verified.method == Method::Pin)
    };
    let revoked = case.client.standing.disprove(brought);
    case.client.standing.reported_until = Some(case.now + REPORT_LASTS);
    case.changed();
    if let Some(cancelled) = &cancelled {
        case.tell(EventType::Cancelled, Some(cancelled));
    }
    let locked = denies_pin && lock_pin::lock_if_open(&mut case, "reported").await?;
    case.tell(EventType::Reported, Some(challenge));
    case.note(Note {
        action: "code.report",
        outcome: "reported",
        contact: "",
        object: challenge.as_str(),
        detail: json!({
            "code_cancelled": cancelled.is_some(), "verification_ended": !revoked.is_empty(),
            "link_cancelled": link, "pin_locked": locked,
        }),
    });
    case.commit().await?;
    Ok(())
}
