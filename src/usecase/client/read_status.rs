//! The CRM asks where clients stand: one query, however many.

use std::collections::HashMap;

use crate::domain::id::ClientId;
use crate::domain::locale::Locale;
use crate::domain::status::{self, Status, View};
use crate::domain::tenant::Tenant;
use crate::usecase::{Desk, Failure};

/// Most clients in one call.
pub const MOST_CLIENTS: usize = 500;

/// # Errors
/// `Invalid` for more than [`MOST_CLIENTS`].
pub fn check_count(ids: &[ClientId]) -> Result<(), Failure> {
    if ids.len() > MOST_CLIENTS {
        return Err(Failure::Invalid(format!("at most {MOST_CLIENTS} clients in one call")));
    }
    Ok(())
}

/// The statuses of clients, in the order asked. One that is not known is not verified.
///
/// # Errors
/// `Invalid` for more than [`MOST_CLIENTS`].
pub async fn read_status(
    desk: &Desk,
    tenant: &Tenant,
    ids: &[ClientId],
    locale: Locale,
) -> Result<Vec<Status>, Failure> {
    check_count(ids)?;
    let found = if ids.is_empty() { Vec::new() } else { desk.store.of(&tenant.id).outlines(ids).await? };
    let known: HashMap<_, _> = found.iter().map(|client| (client.id.as_str(), client)).collect();
    let view = View { tenant, locale, now: desk.time.now() };
    let status = |id: &ClientId| match known.get(id.as_str()) {
        Some(client) => status::of(view, client),
        None => status::unknown(view, id.clone()),
    };
    Ok(ids.iter().map(status).collect())
}
