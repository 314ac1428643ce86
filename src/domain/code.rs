//! One-time codes: derived, never stored.
//!
//! Like HOTP (RFC 4226): an HMAC under a key of its own, over everything the code belongs to, truncated to digits.
//! So every channel and every repeat carries the same code, and a code is wrong anywhere else. 64 bits are taken
//! where RFC 4226 takes 31, so that eight digits stay uniform too.

use std::fmt;

use subtle::ConstantTimeEq as _;
use zeroize::ZeroizeOnDrop;

use super::id::TenantId;
use super::key::KeySet;
use super::workflow::Workflow;

/// Everything a code is bound to.
#[derive(Clone, Copy, Debug)]
pub struct Binding<'a> {
    pub tenant: &'a TenantId,
    pub workflow: Workflow,
    pub subject: &'a str,
    pub challenge: &'a str,
    /// Raised after a restored backup: every older code is then wrong.
    pub epoch: i64,
    pub digits: u32,
}

/// A code as it is sent. Cannot be printed.
#[derive(Clone, ZeroizeOnDrop)]
pub struct Code(String);

impl Code {
    /// The digits together, for a message only.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Compares in constant time.
    pub fn matches(&self, typed: &TypedCode) -> bool {
        self.0.as_bytes().ct_eq(typed.0.as_bytes()).into()
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[REDACTED]")
    }
}

/// The code of a challenge.
pub fn derive(keys: &KeySet, binding: Binding<'_>) -> Code {
    let mac = keys.code.mac(&[
        b"code",
        binding.tenant.as_str().as_bytes(),
        binding.workflow.as_str().as_bytes(),
        binding.subject.as_bytes(),
        binding.challenge.as_bytes(),
        &binding.epoch.to_be_bytes(),
        &binding.digits.to_be_bytes(),
    ]);
    let mut first = [0; 8];
    first.copy_from_slice(&mac[..8]);
    let value = u64::from_be_bytes(first) % 10u64.pow(binding.digits);
    Code(format!("{value:0width$}", width = binding.digits as usize))
}

/// What somebody typed, as digits only. Cannot be printed.
#[derive(Clone, PartialEq, Eq, ZeroizeOnDrop)]
pub struct TypedCode(String);

/// Why something typed cannot be a code. It costs no try.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotACode {
    #[error("the code has numbers only")]
    Characters,
    #[error("the code has {expected} numbers")]
    Length { expected: u32 },
}

impl TypedCode {
    /// Drops spaces and hyphens of every script, and reads full-width digits as digits.
    ///
    /// # Errors
    /// Other characters, or another number of digits than `digits`.
    pub fn parse(text: &str, digits: u32) -> Result<Self, NotACode> {
        let mut typed = Self(String::with_capacity(8));
        for c in text.chars().take(64) {
            match c {
                '0'..='9' => typed.0.push(c),
                '\u{ff10}'..='\u{ff19}' => {
                    typed.0.push(char::from_digit(c as u32 - 0xff10, 10).unwrap_or('0'));
                }
                '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' => {}
                c if c.is_whitespace() || c == '\u{200b}' || c == '\u{feff}' => {}
                _ => return Err(NotACode::Characters),
            }
        }
        if typed.0.len() != digits as usize {
            return Err(NotACode::Length { expected: digits });
        }
        Ok(typed)
    }

    /// The digits together, to be hashed or compared only.
    pub(in crate::domain) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for TypedCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[REDACTED]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn keys(first: u8) -> KeySet {
        let bytes: [u8; 32] = std::array::from_fn(|i| first.wrapping_add(u8::try_from(i).unwrap()));
        KeySet::parse(&crate::domain::key::generate(&bytes)).unwrap()
    }

    #[test]
    fn a_code_is_right_only_on_the_diagonal() {
        let (a, b) = (TenantId::parse("a").unwrap(), TenantId::parse("b").unwrap());
        let base = Binding {
            tenant: &a,
            workflow: Workflow::Client,
            subject: "s",
            challenge: "chl_1",
            epoch: 0,
            digits: 8,
        };
        let codes: BTreeSet<String> = [
            derive(&keys(1), base),
            derive(&keys(2), base),
            derive(&keys(1), Binding { tenant: &b, ..base }),
            derive(&keys(1), Binding { workflow: Workflow::Login, ..base }),
            derive(&keys(1), Binding { subject: "t", ..base }),
            derive(&keys(1), Binding { challenge: "chl_2", ..base }),
            derive(&keys(1), Binding { epoch: 1, ..base }),
        ]
        .iter()
        .map(|c| c.expose().to_owned())
        .collect();
        assert_eq!(codes.len(), 7);
        assert_eq!(derive(&keys(1), base).expose(), derive(&keys(1), base).expose());
    }

    #[test]
    fn codes_are_uniform_and_keep_leading_zeros() {
        let tenant = TenantId::parse("a").unwrap();
        let keys = keys(1);
        let mut first_digit = [0u32; 10];
        let draws = 20_000u32;
        for i in 0..draws {
            let challenge = i.to_string();
            let code = derive(
                &keys,
                Binding {
                    tenant: &tenant,
                    workflow: Workflow::Client,
                    subject: "s",
                    challenge: &challenge,
                    epoch: 0,
                    digits: 6,
                },
            );
            assert_eq!(code.expose().len(), 6);
            first_digit[code.expose().chars().next().unwrap().to_digit(10).unwrap() as usize] += 1;
        }
        let expected = f64::from(draws) / 10.0;
        let chi: f64 = first_digit.iter().map(|n| (f64::from(*n) - expected).powi(2) / expected).sum();
        // 27.88 is p = 0.001 for nine degrees of freedom.
        assert!(chi < 27.88, "{first_digit:?}");
    }

    #[test]
    fn what_is_pasted_or_read_aloud_is_understood() {
        for text in [
            "482913",
            "482 913",
            " 482-913\n",
            "４８２９１３",
            "482\u{2013}913",
            "4 8 2 9 1 3",
            "482\u{a0}913",
        ] {
            assert_eq!(TypedCode::parse(text, 6).unwrap().0, "482913", "{text:?}");
        }
        assert_eq!(TypedCode::parse("48291", 6), Err(NotACode::Length { expected: 6 }));
        assert_eq!(TypedCode::parse("4829134", 6), Err(NotACode::Length { expected: 6 }));
        assert_eq!(TypedCode::parse("", 6), Err(NotACode::Length { expected: 6 }));
        assert_eq!(TypedCode::parse("48291a", 6), Err(NotACode::Characters));
        assert_eq!(format!("{:?}", TypedCode::parse("482913", 6).unwrap()), "[REDACTED]");
    }
}
