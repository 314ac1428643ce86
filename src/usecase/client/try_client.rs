//! An admin tries whether a client can be verified: asks what an agent's click would be answered, and does nothing of it.

use std::sync::Arc;

use crate::domain::client::Client;
use crate::domain::contact::Contact;
use crate::domain::id::ClientId;
use crate::domain::refusal::Refusal;
use crate::domain::request::{self, Ask};
use crate::domain::surface::Surface;
use crate::domain::tenant::Tenant;
use crate::store::StoreError;
use crate::usecase::Desk;

/// A client's contacts, each with why a code would not be sent to them.
pub struct Tried {
    pub client: Client,
    pub contacts: Vec<(Contact, Option<Refusal>)>,
}

/// Asks for every contact, on the first screen that has the button. Nothing is counted, sent or kept.
///
/// # Errors
/// The database's; within, the refusal that is about the client or the tenant.
pub async fn try_client(
    desk: &Desk,
    tenant: &Arc<Tenant>,
    id: &ClientId,
) -> Result<Result<Tried, Refusal>, StoreError> {
    let surface = tenant.surfaces.first().copied().unwrap_or(Surface::LeadCard);
    if let Err(refusal) = request::may_start(tenant, surface) {
        return Ok(Err(refusal));
    }
    let scope = desk.store.of(&tenant.id);
    let found = scope.clients(std::slice::from_ref(id)).await?.into_iter().find(|client| !client.removed);
    let Some(client) = found else { return Ok(Err(Refusal::ClientNotFound)) };
    let mobiles: Vec<_> = client.contacts.iter().filter_map(|contact| contact.mobile.as_ref()).collect();
    let stopped = scope.stopped(&mobiles).await?;
    let now = desk.time.now();
    let refusal = |contact: &Contact| {
        let ask = Ask { contact: &contact.id, surface, channels: None };
        let plan = request::plan(tenant, &client, ask, now);
        plan.and_then(|mut plan| plan.heed(|to| stopped.contains(&to.normal()))).err()
    };
    let contacts: Vec<_> =
        client.contacts.iter().map(|contact| (contact.clone(), refusal(contact))).collect();
    Ok(Ok(Tried { client, contacts }))
}
