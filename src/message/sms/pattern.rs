//! The patterns that gateways' answers are matched with, compiled once.
//!
//! Owns a small cache: patterns come from settings, so there are few, but a tenant may change its own at will.

use std::sync::{Mutex, PoisonError};

use regex::{Regex, RegexBuilder};

const MOST_KEPT: usize = 32;
const MOST_COMPILED_BYTES: usize = 256 * 1024;

/// Compiled patterns, the latest at the end.
#[derive(Default)]
pub struct Patterns(Mutex<Vec<Regex>>);

impl Patterns {
    /// The compiled pattern; `None` if it is none, or too large.
    pub(super) fn get(&self, pattern: &str) -> Option<Regex> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = kept.iter().find(|known| known.as_str() == pattern) {
            return Some(known.clone());
        }
        let compiled = RegexBuilder::new(pattern).size_limit(MOST_COMPILED_BYTES).build().ok()?;
        if kept.len() == MOST_KEPT {
            kept.remove(0);
        }
        kept.push(compiled.clone());
        Some(compiled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_patterns_are_kept_and_bad_ones_are_none() {
        let patterns = Patterns::default();
        for n in 0..100 {
            assert!(patterns.get(&format!("^{n}:")).unwrap().is_match(&format!("{n}: Accepted")));
        }
        assert_eq!(patterns.0.lock().unwrap().len(), MOST_KEPT);
        assert!(patterns.get("(").is_none());
        assert!(patterns.get("(?:a{1000}){1000}").is_none());
    }
}
