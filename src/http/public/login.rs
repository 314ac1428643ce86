//! `/login/{token}`: the page of a user's sign-in: setting a second step up, typing a code of it, and changing it.
//!
//! As for every public page, all of it works without a script, and reading changes nothing, but that a browser which the
//! user trusts goes straight on.

use actix_web::cookie::{Cookie, SameSite};
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use zeroize::Zeroizing;

use crate::domain::challenge::Verdict;
use crate::domain::code::TypedCode;
use crate::domain::contact::Phone;
use crate::domain::device::device;
use crate::domain::login::backup::BackupCode;
use crate::domain::login::trust::cookie_name;
use crate::domain::login::{Pending, totp};
use crate::domain::proof::BrowserToken;
use crate::domain::refusal::{Refusal, Unreachable};
use crate::http::Site;
use crate::http::address::client_address;
use crate::http::problem::failed;
use crate::usecase::Failure;
use crate::usecase::login::devices::pass_trusted;
use crate::usecase::login::enroll::{choose_app, confirm_app, confirm_number, finish, put_off, renew_codes};
use crate::usecase::login::link::{Browser, Seat, Ticket, behind};
use crate::usecase::login::manage::{distrust_devices, leave, remove_method};
use crate::usecase::login::sign_in::{Checked, Next, Typed, sign_in};
use crate::usecase::login::text_code::{choose_number, text_code};

use super::ask::{Ask, Step, is_ours};
use super::deed::{Deed, Kind};
use super::guest::gone;
use super::page::Pages;
use super::view::{LoginTrouble, View};

pub fn routes(config: &mut web::ServiceConfig) {
    let page = super::page(super::BEHIND).route(web::get().to(show)).route(web::head().to(show));
    config.service(page.route(web::post().to(save)));
}

/// One request to the page of a sign-in.
struct Visit<'a> {
    site: &'a Site,
    pages: &'a Pages,
    ask: Ask,
    ticket: Ticket,
    browser: Browser,
}

async fn show(site: web::Data<Site>, pages: web::Data<Pages>, request: HttpRequest) -> HttpResponse {
    let visit = match visit(&site, &pages, &request).await {
        Ok(visit) => visit,
        Err(answer) => return answer,
    };
    // A browser that is trusted goes straight on. Whoever looks for the head alone, goes nowhere.
    let onward = match request.method() {
        &actix_web::http::Method::GET => pass_trusted(&site.desk, &visit.ticket, &visit.browser).await,
        _ => Ok(None),
    };
    match onward {
        Ok(Some(location)) => see(&location),
        Ok(None) => visit.page(None).await,
        Err(failure) => failing(&site, &pages, &visit.ask, failure),
    }
}

async fn save(
    site: web::Data<Site>,
    pages: web::Data<Pages>,
    request: HttpRequest,
    payload: web::Payload,
) -> HttpResponse {
    let deed = Deed::read(payload).await;
    let visit = match visit(&site, &pages, &request).await {
        Ok(visit) => visit,
        Err(answer) => return answer,
    };
    if !is_ours(&request, &site.public_url) {
        return pages.answer(View::foreign_login(&visit.ask, &visit.ticket.tenant));
    }
    visit.act(deed).await
}

async fn visit<'a>(
    site: &'a Site,
    pages: &'a Pages,
    request: &HttpRequest,
) -> Result<Visit<'a>, HttpResponse> {
    let ask = Ask::of(request);
    match behind(&site.desk, &ask.token).await {
        Ok(Some(ticket)) => {
            let browser = browser(site, &ticket, request);
            Ok(Visit { site, pages, ask, ticket, browser })
        }
        Ok(None) => Err(pages.answer(gone(&ask))),
        Err(error) => Err(failing(site, pages, &ask, error.into())),
    }
}

fn browser(site: &Site, ticket: &Ticket, request: &HttpRequest) -> Browser {
    let agent = request.headers().get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
    let cookie = request.cookie(&cookie_name(&ticket.tenant.id, &ticket.about.user));
    Browser {
        address: client_address(request, &site.trusted_proxies),
        device: device(agent.unwrap_or_default()),
        token: cookie.map(|cookie| BrowserToken::given(cookie.value())),
    }
}

impl Visit<'_> {
    async fn act(&self, deed: Deed) -> HttpResponse {
        let (desk, ticket, browser) = (&self.site.desk, &self.ticket, &self.browser);
        match deed {
            Deed::Nothing => self.page(None).await,
            Deed::ChooseText => self.to(Step::Number),
            Deed::ChooseApp => self.then(Step::App, choose_app(desk, ticket, browser).await).await,
            Deed::Confirm(code) => match TypedCode::parse(&code, totp::DIGITS) {
                Ok(code) => self.codes(confirm_app(desk, ticket, &code, browser).await).await,
                Err(fault) => self.page(Some(LoginTrouble::NotACode(fault))).await,
            },
            Deed::ChooseNumber(number) => match Phone::parse(&number) {
                Ok(number) => {
                    self.then(Step::Text, choose_number(desk, ticket, &number, browser).await).await
                }
                Err(_) => self.page(Some(LoginTrouble::NotANumber(number))).await,
            },
            Deed::Again => match self.number().await {
                Some(number) => {
                    self.then(Step::Text, choose_number(desk, ticket, &number, browser).await).await
                }
                None => self.page(None).await,
            },
            Deed::ConfirmNumber(code) => self.codes(confirm_number(desk, ticket, &code, browser).await).await,
            Deed::Text => self.then(Step::Text, text_code(desk, ticket, browser).await).await,
            Deed::Check { code, typed, trusts } => match parse(typed, code) {
                Ok(typed) => self.onward(sign_in(desk, ticket, &typed, (browser, trusts)).await).await,
                Err(trouble) => self.page(Some(trouble)).await,
            },
            Deed::Renew => self.codes(renew_codes(desk, ticket, browser).await).await,
            Deed::Finish { saved: false } => self.page(Some(LoginTrouble::NotSaved)).await,
            Deed::Finish { saved: true } => self.onward(finish(desk, ticket, browser).await).await,
            Deed::PutOff => self.onward(put_off(desk, ticket, browser).await).await,
            Deed::Remove(method) => {
                self.then(Step::Start, remove_method(desk, ticket, method, browser).await).await
            }
            Deed::Distrust(which) => {
                let done = distrust_devices(desk, ticket, which.as_ref(), browser).await;
                self.then(Step::Start, done).await
            }
            Deed::Leave => match leave(desk, ticket, browser).await {
                Ok(Checked::Right(location)) => see(&location),
                other => self.not(other).await,
            },
        }
    }

    /// The number that is being set up.
    async fn number(&self) -> Option<Phone> {
        let seat = self.ticket.read(&self.site.desk).await.ok()??;
        match seat.login.setting_up {
            Some(Pending::Sms { number, .. }) => Some(number),
            Some(Pending::App { .. }) | None => None,
        }
    }

    /// On to a page behind the same link.
    async fn then(&self, step: Step, checked: Result<Checked<()>, Failure>) -> HttpResponse {
        match checked {
            Ok(Checked::Right(())) => self.to(step),
            other => self.not(other).await,
        }
    }

    /// The backup codes, in the one answer that has them.
    async fn codes(&self, checked: Result<Checked<Vec<BackupCode>>, Failure>) -> HttpResponse {
        let codes = match checked {
            Ok(Checked::Right(codes)) if codes.is_empty() => return self.to(Step::Start),
            Ok(Checked::Right(codes)) => codes,
            other => return self.not(other).await,
        };
        match self.ticket.read(&self.site.desk).await {
            Ok(Some(seat)) => {
                self.pages.answer(View::backup_codes(&self.ask, &self.ticket.tenant, &seat, &codes))
            }
            Ok(None) => self.pages.answer(gone(&self.ask)),
            Err(error) => failing(self.site, self.pages, &self.ask, error.into()),
        }
    }

    /// On to the host, or back to the page.
    async fn onward(&self, checked: Result<Checked<Next>, Failure>) -> HttpResponse {
        match checked {
            Ok(Checked::Right(Next::Page)) => self.to(Step::Start),
            Ok(Checked::Right(Next::Host { location, token: None })) => see(&location),
            Ok(Checked::Right(Next::Host { location, token: Some(token) })) => {
                self.trusted(&location, &token)
            }
            other => self.not(other).await,
        }
    }

    /// On to the host, with the cookie by which the browser is known next time.
    fn trusted(&self, location: &str, token: &BrowserToken) -> HttpResponse {
        let ticket = &self.ticket;
        let days = i64::from(ticket.tenant.policy.login.trust_days);
        let name = cookie_name(&ticket.tenant.id, &ticket.about.user);
        // Lax: the host sends the browser here from a page of its own.
        let cookie = Cookie::build(name, token.expose().to_owned())
            .path("/")
            .secure(true)
            .http_only(true)
            .same_site(SameSite::Lax)
            .max_age(actix_web::cookie::time::Duration::days(days))
            .finish();
        HttpResponse::SeeOther().cookie(cookie).insert_header((header::LOCATION, location)).finish()
    }

    /// Anything but what was hoped for.
    async fn not<T>(&self, checked: Result<Checked<T>, Failure>) -> HttpResponse {
        let trouble = match checked {
            Ok(Checked::NotACode(fault)) => Some(LoginTrouble::NotACode(fault)),
            Ok(Checked::Wrong { tries_left: 0 } | Checked::Over(Verdict::Locked { .. })) => {
                Some(LoginTrouble::UsedUp)
            }
            Ok(Checked::Wrong { .. }) => Some(LoginTrouble::Wrong),
            Ok(Checked::Over(_)) => Some(LoginTrouble::Over),
            Ok(Checked::Wait { .. }) => Some(LoginTrouble::Wait),
            Ok(Checked::Locked { .. } | Checked::Gone | Checked::Right(_))
            | Err(Failure::Refused(Refusal::Locked { .. })) => None,
            Err(Failure::Refused(Refusal::TooSoon { until, .. })) => Some(LoginTrouble::TooSoon(until)),
            Err(Failure::Refused(Refusal::TooManySends { until })) => Some(LoginTrouble::TooMany(until)),
            Err(Failure::Refused(Refusal::ContactUnreachable(Unreachable::NotServed))) => {
                Some(LoginTrouble::NotServed)
            }
            Err(Failure::Refused(Refusal::ContactUnreachable(_))) => Some(LoginTrouble::OptedOut),
            Err(failure) => return failing(self.site, self.pages, &self.ask, failure),
        };
        self.page(trouble).await
    }

    /// The page as it is now, with what went wrong.
    async fn page(&self, trouble: Option<LoginTrouble>) -> HttpResponse {
        match self.ticket.read(&self.site.desk).await {
            Ok(Some(seat)) => self.pages.answer(self.view(&seat, trouble)),
            Ok(None) => self.pages.answer(gone(&self.ask)),
            Err(error) => failing(self.site, self.pages, &self.ask, error.into()),
        }
    }

    fn view(&self, seat: &Seat, trouble: Option<LoginTrouble>) -> View {
        let epoch = self.site.desk.directory.get().epoch;
        View::login(&self.ask, &self.ticket.tenant, (seat, epoch), trouble)
    }

    fn to(&self, step: Step) -> HttpResponse {
        let lang = self.ask.asked.map_or_else(String::new, |lang| format!("&lang={lang}"));
        see(&format!("?step={}{lang}", step.as_str()))
    }
}

/// What was typed into a field.
fn parse(kind: Kind, code: Zeroizing<String>) -> Result<Typed, LoginTrouble> {
    match kind {
        Kind::App => TypedCode::parse(&code, totp::DIGITS).map(Typed::App).map_err(LoginTrouble::NotACode),
        Kind::Text => Ok(Typed::Text(code)),
        Kind::Backup => BackupCode::parse(&code).map(Typed::Backup).ok_or(LoginTrouble::NotABackupCode),
    }
}

fn failing(site: &Site, pages: &Pages, ask: &Ask, failure: Failure) -> HttpResponse {
    pages.answer(View::trouble(ask, None, &failed(failure, site.desk.time.now())))
}

fn see(location: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((header::LOCATION, location)).finish()
}
