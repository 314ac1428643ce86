//! Signings: one signer of one document, made, corrected and ended by the host.

pub mod cancel_signing;
pub mod correct_signing;
pub mod make_access_code;
pub mod start_signing;
pub mod view_signing;
