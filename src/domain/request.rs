//! Whether a code may be asked for, for whom, and by which channels: the rules of asking and of sending again.

use super::challenge::{Challenge, State};
use super::channel::Channel;
use super::client::Client;
use super::contact::{Contact, Destination};
use super::id::{ChallengeId, ContactId};
use super::policy::OnRecentChange;
use super::refusal::{Refusal, Sendable, Unreachable};
use super::surface::Surface;
use super::tenant::Tenant;
use super::throttle::SendLimit;
use super::timestamp::Timestamp;

/// One way to reach a contact, with what an agent must know of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reach {
    pub channel: Channel,
    pub destination: Destination,
    /// When the detail changed, if that is recent and the tenant wants to hear of it.
    pub changed_at: Option<Timestamp>,
    /// Until when the tenant refuses it for that.
    pub blocked_until: Option<Timestamp>,
    /// The tenant texts and calls no such number.
    pub not_served: bool,
    /// The number wants no texts. Known only where somebody looked.
    pub opted_out: bool,
}

impl Reach {
    /// Whether an agent may choose it.
    pub fn is_open(&self) -> bool {
        self.blocked_until.is_none() && !self.not_served && !self.opted_out
    }

    /// Marks a text to a number that wants none. Other ways to the same number stay as they are.
    pub fn heed(&mut self, wants_none: impl Fn(&Destination) -> bool) {
        self.opted_out = self.channel == Channel::Sms && wants_none(&self.destination);
    }
}

/// Every way to reach a contact.
pub fn reach(contact: &Contact, tenant: &Tenant, now: Timestamp) -> Vec<Reach> {
    let policy = &tenant.policy.client;
    Channel::ALL
        .into_iter()
        .filter_map(|channel| {
            let destination = contact.destination(channel)?;
            let recent = contact.changed_at(channel).filter(|at| {
                policy.on_recent_change != OnRecentChange::Ignore && *at + policy.changed_within > now
            });
            let blocked = policy.on_recent_change == OnRecentChange::Block;
            let blocked_until = recent.filter(|_| blocked).map(|at| at + policy.changed_within);
            let not_served =
                matches!(&destination, Destination::Phone(phone) if !tenant.telephone.serves(phone));
            Some(Reach {
                channel,
                destination,
                changed_at: recent,
                blocked_until,
                not_served,
                opted_out: false,
            })
        })
        .collect()
}

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    pub contact: &'a ContactId,
    pub surface: Surface,
    /// `None` takes email and text, or a call where nothing else is known.
    pub channels: Option<&'a [Channel]>,
}

/// Whom to send to, and how.
#[derive(Clone, Debug)]
pub struct Plan {
    pub contact: Contact,
    pub ways: Vec<Reach>,
}

impl Plan {
    pub fn channels(&self) -> Vec<Channel> {
        self.ways.iter().map(|w| w.channel).collect()
    }

    /// Takes the texts out that would go to numbers which want none, and gives them.
    ///
    /// # Errors
    /// `ContactUnreachable` where nothing else was asked for.
    pub fn heed(&mut self, wants_none: impl Fn(&Destination) -> bool) -> Result<Vec<Reach>, Refusal> {
        for way in &mut self.ways {
            way.heed(&wants_none);
        }
        if self.ways.iter().all(|way| way.opted_out) {
            return Err(Refusal::ContactUnreachable(Unreachable::OptedOut));
        }
        Ok(self.ways.extract_if(.., |way| way.opted_out).collect())
    }
}

/// Whether this tenant may verify, there.
///
/// # Errors
/// `TenantNotEligible`, `SurfaceDisabled`.
pub fn may_start(tenant: &Tenant, surface: Surface) -> Result<(), Refusal> {
    if !tenant.eligible {
        return Err(Refusal::TenantNotEligible);
    }
    if !tenant.surfaces.contains(&surface) {
        return Err(Refusal::SurfaceDisabled(surface));
    }
    Ok(())
}

/// Decides on a new code.
///
/// # Errors
/// The first rule that says no; the contact's authority comes before anything that would tell about the contact.
pub fn plan(tenant: &Tenant, client: &Client, ask: Ask<'_>, now: Timestamp) -> Result<Plan, Refusal> {
    may_start(tenant, ask.surface)?;
    let contact = authorized(tenant, client, ask.contact)?;
    if let Some(until) = client.standing.reported_until.filter(|until| *until > now) {
        return Err(Refusal::Reported { until });
    }
    let ways = ways(contact, tenant, ask.channels, now)?;
    if let Some(until) = client.standing.throttle.locked_until(&contact.id, now) {
        return Err(Refusal::Locked { until });
    }
    within_limits(tenant, client, &contact.id, now)?;
    Ok(Plan { contact: contact.clone(), ways })
}

/// Decides on sending an active challenge's code once more, by its channels or by `channel`.
///
/// # Errors
/// `ChallengeOver`, or the first rule that says no.
pub fn plan_again(
    tenant: &Tenant,
    client: &Client,
    challenge: &Challenge,
    channel: Option<Channel>,
    now: Timestamp,
) -> Result<Plan, Refusal> {
    let live =
        client.standing.pending.as_ref().is_some_and(|p| p.challenge == challenge.id && p.expires_at > now);
    if challenge.stored != State::Active || !live {
        return Err(Refusal::ChallengeOver);
    }
    let contact = authorized(tenant, client, &challenge.contact)?;
    let asked = channel.map_or_else(|| again_by(&challenge.channels), |one| vec![one]);
    let ways = ways(contact, tenant, Some(&asked), now)?;
    if let Some(until) = client.standing.throttle.locked_until(&contact.id, now) {
        return Err(Refusal::Locked { until });
    }
    within_limits(tenant, client, &contact.id, now)?;
    Ok(Plan { contact: contact.clone(), ways })
}

/// Decides on a link by which a client sets a PIN: by email and by text, whatever of it the contact has.
///
/// # Errors
/// The first rule that says no; the contact's authority comes before anything that would tell about the contact.
pub fn plan_link(
    tenant: &Tenant,
    client: &Client,
    contact: &ContactId,
    now: Timestamp,
) -> Result<Plan, Refusal> {
    may_use_pin(tenant, client, now)?;
    let contact = authorized(tenant, client, contact)?;
    let ways = ways(contact, tenant, Some(&[Channel::Email, Channel::Sms]), now)?;
    let limit = client.standing.pin.sends.may_send(&contact.id, tenant.policy.pin.to_send(), now);
    limit.map_err(|limit| refusal(limit, Sendable::Link, None))?;
    Ok(Plan { contact: contact.clone(), ways })
}

/// Whether a link may go by what is left of a plan: where it asks for a code by text, a text must be possible. The link goes
/// by that text, too.
///
/// # Errors
/// `ContactUnreachable`
pub fn may_send_link(tenant: &Tenant, plan: &Plan) -> Result<(), Refusal> {
    if tenant.policy.pin.confirm_by_code && !plan.channels().contains(&Channel::Sms) {
        return Err(Refusal::ContactUnreachable(Unreachable::NoTexts));
    }
    Ok(())
}

/// Whether this tenant uses PINs.
///
/// # Errors
/// `PinDisabled`
pub fn uses_pins(tenant: &Tenant) -> Result<(), Refusal> {
    if tenant.policy.pin.enabled { Ok(()) } else { Err(Refusal::PinDisabled) }
}

/// Whether a client's PIN may be sent for or checked at all.
///
/// # Errors
/// `PinDisabled`; `Reported`, as for a code: whoever reported one is being impersonated just now.
pub fn may_use_pin(tenant: &Tenant, client: &Client, now: Timestamp) -> Result<(), Refusal> {
    uses_pins(tenant)?;
    match client.standing.reported_until.filter(|until| *until > now) {
        Some(until) => Err(Refusal::Reported { until }),
        None => Ok(()),
    }
}

/// How a code is sent again where nobody says how: as before, but a telephone rings only where somebody asks for
/// it, or where there was nothing else.
fn again_by(channels: &[Channel]) -> Vec<Channel> {
    let written: Vec<_> = channels.iter().copied().filter(|channel| *channel != Channel::Voice).collect();
    if written.is_empty() { channels.to_vec() } else { written }
}

/// The contact, if it is on the list now with an authorized role.
///
/// # Errors
/// `ContactNotAuthorized`, the same whether the contact exists or not.
pub fn authorized<'a>(tenant: &Tenant, client: &'a Client, id: &ContactId) -> Result<&'a Contact, Refusal> {
    client.contact(id).filter(|c| tenant.authorizes(&c.role)).ok_or(Refusal::ContactNotAuthorized)
}

fn ways(
    contact: &Contact,
    tenant: &Tenant,
    asked: Option<&[Channel]>,
    now: Timestamp,
) -> Result<Vec<Reach>, Refusal> {
    let known = reach(contact, tenant, now);
    let usual = |r: &&Reach| match asked {
        Some(channels) => channels.contains(&r.channel),
        None => r.channel != Channel::Voice || known.iter().all(|k| k.channel == Channel::Voice),
    };
    let chosen: Vec<_> = known.iter().filter(usual).cloned().collect();
    let open: Vec<_> = chosen.iter().filter(|r| r.is_open()).cloned().collect();
    if open.is_empty() {
        let soonest = chosen.iter().filter_map(|r| r.blocked_until).min();
        let not_served = chosen.iter().any(|r| r.not_served);
        let why = match soonest {
            Some(until) => Unreachable::Changed { until },
            None if not_served => Unreachable::NotServed,
            None => Unreachable::NoContact,
        };
        return Err(Refusal::ContactUnreachable(why));
    }
    Ok(open)
}

fn within_limits(
    tenant: &Tenant,
    client: &Client,
    contact: &ContactId,
    now: Timestamp,
) -> Result<(), Refusal> {
    let pending = client.standing.pending.as_ref().filter(|p| p.expires_at > now);
    let limit = client.standing.throttle.may_send(contact, tenant.policy.client.code.to_send(), now);
    limit.map_err(|limit| refusal(limit, Sendable::Code, pending.map(|p| p.challenge.clone())))
}

fn refusal(limit: SendLimit, what: Sendable, challenge: Option<ChallengeId>) -> Refusal {
    match limit {
        SendLimit::TooSoon { until } => Refusal::TooSoon { what, until, challenge },
        SendLimit::TooMany { until } => Refusal::TooManySends { until },
    }
}
