//! The HTTP clients that everything outgoing uses: no redirect, no proxy, no cookie, one time-out for all of it.
//!
//! Owns the choice between a client that reaches the public internet and one that reaches only named networks.
//! The one place where an HTTP client is built.

use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, Response};
use rustls::ClientConfig;
use rustls_platform_verifier::ConfigVerifierExt as _;
use url::{Host, Url};

use super::fault::Fault;
use super::install_crypto;
use super::resolver::{GuardedResolver, Lookup, resolve};
use crate::domain::address::{AddressRules, Blocked, Reach};

/// How much of an answer is read before the rest is dropped.
const MOST_OF_AN_ANSWER: usize = 20_000;

/// The HTTP client cannot be built on this machine.
#[derive(Debug, thiserror::Error)]
pub enum NoClient {
    #[error("the machine's CA certificates cannot be read; is a store of them installed?")]
    Certificates(#[source] rustls::Error),
    #[error("no HTTP client can be made")]
    Client(#[source] reqwest::Error),
}

/// Dials what somebody else wrote, within the rules.
pub struct Guard {
    rules: Arc<AddressRules>,
    lookup: Arc<dyn Lookup>,
    public: Client,
    named: Client,
}

impl Guard {
    /// # Errors
    /// A machine without certificates to check servers by.
    pub fn new(rules: AddressRules, lookup: Arc<dyn Lookup>, timeout: Duration) -> Result<Self, NoClient> {
        let rules = Arc::new(rules);
        let client = |reach| {
            build(timeout, Some(GuardedResolver { lookup: lookup.clone(), rules: rules.clone(), reach }))
        };
        Ok(Self { public: client(Reach::Public)?, named: client(Reach::Named)?, rules, lookup })
    }

    /// The client that may dial this URL. Literal addresses pass no resolver, so they are checked here.
    ///
    /// # Errors
    /// A URL that breaks a rule.
    pub fn client(&self, url: &Url) -> Result<&Client, Blocked> {
        Ok(match self.rules.check_url(url)? {
            Reach::Public => &self.public,
            Reach::Named => &self.named,
        })
    }

    /// The checked addresses of a mail relay.
    ///
    /// # Errors
    /// A host or an address that breaks a rule, or a name without an address.
    pub async fn relay(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, Fault> {
        let reach = self.rules.check_relay(host, port).map_err(Fault::Refused)?;
        let check = |ip| self.rules.check_reach(ip, reach).map_err(Fault::Refused);
        let name = match Host::parse(host).map_err(|_| Fault::Refused(Blocked::Malformed))? {
            Host::Domain(name) => name,
            Host::Ipv4(ip) => return Ok(vec![SocketAddr::new(ip.into(), port)]),
            Host::Ipv6(ip) => return Ok(vec![SocketAddr::new(ip.into(), port)]),
        };
        let addresses = resolve(&*self.lookup, &name, check).await?;
        Ok(addresses.into_iter().map(|ip| SocketAddr::new(ip, port)).collect())
    }
}

/// A client that dials anything: for what the operator's own file names.
///
/// # Errors
/// A machine without certificates to check servers by.
pub fn open_client(timeout: Duration) -> Result<Client, NoClient> {
    build(timeout, None)
}

#[expect(clippy::disallowed_methods, reason = "the one place that builds an HTTP client")]
fn build(timeout: Duration, resolver: Option<GuardedResolver>) -> Result<Client, NoClient> {
    install_crypto();
    let builder = Client::builder()
        .tls_backend_preconfigured(tls()?)
        .user_agent(concat!("countersign/", env!("CARGO_PKG_VERSION")))
        .redirect(Policy::none())
        .referer(false)
        .no_proxy()
        .timeout(timeout)
        .pool_max_idle_per_host(2);
    let builder = match resolver {
        Some(resolver) => builder.dns_resolver(Arc::new(resolver)),
        None => builder,
    };
    builder.build().map_err(NoClient::Client)
}

/// How servers are checked: once a process, since reading the machine's certificates takes longer than all the rest of a
/// start.
fn tls() -> Result<ClientConfig, NoClient> {
    static MADE: OnceLock<ClientConfig> = OnceLock::new();
    if let Some(made) = MADE.get() {
        return Ok(made.clone());
    }
    let made = ClientConfig::with_platform_verifier().map_err(NoClient::Certificates)?;
    Ok(MADE.get_or_init(|| made).clone())
}

/// Reads at most 20 kB of an answer; what is cut off, or breaks off, is left.
pub async fn read_some(mut response: Response) -> Vec<u8> {
    let mut read = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        let room = MOST_OF_AN_ANSWER - read.len();
        read.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if read.len() == MOST_OF_AN_ANSWER {
            break;
        }
    }
    read
}
