//! `/p/{token}`: pages that a client opens from a message, which work without a script.
//!
//! Reading one changes nothing, whoever reads it and how often; only a PIN that is accepted spends the link. Every
//! answer is a page, in the language of the contact unless another is asked for.

mod ask;
mod confirm;
mod deed;
mod guest;
pub mod login;
mod page;
mod preview;
mod view;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, Resource, web};

use crate::domain::device::device;
use crate::domain::pin::link::Over;
use crate::domain::pin::secret::Pin;
use crate::domain::refusal::Refusal;
use crate::usecase::Failure;
use crate::usecase::guest::link::{Behind, behind};
use crate::usecase::pin::open_link::{LinkFault, LinkView, open_link};
use crate::usecase::pin::set_pin::{SetFault, SetFrom, set_pin};

use super::Site;
use super::address::client_address;
use super::problem::{Problem, failed};

use self::ask::{Ask, Form, PinDeed, Step};
use self::view::{Fault, View};

pub use ask::is_ours;
pub use page::Pages;
pub use preview::preview;

pub fn routes(config: &mut web::ServiceConfig) {
    for path in ["", BEHIND] {
        config.service(
            page(path).route(web::get().to(show)).route(web::head().to(show)).route(web::post().to(save)),
        );
    }
}

/// Whatever stands where a token stands.
const BEHIND: &str = "/{token:.*}";

/// A page that is read, and whose form is sent.
fn page(path: &str) -> Resource {
    web::resource(path).default_service(web::to(|| async {
        Err::<HttpResponse, _>(Problem::method_not_allowed("GET, HEAD, POST"))
    }))
}

/// What a link shows. Nothing is written.
async fn show(site: web::Data<Site>, pages: web::Data<Pages>, request: HttpRequest) -> HttpResponse {
    let ask = Ask::of(&request);
    match behind(&site.desk, &ask.token).await {
        Ok(Behind::Pin) => {}
        Ok(Behind::Guest(ticket)) => return guest::show(&site, &pages, &ask, &ticket).await,
        Ok(Behind::Over(tenant, locale)) => return pages.answer(View::session_over(&ask, &tenant, locale)),
        Ok(Behind::Nothing) => return pages.answer(guest::gone(&ask)),
        Err(error) => return pages.answer(faulty(&site, &ask, error.into())),
    }
    let view = match open_link(&site.desk, &ask.token, confirm::browser(&request, &ask).as_ref()).await {
        Ok(link) if ask.step == Step::Start => View::start(&ask, &link),
        Ok(link) => View::confirm(&ask, &link, None).unwrap_or_else(|| match ask.step {
            Step::Pin | Step::Code => View::choose(&ask, &link, None),
            _ => View::start(&ask, &link),
        }),
        Err(fault) => faulty(&site, &ask, fault),
    };
    pages.answer(view)
}

/// What was typed into the form.
async fn save(
    site: web::Data<Site>,
    pages: web::Data<Pages>,
    request: HttpRequest,
    payload: web::Payload,
) -> HttpResponse {
    let ask = Ask::of(&request);
    match behind(&site.desk, &ask.token).await {
        Ok(Behind::Pin) => {}
        Ok(Behind::Guest(ticket)) => {
            return guest::act((&site, &pages), &ask, &ticket, &request, payload).await;
        }
        Ok(Behind::Over(tenant, locale)) => return pages.answer(View::session_over(&ask, &tenant, locale)),
        Ok(Behind::Nothing) => return pages.answer(guest::gone(&ask)),
        Err(error) => return pages.answer(faulty(&site, &ask, error.into())),
    }
    save_pin(&site, &pages, &ask, &request, payload).await
}

/// What was typed on the way to a PIN: the code that is asked for first, or the PIN itself, twice.
async fn save_pin(
    site: &Site,
    pages: &Pages,
    ask: &Ask,
    request: &HttpRequest,
    payload: web::Payload,
) -> HttpResponse {
    let form = Form::read(payload).await;
    let from = set_from(site, ask, request);
    let link = match open_link(&site.desk, &ask.token, from.browser.as_ref()).await {
        Ok(link) => link,
        Err(fault) => return pages.answer(faulty(site, ask, fault)),
    };
    if !is_ours(request, &site.public_url) {
        return pages.answer(View::foreign(ask, &link));
    }
    let form = match form.map_err(Fault::from) {
        Ok(form) => form,
        Err(fault) => return pages.answer(unread(ask, &link, fault)),
    };
    match form.deed() {
        PinDeed::Text => confirm::text(site, pages, ask, &from).await,
        PinDeed::Check(code) => confirm::check(site, pages, ask, (code, &from)).await,
        PinDeed::Set => set(site, pages, (ask, &link), form.pin(link.digits), &from).await,
    }
}

async fn set(
    site: &Site,
    pages: &Pages,
    (ask, link): (&Ask, &LinkView),
    pin: Result<Pin, Fault>,
    from: &SetFrom,
) -> HttpResponse {
    let pin = match pin {
        Ok(pin) => pin,
        Err(fault) => return pages.answer(unread(ask, link, fault)),
    };
    match set_pin(&site.desk, &ask.token, &pin, from).await {
        Ok(_) => done(ask),
        Err(fault) => pages.answer(refused(site, ask, link, fault)),
    }
}

/// Nothing is said of what was typed before its time.
fn unread(ask: &Ask, link: &LinkView, fault: Fault) -> View {
    View::confirm(ask, link, None).unwrap_or_else(|| View::choose(ask, link, Some(fault)))
}

fn set_from(site: &Site, ask: &Ask, request: &HttpRequest) -> SetFrom {
    let agent = request.headers().get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
    SetFrom {
        address: client_address(request, &site.trusted_proxies),
        device: device(agent.unwrap_or_default()),
        browser: confirm::browser(request, ask),
    }
}

/// On to a page that may be loaded again: sending the form once more would find the link used.
fn done(ask: &Ask) -> HttpResponse {
    let lang = ask.asked.map_or_else(String::new, |lang| format!("&lang={lang}"));
    HttpResponse::build(StatusCode::SEE_OTHER)
        .insert_header((header::LOCATION, format!("?step=done{lang}")))
        .finish()
}

fn refused(site: &Site, ask: &Ask, link: &LinkView, fault: SetFault) -> View {
    match fault {
        SetFault::Link(fault) => faulty(site, ask, fault),
        SetFault::Unconfirmed => View::unconfirmed(ask, link),
        SetFault::Weak(weakness) => View::choose(ask, link, Some(weakness.into())),
        SetFault::Same => View::choose(ask, link, Some(Fault::Same)),
        SetFault::Failed(Failure::Refused(Refusal::Busy)) => View::choose(ask, link, Some(Fault::Busy)),
        SetFault::Failed(failure) => {
            let problem = failed(failure, site.desk.time.now());
            View::trouble(ask, Some((&link.tenant, link.locale)), &problem)
        }
    }
}

fn faulty(site: &Site, ask: &Ask, fault: LinkFault) -> View {
    match fault {
        // The page after the form, however often it is loaded.
        LinkFault::Over { why: Over::Used, tenant: Some(tenant), locale } if ask.step == Step::Done => {
            View::done(ask, &tenant, locale)
        }
        LinkFault::Over { why, tenant, locale } => View::over(ask, why, tenant.as_deref(), locale),
        LinkFault::Failed(failure) => {
            let problem = failed(failure, site.desk.time.now());
            View::trouble(ask, None, &problem)
        }
    }
}
