//! The CRM asks where clients stand: one query, however many.

use std::collections::HashMap;

use crate::domain::client::{Outline, Sum};
use crate::domain::id::ClientId;
use crate::domain::locale::Locale;
use crate::domain::status::{self, Status, View};
use crate::domain::tenant::Tenant;
use crate::domain::timestamp::Timestamp;
use crate::usecase::{Desk, Failure};

/// Most clients in one call.
pub const MOST_CLIENTS: usize = 500;

/// Where clients stood at a moment.
pub struct Reading {
    known: HashMap<ClientId, Outline>,
    pub at: Timestamp,
    /// When the first of them changes by itself.
    pub until: Option<Timestamp>,
    /// By which it is found whether one has changed since.
    pub sum: Sum,
}

impl Reading {
    /// The version of a client, for which no status need be made.
    pub fn version(&self, client: &ClientId) -> i64 {
        self.known.get(client).map_or(0, |outline| outline.version_at(self.at))
    }

    /// The status of a client. One that is not known is not verified.
    pub fn status(&self, tenant: &Tenant, locale: Locale, client: &ClientId) -> Status {
        let view = View { tenant, locale, now: self.at };
        match self.known.get(client) {
            Some(outline) => status::of(view, outline),
            None => status::unknown(view, client.clone()),
        }
    }
}

/// # Errors
/// `Invalid` for more than [`MOST_CLIENTS`].
pub fn check_count(ids: &[ClientId]) -> Result<(), Failure> {
    if ids.len() > MOST_CLIENTS {
        return Err(Failure::Invalid(format!("at most {MOST_CLIENTS} clients in one call")));
    }
    Ok(())
}

/// Reads where clients stand.
///
/// # Errors
/// `Invalid` for more than [`MOST_CLIENTS`].
pub async fn read_status(desk: &Desk, tenant: &Tenant, ids: &[ClientId]) -> Result<Reading, Failure> {
    check_count(ids)?;
    let found = if ids.is_empty() { Vec::new() } else { desk.store.of(&tenant.id).outlines(ids).await? };
    let at = desk.time.now();
    Ok(Reading {
        at,
        until: found.iter().filter_map(|client| client.changes_after(at)).min(),
        sum: Sum::of(&found),
        known: found.into_iter().map(|client| (client.id.clone(), client)).collect(),
    })
}

/// Whether a reading of these clients still holds, by one number from the database; time is for the caller to look at.
///
/// # Errors
/// The database's.
pub async fn still_holds(desk: &Desk, tenant: &Tenant, ids: &[ClientId], sum: Sum) -> Result<bool, Failure> {
    Ok(ids.is_empty() || desk.store.of(&tenant.id).sum_of(ids).await? == sum)
}
