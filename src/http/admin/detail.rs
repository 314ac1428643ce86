//! The details of an audit entry as lines of a label and a value, in words.

use serde_json::{Value, json};

use crate::domain::i18n;
use crate::domain::locale::Locale;
use crate::domain::timestamp::Timestamp;

use super::when::Clock;

/// Lines that one entry shows; what has more is seen whole in an export.
const MOST: usize = 40;

/// Each detail as `{label, value}`; what is empty is left out.
pub fn lines(clock: Clock<'_>, detail: &str) -> Vec<Value> {
    let mut found = Vec::new();
    match serde_json::from_str(detail) {
        Ok(value) => walk(clock, &[], &value, &mut found),
        // Of a version that wrote otherwise.
        Err(_) => found.push((i18n::text(clock.locale, "admin.detail").to_owned(), detail.to_owned())),
    }
    let lines = found.into_iter().take(MOST);
    lines.map(|(label, value)| json!({"label": label, "value": value})).collect()
}

fn walk(clock: Clock<'_>, path: &[String], value: &Value, found: &mut Vec<(String, String)>) {
    let label = || path.join(", ");
    match value {
        Value::Null => {}
        Value::Object(fields) => {
            for (key, value) in fields {
                let path: Vec<_> = path.iter().cloned().chain([named(clock.locale, key)]).collect();
                walk(clock, &path, value, found);
            }
        }
        Value::Array(items) if items.iter().any(|item| item.is_object() || item.is_array()) => {
            for item in items {
                walk(clock, path, item, found);
            }
        }
        Value::Array(items) => {
            let told: Vec<_> = items.iter().map(|item| told(clock, item)).collect();
            if !told.is_empty() {
                found.push((label(), told.join(", ")));
            }
        }
        value => found.push((label(), told(clock, value))),
    }
}

/// What a detail is called: by a text of its own, or as the field of the settings that it is.
fn named(locale: Locale, key: &str) -> String {
    let known = ["admin.detail", "admin.field"].map(|begin| format!("{begin}.{key}"));
    let text = known.iter().map(|known| (known, i18n::text(locale, known)));
    let text = text.into_iter().find(|(known, text)| text != known).map(|(_, text)| text.to_owned());
    text.unwrap_or_else(|| key.replace('_', " "))
}

fn told(clock: Clock<'_>, value: &Value) -> String {
    match value {
        Value::String(text) => match Timestamp::parse(text) {
            Ok(at) => clock.when(at).full,
            Err(_) => word(clock.locale, text),
        },
        Value::Bool(yes) => i18n::text(clock.locale, if *yes { "admin.yes" } else { "admin.no" }).to_owned(),
        other => other.to_string(),
    }
}

/// A word of ours in the page's language; whatever else is somebody's own text.
fn word(locale: Locale, text: &str) -> String {
    let begins = ["channel", "admin.word", "admin.users.method", "admin.message", "admin.event"];
    let known = begins.map(|begin| format!("{begin}.{text}"));
    let found = known.iter().find(|key| i18n::text(locale, key) != key.as_str());
    found.map_or_else(|| text.to_owned(), |key| i18n::text(locale, key).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn details_are_lines_of_words() {
        let zone = time_tz::timezones::db::america::NEW_YORK;
        let now = Timestamp::parse("2026-11-20T15:04:05Z").unwrap();
        for (detail, en, es) in [
            ("{}", &[][..], &[][..]),
            ("null", &[], &[]),
            (
                r#"{"surface":"lead_card","channels":["email","sms"],"recently_changed":false,"superseded":null}"#,
                &["Changed lately: no", "Channels: Email, Text message", "Screen: Lead card"],
                &[
                    "Cambió hace poco: no",
                    "Canales: Correo, Mensaje de texto",
                    "Pantalla: Tarjeta de prospecto",
                ],
            ),
            (
                r#"{"until":"2026-11-22T05:00:00Z","reason":"On leave"}"#,
                &["Reason: On leave", "Until: Nov 22, 2026, 12:00 AM (EST)"],
                &["Hasta: 22 nov 2026, 12:00 a.m. (EST)", "Motivo: On leave"],
            ),
            (
                r#"{"before":{"retention":"90d"},"after":{"retention":"30d"},"odd_thing":3}"#,
                &["After, Data is kept for: 30d", "Before, Data is kept for: 90d", "odd thing: 3"],
                &[
                    "Antes, Los datos se guardan por: 90d",
                    "Después, Los datos se guardan por: 30d",
                    "odd thing: 3",
                ],
            ),
            ("not json", &["Details: not json"], &["Detalles: not json"]),
        ] {
            for (locale, expected) in [(Locale::En, en), (Locale::Es, es)] {
                let lines = lines(Clock { locale, zone, now }, detail);
                let text = |line: &Value| {
                    format!("{}: {}", line["label"].as_str().unwrap(), line["value"].as_str().unwrap())
                };
                let mut told: Vec<_> = lines.iter().map(text).collect();
                told.sort();
                assert_eq!(told, expected, "{detail}");
            }
        }
        let many: Vec<_> = (0..100).map(|n| json!({"client": n})).collect();
        assert_eq!(lines(Clock { locale: Locale::En, zone, now }, &json!(many).to_string()).len(), MOST);
    }
}
