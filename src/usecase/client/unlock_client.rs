//! A lock is lifted by somebody who answers for it.

use std::sync::Arc;

use serde_json::json;

use crate::domain::audit::Origin;
use crate::domain::client::Client;
use crate::domain::id::{ClientId, ContactId};
use crate::domain::refusal::Refusal;
use crate::domain::tenant::Tenant;
use crate::usecase::case::Note;
use crate::usecase::{Case, Desk, Failure};

/// Ends the lock and forgets the wrong tries of one contact, or of the whole client. Sends stay counted.
///
/// # Errors
/// `ClientNotFound`
pub async fn unlock_client(
    desk: &Desk,
    tenant: &Arc<Tenant>,
    client: &ClientId,
    contact: Option<&ContactId>,
    origin: Origin,
) -> Result<Client, Failure> {
    let mut case = Case::open(desk, tenant, client, origin).await?.ok_or(Refusal::ClientNotFound)?;
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
