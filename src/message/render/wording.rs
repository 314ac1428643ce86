//! A message in its tenant's own wording, where it has one. Where that cannot be rendered the built-in text stands, and the log
//! says so: a code that is late is worse than one in other words.

use handlebars::html_escape;
use serde::Serialize;
use serde_json::{Map, Value};

use super::value::one_line;
use super::{EmailBody, RenderError, Renderer, failed, fits, render, to_value};
use crate::domain::call::script::Line;
use crate::domain::channel::Channel;
use crate::domain::locale::Locale;
use crate::domain::message::Purpose;
use crate::domain::tenant::Tenant;
use crate::domain::wording::template::Missing;
use crate::domain::wording::{Spot, Wording, call};

/// What mail programs show beside a subject, in characters.
const PREHEADER: usize = 90;

/// Whose message it is, and in which language.
pub(super) type Of<'a> = (&'a Tenant, Purpose, Locale);

impl Renderer {
    /// The email in the tenant's own words, if it has any that can be said, else the built-in one of that name.
    pub(super) fn email_of(
        &self,
        of: Of<'_>,
        built_in: &str,
        values: &impl Serialize,
    ) -> Result<EmailBody, RenderError> {
        let own =
            told(of, Channel::Email, |wording, name| self.own_email(wording, name, to_value(name, values)?));
        own.map_or_else(|| self.email(built_in, of.2, values), Ok)
    }

    pub(super) fn own_email(
        &self,
        wording: &Wording,
        name: &str,
        values: Value,
    ) -> Result<EmailBody, RenderError> {
        let Value::Object(mut values) = values else { return Err(failed(name, None, None)) };
        let hole = |missing: Missing| failed(name, Some(missing.line), None);
        let subject = one_line(&wording.subject(|key| value(&values, key)).map_err(hole)?);
        let body = wording.body(|key| value(&values, key)).map_err(hole)?;
        let code = value(&values, "code").unwrap_or_default().to_owned();
        let html = self.paragraphs(&body, &code, &values)?;
        values.insert("subject".to_owned(), Value::String(subject.clone()));
        values.insert("body".to_owned(), Value::String(body.clone()));
        let text = render(&self.plain, "email/wording/frame.txt", Value::Object(values.clone()))?;
        values.insert("body".to_owned(), Value::String(html));
        values.insert("preheader".to_owned(), Value::String(preheader(&body, &code)));
        let html = render(&self.html, "email/wording/frame.html", Value::Object(values))?;
        Ok(EmailBody { subject, text: text + "\n", html: html + "\n" })
    }

    /// The paragraphs as HTML; one that begins with the code alone on its line shows it large, with the rest below it.
    fn paragraphs(&self, body: &str, code: &str, values: &Map<String, Value>) -> Result<String, RenderError> {
        let mut html = Vec::new();
        for paragraph in body.split("\n\n").map(str::trim).filter(|paragraph| !paragraph.is_empty()) {
            let (first, rest) = paragraph.split_once('\n').unwrap_or((paragraph, ""));
            let (template, lines) = if !code.is_empty() && first.trim() == code {
                ("email/wording/code.html", rest)
            } else {
                ("email/wording/paragraph.html", paragraph)
            };
            // Escaped here, line by line: a list given to the engine would stand in its debug log, with the code in it.
            let text = lines.lines().map(|line| shown(line, values)).collect::<Vec<_>>().join("<br>");
            let mut values = values.clone();
            values.insert("text".to_owned(), Value::String(text));
            html.push(render(&self.html, template, Value::Object(values))?);
        }
        Ok(html.join("\n"))
    }
}

/// A line as HTML. Our link, alone on it, leads where it says.
fn shown(line: &str, values: &Map<String, Value>) -> String {
    let text = html_escape(line.trim());
    let leads = value(values, "link").is_some_and(|link| line.trim() == link);
    if leads { format!("<a href=\"{text}\">{text}</a>") } else { text }
}

/// The text in the tenant's own words, in one segment; without the agent's name where that needs the room.
pub(super) fn worded_sms(of: Of<'_>, values: &impl Serialize) -> Option<String> {
    told(of, Channel::Sms, |wording, name| sms_of(wording, name, to_value(name, values)?))
}

/// The text in these words, as above.
pub(super) fn sms_of(wording: &Wording, name: &str, values: Value) -> Result<String, RenderError> {
    let Value::Object(mut values) = values else { return Err(failed(name, None, None)) };
    let hole = |missing: Missing| failed(name, Some(missing.line), None);
    let text = wording.body(|key| value(&values, key)).map_err(hole)?;
    if fits(&text) {
        return Ok(text);
    }
    values.remove("agent");
    let text = wording.body(|key| value(&values, key)).map_err(hole)?;
    if fits(&text) { Ok(text) } else { Err(RenderError::TooLong { template: name.to_owned() }) }
}

/// What is said at a line of a call, in the tenant's own words; its code is as it stands in the values.
pub(super) fn worded_line(of: Of<'_>, line: Line, values: &impl Serialize) -> Option<String> {
    told(of, Channel::Voice, |wording, name| line_of(wording, name, line, to_value(name, values)?))
}

/// What is said at a line of a call in these words.
pub(super) fn line_of(
    wording: &Wording,
    name: &str,
    line: Line,
    values: Value,
) -> Result<String, RenderError> {
    let Value::Object(values) = values else { return Err(failed(name, None, None)) };
    let hole = |missing: Missing| failed(name, Some(missing.line), None);
    let said = wording.body(|key| value(&values, key)).map_err(hole)?;
    call::words(&said, line).map(str::to_owned).ok_or_else(|| failed(name, None, None))
}

/// What the wording of a message gives, if there is one and it gives something.
fn told<T>(
    (tenant, kind, locale): Of<'_>,
    channel: Channel,
    render: impl FnOnce(&Wording, &str) -> Result<T, RenderError>,
) -> Option<T> {
    let spot = Spot { kind, channel, locale };
    let wording = tenant.wordings.of(spot)?;
    let name = format!("version {} of {spot}", wording.version);
    render(wording, &name)
        .map_err(
            |error| tracing::error!(tenant = %tenant.id, %error, "the built-in text stands for a wording"),
        )
        .ok()
}

fn value<'v>(values: &'v Map<String, Value>, name: &str) -> Option<&'v str> {
    values.get(name)?.as_str()
}

/// The first words, after the code where they do not have it.
fn preheader(body: &str, code: &str) -> String {
    let first = body.split("\n\n").map(one_line).find(|paragraph| !paragraph.is_empty() && paragraph != code);
    let first = first.unwrap_or_default();
    let text = if code.is_empty() || first.contains(code) { first } else { format!("{code}. {first}") };
    if text.chars().count() <= PREHEADER {
        return text;
    }
    let cut: String = text.chars().take(PREHEADER).collect();
    cut.rsplit_once(' ').map_or(cut.clone(), |(words, _)| words.to_owned())
}
