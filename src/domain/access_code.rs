//! The access code: told to a signer by voice where no text or call reaches them. Derived like every code, never stored.
//!
//! It is written in letters and digits that are not mistaken for one another, and always holds a letter: so it is told
//! from a code that was sent by how it looks.

use std::fmt;

use subtle::ConstantTimeEq as _;
use zeroize::ZeroizeOnDrop;

use super::code::{Binding, NotACode, TypedCode};
use super::key::KeySet;

const LETTERS: &[u8; 22] = b"ABCDEFGHJKMNPQRSTVWXYZ";
const ALL: &[u8; 30] = b"23456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Characters of an access code, without its hyphen.
const LENGTH: usize = 8;
/// What may be typed as one.
const TYPED: std::ops::RangeInclusive<usize> = 6..=20;

/// An access code, without its hyphen. Cannot be printed.
#[derive(Clone, ZeroizeOnDrop)]
pub struct AccessCode(String);

impl AccessCode {
    /// As it is shown, once: two groups.
    pub fn expose(&self) -> String {
        format!("{}-{}", &self.0[..LENGTH / 2], &self.0[LENGTH / 2..])
    }

    /// Compares in constant time.
    pub fn matches(&self, typed: &TypedAccessCode) -> bool {
        self.0.as_bytes().ct_eq(typed.0.as_bytes()).into()
    }
}

impl fmt::Debug for AccessCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[REDACTED]")
    }
}

/// The access code of a challenge.
pub fn derive(keys: &KeySet, of: Binding<'_>) -> AccessCode {
    let mac = keys.code.mac(&[
        b"access",
        of.tenant.as_str().as_bytes(),
        of.workflow.as_str().as_bytes(),
        of.subject.as_bytes(),
        of.challenge.as_bytes(),
        &of.epoch.to_be_bytes(),
    ]);
    let mut first = [0; 16];
    first.copy_from_slice(&mac[..16]);
    // 128 bits leave no character more often than another.
    let mut value = u128::from_be_bytes(first);
    let mut draw = |from: &[u8]| {
        let of = from.len() as u128;
        let at = value % of;
        value /= of;
        char::from(from[at as usize])
    };
    let mut code = String::with_capacity(LENGTH);
    code.push(draw(LETTERS));
    (1..LENGTH).for_each(|_| code.push(draw(ALL)));
    AccessCode(code)
}

/// What somebody typed as an access code, in capitals. Cannot be printed.
#[derive(Clone, ZeroizeOnDrop)]
pub struct TypedAccessCode(String);

impl fmt::Debug for TypedAccessCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[REDACTED]")
    }
}

/// What was typed where either kind of code may be.
#[derive(Clone, Debug)]
pub enum Typed {
    Sent(TypedCode),
    Told(TypedAccessCode),
}

impl Typed {
    /// Digits as many as were sent are a code that was sent; anything else of the right form is an access code, where there
    /// may be one.
    ///
    /// # Errors
    /// What can be neither. It costs no try.
    pub fn parse(text: &str, digits: u32, access_codes: bool) -> Result<Self, NotACode> {
        let sent = TypedCode::parse(text, digits);
        match sent {
            Ok(code) => Ok(Self::Sent(code)),
            Err(fault) if !access_codes => Err(fault),
            Err(fault) => told(text).map(Self::Told).ok_or(fault),
        }
    }
}

fn told(text: &str) -> Option<TypedAccessCode> {
    let mut typed = TypedAccessCode(String::with_capacity(*TYPED.end()));
    for c in text.chars().take(64) {
        match c {
            c if c.is_ascii_alphanumeric() => typed.0.push(c.to_ascii_uppercase()),
            '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' => {}
            c if c.is_whitespace() => {}
            _ => return None,
        }
    }
    TYPED.contains(&typed.0.len()).then_some(typed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::TenantId;
    use crate::domain::key;
    use crate::domain::workflow::Workflow;

    fn code(challenge: &str, epoch: i64) -> AccessCode {
        let keys = KeySet::parse(&key::generate(&std::array::from_fn(|i| u8::try_from(i).unwrap()))).unwrap();
        let tenant = TenantId::parse("a").unwrap();
        derive(
            &keys,
            Binding {
                tenant: &tenant,
                workflow: Workflow::Signer,
                subject: "s",
                challenge,
                epoch,
                digits: 6,
            },
        )
    }

    #[test]
    fn an_access_code_is_told_from_a_sent_one_by_its_look_and_typed_in_any_case() {
        for challenge in 0..500 {
            let code = code(&challenge.to_string(), 0);
            let shown = code.expose();
            assert!(shown.len() == 9 && shown.bytes().all(|b| b == b'-' || ALL.contains(&b)), "{shown}");
            for text in [shown.clone(), shown.to_lowercase(), shown.replace('-', " "), shown.replace('-', "")]
            {
                let typed = Typed::parse(&text, 8, true).unwrap();
                assert!(matches!(typed, Typed::Told(typed) if code.matches(&typed)), "{text}");
            }
            assert!(Typed::parse(&shown, 8, false).is_err());
        }
        assert_ne!(code("1", 0).expose(), code("2", 0).expose());
        assert_ne!(code("1", 0).expose(), code("1", 1).expose());
    }

    #[test]
    fn what_can_be_neither_costs_no_try() {
        for (text, expected) in [
            ("482 913", Some("sent")),
            ("482-91A", Some("told")),
            ("4829137", Some("told")),
            ("48291", None),
            ("", None),
            ("abc", None),
            ("abcdef!", None),
            ("ábcdef", None),
            (&"A".repeat(20), Some("told")),
            (&"A".repeat(21), None),
        ] {
            let read = Typed::parse(text, 6, true).ok();
            let read = read.map(|typed| if matches!(typed, Typed::Sent(_)) { "sent" } else { "told" });
            assert_eq!(read, expected, "{text:?}");
        }
    }
}
