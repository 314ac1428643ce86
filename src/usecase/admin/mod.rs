//! The console: who has an account, how they sign in, and how long they stay.
//!
//! The second step is the one of every user: an account is a user of the console's own tenant, under the same id.

pub mod accounts;
pub mod export;
pub mod names;
pub mod overview;
pub mod sessions;
pub mod sign_in;

use serde_json::Value;

use crate::domain::audit::{Actor, Entry, Origin};
use crate::domain::id::{AdminId, AuditId, TenantId, UserId};
use crate::store::{StoreError, Tx};
use crate::usecase::Desk;
use crate::usecase::pin::hasher::{Of, Whose};

/// What is known of the browser that somebody signs in with.
#[derive(Clone, Debug)]
pub struct Visitor {
    pub address: String,
    pub device: String,
}

impl Visitor {
    fn origin(&self, admin: &AdminId) -> Origin {
        Origin { actor: Actor::Admin(admin.as_str().to_owned()), from: self.address.clone() }
    }
}

fn of<'a>(console: &'a TenantId, admin: &'a AdminId) -> Of<'a> {
    Of { tenant: console, whose: Whose::Password(admin) }
}

/// Who an account is where users sign in with a second step.
fn user_of(admin: &AdminId) -> Result<UserId, StoreError> {
    UserId::parse(admin.as_str()).map_err(|_| StoreError::Guard("admin"))
}

/// Puts something about an account on the console's record.
async fn note(
    desk: &Desk,
    tx: &Tx,
    origin: Origin,
    done: (&'static str, &'static str),
    (object, detail): (&str, Value),
) -> Result<(), StoreError> {
    let console = &desk.directory.console().id;
    let (at, chance) = desk.draw();
    let entry = Entry::of_tenant(AuditId::new(at, chance), console, at, origin, done, object, detail);
    tx.of(console).insert_audit(&[entry]).await
}
