//! The keys of a gateway that takes a text by one HTTP request.
//!
//! Owns which names a request may carry in `{{…}}`; filling them in is the sender's part. Nothing told here
//! repeats an address, a header or a body: gateways take passwords in all three.

use std::collections::BTreeMap;

use secrecy::SecretString;

use crate::domain::provider::{GatewayMethod, HttpGateway};
use crate::domain::table::{Table, check};

const NAMES: [&str; 3] = ["to", "text", "report_url"];

pub(super) fn read(table: &mut Table<'_, '_>) -> Option<HttpGateway> {
    table.require("url", "http needs the gateway's address");
    let words = [("GET", GatewayMethod::Get), ("POST", GatewayMethod::Post), ("PUT", GatewayMethod::Put)];
    let method = table.word("method", &words);
    let (mut to, mut text) = (false, false);
    let mut note = |request: &str| {
        to |= request.contains("{{to}}");
        text |= request.contains("{{text}}");
    };
    let url = table.secret("url", |request| {
        note(request);
        address(request)
    });
    let body = table.secret("body", |request| {
        note(request);
        known_names(request)
    });
    if url.is_some() && !(to && text) {
        table.fault("url", "url and body together must carry {{to}} and {{text}}");
    }
    let success_body = table.read("success_body", pattern);
    let (headers, success) = (headers(table), success(table));
    Some(HttpGateway { method: method?, url: url?, headers, body, success, success_body })
}

/// An address that is one once its names are filled in, and whose host none of them decides.
fn address(text: &str) -> Result<(), String> {
    known_names(text)?;
    let fill = |with: &str| {
        NAMES.iter().fold(text.to_owned(), |t, name| t.replace(&format!("{{{{{name}}}}}"), with))
    };
    let (one, other) = (check::web_address(&fill("1"))?, check::web_address(&fill("2"))?);
    if one.origin() != other.origin() {
        return Err("must name its host itself, not by {{…}}".to_owned());
    }
    Ok(())
}

fn known_names(text: &str) -> Result<(), String> {
    let mut rest = text;
    while let Some((_, after)) = rest.split_once("{{") {
        let name = after.split_once("}}").map(|(name, _)| name);
        if !name.is_some_and(|n| NAMES.contains(&n)) {
            return Err(format!("has a {{{{…}}}} of unknown name; known names are {}", NAMES.join(", ")));
        }
        rest = after;
    }
    Ok(())
}

fn headers(table: &mut Table<'_, '_>) -> BTreeMap<String, SecretString> {
    let mut headers = BTreeMap::new();
    for (name, value) in table.texts("headers") {
        if is_header_name(name) && !value.chars().any(char::is_control) {
            headers.insert(name.to_owned(), SecretString::from(value));
        } else {
            table.fault(&format!("headers.{name}"), "is not an HTTP header");
        }
    }
    headers
}

/// A token (RFC 9110, 5.6.2).
fn is_header_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
}

fn success(table: &mut Table<'_, '_>) -> Vec<u16> {
    table.refuse_empty("success");
    let statuses = table.items("success", |item| {
        let status = item.as_u64().and_then(|n| u16::try_from(n).ok()).filter(|n| (100..=599).contains(n));
        status.ok_or_else(|| "must be an HTTP status; allowed is 100 to 599".to_owned())
    });
    statuses.unwrap_or_else(|| vec![200, 202])
}

fn pattern(text: &str) -> Result<String, String> {
    regex::Regex::new(text)
        .map(|_| text.to_owned())
        .map_err(|_| format!("{text:?} is not a regular expression"))
}
