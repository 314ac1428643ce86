//! Why a connection or a request came to nothing, in words that are safe to keep.
//!
//! Owns the reading of client errors, whose own text may name a URL with everything in it. Knows no retry.

use std::error::Error;
use std::io;

use crate::domain::address::Blocked;

/// What went wrong before an answer was there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("address refused: {0}")]
    Refused(Blocked),
    #[error("name has no address")]
    NoAddress,
    #[error("timed out")]
    Timeout,
    #[error("connection failed")]
    Connect,
    #[error("TLS failed")]
    Tls,
    /// Sent at least in part: whether it had an effect is not known.
    #[error("connection broke")]
    Broken,
}

impl From<&reqwest::Error> for Fault {
    fn from(error: &reqwest::Error) -> Self {
        if let Some(fault) = find::<Self>(error) {
            return *fault;
        }
        if error.is_timeout() {
            return Self::Timeout;
        }
        if find::<rustls::Error>(error).is_some() {
            return Self::Tls;
        }
        if error.is_connect() || error.is_builder() { Self::Connect } else { Self::Broken }
    }
}

/// What is wrong with the certificate that a server showed; nothing if that is not what failed.
pub fn certificate(error: &(dyn Error + 'static)) -> Option<&'static str> {
    use rustls::CertificateError as Wrong;
    let rustls::Error::InvalidCertificate(wrong) = find::<rustls::Error>(error)? else { return None };
    Some(match wrong {
        Wrong::Expired | Wrong::ExpiredContext { .. } => "has expired",
        Wrong::NotValidYet | Wrong::NotValidYetContext { .. } => "is not valid yet",
        Wrong::NotValidForName | Wrong::NotValidForNameContext { .. } => "is for another name",
        Wrong::UnknownIssuer => "is signed by nobody that is trusted",
        Wrong::Revoked => "was revoked",
        _ => "is not accepted",
    })
}

/// Looks for a cause of one type, also inside I/O errors, which hide theirs from the chain.
fn find<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    let mut next = Some(error);
    while let Some(error) = next {
        let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        let found = error.downcast_ref::<T>().or_else(|| inner.and_then(|inner| find(inner)));
        if found.is_some() {
            return found;
        }
        next = error.source();
    }
    None
}
