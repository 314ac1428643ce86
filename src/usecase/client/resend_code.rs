//! An agent sends the same code once more: no new tries, no more time.

use std::sync::Arc;

use serde_json::json;

use crate::domain::challenge::State;
use crate::domain::channel::Channel;
use crate::domain::event::EventType;
use crate::domain::id::ChallengeId;
use crate::domain::message::Purpose;
use crate::domain::refusal::Refusal;
use crate::domain::request;
use crate::domain::tenant::Tenant;
use crate::domain::workflow::Workflow;
use crate::usecase::case::Note;
use crate::usecase::{Caller, Case, Desk, Failure, brake};

use super::dispatch::{self, Answer};

/// Queues the messages of an active challenge anew, by its channels or by one other.
///
/// # Errors
/// `NotFound`, `ChallengeOver`, or a limit.
pub async fn resend_code(
    desk: &Desk,
    tenant: &Arc<Tenant>,
    id: &ChallengeId,
    channel: Option<Channel>,
    caller: &Caller,
) -> Result<Answer, Failure> {
    let mut case = Case::of_challenge(desk, tenant, id, caller).await?;
    let found = case.tx.of(&tenant.id).challenge(id).await?;
    let mut challenge = found.ok_or(Refusal::NotFound("challenge"))?;
    if challenge.epoch != desk.directory.get().epoch {
        return Err(Refusal::ChallengeOver.into());
    }
    let mut plan = match request::plan_again(tenant, &case.client, &challenge, channel, case.now) {
        Ok(plan) => plan,
        Err(refusal) => {
            return Err(dispatch::refuse(case, refusal, challenge.contact.as_str(), "code.resend").await);
        }
    };
    brake::goes_on(desk, &tenant.id, Workflow::Client, case.now)?;
    let unwanted = dispatch::take_sends(desk, &case, &mut plan, tenant.policy.client.code.sends).await?;
    let fresh = dispatch::messages(desk, &case, &challenge, &plan, &unwanted, Purpose::ClientCode);
    challenge.resend_at = case.now + tenant.policy.client.code.resend_after;
    for way in plan.channels() {
        if !challenge.channels.contains(&way) {
            challenge.channels.push(way);
        }
    }
    let scope = case.tx.of(&tenant.id);
    scope.note_resend(&challenge).await?;
    scope.insert_messages(&fresh).await?;
    let messages = scope.messages_of(id).await?;
    let standing = &mut case.client.standing;
    standing.throttle.count_send(&challenge.contact, case.now);
    if let Some(pending) = &mut standing.pending {
        pending.channels.clone_from(&challenge.channels);
    }
    case.changed();
    case.tell(EventType::CodeSent, Some(id));
    case.note(Note {
        action: "code.resend",
        outcome: "sent",
        contact: challenge.contact.as_str(),
        object: id.as_str(),
        detail: json!({"channels": plan.channels()}),
    });
    dispatch::tell_failed(&mut case, &fresh);
    let tries_left = dispatch::tries_left(tenant, &case.client, &challenge, case.now);
    case.commit().await?;
    Ok(Answer { challenge, state: State::Active, tries_left, messages })
}
