//! The short texts of buttons, windows and pages, in both languages, by key.
//!
//! They are data, compiled in from `templates/i18n`; messages to contacts are templates of their own. Knows
//! nothing of who asks or of how a value was formatted.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::calendar::spanish_article;
use super::locale::Locale;

type Table = BTreeMap<String, String>;

macro_rules! table {
    ($language:literal) => {
        LazyLock::new(|| {
            // What only our own pages say is apart: the window and the button never fetch it.
            let mut table = read(include_str!(concat!("../../templates/i18n/", $language, ".json")));
            table.extend(read(include_str!(concat!("../../templates/i18n/page.", $language, ".json"))));
            table.extend(read(include_str!(concat!("../../templates/i18n/admin.", $language, ".json"))));
            table.extend(read(include_str!(concat!("../../templates/i18n/wording.", $language, ".json"))));
            table.extend(read(include_str!(concat!("../../templates/i18n/fault.", $language, ".json"))));
            table.extend(read(include_str!(concat!("../../templates/i18n/guide.", $language, ".json"))));
            table
        })
    };
}

static EN: LazyLock<Table> = table!("en");
static ES: LazyLock<Table> = table!("es");

/// The text of a key, its placeholders as they stand; the key itself if there is none.
pub fn text(locale: Locale, key: &str) -> &str {
    table(locale).get(key).map_or(key, String::as_str)
}

/// The text of a key with each `{name}` replaced by its value.
///
/// Values are data: what looks like a placeholder inside one stays as it is. Times are given bare (`1:05 p.m.`):
/// the Spanish article before them is made to agree (`a la 1:05 p.m.`), and a value that ends in a full stop
/// swallows the one after it.
pub fn fill(locale: Locale, key: &str, values: &[(&str, &str)]) -> String {
    let mut rest = text(locale, key);
    let mut filled = String::with_capacity(rest.len());
    while let Some((before, name, after)) = next_placeholder(rest) {
        filled.push_str(before);
        match values.iter().find(|(known, _)| *known == name) {
            Some((_, value)) => push_value(&mut filled, value),
            None => filled.extend(["{", name, "}"]),
        }
        rest = if filled.ends_with('.') { after.strip_prefix('.').unwrap_or(after) } else { after };
    }
    filled.push_str(rest);
    filled
}

fn table(locale: Locale) -> &'static Table {
    match locale {
        Locale::En => &EN,
        Locale::Es => &ES,
    }
}

/// A file that does not parse yields no texts, so every key shows as itself; a test holds that both parse.
fn read(json: &str) -> Table {
    serde_json::from_str(json).unwrap_or_default()
}

fn next_placeholder(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('{')?;
    let (name, after) = rest.split_once('}')?;
    Some((before, name, after))
}

fn push_value(filled: &mut String, value: &str) {
    if filled.ends_with(" las ") && spanish_article(value) == "la" {
        filled.truncate(filled.len() - 2);
        filled.push(' ');
    }
    filled.push_str(value);
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use regex::Regex;

    use super::*;

    fn placeholders(mut text: &str) -> BTreeSet<&str> {
        let mut names = BTreeSet::new();
        while let Some((_, name, after)) = next_placeholder(text) {
            names.insert(name);
            text = after;
        }
        names
    }

    #[test]
    fn both_languages_have_the_same_keys_and_placeholders() {
        for begin in ["button.", "window.", "page.", "admin.", "wording.", "fault.", "guide."] {
            assert!(EN.keys().any(|key| key.starts_with(begin)), "the file with {begin} parses");
        }
        assert_eq!(EN.keys().collect::<Vec<_>>(), ES.keys().collect::<Vec<_>>());
        for (key, en) in EN.iter() {
            assert_eq!(placeholders(en), placeholders(&ES[key]), "{key}");
        }
    }

    #[test]
    fn no_text_is_empty_or_much_longer_than_its_translation() {
        for (key, en) in EN.iter() {
            let (a, b) = (en.chars().count(), ES[key].chars().count());
            let (short, long) = (a.min(b), a.max(b));
            assert!(!en.trim().is_empty() && short > 0, "{key}");
            assert!(long <= (short * 7 / 5).max(short + 17), "{key}: {a} and {b} characters");
        }
    }

    #[test]
    fn spanish_says_usted_and_opens_its_questions() {
        let familiar = Regex::new(
            r"(?i)\b(tu|tú|tus|ti|contigo|ingresa|haz|tienes|puedes|quieres|compartas|eres|estás|dile)\b",
        )
        .unwrap();
        for (key, text) in ES.iter() {
            assert!(!familiar.is_match(text), "{key}: {text}");
            assert_eq!(text.matches('?').count(), text.matches('¿').count(), "{key}: {text}");
            assert_eq!(text.matches('!').count(), text.matches('¡').count(), "{key}: {text}");
            assert!(!text.to_lowercase().contains("codigo"), "{key}: {text}");
        }
    }

    #[test]
    fn values_are_data_and_spanish_articles_agree() {
        let values = [("name", "{time}"), ("time", "1:05 p.m.")];
        assert_eq!(
            fill(Locale::Es, "button.code_sent.tooltip", &values),
            "Código enviado a {time} a la 1:05 p.m. Haga clic para ingresarlo."
        );
        let values = [("name", "Ana"), ("time", "11:05 a.m.")];
        assert_eq!(
            fill(Locale::Es, "button.code_sent.tooltip", &values),
            "Código enviado a Ana a las 11:05 a.m. Haga clic para ingresarlo."
        );
        assert_eq!(fill(Locale::En, "button.verified", &[]), "Verified {time}");
        assert_eq!(text(Locale::En, "no.such.key"), "no.such.key");
    }
}
