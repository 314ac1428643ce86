//! Signing in to the console: first the password, then the second step of every user, then a session.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use zeroize::Zeroizing;

use crate::domain::admin::{Password, Session, SessionToken, Stage};
use crate::domain::audit::{Actor, Origin};
use crate::domain::contact::Email;
use crate::domain::id::{AdminId, AdminSessionId, LoginId, TenantId};
use crate::domain::network;
use crate::domain::policy::SENDS_WINDOW;
use crate::domain::proof::Proof;
use crate::domain::refusal::Refusal;
use crate::domain::seal;
use crate::domain::timestamp::Timestamp;
use crate::ports;
use crate::store::{AdminRow, Ending, StoreError, Taken, Tx};
use crate::usecase::login::begin_login::begin_login;
use crate::usecase::login::redeem_login::redeem_login;
use crate::usecase::pin::hasher::{Admission, HashFault, Hashed, Verdict};
use crate::usecase::{Caller, Desk, Failure};

use super::{Visitor, note, of, user_of};

/// Tries within the window: of one account from one address, of one account from anywhere, and from one address; of IPv6 from one
/// network.
const OF_BOTH: u32 = 5;
const OF_ACCOUNT: u32 = 30;
const OF_ADDRESS: u32 = 30;
const WINDOW: Duration = SENDS_WINDOW;

/// What a password came to.
pub enum Typed {
    /// Right: a half session, and the page of the second step.
    Right { token: SessionToken, url: Zeroizing<String> },
    /// No account has both: which of them is wrong is not told.
    Wrong,
    /// Tried too often.
    TooMany { until: Timestamp },
}

/// Checks an email and a password. `back` is where the second step leads on to.
///
/// # Errors
/// `Busy`, or the database's.
pub async fn sign_in(
    desk: &Desk,
    (email, password): (&str, &Password),
    back: &str,
    from: &Visitor,
) -> Result<Typed, Failure> {
    let console = Arc::clone(desk.directory.console());
    let place = desk.hasher.admit(&console.id)?;
    if let Some(until) = count(desk, &console.id, email, from).await? {
        return Ok(Typed::TooMany { until });
    }
    let email = Email::parse(email).ok();
    let known = match &email {
        Some(email) => desk.store.of(&console.id).admin_by_email(email).await?,
        None => None,
    };
    let (Some(known), Some(email)) = (known, email) else {
        // As long as it takes for somebody who has an account, and as much on the record.
        let (now, chance) = desk.draw();
        place.hash(password.expose(), of(&console.id, &AdminId::new(now, chance))).await?;
        let nobody = Origin { actor: Actor::Admin(String::new()), from: from.address.clone() };
        put(desk, nobody, ("admin.sign_in", "unknown"), "").await?;
        return Ok(Typed::Wrong);
    };
    let id = known.admin.id.clone();
    let verdict = compare(&place, &console.id, &known, password).await?;
    if !verdict.ok {
        put(desk, from.origin(&id), ("admin.sign_in", "wrong"), id.as_str()).await?;
        return Ok(Typed::Wrong);
    }
    if verdict.outdated {
        rehash(desk, &place, (&known, &email), password).await?;
    }
    drop(place);
    let user = user_of(&id)?;
    let begun = begin_login(desk, &console, &user, back, &Caller::unbound(from.origin(&id))).await?;
    let url = begun.url.ok_or(StoreError::Guard("admin"))?;
    let tx = desk.store.begin().await?;
    let token = begin(desk, &tx, &id, Stage::Half(begun.login), from).await?;
    tx.commit().await?;
    Ok(Typed::Right { token, url })
}

async fn compare(
    place: &Admission,
    console: &TenantId,
    known: &AdminRow,
    password: &Password,
) -> Result<Verdict, Failure> {
    let kept = Hashed { text: known.password.clone(), key: known.key };
    Ok(place.matches(password.expose(), &kept, of(console, &known.admin.id)).await?)
}

/// Hashes a right password anew, unless another one was set meanwhile. A pool that is too busy does it the next time.
async fn rehash(
    desk: &Desk,
    place: &Admission,
    (known, email): (&AdminRow, &Email),
    password: &Password,
) -> Result<(), Failure> {
    let (console, id) = (desk.directory.console(), &known.admin.id);
    let made = match place.hash(password.expose(), of(&console.id, id)).await {
        Err(HashFault::Busy) => return Ok(()),
        made => made?,
    };
    let tx = desk.store.begin().await?;
    let new = (made.text.as_str(), made.key);
    if !tx.of(&console.id).change_password(id, email, new, Some(&known.password)).await? {
        return Err(Refusal::NotFound("password").into());
    }
    Ok(tx.commit().await?)
}

/// Counts a try before anything is compared. Gives when the next one is allowed, where this one is not.
async fn count(
    desk: &Desk,
    console: &TenantId,
    email: &str,
    from: &Visitor,
) -> Result<Option<Timestamp>, StoreError> {
    let keys = desk.store.vault().ring.current();
    let email = email.trim().to_lowercase();
    let address = network::counted(&from.address);
    let tx = desk.store.begin().await?;
    for (what, limit) in [
        (format!("sign-in {email} {address}"), OF_BOTH),
        (format!("sign-in account {email}"), OF_ACCOUNT),
        (format!("sign-in address {address}"), OF_ADDRESS),
    ] {
        let counted = [seal::index(keys, console, &what)];
        if let Taken::Full { until } =
            tx.of(console).take_sends(&counted, limit, WINDOW, desk.time.now()).await?
        {
            return Ok(Some(until));
        }
    }
    tx.commit().await?;
    Ok(None)
}

async fn put(
    desk: &Desk,
    origin: Origin,
    done: (&'static str, &'static str),
    object: &str,
) -> Result<(), StoreError> {
    let tx = desk.store.begin().await?;
    note(desk, &tx, origin, done, (object, json!({}))).await?;
    tx.commit().await
}

/// Begins a session, and forgets the account's that are long over.
async fn begin(
    desk: &Desk,
    tx: &Tx,
    admin: &AdminId,
    stage: Stage,
    from: &Visitor,
) -> Result<SessionToken, StoreError> {
    let console = &desk.directory.console().id;
    let token = SessionToken::new(ports::bytes(desk.random.as_ref()));
    let (now, chance) = desk.draw();
    let outcome = if stage == Stage::Whole { "signed_in" } else { "password" };
    let session = Session {
        id: AdminSessionId::new(now, chance),
        admin: admin.clone(),
        stage,
        created_at: now,
        seen_at: now,
        address: from.address.clone(),
        device: from.device.clone(),
        epoch: desk.directory.get().epoch,
    };
    tx.of(console).end_admin_sessions(admin, Ending::Before(Session::oldest(now))).await?;
    tx.of(console).insert_admin_session(&session, &token).await?;
    let about = (session.id.as_str(), json!({"device": from.device}));
    note(desk, tx, from.origin(admin), ("admin.sign_in", outcome), about).await?;
    Ok(token)
}

/// Makes a session of a half one, once: by the proof that the second step gave to the same browser.
///
/// # Errors
/// `NotFound`, whatever is wrong.
pub async fn finish_sign_in(
    desk: &Desk,
    half: &SessionToken,
    proof: &Proof,
    from: &Visitor,
) -> Result<SessionToken, Failure> {
    let not_found = || Refusal::NotFound("proof");
    let console = Arc::clone(desk.directory.console());
    let found = desk.store.of(&console.id).admin_session(half).await?.ok_or_else(not_found)?;
    let login = waiting(&found, desk).ok_or_else(not_found)?;
    redeem_login(desk, &console, &login, proof, &Caller::unbound(from.origin(&found.admin))).await?;
    let tx = desk.store.begin().await?;
    // Gone meanwhile: the account was signed out everywhere, or is no more.
    if tx.of(&console.id).end_admin_sessions(&found.admin, Ending::One(&found.id)).await? != 1 {
        return Err(not_found().into());
    }
    let token = begin(desk, &tx, &found.admin, Stage::Whole, from).await?;
    tx.commit().await?;
    Ok(token)
}

fn waiting(half: &Session, desk: &Desk) -> Option<LoginId> {
    let live = half.is_live(desk.time.now(), desk.directory.get().epoch);
    match &half.stage {
        Stage::Half(login) if live => Some(login.clone()),
        Stage::Half(_) | Stage::Whole => None,
    }
}
