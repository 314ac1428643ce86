//! A guest asks for a code on their page: a new one voids the one before it, the same can be sent again.

use serde_json::json;

use crate::domain::challenge::{Kind, State};
use crate::domain::channel::Channel;
use crate::domain::event::EventType;
use crate::domain::guest::{Guest, Matter, Out, Standing, code_destination, may_ask, plan_code, way_in};
use crate::domain::message::Purpose;
use crate::domain::refusal::{Refusal, Unreachable};
use crate::store::StoreError;
use crate::usecase::{Desk, Failure, brake};

use super::link::Ticket;
use super::work::{Done, Party, Work};

/// What is asked for. There is no place for a destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// A new code, by this channel.
    New(Channel),
    /// The same code once more, by this channel; a new one, where that is over.
    Again(Channel),
    /// To be let in: a participant arrives, and gets a code by a channel that the invitation did not use.
    Arrive,
}

/// Sends it. `None`: the link is over.
///
/// # Errors
/// The refusals of [`plan_code`], and the limit of a destination.
pub async fn send_code(
    desk: &Desk,
    ticket: &Ticket,
    wish: Wish,
    address: &str,
) -> Result<Option<()>, Failure> {
    let Some((mut work, mut guest)) = ticket.lock(desk, address).await? else { return Ok(None) };
    let is_session = matches!(guest.matter, Matter::Session { .. });
    let channel = match wish {
        Wish::New(channel) | Wish::Again(channel)
            if !is_session || code_destination(&guest, channel).is_some() =>
        {
            Some(channel)
        }
        _ => way_in(&guest),
    };
    if is_session {
        arrive(&mut work, &mut guest).await?;
    } else if channel.is_none() {
        return Err(Refusal::ContactUnreachable(Unreachable::NoContact).into());
    }
    let live = Standing::live(guest.standing.code.as_ref(), work.now, work.epoch).cloned();
    match (wish, live, channel) {
        (Wish::Again(_), Some(live), Some(channel)) => again(&mut work, &mut guest, live, channel).await?,
        // Whoever tells it may be at it.
        (_, Some(_), None) => {}
        _ => fresh(&mut work, &mut guest, channel).await?,
    }
    work.tx.of(&work.tenant.id).update_guest(&guest).await?;
    work.commit().await?;
    Ok(Some(()))
}

async fn arrive(work: &mut Work<'_>, guest: &mut Guest) -> Result<(), StoreError> {
    if guest.standing.arrived_at.is_some() {
        return Ok(());
    }
    guest.standing.arrived_at = Some(work.now);
    work.note(guest, Done("participant.arrive", "arrived", ""), json!({}));
    work.tell(EventType::ParticipantArrived, guest).await
}

async fn fresh(work: &mut Work<'_>, guest: &mut Guest, channel: Option<Channel>) -> Result<(), Failure> {
    brake::goes_on(work.desk, &work.tenant.id, guest.matter.workflow(), work.now)?;
    let to = match channel {
        Some(channel) => Some((channel, plan_code(&work.tenant, guest, channel, work.now)?)),
        None => may_ask(&work.tenant, guest, work.now).map(|()| None)?,
    };
    let before = guest.standing.code.take();
    let superseded = before.filter(Out::is_open).map(|out| out.challenge);
    if let Some(superseded) = &superseded {
        work.end(guest, superseded, State::Superseded).await?;
    }
    let code_valid = guest.rules(&work.tenant).code_valid;
    let subject = (Kind::Sent, guest.id.as_str().to_owned());
    let challenge = work.challenge(&Party::of(guest, &work.tenant), subject, channel, work.now + code_valid);
    work.tx.of(&work.tenant.id).insert_challenge(&challenge, None).await?;
    guest.standing.code = Some(Out::new(challenge.id.clone(), channel, challenge.expires_at, work.epoch));
    guest.standing.throttle.count_send(&guest.person.id, work.now);
    if let Some((channel, to)) = &to {
        work.send(guest, &challenge.id, (*channel, to), purpose(guest)).await?;
    }
    let outcome = if to.is_some() { "sent" } else { "made" };
    let detail = json!({"channels": challenge.channels, "superseded": superseded});
    work.note(guest, Done("code.request", outcome, challenge.id.as_str()), detail);
    Ok(())
}

async fn again(work: &mut Work<'_>, guest: &mut Guest, live: Out, channel: Channel) -> Result<(), Failure> {
    let to = plan_code(&work.tenant, guest, channel, work.now)?;
    let resend_after = guest.rules(&work.tenant).resend_after;
    let scope = work.tx.of(&work.tenant.id);
    let mut challenge = scope.challenge(&live.challenge).await?.ok_or(StoreError::Guard("challenge"))?;
    challenge.resend_at = work.now + resend_after;
    if !challenge.channels.contains(&channel) {
        challenge.channels.push(channel);
    }
    scope.note_resend(&challenge).await?;
    work.send(guest, &challenge.id, (channel, &to), purpose(guest)).await?;
    let mut live = live;
    live.channel = Some(channel);
    guest.standing.code = Some(live);
    guest.standing.throttle.count_send(&guest.person.id, work.now);
    let detail = json!({"channels": [channel]});
    work.note(guest, Done("code.resend", "sent", challenge.id.as_str()), detail);
    Ok(())
}

fn purpose(guest: &Guest) -> Purpose {
    match guest.matter {
        Matter::Signing { .. } => Purpose::SignerCode,
        Matter::Session { .. } => Purpose::SessionCode,
    }
}
