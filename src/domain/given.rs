//! A part of a change: left as it is, or given anew, even if as nothing.

use serde::{Deserialize, Deserializer};

/// What becomes of something that may be there or not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Given<T> {
    /// Left out.
    #[default]
    Kept,
    Set(Option<T>),
}

impl<T> Given<T> {
    /// What is there after it.
    pub fn over(self, before: Option<T>) -> Option<T> {
        match self {
            Self::Kept => before,
            Self::Set(after) => after,
        }
    }

    /// The same of something else, made from it where it is given.
    ///
    /// # Errors
    /// Those of `make`.
    pub fn make<U, E>(self, make: impl FnOnce(Option<T>) -> Result<Option<U>, E>) -> Result<Given<U>, E> {
        match self {
            Self::Kept => Ok(Given::Kept),
            Self::Set(after) => make(after).map(Given::Set),
        }
    }
}

/// Only what is there is read at all: `null` is given, as nothing.
impl<'de, T: Deserialize<'de>> Deserialize<'de> for Given<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Option::deserialize(deserializer).map(Self::Set)
    }
}
