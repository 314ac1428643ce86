//! `/api/v1/challenges/{id}`: what became of a code, sending it again, checking it, giving it up.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::challenge::Verdict;
use crate::domain::channel::Channel;
use crate::domain::id::ChallengeId;
use crate::domain::timestamp::Timestamp;
use crate::http::Site;
use crate::http::body;
use crate::http::caller::Caller;
use crate::http::document::{Callers, Chapter, Operation, example};
use crate::http::problem::{Code, Problem, failed};
use crate::usecase::client::check_code::{Checked, check_code};
use crate::usecase::client::{cancel_challenge, get_challenge, resend_code};

use super::shape::{ChallengeShape, VerificationShape};
use super::wire;

/// An id that cannot be one of ours is one that does not exist.
fn challenge_id(text: &str) -> Result<ChallengeId, Problem> {
    ChallengeId::parse(text).map_err(|_| Problem::new(Code::NotFound).detail("there is no such challenge"))
}

fn about(id: &'static str, summary: &'static str, text: &'static str) -> Operation {
    Operation::new(Chapter::Codes, id, summary, text)
        .part::<ChallengeId>("id", "The `id` of the challenge.", "chl_01m7wdnw5735zsyyz7vsg7b412")
        .by(Callers::HostOrAgent)
        .refuses(&[Code::NotFound, Code::ClientNotInToken])
}

pub fn getting() -> Operation {
    about(
        "get_challenge",
        "See what became of a code",
        "Whether it can still be entered, and how each of its messages fares: queued, sent, delivered, failed. The          verification window asks this every few seconds while an agent waits.",
    )
    .answers::<ChallengeShape>(StatusCode::OK, "The challenge as it is now.", example::CHALLENGE)
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

#[derive(Deserialize, ToSchema)]
#[schema(as = ResendRequest)]
struct Resend {
    /// Left out, the channels that the code was sent by.
    #[serde(default)]
    #[schema(value_type = Option<Channel>)]
    channel: Option<String>,
}

pub fn resending() -> Operation {
    about(
        "resend_code",
        "Send the same code again",
        "Nothing arrived, or it went to the wrong device: the same code goes out once more, by the same channels or by \
         the one you name. It gets no more time and no more tries by that. Asking for a *new* code instead makes the \
         earlier one void at once.",
    )
    .may_take::<Resend>(r#"{"channel": "sms"}"#)
    .answers::<ChallengeShape>(StatusCode::OK, "The challenge, with its new messages.", example::CHALLENGE)
    .refuses(&[
        Code::UnknownValue,
        Code::ContactNotAuthorized,
        Code::ContactUnreachable,
        Code::TooSoon,
        Code::TooManySends,
        Code::Locked,
        Code::ChallengeOver,
    ])
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

#[derive(Deserialize, ToSchema)]
#[schema(as = CheckRequest)]
struct Check {
    /// What the contact read out. Spaces and hyphens are ignored.
    #[schema(example = "482 913")]
    code: String,
}

/// What a check came to.
#[derive(Serialize, ToSchema)]
#[schema(as = Check)]
struct CheckShape {
    #[schema(value_type = Verdict)]
    result: &'static str,
    /// With `incorrect`: how many more can be entered. At 0 this code is over.
    #[serde(skip_serializing_if = "Option::is_none")]
    tries_left: Option<u32>,
    /// With `locked`: when a new code may be asked for. Left out, only this code is locked and a new one helps.
    #[serde(skip_serializing_if = "Option::is_none")]
    locked_until: Option<Timestamp>,
    /// With `verified`: the proof.
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

pub fn checking() -> Operation {
    about(
        "check_code",
        "Check what the contact read out",
        "A wrong code is an answer, not an error: the status is 200, and `result` says what it came to. Each try is \
         counted before it is compared. A right code turns the client's status to `verified` on every screen, and is \
         never accepted again.",
    )
    .takes::<Check>(r#"{"code": "482 913"}"#)
    .answers::<CheckShape>(StatusCode::OK, "What the check came to.", example::CHECKED)
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

pub fn cancelling() -> Operation {
    about(
        "cancel_challenge",
        "Give a code up",
        "The call ended, or it was the wrong person: the code can no longer be entered, and messages that are still \
         queued are not sent.",
    )
    .answers::<ChallengeShape>(StatusCode::OK, "The challenge, cancelled.", example::CANCELLED)
    .refuses(&[Code::ChallengeOver])
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
