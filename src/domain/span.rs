//! Lengths of time as people write them in settings: `30s`, `10m`, `1h`, `90d`.

use std::time::Duration;

use super::wrong::Wrong;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A duration written with one unit: `s`, `m`, `h` or `d`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span(pub Duration);

/// Parses `30s`, `10m`, `1h`, `90d`.
///
/// # Errors
/// Says what was expected, for any other text.
pub fn parse(text: &str) -> Result<Duration, Wrong> {
    let wrong = || Wrong::of("fault.span", [("text", format!("{text:?}"))]);
    let text = text.trim();
    let unit = text.chars().last().ok_or_else(wrong)?;
    let seconds: u64 = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => return Err(wrong()),
    };
    let digits = &text[..text.len() - 1];
    if digits.is_empty() || digits.len() > 9 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(wrong());
    }
    let count: u64 = digits.parse().map_err(|_| wrong())?;
    Ok(Duration::from_secs(count * seconds))
}

/// The shortest way to write a whole number of seconds that [`parse`] reads back.
pub fn display(duration: Duration) -> String {
    let seconds = duration.as_secs();
    for (unit, size) in [("d", 86_400), ("h", 3_600), ("m", 60)] {
        if seconds != 0 && seconds.is_multiple_of(size) {
            return format!("{}{unit}", seconds / size);
        }
    }
    format!("{seconds}s")
}

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&display(self.0))
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        parse(&String::deserialize(deserializer)?).map(Self).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_has_a_number_and_one_unit() {
        for (text, seconds) in
            [("30s", 30), ("10m", 600), ("1h", 3_600), ("24h", 86_400), ("90d", 7_776_000), ("0s", 0)]
        {
            assert_eq!(parse(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for text in ["", "10", "m", "10 min", "-5m", "1.5h", "10M", "1h30m", "9999999999s", "１０m"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_displayed_parses_back() {
        for seconds in [0, 1, 59, 60, 61, 3_600, 5_400, 86_400, 90_000] {
            let duration = Duration::from_secs(seconds);
            assert_eq!(parse(&display(duration)), Ok(duration));
        }
    }
}
