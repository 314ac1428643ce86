//! What the agent's window shows of a client: whom it can send to, what is out, what happened lately.

use crate::domain::agent::Agent;
use crate::domain::challenge::State;
use crate::domain::client::Client;
use crate::domain::contact::Contact;
use crate::domain::id::{ChallengeId, ClientId};
use crate::domain::refusal::Refusal;
use crate::domain::request::{self, Reach};
use crate::domain::tenant::Tenant;
use crate::domain::timestamp::Timestamp;
use crate::store::Trace;
use crate::usecase::pin::view_pin::{self, PinView};
use crate::usecase::{Caller, Desk, Failure};

use super::dispatch::Answer;
use super::get_challenge::get_challenge;

/// Most entries of recent activity.
const RECENT: u64 = 20;

/// An authorized contact, with the ways to reach them.
pub struct Listed {
    pub contact: Contact,
    pub ways: Vec<Reach>,
    pub locked_until: Option<Timestamp>,
}

/// Everything the window starts with.
pub struct ClientView {
    pub client: Client,
    pub now: Timestamp,
    pub contacts: Vec<Listed>,
    /// The code that is out.
    pub challenge: Option<Answer>,
    pub recent: Vec<Trace>,
    /// Those who acted lately, as far as anything still kept names them: the record itself holds ids only.
    pub agents: Vec<Agent>,
    pub pin: PinView,
}

/// Reads a client for the window. Only authorized contacts are listed.
///
/// # Errors
/// `ClientNotFound`
pub async fn view_client(
    desk: &Desk,
    tenant: &Tenant,
    id: &ClientId,
    caller: &Caller,
) -> Result<ClientView, Failure> {
    caller.may_act_on(id)?;
    let scope = desk.store.of(&tenant.id);
    let found = scope.clients(std::slice::from_ref(id)).await?.into_iter().find(|c| !c.removed);
    let client = found.ok_or(Refusal::ClientNotFound)?;
    let now = desk.time.now();
    let challenge = match &client.standing.pending {
        Some(pending) => Some(get_challenge(desk, tenant, &pending.challenge, caller).await?),
        None => None,
    };
    let challenge = challenge.filter(|live| live.state == State::Active);
    let recent = scope.trace(id, RECENT).await?;
    let agents = agents(desk, tenant, &client, &recent).await?;
    let authorized: Vec<_> = client.contacts.iter().filter(|c| tenant.authorizes(&c.role)).collect();
    let mobiles: Vec<_> = authorized.iter().filter_map(|c| c.mobile.as_ref()).collect();
    let stopped = scope.stopped(&mobiles).await?;
    let listed = |contact: &Contact| {
        let mut ways = request::reach(contact, tenant, now);
        for way in &mut ways {
            way.heed(|to| stopped.contains(&to.normal()));
        }
        Listed {
            ways,
            locked_until: client.standing.throttle.locked_until(&contact.id, now),
            contact: contact.clone(),
        }
    };
    let pin = view_pin::of(desk, tenant, &client).await?;
    Ok(ClientView {
        pin,
        contacts: authorized.into_iter().map(listed).collect(),
        challenge,
        recent,
        agents,
        now,
        client: client.clone(),
    })
}

/// Who acted lately, by name: from the client, and where that does not name everybody from the codes and links themselves.
async fn agents(
    desk: &Desk,
    tenant: &Tenant,
    client: &Client,
    recent: &[Trace],
) -> Result<Vec<Agent>, Failure> {
    let standing = &client.standing;
    let verified = standing.proofs().filter_map(|verified| verified.agent.as_ref());
    let mut known: Vec<Agent> = standing.last_verified_by.iter().chain(verified).cloned().collect();
    let nameless = |trace: &&Trace| {
        trace.actor_kind == "agent" && known.iter().all(|agent| agent.id.as_str() != trace.actor)
    };
    let about: Vec<_> =
        recent.iter().filter(nameless).filter_map(|t| ChallengeId::parse(&t.object).ok()).collect();
    let asked = desk.store.of(&tenant.id).challenges(&about).await?;
    known.extend(asked.into_iter().filter_map(|challenge| challenge.agent));
    Ok(known)
}
