//! The PIN workflow: a link is sent, the client sets a PIN by it, an agent has it checked.

pub mod cancel_link;
pub mod check_pin;
pub mod confirm_code;
pub mod hasher;
pub mod lock_pin;
pub mod lock_pins;
pub mod open_link;
pub mod send_link;
pub mod set_pin;
pub mod text_code;
pub mod view_pin;
