//! What stands before the form for a PIN, where its link came by email: asking for a code by text, and typing it.

use actix_web::cookie::{Cookie, SameSite};
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse};

use crate::domain::challenge::Verdict;
use crate::domain::pin::confirm::cookie_name;
use crate::domain::proof::BrowserToken;
use crate::http::Site;
use crate::usecase::Failure;
use crate::usecase::pin::confirm_code::{Confirmed, confirm_code};
use crate::usecase::pin::open_link::{LinkFault, open_link};
use crate::usecase::pin::set_pin::SetFrom;
use crate::usecase::pin::text_code::text_code;

use super::ask::{Ask, Step};
use super::faulty;
use super::page::Pages;
use super::view::{Trouble, View};

/// What the browser brings along, where a code of this link was typed in it.
pub fn browser(request: &HttpRequest, ask: &Ask) -> Option<BrowserToken> {
    request.cookie(&cookie_name(&ask.token)).map(|cookie| BrowserToken::given(cookie.value()))
}

/// Texts a code, and goes on to the field for it.
pub async fn text(site: &Site, pages: &Pages, ask: &Ask, from: &SetFrom) -> HttpResponse {
    match text_code(&site.desk, &ask.token, from.browser.as_ref(), &from.address).await {
        Ok(()) => onward(ask, Step::Code, None),
        Err(LinkFault::Failed(Failure::Refused(refusal))) if Trouble::of(&refusal).is_some() => {
            // A code that is out can still be typed.
            let ask = Ask { step: Step::Code, token: ask.token.clone(), ..*ask };
            again(site, pages, &ask, from, Trouble::of(&refusal)).await
        }
        Err(fault) => pages.answer(faulty(site, ask, fault)),
    }
}

/// Looks at the code, and goes on to the form for the PIN.
pub async fn check(site: &Site, pages: &Pages, ask: &Ask, (code, from): (&str, &SetFrom)) -> HttpResponse {
    if code.trim().is_empty() {
        return again(site, pages, ask, from, Some(Trouble::Empty)).await;
    }
    let browser = (from.browser.as_ref(), from.address.as_str());
    let trouble = match confirm_code(&site.desk, &ask.token, code, browser).await {
        Ok(Confirmed::Right(browser)) => return onward(ask, Step::Pin, Some(&browser)),
        Ok(Confirmed::Already) => return onward(ask, Step::Pin, None),
        Ok(Confirmed::NotACode(fault)) => Trouble::NotACode(fault),
        Ok(Confirmed::Not(Verdict::Incorrect { tries_left: 0 })) => Trouble::Locked { until: None },
        Ok(Confirmed::Not(Verdict::Incorrect { tries_left })) => Trouble::Wrong { tries_left },
        Ok(Confirmed::Not(Verdict::Locked { until })) => Trouble::Locked { until },
        Ok(Confirmed::Not(_)) => Trouble::Expired,
        Err(fault) => return pages.answer(faulty(site, ask, fault)),
    };
    again(site, pages, ask, from, Some(trouble)).await
}

/// The page as it is now, with what went wrong.
async fn again(
    site: &Site,
    pages: &Pages,
    ask: &Ask,
    from: &SetFrom,
    trouble: Option<Trouble>,
) -> HttpResponse {
    match open_link(&site.desk, &ask.token, from.browser.as_ref()).await {
        Ok(link) => {
            pages.answer(View::confirm(ask, &link, trouble).unwrap_or_else(|| View::choose(ask, &link, None)))
        }
        Err(fault) => pages.answer(faulty(site, ask, fault)),
    }
}

/// On to another page behind the link; a browser that may go on by it keeps a cookie as long as it is open.
fn onward(ask: &Ask, step: Step, browser: Option<&BrowserToken>) -> HttpResponse {
    let lang = ask.asked.map_or_else(String::new, |lang| format!("&lang={lang}"));
    let mut answer = HttpResponse::SeeOther();
    answer.insert_header((header::LOCATION, format!("?step={}{lang}", step.as_str())));
    if let Some(browser) = browser {
        // Lax: the link is opened from a mail.
        let cookie = Cookie::build(cookie_name(&ask.token), browser.expose().to_owned())
            .path("/")
            .secure(true)
            .http_only(true)
            .same_site(SameSite::Lax)
            .finish();
        answer.cookie(cookie);
    }
    answer.finish()
}
