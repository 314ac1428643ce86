//! Texts by any gateway that takes one HTTP request, as its settings describe it.
//!
//! Owns the request and the reading of the answer. Never follows a redirect; never quotes an answer, which may
//! repeat the text.

use reqwest::header::CONTENT_TYPE;
use reqwest::{Method, Request, StatusCode};
use secrecy::ExposeSecret as _;
use url::Url;

use super::super::client::{Fault, Wire, read_some};
use super::super::outcome::{Detail, Outcome, by_status};
use super::super::{EnteredBy, SmsContent};
use super::pattern::Patterns;
use super::template::{Escape, fill};
use crate::domain::provider::{GatewayMethod, HttpGateway};

pub async fn send(
    wire: &Wire,
    patterns: &Patterns,
    gateway: &HttpGateway,
    entered_by: EnteredBy,
    content: &SmsContent,
) -> Outcome {
    match attempt(wire, patterns, gateway, entered_by, content).await {
        Ok(outcome) => outcome,
        Err(fault) => fault.into(),
    }
}

async fn attempt(
    wire: &Wire,
    patterns: &Patterns,
    gateway: &HttpGateway,
    entered_by: EnteredBy,
    content: &SmsContent,
) -> Result<Outcome, Fault> {
    let Ok(url) = Url::parse(&fill(gateway.url.expose_secret(), Escape::Percent, content)) else {
        return Ok(Outcome::misconfigured("the gateway's url is none"));
    };
    let client = wire.http(entered_by, &url)?;
    let Ok(request) = request(client, gateway, url, content) else {
        return Ok(Outcome::misconfigured("the gateway's request cannot be made"));
    };
    let response = client.execute(request).await.map_err(|error| Fault::from(&error))?;
    let status = response.status();
    if !taken(gateway, status) {
        return Ok(by_status(status, "gateway"));
    }
    let Some(pattern) = &gateway.success_body else { return Ok(Outcome::sent()) };
    let Some(pattern) = patterns.get(pattern) else {
        return Ok(Outcome::misconfigured("the gateway's success_body is no pattern"));
    };
    if pattern.is_match(&String::from_utf8_lossy(&read_some(response).await)) {
        return Ok(Outcome::sent());
    }
    Ok(Outcome::temporary(Detail::ProviderDown, format!("gateway answered {status}, but not as expected")))
}

fn request(
    client: &reqwest::Client,
    gateway: &HttpGateway,
    url: Url,
    content: &SmsContent,
) -> reqwest::Result<Request> {
    let method = match gateway.method {
        GatewayMethod::Get => Method::GET,
        GatewayMethod::Post => Method::POST,
        GatewayMethod::Put => Method::PUT,
    };
    let mut request = client.request(method, url);
    let mut escape = Escape::Plain;
    for (name, value) in &gateway.headers {
        if name.eq_ignore_ascii_case(CONTENT_TYPE.as_str()) {
            escape = Escape::of_content_type(value.expose_secret());
        }
        request = request.header(name, value.expose_secret());
    }
    if let Some(body) = &gateway.body {
        request = request.body(fill(body.expose_secret(), escape, content));
    }
    request.build()
}

/// Where the settings name no status, any 2xx will do.
fn taken(gateway: &HttpGateway, status: StatusCode) -> bool {
    gateway.success.contains(&status.as_u16()) || (gateway.success.is_empty() && status.is_success())
}
