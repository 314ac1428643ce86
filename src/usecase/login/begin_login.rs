//! The host asks, after the password, what a user does next; where it is more than nothing, it gets a page for them.

use std::sync::Arc;

use serde_json::json;
use zeroize::Zeroizing;

use crate::domain::challenge::{Challenge, Kind, State};
use crate::domain::id::{ChallengeId, LoginId, UserId};
use crate::domain::login::{About, Decision, LOGIN_LASTS, Login, User};
use crate::domain::proof::Proofs;
use crate::domain::refusal::Refusal;
use crate::domain::return_url::ReturnUrl;
use crate::domain::tenant::Tenant;
use crate::usecase::guest::{Done, Work};
use crate::usecase::pin::send_link;
use crate::usecase::{Caller, Desk, Failure};

use super::{end, note, party};

/// What was decided. Not `Debug`: it holds the link.
pub struct Begun {
    pub login: LoginId,
    pub decision: Decision,
    /// The page of the sign-in; none where the user may go on.
    pub url: Option<Zeroizing<String>>,
}

/// Begins a sign-in.
///
/// # Errors
/// `NotFound`, `ReturnUrlNotAllowed`
pub async fn begin_login(
    desk: &Desk,
    tenant: &Arc<Tenant>,
    id: &UserId,
    return_url: &str,
    caller: &Caller,
) -> Result<Begun, Failure> {
    let return_url = ReturnUrl::parse(return_url, tenant).map_err(|_| Refusal::ReturnUrlNotAllowed)?;
    let mut work = Work::begin(desk, tenant, caller.origin.clone()).await?;
    let mut user = work.tx.of(&tenant.id).lock_user(id).await?.ok_or(Refusal::NotFound("user"))?;
    work.now = desk.time.now();
    let decision = user.decide(&tenant.policy.login, work.now);
    let (login, url) = if decision == Decision::Allow {
        user.standing.last_sign_in = Some(work.now);
        work.tx.of(&tenant.id).update_user(&user).await?;
        (LoginId::new(work.now, desk.draw().1), None)
    } else {
        let (login, url) = open_page(&mut work, &mut user, return_url, false).await?;
        (login, Some(url))
    };
    note(&mut work, &user, Done("login.begin", decision.as_str(), login.as_str()), json!({}));
    work.commit().await?;
    Ok(Begun { login, decision, url })
}

/// A page for a user who is in: to set a second step up, change it, and see the devices they trust. Gives its address.
///
/// # Errors
/// `NotFound`, `ReturnUrlNotAllowed`
pub async fn open_manage(
    desk: &Desk,
    tenant: &Arc<Tenant>,
    id: &UserId,
    return_url: &str,
    caller: &Caller,
) -> Result<Zeroizing<String>, Failure> {
    let return_url = ReturnUrl::parse(return_url, tenant).map_err(|_| Refusal::ReturnUrlNotAllowed)?;
    let mut work = Work::begin(desk, tenant, caller.origin.clone()).await?;
    let mut user = work.tx.of(&tenant.id).lock_user(id).await?.ok_or(Refusal::NotFound("user"))?;
    work.now = desk.time.now();
    let (login, url) = open_page(&mut work, &mut user, return_url, true).await?;
    note(&mut work, &user, Done("second_step.manage", "opened", login.as_str()), json!({}));
    work.commit().await?;
    Ok(url)
}

async fn open_page(
    work: &mut Work<'_>,
    user: &mut User,
    return_url: ReturnUrl,
    manages: bool,
) -> Result<(LoginId, Zeroizing<String>), Failure> {
    let (desk, tenant) = (work.desk, Arc::clone(&work.tenant));
    // One draw for both: the link of a sign-in is found by its name.
    let drawn = desk.draw().1;
    let (id, link) = (LoginId::new(work.now, drawn), ChallengeId::new(work.now, drawn));
    let about = About { user: user.id.clone(), login: id.clone() };
    let whom = party(user, &tenant);
    let link = Challenge {
        id: link,
        resend_at: work.now,
        ..work.challenge(&whom, (Kind::Sent, about.to_string()), None, work.now + LOGIN_LASTS)
    };
    let token = send_link::token(desk, &tenant, &link)?;
    work.tx.of(&tenant.id).insert_challenge(&link, Some(&token.hash())).await?;
    let login = Login {
        id: id.clone(),
        link: link.id,
        return_url,
        ends_at: link.expires_at,
        manages,
        setting_up: None,
        enrolled: false,
        proven_at: None,
        passed: false,
        proofs: Proofs::default(),
    };
    let oldest = user.begin(login, work.now);
    let oldest = oldest.iter().flat_map(Login::challenges).collect::<Vec<_>>();
    end(work, user, &oldest, State::Superseded).await?;
    work.tx.of(&tenant.id).update_user(user).await?;
    let base = desk.public_url.as_str().trim_end_matches('/');
    Ok((id, Zeroizing::new(format!("{base}/login/{}", token.expose()))))
}
