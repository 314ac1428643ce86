//! What signing and joining share: the link, the code that is typed on its page, and the proof that follows.

pub mod attempt;
pub mod check_code;
pub mod invite;
pub mod link;
pub mod redeem_proof;
pub mod refuse_code;
pub mod send_code;
pub mod view;
mod work;

pub use work::{Done, Party, Work, of_message};
