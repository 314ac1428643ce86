//! Notes what happened to a call: forward only, whatever order news comes in and however often.

use crate::domain::audit::Origin;
use crate::domain::call::progress::{self, News};
use crate::domain::id::TenantId;
use crate::domain::message::Attempt;
use crate::usecase::message::deliver_message::record;
use crate::usecase::{Desk, Failure};

/// Moves the message of a call on, if this is news, and puts it on the record.
///
/// # Errors
/// The database's.
pub async fn note(
    desk: &Desk,
    tenant: &TenantId,
    attempt: &Attempt,
    news: News,
    origin: Origin,
) -> Result<(), Failure> {
    let tx = desk.store.begin().await?;
    let scope = tx.of(tenant);
    let Some(mut message) = scope.lock_message(&attempt.message).await? else { return Ok(()) };
    let of = (attempt.number, message.attempts);
    let Some((state, detail)) = progress::after((message.state, message.detail.as_deref()), of, news) else {
        return Ok(());
    };
    let before = message.state;
    message.state = state;
    message.detail = Some(detail.to_owned());
    // The carrier may be faster than the answer that says that it took the call.
    message.attempts = message.attempts.max(attempt.number.saturating_add(1));
    message.changed_at = desk.time.now();
    if scope.move_message(&message, before, None).await? {
        record(desk, &tx, tenant, &message, origin).await?;
        tx.commit().await?;
        desk.bells.ring();
    }
    Ok(())
}
