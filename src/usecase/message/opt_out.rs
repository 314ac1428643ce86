//! A number wants no more texts, or texts again: kept, and put on the record once.

use serde_json::json;

use crate::domain::audit::{Entry, Origin};
use crate::domain::contact::Phone;
use crate::domain::id::{AuditId, TenantId};
use crate::domain::message::Message;
use crate::store::{StoreError, Tx};
use crate::usecase::Desk;

use super::addressee::Addressee;

/// No more texts to this number. Says whether that is new.
///
/// # Errors
/// The database's.
pub async fn stop(
    desk: &Desk,
    tx: &Tx,
    tenant: &TenantId,
    phone: &Phone,
    about: Option<&Message>,
    origin: Origin,
) -> Result<bool, StoreError> {
    let new = tx.of(tenant).opt_out(phone, desk.time.now()).await?;
    if new {
        record(desk, tx, tenant, ("text.stop", "opted_out"), about, origin).await?;
    }
    Ok(new)
}

/// Texts to this number again. Says whether that is new.
///
/// # Errors
/// The database's.
pub async fn start(
    desk: &Desk,
    tx: &Tx,
    tenant: &TenantId,
    phone: &Phone,
    about: Option<&Message>,
    origin: Origin,
) -> Result<bool, StoreError> {
    let new = tx.of(tenant).opt_in(phone).await?;
    if new {
        record(desk, tx, tenant, ("text.start", "opted_in"), about, origin).await?;
    }
    Ok(new)
}

/// The number that a text went to, if it is still the contact's.
///
/// # Errors
/// The database's.
pub async fn number_of(tx: &Tx, tenant: &TenantId, message: &Message) -> Result<Option<Phone>, StoreError> {
    let scope = tx.of(tenant);
    let to = Addressee::of(&scope, message).await?;
    let numbers = to.numbers(message);
    Ok(numbers.into_iter().find(|phone| scope.indexes(phone).contains(&message.destination)))
}

/// Who it was is known by the last text that went to the number, if one did.
async fn record(
    desk: &Desk,
    tx: &Tx,
    tenant: &TenantId,
    (action, outcome): (&'static str, &'static str),
    about: Option<&Message>,
    origin: Origin,
) -> Result<(), StoreError> {
    let (at, chance) = desk.draw();
    let of = |read: fn(&Message) -> &str| about.map_or_else(String::new, |message| read(message).to_owned());
    let entry = Entry {
        id: AuditId::new(at, chance),
        tenant: tenant.clone(),
        at,
        origin,
        action,
        client: of(Message::about_client),
        contact: of(|message| message.contact.as_str()),
        object: of(|message| message.id.as_str()),
        outcome,
        detail: json!({}),
    };
    tx.of(tenant).insert_audit(&[entry]).await
}
