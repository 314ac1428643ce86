//! Names to addresses, each address checked: what was checked is what is dialled.
//!
//! Owns the filter between a resolver and whoever connects, so that a name which changes between a check and a
//! connection gains nothing. The rules themselves are the domain's.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use async_trait::async_trait;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::fault::Fault;
use crate::domain::address::{AddressRules, Reach};

/// Something that resolves names.
#[async_trait]
pub trait Lookup: Send + Sync {
    /// Every address, IPv4 and IPv6, that the name has now.
    async fn lookup(&self, name: &str) -> io::Result<Vec<IpAddr>>;
}

/// The operating system's resolver.
pub struct SystemLookup;

#[async_trait]
impl Lookup for SystemLookup {
    async fn lookup(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        Ok(tokio::net::lookup_host((name, 0)).await?.map(|address| address.ip()).collect())
    }
}

/// Resolves a name, and refuses it whole if one of its addresses is out of reach.
///
/// # Errors
/// A name without an address, or with a forbidden one.
pub async fn resolve(
    lookup: &dyn Lookup,
    name: &str,
    check: impl Fn(IpAddr) -> Result<(), Fault>,
) -> Result<Vec<IpAddr>, Fault> {
    let addresses = lookup.lookup(name).await.map_err(|_| Fault::NoAddress)?;
    if addresses.is_empty() {
        return Err(Fault::NoAddress);
    }
    addresses.iter().try_for_each(|ip| check(*ip))?;
    Ok(addresses)
}

/// The resolver inside an HTTP client: one reach for all that the client dials.
#[derive(Clone)]
pub(super) struct GuardedResolver {
    pub(super) lookup: Arc<dyn Lookup>,
    pub(super) rules: Arc<AddressRules>,
    pub(super) reach: Reach,
}

impl GuardedResolver {
    async fn addresses(&self, name: &str) -> Result<Vec<IpAddr>, Fault> {
        let check = |ip| self.rules.check_reach(ip, self.reach).map_err(Fault::Refused);
        resolve(&*self.lookup, name, check).await
    }
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let guarded = self.clone();
        Box::pin(async move {
            let addresses = guarded.addresses(name.as_str()).await?;
            // The client puts the port of the URL in place of 0.
            Ok(Box::new(addresses.into_iter().map(|ip| SocketAddr::new(ip, 0))) as Addrs)
        })
    }
}
