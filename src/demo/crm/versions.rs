//! The newest version seen of every client: what is older has been overtaken on its way.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// What has been seen so far.
#[derive(Default)]
pub struct Versions(Mutex<HashMap<(String, String), u64>>);

impl Versions {
    /// Whether a version is not older than the newest seen, which it then is.
    pub fn advance(&self, tenant: &str, client: &str, version: u64) -> bool {
        let mut versions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let newest = versions.entry((tenant.to_owned(), client.to_owned())).or_insert(version);
        *newest = version.max(*newest);
        *newest == version
    }
}
