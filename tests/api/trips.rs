//! Round trips to the database, counted.
