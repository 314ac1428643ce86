//! Pushes: one signed POST to a callback, and how it went.
//!
//! Owns a single attempt. Neither signs nor plans: the headers come ready, and the next attempt is for whoever
//! asked. Keeps nothing of the answer but its status and `Retry-After`.

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use reqwest::{Response, StatusCode};
use url::Url;

use super::fault::Fault;
use super::guard::{Guard, NoClient, read_some};
use super::resolver::{Lookup, SystemLookup};
use super::retry_after;
use crate::domain::address::AddressRules;
use crate::domain::timestamp::Timestamp;

/// How long a host has to answer.
pub const PUSH_TIMEOUT: Duration = Duration::from_secs(15);

/// Posts to callbacks.
pub struct PushClient {
    guard: Guard,
}

/// How one attempt went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PushOutcome {
    /// The host answered 2xx.
    Delivered { status: u16 },
    /// Anything else.
    Failed { status: Option<u16>, reason: PushFailure, retry_after: Option<Duration> },
}

/// Why an attempt failed; never quotes the host's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PushFailure {
    #[error("{0}")]
    Unanswered(Fault),
    #[error("answered with a redirect, which is not followed")]
    Redirect,
    #[error("answered with an error")]
    Status,
}

impl PushClient {
    /// A client by the operating system's resolver, with the time-out that hosts are promised.
    ///
    /// # Errors
    /// A machine without certificates to check servers by.
    pub fn new(rules: AddressRules) -> Result<Self, NoClient> {
        Self::with(rules, Arc::new(SystemLookup), PUSH_TIMEOUT)
    }

    /// The same with another resolver and time-out.
    ///
    /// # Errors
    /// A machine without certificates to check servers by.
    pub fn with(rules: AddressRules, lookup: Arc<dyn Lookup>, timeout: Duration) -> Result<Self, NoClient> {
        Ok(Self { guard: Guard::new(rules, lookup, timeout)? })
    }

    /// Makes one attempt. `at` is the time by which a date in `Retry-After` is read.
    pub async fn post(
        &self,
        url: &Url,
        headers: &[(&str, &str)],
        body: Vec<u8>,
        at: Timestamp,
    ) -> PushOutcome {
        match self.send(url, headers, body).await {
            Ok(response) => judge(response, at).await,
            Err(fault) => PushOutcome::Failed {
                status: None,
                reason: PushFailure::Unanswered(fault),
                retry_after: None,
            },
        }
    }

    async fn send(&self, url: &Url, headers: &[(&str, &str)], body: Vec<u8>) -> Result<Response, Fault> {
        let client = self.guard.client(url).map_err(Fault::Refused)?;
        let mut request = client.post(url.clone()).header(CONTENT_TYPE, "application/json").body(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.send().await.map_err(|error| Fault::from(&error))
    }
}

async fn judge(response: Response, at: Timestamp) -> PushOutcome {
    let status = response.status();
    let retry_after = response.headers().get(RETRY_AFTER);
    let retry_after =
        retry_after.and_then(|value| value.to_str().ok()).and_then(|v| retry_after::parse(v, at));
    // Read so that the connection can be used again; the status has decided already.
    drop(read_some(response).await);
    if status.is_success() {
        return PushOutcome::Delivered { status: status.as_u16() };
    }
    PushOutcome::Failed { status: Some(status.as_u16()), reason: refusal(status), retry_after }
}

fn refusal(status: StatusCode) -> PushFailure {
    if status.is_redirection() { PushFailure::Redirect } else { PushFailure::Status }
}
