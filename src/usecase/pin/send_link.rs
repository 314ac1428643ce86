//! An agent sends a contact the link by which the client sets a PIN.

use zeroize::Zeroizing;

use crate::domain::challenge::Challenge;
use crate::domain::code::Binding;
use crate::domain::pin::link::{self, Token};
use crate::domain::tenant::Tenant;
use crate::store::StoreError;
use crate::usecase::Desk;

/// The token of a link, with the key it was made with.
pub fn token(desk: &Desk, tenant: &Tenant, challenge: &Challenge) -> Result<Token, StoreError> {
    let keys = desk.store.vault().ring.by_id(challenge.key).ok_or_else(|| StoreError::Row {
        table: "challenge",
        column: "key_id",
        id: challenge.id.as_str().to_owned(),
        reason: format!("master key {} is not among the configured ones", challenge.key),
    })?;
    Ok(link::derive(
        keys,
        Binding {
            tenant: &tenant.id,
            workflow: challenge.workflow,
            subject: &challenge.subject,
            challenge: challenge.id.as_str(),
            epoch: challenge.epoch,
            digits: challenge.digits,
        },
    ))
}

/// The whole address of a link, for a message only.
pub fn address(desk: &Desk, tenant: &Tenant, challenge: &Challenge) -> Result<Zeroizing<String>, StoreError> {
    let token = token(desk, tenant, challenge)?;
    let base = desk.public_url.as_str().trim_end_matches('/');
    Ok(Zeroizing::new(format!("{base}/p/{}", token.expose())))
}
