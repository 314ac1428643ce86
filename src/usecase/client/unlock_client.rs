//! A lock is lifted by somebody who answers for it.

use std::sync::Arc;

use serde_json::json;

use crate::domain::client::Client;
use crate::domain::id::{ClientId, ContactId};
use crate::domain::refusal::Refusal;
use crate::domain::tenant::Tenant;
use crate::usecase::case::Note;
use crate::usecase::{Caller, Case, Desk, Failure};

/// Ends the lock and forgets the wrong tries of one contact, or of the whole client. Sends stay counted.
///
/// # Errors
/// `ClientNotFound`, or `NotFound` for a contact that is neither listed nor counted
pub async fn unlock_client(
    desk: &Desk,
    tenant: &Arc<Tenant>,
    client: &ClientId,
    contact: Option<&ContactId>,
    caller: &Caller,
) -> Result<Client, Failure> {
    let mut case = Case::open(desk, tenant, client, caller).await?;
    case.settle().await?;
    if let Some(contact) = contact
        && case.client.contact(contact).is_none()
        && !case.client.standing.throttle.counts(contact)
    {
        return Err(Refusal::NotFound("contact").into());
    }
    case.client.standing.throttle.unlock(contact);
    case.client.standing.pin.confirm.throttle.unlock(contact);
    case.client.standing.locked = None;
    case.changed();
    case.note(Note {
        action: "client.unlock",
        outcome: "unlocked",
        contact: contact.map_or("", ContactId::as_str),
        object: "",
        detail: json!({}),
    });
    Ok(case.commit().await?)
}
