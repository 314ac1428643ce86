//! Variables `COUNTERSIGN_SECTION__KEY` as a document that goes over the file's.
//!
//! Knows which variable means which key, and which name a file that holds a secret. The variables come in as
//! values; every one of ours that means nothing is a typing error and refused.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Map, Value, json};

use super::{Key, Problem, file, reference};
use crate::domain::table::{Fault, Shape};

const PREFIX: &str = "COUNTERSIGN_";
const SOURCE: &str = "environment";

/// What the environment says.
#[derive(Default)]
pub(super) struct Environment {
    pub document: Value,
    /// The variable each key came from.
    pub names: BTreeMap<String, String>,
    pub problems: Vec<Problem>,
}

pub(super) fn read(env: impl IntoIterator<Item = (String, String)>) -> Environment {
    let keys = reference();
    let mut read = Environment { document: json!({}), ..Environment::default() };
    let ours: BTreeMap<String, String> = env.into_iter().filter(|(n, _)| n.starts_with(PREFIX)).collect();
    for (name, text) in ours {
        if let Err(message) = read.take(&keys, &name, &text) {
            read.problems.push(Problem::new(SOURCE, name, message));
        }
    }
    read
}

impl Environment {
    fn take(&mut self, keys: &[Key], name: &str, text: &str) -> Result<(), String> {
        let direct = keys.iter().find(|key| variable(key) == name);
        let filed = || keys.iter().find(|key| key.secret && format!("{}_FILE", variable(key)) == name);
        let (key, text) = match direct {
            Some(key) => (key, text.to_owned()),
            None => (filed().ok_or_else(|| unknown(keys, name))?, contents(text)?),
        };
        let value = value(key.shape, &text)?;
        if let Some(other) = self.names.insert(key.name.clone(), name.to_owned()) {
            return Err(format!("{other} gives the same key; leave one of the two out"));
        }
        let (section, key) = key.name.split_once('.').unwrap_or_default();
        if !self.document[section].is_object() {
            self.document[section] = Value::Object(Map::new());
        }
        self.document[section][key] = value;
        Ok(())
    }
}

/// Tells a fault by the variable its value came from, or would come from where there is no file.
pub(super) fn problem(fault: Fault, file: Option<&Path>, names: &BTreeMap<String, String>) -> Problem {
    let within =
        |key: &str| fault.key.strip_prefix(key).is_some_and(|r| r.is_empty() || r.starts_with(['.', '[']));
    if let Some((key, name)) = names.iter().find(|(key, _)| within(key)) {
        let place = fault.key.trim_start_matches(key.as_str());
        return Problem::new(SOURCE, format!("{name}{place}"), fault.message);
    }
    match (file, reference().iter().find(|key| key.name == fault.key)) {
        (Some(file), _) => Problem::in_file(file, fault),
        (None, Some(key)) => Problem::new(SOURCE, variable(key), fault.message),
        (None, None) => Problem::new(SOURCE, fault.key, fault.message),
    }
}

/// `COUNTERSIGN_SERVER__PUBLIC_URL` for `server.public_url`.
fn variable(key: &Key) -> String {
    format!("{PREFIX}{}", key.name.to_uppercase().replacen('.', "__", 1))
}

fn unknown(keys: &[Key], name: &str) -> String {
    let section = name.split_once("__").map(|(section, _)| format!("{section}__"));
    let known: Vec<_> = keys
        .iter()
        .map(variable)
        .filter(|known| section.as_ref().is_none_or(|section| known.starts_with(section)))
        .collect();
    if known.is_empty() || section.is_none() {
        let sections = reference::SECTIONS.iter().map(|s| s.name.to_uppercase()).collect::<Vec<_>>();
        return format!(
            "unknown variable; ours are {PREFIX}SECTION__KEY, the sections {}",
            sections.join(", ")
        );
    }
    format!("unknown variable; known ones are {}", known.join(", "))
}

/// What a file that a `…_FILE` variable names holds, without the line break at its end.
fn contents(path: &str) -> Result<String, String> {
    let text = std::fs::read_to_string(path).map_err(|e| format!("{path} cannot be read: {e}"))?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

fn value(shape: Shape, text: &str) -> Result<Value, String> {
    let items = || text.split([',', '\n']).map(str::trim).filter(|item| !item.is_empty());
    Ok(match shape {
        Shape::Text => Value::from(text),
        Shape::List => items().collect(),
        Shape::Numbers => items().map(|n| n.parse::<u32>().map_or_else(|_| json!(n), Value::from)).collect(),
        Shape::Nested => {
            let document = file::parse(&format!("value = {}", text.trim()));
            document.map_err(|_| "must be a table or a list of tables, written as in a file".to_owned())?["value"].take()
        }
    })
}
