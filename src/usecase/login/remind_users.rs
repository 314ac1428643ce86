//! An admin reminds users who have not set up the second step that they need. Who needs no reminder gets none.

use std::sync::Arc;

use serde_json::json;

use crate::domain::id::UserId;
use crate::domain::login::Need;
use crate::domain::login::notice::Change;
use crate::domain::tenant::Tenant;
use crate::usecase::guest::{Done, Work};
use crate::usecase::{Caller, Desk, Failure};

use super::{note, notify};

/// Users that are reminded at once; of more, the last are not.
pub const MOST: usize = 100;

/// Queues the emails. Says how many people get one.
///
/// # Errors
/// The database's; those before have theirs.
pub async fn remind_users(
    desk: &Desk,
    tenant: &Arc<Tenant>,
    users: &[UserId],
    caller: &Caller,
) -> Result<usize, Failure> {
    let mut reminded = 0;
    for user in users.iter().take(MOST) {
        reminded += usize::from(remind(desk, tenant, user, caller).await?);
    }
    Ok(reminded)
}

async fn remind(desk: &Desk, tenant: &Arc<Tenant>, id: &UserId, caller: &Caller) -> Result<bool, Failure> {
    let mut work = Work::begin(desk, tenant, caller.origin.clone()).await?;
    let Some(mut user) = work.tx.of(&tenant.id).lock_user(id).await? else { return Ok(false) };
    work.now = desk.time.now();
    let policy = &tenant.policy.login;
    if !user.may_be_reminded(policy, work.now) {
        return Ok(false);
    }
    let from = if let Need::From(day) = user.need(policy, work.now) { Some(day) } else { None };
    user.standing.reminded_at = Some(work.now);
    notify(&mut work, &mut user, (Change::Reminder { required_from: from }, None), "").await?;
    work.tx.of(&tenant.id).update_user(&user).await?;
    note(&mut work, &user, Done("user.remind", "queued", ""), json!({"required_from": from}));
    work.commit().await?;
    Ok(true)
}
