//! Whether a guest may be sent a code or an invitation just now, which way, and where to.
//!
//! No request names a destination: it is what the host named for this person, as it is at that moment. An invitation and
//! a code never share a channel, whatever details are known.

use crate::domain::challenge::State;
use crate::domain::channel::Channel;
use crate::domain::contact::{Contact, Destination};
use crate::domain::message::{Message, Purpose};
use crate::domain::refusal::{Refusal, Sendable, Unreachable};
use crate::domain::tenant::Tenant;
use crate::domain::timestamp::Timestamp;

use super::{Guest, Matter};

/// The channels that a guest's code may go by at all.
pub fn code_channels(matter: &Matter) -> &'static [Channel] {
    match matter {
        Matter::Signing { .. } | Matter::Session { invite_by: Channel::Email, .. } => {
            &[Channel::Sms, Channel::Voice]
        }
        // A call would ring the telephone that the invitation went to.
        Matter::Session { invite_by: Channel::Sms | Channel::Voice, .. } => &[Channel::Email],
    }
}

/// Where a code goes by this channel, if it may and there is somewhere.
pub fn code_destination(guest: &Guest, channel: Channel) -> Option<Destination> {
    guest.person.destination(channel).filter(|_| code_channels(&guest.matter).contains(&channel))
}

/// How a code goes to somebody who chose no way, if there is one.
pub fn way_in(guest: &Guest) -> Option<Channel> {
    code_channels(&guest.matter).iter().copied().find(|channel| code_destination(guest, *channel).is_some())
}

/// Where a code may be sent to by this channel now.
///
/// # Errors
/// `Locked`, `ContactUnreachable`, `TooSoon`, `TooManySends`
pub fn plan_code(
    tenant: &Tenant,
    guest: &Guest,
    channel: Channel,
    now: Timestamp,
) -> Result<Destination, Refusal> {
    may_ask(tenant, guest, now)?;
    code_destination(guest, channel).ok_or(Refusal::ContactUnreachable(Unreachable::NoContact))
}

/// Whether a new code may be made, or the same sent again, now.
///
/// # Errors
/// `Locked`, `TooSoon`, `TooManySends`
pub fn may_ask(tenant: &Tenant, guest: &Guest, now: Timestamp) -> Result<(), Refusal> {
    if let Some(until) = guest.locked_until(now) {
        return Err(Refusal::Locked { until });
    }
    let rules = guest.rules(tenant).to_send();
    guest
        .standing
        .throttle
        .may_send(&guest.person.id, rules, now)
        .map_err(|limit| limit.refusal(Sendable::Code))
}

/// Where an invitation goes, and how.
///
/// # Errors
/// `NotFound`, `ContactUnreachable`, `TooSoon`, `TooManySends`
pub fn plan_invitation(
    tenant: &Tenant,
    guest: &Guest,
    now: Timestamp,
) -> Result<(Channel, Destination), Refusal> {
    let Matter::Session { invite_by, .. } = guest.matter else { return Err(Refusal::NotFound("session")) };
    let to = guest.person.destination(invite_by);
    let to = to.ok_or(Refusal::ContactUnreachable(Unreachable::NoContact))?;
    let rules = guest.rules(tenant).to_send();
    guest
        .standing
        .invitations
        .may_send(&guest.person.id, rules, now)
        .map_err(|limit| limit.refusal(Sendable::Invitation))?;
    Ok((invite_by, to))
}

/// Whether a queued message to a guest may go out at this moment, and where to. Asked anew right before each attempt.
///
/// # Errors
/// Why nobody should get it any more, in one word.
pub fn may_send(
    tenant: &Tenant,
    guest: Option<&Guest>,
    message: &Message,
    challenge: State,
    same: impl Fn(&str) -> bool,
) -> Result<(Contact, Destination), &'static str> {
    if challenge != State::Active {
        return Err("code_over");
    }
    let guest =
        guest.filter(|guest| guest.standing.left_at.is_none() && tenant.eligible).ok_or("guest_gone")?;
    let invitation = message.purpose == Purpose::SessionInvite;
    if !invitation && !code_channels(&guest.matter).contains(&message.channel) {
        return Err("channel_closed");
    }
    let destination = guest.person.destination(message.channel).ok_or("detail_changed")?;
    if !same(&destination.normal()) {
        return Err("detail_changed");
    }
    Ok((guest.person.clone(), destination))
}
