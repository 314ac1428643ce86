//! A token for a browser of the CRM.

use crate::domain::agent::Agent;
use crate::domain::id::{ClientId, TenantId};
use crate::domain::timestamp::Timestamp;
use crate::domain::token::{self, Claims, TOKEN_LASTS};
use crate::usecase::{Desk, Failure};

/// Most clients one token may name.
pub const MOST_CLIENTS: usize = 50;

/// The claims of a new token, which `via` is answerable for.
///
/// # Errors
/// `Invalid` for more than [`MOST_CLIENTS`] clients.
pub fn claims(
    desk: &Desk,
    tenant: &TenantId,
    agent: Agent,
    clients: Vec<ClientId>,
    via: &str,
    now: Timestamp,
) -> Result<Claims, Failure> {
    if clients.len() > MOST_CLIENTS {
        return Err(Failure::Invalid(format!("a token names at most {MOST_CLIENTS} clients")));
    }
    // Whole seconds, so that the claims read back from text are the same.
    let issued_at = Timestamp::from_seconds(now.seconds());
    Ok(Claims {
        tenant: tenant.clone(),
        agent,
        clients,
        issued_at,
        expires_at: issued_at + TOKEN_LASTS,
        via: via.to_owned(),
        key: desk.store.vault().ring.current().id.to_string(),
    })
}

/// The token of claims, the same each time.
///
/// # Errors
/// `Invalid` if the key that signed it before is no longer configured.
pub fn token(desk: &Desk, claims: &Claims) -> Result<String, Failure> {
    token::sign(&desk.store.vault().ring, claims)
        .ok_or_else(|| Failure::Invalid("the key of this token is no longer configured".to_owned()))
}
