//! `[host]`: what the service may call of the CRM.

use ipnet::IpNet;

use super::network;
use crate::domain::table::{Key, Shape, Table};

pub(super) const KEYS: &[Key] = &[Key::new(
    "allow_private_callbacks",
    "private networks that may be called nevertheless, such as `127.0.0.0/8` for a CRM on the same machine",
)
.or("[]")
.shaped(Shape::List)];

/// What the service may call of the CRM.
#[derive(Clone, Debug, Default)]
pub struct Host {
    /// Private and special networks that may be called nevertheless.
    pub allow_private_callbacks: Vec<IpNet>,
}

impl Host {
    pub(super) fn read(table: &mut Table<'_, '_>) -> Self {
        Self {
            allow_private_callbacks: table
                .list("allow_private_callbacks", network::parse)
                .unwrap_or_default(),
        }
    }
}
