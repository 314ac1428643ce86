//! A user sets a second step up: an authenticator app or a telephone, its first right code, and the backup codes, shown once.

use serde_json::json;

use crate::domain::challenge::State;
use crate::domain::code::TypedCode;
use crate::domain::event::EventType;
use crate::domain::login::backup::{BackupCode, BackupCodes, CODES, Owner};
use crate::domain::login::notice::Change;
use crate::domain::login::totp::Secret;
use crate::domain::login::{App, Method, Pending, Telephone, User};
use crate::ports;
use crate::store::StoreError;
use crate::usecase::guest::{Done, Work};
use crate::usecase::{Desk, Failure};

use super::devices::distrust;
use super::link::{Browser, Ticket};
use super::sign_in::{Checked, Next, SET_UP, attempt_app, pass};
use super::{end, note, notify, tell, text_code};

/// Makes the key that an app scans. One that this page has shown stays: its picture may be on the screen.
///
/// # Errors
/// The database's.
pub async fn choose_app(desk: &Desk, ticket: &Ticket, browser: &Browser) -> Result<Checked<()>, Failure> {
    let Some((mut work, mut user)) = ticket.lock(desk, browser).await? else { return Ok(Checked::Gone) };
    let Some(login) = user.login(&ticket.about.login).cloned() else { return Ok(Checked::Gone) };
    if !user.may_change(&login, work.now) {
        return Ok(Checked::Gone);
    }
    let texted = match &login.setting_up {
        Some(Pending::App { .. }) => return Ok(Checked::Right(())),
        Some(Pending::Sms { code, .. }) => Some(code.challenge.clone()),
        None => None,
    };
    end(&mut work, &user, texted.as_slice(), State::Superseded).await?;
    let secret = Secret::new(ports::bytes(desk.random.as_ref()));
    let login = user.login(&ticket.about.login).ok_or(StoreError::Guard("crm_user"))?;
    login.setting_up = Some(Pending::App { secret });
    let detail = json!({"method": Method::Authenticator});
    note(&mut work, &user, Done("second_step.begin", "begun", ""), detail);
    work.tx.of(&work.tenant.id).update_user(&user).await?;
    work.commit().await?;
    Ok(Checked::Right(()))
}

/// The first code of the app: from the right one on it counts. Gives the backup codes, this once; none where the user has
/// some already.
///
/// # Errors
/// The database's.
pub async fn confirm_app(
    desk: &Desk,
    ticket: &Ticket,
    code: &TypedCode,
    browser: &Browser,
) -> Result<Checked<Vec<BackupCode>>, Failure> {
    let Some((mut work, mut user)) = ticket.lock(desk, browser).await? else { return Ok(Checked::Gone) };
    let Some(Pending::App { secret }) = setting_up(&mut user, ticket, &work) else {
        return Ok(Checked::Gone);
    };
    match attempt_app(&mut work, &mut user, code, (SET_UP, &secret, None)) {
        Checked::Right(last_step) => {
            // The code that proves the app is used by that, and signs nobody in.
            let app = App { secret, last_step, since: work.now };
            set(work, user, ticket, Way::App(app), browser).await
        }
        other => missed(work, &user, other.without()).await,
    }
}

/// The code that was texted to a number: from the right one on the number counts.
///
/// # Errors
/// The database's.
pub async fn confirm_number(
    desk: &Desk,
    ticket: &Ticket,
    typed: &str,
    browser: &Browser,
) -> Result<Checked<Vec<BackupCode>>, Failure> {
    let Some((mut work, mut user)) = ticket.lock(desk, browser).await? else { return Ok(Checked::Gone) };
    let Some(Pending::Sms { number, mut code }) = setting_up(&mut user, ticket, &work) else {
        return Ok(Checked::Gone);
    };
    let checked = text_code::check(&mut work, &mut user, &mut code, (SET_UP, typed)).await?;
    if matches!(checked, Checked::Right(())) {
        // What is out to the number before it signs nobody in.
        let before = user.standing.code.take().map(|out| out.challenge);
        end(&mut work, &user, before.as_slice(), State::Cancelled).await?;
        let text = Telephone { number, since: work.now };
        return set(work, user, ticket, Way::Text(text), browser).await;
    }
    let login = user.login(&ticket.about.login).ok_or(StoreError::Guard("crm_user"))?;
    login.setting_up = Some(Pending::Sms { number, code });
    missed(work, &user, checked.without()).await
}

/// What this page sets up, while it may.
fn setting_up(user: &mut User, ticket: &Ticket, work: &Work<'_>) -> Option<Pending> {
    let login = user.login(&ticket.about.login)?.clone();
    login.setting_up.clone().filter(|_| user.may_change(&login, work.now))
}

/// A wrong code is kept as tried.
async fn missed<T>(work: Work<'_>, user: &User, checked: Checked<T>) -> Result<Checked<T>, Failure> {
    if matches!(checked, Checked::Wrong { .. }) {
        work.tx.of(&work.tenant.id).update_user(user).await?;
        work.commit().await?;
    }
    Ok(checked)
}

/// What counts from now on.
enum Way {
    App(App),
    Text(Telephone),
}

/// Another way counts from now on, for a user who had one before or not.
async fn set(
    mut work: Work<'_>,
    mut user: User,
    ticket: &Ticket,
    way: Way,
    browser: &Browser,
) -> Result<Checked<Vec<BackupCode>>, Failure> {
    let (had, number) = (user.is_enrolled(), user.number());
    let method = match way {
        Way::App(app) => {
            user.standing.app = Some(app);
            Method::Authenticator
        }
        Way::Text(text) => {
            user.standing.text = Some(text);
            Method::Sms
        }
    };
    let (now, first) = (work.now, user.standing.backup.left() == 0);
    let elsewhere = user.forget_elsewhere(&ticket.about.login);
    end(&mut work, &user, &elsewhere, State::Cancelled).await?;
    let login = user.login(&ticket.about.login).ok_or(StoreError::Guard("crm_user"))?;
    login.setting_up = None;
    login.proven_at = Some(now);
    login.enrolled = first;
    let codes = if first { draw(&work, &mut user) } else { Vec::new() };
    distrust(&mut work, &mut user, None);
    notify(&mut work, &mut user, (Change::Added { method }, number), &browser.device).await?;
    note(&mut work, &user, Done("second_step.set", "enrolled", ""), json!({"method": method}));
    tell(&mut work, if had { EventType::UserChanged } else { EventType::UserEnrolled }, &user);
    work.tx.of(&work.tenant.id).update_user(&user).await?;
    work.commit().await?;
    Ok(Checked::Right(codes))
}

/// A new set of backup codes, on the page where the second step was set up or is changed; the one before it is void.
///
/// # Errors
/// The database's.
pub async fn renew_codes(
    desk: &Desk,
    ticket: &Ticket,
    browser: &Browser,
) -> Result<Checked<Vec<BackupCode>>, Failure> {
    let Some((mut work, mut user)) = ticket.lock(desk, browser).await? else { return Ok(Checked::Gone) };
    let Some(login) = user.login(&ticket.about.login).cloned() else { return Ok(Checked::Gone) };
    if !user.may_renew(&login, work.now) {
        return Ok(Checked::Gone);
    }
    let login = user.login(&ticket.about.login).ok_or(StoreError::Guard("crm_user"))?;
    login.enrolled = true;
    let (codes, number) = (draw(&work, &mut user), user.number());
    notify(&mut work, &mut user, (Change::CodesRenewed, number), &browser.device).await?;
    note(&mut work, &user, Done("backup_codes.renew", "renewed", ""), json!({}));
    tell(&mut work, EventType::UserChanged, &user);
    work.tx.of(&work.tenant.id).update_user(&user).await?;
    work.commit().await?;
    Ok(Checked::Right(codes))
}

/// The backup codes are saved: on to the host, which has its proof by the code that set the second step up; or back to the
/// page where it is changed.
///
/// # Errors
/// The database's.
pub async fn finish(desk: &Desk, ticket: &Ticket, browser: &Browser) -> Result<Checked<Next>, Failure> {
    let Some((mut work, mut user)) = ticket.lock(desk, browser).await? else { return Ok(Checked::Gone) };
    let method = user.methods().first().copied();
    let Some(login) = user.login(&ticket.about.login).filter(|login| login.enrolled) else {
        return Ok(Checked::Gone);
    };
    match method {
        None => Ok(Checked::Gone),
        Some(_) if login.manages => {
            login.enrolled = false;
            note(&mut work, &user, Done("backup_codes.save", "saved", ""), json!({}));
            work.tx.of(&work.tenant.id).update_user(&user).await?;
            work.commit().await?;
            Ok(Checked::Right(Next::Page))
        }
        Some(method) => {
            let location = pass(work, user, ticket, method).await?;
            Ok(Checked::Right(Next::Host { location, token: None }))
        }
    }
}

/// The user puts the second step off, while its day has not come.
///
/// # Errors
/// The database's.
pub async fn put_off(desk: &Desk, ticket: &Ticket, browser: &Browser) -> Result<Checked<Next>, Failure> {
    let Some((work, mut user)) = ticket.lock(desk, browser).await? else { return Ok(Checked::Gone) };
    let signs_in = user.login(&ticket.about.login).is_some_and(|login| !login.manages);
    if !signs_in || user.may_wait(&work.tenant.policy.login, work.now).is_none() {
        return Ok(Checked::Gone);
    }
    let location = pass(work, user, ticket, Method::Later).await?;
    Ok(Checked::Right(Next::Host { location, token: None }))
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
