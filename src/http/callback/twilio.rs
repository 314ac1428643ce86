//! Callbacks of Twilio's: believed by their signature alone, over the address as it came and all they carry.

use std::sync::Arc;

use actix_web::{HttpMessage as _, HttpRequest, HttpResponse, web};
use serde::Deserialize;
use serde_json::Value;
use url::form_urlencoded;

use crate::domain::id::MessageId;
use crate::domain::message::Attempt;
use crate::domain::tenant::Tenant;
use crate::http::Site;
use crate::http::address::client_address;
use crate::http::body::{self, WEBHOOK_LIMIT};
use crate::http::problem::{Problem, failed};
use crate::message::twilio::signature::{Callback, Content};
use crate::usecase::message::hear_reply::{hear_reply, twilio_meaning};
use crate::usecase::message::report_delivery::{report_delivery, twilio_report};
use crate::usecase::message::twilio_account::check_signature;

/// A callback that is believed.
pub struct Heard {
    pub tenant: Arc<Tenant>,
    /// What it carries, the address's own parameters left out.
    params: Vec<(String, String)>,
    /// Where it came from, for the record.
    pub from: String,
}

impl Heard {
    /// A parameter; empty where there is none.
    pub fn param(&self, name: &str) -> &str {
        self.params.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }
}

/// Reads a callback to this tenant and checks who signed it.
///
/// # Errors
/// `unauthorized`, whatever is wrong; `body_too_large`.
pub async fn hear(
    site: &Site,
    tenant: &str,
    request: &HttpRequest,
    payload: web::Payload,
) -> Result<Heard, Problem> {
    let bytes = body::raw(payload, WEBHOOK_LIMIT).await?;
    let url = told_url(site, request);
    let is_form = request.content_type() == "application/x-www-form-urlencoded" || bytes.is_empty();
    let form: Vec<_> =
        if is_form { form_urlencoded::parse(&bytes).into_owned().collect() } else { Vec::new() };
    let content = if is_form { Content::Form(&form) } else { Content::Body(&bytes) };
    let callback = Callback { url: &url, content, signature: signature(request) };
    let from = client_address(request, &site.trusted_proxies);
    let Some(tenant) = check_signature(&site.desk, &site.post.providers, tenant, callback) else {
        tracing::warn!(from, "a callback of Twilio's is refused: no account of its tenant signed it");
        return Err(Problem::unauthorized().detail("the tenant is not known, or the signature is not right"));
    };
    let params = if is_form { form } else { members(&bytes) };
    Ok(Heard { tenant, params, from })
}

/// The address as the account was told it: the public one, with path and query as they came.
fn told_url(site: &Site, request: &HttpRequest) -> String {
    let base = site.public_url.as_str().trim_end_matches('/');
    let asked = request.uri().path_and_query().map_or("", |asked| asked.as_str());
    format!("{base}{asked}")
}

/// The header, if it stands there once.
fn signature(request: &HttpRequest) -> &str {
    let mut values = request.headers().get_all("x-twilio-signature");
    let first = values.next().and_then(|value| value.to_str().ok()).unwrap_or_default();
    if values.next().is_some() { "" } else { first }
}

/// The texts of a JSON object.
fn members(bytes: &[u8]) -> Vec<(String, String)> {
    let Ok(Value::Object(object)) = serde_json::from_slice(bytes) else { return Vec::new() };
    object.into_iter().filter_map(|(name, value)| Some((name, value.as_str()?.to_owned()))).collect()
}

#[derive(Deserialize)]
pub struct About {
    #[serde(default)]
    message: String,
    #[serde(default)]
    attempt: String,
}

/// What became of a text. Words that are not known are logged and answered like any other.
pub async fn status(
    site: web::Data<Site>,
    tenant: web::Path<String>,
    about: web::Query<About>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let heard = hear(&site, &tenant, &request, payload).await?;
    let word = heard.param("MessageStatus");
    let message = MessageId::parse(&about.message).ok();
    let attempt =
        message.zip(about.attempt.parse().ok()).map(|(message, number)| Attempt { message, number });
    let Some(report) = attempt.and_then(|attempt| twilio_report(attempt, word, heard.param("ErrorCode")))
    else {
        let word: String = word.chars().filter(|c| c.is_ascii_lowercase() || *c == '_').take(24).collect();
        tracing::info!(status = word, "a status of Twilio's that changes nothing");
        return Ok(HttpResponse::NoContent().finish());
    };
    let noted = report_delivery(&site.desk, &heard.tenant.id, report, &heard.from).await;
    noted.map_err(|failure| failed(failure, site.desk.time.now()))?;
    Ok(HttpResponse::NoContent().finish())
}

/// What a contact answered. Twilio confirms to one who stops by itself: there is nothing to add.
pub async fn inbound(
    site: web::Data<Site>,
    tenant: web::Path<String>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let heard = hear(&site, &tenant, &request, payload).await?;
    let said = twilio_meaning(heard.param("OptOutType"), heard.param("Body"));
    let taken = hear_reply(&site.desk, &heard.tenant.id, heard.param("From"), said, &heard.from).await;
    taken.map_err(|failure| failed(failure, site.desk.time.now()))?;
    Ok(HttpResponse::Ok()
        .content_type("text/xml; charset=utf-8")
        .body(r#"<?xml version="1.0" encoding="UTF-8"?><Response/>"#))
}
