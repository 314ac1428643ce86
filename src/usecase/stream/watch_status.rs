//! A screen of the CRM listens: where clients stand now, and every change from then on.

use std::sync::Arc;

use crate::domain::id::ClientId;
use crate::domain::locale::Locale;
use crate::domain::refusal::Refusal;
use crate::domain::tenant::Tenant;
use crate::usecase::client::read_status::check_count;
use crate::usecase::{Desk, Failure};

use super::hub::Listener;
use super::seat::Pass;

/// Starts to listen, with one query. A client that is not known is not verified; each is told once, however often
/// it is named.
///
/// # Errors
/// `Invalid` for too many clients, `TooManyStreams`
pub async fn watch_status(
    desk: &Desk,
    tenant: &Arc<Tenant>,
    clients: &[ClientId],
    locale: Locale,
    pass: Pass,
) -> Result<Listener, Failure> {
    check_count(clients)?;
    // Before it reads: a change from here on reaches it, whatever is read.
    let joined = desk.hub.join(tenant, clients, (locale, pass), &desk.time);
    let listener = joined.ok_or(Refusal::TooManyStreams)?;
    if !clients.is_empty() {
        let found = desk.store.of(&tenant.id).outlines(clients).await?;
        desk.hub.learn(&tenant.id, found, desk.time.now());
    }
    Ok(listener)
}
