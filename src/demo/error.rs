//! Why the demonstration cannot start.
//!
//! Nothing here is about a single request: those answer with a status and words of their own.

use std::path::{Path, PathBuf};

/// What kept the CRM or the inbox from starting.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// A file could not be read or written.
    #[error("{}: {source}", path.display())]
    File { path: PathBuf, source: std::io::Error },
    /// A file of ours or the tenants file is not what it should be.
    #[error("{file}: {reason}")]
    Content { file: String, reason: String },
    /// The address is taken or not ours.
    #[error("cannot listen: {0}")]
    Listen(#[from] std::io::Error),
    /// The HTTP client could not be made.
    #[error("cannot make an HTTP client: {0}")]
    Client(#[from] reqwest::Error),
}

impl DemoError {
    /// Puts the file's name to an input or output error.
    pub(super) fn file(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::File { path: path.to_owned(), source }
    }

    /// Puts the file's name to whatever is wrong with its content.
    pub(super) fn content<E: ToString>(file: &str) -> impl Fn(E) -> Self {
        move |reason| Self::Content { file: file.to_owned(), reason: reason.to_string() }
    }
}
