//! `/api/v1/challenges/{id}`: what became of a code, sending it again, checking it, giving it up.

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};

use crate::domain::challenge::Verdict;
use crate::domain::id::ChallengeId;
use crate::domain::timestamp::Timestamp;
use crate::http::Site;
use crate::http::body;
use crate::http::caller::Caller;
use crate::http::problem::{Code, Problem, failed};
use crate::usecase::client::check_code::{Checked, check_code};
use crate::usecase::client::{cancel_challenge, get_challenge, resend_code};

use super::shape::{ChallengeShape, VerificationShape};
use super::wire;

/// An id that cannot be one of ours is one that does not exist.
fn challenge_id(text: &str) -> Result<ChallengeId, Problem> {
    ChallengeId::parse(text).map_err(|_| Problem::new(Code::NotFound).detail("there is no such challenge"))
}

/// `GET /api/v1/challenges/{id}`
pub async fn get(
    site: web::Data<Site>,
    caller: Caller,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let (id, acting) = (challenge_id(&id)?, caller.acting(None));
    let found = get_challenge::get_challenge(&site.desk, caller.tenant(), &id, &acting).await;
    let answer = found.map_err(|f| failed(f, site.desk.time.now()))?;
    Ok(HttpResponse::Ok().json(ChallengeShape::from(&answer)))
}

#[derive(Deserialize)]
struct Resend {
    #[serde(default)]
    channel: Option<String>,
}

/// `POST /api/v1/challenges/{id}/resend`
pub async fn resend(
    site: web::Data<Site>,
    caller: Caller,
    id: web::Path<String>,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let body: Resend = body::api(payload).await?;
    let channel = body.channel.as_deref().map(wire::channel).transpose()?;
    let (id, acting) = (challenge_id(&id)?, caller.acting(None));
    let sent = resend_code::resend_code(&site.desk, caller.tenant(), &id, channel, &acting).await;
    let answer = sent.map_err(|f| failed(f, site.desk.time.now()))?;
    Ok(HttpResponse::Ok().json(ChallengeShape::from(&answer)))
}

#[derive(Deserialize)]
struct Check {
    code: String,
}

/// The answer to a check.
#[derive(Serialize)]
struct CheckShape {
    result: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    tries_left: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    locked_until: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    verification: Option<VerificationShape>,
}

impl From<Checked> for CheckShape {
    fn from(checked: Checked) -> Self {
        let (tries_left, locked_until) = match checked.verdict {
            Verdict::Incorrect { tries_left } => (Some(tries_left), None),
            Verdict::Locked { until } => (None, until),
            _ => (None, None),
        };
        let verification = checked.verified.map(VerificationShape::from);
        Self { result: checked.verdict.as_str(), tries_left, locked_until, verification }
    }
}

/// `POST /api/v1/challenges/{id}/check`
pub async fn check(
    site: web::Data<Site>,
    caller: Caller,
    id: web::Path<String>,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let body: Check = body::api(payload).await?;
    let (id, acting) = (challenge_id(&id)?, caller.acting(None));
    let checked = check_code(&site.desk, caller.tenant(), &id, &body.code, caller.agent(None), &acting).await;
    let checked = checked.map_err(|f| failed(f, site.desk.time.now()))?;
    Ok(HttpResponse::Ok().json(CheckShape::from(checked)))
}

/// `POST /api/v1/challenges/{id}/cancel`
pub async fn cancel(
    site: web::Data<Site>,
    caller: Caller,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let (id, acting) = (challenge_id(&id)?, caller.acting(None));
    let cancelled = cancel_challenge::cancel_challenge(&site.desk, caller.tenant(), &id, &acting).await;
    let answer = cancelled.map_err(|f| failed(f, site.desk.time.now()))?;
    Ok(HttpResponse::Ok().json(ChallengeShape::from(&answer)))
}
