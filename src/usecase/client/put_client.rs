//! The host tells a client with its whole list of contacts.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use crate::domain::audit::Origin;
use crate::domain::challenge::State;
use crate::domain::client::{Client, Standing};
use crate::domain::contact::Contact;
use crate::domain::event::EventType;
use crate::domain::id::ClientId;
use crate::domain::listing;
use crate::domain::pin::notice;
use crate::domain::tenant::Tenant;
use crate::domain::timestamp::Timestamp;
use crate::usecase::case::{Known, Note, Opened};
use crate::usecase::pin::cancel_link::cancel_link;
use crate::usecase::pin::lock_pin;
use crate::usecase::{Case, Desk, Failure};

/// A host's clock may be ahead by as much as a webhook's time may differ (Standard Webhooks 1.0.0).
const AHEAD_MOST: Duration = Duration::from_secs(300);

/// A client as the host tells it.
#[derive(Clone, Debug)]
pub struct Told {
    pub id: ClientId,
    pub name: String,
    pub created_at: Option<Timestamp>,
    /// Whether this client must have a PIN, whatever its age; `None` leaves it as it is.
    pub pin_required: Option<bool>,
    pub contacts: Vec<Contact>,
    /// When the host says it was so; `None` is now.
    pub at: Option<Timestamp>,
}

/// Stores the client; the list replaces the one that was there. Says whether the client is new.
///
/// # Errors
/// `Invalid` for a list that is too long or names somebody twice; then nothing changes.
pub async fn put_client(
    desk: &Desk,
    tenant: &Arc<Tenant>,
    told: Told,
    origin: Origin,
) -> Result<(Client, bool), Failure> {
    check(&told)?;
    let blank = blank(tenant, &told, desk.time.now());
    match Case::open_or_create(desk, tenant, blank, None, origin).await? {
        Opened::Case { mut case, known } => {
            apply(&mut case, told, known).await?;
            Ok((case.commit().await?, known != Known::Yes))
        }
        Opened::Seen(_) => Err(crate::store::StoreError::Guard("inbound").into()),
    }
}

/// Refuses what cannot be a list, before anything is changed.
///
/// # Errors
/// `Invalid`
pub fn check(told: &Told) -> Result<(), Failure> {
    listing::check(&told.contacts).map_err(|e| Failure::Invalid(e.to_string()))
}

/// A row for a client that has none, as if it had been heard of just now.
pub fn blank(tenant: &Tenant, told: &Told, now: Timestamp) -> Client {
    Client {
        tenant: tenant.id.clone(),
        id: told.id.clone(),
        name: told.name.clone(),
        created_at: told.created_at.unwrap_or(now),
        listed_at: Timestamp::from_millis(0),
        contacts: Vec::new(),
        standing: Standing::default(),
        version: 0,
        removed: false,
    }
}

/// Applies what was told to a locked client. Settles it first; a list older than the one kept changes nothing.
///
/// # Errors
/// The database's.
pub async fn apply(case: &mut Case<'_>, told: Told, known: Known) -> Result<(), Failure> {
    case.settle().await?;
    if is_late(case, told.at) {
        note(case, "too_old", json!({}));
        return Ok(());
    }
    let created = known != Known::Yes;
    let before = (known != Known::No).then_some(case.client.contacts.as_slice());
    let list = listing::dated(&case.tenant, before, told.contacts, case.now);
    let pending = case.client.standing.pending.clone();
    let ended = pending.filter(|p| listing::ends_pending(&case.tenant, &case.client, p, &list));
    let link = case.client.standing.pin.link.clone();
    let voided = link.is_some_and(|l| listing::ends_pending(&case.tenant, &case.client, &l, &list));
    if case.tenant.policy.pin.enabled {
        let gone = notice::gone(&case.tenant, before.unwrap_or_default(), &list);
        case.tx.of(&case.tenant.id).keep_former(&case.client.id, &gone, case.now).await?;
    }
    let required = told.pin_required.unwrap_or(case.client.standing.pin.required);
    let same = !created && list == case.client.contacts && told.name == case.client.name;
    let created_at = told.created_at.unwrap_or(case.client.created_at);
    // What the tenant requires of a client goes by its age, so another one is another status.
    if created || created_at != case.client.created_at || required != case.client.standing.pin.required {
        case.changed();
    }
    case.client.standing.pin.required = required;
    case.client.name = told.name;
    case.client.created_at = created_at;
    case.client.listed_at = case.client.listed_at.max(told_at(case, told.at));
    case.client.contacts = list;
    case.client.removed = false;
    if let Some(pending) = ended {
        case.end_pending(State::Cancelled).await?;
        case.changed();
        case.tell(EventType::Cancelled, Some(&pending.challenge));
        let (contact, object) = (pending.contact.id.as_str(), pending.challenge.as_str());
        let detail = json!({"because": "contact_changed"});
        case.note(Note { action: "code.cancel", outcome: "cancelled", contact, object, detail });
    }
    if voided {
        cancel_link(case, "contact_changed").await?;
    }
    lock_pin::lock_if_orphaned(case).await?;
    if !same {
        let outcome = if created { "created" } else { "changed" };
        note(case, outcome, json!({"contacts": case.client.contacts.len()}));
    }
    Ok(())
}

/// Whether this was said before what is kept. A call of the API is as new as it arrives; a webhook carries the
/// host's own time, often in whole seconds.
pub fn is_late(case: &Case<'_>, said_at: Option<Timestamp>) -> bool {
    said_at.is_some() && told_at(case, said_at).seconds() < case.client.listed_at.seconds()
}

/// When something was said. A time absurdly ahead counts as now, lest it shut out the host's own later lists.
pub fn told_at(case: &Case<'_>, said_at: Option<Timestamp>) -> Timestamp {
    said_at.filter(|at| *at <= case.now + AHEAD_MOST).unwrap_or(case.now)
}

fn note(case: &mut Case<'_>, outcome: &'static str, detail: serde_json::Value) {
    case.note(Note { action: "client.put", outcome, contact: "", object: "", detail });
}
