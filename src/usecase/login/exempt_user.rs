//! An admin lets a user off setting up a second step until a day, or ends that early.

use std::sync::Arc;

use serde_json::json;

use crate::domain::id::UserId;
use crate::domain::login::UserView;
use crate::domain::refusal::Refusal;
use crate::domain::tenant::Tenant;
use crate::domain::timestamp::Timestamp;
use crate::usecase::guest::{Done, Work};
use crate::usecase::{Caller, Desk, Failure};

use super::note;

/// Keeps until when, for a reason that is put on the record; without an end, they need a second step as others do.
///
/// # Errors
/// `NotFound`
pub async fn exempt_user(
    desk: &Desk,
    tenant: &Arc<Tenant>,
    id: &UserId,
    until: Option<Timestamp>,
    (reason, caller): (&str, &Caller),
) -> Result<UserView, Failure> {
    let mut work = Work::begin(desk, tenant, caller.origin.clone()).await?;
    let mut user = work.tx.of(&tenant.id).lock_user(id).await?.ok_or(Refusal::NotFound("user"))?;
    work.now = desk.time.now();
    let before = user.standing.exempt_until;
    user.standing.exempt_until = until;
    work.tx.of(&tenant.id).update_user(&user).await?;
    let outcome = if until.is_some() { "exempted" } else { "ended" };
    let detail = json!({"until": until, "before": before, "reason": reason});
    note(&mut work, &user, Done("user.exempt", outcome, ""), detail);
    let view = user.view(&tenant.policy.login, work.now);
    work.commit().await?;
    Ok(view)
}
