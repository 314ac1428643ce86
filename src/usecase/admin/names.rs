//! Who the ids of audit entries are, as far as anything that is kept still names them: the record itself holds ids only.

use std::collections::{BTreeSet, HashMap};

use crate::domain::id::{ClientId, TenantId, UserId};
use crate::domain::page::ListedEntry;
use crate::domain::tenant::Tenant;
use crate::store::StoreError;
use crate::usecase::Desk;

/// Names by the kind of an actor and its id.
#[derive(Default)]
pub struct Names(HashMap<(String, String), String>);

impl Names {
    /// Who did it, where that is known.
    pub fn of(&self, entry: &ListedEntry) -> Option<&str> {
        self.0.get(&(entry.actor_kind.clone(), actor(entry))).map(String::as_str)
    }
}

/// A contact is one of a client.
fn actor(entry: &ListedEntry) -> String {
    if entry.actor_kind == "contact" {
        format!("{}/{}", entry.client, entry.actor)
    } else {
        entry.actor.clone()
    }
}

/// Looks up who is in these entries: one query for each kind.
///
/// # Errors
/// [`StoreError`]
pub async fn names(desk: &Desk, tenant: &Tenant, entries: &[ListedEntry]) -> Result<Names, StoreError> {
    let mut names = Names::default();
    let console = &desk.directory.console().id;
    // A CRM names its agents as it names its users.
    for (kind, of) in [("admin", console), ("agent", &tenant.id)] {
        users(desk, (kind, of), entries, &mut names).await?;
    }
    let own = entries.iter().filter(|entry| entry.actor_kind == "contact");
    let clients: BTreeSet<_> = own.filter_map(|entry| ClientId::parse(&entry.client).ok()).collect();
    let clients: Vec<_> = clients.into_iter().collect();
    for client in desk.store.of(&tenant.id).clients(&clients).await? {
        for contact in &client.contacts {
            let id = ("contact".to_owned(), format!("{}/{}", client.id, contact.id));
            names.0.insert(id, contact.name.clone());
        }
    }
    Ok(names)
}

async fn users(
    desk: &Desk,
    (kind, of): (&str, &TenantId),
    entries: &[ListedEntry],
    names: &mut Names,
) -> Result<(), StoreError> {
    let own = entries.iter().filter(|entry| entry.actor_kind == kind);
    let ids: BTreeSet<_> = own.filter_map(|entry| UserId::parse(&entry.actor).ok()).collect();
    let ids: Vec<_> = ids.into_iter().collect();
    for user in desk.store.of(of).users_among(&ids).await? {
        names.0.insert((kind.to_owned(), user.id.to_string()), user.person.name);
    }
    Ok(())
}
