//! The client sets a PIN by a link, which is spent by it.
//!
//! Hashing takes a while and no transaction is open meanwhile: so often as a link allows, counted before. Whatever has
//! happened to the link by then is looked at again under the client's lock.

use std::sync::Arc;

use serde_json::json;

use crate::domain::audit::{Actor, Origin};
use crate::domain::challenge::{Challenge, State};
use crate::domain::client::{Client, Named};
use crate::domain::event::EventType;
use crate::domain::locale::Locale;
use crate::domain::message::{Message, Purpose};
use crate::domain::pin::link::{self, Over, Token};
use crate::domain::pin::notice;
use crate::domain::pin::secret::{self, Pin, Weakness};
use crate::domain::pin::standing::Set;
use crate::domain::pin::tries::StoredPin;
use crate::domain::refusal::Refusal;
use crate::domain::tenant::Tenant;
use crate::domain::timestamp::Timestamp;
use crate::store::{StoreError, Tx};
use crate::usecase::case::Note;
use crate::usecase::client::dispatch;
use crate::usecase::{Case, Desk, Failure};

use super::hasher::{HashFault, Hashed, Of};
use super::open_link::{self, Known, LinkFault};

/// Where a PIN was set from.
#[derive(Clone, Debug)]
pub struct SetFrom {
    /// The address of the caller, for the record.
    pub address: String,
    /// The device in words that are the same in every language, such as `iPhone, Safari`; empty where it is not known.
    pub device: String,
}

/// A PIN was set.
#[derive(Debug)]
pub struct PinSet {
    pub tenant: Arc<Tenant>,
    pub locale: Locale,
    pub is_reset: bool,
    pub set_at: Timestamp,
}

/// Why no PIN was set. Only [`SetFault::Link`] means that the link is over.
#[derive(Debug)]
pub enum SetFault {
    Link(LinkFault),
    /// Too easy to guess; the link stays as it is.
    Weak(Weakness),
    /// The same as the one before it; the link stays as it is.
    Same,
    /// Refused for now (`Busy`), or the database's.
    Failed(Failure),
}

impl From<LinkFault> for SetFault {
    fn from(fault: LinkFault) -> Self {
        Self::Link(fault)
    }
}

impl From<StoreError> for SetFault {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<HashFault> for SetFault {
    fn from(fault: HashFault) -> Self {
        Self::Failed(fault.into())
    }
}

impl From<Refusal> for SetFault {
    fn from(refusal: Refusal) -> Self {
        Self::Failed(refusal.into())
    }
}

/// Sets a PIN.
///
/// # Errors
/// [`SetFault`]
pub async fn set_pin(desk: &Desk, token: &str, pin: &Pin, from: &SetFrom) -> Result<PinSet, SetFault> {
    let known = open_link::find(desk, token).await?;
    let client = open_link::client_id(&known.link)?;
    let scope = desk.store.of(&known.tenant.id);
    let found = scope.clients(std::slice::from_ref(&client)).await?.pop();
    let client = known.of(found, desk.time.now())?;
    if let Some(weakness) = secret::weakness(pin, &open_link::phones(&client)) {
        return Err(SetFault::Weak(weakness));
    }
    let hashed = hash(desk, &known, &client, pin).await?;
    settle(desk, &known, &client, hashed, from).await
}

/// Hashes the PIN, once it is counted, and compares it with the one before.
async fn hash(desk: &Desk, known: &Known, client: &Client, pin: &Pin) -> Result<Hashed, SetFault> {
    let tenant = &known.tenant.id;
    let place = desk.hasher.admit()?;
    let tx = desk.store.begin().await?;
    if tx.of(tenant).count_try(&known.link.id).await?.is_none() {
        // Over since it was looked at, or its tries are used up.
        still_opens(desk, known, &tx).await?;
        return Err(known.over(Over::Voided).into());
    }
    let before = tx.of(tenant).pin(&client.id).await?;
    tx.commit().await?;
    let of = Of { tenant, client: &client.id };
    if let Some(before) = before {
        let stored = Hashed { text: before.hash, key: before.key };
        if place.matches(pin, &stored, of).await?.ok {
            return Err(SetFault::Same);
        }
    }
    Ok(place.hash(pin, of).await?)
}

/// Looks at the link again.
async fn still_opens(desk: &Desk, known: &Known, tx: &Tx) -> Result<(), LinkFault> {
    let current = tx.of(&known.tenant.id).challenge(&known.link.id).await?;
    let epoch = desk.directory.get().epoch;
    let state = current.map_or(State::Cancelled, |link| link.state(desk.time.now(), epoch));
    link::may_open(state).map_err(|why| known.over(why))
}

/// Writes the PIN, if the link still is what it was.
async fn settle(
    desk: &Desk,
    known: &Known,
    client: &Client,
    hashed: Hashed,
    from: &SetFrom,
) -> Result<PinSet, SetFault> {
    let (tenant, link) = (&known.tenant, &known.link);
    let tx = desk.store.begin().await?;
    let locked = tx.of(&tenant.id).lock_client(&client.id).await?;
    let client = known.of(locked, desk.time.now())?;
    let contact = Actor::Contact(link.contact.as_str().to_owned());
    let origin = Origin { actor: contact, from: from.address.clone() };
    let mut case = Case::on(desk, tx, tenant, client, origin);
    still_opens(desk, known, &case.tx).await?;
    case.settle().await?;
    let is_reset = case.client.standing.pin.set.is_some();
    let pin = StoredPin::new(hashed.text, hashed.key, case.now);
    spend(desk, &mut case, link, from).await?;
    case.tx.of(&tenant.id).set_pin(&case.client.id, &pin).await?;
    let notices = notices(desk, &case, link).await?;
    case.send(&notices);
    tell(&mut case, link, is_reset, notices.len());
    let set_at = case.now;
    case.commit().await?;
    Ok(PinSet { tenant: Arc::clone(tenant), locale: known.locale(), is_reset, set_at })
}

/// Ends the link as used: by a guarded update, so that of many at once one is.
async fn spend(desk: &Desk, case: &mut Case<'_>, link: &Challenge, from: &SetFrom) -> Result<(), SetFault> {
    let contact = Named { id: link.contact.clone(), name: link.contact_name.clone() };
    if case.end_link(State::Verified).await?.as_ref() != Some(&link.id) {
        return Err(StoreError::Guard("link").into());
    }
    if !from.device.is_empty() {
        let token: Token = super::send_link::token(desk, &case.tenant, link)?;
        case.tx.of(&case.tenant.id).note_device(&token.hash(), &from.device).await?;
    }
    case.client.standing.pin.set = Some(Set { at: case.now, by: contact, locked: false });
    Ok(())
}

/// What tells of the new PIN, to every detail on file and to those that were there until lately.
async fn notices(desk: &Desk, case: &Case<'_>, link: &Challenge) -> Result<Vec<Message>, StoreError> {
    let former = case.tx.of(&case.tenant.id).former(&case.client.id, case.now).await?;
    let mut messages: Vec<Message> = Vec::new();
    for (contact, channel, destination) in notice::recipients(&case.tenant, &case.client.contacts, &former) {
        let way = (channel, &destination);
        let message = dispatch::message(desk, case, link, way, Purpose::PinChanged);
        // Several contacts may share an address.
        if messages.iter().all(|m| m.destination != message.destination) {
            messages.push(Message { contact: contact.id.clone(), ..message });
        }
    }
    Ok(messages)
}

fn tell(case: &mut Case<'_>, link: &Challenge, is_reset: bool, notices: usize) {
    case.changed();
    case.tell(EventType::PinSet, Some(&link.id));
    case.note(Note {
        action: "pin.set",
        outcome: if is_reset { "reset" } else { "set" },
        contact: link.contact.as_str(),
        object: link.id.as_str(),
        detail: json!({"notices": notices}),
    });
}
