//! An admin takes a user's second step away: it is set up anew at the next sign-in.

use std::sync::Arc;

use serde_json::json;

use crate::domain::challenge::State;
use crate::domain::event::EventType;
use crate::domain::id::UserId;
use crate::domain::login::UserView;
use crate::domain::login::notice::Change;
use crate::domain::refusal::Refusal;
use crate::domain::tenant::Tenant;
use crate::usecase::guest::{Done, Work};
use crate::usecase::{Caller, Desk, Failure};

use super::devices::distrust;
use super::{end, note, notify, tell};

/// Takes it away, with the backup codes, the lock, the trusted devices and every sign-in that waits.
///
/// # Errors
/// `NotFound`
pub async fn reset_second_step(
    desk: &Desk,
    tenant: &Arc<Tenant>,
    id: &UserId,
    caller: &Caller,
) -> Result<UserView, Failure> {
    reset_second_step_because(desk, tenant, id, ("", caller)).await
}

/// The same, for a reason that is put on the record.
///
/// # Errors
/// `NotFound`
pub async fn reset_second_step_because(
    desk: &Desk,
    tenant: &Arc<Tenant>,
    id: &UserId,
    (reason, caller): (&str, &Caller),
) -> Result<UserView, Failure> {
    let mut work = Work::begin(desk, tenant, caller.origin.clone()).await?;
    let mut user = work.tx.of(&tenant.id).lock_user(id).await?.ok_or(Refusal::NotFound("user"))?;
    work.now = desk.time.now();
    let (had, number) = (user.is_enrolled(), user.number());
    let out = user.reset();
    end(&mut work, &user, &out, State::Cancelled).await?;
    distrust(&mut work, &mut user, None);
    if had {
        notify(&mut work, &mut user, (Change::Reset, number), "").await?;
    }
    work.tx.of(&tenant.id).update_user(&user).await?;
    let outcome = if had { "reset" } else { "unchanged" };
    let detail = if reason.is_empty() { json!({}) } else { json!({"reason": reason}) };
    note(&mut work, &user, Done("user.reset", outcome, ""), detail);
    if had {
        tell(&mut work, EventType::UserReset, &user);
    }
    let view = user.view(&tenant.policy.login, work.now);
    work.commit().await?;
    Ok(view)
}
