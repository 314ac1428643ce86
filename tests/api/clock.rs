//! Windows and the clock.
