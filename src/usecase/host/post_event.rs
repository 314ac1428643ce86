//! An event whose turn has come: signed, posted, and tried again later if the host did not take it.

use crate::domain::retry::{self, HostFailure};
use crate::host::client::{PushClient, PushFailure, PushOutcome};
use crate::host::fault::Fault;
use crate::host::signature;
use crate::ports;
use crate::store::{Attempt, Claim, HostEvent};
use crate::usecase::directory::Member;
use crate::usecase::{Desk, Failure};

/// Posts an event that was claimed, with no transaction open.
///
/// # Errors
/// The database's; the lease then gives the event back, under the same id.
pub async fn post_event(desk: &Desk, pusher: &PushClient, claim: &Claim) -> Result<(), Failure> {
    let directory = desk.directory.get();
    let Some(member) = directory.member(&claim.tenant) else { return Ok(()) };
    let Some(event) = desk.store.claimed_event(claim)? else { return Ok(()) };
    let id = event.id.clone();
    let attempts = event.attempts + 1;
    let attempt = match &member.tenant.callback_url {
        None => parked(desk, attempts, "no callback_url is set"),
        Some(url) => {
            let outcome = post(desk, pusher, member, url, event).await;
            judge(desk, attempts, outcome)
        }
    };
    if !attempt.delivered && member.tenant.callback_url.is_some() {
        tracing::warn!(event.id = %id, tenant = %claim.tenant, attempts, error = attempt.error.as_deref(), "push not taken");
    }
    let outcome = match (attempt.delivered, attempt.next) {
        (true, _) => "delivered",
        (false, Some(_)) => "failed",
        (false, None) => "parked",
    };
    metrics::counter!("countersign_pushes_total", "outcome" => outcome).increment(1);
    Ok(desk.store.record_attempt(&claim.tenant, &id, &attempt).await?)
}

async fn post(
    desk: &Desk,
    pusher: &PushClient,
    member: &Member,
    url: &url::Url,
    event: HostEvent,
) -> PushOutcome {
    // The wall clock: the host compares it with its own.
    let wall = desk.time.wall();
    let secrets = member.push_secrets(desk.time.now());
    let timestamp = wall.seconds().to_string();
    let signature = signature::sign(&secrets, event.id.as_str(), wall.seconds(), &event.body);
    let headers = [
        ("webhook-id", event.id.as_str()),
        ("webhook-timestamp", timestamp.as_str()),
        ("webhook-signature", signature.as_str()),
    ];
    pusher.post(url, &headers, event.body, wall).await
}

fn parked(desk: &Desk, attempts: u32, why: &str) -> Attempt {
    let (at, error) = (desk.time.now(), Some(why.to_owned()));
    Attempt { attempts, status: None, error, next: None, delivered: false, at }
}

fn judge(desk: &Desk, attempts: u32, outcome: PushOutcome) -> Attempt {
    let at = desk.time.now();
    match outcome {
        PushOutcome::Delivered { status } => {
            Attempt { attempts, status: Some(status), error: None, next: None, delivered: true, at }
        }
        PushOutcome::Failed { status, reason, retry_after } => {
            let timeout = matches!(reason, PushFailure::Unanswered(Fault::Timeout));
            let failure = HostFailure { busy: timeout || status == Some(429), retry_after };
            let [chance] = ports::bytes(desk.random.as_ref());
            let next = retry::host_wait(attempts, failure, chance).map(|wait| at + wait);
            Attempt { attempts, status, error: Some(reason.to_string()), next, delivered: false, at }
        }
    }
}
