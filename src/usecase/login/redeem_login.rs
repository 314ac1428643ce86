//! The host redeems what a user's browser brought: once, in its time, for that sign-in only.

use std::sync::Arc;

use serde_json::json;

use crate::domain::id::{ChallengeId, LoginId};
use crate::domain::login::{About, Method};
use crate::domain::proof::{Kept, Proof};
use crate::domain::refusal::Refusal;
use crate::domain::tenant::Tenant;
use crate::usecase::guest::{Done, Work};
use crate::usecase::{Caller, Desk, Failure};

use super::note;

/// Redeems a proof.
///
/// # Errors
/// `NotFound`, whatever is wrong with it.
pub async fn redeem_login(
    desk: &Desk,
    tenant: &Arc<Tenant>,
    login: &LoginId,
    given: &Proof,
    caller: &Caller,
) -> Result<Kept<Method>, Failure> {
    let not_found = || Refusal::NotFound("proof");
    let mut work = Work::begin(desk, tenant, caller.origin.clone()).await?;
    let link = link_of(login).ok_or_else(not_found)?;
    let link = work.tx.of(&tenant.id).challenge(&link).await?.ok_or_else(not_found)?;
    let about = About::parse(&link.subject).filter(|about| about.login == *login).ok_or_else(not_found)?;
    let found = work.tx.of(&tenant.id).lock_user(&about.user).await?;
    work.now = desk.time.now();
    let mut user = found.ok_or_else(not_found)?;
    let (now, epoch) = (work.now, work.epoch);
    let kept = user.login(login).and_then(|login| login.proofs.redeem(given, now, epoch));
    let kept = kept.ok_or_else(not_found)?;
    user.standing.logins.retain(|kept| kept.id != *login);
    let done = Done("proof.redeem", "redeemed", login.as_str());
    note(&mut work, &user, done, json!({"verified_at": kept.verified_at, "method": kept.method}));
    work.tx.of(&tenant.id).update_user(&user).await?;
    work.commit().await?;
    Ok(kept)
}

/// The challenge behind a sign-in's link has the same letters after its prefix.
fn link_of(login: &LoginId) -> Option<ChallengeId> {
    let letters = login.as_str().strip_prefix(LoginId::PREFIX)?;
    ChallengeId::parse(&format!("{}{letters}", ChallengeId::PREFIX)).ok()
}
