//! Signing in and out: a password, the page of the second step, and back here.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, web};
use serde_json::json;

use crate::domain::admin::Password;
use crate::domain::calendar;
use crate::domain::i18n;
use crate::domain::proof::Proof;
use crate::domain::refusal::Refusal;
use crate::domain::timestamp::Timestamp;
use crate::usecase::Failure;
use crate::usecase::admin::sessions::{Which, end_sessions};
use crate::usecase::admin::sign_in::{self as signing_in, Typed, finish_sign_in};

use super::gate::{Knock, SESSION, Turned, Visit, cookie, to};
use super::page::Frame;

/// Where the second step leads back to.
const BACK: &str = "/admin/in";

/// `GET /admin/sign-in`
pub async fn show(knock: Knock) -> HttpResponse {
    page(&knock, StatusCode::OK, "", None)
}

/// The form, with what was typed but the password, and with what is wrong.
fn page(knock: &Knock, status: StatusCode, email: &str, alert: Option<String>) -> HttpResponse {
    let frame = Frame::outside(knock, "admin.sign_in");
    knock.console.page(status, "sign_in", &frame, json!({"email": email, "alert": alert}))
}

/// `POST /admin/sign-in`
pub async fn sign_in(knock: Knock, payload: web::Payload) -> Result<HttpResponse, Turned> {
    let fields = knock.fields(payload).await?;
    let (email, password) = (fields.get("email"), Password::typed(fields.get("password")));
    let desk = &knock.site.desk;
    let back = format!("{}{BACK}", knock.site.public_url.as_str().trim_end_matches('/'));
    let say = |key: &str| Some(i18n::text(knock.locale, key).to_owned());
    match signing_in::sign_in(desk, (email, &password), &back, &knock.visitor).await {
        Ok(Typed::Right { token, url }) => {
            let mut answer = to(&format!("{}?lang={}", &*url, knock.locale));
            // Nothing is lost where the browser takes no cookie: it then comes back to the form.
            drop(answer.add_cookie(&cookie(SESSION, token.expose().to_owned(), None)));
            Ok(answer)
        }
        Ok(Typed::Wrong) => {
            Ok(page(&knock, StatusCode::UNPROCESSABLE_ENTITY, email, say("admin.sign_in.wrong")))
        }
        Ok(Typed::TooMany { until }) => {
            let mut answer = page(&knock, StatusCode::TOO_MANY_REQUESTS, email, Some(wait(&knock, until)));
            let seconds = until.since(desk.time.now()).as_secs().max(1);
            answer.headers_mut().insert(header::RETRY_AFTER, seconds.into());
            Ok(answer)
        }
        Err(Failure::Refused(Refusal::Busy)) => {
            Ok(page(&knock, StatusCode::SERVICE_UNAVAILABLE, email, say("page.trouble.busy.do")))
        }
        Err(failure) => Err(knock.failing(failure)),
    }
}

/// How long there is to wait, in whole minutes: nobody's time zone is known here.
fn wait(knock: &Knock, until: Timestamp) -> String {
    let now = knock.site.desk.time.now();
    let minutes = until.since(now).as_secs().div_ceil(60).max(1);
    let length = calendar::length(knock.locale, std::time::Duration::from_mins(minutes));
    i18n::fill(knock.locale, "admin.sign_in.too_many", &[("length", &length)])
}

/// `GET /admin/in`: back from the second step, with its proof. Only the browser that typed the password gets in by it.
pub async fn enter(knock: Knock) -> Result<HttpResponse, Turned> {
    let (Some(half), Some(proof)) = (knock.token(), knock.query("proof")) else {
        return Ok(to("/admin"));
    };
    let proof = Proof::given(&proof);
    match finish_sign_in(&knock.site.desk, &half, &proof, &knock.visitor).await {
        Ok(token) => {
            let mut answer = to("/admin");
            drop(answer.add_cookie(&cookie(SESSION, token.expose().to_owned(), None)));
            Ok(answer)
        }
        // Used, late, or of another browser: whoever is signed in stays so.
        Err(Failure::Refused(Refusal::NotFound(_))) => Ok(to("/admin")),
        Err(failure) => Err(knock.failing(failure)),
    }
}

/// `POST /admin/sign-out`
pub async fn sign_out(visit: Visit, payload: web::Payload) -> Result<HttpResponse, Turned> {
    visit.fields(payload).await?;
    let ended = end_sessions(&visit.knock.site.desk, &visit.who, Which::This, &visit.knock.visitor).await;
    match ended {
        Ok(()) | Err(Failure::Refused(Refusal::NotFound(_))) => {}
        Err(failure) => return Err(visit.knock.failing(failure)),
    }
    let mut answer = to("/admin/sign-in");
    drop(answer.add_removal_cookie(&cookie(SESSION, String::new(), None)));
    Ok(answer)
}
