//! The page that a client sets a PIN on as it would look with a tenant's branding: made of examples, for a frame of the console.

use std::sync::Arc;

use actix_web::HttpResponse;

use crate::domain::id::ClientId;
use crate::domain::locale::Locale;
use crate::domain::pin::DIGITS;
use crate::domain::tenant::Tenant;
use crate::domain::timestamp::Timestamp;
use crate::usecase::pin::open_link::LinkView;

use super::ask::{Ask, Step};
use super::page::Pages;
use super::view::View;

/// The page, in which nothing runs and that leads nowhere.
pub fn preview(pages: &Pages, tenant: Tenant, locale: Locale, now: Timestamp) -> HttpResponse {
    let ask = Ask { token: String::new(), step: Step::Pin, asked: Some(locale), accepted: None };
    let Ok(client) = ClientId::parse("example") else { return HttpResponse::InternalServerError().finish() };
    let link = LinkView {
        tenant: Arc::new(tenant),
        client,
        client_name: "Ruiz Landscaping LLC".to_owned(),
        contact_name: "Ana Ruiz".to_owned(),
        locale,
        is_reset: false,
        expires_at: now,
        digits: DIGITS,
        phones: Vec::new(),
        asked: None,
    };
    let mut view = View::choose(&ask, &link, None);
    view.still = true;
    pages.answer(view)
}
