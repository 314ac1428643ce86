//! A user types a code of their app, or a backup code, and goes on to the host with the proof of it.
//!
//! The row is locked, the try counted before anything is compared, and nothing answered before the commit.

use serde_json::json;

use crate::domain::challenge::State;
use crate::domain::code::TypedCode;
use crate::domain::event::EventType;
use crate::domain::login::backup::{BackupCode, Owner};
use crate::domain::login::{Method, User};
use crate::domain::proof::Proof;
use crate::domain::timestamp::Timestamp;
use crate::ports;
use crate::store::StoreError;
use crate::usecase::guest::{Done, Work};
use crate::usecase::{Desk, Failure};

use super::link::{Ticket, close};
use super::{note, tell};

/// What was typed.
#[derive(Debug)]
pub enum Typed {
    App(TypedCode),
    Backup(BackupCode),
}

/// What it came to.
#[derive(Debug)]
pub enum Checked<T> {
    Right(T),
    Wrong {
        tries_left: u32,
    },
    Locked {
        until: Timestamp,
    },
    /// The link is over, or there is nothing to be typed on it.
    Gone,
}

/// Signs a user in. Gives where the browser goes on to, with its proof.
///
/// # Errors
/// The database's.
pub async fn sign_in(
    desk: &Desk,
    ticket: &Ticket,
    typed: &Typed,
    address: &str,
) -> Result<Checked<String>, Failure> {
    let Some((mut work, mut user)) = ticket.lock(desk, address).await? else { return Ok(Checked::Gone) };
    if user.standing.app.is_none() {
        return Ok(Checked::Gone);
    }
    let method = match typed {
        Typed::App(_) => Method::Authenticator,
        Typed::Backup(_) => Method::BackupCode,
    };
    match attempt(&mut work, &mut user, method.as_str(), |work, user| is_right(work, user, typed)) {
        Checked::Right(()) => {}
        Checked::Locked { until } => return Ok(Checked::Locked { until }),
        Checked::Gone => return Ok(Checked::Gone),
        Checked::Wrong { tries_left } => {
            work.tx.of(&work.tenant.id).update_user(&user).await?;
            work.commit().await?;
            return Ok(Checked::Wrong { tries_left });
        }
    }
    if method == Method::BackupCode {
        tell(&mut work, EventType::UserChanged, &user);
    }
    Ok(Checked::Right(pass(work, user, ticket, method).await?))
}

/// Counts a try, makes it, and locks where it was the last. The caller writes the user back.
pub(super) fn attempt(
    work: &mut Work<'_>,
    user: &mut User,
    method: &'static str,
    is_right: impl FnOnce(&Work<'_>, &mut User) -> bool,
) -> Checked<()> {
    if let Some(until) = user.locked_until(work.now) {
        return Checked::Locked { until };
    }
    let rules = work.tenant.policy.login.code.clone();
    user.count_try(&rules, work.now);
    if is_right(work, user) {
        user.forgive_try();
        note(work, user, Done("login.check", "verified", ""), json!({"method": method}));
        return Checked::Right(());
    }
    let tries_left = user.standing.throttle.tries_left(&user.person.id, &rules, work.now);
    let until = user.lock_if_used_up(&rules, work.now);
    let detail = json!({"method": method, "tries_left": tries_left, "locked_until": until});
    note(work, user, Done("login.check", "incorrect", ""), detail);
    Checked::Wrong { tries_left: if until.is_some() { 0 } else { tries_left } }
}

fn is_right(work: &Work<'_>, user: &mut User, typed: &Typed) -> bool {
    match typed {
        Typed::App(code) => {
            let Some(app) = user.standing.app.as_mut() else { return false };
            let step = app.secret.accept(code, work.desk.time.wall(), Some(app.last_step));
            app.last_step = step.unwrap_or(app.last_step);
            step.is_some()
        }
        Typed::Backup(code) => {
            let of = Owner { tenant: &work.tenant.id, user: &user.id };
            user.standing.backup.take(&work.desk.store.vault().ring, of, code)
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
    let location = login.return_url.with(&proof);
    close(&work, std::slice::from_ref(login), State::Verified).await?;
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
