//! Where the service may connect when somebody else wrote the address: callbacks, gateways, relays.
//!
//! Owns the rules for URLs and for resolved addresses. Resolves nothing itself: whoever dials checks every
//! address that a name leads to, with the reach that the URL was given here.

mod special;

use std::net::IpAddr;

use ipnet::IpNet;
use url::{Host, Url};

/// What may be connected to: the public internet, and the networks that the operator names.
#[derive(Clone, Debug, Default)]
pub struct AddressRules {
    allow: Vec<IpNet>,
}

/// How far a connection may go once its name is resolved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Public addresses, and those of named networks.
    Public,
    /// Only named networks: plain http, unusual ports, literals and bare names are for these.
    Named,
}

/// Why an address is refused. Never repeats the address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Blocked {
    #[error("is not a URL that can be used")]
    Malformed,
    #[error("is longer than 2048 characters")]
    TooLong,
    #[error("must start with https://")]
    Scheme,
    #[error("uses a port that is not open to it")]
    Port,
    #[error("must not carry a user name or password")]
    UserInfo,
    #[error("must not have a fragment")]
    Fragment,
    #[error("must name a host, not an address")]
    Literal,
    #[error("needs a full host name")]
    BareName,
    #[error("leads to a private, loopback or otherwise special address")]
    Special,
}

const LONGEST_URL: usize = 2048;
const WEB_PORTS: [u16; 2] = [443, 8443];
const RELAY_PORTS: [u16; 4] = [25, 465, 587, 2525];

impl AddressRules {
    /// The public internet and these networks.
    pub fn new(allow: Vec<IpNet>) -> Self {
        Self { allow }
    }

    /// Parses a URL as it is written in settings; the one parser that every URL passes.
    ///
    /// # Errors
    /// Text that is no URL, and whatever [`Self::check_url`] refuses.
    pub fn parse_url(&self, text: &str) -> Result<Url, Blocked> {
        if text.len() > LONGEST_URL {
            return Err(Blocked::TooLong);
        }
        // The parser drops or mends these silently; what an admin reads must be what is dialled.
        if text.chars().any(|c| c.is_control() || c.is_whitespace() || c == '\\') {
            return Err(Blocked::Malformed);
        }
        let url = Url::parse(text).map_err(|_| Blocked::Malformed)?;
        self.check_url(&url).map(|_| url)
    }

    /// Says how far a request to this URL may go.
    ///
    /// # Errors
    /// The first rule that the URL breaks.
    pub fn check_url(&self, url: &Url) -> Result<Reach, Blocked> {
        if url.as_str().len() > LONGEST_URL {
            return Err(Blocked::TooLong);
        }
        let plain = match url.scheme() {
            "https" => false,
            "http" => true,
            _ => return Err(Blocked::Scheme),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Blocked::UserInfo);
        }
        if url.fragment().is_some() {
            return Err(Blocked::Fragment);
        }
        let port = url.port_or_known_default().filter(|port| *port != 0).ok_or(Blocked::Port)?;
        let reach = self.check_host(&url.host().ok_or(Blocked::Malformed)?)?;
        if plain {
            return self.named_or(Blocked::Scheme);
        }
        if !WEB_PORTS.contains(&port) {
            return self.named_or(Blocked::Port);
        }
        Ok(reach)
    }

    /// The same for a mail relay: any name on a mail port, anything in a named network.
    ///
    /// # Errors
    /// The first rule that the host or the port breaks.
    pub fn check_relay(&self, host: &str, port: u16) -> Result<Reach, Blocked> {
        let host = Host::parse(host).map_err(|_| Blocked::Malformed)?;
        let reach = self.check_host(&host)?;
        if RELAY_PORTS.contains(&port) { Ok(reach) } else { self.named_or(Blocked::Port) }
    }

    /// Whether an address is public or in a named network.
    ///
    /// # Errors
    /// [`Blocked::Special`] for every other one.
    pub fn check_ip(&self, ip: IpAddr) -> Result<(), Blocked> {
        self.check_reach(ip, Reach::Public)
    }

    /// Whether an address that a name led to is within the reach its URL was given.
    ///
    /// # Errors
    /// [`Blocked::Special`] if it is not.
    pub fn check_reach(&self, ip: IpAddr, reach: Reach) -> Result<(), Blocked> {
        let ip = ip.to_canonical();
        let named = self.allow.iter().any(|network| network.contains(&ip));
        if named || (reach == Reach::Public && special::is_public(ip)) {
            Ok(())
        } else {
            Err(Blocked::Special)
        }
    }

    fn check_host<S: AsRef<str>>(&self, host: &Host<S>) -> Result<Reach, Blocked> {
        let literal = |ip| self.check_reach(ip, Reach::Named).map(|()| Reach::Named);
        match host {
            Host::Ipv4(ip) => literal((*ip).into()).map_err(|_| Blocked::Literal),
            Host::Ipv6(ip) => literal((*ip).into()).map_err(|_| Blocked::Literal),
            Host::Domain(name) if name.as_ref().trim_matches('.').is_empty() => Err(Blocked::Malformed),
            Host::Domain(name) if name.as_ref().trim_end_matches('.').contains('.') => Ok(Reach::Public),
            Host::Domain(_) => self.named_or(Blocked::BareName),
        }
    }

    fn named_or(&self, blocked: Blocked) -> Result<Reach, Blocked> {
        if self.allow.is_empty() { Err(blocked) } else { Ok(Reach::Named) }
    }
}

#[cfg(test)]
mod tests;
