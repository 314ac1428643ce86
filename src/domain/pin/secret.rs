//! What somebody chose or said as their PIN.

use std::fmt;

use zeroize::ZeroizeOnDrop;

use crate::domain::contact::Phone;

/// A PIN as digits only. Cannot be printed.
#[derive(Clone, ZeroizeOnDrop)]
pub struct Pin(String);

/// Why something typed cannot be a PIN. It costs no try.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PinFault {
    #[error("a PIN has numbers only")]
    Characters,
    #[error("a PIN has {expected} numbers")]
    Length { expected: u32 },
}

/// Why a PIN is too easy to guess.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weakness {
    Common,
    OwnPhone,
}

impl Pin {
    /// # Errors
    /// Other characters than digits, or another number of them.
    pub fn parse(text: &str, digits: u32) -> Result<Self, PinFault> {
        let typed: String = text.chars().filter(|c| !c.is_whitespace() && *c != '-').take(64).collect();
        if !typed.bytes().all(|b| b.is_ascii_digit()) {
            return Err(PinFault::Characters);
        }
        if typed.len() != digits as usize {
            return Err(PinFault::Length { expected: digits });
        }
        Ok(Self(typed))
    }

    /// The digits, for hashing only.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[REDACTED]")
    }
}

/// Whether a PIN is too easy to guess, and why.
pub fn weakness(pin: &Pin, phones: &[Phone]) -> Option<Weakness> {
    let own = phones.iter().any(|phone| phone.expose().contains(pin.expose()));
    own.then_some(Weakness::OwnPhone)
}
