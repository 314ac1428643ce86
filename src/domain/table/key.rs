//! One key of a table of settings: its name, what it is when left out, what it means.
//!
//! The same row refuses unknown keys, supplies the default and fills the reference. Knows no values.

/// How the value of a key is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Text,
    /// A list of texts.
    List,
    /// A list of whole numbers.
    Numbers,
    /// A table, or a list of tables.
    Nested,
}

/// A key that a table may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    pub name: &'static str,
    /// As it is written in a file; empty if there is none.
    pub default: &'static str,
    pub meaning: &'static str,
    pub shape: Shape,
    /// Whether the value must not be shown.
    pub secret: bool,
}

impl Key {
    /// A text without a default.
    pub const fn new(name: &'static str, meaning: &'static str) -> Self {
        Self { name, default: "", meaning, shape: Shape::Text, secret: false }
    }

    /// The same key with the value it has when it is left out.
    #[must_use]
    pub const fn or(self, default: &'static str) -> Self {
        Self { default, ..self }
    }

    /// The same key, its value never shown.
    #[must_use]
    pub const fn secret(self) -> Self {
        Self { secret: true, ..self }
    }

    /// The same key, written as `shape`.
    #[must_use]
    pub const fn shaped(self, shape: Shape) -> Self {
        Self { shape, ..self }
    }
}

/// Keys that only have names: their defaults and bounds stand beside the rule they belong to.
pub const fn named<const N: usize>(names: [&'static str; N]) -> [Key; N] {
    let mut keys = [Key::new("", ""); N];
    let mut i = 0;
    while i < N {
        keys[i] = Key::new(names[i], "");
        i += 1;
    }
    keys
}
