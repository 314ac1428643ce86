//! A table of settings read key by key, every fault of it collected.
//!
//! Works on JSON values whatever file, variable or request they came from, and knows none of those. A fault
//! names the key and says what is allowed; it never repeats the value of a secret.

mod bounded;
pub mod check;
mod key;

use secrecy::SecretString;
use serde_json::{Map, Value};

pub use self::key::{Key, Shape, named};
use crate::domain::wrong::Wrong;

/// What is wrong with one key, such as `policy.client.code_valid`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Empty for the document as a whole.
    pub key: String,
    pub message: Wrong,
}

/// One table, the keys it may have, and where its faults go.
#[derive(Debug)]
pub struct Table<'v, 'f> {
    path: String,
    keys: &'static [Key],
    values: Option<&'v Map<String, Value>>,
    faults: &'f mut Vec<Fault>,
}

impl<'v, 'f> Table<'v, 'f> {
    /// Opens `value`, the table at `path` (empty for the whole document); `None` is an empty table.
    pub fn open(
        value: Option<&'v Value>,
        path: &str,
        keys: &'static [Key],
        faults: &'f mut Vec<Fault>,
    ) -> Self {
        let value = value.filter(|v| !v.is_null());
        let values = value.and_then(Value::as_object);
        let mut table = Self { path: path.to_owned(), keys, values, faults };
        if value.is_some() && values.is_none() {
            table.faults.push(Fault { key: table.path.clone(), message: Wrong::of("fault.table", []) });
        }
        table.refuse_unknown_keys();
        table
    }

    fn refuse_unknown_keys(&mut self) {
        let known = self.keys.iter().map(|k| k.name).collect::<Vec<_>>();
        let unknown = self.values.into_iter().flat_map(Map::keys).filter(|k| !known.contains(&k.as_str()));
        for key in unknown {
            let message = Wrong::of("fault.unknown", [("known", known.join(", "))]);
            self.faults.push(Fault { key: self.path_of(key), message });
        }
    }

    fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    /// Adds a fault of one key.
    pub fn fault(&mut self, key: &str, message: impl Into<Wrong>) {
        let fault = Fault { key: self.path_of(key), message: message.into() };
        self.faults.push(fault);
    }

    /// Whether the table itself is there.
    pub fn is_present(&self) -> bool {
        self.values.is_some()
    }

    /// Whether the key has a value of any kind.
    pub fn has(&self, key: &str) -> bool {
        self.value(key).is_some()
    }

    /// Whether any key but these has a value.
    pub fn has_more_than(&self, keys: &[&str]) -> bool {
        self.values
            .into_iter()
            .flatten()
            .any(|(key, value)| !value.is_null() && !keys.contains(&key.as_str()))
    }

    fn value(&self, key: &str) -> Option<&'v Value> {
        debug_assert!(self.keys.iter().any(|k| k.name == key), "{key} is read but not listed");
        self.values?.get(key).filter(|v| !v.is_null())
    }

    fn default_of(&self, key: &str) -> Option<&'static str> {
        self.keys.iter().find(|k| k.name == key).map(|k| k.default).filter(|d| !d.is_empty())
    }

    /// Every key with its value, as they came.
    pub fn entries(&self) -> impl Iterator<Item = (&'v str, &'v Value)> + use<'v> {
        self.values.into_iter().flatten().map(|(key, value)| (key.as_str(), value))
    }

    /// The table under a key.
    pub fn table(&mut self, key: &str, keys: &'static [Key]) -> Table<'v, '_> {
        Table::open(self.value(key), &self.path_of(key), keys, self.faults)
    }

    /// The value of a key read by `parse`, its default if it is left out.
    pub fn read<T, W: Into<Wrong>>(
        &mut self,
        key: &str,
        parse: impl FnOnce(&str) -> Result<T, W>,
    ) -> Option<T> {
        let text = match self.value(key) {
            None => Ok(self.default_of(key)?),
            Some(value) => check::text(value),
        };
        match text.and_then(|text| parse(text).map_err(Into::into)) {
            Ok(parsed) => Some(parsed),
            Err(message) => {
                self.fault(key, message);
                None
            }
        }
    }

    /// Any text.
    pub fn text(&mut self, key: &str) -> Option<String> {
        self.read(key, |text| Ok::<_, Wrong>(text.to_owned()))
    }

    /// A text of at most `most` characters without control characters.
    pub fn line(&mut self, key: &str, most: usize) -> Option<String> {
        self.read(key, |text| check::line(text, most))
    }

    /// A text that is never shown, after `check` found it good.
    pub fn secret<W: Into<Wrong>>(
        &mut self,
        key: &str,
        check: impl FnOnce(&str) -> Result<(), W>,
    ) -> Option<SecretString> {
        self.read(key, |text| check(text).map(|()| SecretString::from(text)))
    }

    /// One of the words, with what it stands for.
    pub fn word<T: Copy>(&mut self, key: &str, words: &[(&'static str, T)]) -> Option<T> {
        self.read(key, |text| check::word(text, words))
    }

    /// Adds a fault if the key, without which nothing works, is left out.
    pub fn require(&mut self, key: &str, why: impl Into<Wrong>) {
        if !self.has(key) && self.default_of(key).is_none() {
            self.fault(key, Wrong::of("fault.missing", []).and(why));
        }
    }

    /// Adds a fault if the key is a list of nothing.
    pub fn refuse_empty(&mut self, key: &str) {
        if self.value(key).and_then(Value::as_array).is_some_and(Vec::is_empty) {
            self.fault(key, Wrong::of("fault.none", []));
        }
    }

    /// The items of a list, each read by `parse`; `None` if the key is left out.
    pub fn list<T, W: Into<Wrong>>(
        &mut self,
        key: &str,
        parse: impl Fn(&str) -> Result<T, W>,
    ) -> Option<Vec<T>> {
        self.items(key, |item| check::text(item).and_then(|text| parse(text).map_err(Into::into)))
    }

    /// The items of a list of any kind, each read by `parse`; faults name the item's place.
    pub fn items<T, W: Into<Wrong>>(
        &mut self,
        key: &str,
        parse: impl Fn(&Value) -> Result<T, W>,
    ) -> Option<Vec<T>> {
        let items = self.array(key)?;
        let mut read = Vec::with_capacity(items.len());
        for (i, item) in items.iter().enumerate() {
            match parse(item) {
                Ok(value) => read.push(value),
                Err(message) => self.fault(&format!("{key}[{i}]"), message),
            }
        }
        Some(read)
    }

    /// The tables of a list, each read by `parse`.
    pub fn tables<T>(
        &mut self,
        key: &str,
        keys: &'static [Key],
        parse: impl Fn(&mut Table<'_, '_>) -> Option<T>,
    ) -> Vec<T> {
        let items = self.array(key).unwrap_or_default();
        let path = self.path_of(key);
        let mut read = Vec::with_capacity(items.len());
        for (i, item) in items.iter().enumerate() {
            read.extend(parse(&mut Table::open(Some(item), &format!("{path}[{i}]"), keys, self.faults)));
        }
        read
    }

    /// The names and texts of a table whose names are free.
    pub fn texts(&mut self, key: &str) -> Vec<(&'v str, &'v str)> {
        let Some(value) = self.value(key) else { return Vec::new() };
        let Some(entries) = value.as_object() else {
            self.fault(key, Wrong::of("fault.table", []));
            return Vec::new();
        };
        let mut read = Vec::new();
        for (name, value) in entries {
            match check::text(value) {
                Ok(text) => read.push((name.as_str(), text)),
                Err(message) => self.fault(&format!("{key}.{name}"), message),
            }
        }
        read
    }

    fn array(&mut self, key: &str) -> Option<&'v [Value]> {
        let items = self.value(key)?.as_array().map(Vec::as_slice);
        if items.is_none() {
            self.fault(key, Wrong::of("fault.list", []));
        }
        items
    }
}
