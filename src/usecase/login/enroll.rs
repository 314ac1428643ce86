//! A user sets up an authenticator app on the page of a sign-in: the key to scan, its first right code, and the backup
//! codes, shown once.

use serde_json::json;

use crate::domain::code::TypedCode;
use crate::domain::event::EventType;
use crate::domain::login::backup::{BackupCode, BackupCodes, CODES, Owner};
use crate::domain::login::totp::Secret;
use crate::domain::login::{App, Method, User};
use crate::ports;
use crate::usecase::guest::{Done, Work};
use crate::usecase::{Desk, Failure};

use super::link::Ticket;
use super::sign_in::{Checked, attempt, pass};
use super::{note, tell};

/// Makes the key that an app scans. One that this page has shown stays: its picture may be on the screen.
///
/// # Errors
/// The database's.
pub async fn choose_app(desk: &Desk, ticket: &Ticket, address: &str) -> Result<Checked<()>, Failure> {
    let Some((mut work, mut user)) = ticket.lock(desk, address).await? else { return Ok(Checked::Gone) };
    if user.standing.app.is_some() {
        return Ok(Checked::Gone);
    }
    let Some(login) = user.login(&ticket.about.login) else { return Ok(Checked::Gone) };
    if login.pending.is_none() {
        login.pending = Some(Secret::new(ports::bytes(desk.random.as_ref())));
        note(
            &mut work,
            &user,
            Done("second_step.begin", "begun", ""),
            json!({"method": Method::Authenticator}),
        );
        work.tx.of(&work.tenant.id).update_user(&user).await?;
        work.commit().await?;
    }
    Ok(Checked::Right(()))
}

/// The first code of the app: from the right one on it counts. Gives the backup codes, this once.
///
/// # Errors
/// The database's.
pub async fn confirm_app(
    desk: &Desk,
    ticket: &Ticket,
    code: &TypedCode,
    address: &str,
) -> Result<Checked<Vec<BackupCode>>, Failure> {
    let Some((mut work, mut user)) = ticket.lock(desk, address).await? else { return Ok(Checked::Gone) };
    let pending = user.login(&ticket.about.login).and_then(|login| login.pending.clone());
    let pending = pending.filter(|_| user.standing.app.is_none());
    let Some(secret) = pending else { return Ok(Checked::Gone) };
    let wall = desk.time.wall();
    let mut step = None;
    let tried = attempt(&mut work, &mut user, Method::Authenticator.as_str(), |_, _| {
        step = secret.accept(code, wall, None);
        step.is_some()
    });
    let codes = match (tried, step) {
        (Checked::Right(()), Some(last_step)) => {
            // The code that proves the app is used by that, and signs nobody in.
            user.standing.app = Some(App { secret, last_step, since: work.now });
            if let Some(login) = user.login(&ticket.about.login) {
                login.pending = None;
                login.enrolled = true;
            }
            let codes = draw(&work, &mut user);
            let done = Done("second_step.set", "enrolled", "");
            note(&mut work, &user, done, json!({"method": Method::Authenticator}));
            tell(&mut work, EventType::UserEnrolled, &user);
            Checked::Right(codes)
        }
        (Checked::Locked { until }, _) => return Ok(Checked::Locked { until }),
        (Checked::Wrong { tries_left }, _) => Checked::Wrong { tries_left },
        (Checked::Gone | Checked::Right(()), _) => return Ok(Checked::Gone),
    };
    work.tx.of(&work.tenant.id).update_user(&user).await?;
    work.commit().await?;
    Ok(codes)
}

/// A new set of backup codes, on the page where the second step was set up; the one before it is void.
///
/// # Errors
/// The database's.
pub async fn renew_codes(
    desk: &Desk,
    ticket: &Ticket,
    address: &str,
) -> Result<Checked<Vec<BackupCode>>, Failure> {
    let Some((mut work, mut user)) = enrolled(desk, ticket, address).await? else { return Ok(Checked::Gone) };
    let codes = draw(&work, &mut user);
    note(&mut work, &user, Done("backup_codes.renew", "renewed", ""), json!({}));
    tell(&mut work, EventType::UserChanged, &user);
    work.tx.of(&work.tenant.id).update_user(&user).await?;
    work.commit().await?;
    Ok(Checked::Right(codes))
}

/// The backup codes are saved: on to the host, which has its proof by the code that set the second step up.
///
/// # Errors
/// The database's.
pub async fn finish(desk: &Desk, ticket: &Ticket, address: &str) -> Result<Checked<String>, Failure> {
    let Some((work, user)) = enrolled(desk, ticket, address).await? else { return Ok(Checked::Gone) };
    Ok(Checked::Right(pass(work, user, ticket, Method::Authenticator).await?))
}

/// The user puts the second step off, while its day has not come.
///
/// # Errors
/// The database's.
pub async fn put_off(desk: &Desk, ticket: &Ticket, address: &str) -> Result<Checked<String>, Failure> {
    let Some((work, user)) = ticket.lock(desk, address).await? else { return Ok(Checked::Gone) };
    if user.may_wait(&work.tenant.policy.login, work.now).is_none() {
        return Ok(Checked::Gone);
    }
    Ok(Checked::Right(pass(work, user, ticket, Method::Later).await?))
}

/// The user, locked, on the page where they set their second step up.
async fn enrolled<'a>(
    desk: &'a Desk,
    ticket: &Ticket,
    address: &str,
) -> Result<Option<(Work<'a>, User)>, Failure> {
    let Some((work, mut user)) = ticket.lock(desk, address).await? else { return Ok(None) };
    let here = user.login(&ticket.about.login).is_some_and(|login| login.enrolled);
    Ok((here && user.standing.app.is_some()).then_some((work, user)))
}

fn draw(work: &Work<'_>, user: &mut User) -> Vec<BackupCode> {
    let random = work.desk.random.as_ref();
    let chance = std::array::from_fn::<_, CODES, _>(|_| ports::bytes(random));
    let of = Owner { tenant: &work.tenant.id, user: &user.id };
    let keys = work.desk.store.vault().ring.current();
    let (set, codes) = BackupCodes::draw(keys, of, ports::bytes(random), chance);
    user.standing.backup = set;
    codes
}
