//! `/api/v1/users`: the users of the CRM, and what a sign-in asks of them.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

use crate::domain::agent;
use crate::domain::contact::{Contact, Email, Phone};
use crate::domain::id::{LoginId, UserId};
use crate::domain::login::{Decision, Method, UserState, UserView, as_contact};
use crate::domain::proof::Proof;
use crate::domain::timestamp::Timestamp;
use crate::http::Site;
use crate::http::body;
use crate::http::caller::Host;
use crate::http::document::{Callers, Chapter, LanguageTag, Operation, example};
use crate::http::problem::{Code, Problem, failed};
use crate::usecase::login::begin_login::begin_login;
use crate::usecase::login::put_user::put_user;
use crate::usecase::login::redeem_login::redeem_login;
use crate::usecase::login::remove_user::remove_user;
use crate::usecase::login::reset_second_step::reset_second_step;
use crate::usecase::login::view_user::{Sort, Wanted, list_users, view_user};

use super::proofs::ProofBody;
use super::wire::{self, detail};

/// The last page of a list that anybody turns to.
const LAST_PAGE: u32 = 10_000;

/// Which page of a list.
struct PageNumber;

impl PartialSchema for PageNumber {
    fn schema() -> RefOr<Schema> {
        let number = ObjectBuilder::new().schema_type(Type::Integer);
        let number = number.minimum(Some(1)).maximum(Some(LAST_PAGE)).default(Some(1.into()));
        RefOr::T(number.into())
    }
}

impl ToSchema for PageNumber {}

const SORTS: [(&str, Sort); 4] = [
    ("name", Sort::Name),
    ("-name", Sort::NameBackwards),
    ("role", Sort::Role),
    ("last_sign_in", Sort::LastSignIn),
];

fn about(id: &'static str, summary: &'static str, text: &'static str) -> Operation {
    Operation::new(Chapter::Users, id, summary, text).by(Callers::Host)
}

fn about_one(id: &'static str, summary: &'static str, text: &'static str) -> Operation {
    about(id, summary, text).part::<UserId>("user", "The user, by your own id.", "u-77")
}

/// A user of your CRM.
#[derive(Deserialize, ToSchema)]
#[schema(as = UserRequest)]
struct UserBody {
    #[schema(example = "Maria Lopez")]
    name: String,
    /// Told of every change of the second step.
    #[schema(example = "maria@host-crm.example")]
    email: String,
    /// Your own word. The tenant may demand a second step of a role.
    #[schema(example = "agent")]
    role: String,
    /// Left out, the tenant's.
    #[serde(default)]
    #[schema(value_type = Option<LanguageTag>)]
    locale: Option<String>,
    #[serde(default)]
    #[schema(max_length = 40, example = "+13055550177")]
    mobile: Option<String>,
}

impl UserBody {
    fn parse(&self, user: &UserId) -> Result<Contact, Problem> {
        let id = as_contact(user).map_err(|e| Problem::invalid(format!("user: {e}")))?;
        Ok(Contact {
            name: agent::clean(&self.name),
            role: agent::clean(&self.role),
            // Whoever could be told of nothing has no second step that is worth the name.
            email: Some(
                Email::parse(&self.email)
                    .map_err(|why| Problem::contact_invalid(id.clone(), "email", why))?,
            ),
            mobile: detail(&id, "mobile", self.mobile.as_deref(), Phone::parse)?,
            phone: None,
            locale: self.locale.as_deref().map(|l| wire::locale("locale", l)).transpose()?,
            email_changed_at: None,
            mobile_changed_at: None,
            phone_changed_at: None,
            id,
        })
    }
}

pub fn putting() -> Operation {
    about_one(
        "put_user",
        "Name a user of your CRM",
        "Whoever signs in with a second step. Named again, the details are the new ones and what was set up stays.",
    )
    .takes::<UserBody>(r#"{
  "name": "Maria Lopez",
  "email": "maria@host-crm.example",
  "role": "agent",
  "locale": "es"
}"#)
    .answers::<UserView>(StatusCode::OK, "The user.", example::USER)
    .answers::<UserView>(StatusCode::CREATED, "The user, who was not known before.", example::USER)
    .refuses(&[Code::ContactInvalid, Code::UnknownValue])
}

/// `PUT /api/v1/users/{user}`
pub async fn put(
    site: web::Data<Site>,
    host: Host,
    user: web::Path<String>,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let body: UserBody = body::api(payload).await?;
    let id = user_id(&user)?;
    let person = body.parse(&id)?;
    let put = put_user(&site.desk, &host.tenant, id, person, &host.acting(None)).await;
    let (view, made) = put.map_err(|f| failed(f, site.desk.time.now()))?;
    let status = if made { StatusCode::CREATED } else { StatusCode::OK };
    Ok(HttpResponse::build(status).json(view))
}

pub fn getting() -> Operation {
    about_one("get_user", "See how far a user is with the second step", "Address and number are masked.")
        .answers::<UserView>(StatusCode::OK, "The user.", example::USER)
        .refuses(&[Code::NotFound])
}

/// `GET /api/v1/users/{user}`
pub async fn get(
    site: web::Data<Site>,
    host: Host,
    user: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let view = view_user(&site.desk, &host.tenant, &user_id(&user)?).await;
    Ok(HttpResponse::Ok().json(view.map_err(|f| failed(f, site.desk.time.now()))?))
}

/// What a list of users can be asked for.
#[derive(Deserialize)]
pub struct Asked {
    state: Option<String>,
    method: Option<String>,
    #[serde(default)]
    q: String,
    sort: Option<String>,
    page: Option<u32>,
}

/// Users of a CRM, a page of them.
#[derive(Serialize, ToSchema)]
#[schema(as = Users)]
struct UsersShape {
    items: Vec<UserView>,
    /// How many there are on all pages.
    total: usize,
}

pub fn listing() -> Operation {
    about("list_users", "List the users of your CRM", "A hundred on a page.")
        .query::<UserState>("state", "In this state only.", "none")
        .query::<String>("method", "Who can sign in by this only: `authenticator` or `sms`.", "sms")
        .query::<String>("q", "Part of a name, a role or an id, in any case.", "lopez")
        .query::<String>("sort", "`name`, `-name`, `role` or `last_sign_in`.", "name")
        .query::<PageNumber>("page", "From 1 on.", "1")
        .answers::<UsersShape>(StatusCode::OK, "The users.", example::USERS)
        .refuses(&[Code::UnknownValue])
}

/// `GET /api/v1/users`
pub async fn list(
    site: web::Data<Site>,
    host: Host,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Problem> {
    let Asked { state, method, q, sort, page } = asked.into_inner();
    let state =
        state.map(|word| known("state", &word, UserState::ALL, |state| state.as_str())).transpose()?;
    let method = method
        .map(|word| known("method", &word, &[Method::Authenticator, Method::Sms], |method| method.as_str()))
        .transpose()?;
    let sort = sort.map(|word| known("sort", &word, &SORTS, |sort| sort.0)).transpose()?;
    let page = page.unwrap_or(1);
    if !(1..=LAST_PAGE).contains(&page) {
        return Err(Problem::invalid(format!("page: allowed is 1 to {LAST_PAGE}")));
    }
    let wanted = Wanted {
        state,
        method,
        search: q,
        group: None,
        sort: sort.map_or_else(Sort::default, |(_, sort)| sort),
        page: usize::try_from(page).unwrap_or(usize::MAX),
    };
    let found = list_users(&site.desk, &host.tenant, &wanted)
        .await
        .map_err(|error| failed(error.into(), site.desk.time.now()))?;
    Ok(HttpResponse::Ok().json(UsersShape { items: found.users, total: found.total }))
}

/// A word of a set.
///
/// # Errors
/// `unknown_value`
fn known<T: Copy>(
    field: &str,
    word: &str,
    all: &[T],
    name: impl Fn(&T) -> &'static str,
) -> Result<T, Problem> {
    let found = all.iter().find(|one| name(one) == word).copied();
    found.ok_or_else(|| Problem::unknown_value(field, &all.iter().map(name).collect::<Vec<_>>()))
}

pub fn deleting() -> Operation {
    about_one("delete_user", "Forget a user", "What they set up and every sign-in that waits go with them.")
        .answers_with(StatusCode::NO_CONTENT, "They are gone.", None)
        .refuses(&[Code::NotFound])
}

/// `DELETE /api/v1/users/{user}`
pub async fn delete(
    site: web::Data<Site>,
    host: Host,
    user: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let gone = remove_user(&site.desk, &host.tenant, &user_id(&user)?, &host.acting(None)).await;
    gone.map_err(|f| failed(f, site.desk.time.now()))?;
    Ok(HttpResponse::NoContent().finish())
}

pub fn resetting() -> Operation {
    about_one(
        "reset_second_step",
        "Take a user's second step away",
        "For whoever lost the telephone and the backup codes. A lock ends, sign-ins that wait are void, and the next one \
         asks to set a second step up. You are told by a push.",
    )
    .answers::<UserView>(StatusCode::OK, "The user.", example::USER)
    .refuses(&[Code::NotFound])
}

/// `DELETE /api/v1/users/{user}/second-step`
pub async fn reset(
    site: web::Data<Site>,
    host: Host,
    user: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let view = reset_second_step(&site.desk, &host.tenant, &user_id(&user)?, &host.acting(None)).await;
    Ok(HttpResponse::Ok().json(view.map_err(|f| failed(f, site.desk.time.now()))?))
}

#[derive(Deserialize, ToSchema)]
#[schema(as = LoginRequest)]
pub struct LoginBody {
    /// Where the user goes on to; from a sign-in with `proof=` in its query. Within one of the tenant's `allowed_origins`.
    #[schema(max_length = 2000, example = "https://crm.example/signed-in")]
    pub return_url: String,
}

/// What the user does next.
#[derive(Serialize, ToSchema)]
#[schema(as = LoginBegun)]
struct LoginShape {
    decision: Decision,
    /// Where to send the user's browser. It opens for thirty minutes.
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    login: LoginId,
}

pub fn beginning() -> Operation {
    about_one(
        "begin_login",
        "Ask what a user does after the password",
        "At each sign-in, from your server. `allow`: let them in. `challenge` or `enroll`: send the browser to `url`; it comes \
         back to `return_url` with a `proof`, which you redeem within five minutes before you let them in.",
    )
    .takes::<LoginBody>(r#"{
  "return_url": "https://crm.example/signed-in"
}"#)
    .answers::<LoginShape>(StatusCode::OK, "What comes next.", r#"{
  "decision": "challenge",
  "url": "https://verify.example.com/login/Zk3nX0c9QJmV7tLr2aYbWg",
  "login": "lgn_01m7wdnw5735zsyyz7vsg7b412"
}"#)
    .refuses(&[Code::NotFound, Code::ReturnUrlNotAllowed])
}

/// `POST /api/v1/users/{user}/logins`
pub async fn begin(
    site: web::Data<Site>,
    host: Host,
    user: web::Path<String>,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let body: LoginBody = body::api(payload).await?;
    let id = user_id(&user)?;
    let begun = begin_login(&site.desk, &host.tenant, &id, &body.return_url, &host.acting(None)).await;
    let begun = begun.map_err(|f| failed(f, site.desk.time.now()))?;
    let url = begun.url.as_ref().map(|url| url.to_string());
    Ok(HttpResponse::Ok().json(LoginShape { decision: begun.decision, url, login: begun.login }))
}

/// A proof of a sign-in that was redeemed.
#[derive(Serialize, ToSchema)]
#[schema(as = LoginProof)]
struct RedeemedShape {
    verified_at: Timestamp,
    method: Method,
}

pub fn proving() -> Operation {
    about(
        "redeem_login_proof",
        "Redeem what a user's browser brought",
        "Once, and within five minutes. A proof that is wrong, used, late or of another sign-in is `not_found`. The method \
         `later` is no second step: the user was reminded to set one up, and may still put it off.",
    )
    .part::<LoginId>("login", "The sign-in.", "lgn_01m7wdnw5735zsyyz7vsg7b412")
    .takes::<ProofBody>(r#"{
  "proof": "Zk3nX0c9QJmV7tLr2aYbWgZk3nX0c9QJmV7tLr2aYbW"
}"#)
    .answers::<RedeemedShape>(StatusCode::OK, "The user is who you named.", r#"{
  "verified_at": "2026-11-20T15:05:05Z",
  "method": "authenticator"
}"#)
    .refuses(&[Code::NotFound])
}

/// `POST /api/v1/logins/{login}/proof`
pub async fn prove(
    site: web::Data<Site>,
    host: Host,
    login: web::Path<String>,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let body: ProofBody = body::api(payload).await?;
    let login = LoginId::parse(&login)
        .map_err(|_| Problem::new(Code::NotFound).detail("there is no such sign-in"))?;
    let given = Proof::given(&body.proof);
    let kept = redeem_login(&site.desk, &host.tenant, &login, &given, &host.acting(None)).await;
    let kept = kept.map_err(|f| failed(f, site.desk.time.now()))?;
    Ok(HttpResponse::Ok().json(RedeemedShape { verified_at: kept.verified_at, method: kept.method }))
}

pub fn user_id(text: &str) -> Result<UserId, Problem> {
    UserId::parse(text).map_err(|e| Problem::invalid(format!("user: {e}")))
}
