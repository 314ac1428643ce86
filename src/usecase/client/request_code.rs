//! An agent asks for a code.

use std::sync::Arc;

use serde_json::json;

use crate::domain::agent::Agent;
use crate::domain::challenge::{Challenge, Kind, State};
use crate::domain::channel::Channel;
use crate::domain::client::{Named, Pending};
use crate::domain::event::EventType;
use crate::domain::id::{ChallengeId, ClientId, ContactId};
use crate::domain::locale::Locale;
use crate::domain::message::Purpose;
use crate::domain::request::{self, Ask, Plan};
use crate::domain::surface::Surface;
use crate::domain::tenant::Tenant;
use crate::domain::workflow::Workflow;
use crate::usecase::case::Note;
use crate::usecase::{Caller, Case, Desk, Failure, brake};

use super::dispatch::{self, Answer};

/// What is asked for. There is no place for a destination: only a listed contact can be sent anything.
pub struct Request {
    pub client: ClientId,
    pub contact: ContactId,
    pub surface: Surface,
    pub channels: Option<Vec<Channel>>,
    pub locale: Option<Locale>,
    pub agent: Option<Agent>,
}

/// Makes a new challenge, voids the one before it, and queues its messages.
///
/// # Errors
/// The refusals of [`request::plan`], and those of the limits; `Locked` while checks rest.
pub async fn request_code(
    desk: &Desk,
    tenant: &Arc<Tenant>,
    request: Request,
    caller: &Caller,
) -> Result<Answer, Failure> {
    request::may_start(tenant, request.surface)?;
    let mut case = Case::open(desk, tenant, &request.client, caller).await?;
    let ask =
        Ask { contact: &request.contact, surface: request.surface, channels: request.channels.as_deref() };
    let mut plan = match request::plan(tenant, &case.client, ask, case.now) {
        Ok(plan) => plan,
        Err(refusal) => {
            return Err(dispatch::refuse(case, refusal, request.contact.as_str(), "code.request").await);
        }
    };
    brake::goes_on(desk, &tenant.id, Workflow::Client, case.now)?;
    case.settle().await?;
    let unwanted = dispatch::take_sends(desk, &case, &mut plan, tenant.policy.client.code.sends).await?;
    let challenge = challenge(desk, &case, &request, &plan);
    let messages = dispatch::messages(desk, &case, &challenge, &plan, &unwanted, Purpose::ClientCode);
    let superseded = supersede(&mut case).await?;
    case.challenge(&challenge);
    case.send(&messages);
    begin(&mut case, &challenge, &plan, superseded);
    dispatch::tell_failed(&mut case, &messages);
    let tries_left = dispatch::tries_left(tenant, &case.client, &challenge, case.now);
    case.commit().await?;
    Ok(Answer { challenge, state: State::Active, tries_left, messages })
}

fn challenge(desk: &Desk, case: &Case<'_>, request: &Request, plan: &Plan) -> Challenge {
    let rules = &case.tenant.policy.client.code;
    Challenge {
        id: ChallengeId::new(case.now, desk.draw().1),
        workflow: Workflow::Client,
        subject: request.client.as_str().to_owned(),
        kind: Kind::Sent,
        contact: plan.contact.id.clone(),
        contact_name: plan.contact.name.clone(),
        agent: request.agent.clone(),
        surface: Some(request.surface),
        locale: request.locale,
        channels: plan.channels(),
        digits: rules.digits,
        tries_allowed: rules.tries,
        tries: 0,
        created_at: case.now,
        expires_at: case.now + rules.code_valid,
        resend_at: case.now + rules.resend_after,
        closed_at: None,
        epoch: desk.directory.get().epoch,
        key: desk.store.vault().ring.current().id,
        stored: State::Active,
    }
}

/// The message that is still queued of a superseded code finds that out when its turn comes.
async fn supersede(case: &mut Case<'_>) -> Result<Option<ChallengeId>, Failure> {
    let Some(pending) = case.client.standing.pending.take() else { return Ok(None) };
    let scope = case.tx.of(&case.tenant.id);
    scope.close_challenge(&pending.challenge, State::Superseded, case.now).await?;
    Ok(Some(pending.challenge))
}

fn begin(case: &mut Case<'_>, challenge: &Challenge, plan: &Plan, superseded: Option<ChallengeId>) {
    let standing = &mut case.client.standing;
    standing.throttle.count_send(&challenge.contact, case.now);
    standing.locked = None;
    standing.pending = Some(Pending {
        challenge: challenge.id.clone(),
        contact: Named { id: challenge.contact.clone(), name: challenge.contact_name.clone() },
        agent: challenge.agent.clone(),
        surface: challenge.surface,
        channels: challenge.channels.clone(),
        sent_at: case.now,
        expires_at: challenge.expires_at,
    });
    case.changed();
    case.tell(EventType::CodeSent, Some(&challenge.id));
    let changed = plan.ways.iter().any(|way| way.changed_at.is_some());
    case.note(Note {
        action: "code.request",
        outcome: "sent",
        contact: challenge.contact.as_str(),
        object: challenge.id.as_str(),
        detail: json!({
            "surface": challenge.surface, "channels": challenge.channels,
            "recently_changed": changed, "superseded": superseded,
        }),
    });
}
