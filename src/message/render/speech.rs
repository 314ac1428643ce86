//! What is said in a call, apart from who says it: sentences, with the code's digits told apart from the words.
//!
//! A template has one mark where the code goes, so the digits themselves never pass through a template.

use crate::domain::locale::Locale;

/// Stands for the code in what a template renders. No value holds it: control characters are taken out of them.
pub(super) const CODE: char = '\u{1}';

/// A few sentences in one language. Not printable: it may hold a code.
#[derive(Clone, PartialEq, Eq)]
pub struct Said {
    pub locale: Locale,
    pub pieces: Vec<Piece>,
}

/// Words, or digits that are said one at a time.
#[derive(Clone, PartialEq, Eq)]
pub enum Piece {
    Words(String),
    Digits(String),
}

impl Said {
    /// All of it as it is read, digits with spaces between them.
    pub fn in_words(&self) -> String {
        let piece = |piece: &Piece| match piece {
            Piece::Words(words) => words.clone(),
            Piece::Digits(code) => code.chars().map(String::from).collect::<Vec<_>>().join(" "),
        };
        self.pieces.iter().map(piece).collect::<Vec<_>>().join(" ")
    }

    /// Puts the code where the rendered text has its marks.
    pub(super) fn new(locale: Locale, rendered: &str, code: &str) -> Self {
        let mut pieces = Vec::new();
        for (at, words) in rendered.split(CODE).enumerate() {
            if at > 0 {
                pieces.push(Piece::Digits(code.to_owned()));
            }
            if !words.trim().is_empty() {
                pieces.push(Piece::Words(words.trim().to_owned()));
            }
        }
        Self { locale, pieces }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_go_where_the_marks_are() {
        let words = |text: &str| Piece::Words(text.to_owned());
        let digits = || Piece::Digits("482913".to_owned());
        let table = [
            ("Goodbye.", vec![words("Goodbye.")]),
            (
                "Your code is: \u{1} Again: \u{1}",
                vec![words("Your code is:"), digits(), words("Again:"), digits()],
            ),
            ("\u{1}\u{1}", vec![digits(), digits()]),
            ("", vec![]),
        ];
        for (rendered, expected) in table {
            assert!(Said::new(Locale::En, rendered, "482913").pieces == expected, "{rendered:?}");
        }
    }
}
