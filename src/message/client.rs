//! The way out for providers: anywhere for the operator's settings, within the address rules for a tenant's.
//!
//! Owns that choice. The only file of this module that knows `host`, whose guarded clients it shares.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Client;
use url::{Host, Url};

use super::EnteredBy;
use super::outcome::{Detail, Outcome};
use crate::domain::address::AddressRules;
use crate::host::guard::{Guard, open_client};

pub use crate::host::fault::{Fault, certificate};
pub use crate::host::guard::{NoClient, read_some};
pub use crate::host::resolver::{Lookup, SystemLookup};

/// The clients for both kinds of settings.
pub(super) struct Wire {
    guard: Guard,
    open: Client,
    lookup: Arc<dyn Lookup>,
}

impl Wire {
    pub(super) fn new(
        rules: AddressRules,
        lookup: Arc<dyn Lookup>,
        timeout: Duration,
    ) -> Result<Self, NoClient> {
        Ok(Self { guard: Guard::new(rules, lookup.clone(), timeout)?, open: open_client(timeout)?, lookup })
    }

    /// The client that may dial this URL.
    pub(super) fn http(&self, entered_by: EnteredBy, url: &Url) -> Result<&Client, Fault> {
        match entered_by {
            EnteredBy::Operator => Ok(&self.open),
            EnteredBy::Tenant => self.guard.client(url).map_err(Fault::Refused),
        }
    }

    /// The addresses of a mail relay, those that will be dialled.
    pub(super) async fn relay(
        &self,
        entered_by: EnteredBy,
        host: &str,
        port: u16,
    ) -> Result<Vec<SocketAddr>, Fault> {
        if entered_by == EnteredBy::Tenant {
            return self.guard.relay(host, port).await;
        }
        let ips = match Host::parse(host).map_err(|_| Fault::NoAddress)? {
            Host::Domain(name) => self.lookup.lookup(&name).await.map_err(|_| Fault::NoAddress)?,
            Host::Ipv4(ip) => vec![ip.into()],
            Host::Ipv6(ip) => vec![ip.into()],
        };
        Ok(ips.into_iter().map(|ip| SocketAddr::new(ip, port)).collect())
    }
}

impl From<Fault> for Outcome {
    fn from(fault: Fault) -> Self {
        let detail = match fault {
            Fault::Refused(_) => Detail::ProviderMisconfigured,
            Fault::NoAddress | Fault::Connect | Fault::Tls => Detail::ProviderDown,
            Fault::Timeout => Detail::Timeout,
            Fault::Broken => Detail::UnknownOutcome,
        };
        Self::temporary(detail, fault.to_string())
    }
}
