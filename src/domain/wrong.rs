//! What is wrong with a value, for whoever reads it: in English for files, commands and the API, in both languages where an
//! admin typed it.
//!
//! The words stand in `templates/i18n/fault.*.json`. What only a file can have is plain text, and English.

use std::fmt;

use super::i18n;
use super::locale::Locale;

/// What is wrong, and what is allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Words { key: &'static str, values: Vec<(&'static str, String)> },
    Plain(String),
}

impl Wrong {
    /// The words of a key, its placeholders filled.
    pub fn of<const N: usize>(key: &'static str, values: [(&'static str, String); N]) -> Self {
        Self(vec![Part::Words { key, values: values.into() }])
    }

    /// The same, and after it something more.
    #[must_use]
    pub fn and(mut self, more: impl Into<Self>) -> Self {
        self.0.extend(more.into().0);
        self
    }

    /// As it is said in a language.
    pub fn say(&self, locale: Locale) -> String {
        self.0.iter().map(|part| part.say(locale)).collect::<Vec<_>>().join("; ")
    }

    /// Whether all of it can be said in both languages.
    pub fn is_spoken(&self) -> bool {
        self.0.iter().all(|part| matches!(part, Part::Words { .. }))
    }
}

impl Part {
    fn say(&self, locale: Locale) -> String {
        match self {
            Self::Words { key, values } => {
                let values: Vec<_> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
                i18n::fill(locale, key, &values)
            }
            Self::Plain(text) => text.clone(),
        }
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.say(Locale::En))
    }
}

impl From<String> for Wrong {
    fn from(text: String) -> Self {
        Self(vec![Part::Plain(text)])
    }
}

impl From<&str> for Wrong {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl From<Wrong> for String {
    fn from(wrong: Wrong) -> Self {
        wrong.to_string()
    }
}
