//! Errors as problem details (RFC 9457): one table of codes, one envelope, extractor errors in it too.
//!
//! What went wrong inside is logged under an id; the caller gets the id and nothing else.

use std::fmt;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::id::{ChallengeId, ContactId};
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
            pub const ALL: &[Self] = &[$(Self::$name),*];

            fn parts(self) -> (&'static str, StatusCode, &'static str) {
                match self { $(Self::$name => ($code, StatusCode::$status, $title)),* }
            }
        }
    };
}

impl Code {
    /// The word itself.
    pub fn as_str(self) -> &'static str {
        self.parts().0
    }

    /// The status it is answered with.
    pub fn status(self) -> StatusCode {
        self.parts().1
    }

    /// What it means, in words.
    pub fn title(self) -> &'static str {
        self.parts().2
    }

    /// The body of a problem that has nothing more to say.
    pub fn body(self) -> Body {
        let (code, status, title) = self.parts();
        let about = "about:blank";
        Body { r#type: about, title, status: status.as_u16(), code, ..Body::default() }
    }
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
    MethodNotAllowed "method_not_allowed" METHOD_NOT_ALLOWED "This address takes another method";
    InvalidRequest "invalid_request" BAD_REQUEST "The request cannot be understood";
    UnknownValue "unknown_value" UNPROCESSABLE_ENTITY "A value is not one of the known ones";
    TooSoon "too_soon" TOO_MANY_REQUESTS "A code or a link was just sent";
    TooManySends "too_many_sends" TOO_MANY_REQUESTS "Too many codes or links were sent";
    Locked "locked" TOO_MANY_REQUESTS "Too many wrong codes";
    Reported "reported" CONFLICT "The client reported a code";
    ChallengeOver "challenge_over" CONFLICT "This code is over";
    ReturnUrlNotAllowed "return_url_not_allowed" UNPROCESSABLE_ENTITY "The address to return to is not allowed";
    PinDisabled "pin_disabled" FORBIDDEN "Security PINs are switched off";
    BodyTooLarge "body_too_large" PAYLOAD_TOO_LARGE "The body is too large";
    Unavailable "unavailable" SERVICE_UNAVAILABLE "The service cannot answer just now";
    Internal "internal" INTERNAL_SERVER_ERROR "Something went wrong on our side";
}

/// The body of a problem (RFC 9457).
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct Body {
    /// Always `about:blank`: `code` says which problem it is.
    r#type: &'static str,
    /// The code in words.
    title: &'static str,
    /// The HTTP status once more.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    #[schema(value_type = Code)]
    code: &'static str,
    /// What happened and what to do, for the person who reads it. Never a secret, an address or a number.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    /// With `internal` and `unavailable`: what to tell whoever operates the service.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    /// With `too_soon`: the code that is on its way.
    #[serde(skip_serializing_if = "Option::is_none")]
    challenge: Option<ChallengeId>,
    /// With `contact_unreachable` and `reported`: when it is over by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<Timestamp>,
    /// With `locked`: when a new code may be asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    locked_until: Option<Timestamp>,
    /// With `contact_invalid`: the contact.
    #[serde(skip_serializing_if = "Option::is_none")]
    contact: Option<ContactId>,
    /// With `contact_invalid` and `unknown_value`: the field.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    /// With `unknown_value`: the values that are known.
    #[serde(skip_serializing_if = "Option::is_none")]
    known: Option<Vec<String>>,
}

/// One error on its way out.
#[derive(Debug)]
pub struct Problem {
    code: Code,
    body: Box<Body>,
    retry_after: Option<u64>,
    allow: Option<String>,
}

impl Problem {
    pub fn new(code: Code) -> Self {
        Self { code, body: Box::new(code.body()), retry_after: None, allow: None }
    }

    /// What happened and what to do, for the person who reads it.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.body.detail = Some(detail.into());
        self
    }

    /// With a further member.
    #[must_use]
    fn with(mut self, fill: impl FnOnce(&mut Body)) -> Self {
        fill(&mut self.body);
        self
    }

    pub fn invalid(detail: impl Into<String>) -> Self {
        Self::new(Code::InvalidRequest).detail(detail)
    }

    /// A word that is not one of a set; lists the set.
    pub fn unknown_value(field: &str, known: &[&str]) -> Self {
        Self::new(Code::UnknownValue)
            .detail(format!("{field}: the known values are {}", known.join(", ")))
            .with(|body| {
                body.field = Some(field.to_owned());
                body.known = Some(known.iter().map(|&word| word.to_owned()).collect());
            })
    }

    /// A contact whose detail is neither an address nor a number.
    pub fn contact_invalid(contact: ContactId, field: &str, why: impl fmt::Display) -> Self {
        Self::new(Code::ContactInvalid).detail(format!("contact {contact}: {field} {why}")).with(|body| {
            body.contact = Some(contact);
            body.field = Some(field.to_owned());
        })
    }

    /// A known address by a method that it does not take.
    pub fn method_not_allowed(allowed: &str) -> Self {
        let problem = Self::new(Code::MethodNotAllowed).detail(format!("this address takes {allowed}"));
        Self { allow: Some(allowed.to_owned()), ..problem }
    }

    pub fn code(&self) -> Code {
        self.code
    }

    /// How many seconds to wait before trying again.
    pub fn retry_after(&self) -> Option<u64> {
        self.retry_after
    }

    /// What to tell whoever operates the service.
    pub fn id(&self) -> Option<&str> {
        self.body.id.as_deref()
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
            Refusal::TooSoon { until, challenge, .. } => {
                let problem = Self { retry_after: wait(until), ..problem };
                problem.with(|body| body.challenge.clone_from(challenge))
            }
            Refusal::TooManySends { until } => Self { retry_after: wait(until), ..problem },
            Refusal::TooManyStreams => Self { retry_after: Some(30), ..problem },
            Refusal::Busy => Self { retry_after: Some(5), ..problem },
            Refusal::Locked { until } => {
                Self { retry_after: wait(until), ..problem }.with(|body| body.locked_until = Some(*until))
            }
            Refusal::ContactUnreachable(
                Unreachable::Changed { until } | Unreachable::ManyChanged { until },
            )
            | Refusal::Reported { until } => problem.with(|body| body.until = Some(*until)),
            _ => problem,
        }
    }
}

fn code(refusal: &Refusal) -> Code {
    match refusal {
        Refusal::TenantNotEligible => Code::TenantNotEligible,
        Refusal::SurfaceDisabled(_) | Refusal::SwitchedOff(_) => Code::SurfaceDisabled,
        Refusal::ClientNotFound => Code::ClientNotFound,
        Refusal::NotFound(_) => Code::NotFound,
        Refusal::ContactNotAuthorized => Code::ContactNotAuthorized,
        Refusal::ContactUnreachable(_) => Code::ContactUnreachable,
        Refusal::NotInToken(_) => Code::ClientNotInToken,
        Refusal::TooSoon { .. } => Code::TooSoon,
        Refusal::TooManySends { .. } => Code::TooManySends,
        Refusal::Locked { .. } => Code::Locked,
        Refusal::Reported { .. } => Code::Reported,
        Refusal::ChallengeOver | Refusal::NoCode | Refusal::SessionOver => Code::ChallengeOver,
        Refusal::ReturnUrlNotAllowed => Code::ReturnUrlNotAllowed,
        Refusal::PinDisabled => Code::PinDisabled,
        Refusal::TooManyStreams | Refusal::Busy => Code::Unavailable,
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
        Failure::Render(error) => inside(Code::Internal, &error),
        Failure::Hash(error) => inside(Code::Internal, &error),
    }
}

/// A failure of ours: logged whole under an id, told by the id alone.
fn inside(code: Code, failure: &dyn std::error::Error) -> Problem {
    let id = error::fault_id();
    tracing::error!(error.id = id, error = error::chain(failure), "a request failed inside");
    Problem::new(code).with(|body| body.id = Some(id))
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code.as_str())
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.code.status()
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.code.status());
        if let Some(seconds) = self.retry_after {
            response.insert_header((header::RETRY_AFTER, seconds));
        }
        if let Some(allow) = &self.allow {
            response.insert_header((header::ALLOW, allow.as_str()));
        }
        if self.code == Code::Unauthorized {
            response.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
        }
        // A tree of strings and numbers always serialises.
        let body = serde_json::to_vec(&self.body).unwrap_or_default();
        response.content_type("application/problem+json").body(body)
    }
}
