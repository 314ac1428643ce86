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
use crate::domain::workflow::Workflow;
use crate::usecase::guest::{Done, Work};
use crate::usecase::pin::send_link;
use crate::usecase::{Caller, Desk, Failure};

use super::link::close;
use super::note;

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
    // One draw for both: the link of a sign-in is found by its name.
    let drawn = desk.draw().1;
    let (login, link) = (LoginId::new(work.now, drawn), ChallengeId::new(work.now, drawn));
    let done = Done("login.begin", decision.as_str(), login.as_str());
    note(&mut work, &user, done, json!({}));
    if decision == Decision::Allow {
        user.standing.last_sign_in = Some(work.now);
        work.tx.of(&tenant.id).update_user(&user).await?;
        work.commit().await?;
        return Ok(Begun { login, decision, url: None });
    }
    let link = challenge(&work, &user, link, &login);
    let token = send_link::token(desk, tenant, &link)?;
    work.tx.of(&tenant.id).insert_challenge(&link, Some(&token.hash())).await?;
    let waits = Login {
        id: login.clone(),
        link: link.id,
        return_url,
        ends_at: link.expires_at,
        pending: None,
        enrolled: false,
        passed: false,
        proofs: Proofs::default(),
    };
    let oldest = user.begin(waits, work.now);
    close(&work, oldest.as_slice(), State::Superseded).await?;
    work.tx.of(&tenant.id).update_user(&user).await?;
    work.commit().await?;
    let base = desk.public_url.as_str().trim_end_matches('/');
    let url = Zeroizing::new(format!("{base}/login/{}", token.expose()));
    Ok(Begun { login, decision, url: Some(url) })
}

fn challenge(work: &Work<'_>, user: &User, id: ChallengeId, login: &LoginId) -> Challenge {
    let rules = &work.tenant.policy.login.code;
    Challenge {
        id,
        workflow: Workflow::Login,
        subject: About { user: user.id.clone(), login: login.clone() }.to_string(),
        kind: Kind::Sent,
        contact: user.person.id.clone(),
        contact_name: user.person.name.clone(),
        agent: None,
        surface: None,
        locale: Some(user.locale(&work.tenant)),
        channels: Vec::new(),
        digits: rules.digits,
        tries_allowed: rules.tries,
        tries: 0,
        created_at: work.now,
        expires_at: work.now + LOGIN_LASTS,
        resend_at: work.now,
        closed_at: None,
        epoch: work.epoch,
        key: work.desk.store.vault().ring.current().id,
        stored: State::Active,
    }
}
