//! What a CRM's server posts, signed.

mod payload;

use actix_web::http::StatusCode;
use actix_web::http::header::HeaderMap;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use serde_json::Value;
use url::form_urlencoded;
use utoipa::ToSchema;

use crate::domain::audit::{Actor, Origin};
use crate::domain::id::TenantId;
use crate::domain::status::Status;
use crate::domain::tenant::Tenant;
use crate::domain::timestamp::Timestamp;
use crate::host::signature::{self, SignedHeaders, WebhookSecret};
use crate::usecase::Failure;
use crate::usecase::client::issue_token;
use crate::usecase::client::take_webhook::{self, Answer, Tools};

use super::Site;
use super::address::client_address;
use super::body::{self, WEBHOOK_LIMIT};
use super::document::{Callers, Chapter, Operation};
use super::endpoint::Endpoint;
use super::problem::{Code, Problem, failed};

/// Every route, each with what the document says of it.
pub fn endpoints() -> Vec<Endpoint> {
    vec![Endpoint::post("/{tenant}", take, taking)]
}

/// What a webhook is answered with. Those that open no window are answered with an empty object.
#[derive(Default, Serialize, ToSchema)]
#[schema(as = WebhookAnswer)]
struct Taken {
    /// With `verification.requested` and `pin.requested`: the window for this agent and this client, to show in an iframe or a popup.
    #[serde(skip_serializing_if = "Option::is_none")]
    window_url: Option<String>,
    /// With `verification.requested` and `pin.requested`: for calls from the agent's browser. The link carries it already.
    #[serde(skip_serializing_if = "Option::is_none")]
    agent_token: Option<String>,
    /// Until when link and token work.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Status>)]
    status: Option<Value>,
}

fn taking() -> Operation {
    Operation::new(
        Chapter::Webhooks,
        "post_webhook",
        "Say that a button was pressed, or that contacts changed",
        "Your server posts what happened on its screens. `verification.requested` opens a verification: its answer \
         carries the link of the window to show; `pin.requested` is the same for the client's PIN. `client.updated` and `client.removed` keep the list of contacts \
         current.\n\nThe body is signed as Standard Webhooks describes: HMAC-SHA256 over `id.timestamp.body` under the \
         tenant's webhook secret. The same `webhook-id` again, within 14 days, has no further effect and gets the same \
         answer, so try again whenever you are not sure. A list that is older than the one kept, by `timestamp`, \
         changes nothing.",
    )
    .part::<TenantId>("tenant", "Your tenant.", "cornerstone")
    .must_have("webhook-id", "Unique to this event; the same when it is tried again.", "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W")
    .must_have("webhook-timestamp", "Seconds since 1970, at most 300 seconds off.", "1795187045")
    .by(Callers::Signer)
    .takes::<payload::Signed>(REQUESTED)
    .answers::<Taken>(StatusCode::OK, "It has its effect, or had it before.", ANSWER)
    .refuses(&[
        Code::SurfaceDisabled,
        Code::PinDisabled,
        Code::ContactInvalid,
        Code::UnknownValue,
        Code::ClientNotFound,
    ])
}

const REQUESTED: &str = r#"{
  "type": "verification.requested",
  "timestamp": "2026-11-20T15:04:05Z",
  "data": {
    "surface": "lead_card",
    "client": {"id": "lead-10482", "name": "Ruiz Landscaping LLC"},
    "contacts": [
      {
        "id": "c-1",
        "name": "Ana Ruiz",
        "role": "owner",
        "email": "ana@ruiz-landscaping.example",
        "mobile": "+13055550142"
      }
    ],
    "agent": {"id": "u-77", "name": "Maria Lopez"}
  }
}"#;

const ANSWER: &str = r#"{
  "window_url": "https://verify.example/window/cornerstone#token=cst_eyJ0ZW5hbnQi…",
  "agent_token": "cst_eyJ0ZW5hbnQi…",
  "expires_at": "2026-11-20T16:04:05Z",
  "status": {
    "client": "lead-10482",
    "state": "not_verified",
    "pin": "not_set",
    "requirements": [],
    "button": {
      "tone": "neutral",
      "label": "Not verified",
      "tooltip": "Not verified – click to verify"
    },
    "version": 1
  }
}"#;

/// Reads the bytes, checks who signed them, and only then parses. An unknown tenant and a bad signature get the
/// same answer after the same work.
async fn take(
    site: web::Data<Site>,
    tenant: web::Path<String>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let bytes = body::raw(payload, WEBHOOK_LIMIT).await?;
    let directory = site.desk.directory.get();
    let now = site.desk.time.now();
    let member = TenantId::parse(&tenant).ok().and_then(|id| directory.member(&id));
    let secrets: Vec<_> = member.into_iter().flat_map(|m| m.webhook_secrets(now)).collect();
    let via = verify(&site, &request, &bytes, &secrets.iter().map(|s| s.secret.clone()).collect::<Vec<_>>())?;
    let (Some(member), Some(secret)) = (member, secrets.get(via)) else {
        return Err(Problem::unsigned());
    };
    if !member.tenant.eligible {
        return Err(
            Problem::new(Code::TenantNotEligible).detail("this tenant is not switched on for verification")
        );
    }
    let webhook = payload::parse(&bytes)?;
    let id = single(request.headers(), "webhook-id").unwrap_or_default();
    let from = client_address(&request, &site.trusted_proxies);
    let origin = Origin { actor: Actor::Host(secret.id.as_str().to_owned()), from };
    let fail = |failure: Failure| failed(failure, site.desk.time.now());
    let taken =
        take_webhook::take_webhook(&site.desk, &member.tenant, id, secret.id.as_str(), webhook, origin);
    let answer = taken.await.map_err(fail)?;
    Ok(HttpResponse::Ok().json(shape(&site, &member.tenant, answer).map_err(fail)?))
}

/// Which of the secrets signed the request. All are compared, whatever is wrong.
fn verify(
    site: &Site,
    request: &HttpRequest,
    bytes: &[u8],
    secrets: &[WebhookSecret],
) -> Result<usize, Problem> {
    let header = |name| single(request.headers(), name).unwrap_or_default();
    let headers = SignedHeaders {
        id: header("webhook-id"),
        timestamp: header("webhook-timestamp"),
        signature: header("webhook-signature"),
    };
    let (wall, forgotten) = (site.desk.time.wall().seconds(), site.desk.directory.get().bumped_at.seconds());
    let verified = signature::verify(secrets, headers, bytes, wall);
    verified.and_then(|()| signature::check_remembered(headers, forgotten)).map_err(|refused| {
        let from = client_address(request, &site.trusted_proxies);
        tracing::warn!(%refused, tenant = request.match_info().get("tenant").and_then(known_form), from, "webhook refused");
        Problem::unsigned()
    })?;
    let by = |secret: &WebhookSecret| {
        signature::verify(std::slice::from_ref(secret), headers, bytes, wall).is_ok()
    };
    secrets.iter().position(by).ok_or_else(Problem::unsigned)
}

/// A header that stands there once.
fn single<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = headers.get_all(name);
    let first = values.next()?;
    if values.next().is_some() { None } else { first.to_str().ok() }
}

fn shape(site: &Site, tenant: &Tenant, answer: Answer) -> Result<Taken, Failure> {
    let Answer::Window { claims, surface, locale, status, tools } = answer else {
        return Ok(Taken::default());
    };
    let token = issue_token::token(&site.desk, &claims)?;
    let client = claims.named.clients.first().map_or("", |c| c.as_str());
    let mut fragment = form_urlencoded::Serializer::new(String::new());
    fragment
        .append_pair("token", &token)
        .append_pair("client", client)
        .append_pair("surface", surface.as_str())
        .append_pair("lang", locale.as_str());
    if tools == Tools::Pin {
        fragment.append_pair("tools", "pin");
    }
    let fragment = fragment.finish();
    let base = site.public_url.as_str().trim_end_matches('/');
    let window_url = format!("{base}/window/{}#{fragment}", tenant.id);
    Ok(Taken {
        window_url: Some(window_url),
        agent_token: Some(token),
        expires_at: Some(claims.expires_at),
        status: Some(status),
    })
}

/// A tenant's id as it may stand in a log: only if it has the form of one.
fn known_form(text: &str) -> Option<&str> {
    TenantId::parse(text).is_ok().then_some(text)
}
