//! A list of the console as a table, page by page: exactly what its filter finds, newest first.
//!
//! Each page goes on from the last id of the one before. What arrives meanwhile is newer than all of them, so it is in none,
//! and nothing is left out or there twice.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::domain::audit::Entry;
use crate::domain::cell::harmless;
use crate::domain::id::{AuditId, UserId};
use crate::domain::login::UserView;
use crate::domain::message::Message;
use crate::domain::page::{ListedEntry, ListedEvent, Page, Wanted};
use crate::domain::tenant::Tenant;
use crate::domain::timestamp::Timestamp;
use crate::store::StoreError;
use crate::usecase::login::view_user;
use crate::usecase::{Caller, Desk, Failure};

/// Which list, and what of it.
#[derive(Clone, Debug)]
pub enum List {
    /// By client, action and actor.
    Audit([Wanted; 3]),
    /// By client, channel and state.
    Messages([Wanted; 3]),
    /// By type, state and client.
    Events([Wanted; 3]),
    Users(view_user::Wanted),
}

impl List {
    /// The word in addresses, names of files and the record.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Audit(_) => "audit",
            Self::Messages(_) => "messages",
            Self::Events(_) => "events",
            Self::Users(_) => "users",
        }
    }

    /// The first row of the table. Programs read it, too: it is the same in every language.
    pub fn columns(&self) -> &'static [&'static str] {
        match self {
            Self::Audit(_) => &[
                "id",
                "at",
                "actor_kind",
                "actor",
                "from",
                "action",
                "client",
                "contact",
                "object",
                "outcome",
                "detail",
            ],
            Self::Messages(_) => &[
                "id",
                "at",
                "client",
                "contact",
                "to",
                "purpose",
                "channel",
                "state",
                "detail",
                "attempts",
                "changed_at",
            ],
            Self::Events(_) => {
                &["id", "at", "type", "client", "state", "last_status", "last_error", "attempts", "next_at"]
            }
            Self::Users(_) => &[
                "id",
                "name",
                "role",
                "email",
                "state",
                "methods",
                "backup_codes_left",
                "required",
                "required_from",
                "exempt_until",
                "enrolled_at",
                "last_sign_in",
            ],
        }
    }

    /// The filter for the record. What is searched for may be a name, so it is not on it.
    fn filter(&self, since: Option<Timestamp>) -> Value {
        match self {
            Self::Audit([client, action, actor]) => {
                json!({"client": client, "action": action, "actor": actor, "since": since})
            }
            Self::Messages([client, channel, state]) => {
                json!({"client": client, "channel": channel, "state": state, "since": since})
            }
            Self::Events([kind, state, client]) => {
                json!({"type": kind, "state": state, "client": client, "since": since})
            }
            Self::Users(wanted) => json!({
                "view": wanted.group, "method": wanted.method, "searched": !wanted.search.is_empty(),
            }),
        }
    }
}

/// The rows of one page.
pub type Rows = Vec<Vec<String>>;

/// A table that is being handed out.
pub struct Export {
    desk: Desk,
    tenant: Arc<Tenant>,
    list: List,
    page: Page,
    /// Whether there may be more.
    more: bool,
}

/// Reads the first page and puts on the record who asked for what. That entry is in no page.
///
/// # Errors
/// The database's; then nothing was handed out.
pub async fn begin_export(
    desk: &Desk,
    tenant: &Arc<Tenant>,
    list: List,
    (since, size): (Option<Timestamp>, u64),
    caller: &Caller,
) -> Result<(Rows, Export), Failure> {
    let page = Page { after: None, size, since, until: None };
    let mut export = Export { desk: desk.clone(), tenant: Arc::clone(tenant), list, page, more: true };
    let first = export.next().await?.unwrap_or_default();
    let tx = desk.store.begin().await?;
    let (at, chance) = desk.draw();
    let (id, done) = (AuditId::new(at, chance), ("list.export", "exported"));
    let filter = export.list.filter(since);
    let origin = caller.origin.clone();
    let entry = Entry::of_tenant(id, &tenant.id, at, origin, done, export.list.name(), filter);
    tx.of(&tenant.id).insert_audit(&[entry]).await?;
    tx.commit().await?;
    Ok((first, export))
}

impl Export {
    pub fn list(&self) -> &List {
        &self.list
    }

    /// The next page, while there is one.
    ///
    /// # Errors
    /// [`StoreError`]; the table then ends too early.
    pub async fn next(&mut self) -> Result<Option<Rows>, StoreError> {
        if !self.more {
            return Ok(None);
        }
        let (found, rows) = self.read().await?;
        self.more = found == usize::try_from(self.page.size).unwrap_or(usize::MAX);
        Ok(Some(rows))
    }

    /// How many were read, and the rows of those that are asked for.
    async fn read(&mut self) -> Result<(usize, Rows), StoreError> {
        let of = self.desk.store.of(&self.tenant.id);
        let (last, found, rows) = match &self.list {
            List::Audit(wanted) => {
                let found = of.list_audit(&self.page, wanted.each_ref()).await?;
                paged(&found, |one| &one.id, entry)
            }
            List::Messages([client, channel, state]) => {
                let found = of.list_messages(&self.page, [client, &None, channel, state]).await?;
                paged(&found, |one| one.id.as_str(), message)
            }
            List::Events(wanted) => {
                let found = of.list_events(&self.page, wanted.each_ref()).await?;
                paged(&found, |one| &one.id, event)
            }
            List::Users(wanted) => {
                let after = self.page.after.as_deref().and_then(|id| UserId::parse(id).ok());
                let users = of.users_after(after.as_ref(), self.page.size).await?;
                let (policy, now) = (&self.tenant.policy.login, self.desk.time.now());
                let views: Vec<_> = users.iter().map(|one| one.view(policy, now)).collect();
                let asked: Vec<_> = views.iter().filter(|view| wanted.asks_for(view)).cloned().collect();
                let (_, _, rows) = paged(&asked, |one| one.id.as_str(), user);
                (views.last().map(|one| one.id.as_str().to_owned()), views.len(), rows)
            }
        };
        if last.is_some() {
            self.page.after = last;
        }
        Ok((found, rows))
    }
}

/// The id to go on from, how many there are, and their rows.
fn paged<T>(
    found: &[T],
    id: impl Fn(&T) -> &str,
    row: impl Fn(&T) -> Vec<String>,
) -> (Option<String>, usize, Rows) {
    let cells = |one: &T| row(one).iter().map(|cell| harmless(cell).into_owned()).collect();
    (found.last().map(|one| id(one).to_owned()), found.len(), found.iter().map(cells).collect())
}

fn moment(at: Option<Timestamp>) -> String {
    at.map(|at| at.to_string()).unwrap_or_default()
}

fn entry(one: &ListedEntry) -> Vec<String> {
    let before = [one.id.clone(), one.at.to_string()];
    let after = [
        &one.actor_kind,
        &one.actor,
        &one.from,
        &one.action,
        &one.client,
        &one.contact,
        &one.object,
        &one.outcome,
        &one.detail,
    ];
    before.into_iter().chain(after.map(Clone::clone)).collect()
}

fn message(one: &Message) -> Vec<String> {
    let client = if one.purpose.is_to_user() { "" } else { one.client.as_str() };
    vec![
        one.id.to_string(),
        one.created_at.to_string(),
        client.to_owned(),
        one.contact.to_string(),
        one.masked.clone(),
        one.purpose.as_str().to_owned(),
        one.channel.as_str().to_owned(),
        one.state.as_str().to_owned(),
        one.detail.clone().unwrap_or_default(),
        one.attempts.to_string(),
        one.changed_at.to_string(),
    ]
}

fn event(one: &ListedEvent) -> Vec<String> {
    vec![
        one.id.clone(),
        one.created_at.to_string(),
        one.kind.clone(),
        one.client.clone(),
        one.state.clone(),
        one.last_status.map(|status| status.to_string()).unwrap_or_default(),
        one.last_error.clone().unwrap_or_default(),
        one.attempts.to_string(),
        moment(one.next_at),
    ]
}

fn user(one: &UserView) -> Vec<String> {
    let methods: Vec<_> = one.methods.iter().map(|method| method.as_str()).collect();
    vec![
        one.id.to_string(),
        one.name.clone(),
        one.role.clone(),
        one.email.clone().unwrap_or_default(),
        one.state.as_str().to_owned(),
        methods.join(" "),
        one.backup_codes_left.to_string(),
        one.required.to_string(),
        moment(one.required_from),
        moment(one.exempt_until),
        moment(one.enrolled_at),
        moment(one.last_sign_in),
    ]
}
