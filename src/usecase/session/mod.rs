//! Sessions: participants are invited, changed and taken out by the host while one runs.

pub mod add_participants;
mod admit;
pub mod change_participant;
pub mod end_session;
pub mod remove_participant;
pub mod resend_invitation;
pub mod reveal_code;
pub mod start_session;
pub mod view_session;
