//! A user types a code of their app, one that was texted, or a backup code, and goes on to the host with the proof of it.
//!
//! The row is locked, the try counted before anything is compared, and nothing answered before the commit.

use serde_json::json;
use zeroize::Zeroizing;

use crate::domain::challenge::{State, Verdict};
use crate::domain::code::{NotACode, TypedCode};
use crate::domain::event::EventType;
use crate::domain::guess;
use crate::domain::guest::Out;
use crate::domain::login::backup::{BackupCode, Owner};
use crate::domain::login::notice::Change;
use crate::domain::login::totp::{self, Secret};
use crate::domain::login::{App, Method, User};
use crate::domain::proof::{BrowserToken, Proof};
use crate::domain::timestamp::Timestamp;
use crate::domain::workflow::Workflow;
use crate::ports;
use crate::store::StoreError;
use crate::usecase::guest::{Done, Work};
use crate::usecase::{Desk, Failure, brake};

use super::link::{Browser, Ticket};
use super::{devices, end, note, notify, tell, text_code};

/// What was typed.
#[derive(Debug)]
pub enum Typed {
    App(TypedCode),
    /// How many digits a texted code has is known by the one that is out.
    Text(Zeroizing<String>),
    Backup(BackupCode),
}

/// What it came to.
#[derive(Debug)]
pub enum Checked<T> {
    Right(T),
    Wrong {
        tries_left: u32,
    },
    /// No code at all; it costs no try.
    NotACode(NotACode),
    /// The code that was texted is over.
    Over(Verdict),
    /// Too many wrong ones while the app shows one code: until it shows the next.
    Wait {
        until: Timestamp,
    },
    Locked {
        until: Timestamp,
    },
    /// The link is over, or there is nothing to be typed on it.
    Gone,
}

/// Where a browser goes next.
#[derive(Debug)]
pub enum Next {
    /// On to the host, with its proof; and what it keeps from now on, if it is trusted.
    Host { location: String, token: Option<BrowserToken> },
    /// Back to the page, as it is now.
    Page,
}

/// Signs a user in; on the page where they change their second step, lets them. Where `trusts`, the browser skips the
/// second step from now on.
///
/// # Errors
/// The database's.
pub async fn sign_in(
    desk: &Desk,
    ticket: &Ticket,
    typed: &Typed,
    (browser, trusts): (&Browser, bool),
) -> Result<Checked<Next>, Failure> {
    let Some((mut work, mut user)) = ticket.lock(desk, browser).await? else { return Ok(Checked::Gone) };
    let login = Workflow::Login;
    if let Some(until) = brake::rests_until(desk, &work.tenant.id, login, work.now) {
        return Ok(Checked::Locked { until });
    }
    let (method, checked) = match typed {
        Typed::App(code) => (Method::Authenticator, by_app(&mut work, &mut user, code)),
        Typed::Text(code) => (Method::Sms, text_code::by_text(&mut work, &mut user, code).await?),
        Typed::Backup(code) => (Method::BackupCode, by_backup_code(&mut work, &mut user, code)),
    };
    match checked {
        Checked::Right(()) => {}
        Checked::Wrong { tries_left } => {
            let scope = work.tx.of(&work.tenant.id);
            scope.update_user(&user).await?;
            brake::count_wrong(desk, &work.tx, &work.tenant.id, (login, chance(method)), work.now).await?;
            work.commit().await?;
            return Ok(Checked::Wrong { tries_left });
        }
        other => return Ok(other.without()),
    }
    if method == Method::BackupCode {
        tell(&mut work, EventType::UserChanged, &user);
        let (left, number) = (user.standing.backup.left(), user.number());
        notify(&mut work, &mut user, (Change::BackupCodeUsed { left }, number), &browser.device).await?;
    }
    let now = work.now;
    let login = user.login(&ticket.about.login).ok_or(StoreError::Guard("crm_user"))?;
    if login.manages {
        login.proven_at = Some(now);
        work.tx.of(&work.tenant.id).update_user(&user).await?;
        work.commit().await?;
        return Ok(Checked::Right(Next::Page));
    }
    let token = if trusts { devices::trust(&mut work, &mut user, browser).await? } else { None };
    let location = pass(work, user, ticket, method).await?;
    Ok(Checked::Right(Next::Host { location, token }))
}

/// The chance of one guess, in billionths. An app's code is taken a step early and late, too.
fn chance(method: Method) -> u64 {
    match method {
        Method::Authenticator => 3 * guess::chance(totp::DIGITS),
        Method::Sms => guess::chance(6),
        Method::BackupCode | Method::TrustedDevice | Method::Later => 0,
    }
}

/// What a try is called on the record: of a code to sign in by, and of the first one of what is being set up.
pub(super) const SIGN_IN: &str = "login.check";
pub(super) const SET_UP: &str = "second_step.check";

/// Counts a try, makes it, and locks where it was the last. The caller writes the user back.
pub(super) fn attempt(
    work: &mut Work<'_>,
    user: &mut User,
    (action, method): (&'static str, Method),
    is_right: impl FnOnce(&Work<'_>, &mut User) -> bool,
) -> Checked<()> {
    if let Some(until) = user.locked_until(work.now) {
        return Checked::Locked { until };
    }
    let rules = work.tenant.policy.login.code.clone();
    user.count_try(&rules, work.now);
    if is_right(work, user) {
        user.forgive_try();
        note(work, user, Done(action, "verified", ""), json!({"method": method}));
        return Checked::Right(());
    }
    let tries_left = user.standing.throttle.tries_left(&user.person.id, &rules, work.now);
    let until = user.lock_if_used_up(&rules, work.now);
    let detail = json!({"method": method, "tries_left": tries_left, "locked_until": until});
    note(work, user, Done(action, "incorrect", ""), detail);
    Checked::Wrong { tries_left: if until.is_some() { 0 } else { tries_left } }
}

fn by_app(work: &mut Work<'_>, user: &mut User, code: &TypedCode) -> Checked<()> {
    let Some(App { secret, last_step, since }) = user.standing.app.clone() else { return Checked::Gone };
    match attempt_app(work, user, code, (SIGN_IN, &secret, Some(last_step))) {
        Checked::Right(step) => {
            user.standing.app = Some(App { secret, last_step: step, since });
            Checked::Right(())
        }
        other => other.without(),
    }
}

/// One try of an app's code: gives its step, which is used now.
pub(super) fn attempt_app(
    work: &mut Work<'_>,
    user: &mut User,
    code: &TypedCode,
    (action, secret, last_step): (&'static str, &Secret, Option<u64>),
) -> Checked<u64> {
    let wall = work.desk.time.wall();
    if let Err(until) = user.standing.pace.may_try(wall) {
        return Checked::Wait { until };
    }
    let mut step = None;
    let checked = attempt(work, user, (action, Method::Authenticator), |_, _| {
        step = secret.accept(code, wall, last_step);
        step.is_some()
    });
    match (checked, step) {
        (Checked::Right(()), Some(step)) => Checked::Right(step),
        (checked, _) => {
            if matches!(checked, Checked::Wrong { .. }) {
                user.standing.pace.miss(wall);
            }
            checked.without()
        }
    }
}

fn by_backup_code(work: &mut Work<'_>, user: &mut User, code: &BackupCode) -> Checked<()> {
    if !user.is_enrolled() {
        return Checked::Gone;
    }
    attempt(work, user, (SIGN_IN, Method::BackupCode), |work, user| {
        let of = Owner { tenant: &work.tenant.id, user: &user.id };
        user.standing.backup.take(&work.desk.store.vault().ring, of, code)
    })
}

impl<T> Checked<T> {
    /// The same of anything else, where it is not right.
    pub(super) fn without<U>(self) -> Checked<U> {
        match self {
            Self::Wrong { tries_left } => Checked::Wrong { tries_left },
            Self::NotACode(fault) => Checked::NotACode(fault),
            Self::Over(verdict) => Checked::Over(verdict),
            Self::Wait { until } => Checked::Wait { until },
            Self::Locked { until } => Checked::Locked { until },
            Self::Gone | Self::Right(_) => Checked::Gone,
        }
    }
}

/// Ends the sign-in with a proof of it.
///
/// # Errors
/// [`StoreError`]
pub(super) async fn pass(
    mut work: Work<'_>,
    mut user: User,
    ticket: &Ticket,
    method: Method,
) -> Result<String, StoreError> {
    let proof = Proof::new(ports::bytes(work.desk.random.as_ref()));
    let (now, epoch) = (work.now, work.epoch);
    user.standing.last_sign_in = Some(now);
    let login = user.login(&ticket.about.login).ok_or(StoreError::Guard("crm_user"))?;
    login.passed = true;
    // It is kept until its proof is redeemed, or would be too late.
    login.proofs.keep(&proof, method, now, epoch);
    let (location, link) = (login.return_url.with(&proof), login.link.clone());
    let pending = login.setting_up.take().and_then(|pending| pending.code().cloned());
    // Nobody gets in by what is still out, or gets a text about it.
    let out = [pending, user.standing.code.take()].into_iter().flatten().filter(Out::is_open);
    let out: Vec<_> = out.map(|out| out.challenge).collect();
    end(&mut work, &user, &[link], State::Verified).await?;
    end(&mut work, &user, &out, State::Cancelled).await?;
    note(
        &mut work,
        &user,
        Done("login.pass", "passed", ticket.about.login.as_str()),
        json!({"method": method}),
    );
    work.tx.of(&work.tenant.id).update_user(&user).await?;
    work.commit().await?;
    Ok(location)
}
