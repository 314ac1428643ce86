//! What the service does, one verb a file, a folder a workflow.
//!
//! A use case opens a transaction, asks the domain, writes what follows and commits. It knows no HTTP and holds no
//! rule of its own; what leaves the machine is written down here and sent by the outbox.

pub mod admin;
pub mod audit;
pub mod brake;
pub mod call;
pub mod caller;
pub mod case;
pub mod client;
pub mod desk;
pub mod directory;
pub mod error;
pub mod guest;
pub mod host;
pub mod login;
pub mod measure;
pub mod message;
pub mod pin;
pub mod session;
pub mod signing;
pub mod stream;
pub mod tenant;
pub mod time;

pub use caller::Caller;
pub use case::Case;
pub use desk::{Bells, Changes, Desk};
pub use error::Failure;
