//! `/login/{token}`: the page of a user's sign-in: setting a second step up, and typing a code of it.
//!
//! As for every public page, reading changes nothing, and all of it works without a script.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use url::form_urlencoded;
use zeroize::Zeroizing;

use crate::domain::code::TypedCode;
use crate::domain::login::backup::BackupCode;
use crate::domain::login::totp;
use crate::http::Site;
use crate::http::address::client_address;
use crate::http::body;
use crate::http::problem::failed;
use crate::usecase::Failure;
use crate::usecase::login::enroll::{choose_app, confirm_app, finish, put_off, renew_codes};
use crate::usecase::login::link::{Seat, Ticket, behind};
use crate::usecase::login::sign_in::{Checked, Typed, sign_in};

use super::ask::{Ask, FORM_LIMIT, Step, is_ours};
use super::guest::gone;
use super::page::Pages;
use super::view::{LoginTrouble, View};

pub fn routes(config: &mut web::ServiceConfig) {
    let page = super::page(super::BEHIND).route(web::get().to(show)).route(web::head().to(show));
    config.service(page.route(web::post().to(save)));
}

/// What a form asks for.
enum Deed {
    ChooseApp,
    Confirm(Zeroizing<String>),
    Check(Zeroizing<String>),
    Backup(Zeroizing<String>),
    Renew,
    Finish { saved: bool },
    PutOff,
    Nothing,
}

impl Deed {
    async fn read(payload: web::Payload) -> Self {
        let Ok(body) = body::raw(payload, FORM_LIMIT).await else { return Self::Nothing };
        let body = Zeroizing::new(Vec::from(body));
        let (mut deed, mut code, mut saved) = (String::new(), Zeroizing::default(), false);
        for (name, value) in form_urlencoded::parse(&body) {
            match &*name {
                "do" => deed = value.into_owned(),
                "code" => code = Zeroizing::new(value.into_owned()),
                "saved" => saved = true,
                _ => {}
            }
        }
        match deed.as_str() {
            "app" => Self::ChooseApp,
            "confirm" => Self::Confirm(code),
            "check" => Self::Check(code),
            "backup" => Self::Backup(code),
            "renew" => Self::Renew,
            "finish" => Self::Finish { saved },
            "later" => Self::PutOff,
            _ => Self::Nothing,
        }
    }
}

/// One request to the page of a sign-in.
struct Visit<'a> {
    site: &'a Site,
    pages: &'a Pages,
    ask: Ask,
    ticket: Ticket,
    from: String,
}

async fn show(site: web::Data<Site>, pages: web::Data<Pages>, request: HttpRequest) -> HttpResponse {
    match visit(&site, &pages, &request).await {
        Ok(visit) => visit.page(None).await,
        Err(answer) => answer,
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
            let from = client_address(request, &site.trusted_proxies);
            Ok(Visit { site, pages, ask, ticket, from })
        }
        Ok(None) => Err(pages.answer(gone(&ask))),
        Err(error) => Err(failing(site, pages, &ask, error.into())),
    }
}

impl Visit<'_> {
    async fn act(&self, deed: Deed) -> HttpResponse {
        let (desk, ticket, from) = (&self.site.desk, &self.ticket, self.from.as_str());
        match deed {
            Deed::Nothing => self.page(None).await,
            Deed::ChooseApp => match choose_app(desk, ticket, from).await {
                Ok(Checked::Right(())) => self.to(Step::App),
                other => self.not(other).await,
            },
            Deed::Confirm(code) => match TypedCode::parse(&code, totp::DIGITS) {
                Ok(code) => self.codes(confirm_app(desk, ticket, &code, from).await).await,
                Err(fault) => self.page(Some(LoginTrouble::NotACode(fault))).await,
            },
            Deed::Renew => self.codes(renew_codes(desk, ticket, from).await).await,
            Deed::Finish { saved: false } => self.page(Some(LoginTrouble::NotSaved)).await,
            Deed::Finish { saved: true } => self.onward(finish(desk, ticket, from).await).await,
            Deed::PutOff => self.onward(put_off(desk, ticket, from).await).await,
            Deed::Check(code) => match TypedCode::parse(&code, totp::DIGITS) {
                Ok(code) => self.onward(sign_in(desk, ticket, &Typed::App(code), from).await).await,
                Err(fault) => self.page(Some(LoginTrouble::NotACode(fault))).await,
            },
            Deed::Backup(code) => match BackupCode::parse(&code) {
                Some(code) => self.onward(sign_in(desk, ticket, &Typed::Backup(code), from).await).await,
                None => self.page(Some(LoginTrouble::NotABackupCode)).await,
            },
        }
    }

    /// The backup codes, in the one answer that has them.
    async fn codes(&self, checked: Result<Checked<Vec<BackupCode>>, Failure>) -> HttpResponse {
        let codes = match checked {
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

    /// On to the host.
    async fn onward(&self, checked: Result<Checked<String>, Failure>) -> HttpResponse {
        match checked {
            Ok(Checked::Right(location)) => see(&location),
            other => self.not(other).await,
        }
    }

    /// Anything but what was hoped for.
    async fn not<T>(&self, checked: Result<Checked<T>, Failure>) -> HttpResponse {
        match checked {
            Ok(Checked::Wrong { tries_left }) if tries_left > 0 => self.page(Some(LoginTrouble::Wrong)).await,
            Ok(_) => self.page(None).await,
            Err(failure) => failing(self.site, self.pages, &self.ask, failure),
        }
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
        View::login(&self.ask, &self.ticket.tenant, seat, trouble)
    }

    fn to(&self, step: Step) -> HttpResponse {
        let lang = self.ask.asked.map_or_else(String::new, |lang| format!("&lang={lang}"));
        see(&format!("?step={}{lang}", step.as_str()))
    }
}

fn failing(site: &Site, pages: &Pages, ask: &Ask, failure: Failure) -> HttpResponse {
    pages.answer(View::trouble(ask, None, &failed(failure, site.desk.time.now())))
}

fn see(location: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((header::LOCATION, location)).finish()
}
