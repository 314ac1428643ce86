//! The client workflow: who is on the phone.

pub mod cancel_challenge;
pub mod check_code;
pub mod dispatch;
pub mod get_challenge;
pub mod issue_token;
pub mod lapse_client;
pub mod put_client;
pub mod read_status;
pub mod remove_client;
pub mod report_code;
pub mod request_code;
pub mod resend_code;
pub mod revoke_verification;
pub mod take_webhook;
pub mod try_client;
pub mod unlock_client;
pub mod view_client;
