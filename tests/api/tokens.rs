//! Agent tokens.
