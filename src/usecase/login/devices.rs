//! Browsers that a user trusts: kept when they sign in, passed straight on, and no longer trusted.

use std::sync::Arc;

use serde_json::json;

use crate::domain::event::{self, EventType};
use crate::domain::id::{DeviceId, UserId};
use crate::domain::login::notice::Change;
use crate::domain::login::trust::{Device, DeviceView};
use crate::domain::login::{Method, User};
use crate::domain::proof::BrowserToken;
use crate::domain::refusal::Refusal;
use crate::domain::tenant::Tenant;
use crate::ports;
use crate::store::StoreError;
use crate::usecase::guest::{Done, Work};
use crate::usecase::{Caller, Desk, Failure};

use super::link::{Browser, Ticket};
use super::sign_in::pass;
use super::{note, notify};

/// Passes a browser straight on that the user trusts. Gives where it goes on to; `None` where it is asked for a code.
///
/// # Errors
/// The database's.
pub async fn pass_trusted(
    desk: &Desk,
    ticket: &Ticket,
    browser: &Browser,
) -> Result<Option<String>, Failure> {
    let Some(token) = &browser.token else { return Ok(None) };
    let Some(mut seat) = ticket.read(desk).await? else { return Ok(None) };
    let moment = (seat.now, desk.directory.get().epoch);
    if seat.user.trusts(&seat.login, token, &ticket.tenant.policy.login, moment).is_none() {
        return Ok(None);
    }
    let Some((mut work, mut user)) = ticket.lock(desk, browser).await? else { return Ok(None) };
    let Some(login) = user.login(&ticket.about.login).cloned() else { return Ok(None) };
    let moment = (work.now, work.epoch);
    let Some(device) = user.trusts(&login, token, &ticket.tenant.policy.login, moment) else {
        return Ok(None);
    };
    device.last_used_at = work.now;
    let by = device.id.clone();
    note(&mut work, &user, Done("device.use", "passed", by.as_str()), json!({}));
    Ok(Some(pass(work, user, ticket, Method::TrustedDevice).await?))
}

/// Trusts the browser from now on. Gives the token for its cookie; `None` where the tenant trusts none.
///
/// # Errors
/// [`StoreError`]
pub(super) async fn trust(
    work: &mut Work<'_>,
    user: &mut User,
    browser: &Browser,
) -> Result<Option<BrowserToken>, StoreError> {
    let tenant = Arc::clone(&work.tenant);
    let policy = &tenant.policy.login;
    if policy.trust_days == 0 {
        return Ok(None);
    }
    let token = BrowserToken::new(ports::bytes(work.desk.random.as_ref()));
    let id = DeviceId::new(work.now, work.desk.draw().1);
    let added = (id, &token, browser.device.clone());
    let (device, oldest) = user.standing.devices.add(added, policy, work.now, work.epoch);
    revoked(work, user, oldest.as_slice());
    let device = device.view(&user.id, policy);
    note(work, user, Done("device.trust", "trusted", device.id.as_str()), json!({"device": device.name}));
    work.push(|id, at| event::device(id, EventType::DeviceTrusted, &device, at));
    let news = (Change::DeviceTrusted { days: policy.trust_days }, user.number());
    notify(work, user, news, &browser.device).await?;
    Ok(Some(token))
}

/// Ends the trust in one device, or in all, and tells the host. Gives how many there were.
pub(super) fn distrust(work: &mut Work<'_>, user: &mut User, which: Option<&DeviceId>) -> usize {
    let tenant = Arc::clone(&work.tenant);
    let gone = user.standing.devices.revoke(which, &tenant.policy.login, (work.now, work.epoch));
    revoked(work, user, &gone);
    gone.len()
}

fn revoked(work: &mut Work<'_>, user: &User, gone: &[Device]) {
    for device in gone {
        let view = device.view(&user.id, &work.tenant.policy.login);
        let done = Done("device.revoke", "revoked", device.id.as_str());
        note(work, user, done, json!({"device": device.name}));
        work.push(|id, at| event::device(id, EventType::DeviceRevoked, &view, at));
    }
}

/// The browsers that a user trusts, newest first.
///
/// # Errors
/// `NotFound`
pub async fn view_devices(
    desk: &Desk,
    tenant: &Arc<Tenant>,
    id: &UserId,
) -> Result<Vec<DeviceView>, Failure> {
    let user = desk.store.of(&tenant.id).user(id).await?.ok_or(Refusal::NotFound("user"))?;
    let (policy, epoch) = (&tenant.policy.login, desk.directory.get().epoch);
    let live = user.standing.devices.live(policy, desk.time.now(), epoch);
    Ok(live.into_iter().map(|device| device.view(&user.id, policy)).collect())
}

/// The host ends the trust in one device, or in all.
///
/// # Errors
/// `NotFound`
pub async fn revoke_devices(
    desk: &Desk,
    tenant: &Arc<Tenant>,
    id: &UserId,
    which: Option<&DeviceId>,
    caller: &Caller,
) -> Result<(), Failure> {
    let mut work = Work::begin(desk, tenant, caller.origin.clone()).await?;
    let mut user = work.tx.of(&tenant.id).lock_user(id).await?.ok_or(Refusal::NotFound("user"))?;
    work.now = desk.time.now();
    match distrust(&mut work, &mut user, which) {
        0 if which.is_some() => return Err(Refusal::NotFound("device").into()),
        0 => {}
        _ => {
            let number = user.number();
            notify(&mut work, &mut user, (Change::DevicesRemoved, number), "").await?;
        }
    }
    work.tx.of(&tenant.id).update_user(&user).await?;
    Ok(work.commit().await?)
}
