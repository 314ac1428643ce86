//! On the page where a user changes their second step: ways are taken away, devices are no longer trusted, and the user
//! goes back to the host. Each needs a second step just proven on that page.

use serde_json::json;

use crate::domain::challenge::State;
use crate::domain::event::EventType;
use crate::domain::id::DeviceId;
use crate::domain::login::notice::Change;
use crate::domain::login::{Login, Method, User};
use crate::store::StoreError;
use crate::usecase::guest::{Done, Work};
use crate::usecase::{Desk, Failure};

use super::devices::distrust;
use super::link::{Browser, Ticket};
use super::sign_in::Checked;
use super::{end, note, notify, tell};

/// Takes a way to prove it away; the last takes the backup codes along.
///
/// # Errors
/// The database's.
pub async fn remove_method(
    desk: &Desk,
    ticket: &Ticket,
    method: Method,
    browser: &Browser,
) -> Result<Checked<()>, Failure> {
    let Some((mut work, mut user)) = changing(desk, ticket, browser).await? else { return Ok(Checked::Gone) };
    if !user.may_remove(method, &work.tenant.policy.login, work.now) {
        return Ok(Checked::Gone);
    }
    let number = user.number();
    let mut out = user.forget_elsewhere(&ticket.about.login);
    out.extend(user.remove(method).map(|out| out.challenge));
    end(&mut work, &user, &out, State::Cancelled).await?;
    distrust(&mut work, &mut user, None);
    notify(&mut work, &mut user, (Change::Removed { method }, number), &browser.device).await?;
    note(&mut work, &user, Done("second_step.remove", "removed", ""), json!({"method": method}));
    tell(&mut work, EventType::UserChanged, &user);
    keep(work, &user).await
}

/// Ends the trust in one device, or in all.
///
/// # Errors
/// The database's.
pub async fn distrust_devices(
    desk: &Desk,
    ticket: &Ticket,
    which: Option<&DeviceId>,
    browser: &Browser,
) -> Result<Checked<()>, Failure> {
    let Some((mut work, mut user)) = changing(desk, ticket, browser).await? else { return Ok(Checked::Gone) };
    if distrust(&mut work, &mut user, which) > 0 {
        let number = user.number();
        notify(&mut work, &mut user, (Change::DevicesRemoved, number), &browser.device).await?;
    }
    keep(work, &user).await
}

/// Ends the page. Gives where the browser goes back to, with no proof of anything.
///
/// # Errors
/// The database's.
pub async fn leave(desk: &Desk, ticket: &Ticket, browser: &Browser) -> Result<Checked<String>, Failure> {
    let Some((mut work, mut user)) = ticket.lock(desk, browser).await? else { return Ok(Checked::Gone) };
    let Some(login) = user.login(&ticket.about.login).filter(|login| login.manages).cloned() else {
        return Ok(Checked::Gone);
    };
    user.standing.logins.retain(|kept| kept.id != login.id);
    note(&mut work, &user, Done("second_step.manage", "left", login.id.as_str()), json!({}));
    end(&mut work, &user, &login.challenges(), State::Cancelled).await?;
    work.tx.of(&work.tenant.id).update_user(&user).await?;
    work.commit().await?;
    Ok(Checked::Right(login.return_url.address()))
}

/// The user, locked, where the page may change something that they have.
async fn changing<'a>(
    desk: &'a Desk,
    ticket: &Ticket,
    browser: &Browser,
) -> Result<Option<(Work<'a>, User)>, StoreError> {
    let Some((work, mut user)) = ticket.lock(desk, browser).await? else { return Ok(None) };
    let login = user.login(&ticket.about.login).cloned();
    let may = |login: &Login| user.is_enrolled() && user.may_change(login, work.now);
    Ok(login.as_ref().is_some_and(may).then_some((work, user)))
}

async fn keep(work: Work<'_>, user: &User) -> Result<Checked<()>, Failure> {
    work.tx.of(&work.tenant.id).update_user(user).await?;
    work.commit().await?;
    Ok(Checked::Right(()))
}
