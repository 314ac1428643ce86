//! Errors as problem details (RFC 9457): one table of codes, one envelope, extractor errors in it too.
//!
//! What went wrong inside is logged under an id; the caller gets the id and nothing else.

use std::fmt;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, ResponseError};
use serde_json::{Map, Value, json};

use crate::domain::refusal::{Refusal, Unreachable};
use crate::domain::timestamp::Timestamp;
use crate::store::StoreError;
use crate::usecase::Failure;
use crate::usecase::error;

macro_rules! codes {
    ($($name:ident $code:literal $status:ident $title:literal;)*) => {
        /// A stable code of the API.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Code { $($name),* }

        impl Code {
            fn parts(self) -> (&'static str, StatusCode, &'static str) {
                match self { $(Self::$name => ($code, StatusCode::$status, $title)),* }
            }
        }
    };
}

codes! {
    Unauthorized "unauthorized" UNAUTHORIZED "The credential is missing or not valid";
    NotFound "not_found" NOT_FOUND "There is nothing here";
    ClientNotFound "client_not_found" NOT_FOUND "There is no such client";
    TenantNotEligible "tenant_not_eligible" FORBIDDEN "This tenant is not switched on for verification";
    SurfaceDisabled "surface_disabled" FORBIDDEN "Verification is switched off here";
    ContactNotAuthorized "contact_not_authorized" FORBIDDEN "This contact may not be sent a code";
    ContactUnreachable "contact_unreachable" UNPROCESSABLE_ENTITY "This contact cannot be reached";
    ContactInvalid "contact_invalid" UNPROCESSABLE_ENTITY "A contact detail cannot be used";
    ClientNotInToken "client_not_in_token" FORBIDDEN "The token does not name this client";
    InvalidRequest "invalid_request" BAD_REQUEST "The request cannot be understood";
    UnknownValue "unknown_value" UNPROCESSABLE_ENTITY "A value is not one of the known ones";
    TooSoon "too_soon" TOO_MANY_REQUESTS "A code was just sent";
    TooManySends "too_many_sends" TOO_MANY_REQUESTS "Too many codes were sent";
    Locked "locked" TOO_MANY_REQUESTS "Too many wrong codes";
    Reported "reported" CONFLICT "The client reported a code";
    ChallengeOver "challenge_over" CONFLICT "This code is over";
    PinDisabled "pin_disabled" FORBIDDEN "Security PINs are switched off";
    BodyTooLarge "body_too_large" PAYLOAD_TOO_LARGE "The body is too large";
    Unavailable "unavailable" SERVICE_UNAVAILABLE "The service cannot answer just now";
    Internal "internal" INTERNAL_SERVER_ERROR "Something went wrong on our side";
}

/// One error on its way out.
#[derive(Debug)]
pub struct Problem {
    code: Code,
    detail: Option<String>,
    more: Map<String, Value>,
    retry_after: Option<u64>,
}

impl Problem {
    pub fn new(code: Code) -> Self {
        Self { code, detail: None, more: Map::new(), retry_after: None }
    }

    /// What happened and what to do, for the person who reads it.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// A further member.
    #[must_use]
    pub fn with(mut self, name: &str, value: Value) -> Self {
        self.more.insert(name.to_owned(), value);
        self
    }

    pub fn invalid(detail: impl Into<String>) -> Self {
        Self::new(Code::InvalidRequest).detail(detail)
    }

    /// A word that is not one of a set; lists the set.
    pub fn unknown_value(field: &str, known: &[&str]) -> Self {
        Self::new(Code::UnknownValue)
            .detail(format!("{field}: the known values are {}", known.join(", ")))
            .with("field", json!(field))
            .with("known", json!(known))
    }

    /// The same answer whatever is wrong with a credential.
    pub fn unauthorized() -> Self {
        Self::new(Code::Unauthorized)
    }

    /// A webhook that nobody known signed: the same words whichever it is.
    pub fn unsigned() -> Self {
        Self::unauthorized().detail(
            "the tenant is not known, the signature is not right, or the time is more than 300 seconds off",
        )
    }

    /// A refusal, with how long to wait from `now`.
    pub fn refused(refusal: &Refusal, now: Timestamp) -> Self {
        let problem = Self::new(code(refusal)).detail(refusal.to_string());
        let wait = |until: &Timestamp| {
            Some(until.since(now).as_millis().div_ceil(1000).max(1)).and_then(|s| u64::try_from(s).ok())
        };
        match refusal {
            Refusal::TooSoon { until, challenge } => {
                let problem = Self { retry_after: wait(until), ..problem };
                match challenge {
                    Some(challenge) => problem.with("challenge", json!(challenge)),
                    None => problem,
                }
            }
            Refusal::TooManySends { until } => Self { retry_after: wait(until), ..problem },
            Refusal::TooManyStreams => Self { retry_after: Some(30), ..problem },
            Refusal::Locked { until } => {
                Self { retry_after: wait(until), ..problem }.with("locked_until", json!(until))
            }
            Refusal::ContactUnreachable(Unreachable::Changed { until }) | Refusal::Reported { until } => {
                problem.with("until", json!(until))
            }
            _ => problem,
        }
    }
}

fn code(refusal: &Refusal) -> Code {
    match refusal {
        Refusal::TenantNotEligible => Code::TenantNotEligible,
        Refusal::SurfaceDisabled(_) => Code::SurfaceDisabled,
        Refusal::ClientNotFound => Code::ClientNotFound,
        Refusal::NotFound(_) => Code::NotFound,
        Refusal::ContactNotAuthorized => Code::ContactNotAuthorized,
        Refusal::ContactUnreachable(_) => Code::ContactUnreachable,
        Refusal::ClientNotInToken => Code::ClientNotInToken,
        Refusal::TooSoon { .. } => Code::TooSoon,
        Refusal::TooManySends { .. } => Code::TooManySends,
        Refusal::Locked { .. } => Code::Locked,
        Refusal::Reported { .. } => Code::Reported,
        Refusal::ChallengeOver => Code::ChallengeOver,
        Refusal::TooManyStreams => Code::Unavailable,
    }
}

/// A failed use case as its answer; `now` is for `Retry-After`.
pub fn failed(failure: Failure, now: Timestamp) -> Problem {
    match failure {
        Failure::Refused(refusal) => Problem::refused(&refusal, now),
        Failure::Invalid(detail) => Problem::invalid(detail),
        Failure::Store(error @ StoreError::Unavailable(_)) => {
            Problem { retry_after: Some(5), ..inside(Code::Unavailable, &error) }
        }
        Failure::Store(error) => inside(Code::Internal, &error),
    }
}

/// A failure of ours: logged whole under an id, told by the id alone.
fn inside(code: Code, failure: &StoreError) -> Problem {
    let id = error::fault_id();
    tracing::error!(error.id = id, error = error::chain(failure), "a request failed inside");
    Problem::new(code).with("id", json!(id))
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code.parts().0)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.code.parts().1
    }

    fn error_response(&self) -> HttpResponse {
        let (code, status, title) = self.code.parts();
        let mut body = self.more.clone();
        body.insert("type".into(), json!("about:blank"));
        body.insert("title".into(), json!(title));
        body.insert("status".into(), json!(status.as_u16()));
        body.insert("code".into(), json!(code));
        if let Some(detail) = &self.detail {
            body.insert("detail".into(), json!(detail));
        }
        let mut response = HttpResponse::build(status);
        if let Some(seconds) = self.retry_after {
            response.insert_header((header::RETRY_AFTER, seconds));
        }
        if self.code == Code::Unauthorized {
            response.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
        }
        response.content_type("application/problem+json").body(Value::Object(body).to_string())
    }
}
