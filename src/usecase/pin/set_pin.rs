//! The client sets a PIN by a link, which is spent by it.

use std::sync::Arc;

use crate::domain::locale::Locale;
use crate::domain::pin::link::Over;
use crate::domain::pin::secret::{Pin, Weakness};
use crate::domain::tenant::Tenant;
use crate::domain::timestamp::Timestamp;
use crate::usecase::{Desk, Failure};

use super::open_link::LinkFault;

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

/// Sets a PIN.
///
/// # Errors
/// [`SetFault`]
pub async fn set_pin(_desk: &Desk, _token: &str, _pin: &Pin, _from: &SetFrom) -> Result<PinSet, SetFault> {
    Err(SetFault::Link(LinkFault::Over { why: Over::Unknown, tenant: None, locale: None }))
}
