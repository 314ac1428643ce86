//! How often, by contact and by destination.
