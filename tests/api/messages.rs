//! What goes out, is tried again, and is dropped.
