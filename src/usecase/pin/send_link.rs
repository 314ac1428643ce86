//! An agent sends a contact the link by which the client sets a PIN.

use std::sync::Arc;

use serde_json::json;
use zeroize::Zeroizing;

use crate::domain::agent::Agent;
use crate::domain::challenge::{Challenge, Kind, State};
use crate::domain::channel::Channel;
use crate::domain::client::{Named, Pending};
use crate::domain::code::Binding;
use crate::domain::event::EventType;
use crate::domain::id::{ChallengeId, ClientId, ContactId};
use crate::domain::key::KeySet;
use crate::domain::message::{Message, Purpose};
use crate::domain::pin;
use crate::domain::pin::link::{self, Token};
use crate::domain::policy::bounds;
use crate::domain::refusal::{Refusal, Unreachable};
use crate::domain::request::{self, Plan};
use crate::domain::tenant::Tenant;
use crate::domain::workflow::Workflow;
use crate::store::StoreError;
use crate::usecase::case::Note;
use crate::usecase::client::dispatch;
use crate::usecase::{Caller, Case, Desk, Failure};

/// What is asked for. There is no place for a destination: only a listed contact can be sent anything.
pub struct Request {
    pub client: ClientId,
    pub contact: ContactId,
    pub agent: Option<Agent>,
}

/// A link that is on its way.
pub struct Sent {
    pub link: Challenge,
    pub messages: Vec<Message>,
}

/// Sends a link by email and text, and voids the one before it. The PIN stays as it is until the link is used.
///
/// # Errors
/// The refusals of [`request::plan_link`] and [`request::may_send_link`], the limit of a destination, and `ContactUnreachable` while more details are gone
/// than could be told of the PIN.
pub async fn send_link(
    desk: &Desk,
    tenant: &Arc<Tenant>,
    request: Request,
    caller: &Caller,
) -> Result<Sent, Failure> {
    let mut case = Case::open(desk, tenant, &request.client, caller).await?;
    let mut plan = match request::plan_link(tenant, &case.client, &request.contact, case.now) {
        Ok(plan) => plan,
        Err(refusal) => {
            return Err(dispatch::refuse(case, refusal, request.contact.as_str(), "pin.link").await);
        }
    };
    if let Some(until) = case.tx.of(&tenant.id).former_full_until(&request.client, case.now).await? {
        return Err(Refusal::ContactUnreachable(Unreachable::ManyChanged { until }).into());
    }
    case.settle().await?;
    let unwanted = dispatch::take_sends(desk, &case, &mut plan, tenant.policy.pin.sends).await?;
    request::may_send_link(tenant, &plan)?;
    let link = challenge(desk, &case, &plan, request.agent);
    let is_reset = case.client.standing.pin.set.is_some();
    let purpose = if is_reset { Purpose::PinReset } else { Purpose::PinSetup };
    let messages = dispatch::messages(desk, &case, &link, &plan, &unwanted, purpose);
    let superseded = case.end_link(State::Superseded).await?;
    case.challenge(&link);
    case.link(token(desk, tenant, &link)?.hash());
    if tenant.policy.pin.confirm_by_code && plan.channels().contains(&Channel::Sms) {
        case.link(texted_token(desk, tenant, &link)?.hash());
    }
    case.send(&messages);
    begin(&mut case, &link, &plan, superseded);
    dispatch::tell_failed(&mut case, &messages);
    case.commit().await?;
    Ok(Sent { link, messages })
}

fn challenge(desk: &Desk, case: &Case<'_>, plan: &Plan, agent: Option<Agent>) -> Challenge {
    let policy = &case.tenant.policy.pin;
    Challenge {
        id: ChallengeId::new(case.now, desk.draw().1),
        workflow: Workflow::Pin,
        subject: case.client.id.as_str().to_owned(),
        kind: Kind::Sent,
        contact: plan.contact.id.clone(),
        contact_name: plan.contact.name.clone(),
        agent,
        surface: None,
        locale: Some(plan.contact.locale.unwrap_or(case.tenant.default_locale)),
        channels: plan.channels(),
        digits: pin::DIGITS,
        // A PIN that is set by it is hashed first: so often, and no more.
        tries_allowed: bounds::TRIES.most,
        tries: 0,
        created_at: case.now,
        expires_at: case.now + policy.link_valid,
        resend_at: case.now + policy.resend_after,
        closed_at: None,
        epoch: desk.directory.get().epoch,
        key: desk.store.vault().ring.current().id,
        stored: State::Active,
    }
}

fn begin(case: &mut Case<'_>, link: &Challenge, plan: &Plan, superseded: Option<ChallengeId>) {
    let standing = &mut case.client.standing.pin;
    standing.sends.count_send(&link.contact, case.now);
    standing.link = Some(Pending {
        challenge: link.id.clone(),
        contact: Named { id: link.contact.clone(), name: link.contact_name.clone() },
        agent: link.agent.clone(),
        surface: None,
        channels: link.channels.clone(),
        sent_at: case.now,
        expires_at: link.expires_at,
    });
    let is_reset = standing.set.is_some();
    case.changed();
    case.tell(EventType::PinLinkSent, Some(&link.id));
    let changed = plan.ways.iter().any(|way| way.changed_at.is_some());
    case.note(Note {
        action: "pin.link",
        outcome: "sent",
        contact: link.contact.as_str(),
        object: link.id.as_str(),
        detail: json!({
            "channels": link.channels, "is_reset": is_reset,
            "recently_changed": changed, "superseded": superseded,
        }),
    });
}

/// The token of a link, with the key it was made with.
///
/// # Errors
/// A key that is not configured.
pub fn token(desk: &Desk, tenant: &Tenant, link: &Challenge) -> Result<Token, StoreError> {
    derive(desk, tenant, link, link::derive)
}

/// The token that only its text carries, where texts have one of their own.
///
/// # Errors
/// A key that is not configured.
pub fn texted_token(desk: &Desk, tenant: &Tenant, link: &Challenge) -> Result<Token, StoreError> {
    derive(desk, tenant, link, link::derive_texted)
}

fn derive(
    desk: &Desk,
    tenant: &Tenant,
    link: &Challenge,
    how: fn(&KeySet, Binding<'_>) -> Token,
) -> Result<Token, StoreError> {
    let keys = desk.store.vault().ring.by_id(link.key).ok_or_else(|| StoreError::Row {
        table: "challenge",
        column: "key_id",
        id: link.id.as_str().to_owned(),
        reason: format!("master key {} is not among the configured ones", link.key),
    })?;
    let binding = Binding {
        tenant: &tenant.id,
        workflow: link.workflow,
        subject: &link.subject,
        challenge: link.id.as_str(),
        epoch: link.epoch,
        digits: link.digits,
    };
    Ok(how(keys, binding))
}

/// The whole address of a link, for a message only.
///
/// # Errors
/// A key that is not configured.
pub fn address(desk: &Desk, tenant: &Tenant, link: &Challenge) -> Result<Zeroizing<String>, StoreError> {
    Ok(whole(desk, &token(desk, tenant, link)?))
}

/// The same for a message by that channel: a text has a link of its own, where one was made.
///
/// # Errors
/// A key that is not configured, and the database's.
pub async fn address_by(
    desk: &Desk,
    tenant: &Tenant,
    link: &Challenge,
    channel: Channel,
) -> Result<Zeroizing<String>, StoreError> {
    let texted = texted_token(desk, tenant, link)?;
    let apart =
        channel == Channel::Sms && desk.store.of(&tenant.id).is_link(&link.id, &texted.hash()).await?;
    if apart { Ok(whole(desk, &texted)) } else { address(desk, tenant, link) }
}

fn whole(desk: &Desk, token: &Token) -> Zeroizing<String> {
    let base = desk.public_url.as_str().trim_end_matches('/');
    Zeroizing::new(format!("{base}/p/{}", token.expose()))
}
