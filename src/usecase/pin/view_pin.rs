//! Where a client's PIN stands, for whoever reads it out of a status: whether it is set, and the link that is out.

use crate::domain::client::{Client, Pending};
use crate::domain::id::ClientId;
use crate::domain::refusal::Refusal;
use crate::domain::status::{self, PinState};
use crate::domain::tenant::Tenant;
use crate::domain::timestamp::Timestamp;
use crate::usecase::{Caller, Desk, Failure};

/// What there is of a PIN.
pub struct PinView {
    pub state: PinState,
    pub set_at: Option<Timestamp>,
    /// The link that still opens.
    pub link: Option<Pending>,
    /// Of a PIN that is set, where the tenant uses them.
    pub tries_left: Option<u32>,
}

/// Reads a client's PIN.
///
/// # Errors
/// `ClientNotFound`, `NotInToken`
pub async fn view_pin(
    desk: &Desk,
    tenant: &Tenant,
    id: &ClientId,
    caller: &Caller,
) -> Result<PinView, Failure> {
    caller.may_act_on(id)?;
    let found = desk.store.of(&tenant.id).clients(std::slice::from_ref(id)).await?.pop();
    let client = found.filter(|c| !c.removed).ok_or(Refusal::ClientNotFound)?;
    of(desk, tenant, &client).await
}

/// The PIN of a client that was read already.
///
/// # Errors
/// The database's.
pub async fn of(desk: &Desk, tenant: &Tenant, client: &Client) -> Result<PinView, Failure> {
    let (standing, now) = (&client.standing.pin, desk.time.now());
    let tries_left = match &standing.set {
        Some(_) if tenant.policy.pin.enabled => {
            let pin = desk.store.of(&tenant.id).pin(&client.id).await?;
            pin.map(|pin| pin.tries_left(tenant.policy.pin.tries))
        }
        _ => None,
    };
    Ok(PinView {
        state: status::pin(&client.outline()),
        set_at: standing.set.as_ref().map(|set| set.at),
        link: standing.link.clone().filter(|link| link.expires_at > now),
        tries_left,
    })
}
