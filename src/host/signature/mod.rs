//! Webhook signatures by Standard Webhooks 1.0.0: HMAC-SHA256 over `id.timestamp.body`, both ways.
//!
//! Owns the secret, signing and verifying. Verifying does the same work whatever is wrong, also for a tenant that
//! does not exist (no secrets). Knows no tenant and no clock: the secrets and the time are arguments.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use subtle::{Choice, ConstantTimeEq as _};
use zeroize::Zeroizing;

const PREFIX: &str = "whsec_";
const SHORTEST: usize = 24;
const LONGEST: usize = 64;
const TOLERANCE_SECONDS: u64 = 300;
const MOST_SIGNATURES: usize = 16;
const LONGEST_HEADER: usize = 4096;
const LONGEST_ID: usize = 255;

/// A secret shared with a host: 24 to 64 bytes, wiped when dropped, never printed.
#[derive(Clone)]
pub struct WebhookSecret {
    /// Padded to the block of HMAC-SHA256, which is what HMAC does to a short key itself.
    block: Zeroizing<[u8; LONGEST]>,
    length: usize,
}

/// Text or bytes that are no webhook secret. The text is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not a webhook secret: whsec_ and the base64 of 24 to 64 bytes")]
pub struct BadSecret;

impl WebhookSecret {
    /// Parses `whsec_…`.
    ///
    /// # Errors
    /// A missing prefix, bad base64, or a length outside 24 to 64 bytes.
    pub fn parse(text: &str) -> Result<Self, BadSecret> {
        let encoded = text.strip_prefix(PREFIX).ok_or(BadSecret)?;
        let bytes = Zeroizing::new(STANDARD.decode(encoded).map_err(|_| BadSecret)?);
        Self::from_bytes(&bytes)
    }

    /// Takes raw bytes, such as newly drawn ones.
    ///
    /// # Errors
    /// A length outside 24 to 64 bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, BadSecret> {
        if !(SHORTEST..=LONGEST).contains(&bytes.len()) {
            return Err(BadSecret);
        }
        let mut block = Zeroizing::new([0; LONGEST]);
        block[..bytes.len()].copy_from_slice(bytes);
        Ok(Self { block, length: bytes.len() })
    }

    /// The form that the host is given, once.
    pub fn expose(&self) -> Zeroizing<String> {
        let encoded = Zeroizing::new(STANDARD.encode(self.bytes()));
        Zeroizing::new(format!("{PREFIX}{}", *encoded))
    }

    /// The raw bytes, to be sealed.
    pub fn bytes(&self) -> &[u8] {
        &self.block[..self.length]
    }

    fn mac(&self, id: &str, timestamp: &str, body: &[u8]) -> [u8; 32] {
        let mut mac = Hmac::<Sha256>::new((&*self.block).into());
        for part in [id.as_bytes(), b".", timestamp.as_bytes(), b".", body] {
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }

    /// Stands in where a tenant has no secret, so that the work is the same.
    fn nobodys() -> Self {
        Self { block: Zeroizing::new([0; LONGEST]), length: LONGEST }
    }
}

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("whsec_…")
    }
}

/// The value of `webhook-signature`: one `v1` entry a secret, so that the host may rotate at leisure.
pub fn sign(secrets: &[WebhookSecret], id: &str, timestamp_seconds: i64, body: &[u8]) -> String {
    let timestamp = timestamp_seconds.to_string();
    let entry = |secret: &WebhookSecret| format!("v1,{}", STANDARD.encode(secret.mac(id, &timestamp, body)));
    secrets.iter().map(entry).collect::<Vec<_>>().join(" ")
}

/// The three headers as they came; an absent one is empty.
#[derive(Clone, Copy, Debug)]
pub struct SignedHeaders<'a> {
    /// `webhook-id`
    pub id: &'a str,
    /// `webhook-timestamp`
    pub timestamp: &'a str,
    /// `webhook-signature`
    pub signature: &'a str,
}

/// Why a webhook is refused: for the log. The answer to the caller is the same for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("webhook-id is missing or malformed")]
    Id,
    #[error("webhook-timestamp is missing or malformed")]
    Timestamp,
    #[error("webhook-timestamp is more than 300 seconds away")]
    Time,
    #[error("webhook-signature is missing, too long or a list of too many")]
    List,
    #[error("no signature matches")]
    Signature,
    #[error("webhook-timestamp is not after the last epoch bump: it may have been handled before a restore")]
    Forgotten,
}

/// Checks a webhook over the exact bytes that came, before anything parses them.
///
/// # Errors
/// The first thing that is wrong; the comparison has been made by then in any case.
pub fn verify(
    secrets: &[WebhookSecret],
    headers: SignedHeaders<'_>,
    body: &[u8],
    now_seconds: i64,
) -> Result<(), Refused> {
    let given = read_list(headers.signature);
    let matches = any_match(secrets, headers, body, given.as_deref().unwrap_or_default());
    check_id(headers.id)?;
    check_time(headers.timestamp, now_seconds)?;
    given?;
    if matches { Ok(()) } else { Err(Refused::Signature) }
}

/// Checks that a webhook was signed after a moment up to which ids may have been forgotten.
///
/// # Errors
/// `Forgotten`, also of a time that cannot be read.
pub fn check_remembered(headers: SignedHeaders<'_>, forgotten_seconds: i64) -> Result<(), Refused> {
    let later = headers.timestamp.parse().is_ok_and(|signed: i64| signed > forgotten_seconds);
    if later { Ok(()) } else { Err(Refused::Forgotten) }
}

/// Compares every signature with every secret, without stopping at the first that fits.
fn any_match(secrets: &[WebhookSecret], headers: SignedHeaders<'_>, body: &[u8], given: &[[u8; 32]]) -> bool {
    let nobodys = [WebhookSecret::nobodys()];
    let known = if secrets.is_empty() { &nobodys } else { secrets };
    let mut found = Choice::from(0);
    for secret in known {
        let expected = secret.mac(headers.id, headers.timestamp, body);
        for signature in given {
            found |= expected.ct_eq(signature);
        }
    }
    !secrets.is_empty() && found.into()
}

/// The `v1` signatures of the list; other versions, and entries that cannot be one, are skipped.
fn read_list(header: &str) -> Result<Vec<[u8; 32]>, Refused> {
    if header.is_empty() || header.len() > LONGEST_HEADER {
        return Err(Refused::List);
    }
    if header.split(' ').nth(MOST_SIGNATURES).is_some() {
        return Err(Refused::List);
    }
    let v1 = |entry: &str| STANDARD.decode(entry.strip_prefix("v1,")?).ok()?.try_into().ok();
    Ok(header.split(' ').filter_map(v1).collect())
}

/// Printable and without the separator, which would let one id and time pass for another.
fn check_id(id: &str) -> Result<(), Refused> {
    let fine = (1..=LONGEST_ID).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_graphic() && b != b'.');
    if fine { Ok(()) } else { Err(Refused::Id) }
}

/// Ten to twelve digits, no sign, no leading zero: what is signed has one way to be written.
fn check_time(text: &str, now_seconds: i64) -> Result<(), Refused> {
    let digits = (10..=12).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    if !digits || text.starts_with('0') {
        return Err(Refused::Timestamp);
    }
    let seconds: i64 = text.parse().map_err(|_| Refused::Timestamp)?;
    if seconds.abs_diff(now_seconds) > TOLERANCE_SECONDS { Err(Refused::Time) } else { Ok(()) }
}

#[cfg(test)]
mod tests;
