//! Amounts of money, exact to the millionth, in whatever currency a tenant's provider bills.

use std::fmt;

/// Millionths of a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Micros(i64);

impl Micros {
    pub const fn new(micros: i64) -> Self {
        Self(micros)
    }

    pub fn get(self) -> i64 {
        self.0
    }

    /// Reads an amount such as `12.50`: at most a million, at most six decimals.
    ///
    /// # Errors
    /// What is allowed, for anything else.
    pub fn parse(text: &str) -> Result<Self, String> {
        let bad = || "must be an amount such as 12.50, at most 1000000, with at most six decimals".to_owned();
        let (whole, parts) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole) || !digits(parts) || whole.len() > 7 || parts.len() > 6 {
            return Err(bad());
        }
        let number = |text: &str| text.parse::<i64>().map_err(|_| bad());
        let micros = number(whole)? * 1_000_000 + number(&format!("{parts:0<6}"))?;
        if micros > 1_000_000_000_000 { Err(bad()) } else { Ok(Self(micros)) }
    }
}

impl fmt::Display for Micros {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = format!("{:06}", self.0 % 1_000_000);
        let parts = parts.trim_end_matches('0');
        write!(f, "{}.{parts:0<2}", self.0 / 1_000_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_and_shown_exactly() {
        for (text, micros, shown) in [
            ("12.50", 12_500_000, "12.50"),
            ("0.0079", 7_900, "0.0079"),
            ("7", 7_000_000, "7.00"),
            ("1000000", 1_000_000_000_000, "1000000.00"),
            ("0.000001", 1, "0.000001"),
        ] {
            assert_eq!(Micros::parse(text), Ok(Micros(micros)), "{text}");
            assert_eq!(Micros(micros).to_string(), shown);
        }
        for bad in ["", "-1", "1.", ".5", "1e3", "1000000.01", "0.0000001", "1,50", "12345678"] {
            assert!(Micros::parse(bad).is_err(), "{bad}");
        }
    }
}
