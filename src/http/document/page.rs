//! The page.
use utoipa::openapi::OpenApi;
use super::{Placed, push::Push};
pub fn render(_: &str, _: &OpenApi, _: &[Placed], _: &[Push]) -> String { String::new() }
