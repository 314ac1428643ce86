//! Values made safe to place: names and numbers are data that somebody else typed.
//!
//! A name may hold a line break, an invisible mark or a web address; none of them may reach a reader. Knows
//! nothing of templates.

use crate::domain::color::Color;
use crate::domain::gsm7::transliterate;

/// What one text leaves room for.
const TEXT_BRAND: usize = 18;
const TEXT_PERSON: usize = 12;
const TEXT_PHONE: usize = 14;
/// Longer numbers, bare, still fit into the texts without an agent's name.
const TEXT_PHONE_BARE: usize = 20;
const EMAIL_PERSON: usize = 40;
/// The colour of a tenant that has none.
const NEUTRAL: &str = "#424a53";

/// On one line, without control characters, marks that turn the writing direction, or characters of no width.
pub(super) fn one_line(text: &str) -> String {
    let visible: String = text
        .chars()
        .filter(|c| !matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'))
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    visible.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The first name for an email, or nothing where the text is no name.
pub(super) fn person(name: &str) -> String {
    let line = one_line(name);
    let Some(first) = first_name(&line).filter(|first| is_name(first)) else { return String::new() };
    first.chars().take(EMAIL_PERSON).collect()
}

/// The first name for a text message: plain and short, or nothing.
pub(super) fn person_in_text(name: &str) -> String {
    cut(&transliterate(&person(name)), TEXT_PERSON, &['-', '\'', '.', ' '])
}

/// The brand for a text message: plain and short, `fallback` where nothing of it is left.
pub(super) fn brand_in_text(brand: &str, fallback: &str) -> String {
    [brand, fallback]
        .into_iter()
        .map(|name| cut(&transliterate(&one_line(name)), TEXT_BRAND, &['.', ',', '-', ' ']))
        .find(|name| !name.is_empty())
        .unwrap_or_default()
}

/// The number to call, for a text message; one too long as written loses its marks, never a digit.
pub(super) fn phone_in_text(phone: &str) -> Option<String> {
    let plain = transliterate(phone);
    if plain.chars().count() <= TEXT_PHONE {
        return Some(plain).filter(|phone| !phone.is_empty());
    }
    let bare: String = plain.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '+').collect();
    (bare.len() <= TEXT_PHONE_BARE).then_some(bare)
}

/// The number to call, digit by digit: `8 0 0, 5 5 5, 0 1 9 9`.
pub(super) fn phone_aloud(phone: &str) -> Option<String> {
    let groups = phone.split(|c: char| !c.is_alphanumeric()).filter(|group| !group.is_empty());
    let said = |group: &str| {
        let number = group.chars().all(|c| c.is_ascii_digit());
        if number { group.chars().map(String::from).collect::<Vec<_>>().join(" ") } else { group.to_owned() }
    };
    Some(groups.map(said).collect::<Vec<_>>().join(", ")).filter(|phone| !phone.is_empty())
}

/// The tenant's colour if it is one, else a neutral grey.
pub(super) fn color(color: Option<&str>) -> &str {
    color.filter(|text| Color::parse(text).is_some()).unwrap_or(NEUTRAL)
}

/// The first word that is not a title such as `Dr.`.
fn first_name(line: &str) -> Option<&str> {
    let mut words = line.split(' ').map(|word| word.trim_end_matches(',')).filter(|word| !word.is_empty());
    let first = words.next()?;
    if first.ends_with('.') { words.next().or(Some(first)) } else { Some(first) }
}

/// Whether mail and phone programs will leave it alone: nothing in it reads as an address or as markup.
fn is_name(word: &str) -> bool {
    let dotted = word.split('.').skip(1).any(|part| part.chars().count() > 1);
    let plain = |c: char| !c.is_ascii() || c.is_ascii_alphanumeric() || matches!(c, '-' | '\'' | '.');
    !dotted && word.chars().all(plain) && word.chars().any(char::is_alphabetic)
}

fn cut(text: &str, most: usize, ends: &[char]) -> String {
    let short: String = text.chars().take(most).collect();
    short.trim_matches(ends).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_first_name_or_nothing() {
        let cases = [
            ("Maria Lopez", "Maria", "Maria"),
            ("José", "José", "José"),
            ("Raúl", "Raúl", "Raul"),
            ("Dr. Ana Ruiz", "Ana", "Ana"),
            ("J.R. Smith", "Smith", "Smith"),
            ("Ruiz, Ana", "Ruiz", "Ruiz"),
            ("O'Neill", "O'Neill", "O'Neill"),
            ("Maximiliano-José", "Maximiliano-José", "Maximiliano"),
            ("Ana\r\nBcc: x@y.test", "Ana", "Ana"),
            ("\u{202e}Ana", "Ana", "Ana"),
            ("Анна", "Анна", ""),
            ("http://evil.test", "", ""),
            ("evil.test", "", ""),
            ("@evil", "", ""),
            ("{{code}}", "", ""),
            ("<script>alert(1)</script>", "", ""),
            ("😀", "", ""),
            ("", "", ""),
        ];
        for (name, email, text) in cases {
            assert_eq!(person(name), email, "{name:?}");
            assert_eq!(person_in_text(name), text, "{name:?}");
        }
    }

    #[test]
    fn a_long_number_loses_its_marks_but_no_digit() {
        let cases = [
            ("1-800-555-0199", Some("1-800-555-0199")),
            ("+1 (800) 555-0199", Some("+18005550199")),
            ("+1 (800) 555-0199 ext. 123456789", None),
            (" ", None),
        ];
        for (phone, expected) in cases {
            assert_eq!(phone_in_text(phone).as_deref(), expected, "{phone:?}");
        }
    }

    #[test]
    fn a_number_is_said_digit_by_digit() {
        let cases = [
            ("800-555-0199", Some("8 0 0, 5 5 5, 0 1 9 9")),
            ("+1 (800) 555-0199 x12", Some("1, 8 0 0, 5 5 5, 0 1 9 9, x12")),
            ("1-800-VERIFY", Some("1, 8 0 0, VERIFY")),
            (" - ", None),
        ];
        for (phone, expected) in cases {
            assert_eq!(phone_aloud(phone).as_deref(), expected, "{phone:?}");
        }
    }

    #[test]
    fn a_brand_is_cut_and_never_empty() {
        assert_eq!(brand_in_text("Compañía Única S.A. de C.V.", "x"), "Compañia Unica S.A");
        assert_eq!(brand_in_text("Acme Inc.", "x"), "Acme Inc");
        assert_eq!(brand_in_text("安全", "acme"), "acme");
    }

    #[test]
    fn only_a_color_is_used() {
        assert_eq!(color(Some("#0550ae")), "#0550ae");
        for bad in [None, Some("red"), Some("#fff"), Some("#0550ae;x:url(y)"), Some("#éé5a")] {
            assert_eq!(color(bad), NEUTRAL, "{bad:?}");
        }
    }
}
