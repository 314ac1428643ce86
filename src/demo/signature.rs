//! Standard Webhooks, both ways: the lines that a CRM's developer copies.
//!
//! A webhook is signed over `id.timestamp.body`; the receiver checks the signature over the bytes as they came,
//! and the age of the timestamp, before it reads a word of the body.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// How far a timestamp may be from the receiver's clock.
pub const TOLERANCE_SECONDS: u64 = 300;

/// The three headers of a webhook.
pub struct Headers<'a> {
    /// `webhook-id`: the same for every attempt, so repeats can be dropped.
    pub id: &'a str,
    /// `webhook-timestamp`: seconds since 1970.
    pub timestamp: &'a str,
    /// `webhook-signature`: one or more `v1,…`, separated by spaces.
    pub signature: &'a str,
}

/// The value of `webhook-signature`; nothing if the secret is not `whsec_` and base64.
pub fn sign(secret: &str, id: &str, seconds: i64, body: &[u8]) -> Option<String> {
    let mac = keyed(secret, id, &seconds.to_string(), body)?;
    Some(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
}

/// Whether a webhook is fresh and signed with the secret.
pub fn verify(secret: &str, headers: &Headers<'_>, body: &[u8], now_seconds: i64) -> bool {
    let fresh = headers
        .timestamp
        .parse::<i64>()
        .is_ok_and(|seconds| seconds.abs_diff(now_seconds) <= TOLERANCE_SECONDS);
    let matches = |given: &str| {
        let sent = given.strip_prefix("v1,").and_then(|text| STANDARD.decode(text).ok());
        let mac = keyed(secret, headers.id, headers.timestamp, body);
        // `verify_slice` compares in constant time; `==` on the two texts would not.
        sent.zip(mac).is_some_and(|(sent, mac)| mac.verify_slice(&sent).is_ok())
    };
    fresh && headers.signature.split(' ').any(matches)
}

fn keyed(secret: &str, id: &str, timestamp: &str, body: &[u8]) -> Option<Hmac<Sha256>> {
    let key = STANDARD.decode(secret.strip_prefix("whsec_")?).ok()?;
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).ok()?;
    for part in [id.as_bytes(), b".", timestamp.as_bytes(), b".", body] {
        mac.update(part);
    }
    Some(mac)
}
