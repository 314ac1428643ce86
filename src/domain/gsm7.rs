//! The alphabet of text messages (GSM 03.38), and how to stay inside it.
//!
//! One character outside it cuts a text from 160 characters to 70, so what is placed into a text passes
//! [`transliterate`] first. Knows nothing of templates or of what a text says.

/// What one text holds alone.
const SINGLE: usize = 160;
/// What each part of a longer text holds: seven septets carry the header.
const PART: usize = 153;
/// The same two, where a character outside the alphabet turns the text into UCS-2.
const UCS2_SINGLE: usize = 70;
const UCS2_PART: usize = 67;

const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?\
                     ¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
const EXTENSION: &str = "\u{c}^{}\\[~]|€";

/// Whether the alphabet has this character, its extension table included.
pub fn is_gsm7(character: char) -> bool {
    cost(character).is_some()
}

/// Septets the text takes; an extension character takes two. `None` if a character is outside the alphabet.
pub fn septets(text: &str) -> Option<usize> {
    text.chars().map(cost).sum()
}

/// How many parts a carrier sends and bills for this text; an empty one is still one.
pub fn segments(text: &str) -> usize {
    let (length, single, part) = match septets(text) {
        Some(length) => (length, SINGLE, PART),
        None => (text.encode_utf16().count(), UCS2_SINGLE, UCS2_PART),
    };
    if length <= single { 1 } else { length.div_ceil(part) }
}

/// The text in plain one-septet characters, on one line, for a value placed into a text message.
///
/// Accents the alphabet lacks are dropped (`Raúl` becomes `Raul`, `José` stays), typographic marks become
/// typewriter ones, white space and control characters become one space, and what has no likeness goes.
pub fn transliterate(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() || character.is_whitespace() {
            space(&mut plain);
        } else if BASIC.contains(character) {
            plain.push(character);
        } else if !compose(&mut plain, character) {
            plain.push_str(likeness(character));
        }
    }
    plain.truncate(plain.trim_end().len());
    plain
}

fn cost(character: char) -> Option<usize> {
    if BASIC.contains(character) {
        return Some(1);
    }
    EXTENSION.contains(character).then_some(2)
}

fn space(plain: &mut String) {
    if !plain.is_empty() && !plain.ends_with(' ') {
        plain.push(' ');
    }
}

/// Joins a combining accent to the letter before it, where the alphabet has the pair: `n` and a tilde.
fn compose(plain: &mut String, accent: char) -> bool {
    let composed = match (plain.chars().last(), accent) {
        (Some('e'), '\u{301}') => 'é',
        (Some('E'), '\u{301}') => 'É',
        (Some('n'), '\u{303}') => 'ñ',
        (Some('N'), '\u{303}') => 'Ñ',
        (Some('u'), '\u{308}') => 'ü',
        (Some('U'), '\u{308}') => 'Ü',
        _ => return false,
    };
    plain.pop();
    plain.push(composed);
    true
}

/// The nearest plain text for a character outside the basic alphabet; empty if there is none.
fn likeness(character: char) -> &'static str {
    match character {
        'á' | 'â' | 'ã' | 'ā' | 'ă' | 'ą' | 'ª' => "a",
        'Á' | 'À' | 'Â' | 'Ã' | 'Ā' | 'Ă' | 'Ą' => "A",
        'ç' | 'ć' | 'č' => "c",
        'Ć' | 'Č' => "C",
        'ď' | 'đ' | 'ð' => "d",
        'Ď' | 'Đ' | 'Ð' => "D",
        'ê' | 'ë' | 'ē' | 'ė' | 'ę' | 'ě' => "e",
        'È' | 'Ê' | 'Ë' | 'Ē' | 'Ė' | 'Ę' | 'Ě' => "E",
        'ğ' => "g",
        'Ğ' => "G",
        'í' | 'î' | 'ï' | 'ī' | 'į' | 'ı' => "i",
        'Í' | 'Ì' | 'Î' | 'Ï' | 'Ī' | 'Į' | 'İ' => "I",
        'ł' | 'ľ' | 'ļ' => "l",
        'Ł' | 'Ľ' | 'Ļ' => "L",
        'ń' | 'ň' | 'ņ' => "n",
        'Ń' | 'Ň' | 'Ņ' => "N",
        'ó' | 'ô' | 'õ' | 'ō' | 'ő' | 'º' => "o",
        'Ó' | 'Ò' | 'Ô' | 'Õ' | 'Ō' | 'Ő' => "O",
        'ř' | 'ŕ' => "r",
        'Ř' | 'Ŕ' => "R",
        'ś' | 'š' | 'ş' | 'ș' => "s",
        'Ś' | 'Š' | 'Ş' | 'Ș' => "S",
        'ť' | 'ţ' | 'ț' => "t",
        'Ť' | 'Ţ' | 'Ț' => "T",
        'ú' | 'û' | 'ū' | 'ů' | 'ű' | 'ų' => "u",
        'Ú' | 'Ù' | 'Û' | 'Ū' | 'Ů' | 'Ű' | 'Ų' => "U",
        'ý' | 'ÿ' => "y",
        'Ý' | 'Ÿ' => "Y",
        'ź' | 'ž' | 'ż' => "z",
        'Ź' | 'Ž' | 'Ż' => "Z",
        _ => mark(character),
    }
}

fn mark(character: char) -> &'static str {
    match character {
        '\u{2018}' | '\u{2019}' | '\u{201a}' | '\u{2032}' | '´' | '`' => "'",
        '\u{201c}' | '\u{201d}' | '\u{201e}' | '«' | '»' => "\"",
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '~' => "-",
        '…' => "...",
        '•' | '·' => "*",
        '{' | '[' => "(",
        '}' | ']' => ")",
        '|' | '\\' => "/",
        '€' => "EUR",
        'œ' => "oe",
        'Œ' => "OE",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_alphabet_has_no_accented_a_i_o_u_of_spanish() {
        for inside in "éÉñÑüÜ¿¡@£à\n€{}".chars() {
            assert!(is_gsm7(inside), "{inside:?}");
        }
        for outside in "áíóúÁÍÓÚç’“–…\u{a0}\u{202f}😀`\t".chars() {
            assert!(!is_gsm7(outside), "{outside:?}");
        }
        assert_eq!(BASIC.chars().count(), 127, "128 with the escape to the extension table");
    }

    #[test]
    fn an_extension_character_takes_two_septets() {
        assert_eq!(septets("abc"), Some(3));
        assert_eq!(septets("a€[b]"), Some(8));
        assert_eq!(septets("código"), None);
        assert_eq!(septets(""), Some(0));
    }

    #[test]
    fn segments_are_counted_as_carriers_do() {
        let cases = [
            (String::new(), 1),
            ("a".repeat(160), 1),
            ("a".repeat(161), 2),
            ("a".repeat(306), 2),
            ("a".repeat(307), 3),
            ("€".repeat(80), 1),
            ("ó".repeat(70), 1),
            ("ó".repeat(71), 2),
            ("😀".repeat(36), 2),
        ];
        for (text, expected) in cases {
            assert_eq!(segments(&text), expected, "{} characters", text.chars().count());
        }
    }

    #[test]
    fn values_become_plain_and_stay_on_one_line() {
        let cases = [
            ("José", "José"),
            ("Jose\u{301}", "José"),
            ("Nun\u{303}ez", "Nuñez"),
            ("Raúl", "Raul"),
            ("Rau\u{301}l", "Raul"),
            ("María Íñigo Óscar Úrsula", "Maria Iñigo Oscar Ursula"),
            ("O’Neill – “Acme”…", "O'Neill - \"Acme\"..."),
            ("2:41\u{202f}PM\u{a0}EST", "2:41 PM EST"),
            ("a\r\n\r\n@evil.test #123456", "a @evil.test #123456"),
            ("Ana 😀 Ruiz", "Ana Ruiz"),
            ("Анна", ""),
            ("[a] {b} ~ | \\ ^ €5", "(a) (b) - / / EUR5"),
            ("\u{202e}evil\u{200b}", "evil"),
            (" a\t", "a"),
        ];
        for (text, expected) in cases {
            assert_eq!(transliterate(text), expected, "{text:?}");
        }
    }

    #[test]
    fn every_character_becomes_one_septet_characters() {
        for character in (0..=0xffff).filter_map(char::from_u32) {
            let plain = transliterate(&character.to_string());
            assert_eq!(septets(&plain), Some(plain.chars().count()), "{character:?}");
            assert!(!plain.contains(['\n', '\r']), "{character:?}");
        }
    }
}
