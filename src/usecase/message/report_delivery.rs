//! A gateway tells what became of a text.
//!
//! The address it calls carries a key of its own, so that nobody who only knows a message's id can report on it.

use subtle::ConstantTimeEq as _;

use crate::domain::audit::{Actor, Origin};
use crate::domain::id::{MessageId, TenantId};
use crate::domain::key::KeySet;
use crate::domain::message::Message;
use crate::domain::message::MessageState::{self, Failed, Queued};
use crate::usecase::{Desk, Failure};

use super::deliver_message::record;

/// Length of the key in a report's address, in hexadecimal digits: 128 bits.
const KEY: usize = 32;

fn key(keys: &KeySet, tenant: &TenantId, message: &MessageId) -> String {
    let mac = keys.callback.mac(&[b"sms-report", tenant.as_str().as_bytes(), message.as_str().as_bytes()]);
    hex::encode(mac)[..KEY].to_owned()
}

/// Where a gateway reports on a message. `%d` is Kannel's place for the status; others put theirs there.
pub fn report_url(desk: &Desk, tenant: &TenantId, message: &MessageId) -> String {
    let key = key(desk.store.vault().ring.current(), tenant, message);
    let base = desk.public_url.as_str().trim_end_matches('/');
    format!("{base}/callbacks/sms/{tenant}/{message}.{key}?status=%d")
}

/// The message that the last part of a report's address is about, if its key is right.
pub fn authentic(desk: &Desk, tenant: &TenantId, part: &str) -> Option<MessageId> {
    let (id, given) = part.split_once('.')?;
    let id = MessageId::parse(id).ok()?;
    let ring = &desk.store.vault().ring;
    let right = ring.all().any(|keys| key(keys, tenant, &id).as_bytes().ct_eq(given.as_bytes()).into());
    right.then_some(id)
}

/// A gateway's word for a state: Kannel's number, or `delivered`, `failed`. Others change nothing.
pub fn state_of(word: &str) -> Option<MessageState> {
    match word {
        "1" | "delivered" => Some(MessageState::Delivered),
        "2" | "16" | "failed" => Some(MessageState::Failed),
        "4" | "8" | "sent" => Some(MessageState::Sent),
        _ => None,
    }
}

/// Notes what a gateway reported. States only move forward, whatever order reports come in and however often.
///
/// # Errors
/// The database's.
pub async fn report_delivery(
    desk: &Desk,
    tenant: &TenantId,
    id: &MessageId,
    state: MessageState,
    from: &str,
) -> Result<(), Failure> {
    let tx = desk.store.begin().await?;
    let scope = tx.of(tenant);
    // A failure told while another attempt is queued is about an earlier one: the next is made all the same.
    let is_news = |m: &Message| m.state.may_become(state) && (m.state, state) != (Queued, Failed);
    let Some(mut message) = scope.message(id).await?.filter(is_news) else { return Ok(()) };
    let before = message.state;
    message.state = state;
    message.detail = (state == MessageState::Failed).then(|| "not_delivered".to_owned());
    message.changed_at = desk.time.now();
    if scope.move_message(&message, before, None).await? {
        let origin = Origin { actor: Actor::Provider, from: from.to_owned() };
        record(desk, &tx, tenant, &message, origin).await?;
        tx.commit().await?;
        desk.bells.ring();
    }
    Ok(())
}
