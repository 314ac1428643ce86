//! The host names a user, or says what changed about one. What was set up stays.

use std::sync::Arc;

use serde_json::json;

use crate::domain::contact::Contact;
use crate::domain::id::UserId;
use crate::domain::login::{Standing, User, UserView};
use crate::domain::refusal::Refusal;
use crate::domain::tenant::Tenant;
use crate::usecase::guest::{Done, Work};
use crate::usecase::{Caller, Desk, Failure};

use super::note;

/// Keeps a user. Says whether they are new.
///
/// # Errors
/// The database's.
pub async fn put_user(
    desk: &Desk,
    tenant: &Arc<Tenant>,
    id: UserId,
    person: Contact,
    caller: &Caller,
) -> Result<(UserView, bool), Failure> {
    let mut work = Work::begin(desk, tenant, caller.origin.clone()).await?;
    let mut user = User { id, person, standing: Standing::default(), created_at: work.now };
    let made = work.tx.of(&tenant.id).ensure_user(&user).await?;
    if !made {
        let before = work.tx.of(&tenant.id).lock_user(&user.id).await?.ok_or(Refusal::NotFound("user"))?;
        user = User { person: user.person, ..before };
        work.now = desk.time.now();
        work.tx.of(&tenant.id).update_user(&user).await?;
    }
    let outcome = if made { "created" } else { "updated" };
    note(&mut work, &user, Done("user.put", outcome, ""), json!({"role": user.person.role}));
    let view = user.view(&tenant.policy.login, work.now);
    work.commit().await?;
    Ok((view, made))
}
