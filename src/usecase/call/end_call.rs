//! A carrier tells how a call ended. States on the way there, and words that nobody knows, change nothing.

use crate::domain::audit::{Actor, Origin};
use crate::domain::call::progress::{End, News};
use crate::domain::id::TenantId;
use crate::domain::message::Attempt;
use crate::usecase::{Desk, Failure};

use super::note::note;

/// Notes the end of a call: delivered if the code was said, failed otherwise.
///
/// # Errors
/// The database's.
pub async fn end_call(
    desk: &Desk,
    tenant: &TenantId,
    attempt: &Attempt,
    word: &str,
    from: &str,
) -> Result<(), Failure> {
    let Some(end) = End::parse(word) else {
        let word: String = word.chars().filter(|c| c.is_ascii_lowercase() || *c == '-').take(24).collect();
        tracing::info!(message.id = %attempt.message, status = word, "a status of a call that changes nothing");
        return Ok(());
    };
    let origin = Origin { actor: Actor::Provider, from: from.to_owned() };
    note(desk, tenant, attempt, News::End(end), origin).await
}
