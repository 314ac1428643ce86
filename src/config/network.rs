//! Networks as settings name them: a prefix, or one address.

use std::net::IpAddr;

use ipnet::IpNet;

/// `10.0.0.0/8`, or a bare address for the network of just that one.
pub(super) fn parse(text: &str) -> Result<IpNet, String> {
    let text = text.trim();
    let one = || text.parse::<IpAddr>().map(IpNet::from);
    text.parse::<IpNet>()
        .map(|network| network.trunc())
        .or_else(|_| one())
        .map_err(|_| format!("{text:?} is not an address or a network such as 10.0.0.0/8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_address_is_a_network_of_one() {
        for (text, network) in [
            ("10.0.0.0/8", "10.0.0.0/8"),
            ("10.1.2.3/8", "10.0.0.0/8"),
            ("127.0.0.1", "127.0.0.1/32"),
            ("::1", "::1/128"),
            ("fd00::/8", "fd00::/8"),
        ] {
            assert_eq!(parse(text).map(|n| n.to_string()).as_deref(), Ok(network));
        }
        for bad in ["", "10.0.0.0/33", "localhost", "10.0.0", "*"] {
            assert!(parse(bad).is_err(), "{bad:?}");
        }
    }
}
