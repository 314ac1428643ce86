//! A message whose turn has come: sent, tried again later, given up, or dropped.
//!
//! The rows are read as they are now, nothing is sent with a transaction open, and what came of it is written in
//! one transaction with its event and its audit entry.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use crate::domain::audit::{Actor, Entry, Origin};
use crate::domain::call;
use crate::domain::call::progress::Progress;
use crate::domain::channel::Channel;
use crate::domain::contact::{Destination, Phone};
use crate::domain::event;
use crate::domain::id::{AuditId, EventId, MessageId, TenantId};
use crate::domain::message::{Message, MessageState};
use crate::domain::pin::notice;
use crate::domain::retry;
use crate::domain::seal;
use crate::domain::tenant::Tenant;
use crate::domain::timestamp::Timestamp;
use crate::message::{Detail, Outcome};
use crate::store::{StoreError, Tx};
use crate::usecase::{Desk, Failure};

use super::Post;
use super::addressee::Addressee;
use super::opt_out;
use super::send::{self, Ready};
use super::spend;

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
    let to = Addressee::of(&scope, &message).await?;
    let at = desk.time.now();
    let ring = &desk.store.vault().ring;
    let same = |normal: &str| ring.all().any(|keys| seal::index(keys, tenant, normal) == message.destination);
    let code = challenge.state(at, directory.epoch);
    let may = if message.purpose.is_pin_notice() {
        let former = scope.former(&message.client, at).await?;
        notice::may_tell(&member.tenant, to.client(), &former, &message, code, same)
    } else {
        to.may_send(&member.tenant, &message, code, same)
    };
    match may {
        Err(why) => settle(desk, tenant, message, Became::dropped(why)).await,
        Ok(_) if message.channel == Channel::Voice && !call::worth_placing(challenge.expires_at, at) => {
            settle(desk, tenant, message, Became::dropped("too_late")).await
        }
        Ok((contact, destination)) => {
            if let Destination::Phone(phone) = &destination
                && message.channel == Channel::Sms
                && !scope.stopped(&[phone]).await?.is_empty()
            {
                return settle(desk, tenant, message, Became::failed(Detail::OptedOut, None)).await;
            }
            if let Destination::Phone(phone) = &destination
                && let Some(why) = spend::hold(desk, &member.tenant, &message, phone, at).await?
            {
                return settle(desk, tenant, message, Became::failed(why, None)).await;
            }
            // Reading took so long that the lease could end under the provider's hands: whoever holds it next sends.
            if at.since(claimed_at) > READING_MOST {
                return Ok(());
            }
            let verified_by = to.client().and_then(|c| c.standing.last_verified_by.as_ref());
            let device =
                if message.purpose.is_pin_notice() { scope.device_of(&challenge.id).await? } else { None };
            let ready = Ready {
                tenant: &member.tenant,
                message: &message,
                challenge: &challenge,
                contact,
                destination,
                verified_by,
                device,
                guest: to.guest(),
                notice: to.user().and_then(|user| user.standing.notices.of(&message.id)),
                at,
            };
            let outcome = send::send(desk, post, &ready).await?;
            let mut became = judge(desk, &ready, post.count(&member.tenant, message.channel), outcome);
            if let Destination::Phone(phone) = ready.destination {
                became.tried = Some((Arc::clone(&member.tenant), phone));
            }
            settle(desk, tenant, message, became).await
        }
    }
}

/// A lease less the longest attempt leaves so much for reading what is sent.
const READING_MOST: Duration = Duration::from_secs(8);

/// What became of a message.
struct Became {
    state: MessageState,
    detail: Option<String>,
    again_at: Option<Timestamp>,
    sent: bool,
    /// A number that its provider will send no texts to, since it asked for none.
    opted_out: Option<Phone>,
    /// A number that its provider was asked to text or call.
    tried: Option<(Arc<Tenant>, Phone)>,
}

impl Became {
    fn new(state: MessageState, detail: Option<String>) -> Self {
        Self { state, detail, again_at: None, sent: false, opted_out: None, tried: None }
    }

    fn dropped(why: &str) -> Self {
        Self::new(MessageState::Dropped, Some(why.to_owned()))
    }

    fn failed(detail: Detail, opted_out: Option<Phone>) -> Self {
        Self { opted_out, ..Self::new(MessageState::Failed, Some(detail.as_str().to_owned())) }
    }
}

fn judge(desk: &Desk, ready: &Ready<'_>, providers: usize, outcome: Outcome) -> Became {
    let message = ready.message;
    match outcome {
        Outcome::Sent { .. } => {
            let calling = message.channel == Channel::Voice;
            let detail = calling.then(|| Progress::Calling.as_str().to_owned());
            Became { sent: true, ..Became::new(MessageState::Sent, detail) }
        }
        Outcome::Permanent(trouble) => {
            tracing::warn!(message.id = %message.id, detail = trouble.detail.as_str(), reason = %trouble.log, "message refused");
            let opted_out = match &ready.destination {
                Destination::Phone(phone) if trouble.detail == Detail::OptedOut => Some(phone.clone()),
                _ => None,
            };
            Became::failed(trouble.detail, opted_out)
        }
        Outcome::Temporary(trouble) => {
            tracing::warn!(message.id = %message.id, detail = trouble.detail.as_str(), reason = %trouble.log, "message delayed");
            let again_at = retry::message_at(message.attempts + 1, providers, desk.time.now(), ready.until());
            let state = if again_at.is_some() { MessageState::Queued } else { MessageState::Failed };
            Became { again_at, ..Became::new(state, Some(trouble.detail.as_str().to_owned())) }
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
    if let Some((settings, phone)) = &became.tried {
        spend::note_texted(desk, &tx, settings, (&message, phone), now).await?;
    }
    if let Some(phone) = &became.opted_out {
        let origin = Origin { actor: Actor::Provider, from: "outbox".to_owned() };
        opt_out::stop(desk, &tx, tenant, phone, Some(&message), origin).await?;
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
    let scope = tx.of(tenant);
    let guest = match message.guest() {
        Some(id) => scope.guest(&id).await?,
        None => None,
    };
    let told = event::message(EventId::new(at, desk.draw().1), message, guest.as_ref());
    scope.insert_events(told.as_slice()).await?;
    let entry = Entry {
        id: AuditId::new(at, desk.draw().1),
        tenant: tenant.clone(),
        at,
        origin,
        action: "message.send",
        client: message.about_client().to_owned(),
        contact: message.contact.as_str().to_owned(),
        object: message.id.as_str().to_owned(),
        outcome: message.state.as_str(),
        detail: json!({"challenge": message.challenge, "channel": message.channel, "detail": message.detail}),
    };
    scope.insert_audit(&[entry]).await
}
