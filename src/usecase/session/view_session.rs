//! A session as it stands, with everybody who was ever named.

use std::sync::Arc;

use crate::domain::guest::{Guest, ParticipantView, When};
use crate::domain::id::SessionId;
use crate::domain::refusal::Refusal;
use crate::domain::session::Session;
use crate::domain::tenant::Tenant;
use crate::domain::timestamp::Timestamp;
use crate::store::{Conn, Scope};
use crate::usecase::{Desk, Failure};

/// A session with its participants, at a moment.
pub struct Viewed {
    pub session: Session,
    pub participants: Vec<ParticipantView>,
    pub now: Timestamp,
}

/// Reads a session.
///
/// # Errors
/// `NotFound`
pub async fn view_session(desk: &Desk, tenant: &Arc<Tenant>, id: &SessionId) -> Result<Viewed, Failure> {
    let scope = desk.store.of(&tenant.id);
    let session = scope.session(id).await?.ok_or(Refusal::NotFound("session"))?;
    let at = When { now: desk.time.now(), epoch: desk.directory.get().epoch };
    viewed(&scope, session, at).await
}

/// A session with its participants as they are now.
///
/// # Errors
/// The database's.
pub async fn viewed<C: Conn>(scope: &Scope<'_, C>, session: Session, at: When) -> Result<Viewed, Failure> {
    let guests = scope.participants(&session.id).await?;
    let shown: Vec<_> = guests.iter().flat_map(Guest::shown).collect();
    let messages = if shown.is_empty() { Vec::new() } else { scope.messages_of_all(&shown).await? };
    let view = |guest: &Guest| {
        let own: Vec<_> =
            messages.iter().filter(|m| m.client.as_str() == guest.id.as_str()).cloned().collect();
        guest.participant_view(at, &own)
    };
    Ok(Viewed { participants: guests.iter().filter_map(view).collect(), session, now: at.now })
}

/// One participant as they are now.
///
/// # Errors
/// `NotFound`
pub async fn shown<C: Conn>(
    scope: &Scope<'_, C>,
    guest: &Guest,
    at: When,
) -> Result<ParticipantView, Failure> {
    let messages = scope.messages_of_all(&guest.shown()).await?;
    Ok(guest.participant_view(at, &messages).ok_or(Refusal::NotFound("participant"))?)
}
