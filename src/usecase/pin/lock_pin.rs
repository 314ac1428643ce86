//! A PIN is locked until it is set anew: after too many wrong ones, once whoever set it no longer speaks for the client, when
//! it is reported as nobody's own, or because an agent asks for it.

use std::sync::Arc;

use serde_json::json;

use crate::domain::event::EventType;
use crate::domain::id::ClientId;
use crate::domain::pin::standing;
use crate::domain::pin::tries::StoredPin;
use crate::domain::tenant::Tenant;
use crate::store::StoreError;
use crate::usecase::case::Note;
use crate::usecase::{Caller, Case, Desk, Failure};

use super::cancel_link::cancel_link;
use super::view_pin::{PinView, view_pin};

/// Locks a client's PIN and ends the link that is out, whether the tenant uses PINs or not. Where there is neither, or both
/// are over already, nothing changes.
///
/// # Errors
/// `ClientNotFound`, `ClientNotInToken`
pub async fn lock_pin(
    desk: &Desk,
    tenant: &Arc<Tenant>,
    client: &ClientId,
    caller: &Caller,
) -> Result<PinView, Failure> {
    let mut case = Case::open(desk, tenant, client, caller).await?;
    case.settle().await?;
    let ended = cancel_link(&mut case, "pin_locked").await?;
    if lock_if_open(&mut case, "asked").await? || ended {
        case.commit().await?;
    } else {
        drop(case);
    }
    view_pin(desk, tenant, client, caller).await
}

/// Locks the PIN if its holder is no longer an authorized contact: a partner who left still knows it. Says whether it
/// is locked by now.
///
/// # Errors
/// [`StoreError`]
pub async fn lock_if_orphaned(case: &mut Case<'_>) -> Result<bool, StoreError> {
    if !standing::is_orphaned(&case.tenant, &case.client) {
        return Ok(false);
    }
    lock_if_open(case, "contact_changed").await?;
    Ok(true)
}

/// Locks the PIN if there is one that is not locked yet. Says whether there was.
///
/// # Errors
/// [`StoreError`]
pub async fn lock_if_open(case: &mut Case<'_>, because: &'static str) -> Result<bool, StoreError> {
    let stored = case.tx.of(&case.tenant.id).pin(&case.client.id).await?;
    let Some(open) = stored.filter(|pin| pin.locked_at.is_none()) else { return Ok(false) };
    lock(case, &open, because).await?;
    Ok(true)
}

/// Locks a PIN that was read under its client's lock and is not locked yet.
///
/// # Errors
/// [`StoreError`]
pub async fn lock(case: &mut Case<'_>, open: &StoredPin, because: &'static str) -> Result<(), StoreError> {
    write(case, open).await?;
    tell(case, because);
    Ok(())
}

/// Writes down that time has locked the PIN: its last try came to nothing. The standing says so already.
///
/// # Errors
/// [`StoreError`]
pub async fn lock_lapsed(case: &mut Case<'_>) -> Result<(), StoreError> {
    let stored = case.tx.of(&case.tenant.id).pin(&case.client.id).await?;
    let Some(open) = stored.filter(|pin| pin.locked_at.is_none()) else { return Ok(()) };
    write(case, &open).await?;
    case.tell(EventType::PinLocked, None);
    let contact = holder(case);
    let detail = json!({"because": "wrong_tries"});
    case.note_by_time(Note { action: "pin.lock", outcome: "locked", contact: &contact, object: "", detail });
    Ok(())
}

/// Keeps with the client when the PIN is locked by itself, as its tries stand now. Says whether that is news.
pub fn foresee(case: &mut Case<'_>, stored: &StoredPin) -> bool {
    let locks_at = stored.locks_at(case.tenant.policy.pin.tries);
    let Some(set) = &mut case.client.standing.pin.set else { return false };
    std::mem::replace(&mut set.locks_at, locks_at) != locks_at
}

/// Puts a lock that was written on the record, and tells the host.
pub fn tell(case: &mut Case<'_>, because: &'static str) {
    if let Some(set) = &mut case.client.standing.pin.set {
        set.locked = true;
        set.locks_at = None;
    }
    case.changed();
    case.tell(EventType::PinLocked, None);
    let (contact, detail) = (holder(case), json!({"because": because}));
    case.note(Note { action: "pin.lock", outcome: "locked", contact: &contact, object: "", detail });
}

async fn write(case: &Case<'_>, open: &StoredPin) -> Result<(), StoreError> {
    let after = StoredPin { locked_at: Some(case.now), ..open.clone() };
    case.tx.of(&case.tenant.id).write_pin(&case.client.id, open, &after).await
}

/// The id of whoever set the PIN.
pub fn holder(case: &Case<'_>) -> String {
    let set = case.client.standing.pin.set.as_ref();
    set.map_or_else(String::new, |set| set.by.id.as_str().to_owned())
}
