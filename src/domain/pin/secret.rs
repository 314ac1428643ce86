//! A PIN as somebody typed it or chose it: how it is read, and which are not accepted.
//!
//! Read as codes are. It is never stored, printed or compared as it is: `usecase::pin::hasher` keeps a hash.

use std::fmt;

use super::blocklist::{self, Pattern};
use crate::domain::code::{NotACode, TypedCode};
use crate::domain::contact::Phone;

/// The digits of a PIN. Wiped when it is dropped; cannot be printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Pin(TypedCode);

/// Why something typed cannot be a PIN. It costs no try.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PinFault {
    #[error("a PIN is missing")]
    Empty,
    #[error("a PIN has {expected} numbers and nothing else")]
    Form { expected: u32 },
}

/// Why a PIN is not accepted: the reason that is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weakness {
    /// Easy to guess for anybody.
    Easy,
    /// A date, which may be a birthday, or part of a telephone number of the client.
    Personal,
}

impl Pin {
    /// Drops spaces and hyphens of every script, and reads full-width digits as digits.
    ///
    /// # Errors
    /// Nothing typed, other characters, or another number of digits.
    pub fn parse(text: &str, digits: u32) -> Result<Self, PinFault> {
        match TypedCode::parse(text, digits) {
            Ok(typed) => Ok(Self(typed)),
            Err(NotACode::Length { .. }) if text.trim().is_empty() => Err(PinFault::Empty),
            Err(_) => Err(PinFault::Form { expected: digits }),
        }
    }

    /// The digits, to be hashed only.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[REDACTED]")
    }
}

/// Whether others would guess it, knowing the client's telephone numbers or nothing at all.
pub fn weakness<'a>(pin: &Pin, phones: impl IntoIterator<Item = &'a Phone>) -> Option<Weakness> {
    if phones.into_iter().any(|phone| phone.expose().contains(pin.expose())) {
        return Some(Weakness::Personal);
    }
    let digits = zeroize::Zeroizing::new(pin.expose().bytes().map(|digit| digit - b'0').collect::<Vec<_>>());
    blocklist::pattern(&digits).map(|pattern| match pattern {
        Pattern::Date => Weakness::Personal,
        _ => Weakness::Easy,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::pin::DIGITS;

    fn pin(text: &str) -> Pin {
        Pin::parse(text, DIGITS).unwrap()
    }

    #[test]
    fn a_pin_is_read_as_codes_are_and_never_printed() {
        for text in ["482913", "482 913", " 482-913\n", "４８２９１３", "482\u{2013}913"] {
            assert_eq!(pin(text).expose(), "482913", "{text:?}");
            assert_eq!(format!("{:?}", pin(text)), "[REDACTED]");
        }
        for text in ["", " ", "\n\u{a0}"] {
            assert_eq!(Pin::parse(text, DIGITS), Err(PinFault::Empty), "{text:?}");
        }
        for text in ["48291", "4829134", "48291a", "-", "abcdef"] {
            assert_eq!(Pin::parse(text, DIGITS), Err(PinFault::Form { expected: 6 }), "{text:?}");
        }
        assert_eq!(Pin::parse("4829135", 7).unwrap().expose(), "4829135");
    }

    #[test]
    fn what_is_wrong_with_a_pin_is_told_apart() {
        let phones = [Phone::parse("+1 305 555 0142").unwrap(), Phone::parse("+34 612 48 29 13").unwrap()];
        for (text, expected) in [
            ("482057", None),
            ("123456", Some(Weakness::Easy)),
            ("314159", Some(Weakness::Easy)),
            ("311299", Some(Weakness::Personal)),
            // The beginning, the middle and the end of a number; not two numbers joined.
            ("130555", Some(Weakness::Personal)),
            ("055550", Some(Weakness::Personal)),
            ("550142", Some(Weakness::Personal)),
            ("482913", Some(Weakness::Personal)),
            ("014234", None),
        ] {
            assert_eq!(weakness(&pin(text), &phones), expected, "{text}");
        }
        assert_eq!(weakness(&pin("482913"), []), None);
    }
}
