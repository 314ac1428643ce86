//! Whose an address is where tries are counted: a network of IPv6 is one customer's, who has more addresses in it than a count has
//! room for.

use std::net::{IpAddr, Ipv6Addr};

/// What is counted for a request from this address: the address, of IPv6 its first 64 bits, and what is no address as it is.
pub fn counted(address: &str) -> String {
    match address.parse::<IpAddr>().map(|ip| ip.to_canonical()) {
        Ok(IpAddr::V6(ip)) => {
            let [a, b, c, d, ..] = ip.segments();
            format!("{}/64", Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        Ok(IpAddr::V4(ip)) => ip.to_string(),
        Err(_) => address.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::counted;

    #[test]
    fn a_network_of_ipv6_is_counted_as_one_and_every_address_of_ipv4_by_itself() {
        for (address, expected) in [
            ("203.0.113.7", "203.0.113.7"),
            ("203.0.113.8", "203.0.113.8"),
            ("2001:db8:1:2::7", "2001:db8:1:2::/64"),
            ("2001:0db8:0001:0002:ffff:ffff:ffff:ffff", "2001:db8:1:2::/64"),
            ("2001:db8:1:3::7", "2001:db8:1:3::/64"),
            // Of IPv4 written as IPv6 all would have one network.
            ("::ffff:203.0.113.7", "203.0.113.7"),
            ("::1", "::/64"),
            ("unknown", "unknown"),
        ] {
            assert_eq!(counted(address), expected, "{address}");
        }
    }
}
