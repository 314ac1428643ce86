//! The invitation of a participant: the link, by the session's own channel.

use serde_json::json;

use crate::domain::guest::{Guest, plan_invitation};
use crate::domain::message::Purpose;
use crate::domain::refusal::Refusal;
use crate::usecase::Failure;

use super::work::{Done, Work};

/// Sends the link that the guest has now.
///
/// # Errors
/// The refusals of [`plan_invitation`], and the limit of a destination.
pub async fn invite(work: &mut Work<'_>, guest: &mut Guest) -> Result<(), Failure> {
    let link = guest.standing.link.clone().ok_or(Refusal::SessionOver)?;
    let (channel, to) = plan_invitation(&work.tenant, guest, work.now)?;
    guest.standing.invitations.count_send(&guest.person.id, work.now);
    work.send(guest, &link, (channel, &to), Purpose::SessionInvite).await?;
    work.note(guest, Done("invitation.send", "sent", link.as_str()), json!({"channel": channel}));
    Ok(())
}
