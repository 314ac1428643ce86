//! The client sets a PIN by a link, which is spent by it.
//!
//! Hashing takes a while and no transaction is open meanwhile: so often as a link allows, counted before. Whatever has
//! happened to the link by then is looked at again under the client's lock.

use std::sync::Arc;

use serde_json::json;

use crate::domain::challenge::{Challenge, State};
use crate::domain::client::{Client, Named};
use crate::domain::event::EventType;
use crate::domain::id::ClientId;
use crate::domain::locale::Locale;
use crate::domain::message::{Message, Purpose};
use crate::domain::pin::link::{Over, Token};
use crate::domain::pin::notice;
use crate::domain::pin::secret::{self, Pin, Weakness};
use crate::domain::pin::standing::Set;
use crate::domain::pin::tries::StoredPin;
use crate::domain::proof::BrowserToken;
use crate::domain::refusal::Refusal;
use crate::domain::tenant::Tenant;
use crate::domain::timestamp::Timestamp;
use crate::store::StoreError;
use crate::usecase::case::Note;
use crate::usecase::client::dispatch;
use crate::usecase::{Case, Desk, Failure};

use super::hasher::{Admission, HashFault, Hashed, Of, Whose};
use super::open_link::{self, Known, LinkFault};

/// Where a PIN was set from.
#[derive(Clone, Debug)]
pub struct SetFrom {
    /// The address of the caller, for the record.
    pub address: String,
    /// The device in words that are the same in every language, such as `iPhone, Safari`; empty where it is not known.
    pub device: String,
    /// What it brought along, where a code was typed in it.
    pub browser: Option<BrowserToken>,
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
    /// The code that is asked for first was not typed in this browser; the link stays as it is.
    Unconfirmed,
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
    known.confirmed(&client, from)?;
    if let Some(weakness) = secret::weakness(pin, &open_link::phones(&client)) {
        return Err(SetFault::Weak(weakness));
    }
    let hashed = hash(desk, &known, &client, pin, from).await?;
    settle(desk, &known, &client.id, hashed, from).await
}

/// Hashes the PIN, once it is counted, and compares it with the one before.
async fn hash(
    desk: &Desk,
    known: &Known,
    client: &Client,
    pin: &Pin,
    from: &SetFrom,
) -> Result<Hashed, SetFault> {
    let place = desk.hasher.admit(&known.tenant.id)?;
    let before = count(desk, known, client, from).await?;
    let hashed =
        make(desk, &place, before, pin, Of { tenant: &known.tenant.id, whose: Whose::Pin(&client.id) }).await;
    if let Err(SetFault::Failed(_)) = &hashed {
        give_back(desk, known, client, from).await?;
    }
    hashed
}

/// Counts one PIN on the link, for good, and reads the one that is set.
async fn count(
    desk: &Desk,
    known: &Known,
    client: &Client,
    from: &SetFrom,
) -> Result<Option<StoredPin>, SetFault> {
    let tenant = &known.tenant.id;
    let tx = desk.store.begin().await?;
    let Some(counted) = tx.of(tenant).count_try(&known.link.id).await? else {
        // Over since it was looked at, or its tries are used up.
        known.still_opens(desk, &tx).await?;
        return Err(known.over(Over::Voided).into());
    };
    let before = tx.of(tenant).pin(&client.id).await?;
    let mut case = known.case(desk, tx, client.clone(), &from.address);
    note(&mut case, &known.link, "counted", json!({"try": counted.tries}));
    case.commit_notes().await?;
    Ok(before)
}

/// One that came to nothing on our side is not held against the link.
async fn give_back(desk: &Desk, known: &Known, client: &Client, from: &SetFrom) -> Result<(), SetFault> {
    let tx = desk.store.begin().await?;
    if tx.of(&known.tenant.id).uncount_try(&known.link.id).await? {
        let mut case = known.case(desk, tx, client.clone(), &from.address);
        note(&mut case, &known.link, "given_back", json!({}));
        case.commit_notes().await?;
    }
    Ok(())
}

async fn make(
    desk: &Desk,
    place: &Admission,
    before: Option<StoredPin>,
    pin: &Pin,
    of: Of<'_>,
) -> Result<Hashed, SetFault> {
    // One whose key is gone is not to be compared, and a new PIN is the way out.
    if let Some(before) = before.filter(|before| desk.hasher.has_key(before.key)) {
        let stored = Hashed { text: before.hash, key: before.key };
        if place.matches(pin.expose(), &stored, of).await?.ok {
            return Err(SetFault::Same);
        }
    }
    Ok(place.hash(pin.expose(), of).await?)
}

impl Known {
    fn confirmed(&self, client: &Client, from: &SetFrom) -> Result<(), SetFault> {
        if self.is_asked(client, from.browser.as_ref()) { Err(SetFault::Unconfirmed) } else { Ok(()) }
    }
}

/// Writes the PIN, if the link still is what it was.
async fn settle(
    desk: &Desk,
    known: &Known,
    client: &ClientId,
    hashed: Hashed,
    from: &SetFrom,
) -> Result<PinSet, SetFault> {
    let (tenant, link) = (&known.tenant, &known.link);
    let mut case = known.lock(desk, client, &from.address).await?;
    known.confirmed(&case.client, from)?;
    if case.tx.of(&tenant.id).former_full_until(&case.client.id, case.now).await?.is_some() {
        return Err(known.over(Over::Voided).into());
    }
    let is_reset = case.client.standing.pin.set.is_some();
    let pin = StoredPin::new(hashed.text, hashed.key, case.now);
    spend(desk, &mut case, link, from).await?;
    case.tx.of(&tenant.id).set_pin(&case.client.id, &pin).await?;
    let purpose = if is_reset { Purpose::PinChanged } else { Purpose::PinSet };
    let notices = notices(desk, &case, link, purpose).await?;
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
    case.client.standing.pin.set = Some(Set { at: case.now, by: contact, locked: false, locks_at: None });
    Ok(())
}

/// What tells of the new PIN, to every detail on file and to those that were there until lately.
async fn notices(
    desk: &Desk,
    case: &Case<'_>,
    link: &Challenge,
    purpose: Purpose,
) -> Result<Vec<Message>, StoreError> {
    let former = case.tx.of(&case.tenant.id).former(&case.client.id, case.now).await?;
    let mut messages: Vec<Message> = Vec::new();
    for (contact, channel, destination) in notice::recipients(&case.tenant, &case.client.contacts, &former) {
        let way = (channel, &destination);
        let message = dispatch::message(desk, case, link, way, purpose);
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
    note(case, link, if is_reset { "reset" } else { "set" }, json!({"notices": notices}));
}

fn note(case: &mut Case<'_>, link: &Challenge, outcome: &'static str, detail: serde_json::Value) {
    let (contact, object) = (link.contact.as_str(), link.id.as_str());
    case.note(Note { action: "pin.set", outcome, contact, object, detail });
}
