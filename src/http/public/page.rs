//! The templates of the public pages, and what every answer with one carries.

use actix_web::HttpResponse;
use actix_web::http::header;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use handlebars::Handlebars;
use sha2::{Digest as _, Sha256};

use crate::http::problem::{Code, Problem};
use crate::http::template::{self, PageError};

use super::view::View;

const TEMPLATES: [(&str, &str); 13] = [
    ("layout", include_str!("../../../templates/page/public/layout.hbs")),
    ("phoned", include_str!("../../../templates/page/public/phoned.hbs")),
    ("start", include_str!("../../../templates/page/public/start.hbs")),
    ("choose", include_str!("../../../templates/page/public/choose.hbs")),
    ("ways", include_str!("../../../templates/page/public/ways.hbs")),
    ("code", include_str!("../../../templates/page/public/code.hbs")),
    ("login_start", include_str!("../../../templates/page/public/login_start.hbs")),
    ("login_app", include_str!("../../../templates/page/public/login_app.hbs")),
    ("login_number", include_str!("../../../templates/page/public/login_number.hbs")),
    ("login_manage", include_str!("../../../templates/page/public/login_manage.hbs")),
    ("login_codes", include_str!("../../../templates/page/public/login_codes.hbs")),
    ("login_code", include_str!("../../../templates/page/public/login_code.hbs")),
    ("notice", include_str!("../../../templates/page/public/notice.hbs")),
];

/// All templates, parsed.
pub struct Pages(Handlebars<'static>);

impl Pages {
    /// Parses every template.
    ///
    /// # Errors
    /// A template that does not parse.
    pub fn new() -> Result<Self, Box<PageError>> {
        template::parsed(&TEMPLATES).map(Self)
    }

    /// The page as its answer.
    pub fn answer(&self, view: View) -> HttpResponse {
        let body = match self.0.render(view.template, &view) {
            Ok(body) => body,
            Err(error) => {
                tracing::error!(page = view.template, line = error.line_no, "a page cannot be rendered");
                return actix_web::ResponseError::error_response(&Problem::new(Code::Internal));
            }
        };
        let mut response = HttpResponse::build(view.status);
        if let Some(seconds) = view.retry_after {
            response.insert_header((header::RETRY_AFTER, seconds));
        }
        response
            .insert_header((header::CONTENT_SECURITY_POLICY, policy(&view)))
            .insert_header(("x-robots-tag", "noindex"))
            .content_type("text/html; charset=utf-8")
            .body(body)
    }
}

/// Our own script and style, the tenant's colour by its hash, the logo from where it is, and on to where a form leads.
fn policy(view: &View) -> String {
    let style = view.style.as_ref().map_or_else(String::new, |style| {
        format!(" 'sha256-{}'", BASE64_STANDARD.encode(Sha256::digest(style.as_bytes())))
    });
    let logo = view.logo_origin.as_ref().map_or_else(String::new, |origin| format!(" {origin}"));
    if view.still {
        return format!(
            "default-src 'none'; style-src 'self'{style}; img-src data:{logo}; base-uri 'none'; form-action 'none'; \
             frame-ancestors 'self'; sandbox"
        );
    }
    let onward = view.onward.as_ref().map_or_else(String::new, |origin| format!(" {origin}"));
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'{style}; img-src data:{logo}; base-uri 'none'; \
         form-action 'self'{onward}; frame-ancestors 'none'"
    )
}
