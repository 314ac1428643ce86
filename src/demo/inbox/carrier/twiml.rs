//! What the service wants said, read from its TwiML: the sentences, and where to go on with a key.
//!
//! Reads what the service writes, and passes over whatever else TwiML may hold.

use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use serde::{Deserialize, Serialize};

/// Sentences in one language.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Sentence {
    pub lang: String,
    pub text: String,
}

/// One answer of the service's.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Answer {
    pub said: Vec<Sentence>,
    /// Texts that it wants sent back.
    pub texts: Vec<String>,
    /// Where a key is told; without it the call is over once everything is said.
    pub action: Option<String>,
}

/// Between the digits of a group, which stay on one line.
const TOGETHER: &str = "\u{a0}";

/// Reads an answer; nothing if it is no XML.
pub fn read(xml: &str) -> Option<Answer> {
    let mut reader = Reader::from_str(xml);
    let mut answer = Answer::default();
    let mut open: Option<Sentence> = None;
    loop {
        match reader.read_event().ok()? {
            Event::Eof => return Some(answer),
            Event::Start(tag) | Event::Empty(tag) => match tag.name().as_ref() {
                b"Gather" => answer.action = attribute(&tag, "action"),
                b"Say" | b"Message" => {
                    let lang = attribute(&tag, "language").unwrap_or_default();
                    open = Some(Sentence { lang, text: String::new() });
                }
                b"break" => {
                    let between_groups = attribute(&tag, "time").as_deref() == Some("1000ms");
                    add(&mut open, if between_groups { ", " } else { TOGETHER });
                }
                _ => add(&mut open, " "),
            },
            Event::End(tag) => match (tag.name().as_ref(), open.take()) {
                (b"Say", Some(said)) => answer.said.push(Sentence { text: tidy(&said.text), ..said }),
                (b"Message", Some(text)) => answer.texts.push(tidy(&text.text)),
                (name, inside) => {
                    open = inside;
                    add(&mut open, if name == b"prosody" { ". " } else { " " });
                }
            },
            Event::Text(text) => add(&mut open, &text.decode().ok()?),
            Event::GeneralRef(reference) => add(&mut open, &resolved(&reference)?),
            _ => {}
        }
    }
}

fn add(open: &mut Option<Sentence>, text: &str) {
    if let Some(sentence) = open {
        sentence.text.push_str(text);
    }
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = tag.try_get_attribute(name).ok()??;
    Some(found.normalized_value(XmlVersion::Implicit1_0).ok()?.into_owned())
}

fn resolved(reference: &BytesRef<'_>) -> Option<String> {
    if let Some(letter) = reference.resolve_char_ref().ok()? {
        return Some(letter.to_string());
    }
    resolve_predefined_entity(&reference.decode().ok()?).map(str::to_owned)
}

fn tidy(text: &str) -> String {
    let words: Vec<_> = text.split([' ', '\n', '\r', '\t']).filter(|word| !word.is_empty()).collect();
    words.join(" ").replace(" ,", ",").replace(" .", ".")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sentence(lang: &str, text: &str) -> Sentence {
        Sentence { lang: lang.to_owned(), text: text.to_owned() }
    }

    #[test]
    fn sentences_and_the_way_on_are_read() {
        let answer = read(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response><Gather numDigits=\"1\" timeout=\"7\" action=\"http://a/b?c=1&amp;d=2\">\
             <Say voice=\"x\" language=\"en-US\">Hello from Q&amp;A &#39;n&#39; more. Press&#x20;1.</Say>\
             <Say language=\"es-US\">Su código es: <prosody rate=\"slow\">4<break time=\"500ms\"/>8<break time=\"1000ms\"/>2</prosody> Otra vez.</Say>\
             </Gather></Response>",
        )
        .unwrap();
        assert_eq!(
            answer.said,
            [
                sentence("en-US", "Hello from Q&A 'n' more. Press 1."),
                sentence("es-US", "Su código es: 4\u{a0}8, 2. Otra vez.")
            ]
        );
        assert_eq!(answer.action.as_deref(), Some("http://a/b?c=1&d=2"));
    }

    #[test]
    fn an_end_has_no_way_on_and_texts_are_told_apart() {
        let answer = read("<Response><Say language=\"en-US\">Goodbye.</Say><Hangup/></Response>").unwrap();
        assert_eq!((answer.said, answer.action), (vec![sentence("en-US", "Goodbye.")], None));
        let answer = read("<Response><Message>You are out.</Message></Response>").unwrap();
        assert_eq!((answer.texts, answer.said), (vec!["You are out.".to_owned()], vec![]));
        assert_eq!(read("<Response/>"), Some(Answer::default()));
        assert_eq!(read("<Response><Say>"), Some(Answer::default()));
        assert_eq!(read("<a></b>"), None);
    }
}
