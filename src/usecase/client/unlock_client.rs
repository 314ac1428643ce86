//! A lock is lifted by somebody who answers for it.

use std::sync::Arc;

use serde_json::json;

use crate::domain::client::Client;
use crate::domain::id::{ClientId, ContactId};
use crate::domain::tenant::Tenant;
use crate::usecase::case::Note;
use crate::usecase::{Caller, Case, Desk, Failure};

/// Ends the lock and forgets the wrong tries of one contact, or of the whole client. Sends stay counted.
///
/// # Errors
/// `ClientNotFound`
pub async fn unlock_client(
    desk: &Desk,
    tenant: &Arc<Tenant>,
    client: &ClientId,
    contact: Option<&ContactId>,
    caller: &Caller,
) -> Result<Client, Failure> {
    let mut case = Case::open(desk, tenant, client, caller).await?;
    case.settle().await?;
    case.client.standing.throttle.unlock(contact);
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
