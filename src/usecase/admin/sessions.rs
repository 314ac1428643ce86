//! Who is signed in to the console: known by their token at each page, listed, and signed out.

use serde_json::json;

use crate::domain::admin::{Admin, Session, SessionToken, Stage};
use crate::domain::audit::Origin;
use crate::domain::contact::{Email, Phone};
use crate::domain::id::AdminSessionId;
use crate::domain::refusal::Refusal;
use crate::store::{Ending, StoreError};
use crate::usecase::{Desk, Failure};

use super::{Visitor, note, user_of};

/// Somebody who is signed in.
pub struct SignedIn {
    pub admin: Admin,
    pub session: Session,
}

/// Who a token belongs to, if its session opens anything now. A half one opens nothing here.
///
/// # Errors
/// [`StoreError`]
pub async fn who(desk: &Desk, token: &SessionToken) -> Result<Option<SignedIn>, StoreError> {
    let scope = desk.store.of(&desk.directory.console().id);
    let Some(session) = scope.admin_session(token).await? else { return Ok(None) };
    let now = desk.time.now();
    if session.stage != Stage::Whole || !session.is_live(now, desk.directory.get().epoch) {
        return Ok(None);
    }
    let Some(admin) = scope.admin(&session.admin).await? else { return Ok(None) };
    if session.is_to_be_noted(now) {
        scope.see_admin_session(&session.id, now).await?;
    }
    Ok(Some(SignedIn { admin, session }))
}

/// Who somebody is that is signed in.
#[derive(Default)]
pub struct Person {
    pub name: String,
    pub email: Option<Email>,
    /// The number of their second step.
    pub number: Option<Phone>,
}

/// Who an admin is.
///
/// # Errors
/// [`StoreError`]
pub async fn person(desk: &Desk, admin: &Admin) -> Result<Person, StoreError> {
    let user = user_of(&admin.id)?;
    let found = desk.store.of(&desk.directory.console().id).user(&user).await?;
    let known =
        found.map(|user| Person { number: user.number(), name: user.person.name, email: user.person.email });
    Ok(known.unwrap_or_default())
}

/// The sessions that are open, newest first, the half ones left out.
///
/// # Errors
/// [`StoreError`]
pub async fn list_sessions(desk: &Desk, admin: &Admin) -> Result<Vec<Session>, StoreError> {
    let (now, epoch) = (desk.time.now(), desk.directory.get().epoch);
    let found = desk.store.of(&desk.directory.console().id).admin_sessions(&admin.id).await?;
    let open = |session: &Session| session.stage == Stage::Whole && session.is_live(now, epoch);
    Ok(found.into_iter().filter(open).collect())
}

/// Which of their own sessions somebody ends.
pub enum Which<'a> {
    This,
    Other(&'a AdminSessionId),
    AllOthers,
}

/// Ends sessions of who is signed in.
///
/// # Errors
/// `NotFound` for one that is not theirs.
pub async fn end_sessions(
    desk: &Desk,
    by: &SignedIn,
    which: Which<'_>,
    from: &Visitor,
) -> Result<(), Failure> {
    let console = &desk.directory.console().id;
    let (ending, object) = match which {
        Which::This => (Ending::One(&by.session.id), by.session.id.as_str()),
        Which::Other(id) => (Ending::One(id), id.as_str()),
        Which::AllOthers => (Ending::AllBut(&by.session.id), ""),
    };
    let all = matches!(ending, Ending::AllBut(_));
    let tx = desk.store.begin().await?;
    let ended = tx.of(console).end_admin_sessions(&by.admin.id, ending).await?;
    if ended == 0 && !all {
        return Err(Refusal::NotFound("session").into());
    }
    let origin: Origin = from.origin(&by.admin.id);
    note(desk, &tx, origin, ("admin.sign_out", "signed_out"), (object, json!({"ended": ended}))).await?;
    tx.commit().await?;
    Ok(())
}
