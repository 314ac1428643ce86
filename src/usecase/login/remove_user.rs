//! The host forgets a user: what was set up and every sign-in that waits go with them.

use std::sync::Arc;

use serde_json::json;

use crate::domain::challenge::State;
use crate::domain::id::UserId;
use crate::domain::refusal::Refusal;
use crate::domain::tenant::Tenant;
use crate::usecase::guest::{Done, Work};
use crate::usecase::{Caller, Desk, Failure};

use super::{end, note};

/// Forgets a user.
///
/// # Errors
/// `NotFound`
pub async fn remove_user(
    desk: &Desk,
    tenant: &Arc<Tenant>,
    id: &UserId,
    caller: &Caller,
) -> Result<(), Failure> {
    let mut work = Work::begin(desk, tenant, caller.origin.clone()).await?;
    let mut user = work.tx.of(&tenant.id).lock_user(id).await?.ok_or(Refusal::NotFound("user"))?;
    work.now = desk.time.now();
    let out = user.reset();
    end(&mut work, &user, &out, State::Cancelled).await?;
    work.tx.of(&tenant.id).forget_user(id).await?;
    note(&mut work, &user, Done("user.remove", "removed", ""), json!({}));
    Ok(work.commit().await?)
}
