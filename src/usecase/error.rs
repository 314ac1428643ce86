//! How a use case fails: refused by a rule, given something malformed, or let down by the database.

use crate::domain::refusal::Refusal;
use crate::message::render::RenderError;
use crate::ports::{self, SystemRandom};
use crate::store::StoreError;
use crate::usecase::pin::hasher::HashFault;

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// What was given cannot be used; the text says how to write it.
    #[error("{0}")]
    Invalid(String),
    #[error(transparent)]
    Render(#[from] RenderError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Hash(HashFault),
}

impl From<HashFault> for Failure {
    fn from(fault: HashFault) -> Self {
        match fault {
            HashFault::Busy => Self::Refused(Refusal::Busy),
            fault => Self::Hash(fault),
        }
    }
}

/// An id by which a failure inside is found in the log: all that a caller is told of it.
pub fn fault_id() -> String {
    hex::encode(ports::bytes::<8>(&SystemRandom))
}

/// An error with everything that caused it, for the log.
pub fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    std::iter::once(error).chain(causes).map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
