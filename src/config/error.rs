//! What is told when settings are wrong: all of it at once, one line a fault.
//!
//! Carries no value of a secret; whoever makes a problem sees to that.

use std::fmt;
use std::path::Path;

use crate::domain::id::TenantId;
use crate::domain::table::Fault;

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file, or `environment`.
    pub source: String,
    /// The dotted path or the variable; empty where the whole source is meant.
    pub key: String,
    pub message: String,
}

impl Problem {
    pub(super) fn new(source: impl Into<String>, key: impl Into<String>, message: impl Into<String>) -> Self {
        Self { source: source.into(), key: key.into(), message: message.into() }
    }

    /// A fault found in a file.
    pub(super) fn in_file(file: &Path, fault: Fault) -> Self {
        Self::new(file.display().to_string(), fault.key, fault.message)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.key.is_empty() {
            return write!(f, "{}: {}", self.source, self.message);
        }
        write!(f, "{}: {}: {}", self.source, self.key, self.message)
    }
}

/// Everything that is wrong with the settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError(pub Vec<Problem>);

impl ConfigError {
    /// The faults of one tenant, whose documents came from `file`.
    pub fn of_tenant(file: &Path, id: &TenantId, faults: Vec<Fault>) -> Self {
        let key = |fault: &Fault| format!("tenant[{id}].{}", fault.key).trim_end_matches('.').to_owned();
        Self(faults.into_iter().map(|f| Problem::in_file(file, Fault { key: key(&f), ..f })).collect())
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, problem) in self.0.iter().enumerate() {
            let end = if i == 0 { "" } else { "\n" };
            write!(f, "{end}{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigError {}
