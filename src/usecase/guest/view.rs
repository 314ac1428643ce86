//! What a page shows of its guest.

use std::sync::Arc;

use crate::domain::challenge::State;
use crate::domain::guest::{Guest, Out, When};
use crate::domain::message::{Message, MessageState};
use crate::domain::tenant::Tenant;
use crate::store::StoreError;
use crate::usecase::Desk;

use super::link::Ticket;

/// A guest behind a link that opens, with what became of the newest code.
pub struct GuestView {
    pub tenant: Arc<Tenant>,
    pub guest: Guest,
    pub at: When,
    /// Whether the last message with the code is known not to arrive.
    pub failed: bool,
}

impl GuestView {
    /// The newest code, while it can be typed.
    pub fn live(&self) -> Option<&Out> {
        let out = self.guest.standing.code.as_ref();
        out.filter(|out| out.state(self.at.now, self.at.epoch) == State::Active)
    }
}

/// Reads it; `None` where the link is over.
///
/// # Errors
/// [`StoreError`]
pub async fn view(desk: &Desk, ticket: &Ticket) -> Result<Option<GuestView>, StoreError> {
    let Some(guest) = ticket.read(desk).await? else { return Ok(None) };
    let at = When { now: desk.time.now(), epoch: desk.directory.get().epoch };
    let code: Vec<_> = guest.standing.code.iter().map(|out| out.challenge.clone()).collect();
    let messages = if code.is_empty() {
        Vec::new()
    } else {
        desk.store.of(&ticket.tenant.id).messages_of_all(&code).await?
    };
    let lost = |message: &Message| message.state == MessageState::Failed;
    let failed = messages.last().is_some_and(lost);
    Ok(Some(GuestView { tenant: Arc::clone(&ticket.tenant), guest, at, failed }))
}
