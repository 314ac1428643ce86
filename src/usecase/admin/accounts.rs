//! The operator gives, lists, changes and takes away accounts of the console.

use std::sync::Arc;

use serde_json::json;

use crate::domain::admin::{Admin, Password, PasswordFault, Role};
use crate::domain::audit::Origin;
use crate::domain::contact::{Contact, Email};
use crate::domain::id::{AdminId, TenantId};
use crate::domain::login::notice::Change;
use crate::domain::login::{UserState, as_contact};
use crate::store::{AdminRow, Ending, StoreError};
use crate::usecase::guest::Work;
use crate::usecase::login::notify;
use crate::usecase::login::put_user::put_user;
use crate::usecase::login::remove_user::remove_user;
use crate::usecase::login::reset_second_step::reset_second_step;
use crate::usecase::{Caller, Desk, Failure};

use super::{note, of, user_of};

/// An account that is asked for.
pub struct Wanted {
    pub email: Email,
    pub name: String,
    pub role: Role,
    /// `None` is every tenant.
    pub tenants: Option<Vec<TenantId>>,
}

/// An account as it is listed.
pub struct Listed {
    pub admin: Admin,
    pub name: String,
    pub email: Option<Email>,
    pub state: UserState,
}

/// Why an account was not made or changed.
#[derive(Debug, thiserror::Error)]
pub enum NotDone {
    #[error("{0} has an account already; `countersign admin list` shows them")]
    Taken(String),
    #[error("nobody has an account under {0}; `countersign admin list` shows them")]
    Unknown(String),
    #[error("there is no tenant {0}; `countersign tenant list` shows them")]
    NoTenant(TenantId),
    #[error("this is the last owner: give somebody else that role first")]
    LastOwner,
    #[error(transparent)]
    Password(#[from] PasswordFault),
    #[error(transparent)]
    Failed(#[from] Failure),
}

impl From<StoreError> for NotDone {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

/// Whether a password may be taken, before anything else is asked for.
///
/// # Errors
/// [`PasswordFault`]
pub fn choose(text: &str, email: &Email, name: &str) -> Result<Password, PasswordFault> {
    Password::choose(text, &[email.expose(), name])
}

/// Makes an account.
///
/// # Errors
/// [`NotDone`]; then there is none.
pub async fn create_admin(desk: &Desk, wanted: Wanted, password: &Password) -> Result<AdminId, NotDone> {
    let console = Arc::clone(desk.directory.console());
    for tenant in wanted.tenants.iter().flatten() {
        desk.directory.get().company(tenant).ok_or_else(|| NotDone::NoTenant(tenant.clone()))?;
    }
    let shown = || wanted.email.expose().to_owned();
    if find(desk, &wanted.email).await?.is_some() {
        return Err(NotDone::Taken(shown()));
    }
    let (now, chance) = desk.draw();
    let admin = Admin {
        id: AdminId::new(now, chance),
        role: wanted.role,
        tenants: wanted.tenants.clone(),
        created_at: now,
    };
    let place = desk.hasher.admit(&console.id).map_err(Failure::from)?;
    let made = place.hash(password.expose(), of(&console.id, &admin.id)).await.map_err(Failure::from)?;
    // First whose second step it is: an account without a user could never sign in.
    let user = user_of(&admin.id)?;
    put_user(desk, &console, user, person(&admin, &wanted)?, &Caller::operator()).await?;
    let tx = desk.store.begin().await?;
    let row = AdminRow { password: made.text, key: made.key, admin };
    match tx.of(&console.id).insert_admin(&row, &wanted.email).await {
        Err(StoreError::Conflict(_)) => return Err(NotDone::Taken(shown())),
        done => done?,
    }
    let detail = json!({"role": row.admin.role.as_str(), "tenants": row.admin.tenants});
    note(desk, &tx, Origin::operator(), ("admin.create", "created"), (row.admin.id.as_str(), detail)).await?;
    tx.commit().await?;
    Ok(row.admin.id)
}

fn person(admin: &Admin, wanted: &Wanted) -> Result<Contact, Failure> {
    Ok(Contact {
        id: as_contact(&user_of(&admin.id)?).map_err(|_| StoreError::Guard("admin"))?,
        name: wanted.name.clone(),
        role: wanted.role.as_str().to_owned(),
        email: Some(wanted.email.clone()),
        mobile: None,
        phone: None,
        locale: None,
        email_changed_at: None,
        mobile_changed_at: None,
        phone_changed_at: None,
    })
}

/// Every account, oldest first.
///
/// # Errors
/// The database's.
pub async fn list_admins(desk: &Desk) -> Result<Vec<Listed>, Failure> {
    let console = desk.directory.console();
    let mut listed = Vec::new();
    for row in desk.store.of(&console.id).admins().await? {
        let user = desk.store.of(&console.id).user(&user_of(&row.admin.id)?).await?;
        let user = user.ok_or(StoreError::Guard("admin"))?;
        let state = user.view(&console.policy.login, desk.time.now()).state;
        let (name, email) = (user.person.name, user.person.email);
        listed.push(Listed { admin: row.admin, name, email, state });
    }
    Ok(listed)
}

/// The account under an email, by whatever master key it was made.
async fn find(desk: &Desk, email: &Email) -> Result<Option<Listed>, Failure> {
    let all = list_admins(desk).await?;
    Ok(all.into_iter().find(|one| one.email.as_ref().is_some_and(|own| own.normal() == email.normal())))
}

/// The account of this email.
///
/// # Errors
/// `Unknown`
pub async fn known(desk: &Desk, email: &Email) -> Result<Listed, NotDone> {
    find(desk, email).await?.ok_or_else(|| NotDone::Unknown(email.expose().to_owned()))
}

/// Gives an account another password, ends its sessions and tells its holder.
///
/// # Errors
/// [`NotDone`]
pub async fn set_password(desk: &Desk, email: &Email, text: &str) -> Result<(), NotDone> {
    let console = Arc::clone(desk.directory.console());
    let account = known(desk, email).await?;
    let password = choose(text, email, &account.name)?;
    let id = &account.admin.id;
    let place = desk.hasher.admit(&console.id).map_err(Failure::from)?;
    let made = place.hash(password.expose(), of(&console.id, id)).await.map_err(Failure::from)?;
    let mut work = Work::begin(desk, &console, Origin::operator()).await?;
    let mut user =
        work.tx.of(&console.id).lock_user(&user_of(id)?).await?.ok_or(StoreError::Guard("admin"))?;
    work.tx.of(&console.id).change_password(id, email, (&made.text, made.key), None).await?;
    let ended = work.tx.of(&console.id).end_admin_sessions(id, Ending::All).await?;
    let detail = json!({"sessions_ended": ended});
    note(desk, &work.tx, Origin::operator(), ("admin.password", "changed"), (id.as_str(), detail)).await?;
    let news = (Change::PasswordSet, user.number());
    notify(&mut work, &mut user, news, "").await?;
    work.tx.of(&console.id).update_user(&user).await?;
    work.commit().await?;
    Ok(())
}

/// Takes an account's second step away, for who lost their phone and their backup codes, and ends its sessions.
///
/// # Errors
/// [`NotDone`]
pub async fn reset_admin(desk: &Desk, email: &Email) -> Result<(), NotDone> {
    let console = Arc::clone(desk.directory.console());
    let id = known(desk, email).await?.admin.id;
    reset_second_step(desk, &console, &user_of(&id)?, &Caller::operator()).await?;
    let tx = desk.store.begin().await?;
    let ended = tx.of(&console.id).end_admin_sessions(&id, Ending::All).await?;
    let detail = json!({"sessions_ended": ended});
    note(desk, &tx, Origin::operator(), ("admin.reset", "reset"), (id.as_str(), detail)).await?;
    tx.commit().await?;
    Ok(())
}

/// Takes an account away with its sessions, unless nobody would be left who can do everything.
///
/// # Errors
/// [`NotDone`]
pub async fn remove_admin(desk: &Desk, email: &Email) -> Result<(), NotDone> {
    let console = Arc::clone(desk.directory.console());
    let account = known(desk, email).await?;
    let id = &account.admin.id;
    let tx = desk.store.begin().await?;
    // Locks one row for all: two owners that are removed at once come one after the other.
    tx.raise("revision").await?;
    let all = tx.of(&console.id).admins().await?;
    let others = all.iter().filter(|row| row.admin.id != *id && row.admin.role == Role::Owner).count();
    if account.admin.role == Role::Owner && others == 0 {
        return Err(NotDone::LastOwner);
    }
    tx.of(&console.id).forget_admin(id).await?;
    note(desk, &tx, Origin::operator(), ("admin.remove", "removed"), (id.as_str(), json!({}))).await?;
    tx.commit().await?;
    remove_user(desk, &console, &user_of(id)?, &Caller::operator()).await?;
    Ok(())
}
