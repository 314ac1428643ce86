//! Which addresses are public: the special-purpose registries of IANA (RFC 6890), turned around for IPv6.
//!
//! Knows only addresses. For IPv6 only global unicast counts, less what is carved out of it, so that a new
//! special range is refused before anybody has heard of it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Networks of IPv4 that are not the public internet: address and prefix length.
const SPECIAL_V4: &[(Ipv4Addr, u32)] = &[
    (Ipv4Addr::UNSPECIFIED, 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    // Azure answers its virtual machines from this one public address.
    (Ipv4Addr::new(168, 63, 129, 16), 32),
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    // Multicast, reserved and broadcast.
    (Ipv4Addr::new(224, 0, 0, 0), 3),
];

/// What is carved out of `2000::/3`: first two groups and prefix length.
const SPECIAL_V6: &[(u32, u32)] = &[
    // Protocol assignments: Teredo, benchmarking, ORCHID and their kin.
    (0x2001_0000, 23),
    // Documentation.
    (0x2001_0db8, 32),
    (0x3fff_0000, 20),
    // 6to4, which wraps an IPv4 address.
    (0x2002_0000, 16),
];

/// Whether an address is one of the public internet.
pub(super) fn is_public(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    !SPECIAL_V4.iter().any(|(network, prefix)| same_prefix(ip.to_bits(), network.to_bits(), *prefix))
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    let [a, b, _, _, e, f, _, _] = ip.segments();
    let head = u32::from(a) << 16 | u32::from(b);
    let global = same_prefix(head, 0x2000_0000, 3);
    let carved_out = SPECIAL_V6.iter().any(|(network, prefix)| same_prefix(head, *network, *prefix));
    // ISATAP wraps an IPv4 address in the interface part (RFC 5214, 6.1).
    let isatap = matches!(e, 0x0000 | 0x0200) && f == 0x5efe;
    global && !carved_out && !isatap
}

fn same_prefix(a: u32, b: u32, prefix: u32) -> bool {
    (a ^ b) >> (32 - prefix) == 0
}
