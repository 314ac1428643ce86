//! 2-step verification for the users of the CRM: who they are, what a sign-in asks of them, and the pages where they do it.

pub mod begin_login;
pub mod devices;
pub mod enroll;
pub mod link;
pub mod manage;
pub mod put_user;
pub mod redeem_login;
pub mod remove_user;
pub mod reset_second_step;
pub mod sign_in;
pub mod text_code;
pub mod view_user;
pub mod void_backup_codes;

use std::sync::Arc;

use serde_json::Value;

use crate::domain::challenge::{Challenge, Kind, State};
use crate::domain::channel::Channel;
use crate::domain::contact::Destination;
use crate::domain::event::{self, EventType};
use crate::domain::id::ChallengeId;
use crate::domain::login::User;
use crate::domain::login::notice::{Change, Notice};
use crate::domain::message::Purpose;
use crate::domain::tenant::Tenant;
use crate::domain::workflow::Workflow;
use crate::store::StoreError;
use crate::usecase::guest::{Done, Party, Work, of_message};

/// A user as somebody whom codes and messages are for.
fn party<'a>(user: &'a User, tenant: &'a Tenant) -> Party<'a> {
    Party {
        workflow: Workflow::Login,
        row: user.id.as_str(),
        person: &user.person,
        locale: user.locale(tenant),
        rules: &tenant.policy.login.code,
    }
}

/// Puts something about a user on the record.
fn note(work: &mut Work<'_>, user: &User, done: Done<'_>, detail: Value) {
    work.enter(user.person.id.as_str(), done, detail);
}

/// Tells the host how a user stands now.
fn tell(work: &mut Work<'_>, kind: EventType, user: &User) {
    let view = user.view(&work.tenant.policy.login, work.now);
    work.push(|id, at| event::user(id, kind, &view, at));
}

/// Tells the user by email what changed: whoever did not do it must hear of it.
///
/// # Errors
/// [`StoreError`]
async fn notify(
    work: &mut Work<'_>,
    user: &mut User,
    change: Change,
    device: &str,
) -> Result<(), StoreError> {
    let Some(email) = user.person.email.clone() else { return Ok(()) };
    let (to, tenant) = (Destination::Email(email), Arc::clone(&work.tenant));
    let whom = party(user, &tenant);
    // Nothing is asked by it: every message belongs to a challenge, and this one is over.
    let subject = (Kind::Sent, format!("{}/notice", user.id));
    let about = Challenge {
        stored: State::Verified,
        closed_at: Some(work.now),
        ..work.challenge(&whom, subject, Some(Channel::Email), work.now)
    };
    let message = work.message(&whom, &about.id, (Channel::Email, &to), Purpose::LoginChanged)?;
    let scope = work.tx.of(&work.tenant.id);
    scope.insert_challenge(&about, None).await?;
    scope.insert_messages(std::slice::from_ref(&message)).await?;
    let notice = Notice { message: message.id, at: work.now, device: device.to_owned(), change };
    user.standing.notices.keep(notice);
    Ok(())
}

/// Ends links and codes that nothing has ended, and drops what is queued of them.
///
/// # Errors
/// [`StoreError`]
async fn end(work: &mut Work<'_>, user: &User, out: &[ChallengeId], state: State) -> Result<(), StoreError> {
    for challenge in out {
        for message in work.close(challenge, state).await? {
            let done = Done("message.send", message.state.as_str(), message.id.as_str());
            note(work, user, done, of_message(&message));
        }
    }
    Ok(())
}
