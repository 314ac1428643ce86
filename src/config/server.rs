//! `[server]`: where the service listens and how it is reached.

use std::net::SocketAddr;
use std::time::Duration;

use ipnet::IpNet;
use url::Url;

use super::network;
use crate::domain::guess::Ceiling;
use crate::domain::policy::{NumberBounds, SpanBounds};
use crate::domain::table::{Key, Shape, Table, check};

pub(super) const KEYS: &[Key] = &[
    Key::new("bind", "the address and port the service listens on").or("127.0.0.1:8080"),
    Key::new("public_url", "what links and callbacks are built from; https in production")
        .or("http://127.0.0.1:8080"),
    Key::new("trusted_proxies", "addresses and networks whose `X-Forwarded-For` is believed")
        .or("[]")
        .shaped(Shape::List),
    Key::new(
        "drain",
        "how long a process that is asked to stop still serves while `/readyz` answers 503, `0s` to `5m`",
    )
    .or("5s"),
    Key::new(
        "wrong_codes_a_day",
        "how many wrong codes of six digits all tenants together may have in a day before each gets 40 in an hour, 4,000 to 100,000,000",
    )
    .or("40000"),
];

const DRAIN: Duration = Duration::from_secs(5);
/// A minute or two for balancers that look seldom; more would hold up every restart.
const DRAIN_BOUNDS: SpanBounds = SpanBounds { least: Duration::ZERO, most: Duration::from_mins(5) };

/// Ten times what one tenant bears.
const WRONG_CODES: u32 = 40_000;
const WRONG_CODES_BOUNDS: NumberBounds = NumberBounds { least: 4_000, most: 100_000_000 };

/// Where the service listens and how it is reached.
#[derive(Clone, Debug)]
pub struct Server {
    pub bind: SocketAddr,
    /// An origin: links and callbacks put their path after it.
    pub public_url: Url,
    pub trusted_proxies: Vec<IpNet>,
    /// How long requests are still taken after the process said that it leaves.
    pub drain: Duration,
    /// Of six digits, over all tenants.
    pub wrong_codes_a_day: Ceiling,
}

impl Server {
    pub(super) fn read(table: &mut Table<'_, '_>) -> Option<Self> {
        let bind = table.read("bind", address);
        let public_url = table.read("public_url", public_url);
        let trusted_proxies = table.list("trusted_proxies", network::parse).unwrap_or_default();
        let drain = table.span("drain", DRAIN, DRAIN_BOUNDS);
        let wrong_codes = table.number("wrong_codes_a_day", WRONG_CODES, WRONG_CODES_BOUNDS);
        let wrong_codes_a_day = Ceiling::of_codes(wrong_codes);
        Some(Self { bind: bind?, public_url: public_url?, trusted_proxies, drain, wrong_codes_a_day })
    }
}

fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| format!("{text:?} is not an address and port such as 127.0.0.1:8080"))
}

fn public_url(text: &str) -> Result<Url, String> {
    let wrong = || {
        format!(
            "{text:?} must be an http or https address without a path, such as https://verify.example.com"
        )
    };
    let url = check::web_address(text).map_err(|_| wrong())?;
    if url.path() == "/" && url.query().is_none() { Ok(url) } else { Err(wrong()) }
}
