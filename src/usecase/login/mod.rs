//! 2-step verification for the users of the CRM: who they are, what a sign-in asks of them, and the page where they do it.

pub mod begin_login;
pub mod enroll;
pub mod link;
pub mod put_user;
pub mod redeem_login;
pub mod remove_user;
pub mod reset_second_step;
pub mod sign_in;
pub mod view_user;

use serde_json::Value;

use crate::domain::event::{self, EventType};
use crate::domain::login::User;
use crate::usecase::guest::{Done, Work};

/// Puts something about a user on the record.
fn note(work: &mut Work<'_>, user: &User, done: Done<'_>, detail: Value) {
    work.enter(user.person.id.as_str(), done, detail);
}

/// Tells the host how a user stands now.
fn tell(work: &mut Work<'_>, kind: EventType, user: &User) {
    let view = user.view(&work.tenant.policy.login, work.now);
    work.push(|id, at| event::user(id, kind, &view, at));
}
