//! What is behind a link: reading it changes nothing, however often mail scanners do.

use std::sync::Arc;

use crate::domain::contact::Phone;
use crate::domain::id::ClientId;
use crate::domain::locale::Locale;
use crate::domain::pin::link::Over;
use crate::domain::tenant::Tenant;
use crate::domain::timestamp::Timestamp;
use crate::usecase::{Desk, Failure};

/// What the page behind a link that still opens shows.
pub struct LinkView {
    pub tenant: Arc<Tenant>,
    pub client: ClientId,
    pub client_name: String,
    pub contact_name: String,
    /// The language that the contact is written to in.
    pub locale: Locale,
    /// Whether the client has a PIN already.
    pub is_reset: bool,
    pub expires_at: Timestamp,
    pub digits: u32,
    /// The client's own numbers, of which a PIN must be no part.
    pub phones: Vec<Phone>,
}

/// Why a link does not open.
#[derive(Debug)]
pub enum LinkFault {
    /// The link is over; the tenant and the contact's language where they are known, for the page that says so.
    Over { why: Over, tenant: Option<Arc<Tenant>>, locale: Option<Locale> },
    /// The database's.
    Failed(Failure),
}

/// Opens a link by what stands after `/p/`.
///
/// # Errors
/// [`LinkFault`]
pub async fn open_link(_desk: &Desk, _token: &str) -> Result<LinkView, LinkFault> {
    Err(LinkFault::Over { why: Over::Unknown, tenant: None, locale: None })
}
