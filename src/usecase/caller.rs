//! Who asks a use case to act, and on whose behalf it may.

use crate::domain::audit::Origin;
use crate::domain::id::ClientId;
use crate::domain::refusal::Refusal;

/// Whoever asks: for the record, and for what they may touch.
#[derive(Clone, Debug)]
pub struct Caller {
    pub origin: Origin,
    /// The clients a token names; `None` is every client of the tenant.
    pub clients: Option<Vec<ClientId>>,
}

impl Caller {
    /// A caller that is not bound to certain clients.
    pub fn unbound(origin: Origin) -> Self {
        Self { origin, clients: None }
    }

    /// # Errors
    /// `ClientNotInToken`
    pub fn may_act_on(&self, client: &ClientId) -> Result<(), Refusal> {
        match &self.clients {
            Some(named) if !named.contains(client) => Err(Refusal::ClientNotInToken),
            _ => Ok(()),
        }
    }
}
