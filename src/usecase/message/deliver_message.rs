//! A message whose turn has come: sent, tried again later, given up, or dropped.
//!
//! The rows are read as they are now, nothing is sent with a transaction open, and what came of it is written in
//! one transaction with its event and its audit entry.

use std::time::Duration;

use serde_json::json;

use crate::domain::audit::{Entry, Origin};
use crate::domain::challenge::Challenge;
use crate::domain::event::{self, EventType, MessageNews};
use crate::domain::id::{AuditId, EventId, MessageId, TenantId};
use crate::domain::message::{self, Message, MessageState, Purpose};
use crate::domain::retry;
use crate::domain::seal;
use crate::domain::timestamp::Timestamp;
use crate::message::Outcome;
use crate::store::{StoreError, Tx};
use crate::usecase::{Desk, Failure};

use super::Post;
use super::send::{self, Ready};

/// Sends a message that was claimed.
///
/// # Errors
/// The database's; the lease then gives the message back, and its code is the same.
pub async fn deliver_message(desk: &Desk, post: &Post, tenant: &TenantId, id: &str) -> Result<(), Failure> {
    let directory = desk.directory.get();
    let (Some(member), Ok(id)) = (directory.member(tenant), MessageId::parse(id)) else { return Ok(()) };
    let scope = desk.store.of(tenant);
    let claimed_at = desk.time.now();
    let Some(message) = scope.message(&id).await?.filter(|m| m.state == MessageState::Queued) else {
        return Ok(());
    };
    let Some(challenge) = scope.challenge(&message.challenge).await? else { return Ok(()) };
    let client = scope.clients(std::slice::from_ref(&message.client)).await?.pop();
    let at = desk.time.now();
    let ring = &desk.store.vault().ring;
    let same = |normal: &str| ring.all().any(|keys| seal::index(keys, tenant, normal) == message.destination);
    let code = challenge.state(at, directory.epoch);
    match message::may_send(&member.tenant, client.as_ref(), &message, code, same) {
        Err(why) => settle(desk, tenant, message, Became::dropped(why)).await,
        Ok((contact, destination)) => {
            // Reading took so long that the lease could end under the provider's hands: whoever holds it next sends.
            if at.since(claimed_at) > READING_MOST {
                return Ok(());
            }
            let verified_by = client.as_ref().and_then(|c| c.standing.last_verified_by.as_ref());
            let ready = Ready {
                tenant: &member.tenant,
                message: &message,
                challenge: &challenge,
                contact,
                destination,
                verified_by,
                at,
            };
            let outcome = send::send(desk, post, &ready).await?;
            let became = judge(desk, &message, &challenge, outcome);
            settle(desk, tenant, message, became).await
        }
    }
}

/// A lease less the longest attempt leaves so much for reading what is sent.
const READING_MOST: Duration = Duration::from_secs(8);

/// A receipt is worth sending for so long after the verification.
const RECEIPT_WORTH: Duration = Duration::from_secs(3600);

/// What became of a message.
struct Became {
    state: MessageState,
    detail: Option<String>,
    again_at: Option<Timestamp>,
    sent: bool,
}

impl Became {
    fn dropped(why: &str) -> Self {
        Self { state: MessageState::Dropped, detail: Some(why.to_owned()), again_at: None, sent: false }
    }
}

fn judge(desk: &Desk, message: &Message, challenge: &Challenge, outcome: Outcome) -> Became {
    match outcome {
        Outcome::Sent { .. } => {
            Became { state: MessageState::Sent, detail: None, again_at: None, sent: true }
        }
        Outcome::Permanent(trouble) => {
            tracing::warn!(message.id = %message.id, detail = trouble.detail.as_str(), reason = %trouble.log, "message refused");
            let detail = Some(trouble.detail.as_str().to_owned());
            Became { state: MessageState::Failed, detail, again_at: None, sent: false }
        }
        Outcome::Temporary(trouble) => {
            tracing::warn!(message.id = %message.id, detail = trouble.detail.as_str(), reason = %trouble.log, "message delayed");
            let until = match message.purpose {
                Purpose::ClientCode => challenge.expires_at,
                Purpose::ClientReceipt => message.created_at + RECEIPT_WORTH,
            };
            let again_at = retry::message_at(message.attempts + 1, desk.time.now(), until);
            let state = if again_at.is_some() { MessageState::Queued } else { MessageState::Failed };
            Became { state, detail: Some(trouble.detail.as_str().to_owned()), again_at, sent: false }
        }
    }
}

/// Writes what became of the message, with its event and its entry.
async fn settle(desk: &Desk, tenant: &TenantId, mut message: Message, became: Became) -> Result<(), Failure> {
    let tx = desk.store.begin().await?;
    let scope = tx.of(tenant);
    let Some(current) = scope.message(&message.id).await? else { return Ok(()) };
    // Dropped while it was on its way out: it went out all the same, and the record says so.
    let went_out = became.sent && current.state == MessageState::Dropped;
    if current.state != MessageState::Queued && !went_out {
        return Ok(());
    }
    let now = desk.time.now();
    message.state = became.state;
    message.detail.clone_from(&became.detail);
    message.attempts += 1;
    message.changed_at = now;
    if !scope.move_message(&message, current.state, became.again_at).await? {
        return Ok(());
    }
    let outcome = if message.state == MessageState::Queued { "delayed" } else { message.state.as_str() };
    let labels =
        [("channel", message.channel.as_str()), ("purpose", message.purpose.as_str()), ("outcome", outcome)];
    metrics::counter!("countersign_messages_total", &labels).increment(1);
    if message.state != MessageState::Queued {
        record(desk, &tx, tenant, &message, Origin::service("outbox")).await?;
    }
    tx.commit().await?;
    desk.bells.ring();
    Ok(())
}

/// Puts a state that a message has reached on the record, and tells the host where it is news to them.
pub async fn record(
    desk: &Desk,
    tx: &Tx,
    tenant: &TenantId,
    message: &Message,
    origin: Origin,
) -> Result<(), StoreError> {
    let at = message.changed_at;
    let kind = match message.state {
        MessageState::Delivered => Some(EventType::MessageDelivered),
        MessageState::Failed => Some(EventType::MessageFailed),
        MessageState::Queued | MessageState::Sent | MessageState::Dropped => None,
    };
    let news = MessageNews {
        id: message.id.clone(),
        channel: message.channel,
        state: message.state,
        detail: message.detail.clone(),
    };
    let told = kind.map(|kind| {
        event::message(EventId::new(at, desk.draw().1), kind, at, &message.client, &message.challenge, &news)
    });
    let scope = tx.of(tenant);
    scope.insert_events(told.as_slice()).await?;
    let entry = Entry {
        id: AuditId::new(at, desk.draw().1),
        tenant: tenant.clone(),
        at,
        origin,
        action: "message.send",
        client: message.client.as_str().to_owned(),
        contact: message.contact.as_str().to_owned(),
        object: message.id.as_str().to_owned(),
        outcome: message.state.as_str(),
        detail: json!({"challenge": message.challenge, "channel": message.channel, "detail": message.detail}),
    };
    scope.insert_audit(&[entry]).await
}
