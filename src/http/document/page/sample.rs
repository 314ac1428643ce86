//! Examples as they are shown: a call by `curl` that can be copied, and JSON in colours.

use serde::Serialize;
use url::form_urlencoded::byte_serialize;
use utoipa::openapi::path::ParameterIn;

use crate::http::document::Placed;
use crate::http::document::operation::{Callers, Operation};

/// A piece of an example, and what it is: `key`, `text`, `value`, `mark`, or plain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Token {
    pub kind: &'static str,
    pub text: String,
}

fn token(kind: &'static str, text: impl Into<String>) -> Token {
    Token { kind, text: text.into() }
}

/// JSON, piece by piece.
pub fn json(text: &str) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '"' => quoted(rest),
            c if c.is_ascii_alphanumeric() || c == '-' => {
                rest.find(|c: char| !(c.is_ascii_alphanumeric() || "+-.".contains(c))).unwrap_or(rest.len())
            }
            c => c.len_utf8(),
        };
        let (piece, after) = rest.split_at(length);
        let kind = match first {
            '"' if after.trim_start().starts_with(':') => "key",
            '"' => "text",
            c if c.is_ascii_alphanumeric() || c == '-' => "value",
            _ => "plain",
        };
        match tokens.last_mut().filter(|last| last.kind == kind && kind == "plain") {
            Some(last) => last.text.push_str(piece),
            None => tokens.push(token(kind, piece)),
        }
        rest = after;
    }
    tokens
}

/// How long the text is that a quotation mark opens.
fn quoted(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            '"' if !escaped => return at + 1,
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    text.len()
}

/// A call as it is typed into a shell.
pub fn curl(base: &str, placed: &Placed) -> Vec<Token> {
    let Placed { method, path, operation } = placed;
    let body = operation.taken.as_ref().map(|taken| taken.example.replace('\'', r"'\''"));
    let mut tokens = Vec::new();
    if operation.callers == Callers::Signer {
        tokens.extend(signing(body.as_deref().unwrap_or_default()));
    }
    tokens.push(token("mark", "curl"));
    if *method != "GET" && !(*method == "POST" && body.is_some()) {
        tokens.push(token("plain", format!(" -X {method}")));
    }
    tokens.push(token("plain", " "));
    tokens.push(token("text", format!("'{base}{}'", address(path, operation))));
    let mut line = |text: String| {
        tokens.push(token("plain", format!(" \\\n  {}", &text[..3])));
        tokens.push(token("text", &text[3..]));
    };
    match operation.callers {
        Callers::All => {}
        Callers::Host | Callers::HostOrAgent => {
            line("-H \"Authorization: Bearer $COUNTERSIGN_KEY\"".to_owned());
        }
        Callers::Signer => {
            line("-H \"webhook-id: $id\"".to_owned());
            line("-H \"webhook-timestamp: $at\"".to_owned());
            line("-H \"webhook-signature: v1,$signature\"".to_owned());
        }
    }
    if let Some(body) = body {
        line("-H 'Content-Type: application/json'".to_owned());
        if operation.callers == Callers::Signer {
            line("-d \"$body\"".to_owned());
        } else {
            line(format!("-d '{body}'"));
        }
    }
    tokens
}

/// The address with its examples filled in.
fn address(path: &str, operation: &Operation) -> String {
    let mut address = path.to_owned();
    let mut query = Vec::new();
    for parameter in operation.parameters.iter().filter(|parameter| !parameter.example.is_empty()) {
        let value: String = byte_serialize(parameter.example.as_bytes()).collect();
        match parameter.place {
            ParameterIn::Path => address = address.replace(&format!("{{{}}}", parameter.name), &value),
            ParameterIn::Query => query.push(format!("{}={value}", parameter.name)),
            _ => {}
        }
    }
    if query.is_empty() { address } else { format!("{address}?{}", query.join("&")) }
}

/// What goes before a call that is signed.
fn signing(body: &str) -> Vec<Token> {
    let steps = [
        token("plain", "body="),
        token("text", format!("'{body}'")),
        token("plain", "\nid=msg_$("),
        token("mark", "openssl"),
        token("plain", " rand -hex 12)\nat=$("),
        token("mark", "date"),
        token("plain", " +%s)\nkey=$("),
        token("mark", "printf"),
        token("plain", " %s "),
        token("text", "\"${WEBHOOK_SECRET#whsec_}\""),
        token("plain", " |\n  openssl base64 -d -A | od -An -v -tx1 | tr -d "),
        token("text", r"' \n'"),
        token("plain", ")\nsignature=$("),
        token("mark", "printf"),
        token("plain", " %s.%s.%s "),
        token("text", "\"$id\" \"$at\" \"$body\""),
        token("plain", " |\n  openssl dgst -sha256 -mac HMAC -macopt "),
        token("text", "\"hexkey:$key\""),
        token("plain", " -binary |\n  openssl base64 -A)\n\n"),
    ];
    steps.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_texts_and_values_are_told_apart() {
        let tokens = json(r#"{"a": "b: \"c\"", "d": [-1.5, true, null]}"#);
        let kinds: Vec<_> =
            tokens.iter().filter(|t| t.kind != "plain").map(|t| (t.kind, t.text.as_str())).collect();
        assert_eq!(
            kinds,
            [
                ("key", "\"a\""),
                ("text", r#""b: \"c\"""#),
                ("key", "\"d\""),
                ("value", "-1.5"),
                ("value", "true"),
                ("value", "null"),
            ]
        );
        let whole: String = tokens.iter().map(|t| t.text.as_str()).collect();
        assert_eq!(whole, r#"{"a": "b: \"c\"", "d": [-1.5, true, null]}"#);
    }
}
