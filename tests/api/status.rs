//! Where clients stand.
