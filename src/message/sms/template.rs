//! Putting a message into a gateway's URL and body: `{{to}}`, `{{text}}`, `{{report_url}}`.
//!
//! Owns the escaping. One pass over the template, so that a value which looks like a name is left as it is.

use super::super::SmsContent;

/// How a value is written where it goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Escape {
    Percent,
    Json,
    Form,
    Xml,
    Plain,
}

impl Escape {
    /// The escaping of a body with this `Content-Type`.
    pub(super) fn of_content_type(value: &str) -> Self {
        let media = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match media.as_str() {
            "application/x-www-form-urlencoded" => Self::Form,
            "application/json" => Self::Json,
            "text/xml" | "application/xml" => Self::Xml,
            other if other.ends_with("+json") => Self::Json,
            other if other.ends_with("+xml") => Self::Xml,
            _ => Self::Plain,
        }
    }

    fn write(self, value: &str, out: &mut String) {
        match self {
            Self::Plain => out.push_str(value),
            Self::Form => out.extend(url::form_urlencoded::byte_serialize(value.as_bytes())),
            // The form's plus for a space is a plus elsewhere in a URL; a plus itself is %2B by then.
            Self::Percent => url::form_urlencoded::byte_serialize(value.as_bytes())
                .for_each(|part| out.push_str(if part == "+" { "%20" } else { part })),
            Self::Json => {
                let quoted = serde_json::Value::from(value).to_string();
                out.push_str(&quoted[1..quoted.len() - 1]);
            }
            Self::Xml => value.chars().for_each(|c| match c {
                '&' => out.push_str("&amp;"),
                '<' => out.push_str("&lt;"),
                '>' => out.push_str("&gt;"),
                '"' => out.push_str("&quot;"),
                '\'' => out.push_str("&#39;"),
                _ => out.push(c),
            }),
        }
    }
}

/// The template with its names replaced; a name that is not known stays.
pub(super) fn fill(template: &str, escape: Escape, content: &SmsContent) -> String {
    let values = [
        ("{{to}}", content.to.expose()),
        ("{{text}}", content.text.as_str()),
        ("{{report_url}}", content.report_url.as_str()),
    ];
    let mut out = String::with_capacity(template.len() + content.text.len());
    let mut rest = template;
    while let Some(at) = rest.find("{{") {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let known = values.iter().find(|(name, _)| rest.starts_with(name));
        let Some((name, value)) = known else {
            out.push('{');
            rest = &rest[1..];
            continue;
        };
        escape.write(value, &mut out);
        rest = &rest[name.len()..];
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::domain::contact::Phone;
    use crate::domain::id::MessageId;
    use crate::domain::timestamp::Timestamp;

    fn content(text: &str) -> SmsContent {
        SmsContent {
            to: Phone::parse("+13055550142").unwrap(),
            text: text.into(),
            report_url: "https://cs.example/r?status=%d".into(),
            message_id: MessageId::new(Timestamp::from_seconds(1), [1; 10]),
            valid_for: Duration::from_mins(10),
        }
    }

    #[test]
    fn values_are_escaped_for_where_they_go() {
        let text = "Código: \"1 & 2\" <a>+'\\\n{{to}}";
        for (escape, expected) in [
            (Escape::Percent, "C%C3%B3digo%3A%20%221%20%26%202%22%20%3Ca%3E%2B%27%5C%0A%7B%7Bto%7D%7D"),
            (Escape::Form, "C%C3%B3digo%3A+%221+%26+2%22+%3Ca%3E%2B%27%5C%0A%7B%7Bto%7D%7D"),
            (Escape::Json, "Código: \\\"1 & 2\\\" <a>+'\\\\\\n{{to}}"),
            (Escape::Xml, "Código: &quot;1 &amp; 2&quot; &lt;a&gt;+&#39;\\\n{{to}}"),
            (Escape::Plain, text),
        ] {
            assert_eq!(fill("{{text}}", escape, &content(text)), expected, "{escape:?}");
        }
        // Whole JSON documents survive, quotes at both ends included.
        let json = fill(r#"{"t":"{{text}}"}"#, Escape::Json, &content("\"quoted\""));
        assert_eq!(serde_json::from_str::<serde_json::Value>(&json).unwrap()["t"], "\"quoted\"");
    }

    #[test]
    fn every_name_is_replaced_and_others_stay() {
        let filled =
            fill("{{{to}}|{{text}}{{text}}|{{report_url}}|{{ to }}|{{x}}|{{", Escape::Plain, &content("hi"));
        assert_eq!(filled, "{+13055550142|hihi|https://cs.example/r?status=%d|{{ to }}|{{x}}|{{");
        assert_eq!(fill("", Escape::Percent, &content("hi")), "");
        let url = fill("to={{to}}&u={{report_url}}", Escape::Percent, &content("hi"));
        assert_eq!(url, "to=%2B13055550142&u=https%3A%2F%2Fcs.example%2Fr%3Fstatus%3D%25d");
    }

    #[test]
    fn the_content_type_picks_the_escaping() {
        for (value, expected) in [
            ("application/json", Escape::Json),
            ("Application/JSON; charset=utf-8", Escape::Json),
            ("application/vnd.api+json", Escape::Json),
            ("application/x-www-form-urlencoded", Escape::Form),
            ("text/xml", Escape::Xml),
            ("application/xml;charset=utf-8", Escape::Xml),
            ("application/soap+xml", Escape::Xml),
            ("text/plain", Escape::Plain),
            ("", Escape::Plain),
        ] {
            assert_eq!(Escape::of_content_type(value), expected, "{value}");
        }
    }
}
