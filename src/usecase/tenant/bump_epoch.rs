//! Everything open is ended, as after restoring a backup: what was used once must not come back to life.

use serde_json::json;

use crate::domain::audit::Origin;
use crate::domain::challenge::State;
use crate::domain::event::EventType;
use crate::domain::id::{ChallengeId, ClientId};
use crate::usecase::case::Note;
use crate::usecase::directory::Member;
use crate::usecase::login::void_backup_codes::void_backup_codes;
use crate::usecase::pin::lock_pins::lock_pins;
use crate::usecase::{Caller, Case, Desk, Failure};

use super::record::record;

/// What was ended.
#[derive(Default)]
pub struct Ended {
    /// Clients that had a code or a link out.
    pub open: u64,
    pub pins: u64,
}

/// Raises the epoch, after which no older code counts, voids the backup codes of all users, locks all PINs, and closes the
/// codes that were out, one client at a time, so that screens and hosts hear of it.
///
/// # Errors
/// The database's. The epoch is raised first: a run that breaks off leaves no code that was sent alive, and another
/// goes on.
pub async fn bump_epoch(desk: &Desk) -> Result<Ended, Failure> {
    let directory = desk.directory.get();
    let tx = desk.store.begin().await?;
    tx.bump_epoch(desk.time.wall()).await?;
    for member in directory.members() {
        record(desk, &tx, &member.tenant.id, "epoch.bump", "", json!({})).await?;
    }
    tx.commit().await?;
    desk.refresh().await?;
    let mut ended = Ended::default();
    // The console's own tenant is a member, too.
    for member in directory.members() {
        void_backup_codes(desk, &member.tenant, &Origin::operator()).await?;
        ended.pins += lock_pins(desk, &member.tenant).await?;
        for client in desk.store.of(&member.tenant.id).waking_clients().await? {
            ended.open += u64::from(close(desk, member, &client).await?);
        }
    }
    Ok(ended)
}

/// Cancels the code and the link that a client has out. Says whether it had any.
async fn close(desk: &Desk, member: &Member, client: &ClientId) -> Result<bool, Failure> {
    let mut case = Case::open(desk, &member.tenant, client, &Caller::operator()).await?;
    case.settle().await?;
    let code = case.end_pending(State::Cancelled).await?;
    if let Some(code) = &code {
        case.changed();
        case.tell(EventType::Cancelled, Some(code));
        note(&mut case, "code.cancel", code);
    }
    let link = case.end_link(State::Cancelled).await?;
    if let Some(link) = &link {
        case.changed();
        note(&mut case, "pin.link_cancel", link);
    }
    if code.is_some() || link.is_some() {
        case.commit().await?;
    }
    Ok(code.is_some() || link.is_some())
}

fn note(case: &mut Case<'_>, action: &'static str, ended: &ChallengeId) {
    let detail = json!({"because": "epoch"});
    case.note(Note { action, outcome: "cancelled", contact: "", object: ended.as_str(), detail });
}
