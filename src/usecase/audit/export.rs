//! Handing the log out, entry by entry.

use crate::domain::chain::Stored;
use crate::domain::id::TenantId;
use crate::domain::timestamp::Timestamp;
use crate::store::StoreError;
use crate::usecase::Desk;

use super::logged;

/// Entries read at once.
const PAGE: u64 = 1000;

/// Which entries.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// None for all.
    pub tenant: Option<TenantId>,
    pub since: Option<Timestamp>,
    /// Entries of this moment are not among them.
    pub until: Option<Timestamp>,
}

/// Gives each entry with its place, tenant by tenant, oldest first.
///
/// # Errors
/// The database's, and whatever `write` gives.
pub async fn export<E: From<StoreError>>(
    desk: &Desk,
    wanted: &Wanted,
    mut write: impl FnMut(Option<i64>, &Stored) -> Result<(), E>,
) -> Result<(), E> {
    let tenants = match &wanted.tenant {
        Some(tenant) => vec![tenant.clone()],
        None => logged(desk).await?.0,
    };
    for tenant in tenants {
        let mut after = String::new();
        loop {
            let of = desk.store.of(&tenant);
            let entries = of.entries_between((wanted.since, wanted.until), &after, PAGE).await?;
            for (place, entry) in &entries {
                write(*place, entry)?;
            }
            match entries.last() {
                Some((_, last)) if entries.len() as u64 == PAGE => after.clone_from(&last.id),
                _ => break,
            }
        }
    }
    Ok(())
}
