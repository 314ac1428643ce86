//! Tries are counted before anybody knows.
