//! Where a client's PIN stands, for whoever reads it out of a status: whether it is set, and the link that is out.

use crate::domain::client::{Client, Pending};
use crate::domain::id::ClientId;
use crate::domain::refusal::Refusal;
use crate::domain::request;
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
    let stored = match &standing.set {
        Some(_) if tenant.policy.pin.enabled => desk.store.of(&tenant.id).pin(&client.id).await?,
        _ => None,
    };
    let allowed = tenant.policy.pin.tries;
    // Where fewer tries are allowed now, the status learns of it by the next check.
    let state = match status::pin(&client.outline(), now) {
        PinState::Set if stored.as_ref().is_some_and(|pin| pin.is_stuck(allowed, now)) => PinState::Locked,
        state => state,
    };
    Ok(PinView {
        state,
        set_at: standing.set.as_ref().map(|set| set.at),
        link: link(desk, tenant, client, now).await?,
        tries_left: stored.map(|pin| pin.tries_left(allowed)),
    })
}

/// The link that is out, where a PIN can still be set by it.
async fn link(
    desk: &Desk,
    tenant: &Tenant,
    client: &Client,
    now: Timestamp,
) -> Result<Option<Pending>, Failure> {
    let out = client.standing.pin.link.as_ref().filter(|link| link.expires_at > now);
    let may = request::may_use_pin(tenant, client, now).is_ok();
    let Some(out) = out.filter(|_| may) else { return Ok(None) };
    let challenge = desk.store.of(&tenant.id).challenge(&out.challenge).await?;
    Ok(challenge.is_some_and(|link| link.tries_left() > 0).then(|| out.clone()))
}
