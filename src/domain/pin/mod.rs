//! The security PIN: a number that the client chose and tells our agent on the telephone.

pub mod blocklist;
pub mod secret;
