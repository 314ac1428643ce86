//! Every key there is, from the same rows that refuse unknown ones and supply the defaults.
//!
//! The table in the README is made from this and compared with it.

use std::fmt::Write;

use super::{database, host, secrets, server};
use crate::domain::provider::document::{EMAIL, SMS, VOICE};
use crate::domain::table::{self, Shape, named};

pub(super) const SECTIONS: &[table::Key] =
    &named(["server", "database", "secrets", "host", "email", "sms", "voice"]);

/// One key of `countersign.toml`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// The dotted path, such as `server.bind`.
    pub name: String,
    /// As it is written in the file; empty if there is none.
    pub default: &'static str,
    pub meaning: &'static str,
    pub shape: Shape,
    /// Whether the value is a secret, and may come from a file that a `…_FILE` variable names.
    pub secret: bool,
}

/// Every key, section by section.
pub fn reference() -> Vec<Key> {
    let sections =
        SECTIONS.iter().zip([server::KEYS, database::KEYS, secrets::KEYS, host::KEYS, EMAIL, SMS, VOICE]);
    sections.flat_map(|(section, keys)| keys.iter().map(|key| full(section.name, key))).collect()
}

fn full(section: &str, key: &table::Key) -> Key {
    let name = format!("{section}.{}", key.name);
    Key { name, default: key.default, meaning: key.meaning, shape: key.shape, secret: key.secret }
}

/// The reference as a Markdown table.
pub fn markdown() -> String {
    let mut table = String::from("| key | default | meaning |\n| --- | --- | --- |\n");
    for key in reference() {
        let default = if key.default.is_empty() { String::new() } else { format!("`{}`", key.default) };
        let secret = if key.secret { " (secret)" } else { "" };
        // Writing to a String cannot fail.
        let _ = writeln!(table, "| `{}` | {default} | {}{secret} |", key.name, key.meaning);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_is_twice_and_each_says_what_it_is_for() {
        let mut names = reference().into_iter().map(|key| key.name).collect::<Vec<_>>();
        assert!(reference().iter().all(|key| !key.meaning.is_empty() && !key.meaning.contains('|')));
        names.sort();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count);
    }

    #[test]
    fn the_table_has_a_row_a_key() {
        let table = markdown();
        assert!(table.starts_with(
            "| key | default | meaning |\n| --- | --- | --- |\n| `server.bind` | `127.0.0.1:8080` | "
        ));
        assert_eq!(table.lines().count(), reference().len() + 2);
    }
}
