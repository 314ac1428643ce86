//! The address a request comes from, for the record: the peer, or what a trusted proxy says of it.

use std::fmt;
use std::net::IpAddr;

use actix_web::HttpRequest;
use ipnet::IpNet;

/// Where a request comes from. Most requests leave no record of it, so it becomes text only for those that do.
#[derive(Clone, Copy)]
pub struct Address(Option<IpAddr>);

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(ip) => ip.fmt(f),
            None => f.write_str("unknown"),
        }
    }
}

impl Address {
    /// The nearest address that is not a trusted proxy.
    pub fn of(request: &HttpRequest, trusted: &[IpNet]) -> Self {
        let Some(peer) = request.peer_addr().map(|a| a.ip()) else { return Self(None) };
        let believed = |ip: &IpAddr| trusted.iter().any(|net| net.contains(ip));
        if !believed(&peer) {
            return Self(Some(peer));
        }
        let headers = request.headers().get_all("x-forwarded-for");
        let listed: Vec<&str> = headers.filter_map(|v| v.to_str().ok()).flat_map(|v| v.split(',')).collect();
        let mut hops = listed.iter().rev().map_while(|hop| hop.trim().parse::<IpAddr>().ok());
        Self(hops.find(|ip| !believed(ip)).or(Some(peer)))
    }
}

/// [`Address::of`] as text.
pub fn client_address(request: &HttpRequest, trusted: &[IpNet]) -> String {
    Address::of(request, trusted).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    #[test]
    fn only_a_trusted_proxy_is_believed() {
        let trusted: Vec<IpNet> = vec!["10.0.0.0/8".parse().unwrap()];
        let from = |peer: &str, forwarded: &str| {
            let request = TestRequest::default()
                .peer_addr(format!("{peer}:4000").parse().unwrap())
                .insert_header(("x-forwarded-for", forwarded))
                .to_http_request();
            client_address(&request, &trusted)
        };
        assert_eq!(from("203.0.113.7", "198.51.100.1"), "203.0.113.7");
        assert_eq!(from("10.0.0.1", "198.51.100.1"), "198.51.100.1");
        assert_eq!(
            from("10.0.0.1", "1.2.3.4, 198.51.100.1, 10.0.0.2"),
            "198.51.100.1",
            "what a client wrote itself"
        );
        assert_eq!(from("10.0.0.1", "nonsense"), "10.0.0.1");
    }
}
