//! A signing as it stands.

use std::sync::Arc;

use crate::domain::guest::{Guest, GuestId, SigningView, When};
use crate::domain::id::SigningId;
use crate::domain::refusal::Refusal;
use crate::domain::tenant::Tenant;
use crate::store::{Conn, Scope};
use crate::usecase::{Desk, Failure};

/// Reads a signing.
///
/// # Errors
/// `NotFound`
pub async fn view_signing(desk: &Desk, tenant: &Arc<Tenant>, id: &SigningId) -> Result<SigningView, Failure> {
    let scope = desk.store.of(&tenant.id);
    let guest = scope.guest(&GuestId::Signing(id.clone())).await?.ok_or(Refusal::NotFound("signing"))?;
    let at = When { now: desk.time.now(), epoch: desk.directory.get().epoch };
    shown(&scope, &guest, at).await
}

/// A guest as a signing, with its messages.
///
/// # Errors
/// `NotFound`
pub async fn shown<C: Conn>(scope: &Scope<'_, C>, guest: &Guest, at: When) -> Result<SigningView, Failure> {
    let messages = scope.messages_of_all(&guest.shown()).await?;
    Ok(guest.signing_view(at, &messages).ok_or(Refusal::NotFound("signing"))?)
}
