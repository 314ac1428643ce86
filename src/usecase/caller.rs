//! Who asks a use case to act, and on whose behalf it may.

use crate::domain::audit::Origin;
use crate::domain::id::{ClientId, SessionId, SigningId};
use crate::domain::refusal::Refusal;
use crate::domain::token::Named;

/// Whoever asks: for the record, and for what they may touch.
#[derive(Clone, Debug)]
pub struct Caller {
    pub origin: Origin,
    /// What a token names; `None` is everything of the tenant.
    pub named: Option<Named>,
}

impl Caller {
    /// A caller that is not bound to certain clients.
    pub fn unbound(origin: Origin) -> Self {
        Self { origin, named: None }
    }

    /// Whoever runs a command.
    pub fn operator() -> Self {
        Self::unbound(Origin::operator())
    }

    /// # Errors
    /// `NotInToken`
    pub fn may_act_on(&self, client: &ClientId) -> Result<(), Refusal> {
        self.names(|named| named.clients.contains(client), "client")
    }

    /// # Errors
    /// `NotInToken`
    pub fn may_lead(&self, session: &SessionId) -> Result<(), Refusal> {
        self.names(|named| named.sessions.contains(session), "session")
    }

    /// # Errors
    /// `NotInToken`
    pub fn may_help_sign(&self, signing: &SigningId) -> Result<(), Refusal> {
        self.names(|named| named.signings.contains(signing), "signing")
    }

    fn names(&self, has: impl FnOnce(&Named) -> bool, what: &'static str) -> Result<(), Refusal> {
        let open = self.named.as_ref().is_none_or(has);
        open.then_some(()).ok_or(Refusal::NotInToken(what))
    }
}
