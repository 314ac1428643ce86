//! The audit log as a whole: sealing it, proving it, letting its oldest entries go, and handing it out.

pub mod checkpoint;
pub mod export;
pub mod let_go;
pub mod seal;
pub mod sealer;
pub mod verify;

use crate::domain::id::TenantId;
use crate::store::StoreError;

use super::Desk;

/// Every tenant with anything in the log, and names there that no tenant can have.
///
/// # Errors
/// [`StoreError`]
pub async fn logged(desk: &Desk) -> Result<(Vec<TenantId>, Vec<String>), StoreError> {
    let (mut tenants, mut strays) = (Vec::new(), Vec::new());
    let mut after = String::new();
    while let Some(next) = desk.store.next_logged(&after).await? {
        match TenantId::parse(&next) {
            Ok(tenant) => tenants.push(tenant),
            Err(_) => strays.push(next.clone()),
        }
        after = next;
    }
    Ok((tenants, strays))
}
