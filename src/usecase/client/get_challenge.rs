//! What became of a code and of its messages.

use crate::domain::id::{ChallengeId, ClientId};
use crate::domain::refusal::Refusal;
use crate::domain::tenant::Tenant;
use crate::domain::workflow::Workflow;
use crate::usecase::{Caller, Desk, Failure};

use super::dispatch::{self, Answer};

/// Reads a challenge of the client workflow.
///
/// # Errors
/// `NotFound`, `NotInToken`
pub async fn get_challenge(
    desk: &Desk,
    tenant: &Tenant,
    id: &ChallengeId,
    caller: &Caller,
) -> Result<Answer, Failure> {
    let scope = desk.store.of(&tenant.id);
    let found = scope.challenge(id).await?.filter(|c| c.workflow == Workflow::Client);
    let challenge = found.ok_or(Refusal::NotFound("challenge"))?;
    let client = ClientId::parse(&challenge.subject).map_err(|_| Refusal::NotFound("challenge"))?;
    caller.may_act_on(&client)?;
    let messages = scope.messages_of(id).await?;
    let found = scope.clients(std::slice::from_ref(&client)).await?.pop();
    let client = found.ok_or(Refusal::NotFound("challenge"))?;
    let now = desk.time.now();
    let state = challenge.state(now, desk.directory.get().epoch);
    let tries_left = dispatch::tries_left(tenant, &client, &challenge, now);
    Ok(Answer { challenge, state, tries_left, messages })
}
