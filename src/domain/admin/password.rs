//! The password of an account of the console: long, not among those that are guessed first, otherwise whatever its owner
//! likes (NIST SP 800-63B-4, 3.1.1.2: no rules of composition, no change by the calendar).

use std::fmt;

use zeroize::ZeroizeOnDrop;

/// With a second step behind it NIST asks for 8; whoever runs tenants takes a phrase.
const LEAST: usize = 12;
/// More is nothing that anybody types, and hashing it would cost.
const MOST: usize = 256;
/// Guesses that it withstands, as a power of ten: what OWASP calls safely unguessable offline with a slow hash.
const LEAST_GUESSES: f64 = 10.0;

/// A password as it was typed. Cannot be printed.
#[derive(Clone, ZeroizeOnDrop)]
pub struct Password(String);

/// Why a password is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordFault {
    #[error("a password has at least {LEAST} characters; a few words in a row are easy to keep")]
    Short,
    #[error("a password has at most {MOST} characters")]
    Long,
    #[error(
        "this password is among the first that would be guessed; take a few words that do not belong together"
    )]
    Easy,
}

impl Password {
    /// What was typed at a sign-in, whatever it is.
    pub fn typed(text: &str) -> Self {
        Self(text.chars().take(MOST + 1).collect())
    }

    /// A new password. `known` is what everybody knows of its owner.
    ///
    /// # Errors
    /// [`PasswordFault`]
    pub fn choose(text: &str, known: &[&str]) -> Result<Self, PasswordFault> {
        match text.chars().count() {
            short if short < LEAST => return Err(PasswordFault::Short),
            long if long > MOST => return Err(PasswordFault::Long),
            _ => {}
        }
        let parts: Vec<_> = known.iter().flat_map(|text| text.split(['@', '.', ' ', '-', '_'])).collect();
        let known: Vec<_> = known.iter().copied().chain(parts).chain(["countersign"]).collect();
        // The estimate looks at no more of it, and longer is never weaker.
        let begin: String = text.chars().take(100).collect();
        if zxcvbn::zxcvbn(&begin, &known).guesses_log10() < LEAST_GUESSES {
            return Err(PasswordFault::Easy);
        }
        Ok(Self(text.to_owned()))
    }

    /// The password itself, for hashing only.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[REDACTED]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_long_and_not_the_first_that_is_guessed() {
        let known = ["maria.lopez@acme-relief.example", "Maria Lopez"];
        for (text, expected) in [
            ("kettle-moss-7", Ok(())),
            ("correct horse battery staple", Ok(())),
            ("montaña lluvia zapato", Ok(())),
            ("kettle-moss", Err(PasswordFault::Short)),
            ("passwordpassword", Err(PasswordFault::Easy)),
            ("qwertyuiop123456", Err(PasswordFault::Easy)),
            ("111111111111", Err(PasswordFault::Easy)),
            ("marialopez2026", Err(PasswordFault::Easy)),
            ("countersign2026", Err(PasswordFault::Easy)),
            (&"a1!".repeat(100), Err(PasswordFault::Long)),
        ] {
            assert_eq!(Password::choose(text, &known).map(drop), expected, "{text}");
        }
    }

    #[test]
    fn a_password_cannot_be_printed() {
        assert_eq!(format!("{:?}", Password::typed("kettle-moss-7")), "[REDACTED]");
    }
}
