//! The two languages everything is written in.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A language of messages and screens. Spanish is American Spanish with *usted*.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Locale {
    #[default]
    En,
    Es,
}

impl Locale {
    pub const ALL: [Self; 2] = [Self::En, Self::Es];

    /// The language subtag, as in `<html lang>`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Es => "es",
        }
    }

    /// The best of ours for an `Accept-Language` header (RFC 9110, 12.5.4); `None` if it names neither.
    pub fn from_accept_language(header: &str) -> Option<Self> {
        let mut best: Option<(Self, f32)> = None;
        for item in header.split(',').take(32) {
            let mut parts = item.split(';');
            let Some(locale) = parts.next().and_then(|tag| tag.parse().ok()) else { continue };
            let weight = parts
                .find_map(|p| p.trim().strip_prefix("q=").and_then(|q| q.parse::<f32>().ok()))
                .unwrap_or(1.0);
            if weight > 0.0 && best.is_none_or(|(_, known)| weight > known) {
                best = Some((locale, weight));
            }
        }
        best.map(|(locale, _)| locale)
    }
}

impl fmt::Display for Locale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A language tag whose primary subtag is neither `en` nor `es`.
#[derive(Debug, thiserror::Error)]
#[error("the known languages are en and es")]
pub struct UnknownLocale;

impl FromStr for Locale {
    type Err = UnknownLocale;

    /// Accepts any tag by its primary subtag: `es-MX` is Spanish.
    fn from_str(tag: &str) -> Result<Self, Self::Err> {
        match tag.trim().split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase().as_str() {
            "en" => Ok(Self::En),
            "es" => Ok(Self::Es),
            _ => Err(UnknownLocale),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_heaviest_known_language_wins() {
        let cases = [
            ("es", Some(Locale::Es)),
            ("es-MX,es;q=0.9,en;q=0.8", Some(Locale::Es)),
            ("en;q=0.1, es;q=0.5", Some(Locale::Es)),
            ("fr, en;q=0.4", Some(Locale::En)),
            ("es;q=0, en", Some(Locale::En)),
            ("fr", None),
            ("", None),
            (";;q=,,", None),
        ];
        for (header, expected) in cases {
            assert_eq!(Locale::from_accept_language(header), expected, "{header:?}");
        }
    }
}
