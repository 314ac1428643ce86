//! The keys of Twilio's account and sender.
//!
//! Checks forms only; whether the account exists is found by whoever talks to it.

use crate::domain::provider::Twilio;
use crate::domain::table::{Table, check};

/// The account for texts: a number, a sender's name or a messaging service sends them.
pub(super) fn for_texts(table: &mut Table<'_, '_>) -> Option<Twilio> {
    let from = table.line("from", 20);
    let messaging_service_sid = table.read("messaging_service_sid", |text| sid(text, "MG"));
    if !table.has("from") && !table.has("messaging_service_sid") {
        table.fault("from", "missing; twilio needs from or messaging_service_sid");
    }
    account(table, from, messaging_service_sid)
}

/// The account for calls, which need a number to come from.
pub(super) fn for_calls(table: &mut Table<'_, '_>) -> Option<Twilio> {
    table.require("from", "twilio needs the number calls come from, such as +13055550100");
    let from = table.read("from", number);
    account(table, from, None).filter(|account| account.from.is_some())
}

fn account(
    table: &mut Table<'_, '_>,
    from: Option<String>,
    messaging_service_sid: Option<String>,
) -> Option<Twilio> {
    table.require("account_sid", "twilio needs the account, AC…");
    table.require("auth_token", "twilio needs the account's token");
    let account_sid = table.read("account_sid", |text| sid(text, "AC"));
    let auth_token = table.secret("auth_token", |text| check::line(text, 200).map(|_| ()));
    let api_base = table.read("api_base", api_base);
    Some(Twilio {
        account_sid: account_sid?,
        auth_token: auth_token?,
        from,
        messaging_service_sid,
        api_base: api_base?,
    })
}

fn sid(text: &str, prefix: &str) -> Result<String, String> {
    let good = text.starts_with(prefix) && text.bytes().all(|b| b.is_ascii_alphanumeric());
    good.then(|| text.to_owned()).ok_or_else(|| format!("must be {prefix} followed by letters and digits"))
}

fn number(text: &str) -> Result<String, String> {
    let digits = text.strip_prefix('+').unwrap_or_default();
    let good = (8..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    good.then(|| text.to_owned())
        .ok_or_else(|| format!("{text:?} is not a number such as +13055550100: + and 8 to 15 digits"))
}

fn api_base(text: &str) -> Result<String, String> {
    let url = check::web_address(text)?;
    if url.query().is_some() {
        return Err("must end before any ?".to_owned());
    }
    Ok(text.trim_end_matches('/').to_owned())
}
