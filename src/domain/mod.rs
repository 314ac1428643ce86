//! The rules: pure functions and types over plain values.
//!
//! Owns what is true of a client, a contact, a code and a policy. Knows no database, no network, no clock and
//! no framework: time and randomness are arguments.

pub mod access_code;
pub mod address;
pub mod admin;
pub mod agent;
pub mod audit;
pub mod calendar;
pub mod call;
pub mod cell;
pub mod chain;
pub mod challenge;
pub mod channel;
pub mod client;
pub mod code;
pub mod color;
pub mod contact;
pub mod device;
pub mod event;
pub mod given;
pub mod gsm7;
pub mod guest;
pub mod i18n;
pub mod id;
pub mod key;
pub mod key_use;
pub mod listing;
pub mod locale;
pub mod login;
pub mod message;
pub mod page;
pub mod pin;
pub mod policy;
pub mod proof;
pub mod provider;
pub mod reason;
pub mod refusal;
pub mod reply;
pub mod request;
pub mod retry;
pub mod return_url;
pub mod seal;
pub mod session;
pub mod signing;
pub mod span;
pub mod spoken;
pub mod status;
pub mod surface;
pub mod table;
pub mod tenant;
pub mod throttle;
pub mod timestamp;
pub mod token;
pub mod wording;
pub mod workflow;
