//! Nothing readable where it should not be.
