//! What a contact reads or hears: typed values in, the finished email, text or speech out.
//!
//! One function a message, each with a context of its own; the wording lies in `templates/`, compiled in, parsed
//! at start and strict: a value that a template wants and nobody gave is an error. Knows no provider, no
//! database and no clock.

mod built_in;
mod draft;
mod guest;
mod login;
mod pin;
mod source;
mod speech;
mod value;
mod view;
mod wording;

use std::time::Duration;

use handlebars::{Context, Handlebars};
use serde::Serialize;
use serde_json::Value;

pub use self::built_in::built_in;
pub use self::draft::Unpublished;
pub use self::guest::{SessionInvite, TypedCode, TypedFor};
pub use self::login::LoginChanged;
pub use self::pin::{PinChanged, PinLink};
pub use self::speech::{Piece, Said};
use self::view::{Aloud, CodeEmail, CodeText, ReceiptEmail, ReceiptText};
use self::wording::{worded_line, worded_sms};
use crate::domain::call::script::Line;
use crate::domain::gsm7;
use crate::domain::locale::Locale;
use crate::domain::message::Purpose;
use crate::domain::tenant::Tenant;
use crate::domain::timestamp::Timestamp;

/// A code that the contact reads to the agent on the phone. Not printable: it holds the code.
pub struct ClientCode<'a> {
    pub tenant: &'a Tenant,
    pub locale: Locale,
    pub contact_name: &'a str,
    /// Left out of the message where the tenant's policy says so, too.
    pub agent_name: Option<&'a str>,
    /// The digits together.
    pub code: &'a str,
    pub valid_for: Duration,
    pub sent_at: Timestamp,
}

/// The notice, after a verification, that it happened.
pub struct ClientReceipt<'a> {
    pub tenant: &'a Tenant,
    pub locale: Locale,
    pub agent_name: Option<&'a str>,
    /// Where the code had gone, masked.
    pub destination: &'a str,
    pub verified_at: Timestamp,
}

/// An email ready for a provider. Not printable: it may hold a code.
pub struct EmailBody {
    pub subject: String,
    pub text: String,
    pub html: String,
}

/// A template that is wrong, or a text that would not fit. Never holds a value, only places in templates.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    #[error("a template does not parse: {0}")]
    Parse(String),
    #[error("{template} cannot be rendered (line {line}, column {column})")]
    Render { template: String, line: usize, column: usize },
    #[error("{template} does not fit one text message")]
    TooLong { template: String },
}

/// All templates, parsed.
pub struct Renderer {
    /// Escapes what it places.
    html: Handlebars<'static>,
    /// Subjects, text parts and text messages.
    plain: Handlebars<'static>,
}

impl Renderer {
    /// Parses every template.
    ///
    /// # Errors
    /// A template that does not parse.
    pub fn new() -> Result<Self, RenderError> {
        let mut html = registry(handlebars::html_escape);
        let mut plain = registry(handlebars::no_escape);
        for (name, text) in source::HTML {
            add(&mut html, name, text)?;
        }
        for (name, text) in source::PLAIN {
            add(&mut plain, name, text)?;
        }
        Ok(Self { html, plain })
    }

    /// The email with a code to read aloud.
    ///
    /// # Errors
    /// A template that wants a value it is not given.
    pub fn client_code_email(&self, message: &ClientCode<'_>) -> Result<EmailBody, RenderError> {
        let of = (message.tenant, Purpose::ClientCode, message.locale);
        self.email_of(of, "client_code", &CodeEmail::new(message))
    }

    /// The text with a code to read aloud, in one segment; without the agent's name where that needs the room.
    ///
    /// # Errors
    /// As for the email, and a text that no variant fits into one segment.
    pub fn client_code_sms(&self, message: &ClientCode<'_>) -> Result<String, RenderError> {
        let values = CodeText::new(message);
        if let Some(own) = worded_sms((message.tenant, Purpose::ClientCode, message.locale), &values) {
            return Ok(own);
        }
        if !values.agent.is_empty() {
            let named = self.sms("client_code_agent", message.locale, &values)?;
            if fits(&named) {
                return Ok(named);
            }
        }
        self.one_segment("client_code", message.locale, &values)
    }

    /// The email that tells of a verification.
    ///
    /// # Errors
    /// A template that wants a value it is not given.
    pub fn client_receipt_email(&self, message: &ClientReceipt<'_>) -> Result<EmailBody, RenderError> {
        let of = (message.tenant, Purpose::ClientReceipt, message.locale);
        self.email_of(of, "client_receipt", &ReceiptEmail::new(message))
    }

    /// The text that tells of a verification, in one segment.
    ///
    /// # Errors
    /// As for the email, and a text that does not fit one segment.
    pub fn client_receipt_sms(&self, message: &ClientReceipt<'_>) -> Result<String, RenderError> {
        let values = ReceiptText::new(message);
        let own = worded_sms((message.tenant, Purpose::ClientReceipt, message.locale), &values);
        own.map_or_else(|| self.one_segment("client_receipt", message.locale, &values), Ok)
    }

    /// What is said in a call that carries a code: `code` is needed only where a line says it.
    ///
    /// # Errors
    /// A template that wants a value it is not given.
    pub fn client_code_call(
        &self,
        tenant: &Tenant,
        lines: &[(Line, Locale)],
        code: &str,
    ) -> Result<Vec<Said>, RenderError> {
        self.call(Purpose::ClientCode, tenant, lines, code)
    }

    fn call(
        &self,
        purpose: Purpose,
        tenant: &Tenant,
        lines: &[(Line, Locale)],
        code: &str,
    ) -> Result<Vec<Said>, RenderError> {
        let message = purpose.as_str();
        let aloud = Aloud::new(tenant);
        let values = to_value(message, &aloud)?;
        let say = |(line, locale): &(Line, Locale)| {
            let name = format!("voice/{message}/{locale}.{}", line.as_str());
            let own = worded_line((tenant, purpose, *locale), *line, &aloud);
            let words = own.map_or_else(|| render(&self.plain, &name, values.clone()), Ok)?;
            Ok(Said::new(*locale, &words, code))
        };
        lines.iter().map(say).collect()
    }

    fn email(&self, name: &str, locale: Locale, values: &impl Serialize) -> Result<EmailBody, RenderError> {
        let mut values = to_value(name, values)?;
        let subject = render(&self.plain, &format!("email/{name}/{locale}.subject"), values.clone())?;
        if let Value::Object(values) = &mut values {
            values.insert("subject".to_owned(), Value::String(subject.clone()));
        }
        let text = render(&self.plain, &format!("email/{name}/{locale}.txt"), values.clone())?;
        let html = render(&self.html, &format!("email/{name}/{locale}.html"), values)?;
        Ok(EmailBody { subject, text: text + "\n", html: html + "\n" })
    }

    fn sms(&self, name: &str, locale: Locale, values: &impl Serialize) -> Result<String, RenderError> {
        render(&self.plain, &format!("sms/{name}/{locale}"), to_value(name, values)?)
    }

    fn one_segment(
        &self,
        name: &str,
        locale: Locale,
        values: &impl Serialize,
    ) -> Result<String, RenderError> {
        let text = self.sms(name, locale, values)?;
        if fits(&text) {
            Ok(text)
        } else {
            Err(RenderError::TooLong { template: format!("sms/{name}/{locale}") })
        }
    }
}

fn fits(text: &str) -> bool {
    gsm7::septets(text).is_some() && gsm7::segments(text) == 1
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place where templates are parsed: strict, from source"
)]
fn registry(escape: fn(&str) -> String) -> Handlebars<'static> {
    let mut registry = Handlebars::new();
    registry.set_strict_mode(true);
    registry.set_prevent_indent(true);
    registry.register_escape_fn(escape);
    registry
}

fn add(registry: &mut Handlebars<'static>, name: &str, text: &str) -> Result<(), RenderError> {
    // A file ends in a line break; what it says does not.
    registry
        .register_template_string(name, text.trim_end_matches('\n'))
        .map_err(|error| RenderError::Parse(error.to_string()))
}

fn to_value(name: &str, values: &impl Serialize) -> Result<Value, RenderError> {
    serde_json::to_value(values).map_err(|_| failed(name, None, None))
}

fn render(registry: &Handlebars<'static>, name: &str, values: Value) -> Result<String, RenderError> {
    // The reason is left out on purpose: only the place in the template is sure to hold no value.
    registry
        .render_with_context(name, &Context::from(values))
        .map(|text| text.trim().to_owned())
        .map_err(|error| failed(name, error.line_no, error.column_no))
}

fn failed(template: &str, line: Option<usize>, column: Option<usize>) -> RenderError {
    RenderError::Render {
        template: template.to_owned(),
        line: line.unwrap_or(0),
        column: column.unwrap_or(0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_is_not_given_is_an_error_that_holds_no_value() {
        let mut registry = registry(handlebars::no_escape);
        add(&mut registry, "sample", "{{code}}\n{{missing}}").unwrap();
        let error = render(&registry, "sample", serde_json::json!({ "code": "482 913" })).unwrap_err();
        assert_eq!(error.to_string(), "sample cannot be rendered (line 2, column 1)");
        assert!(!format!("{error:?}").contains("482"));
    }
}
