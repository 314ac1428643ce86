//! TBD

pub mod render;
