//! What a CRM's server posts, signed.

mod payload;

use actix_web::http::header::HeaderMap;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};
use url::form_urlencoded;

use crate::domain::audit::{Actor, Origin};
use crate::domain::id::TenantId;
use crate::domain::tenant::Tenant;
use crate::host::signature::{self, SignedHeaders, WebhookSecret};
use crate::usecase::Failure;
use crate::usecase::client::issue_token;
use crate::usecase::client::take_webhook::{self, Answer};

use super::Site;
use super::address::client_address;
use super::body::{self, WEBHOOK_LIMIT};
use super::problem::{Code, Problem, failed};

pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/{tenant}", web::post().to(take));
}

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
    let wall = site.desk.time.wall().seconds();
    signature::verify(secrets, headers, bytes, wall).map_err(|refused| {
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

fn shape(site: &Site, tenant: &Tenant, answer: Answer) -> Result<Value, Failure> {
    let Answer::Window { claims, surface, locale, status } = answer else { return Ok(json!({})) };
    let token = issue_token::token(&site.desk, &claims)?;
    let client = claims.clients.first().map_or("", |c| c.as_str());
    let fragment = form_urlencoded::Serializer::new(String::new())
        .append_pair("token", &token)
        .append_pair("client", client)
        .append_pair("surface", surface.as_str())
        .append_pair("lang", locale.as_str())
        .finish();
    let base = site.public_url.as_str().trim_end_matches('/');
    let window_url = format!("{base}/window/{}#{fragment}", tenant.id);
    Ok(json!({
        "window_url": window_url, "agent_token": token, "expires_at": claims.expires_at, "status": status,
    }))
}

/// A tenant's id as it may stand in a log: only if it has the form of one.
fn known_form(text: &str) -> Option<&str> {
    TenantId::parse(text).is_ok().then_some(text)
}
