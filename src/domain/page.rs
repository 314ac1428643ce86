//! What lists are made of: a page asked for, and the items of those that are no aggregate of their own.

use super::timestamp::Timestamp;

/// Which page of a list.
#[derive(Clone, Debug)]
pub struct Page {
    /// The last id of the page before.
    pub after: Option<String>,
    pub size: u64,
    pub since: Option<Timestamp>,
    pub until: Option<Timestamp>,
}

/// What a push to a host can be.
pub const EVENT_STATES: [&str; 3] = ["pending", "delivered", "parked"];

/// What one column must be, where the caller asks for it.
pub type Wanted = Option<String>;

/// An event with what became of it.
#[derive(Clone, Debug)]
pub struct ListedEvent {
    pub id: String,
    pub kind: String,
    pub client: String,
    pub state: String,
    pub attempts: u32,
    pub last_status: Option<i32>,
    pub last_error: Option<String>,
    pub created_at: Timestamp,
    pub changed_at: Timestamp,
    pub next_at: Option<Timestamp>,
}

/// An entry of the audit log.
#[derive(Clone, Debug)]
pub struct ListedEntry {
    pub id: String,
    pub at: Timestamp,
    pub actor_kind: String,
    pub actor: String,
    pub from: String,
    pub action: String,
    pub client: String,
    pub contact: String,
    pub object: String,
    pub outcome: String,
    pub detail: String,
}
