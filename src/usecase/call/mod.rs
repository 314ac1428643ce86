//! Calls that carry a code: where a carrier asks what to say, what it is told, and how calls come to their end.

pub mod answer_call;
pub mod end_call;
mod note;
pub mod ticket;
