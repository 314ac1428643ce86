//! The host tells a client with its whole list of contacts.

use std::sync::Arc;

use serde_json::json;

use crate::domain::audit::Origin;
use crate::domain::challenge::State;
use crate::domain::client::{Client, Standing};
use crate::domain::contact::Contact;
use crate::domain::event::EventType;
use crate::domain::id::ClientId;
use crate::domain::listing;
use crate::domain::tenant::Tenant;
use crate::domain::timestamp::Timestamp;
use crate::usecase::case::{Note, Opened};
use crate::usecase::{Case, Desk, Failure};

/// A client as the host tells it.
#[derive(Clone, Debug)]
pub struct Told {
    pub id: ClientId,
    pub name: String,
    pub created_at: Option<Timestamp>,
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
        Opened::Case { mut case, created } => {
            apply(&mut case, told, created).await?;
            Ok((case.commit().await?, created))
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

/// Applies what was told to a locked client. Settles it first; a list older than the one kept, or than the client's
/// removal, changes nothing.
///
/// # Errors
/// The database's.
pub async fn apply(case: &mut Case<'_>, told: Told, created: bool) -> Result<(), Failure> {
    case.settle().await?;
    // A host whose clock runs ahead must not shut out its own later lists.
    let at = told.at.unwrap_or(case.now).min(case.now);
    if told.at.is_some() && at < case.client.listed_at {
        note(case, "too_old", json!({}));
        return Ok(());
    }
    let before = (!created).then_some(case.client.contacts.as_slice());
    let list = listing::dated(&case.tenant, before, told.contacts, case.now);
    let pending = case.client.standing.pending.clone();
    let ended = pending.filter(|p| listing::ends_pending(&case.tenant, &case.client, p, &list));
    let same = !created && list == case.client.contacts && told.name == case.client.name;
    let created_at = told.created_at.unwrap_or(case.client.created_at);
    // What the tenant requires of a client goes by its age, so another one is another status.
    if created || created_at != case.client.created_at {
        case.changed();
    }
    case.client.name = told.name;
    case.client.created_at = created_at;
    case.client.listed_at = at;
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
    if !same {
        let outcome = if created { "created" } else { "changed" };
        note(case, outcome, json!({"contacts": case.client.contacts.len()}));
    }
    Ok(())
}

fn note(case: &mut Case<'_>, outcome: &'static str, detail: serde_json::Value) {
    case.note(Note { action: "client.put", outcome, contact: "", object: "", detail });
}
