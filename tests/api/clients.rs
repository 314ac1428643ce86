//! Telling, reading and dropping clients.
