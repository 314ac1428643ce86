//! A token for a browser of the CRM.

use crate::domain::agent::Agent;
use crate::domain::id::TenantId;
use crate::domain::timestamp::Timestamp;
use crate::domain::token::{self, Claims, Named, TOKEN_LASTS};
use crate::usecase::{Desk, Failure};

/// Most clients, most sessions and most signings one token may name.
pub const MOST_NAMED: usize = 50;

/// The claims of a new token, which `via` is answerable for.
///
/// # Errors
/// `Invalid` for more than [`MOST_NAMED`] of what it names.
pub fn claims(
    desk: &Desk,
    tenant: &TenantId,
    agent: Agent,
    named: Named,
    via: &str,
    now: Timestamp,
) -> Result<Claims, Failure> {
    if named.most() > MOST_NAMED {
        return Err(Failure::Invalid(format!(
            "a token names at most {MOST_NAMED} clients, sessions or signings"
        )));
    }
    // Whole seconds, so that the claims read back from text are the same.
    let issued_at = Timestamp::from_seconds(now.seconds());
    Ok(Claims {
        tenant: tenant.clone(),
        agent,
        named,
        issued_at,
        expires_at: issued_at + TOKEN_LASTS,
        via: via.to_owned(),
        key: desk.store.vault().ring.current().id.to_string(),
    })
}

/// The token of claims, the same each time. Where the key that signed it is gone, the current one does: such
/// claims have long expired, and the answer keeps its shape.
///
/// # Errors
/// `Invalid` for claims that are too long for a token.
pub fn token(desk: &Desk, claims: &Claims) -> Result<String, Failure> {
    let ring = &desk.store.vault().ring;
    let again = || token::sign(ring, &Claims { key: ring.current().id.to_string(), ..claims.clone() });
    let signed = token::sign(ring, claims).or_else(again);
    signed
        .ok_or_else(|| Failure::Invalid("the ids are too long for one token: name fewer clients".to_owned()))
}
