//! What the CRM asks of the service: a signed webhook for the window, and the API for statuses.
//!
//! All of it runs on the CRM's server; the API key and the webhook secret never reach a browser.

use reqwest::{RequestBuilder, Response, StatusCode, header};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::json;
use url::Url;

use super::tenant::Tenant;
use super::verify::Caller;
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

/// A token for the agent's window.
#[derive(Deserialize)]
pub struct Issued {
    pub agent_token: String,
}

/// What a question for statuses is answered with.
pub enum Answer {
    /// Nothing has changed since the answer whose tag was sent along.
    Unchanged,
    Changed {
        statuses: Vec<Status>,
        tag: Option<String>,
    },
}

impl Answer {
    /// The statuses that came.
    pub fn statuses(&self) -> &[Status] {
        match self {
            Self::Unchanged => &[],
            Self::Changed { statuses, .. } => statuses,
        }
    }
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

impl Refusal {
    /// What the service says of it, for the log.
    pub fn said(&self) -> &str {
        if self.detail.is_empty() { &self.title } else { &self.detail }
    }
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
        read(ask(request, lang).await?).await
    }

    /// A token for one agent and one client, as the window asks for when its own has ended.
    ///
    /// # Errors
    /// What the service says against it.
    pub async fn token(
        &self,
        tenant: &Tenant,
        agent: &Caller<'_>,
        client: &str,
        lang: Lang,
    ) -> Result<Issued, Refusal> {
        let request = self
            .http
            .post(format!("{}/api/v1/agent-tokens", self.base))
            .bearer_auth(&tenant.api_key)
            .json(&json!({ "agent": agent, "clients": [client] }));
        read(ask(request, lang).await?).await
    }

    /// The statuses of some clients of one tenant, in the order asked, unless `tag` is still that of the answer.
    ///
    /// # Errors
    /// What the service says against it.
    pub async fn statuses(
        &self,
        tenant: &Tenant,
        clients: &[&str],
        lang: Lang,
        tag: Option<&str>,
    ) -> Result<Answer, Refusal> {
        let mut request = self
            .http
            .post(format!("{}/api/v1/status", self.base))
            .bearer_auth(&tenant.api_key)
            .json(&json!({ "clients": clients }));
        if let Some(tag) = tag {
            request = request.header(header::IF_NONE_MATCH, tag);
        }
        let answer = ask(request, lang).await?;
        if answer.status() == StatusCode::NOT_MODIFIED {
            return Ok(Answer::Unchanged);
        }
        let tag = answer.headers().get(header::ETAG).and_then(|tag| tag.to_str().ok()).map(str::to_owned);
        let Statuses { statuses } = read(answer).await?;
        Ok(Answer::Changed { statuses, tag })
    }
}

async fn read<T: DeserializeOwned>(answer: Response) -> Result<T, Refusal> {
    answer.json().await.map_err(unreachable)
}

/// Sends a request; every answer but a `no` comes back.
async fn ask(request: RequestBuilder, lang: Lang) -> Result<Response, Refusal> {
    let answer = request.header(header::ACCEPT_LANGUAGE, lang.code()).send().await.map_err(unreachable)?;
    let status = answer.status();
    if status.is_success() || status == StatusCode::NOT_MODIFIED {
        return Ok(answer);
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
