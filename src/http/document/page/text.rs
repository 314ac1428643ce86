//! The little of Markdown that the document is written in: paragraphs, `code` and *emphasis*.

use serde::Serialize;

/// A piece of a sentence, and how it is set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Span {
    pub text: String,
    pub code: bool,
    pub strong: bool,
}

/// A paragraph.
pub type Paragraph = Vec<Span>;

/// The paragraphs of a text.
pub fn read(text: &str) -> Vec<Paragraph> {
    text.split("\n\n").map(line).filter(|paragraph| !paragraph.is_empty()).collect()
}

/// One paragraph.
pub fn line(text: &str) -> Paragraph {
    let mut spans = Vec::new();
    for (at, part) in text.split('`').enumerate() {
        if at % 2 == 1 {
            spans.push(Span { text: part.to_owned(), code: true, strong: false });
            continue;
        }
        for (at, part) in part.split('*').enumerate() {
            spans.push(Span { text: part.to_owned(), code: false, strong: at % 2 == 1 });
        }
    }
    spans.retain(|span| !span.text.is_empty());
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_and_emphasis_are_told_apart_from_the_rest() {
        let set = |text: &str| -> Vec<(String, bool, bool)> {
            line(text).into_iter().map(|span| (span.text, span.code, span.strong)).collect()
        };
        let plain = |text: &str| (text.to_owned(), false, false);
        assert_eq!(
            set("Its *whole* list, by `client.updated`."),
            [
                plain("Its "),
                ("whole".to_owned(), false, true),
                plain(" list, by "),
                ("client.updated".to_owned(), true, false),
                plain("."),
            ]
        );
        assert_eq!(set("`a*b`"), [("a*b".to_owned(), true, false)]);
        assert_eq!(read("one\n\ntwo").len(), 2);
    }
}
