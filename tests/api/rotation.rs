//! Keys and secrets change under way.
