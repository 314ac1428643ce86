//! 2-step verification for the users of the CRM: who they are, what a sign-in asks of them, and the pages where they do it.

pub mod begin_login;
pub mod devices;
pub mod enroll;
pub mod exempt_user;
pub mod link;
pub mod manage;
pub mod put_user;
pub mod redeem_login;
pub mod remind_users;
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
use crate::domain::contact::{Destination, Phone};
use crate::domain::event::{self, EventType};
use crate::domain::id::ChallengeId;
use crate::domain::login::User;
use crate::domain::login::notice::{Change, Notice, Texted};
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

/// Tells the user what changed, by email and by a text to the number that counted before, unless it wants none: whoever did
/// not do it must hear of it.
///
/// # Errors
/// [`StoreError`]
pub(in crate::usecase) async fn notify(
    work: &mut Work<'_>,
    user: &mut User,
    (change, number): (Change, Option<Phone>),
    device: &str,
) -> Result<(), StoreError> {
    let tenant = Arc::clone(&work.tenant);
    let stopped = work.tx.of(&tenant.id).stopped(number.as_ref().as_slice()).await?;
    let number = number.filter(|_| stopped.is_empty());
    let email = user.person.email.clone().map(|email| (Channel::Email, Destination::Email(email)));
    let text = number.clone().map(|number| (Channel::Sms, Destination::Phone(number)));
    let ways: Vec<_> = email.into_iter().chain(text).collect();
    let whom = party(user, &tenant);
    // Nothing is asked by it: every message belongs to a challenge, and this one is over.
    let subject = (Kind::Sent, format!("{}/notice", user.id));
    let about = Challenge {
        stored: State::Verified,
        closed_at: Some(work.now),
        channels: ways.iter().map(|(channel, _)| *channel).collect(),
        ..work.challenge(&whom, subject, None, work.now)
    };
    let message = |(channel, to): &(Channel, Destination)| {
        work.message(&whom, &about.id, (*channel, to), change.purpose())
    };
    let messages = ways.iter().map(message).collect::<Result<Vec<_>, _>>()?;
    let Some(first) = messages.first() else { return Ok(()) };
    let texted = messages.iter().find(|message| message.channel == Channel::Sms).zip(number);
    let text = texted.map(|(message, number)| Texted { message: message.id.clone(), number });
    let scope = work.tx.of(&tenant.id);
    scope.insert_challenge(&about, None).await?;
    scope.insert_messages(&messages).await?;
    let notice = Notice { message: first.id.clone(), text, at: work.now, device: device.to_owned(), change };
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
