//! What the CRM asks of the service: a signed webhook for the window, and the API for tokens and a status.
//!
//! All of it runs on the CRM's server; the API key and the webhook secret never reach a browser.

use reqwest::{RequestBuilder, Response, header};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
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

/// What a `verification.requested` is answered with: a token that names the client, and the window as a page.
#[derive(Deserialize)]
pub struct Opened {
    pub agent_token: String,
    pub window_url: Url,
}

/// What a token names besides clients.
#[derive(Default)]
pub struct Named {
    pub sessions: Vec<String>,
    pub signings: Vec<String>,
}

/// A token for the agent's pages.
#[derive(Deserialize)]
pub struct Issued {
    pub agent_token: String,
}

/// Where a client stands, as far as this CRM must know it.
#[derive(Deserialize)]
pub struct Status {
    pub state: String,
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

    /// Where the button and the window come from: whose scripts the pages may run, and whom those may ask.
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

    /// A token for one agent, which shows the status of every client, and leads or helps with what `named` lists.
    ///
    /// # Errors
    /// What the service says against it.
    pub async fn token(
        &self,
        tenant: &Tenant,
        agent: &Caller<'_>,
        named: &Named,
        lang: Lang,
    ) -> Result<Issued, Refusal> {
        let body = json!({ "agent": agent, "sessions": named.sessions, "signings": named.signings });
        self.call(tenant, "/api/v1/agent-tokens", &body, lang).await
    }

    /// Any call of the API that takes a body.
    ///
    /// # Errors
    /// What the service says against it.
    pub async fn call<T: DeserializeOwned>(
        &self,
        tenant: &Tenant,
        path: &str,
        body: &Value,
        lang: Lang,
    ) -> Result<T, Refusal> {
        let request = self.http.post(format!("{}{path}", self.base)).bearer_auth(&tenant.api_key).json(body);
        read(ask(request, lang).await?).await
    }

    /// Names something, or names it anew.
    ///
    /// # Errors
    /// What the service says against it.
    pub async fn put(&self, tenant: &Tenant, path: &str, body: &Value, lang: Lang) -> Result<(), Refusal> {
        let request = self.http.put(format!("{}{path}", self.base)).bearer_auth(&tenant.api_key).json(body);
        ask(request, lang).await.map(|_| ())
    }

    /// Where a client stands now.
    ///
    /// # Errors
    /// What the service says against it.
    pub async fn status(&self, tenant: &Tenant, client: &str, lang: Lang) -> Result<Status, Refusal> {
        let url = format!("{}/api/v1/clients/{client}/status", self.base);
        let request = self.http.get(url).bearer_auth(&tenant.api_key);
        read(ask(request, lang).await?).await
    }
}

async fn read<T: DeserializeOwned>(answer: Response) -> Result<T, Refusal> {
    answer.json().await.map_err(unreachable)
}

/// Sends a request; every answer but a `no` comes back.
async fn ask(request: RequestBuilder, lang: Lang) -> Result<Response, Refusal> {
    let answer = request.header(header::ACCEPT_LANGUAGE, lang.code()).send().await.map_err(unreachable)?;
    let status = answer.status();
    if status.is_success() {
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
