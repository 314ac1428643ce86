//! A PIN is locked until it is set anew: after too many wrong ones, or once whoever set it no longer speaks for the client.

use serde_json::json;

use crate::domain::event::EventType;
use crate::domain::pin::standing;
use crate::domain::pin::tries::StoredPin;
use crate::store::StoreError;
use crate::usecase::Case;
use crate::usecase::case::Note;

/// Locks the PIN if its holder is no longer an authorized contact: a partner who left still knows it. Says whether it
/// is locked by now.
///
/// # Errors
/// [`StoreError`]
pub async fn lock_if_orphaned(case: &mut Case<'_>) -> Result<bool, StoreError> {
    if !standing::is_orphaned(&case.tenant, &case.client) {
        return Ok(false);
    }
    let stored = case.tx.of(&case.tenant.id).pin(&case.client.id).await?;
    if let Some(open) = stored.filter(|pin| pin.locked_at.is_none()) {
        lock(case, &open, "contact_changed").await?;
    }
    Ok(true)
}

/// Locks a PIN that was read under its client's lock and is not locked yet.
///
/// # Errors
/// [`StoreError`]
pub async fn lock(case: &mut Case<'_>, open: &StoredPin, because: &'static str) -> Result<(), StoreError> {
    let after = StoredPin { locked_at: Some(case.now), ..open.clone() };
    case.tx.of(&case.tenant.id).write_pin(&case.client.id, open, &after).await?;
    tell(case, because);
    Ok(())
}

/// Puts a lock that was written on the record, and tells the host.
pub fn tell(case: &mut Case<'_>, because: &'static str) {
    let mut contact = String::new();
    if let Some(set) = &mut case.client.standing.pin.set {
        set.locked = true;
        set.by.id.as_str().clone_into(&mut contact);
    }
    case.changed();
    case.tell(EventType::PinLocked, None);
    let detail = json!({"because": because});
    case.note(Note { action: "pin.lock", outcome: "locked", contact: &contact, object: "", detail });
}
