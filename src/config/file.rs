//! A TOML file as a JSON document, which is what settings are read from.
//!
//! Knows no keys. A syntax error names its line but never shows it: the line may hold a secret.

use std::path::Path;

use serde_json::{Map, Value};

use super::{ConfigError, Problem};

/// # Errors
/// A file that cannot be read or is not TOML.
pub(super) fn read(path: &Path) -> Result<Value, ConfigError> {
    let refuse = |message: String| ConfigError(vec![Problem::new(path.display().to_string(), "", message)]);
    let text = std::fs::read_to_string(path).map_err(|e| refuse(format!("cannot be read: {e}")))?;
    parse(&text).map_err(refuse)
}

/// A TOML document.
///
/// # Errors
/// The line and what is wrong with it.
pub(super) fn parse(text: &str) -> Result<Value, String> {
    let table = toml::from_str::<toml::Table>(text).map_err(|e| {
        let before = e.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        format!("line {}: {}", before.matches('\n').count() + 1, e.message().trim())
    })?;
    Ok(object(table))
}

fn object(table: toml::Table) -> Value {
    Value::Object(table.into_iter().map(|(key, value)| (key, json(value))).collect::<Map<_, _>>())
}

// A date may be written without quotes: it reads as the text it is written as.
fn json(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => Value::String(text),
        toml::Value::Integer(number) => Value::from(number),
        toml::Value::Float(number) => Value::from(number),
        toml::Value::Boolean(flag) => Value::Bool(flag),
        toml::Value::Datetime(moment) => Value::String(moment.to_string()),
        toml::Value::Array(items) => items.into_iter().map(json).collect(),
        toml::Value::Table(table) => object(table),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_date_without_quotes_is_text() {
        let document = parse("[a]\nday = 2026-01-31\nlist = [1, true, 1.5]\n[[b]]\nc = {}").unwrap();
        let expected = json!({"a": {"day": "2026-01-31", "list": [1, true, 1.5]}, "b": [{"c": {}}]});
        assert_eq!(document, expected);
    }

    #[test]
    fn a_syntax_error_names_its_line_and_shows_nothing_of_it() {
        for line in ["\"hunter2", "hunter2", "\"hunter2\\q\"", "\"a\" hunter2", "[hunter2]", "1hunter2"] {
            let message = parse(&format!("[secrets]\nmaster_key = {line}\nx = 1")).unwrap_err();
            assert!(message.starts_with("line 2: "), "{message}");
            assert!(!message.contains("hunter2"), "{message}");
        }
    }
}
