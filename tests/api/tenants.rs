//! No tenant reaches another.
