//! Time passes for a client: a code expires, the hour is over, a lock ends.

use crate::domain::audit::Origin;
use crate::domain::id::{ClientId, TenantId};
use crate::usecase::{Case, Desk, Failure};

/// Lets what is over lapse, and tells the host.
///
/// # Errors
/// The database's; the lease then gives the work back.
pub async fn lapse_client(desk: &Desk, tenant: &TenantId, client: &str) -> Result<(), Failure> {
    let Some(member) = desk.directory.get().member(tenant).cloned() else { return Ok(()) };
    let Ok(client) = ClientId::parse(client) else { return Ok(()) };
    let tx = desk.store.begin().await?;
    let Some(client) = tx.of(tenant).lock_client(&client).await? else { return Ok(()) };
    let mut case = Case::on(desk, tx, &member.tenant, client, Origin::service("time"));
    case.settle().await?;
    case.commit().await?;
    Ok(())
}
