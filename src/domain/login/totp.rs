//! Codes of an authenticator app (RFC 6238: SHA-1, 30 s, 6 digits), of which each step is accepted once.
//!
//! Owns the window and the rule that no step comes twice; the arithmetic is a library's.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use subtle::{ConditionallySelectable as _, ConstantTimeEq as _};
use totp_rs::{Algorithm, Builder, Totp};
use zeroize::{Zeroize as _, ZeroizeOnDrop};

use crate::domain::code::TypedCode;
use crate::domain::timestamp::Timestamp;

/// Seconds of a step.
const STEP: u64 = 30;
/// Digits of a code.
pub const DIGITS: u32 = 6;
/// Steps by which a telephone's clock may be wrong, to either side.
const DRIFT: u64 = 1;
/// Bytes of a secret: 160 bits (RFC 4226, R6).
pub const SECRET_BYTES: usize = 20;

/// The step that the service's clock is in.
pub fn step_at(now: Timestamp) -> u64 {
    u64::try_from(now.seconds()).unwrap_or(0) / STEP
}

/// When a step begins.
pub fn start_of(step: u64) -> Timestamp {
    Timestamp::from_seconds(i64::try_from(step * STEP).unwrap_or(i64::MAX))
}

/// What an authenticator app and the service share. Cannot be printed.
#[derive(Clone, ZeroizeOnDrop)]
pub struct Secret([u8; SECRET_BYTES]);

impl Secret {
    pub fn new(random: [u8; SECRET_BYTES]) -> Self {
        Self(random)
    }

    /// The key as it is typed by hand: base 32 in groups of four.
    pub fn key(&self) -> String {
        let key = self.totp().secret().to_base32();
        let letters: Vec<char> = key.chars().collect();
        letters.chunks(4).map(|four| four.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
    }

    /// What the picture to scan says: `otpauth://totp/issuer:account?secret=…`
    pub fn address(&self, issuer: &str, account: &str) -> Option<String> {
        // A colon parts the issuer from the account.
        let plain = |text: &str| text.replace(':', " ");
        let builder = self.builder().with_issuer(Some(plain(issuer))).with_account_name(plain(account));
        builder.build().ok()?.to_url().ok()
    }

    /// The step whose code was typed, if it is one of now and later than the last that was used.
    pub fn accept(&self, typed: &TypedCode, now: Timestamp, last: Option<u64>) -> Option<u64> {
        let totp = self.totp();
        let current = step_at(now);
        let mut found = 0;
        // Every step is compared, whichever it is.
        for step in current.saturating_sub(DRIFT)..=current + DRIFT {
            let code = totp.generate(step * STEP).to_string();
            let same = code.as_bytes().ct_eq(typed.expose().as_bytes());
            found.conditional_assign(&step, same);
        }
        (found > last.unwrap_or(0)).then_some(found)
    }

    fn builder(&self) -> Builder {
        Builder::new().with_algorithm(Algorithm::SHA1).with_step_duration(STEP).with_secret(self.0)
    }

    fn totp(&self) -> Totp {
        self.builder().build_noncompliant()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[REDACTED]")
    }
}

/// Only for what is sealed.
impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::encode(self.0))
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut text = String::deserialize(deserializer)?;
        let mut secret = [0; SECRET_BYTES];
        let read = hex::decode_to_slice(&text, &mut secret);
        text.zeroize();
        read.map(|()| Self(secret)).map_err(|_| serde::de::Error::custom("not a secret"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(text: &str) -> TypedCode {
        TypedCode::parse(text, DIGITS).unwrap()
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    /// RFC 6238, appendix B, cut to six digits.
    #[test]
    fn the_codes_of_the_rfc_are_accepted_at_their_time() {
        let secret = Secret::new(*b"12345678901234567890");
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            let step = u64::try_from(seconds / 30).unwrap();
            assert_eq!(secret.accept(&typed(code), at(seconds), None), Some(step), "{seconds}");
        }
    }

    #[test]
    fn a_step_is_accepted_a_step_early_and_late_and_never_twice_or_out_of_order() {
        let secret = Secret::new(*b"12345678901234567890");
        let code = typed("005924");
        let step = 1_234_567_890_u64 / 30;
        let begins = i64::try_from(step * 30).unwrap();
        for (seconds, last, expected) in [
            (begins - 31, None, None),
            (begins - 30, None, Some(step)),
            (begins, None, Some(step)),
            (begins + 59, None, Some(step)),
            (begins + 60, None, None),
            (begins, Some(step - 1), Some(step)),
            (begins, Some(step), None),
            (begins, Some(step + 1), None),
        ] {
            assert_eq!(secret.accept(&code, at(seconds), last), expected, "{seconds} {last:?}");
        }
    }

    #[test]
    fn an_app_can_scan_it_or_have_it_typed_and_nobody_can_print_it() {
        let secret = Secret::new(*b"12345678901234567890");
        assert_eq!(secret.key(), "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
        let address = secret.address("Acme: Relief", "maria@crm.example").unwrap();
        assert!(address.starts_with("otpauth://totp/Acme%20%20Relief:maria%40crm.example?"), "{address}");
        assert!(address.contains("secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"), "{address}");
        assert!(address.contains("issuer=Acme%20%20Relief"), "{address}");
        assert_eq!(format!("{secret:?}"), "[REDACTED]");
        let kept = serde_json::to_string(&secret).unwrap();
        let read: Secret = serde_json::from_str(&kept).unwrap();
        assert_eq!(read.key(), secret.key());
    }
}
