//! The tenants file of the demonstration, with secrets of its own from the first start.
//!
//! The service reads the file with `tenant apply`, the CRM reads it for its keys: nothing else joins the two.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::DemoError;
use crate::ports::{self, Random};

const FILE: &str = "tenants.toml";
const SECRETS: [&str; 3] = ["webhook_secret", "push_secret", "api_key"];
const KEY_ALPHABET: &[u8; 63] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_";
const EXAMPLE_CRM: &str = "http://127.0.0.1:9000";
const EXAMPLE_DAY: &str = "# required_from = \"2026-12-01\"";

/// Writes `dir/tenants.toml` from the example if it is not there, and fills in the secrets that are missing.
///
/// A file that has all its secrets is left as it is.
///
/// # Errors
/// The directory cannot be written, or the file is no tenants file.
pub fn prepare(dir: &Path, example: &str, random: &dyn Random) -> Result<PathBuf, DemoError> {
    fs::create_dir_all(dir).map_err(DemoError::file(dir))?;
    let path = dir.join(FILE);
    let found = match fs::read_to_string(&path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        other => Some(other.map_err(DemoError::file(&path))?),
    };
    let text = filled(found.as_deref().unwrap_or(example), random)?;
    if found.as_deref() != Some(text.as_str()) {
        write_private(&path, &text).map_err(DemoError::file(&path))?;
    }
    Ok(path)
}

/// The tenants file for a CRM at another address than the example's.
pub fn at_address(tenants: &str, crm: &str) -> String {
    tenants.replace(EXAMPLE_CRM, crm.trim_end_matches('/'))
}

/// The tenants file with a day, `2026-12-01`, from which everybody needs a second step to sign in.
pub fn required_from(tenants: &str, day: &str) -> String {
    tenants.replace(EXAMPLE_DAY, &format!("required_from = \"{day}\""))
}

/// Puts what is missing below each tenant's `callback_url`, or below its `[[tenant]]`, so that comments stay.
fn filled(text: &str, random: &dyn Random) -> Result<String, DemoError> {
    let missing = missing(text)?;
    let mut tenants = missing.iter();
    let mut open: Option<&BTreeSet<&str>> = None;
    let mut lines = Vec::new();
    for (number, line) in text.lines().enumerate() {
        lines.push(line.to_owned());
        let here = line.trim_start();
        if here.starts_with("[[tenant]]") {
            open = tenants.next();
        }
        let ready = here.starts_with("callback_url") || !has_callback_ahead(text, number);
        if ready && let Some(names) = open.take() {
            lines.extend(names.iter().map(|name| format!("{name} = \"{}\"", make(name, random))));
        }
    }
    Ok(lines.join("\n") + "\n")
}

/// What each tenant lacks, in the file's order.
fn missing(text: &str) -> Result<Vec<BTreeSet<&'static str>>, DemoError> {
    let table: toml::Table = toml::from_str(text).map_err(DemoError::content(FILE))?;
    let tenants = table.get("tenant").and_then(toml::Value::as_array).cloned().unwrap_or_default();
    let lacks =
        |tenant: &toml::Value| SECRETS.into_iter().filter(|name| tenant.get(name).is_none()).collect();
    Ok(tenants.iter().map(lacks).collect())
}

/// Whether the table that this line belongs to has a `callback_url` further down.
fn has_callback_ahead(text: &str, number: usize) -> bool {
    let rest = text.lines().skip(number + 1).map(str::trim_start);
    rest.take_while(|line| !line.starts_with('[')).any(|line| line.starts_with("callback_url"))
}

fn make(name: &str, random: &dyn Random) -> String {
    if name != "api_key" {
        return format!("whsec_{}", STANDARD.encode(ports::bytes::<32>(random)));
    }
    let mut key = String::from("csk_");
    while key.len() < 47 {
        let [byte] = ports::bytes::<1>(random);
        // The one value without a letter is drawn again, so that all 63 stay equally likely.
        if let Some(letter) = KEY_ALPHABET.get(usize::from(byte & 63)) {
            key.push(char::from(*letter));
        }
    }
    key
}

/// Writes a file that only its owner may read: beside it first, then renamed, so that a crash leaves the old file or the new one.
pub fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    let beside = path.with_added_extension("new");
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&beside)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(beside, path)
}
