//! The page of a guest: asking for a code, typing it, and going on to the host with the proof of it.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use url::form_urlencoded;
use zeroize::Zeroizing;

use crate::domain::challenge::Verdict;
use crate::domain::channel::Channel;
use crate::domain::pin::link::Over;
use crate::http::Site;
use crate::http::address::client_address;
use crate::http::body;
use crate::http::problem::failed;
use crate::usecase::Failure;
use crate::usecase::guest::check_code::{Checked, check_code};
use crate::usecase::guest::link::Ticket;
use crate::usecase::guest::send_code::{Wish, send_code};
use crate::usecase::guest::view::{GuestView, view};

use super::ask::{Ask, FORM_LIMIT, Step, is_ours};
use super::page::Pages;
use super::view::{Trouble, View};

/// What a form asks for.
enum Deed {
    Check(Zeroizing<String>),
    Send(Wish),
    Nothing,
}

impl Deed {
    async fn read(payload: web::Payload) -> Self {
        let Ok(body) = body::raw(payload, FORM_LIMIT).await else { return Self::Nothing };
        let body = Zeroizing::new(Vec::from(body));
        let (mut deed, mut code) = (String::new(), Zeroizing::default());
        for (name, value) in form_urlencoded::parse(&body) {
            match &*name {
                "do" => deed = value.into_owned(),
                "code" => code = Zeroizing::new(value.into_owned()),
                _ => {}
            }
        }
        match deed.as_str() {
            "check" => Self::Check(code),
            "text" => Self::Send(Wish::New(Channel::Sms)),
            "call" => Self::Send(Wish::New(Channel::Voice)),
            "again" => Self::Send(Wish::Again(Channel::Sms)),
            "again-call" => Self::Send(Wish::Again(Channel::Voice)),
            "arrive" => Self::Send(Wish::Arrive),
            _ => Self::Nothing,
        }
    }
}

/// What the link shows. Nothing is written.
pub async fn show(site: &Site, pages: &Pages, ask: &Ask, ticket: &Ticket) -> HttpResponse {
    let seen = seen(site, pages, ask, ticket).await;
    seen.map_or_else(|answer| answer, |view| pages.answer(View::guest(ask, &view, None)))
}

/// What the form asks for.
pub async fn act(
    (site, pages): (&Site, &Pages),
    ask: &Ask,
    ticket: &Ticket,
    request: &HttpRequest,
    payload: web::Payload,
) -> HttpResponse {
    let deed = Deed::read(payload).await;
    let view = match seen(site, pages, ask, ticket).await {
        Ok(view) => view,
        Err(answer) => return answer,
    };
    if !is_ours(request, &site.public_url) {
        return pages.answer(View::foreign_guest(ask, &view));
    }
    let from = client_address(request, &site.trusted_proxies);
    match deed {
        Deed::Nothing => pages.answer(View::guest(ask, &view, None)),
        Deed::Check(code) if code.trim().is_empty() => again(site, pages, ask, ticket, Trouble::Empty).await,
        Deed::Check(code) => check(site, pages, ask, ticket, (&code, &from)).await,
        Deed::Send(wish) => send(site, pages, ask, ticket, (wish, &from)).await,
    }
}

async fn check(
    site: &Site,
    pages: &Pages,
    ask: &Ask,
    ticket: &Ticket,
    (code, from): (&str, &str),
) -> HttpResponse {
    let trouble = match check_code(&site.desk, ticket, (code, ask.step == Step::Have), from).await {
        Ok(Checked::Passed { location }) => return onward(&location),
        Ok(Checked::Gone) => return pages.answer(gone(ask)),
        Ok(Checked::NotACode(fault)) => Trouble::NotACode(fault),
        Ok(Checked::Not(Verdict::Incorrect { tries_left: 0 })) => Trouble::Locked { until: None },
        Ok(Checked::Not(Verdict::Incorrect { tries_left })) => Trouble::Wrong { tries_left },
        Ok(Checked::Not(Verdict::Locked { until })) => Trouble::Locked { until },
        Ok(Checked::Not(_)) => Trouble::Expired,
        Err(failure) => return failing(site, pages, ask, failure),
    };
    again(site, pages, ask, ticket, trouble).await
}

async fn send(
    site: &Site,
    pages: &Pages,
    ask: &Ask,
    ticket: &Ticket,
    (wish, from): (Wish, &str),
) -> HttpResponse {
    match send_code(&site.desk, ticket, wish, from).await {
        Ok(Some(())) => {
            let lang = ask.asked.map_or_else(String::new, |lang| format!("&lang={lang}"));
            onward(&format!("?step={}{lang}", Step::Code.as_str()))
        }
        Ok(None) => pages.answer(gone(ask)),
        Err(Failure::Refused(refusal)) if Trouble::of(&refusal).is_some() => {
            // A code that is out can still be typed.
            let ask = Ask { step: Step::Code, token: String::new(), ..*ask };
            let trouble = Trouble::of(&refusal).unwrap_or(Trouble::Failed);
            again(site, pages, &ask, ticket, trouble).await
        }
        Err(failure) => failing(site, pages, ask, failure),
    }
}

/// The page as it is now, with what went wrong.
async fn again(site: &Site, pages: &Pages, ask: &Ask, ticket: &Ticket, trouble: Trouble) -> HttpResponse {
    let seen = seen(site, pages, ask, ticket).await;
    seen.map_or_else(|answer| answer, |view| pages.answer(View::guest(ask, &view, Some(trouble))))
}

async fn seen(site: &Site, pages: &Pages, ask: &Ask, ticket: &Ticket) -> Result<GuestView, HttpResponse> {
    match view(&site.desk, ticket).await {
        Ok(Some(view)) => Ok(view),
        Ok(None) => Err(pages.answer(gone(ask))),
        Err(error) => Err(failing(site, pages, ask, error.into())),
    }
}

/// The page of every link that does not open, whatever the reason.
pub fn gone(ask: &Ask) -> View {
    View::over(ask, Over::Unknown, None, None)
}

fn failing(site: &Site, pages: &Pages, ask: &Ask, failure: Failure) -> HttpResponse {
    let problem = failed(failure, site.desk.time.now());
    pages.answer(View::trouble(ask, None, &problem))
}

fn onward(location: &str) -> HttpResponse {
    HttpResponse::build(StatusCode::SEE_OTHER).insert_header((header::LOCATION, location)).finish()
}
