//! What the CRM asks of the service: a signed webhook for the window, and the API for statuses.
//!
//! All of it runs on the CRM's server; the API key and the webhook secret never reach a browser.

use reqwest::{RequestBuilder, header};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::json;
use url::Url;

use super::tenant::Tenant;
use crate::demo::page::Lang;
use crate::demo::{self, DemoError, signature};

/// The service, as its clients see it.
pub struct Service {
    http: reqwest::Client,
    base: String,
    origin: String,
}

/// A webhook ready to be signed.
pub struct Webhook {
    pub id: String,
    pub seconds: i64,
    pub body: Vec<u8>,
}

/// What a `verification.requested` is answered with; the CRM needs only the link.
#[derive(Deserialize)]
pub struct Opened {
    pub window_url: Url,
}

/// The status of one client, as far as this CRM shows it.
#[derive(Deserialize, Serialize, Clone)]
pub struct Status {
    pub client: String,
    pub state: String,
    pub button: Button,
    #[serde(default)]
    pub version: u64,
    #[serde(default)]
    pub last_verified_at: Option<String>,
}

/// What the button of a client looks like.
#[derive(Deserialize, Serialize, Clone)]
pub struct Button {
    pub tone: String,
    pub label: String,
    pub tooltip: String,
}

#[derive(Deserialize)]
struct Statuses {
    statuses: Vec<Status>,
}

/// A `no` from the service, or no answer at all (`unreachable`).
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Refusal {
    pub status: u16,
    pub code: String,
    pub title: String,
    pub detail: String,
}

impl Service {
    /// # Errors
    /// The machine offers no TLS.
    pub fn new(base: &Url) -> Result<Self, DemoError> {
        let http = demo::client()?;
        let origin = base.origin().ascii_serialization();
        Ok(Self { http, base: base.as_str().trim_end_matches('/').to_owned(), origin })
    }

    /// Where the window comes from: what the pages may embed, and whose messages they believe.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Posts a signed webhook.
    ///
    /// # Errors
    /// What the service says against it.
    pub async fn post(&self, tenant: &Tenant, webhook: Webhook, lang: Lang) -> Result<Opened, Refusal> {
        let signed = signature::sign(&tenant.webhook_secret, &webhook.id, webhook.seconds, &webhook.body);
        let request = self
            .http
            .post(format!("{}/webhooks/{}", self.base, tenant.id))
            .header(header::CONTENT_TYPE, "application/json")
            .header("webhook-id", webhook.id)
            .header("webhook-timestamp", webhook.seconds)
            .header("webhook-signature", signed.unwrap_or_default())
            .body(webhook.body);
        ask(request, lang).await
    }

    /// The statuses of some clients of one tenant, in the order asked.
    ///
    /// # Errors
    /// What the service says against it.
    pub async fn statuses(
        &self,
        tenant: &Tenant,
        clients: &[&str],
        lang: Lang,
    ) -> Result<Vec<Status>, Refusal> {
        let request = self
            .http
            .post(format!("{}/api/v1/status", self.base))
            .bearer_auth(&tenant.api_key)
            .json(&json!({ "clients": clients }));
        ask::<Statuses>(request, lang).await.map(|answer| answer.statuses)
    }
}

async fn ask<T: DeserializeOwned>(request: RequestBuilder, lang: Lang) -> Result<T, Refusal> {
    let answer = request.header(header::ACCEPT_LANGUAGE, lang.code()).send().await.map_err(unreachable)?;
    let status = answer.status();
    if status.is_success() {
        return answer.json().await.map_err(unreachable);
    }
    // A proxy in between may answer with a page: then only the number is known.
    let problem: Refusal = answer.json().await.unwrap_or_default();
    Err(Refusal { status: status.as_u16(), ..problem })
}

#[expect(clippy::needless_pass_by_value, reason = "it is the argument of map_err")]
fn unreachable(error: reqwest::Error) -> Refusal {
    tracing::warn!(%error, "the service does not answer the CRM");
    Refusal { status: 502, code: "unreachable".into(), ..Refusal::default() }
}
