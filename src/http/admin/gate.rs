//! Who comes in, to which tenant, to do what: asked here and nowhere else. A form counts only from a page of ours, of the
//! same session.

use std::future::{Future, Ready, ready};
use std::pin::Pin;
use std::sync::Arc;

use actix_web::cookie::{Cookie, SameSite};
use actix_web::dev::Payload;
use actix_web::error::InternalError;
use actix_web::http::{StatusCode, header};
use actix_web::{FromRequest, HttpRequest, HttpResponse, web};
use serde_json::{Value, json};
use subtle::ConstantTimeEq as _;
use url::form_urlencoded;
use zeroize::Zeroizing;

use crate::domain::admin::{Act, SessionToken};
use crate::domain::audit::{Actor, Origin};
use crate::domain::device::device;
use crate::domain::i18n;
use crate::domain::id::TenantId;
use crate::domain::locale::Locale;
use crate::domain::tenant::Tenant;
use crate::http::Site;
use crate::http::address::client_address;
use crate::http::body;
use crate::http::problem::{Code, failed};
use crate::http::public::is_ours;
use crate::usecase::admin::Visitor;
use crate::usecase::admin::sessions::{Person, SignedIn, person, who};
use crate::usecase::{Caller, Failure};

use super::page::{Console, Frame};

/// The cookies: of the session, and of the language.
pub const SESSION: &str = "__Host-countersign-admin";
const LANGUAGE: &str = "__Host-countersign-lang";
/// What anybody may send, and what somebody who is signed in may: a wording and its subject, each as long as it may be, and
/// beyond, so that what is too long is told beside what was typed.
const FORM_LIMIT: usize = 16 * 1024;
const LONG_FORM_LIMIT: usize = 256 * 1024;

/// What is known of a request before anybody is signed in.
pub struct Knock {
    pub site: web::Data<Site>,
    pub console: web::Data<Console>,
    pub request: HttpRequest,
    pub locale: Locale,
    pub visitor: Visitor,
}

impl Knock {
    fn of(request: &HttpRequest) -> Option<Self> {
        let site = request.app_data::<web::Data<Site>>()?.clone();
        let console = request.app_data::<web::Data<Console>>()?.clone();
        let agent = request.headers().get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
        let visitor = Visitor {
            address: client_address(request, &site.trusted_proxies),
            device: device(agent.unwrap_or_default()),
        };
        Some(Self { site, console, locale: locale(request), visitor, request: request.clone() })
    }

    /// What the session's cookie holds, whatever it is.
    pub fn token(&self) -> Option<SessionToken> {
        self.request.cookie(SESSION).map(|cookie| SessionToken::given(cookie.value()))
    }

    /// A parameter of the address; one that is empty, or that no column can hold, is none.
    pub fn query(&self, name: &str) -> Option<String> {
        let mut pairs = form_urlencoded::parse(self.request.query_string().as_bytes());
        pairs
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.trim().to_owned())
            .filter(|v| !v.is_empty() && !v.contains(char::is_control))
    }

    /// The fields of a form, if it comes from a page of ours.
    pub async fn fields(&self, payload: web::Payload) -> Result<Fields, Turned> {
        self.fields_within(payload, FORM_LIMIT).await
    }

    async fn fields_within(&self, payload: web::Payload, limit: usize) -> Result<Fields, Turned> {
        if !is_ours(&self.request, &self.site.public_url) {
            return Err(self.turned(StatusCode::FORBIDDEN, "foreign"));
        }
        let read = body::raw(payload, limit).await.map_err(|problem| match problem.code() {
            Code::BodyTooLarge => self.too_long(limit),
            _ => self.turned(StatusCode::BAD_REQUEST, "form"),
        });
        let read = Zeroizing::new(Vec::from(read?));
        let pairs = form_urlencoded::parse(&read);
        Ok(Fields(
            pairs.map(|(name, value)| (name.into_owned(), Zeroizing::new(value.into_owned()))).collect(),
        ))
    }

    /// A page that says what is wrong and what to do.
    pub fn turned(&self, status: StatusCode, what: &'static str) -> Turned {
        let key = format!("admin.turned.{what}.do");
        self.told(status, what, i18n::text(self.locale, &key))
    }

    fn told(&self, status: StatusCode, what: &'static str, text: &str) -> Turned {
        let frame = Frame::outside(self, &format!("admin.turned.{what}"));
        instead(self.console.page(status, "turned", &frame, json!({"text": text, "id": ""})))
    }

    /// The page for a form that is longer than what is read; the browser still has what was typed.
    fn too_long(&self, limit: usize) -> Turned {
        let limit = (limit / 1024).to_string();
        let text = i18n::fill(self.locale, "admin.turned.long.do", &[("limit", &limit)]);
        self.told(StatusCode::PAYLOAD_TOO_LARGE, "long", &text)
    }

    /// The page for what failed inside: its id alone.
    pub fn failing(&self, failure: impl Into<Failure>) -> Turned {
        let problem = failed(failure.into(), self.site.desk.time.now());
        let what = if problem.code() == Code::NotFound { "nothing" } else { "failed" };
        let frame = Frame::outside(self, &format!("admin.turned.{what}"));
        let text = frame.say(&format!("admin.turned.{what}.do"));
        let content = json!({"text": text, "id": problem.id().unwrap_or_default()});
        instead(self.console.page(problem.code().status(), "turned", &frame, content))
    }
}

/// The language of the address, kept from then on, else the kept one, else the browser's.
fn locale(request: &HttpRequest) -> Locale {
    let asked = asked_locale(request);
    let kept = || request.cookie(LANGUAGE).and_then(|cookie| cookie.value().parse().ok());
    let accepted = || {
        let value = request.headers().get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
        Locale::from_accept_language(value)
    };
    asked.or_else(kept).or_else(accepted).unwrap_or_default()
}

fn asked_locale(request: &HttpRequest) -> Option<Locale> {
    let mut pairs = form_urlencoded::parse(request.query_string().as_bytes());
    pairs.find(|(key, _)| key == "lang").and_then(|(_, value)| value.parse().ok())
}

/// The cookie that keeps the language, where the address asks for one.
pub fn kept_language(request: &HttpRequest) -> Option<Cookie<'static>> {
    let days = actix_web::cookie::time::Duration::days(365);
    Some(cookie(LANGUAGE, asked_locale(request)?.to_string(), Some(days)))
}

/// A cookie of ours, until the browser is closed or for so long.
pub fn cookie(
    name: &'static str,
    value: String,
    lasts: Option<actix_web::cookie::time::Duration>,
) -> Cookie<'static> {
    let mut cookie = Cookie::build(name, value)
        .path("/")
        .secure(true)
        .http_only(true)
        // Lax: the page of the second step leads back here.
        .same_site(SameSite::Lax)
        .finish();
    cookie.set_max_age(lasts);
    cookie
}

/// What a form said.
pub struct Fields(Vec<(String, Zeroizing<String>)>);

impl Fields {
    /// A field; what is missing is empty.
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.as_str())
    }

    /// Every field of a name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Every field of a name, with commas between.
    pub fn get_all(&self, name: &str) -> String {
        self.all(name).collect::<Vec<_>>().join(", ")
    }
}

/// An answer in place of the page that was asked for.
pub type Turned = actix_web::Error;

fn instead(answer: HttpResponse) -> Turned {
    InternalError::from_response("another page is answered", answer).into()
}

/// On to another page of ours.
pub fn to(path: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((header::LOCATION, path)).finish()
}

/// Somebody who is signed in.
pub struct Visit {
    pub knock: Knock,
    pub who: SignedIn,
    pub person: Person,
    pub form_key: Zeroizing<String>,
}

impl Visit {
    async fn of(knock: Option<Knock>) -> Result<Self, Turned> {
        let knock = knock.ok_or_else(|| instead(HttpResponse::InternalServerError().finish()))?;
        let Some(token) = knock.token() else { return Err(instead(to("/admin/sign-in"))) };
        let desk = &knock.site.desk;
        let found = who(desk, &token).await.map_err(|error| knock.failing(error))?;
        let Some(who) = found else { return Err(instead(to("/admin/sign-in"))) };
        let person = person(desk, &who.admin).await.map_err(|error| knock.failing(error))?;
        Ok(Self { form_key: token.form_key(), knock, who, person })
    }

    /// The fields of a form of this session.
    pub async fn fields(&self, payload: web::Payload) -> Result<Fields, Turned> {
        let fields = self.knock.fields_within(payload, LONG_FORM_LIMIT).await?;
        let ours: bool = fields.get("key").as_bytes().ct_eq(self.form_key.as_bytes()).into();
        if ours { Ok(fields) } else { Err(self.knock.turned(StatusCode::FORBIDDEN, "foreign")) }
    }

    /// On the record as this admin.
    pub fn acting(&self) -> Caller {
        let actor = Actor::Admin(self.who.admin.id.as_str().to_owned());
        Caller::unbound(Origin { actor, from: self.knock.visitor.address.clone() })
    }

    /// A page, with what everybody signed in finds around it.
    pub fn page(
        &self,
        status: StatusCode,
        template: &'static str,
        frame: &Frame,
        content: Value,
    ) -> HttpResponse {
        self.knock.console.page(status, template, frame, content)
    }

    /// The same with a list that is replaced in place.
    pub fn live(
        &self,
        status: StatusCode,
        template: &'static str,
        frame: &Frame,
        content: Value,
    ) -> HttpResponse {
        self.knock.console.live(status, template, frame, content)
    }
}

/// Somebody who is signed in, at one of their tenants.
pub struct Room {
    pub visit: Visit,
    pub tenant: Arc<Tenant>,
}

impl Room {
    async fn of(knock: Option<Knock>) -> Result<Self, Turned> {
        let visit = Visit::of(knock).await?;
        let named = TenantId::parse(visit.knock.request.match_info().query("tenant")).ok();
        let own = named.filter(|id| visit.who.admin.may(Act::See, id));
        let directory = visit.knock.site.desk.directory.get();
        // One that is not theirs looks like one that is not there.
        match own.and_then(|id| directory.member(&id).map(|member| Arc::clone(&member.tenant))) {
            Some(tenant) => Ok(Self { visit, tenant }),
            None => Err(visit.knock.turned(StatusCode::NOT_FOUND, "nothing")),
        }
    }

    pub fn may(&self, act: Act) -> bool {
        self.visit.who.admin.may(act, &self.tenant.id)
    }

    /// Turns away whose role does not let them do that.
    pub fn must(&self, act: Act) -> Result<(), Turned> {
        if self.may(act) { Ok(()) } else { Err(self.visit.knock.turned(StatusCode::FORBIDDEN, "role")) }
    }

    /// Where a page of this tenant is.
    pub fn path(&self, page: &str) -> String {
        format!("/admin/t/{}{page}", self.tenant.id)
    }

    pub fn failing(&self, failure: impl Into<Failure>) -> Turned {
        self.visit.knock.failing(failure)
    }
}

impl FromRequest for Knock {
    type Error = Turned;
    type Future = Ready<Result<Self, Turned>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(request).ok_or_else(|| instead(HttpResponse::InternalServerError().finish())))
    }
}

impl FromRequest for Visit {
    type Error = Turned;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Turned>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        Box::pin(Self::of(Knock::of(request)))
    }
}

impl FromRequest for Room {
    type Error = Turned;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Turned>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        Box::pin(Self::of(Knock::of(request)))
    }
}

/// Any other address of the console.
pub async fn nothing_here(knock: Knock) -> Result<HttpResponse, Turned> {
    Err(knock.turned(StatusCode::NOT_FOUND, "nothing"))
}
