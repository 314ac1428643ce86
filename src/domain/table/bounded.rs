//! Switches, numbers and lengths of time, each with its default and its bounds.
//!
//! Knows how a bound is told, not which bounds there are: those stand with the policies.

use std::time::Duration;

use super::Table;
use crate::domain::policy::{NumberBounds, SpanBounds};
use crate::domain::span;
use crate::domain::wrong::Wrong;

impl Table<'_, '_> {
    /// `true` or `false`.
    pub fn flag(&mut self, key: &str, default: bool) -> bool {
        let Some(value) = self.value(key) else { return default };
        value.as_bool().unwrap_or_else(|| {
            self.fault(key, Wrong::of("fault.flag", []));
            default
        })
    }

    /// A whole number within its bounds.
    pub fn number(&mut self, key: &str, default: u32, bounds: NumberBounds) -> u32 {
        let Some(value) = self.value(key) else { return default };
        let allowed = allowed(bounds.least, bounds.most);
        let Some(number) = value.as_i64() else {
            self.fault(key, Wrong::of("fault.number", []).and(allowed));
            return default;
        };
        match u32::try_from(number) {
            Ok(n) if (bounds.least..=bounds.most).contains(&n) => n,
            _ => {
                self.fault(key, out_of_bounds(number).and(allowed));
                default
            }
        }
    }

    /// A length of time within its bounds.
    pub fn span(&mut self, key: &str, default: Duration, bounds: SpanBounds) -> Duration {
        let allowed = allowed(limit(bounds.least), limit(bounds.most));
        self.read(key, |text| {
            let length = span::parse(text).map_err(|wrong| wrong.and(allowed.clone()))?;
            if (bounds.least..=bounds.most).contains(&length) {
                return Ok(length);
            }
            Err(out_of_bounds(text).and(allowed))
        })
        .unwrap_or(default)
    }
}

fn allowed(least: impl ToString, most: impl ToString) -> Wrong {
    Wrong::of("fault.allowed", [("least", least.to_string()), ("most", most.to_string())])
}

fn out_of_bounds(text: impl ToString) -> Wrong {
    Wrong::of("fault.bounds", [("text", text.to_string())])
}

/// A bound as people say it: `24h` and `72h` rather than days, which start where hours stop being read.
fn limit(length: Duration) -> String {
    let hours = length.as_secs() / 3_600;
    if (1..=72).contains(&hours) && length.as_secs().is_multiple_of(3_600) {
        return format!("{hours}h");
    }
    span::display(length)
}
