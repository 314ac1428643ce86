//! The link that is out ends before a PIN was set by it.

use serde_json::json;

use crate::domain::challenge::State;
use crate::store::StoreError;
use crate::usecase::Case;
use crate::usecase::case::Note;

/// Ends the link that is out, if there is one, and puts it on the record. Says whether there was.
///
/// # Errors
/// [`StoreError`]
pub async fn cancel_link(case: &mut Case<'_>, because: &'static str) -> Result<bool, StoreError> {
    let Some(link) = case.client.standing.pin.link.clone() else { return Ok(false) };
    case.end_link(State::Cancelled).await?;
    case.changed();
    let (contact, object) = (link.contact.id.as_str(), link.challenge.as_str());
    let detail = json!({"because": because});
    case.note(Note { action: "pin.link_cancel", outcome: "cancelled", contact, object, detail });
    Ok(true)
}
