//! Speech as Twilio takes it: TwiML, with the code's digits one at a time.
//!
//! Everything that comes from elsewhere is escaped here, once. An answer holds a code at most; it is never logged.

use crate::domain::locale::Locale;
use crate::message::render::{Piece, Said};

/// Between two digits, and between the two groups.
const PAUSE: &str = "500ms";
const GROUP_PAUSE: &str = "1000ms";

/// Who speaks each language.
#[derive(Clone, Copy, Debug)]
pub struct Voices<'a> {
    pub en: &'a str,
    pub es: &'a str,
}

/// Says it and waits for one key, for so many seconds after the last word; then the carrier asks at `action`.
pub fn ask(said: &[Said], voices: Voices<'_>, seconds: u64, action: &str) -> String {
    let mut out = String::from(OPEN);
    out.push_str(&format!("<Gather numDigits=\"1\" timeout=\"{seconds}\" action=\""));
    escape(action, &mut out);
    out.push_str("\" actionOnEmptyResult=\"true\">");
    said.iter().for_each(|said| say(said, voices, &mut out));
    out.push_str("</Gather></Response>");
    out
}

/// Says it and hangs up.
pub fn leave(said: &[Said], voices: Voices<'_>) -> String {
    let mut out = String::from(OPEN);
    said.iter().for_each(|said| say(said, voices, &mut out));
    out.push_str("<Hangup/></Response>");
    out
}

const OPEN: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response>";

fn say(said: &Said, voices: Voices<'_>, out: &mut String) {
    let (voice, language) = match said.locale {
        Locale::En => (voices.en, "en-US"),
        Locale::Es => (voices.es, "es-US"),
    };
    out.push_str("<Say voice=\"");
    escape(voice, out);
    out.push_str(&format!("\" language=\"{language}\">"));
    for piece in &said.pieces {
        match piece {
            Piece::Words(words) => escape(words, out),
            Piece::Digits(code) => digits(code, out),
        }
    }
    out.push_str("</Say>");
}

/// In two groups, the shorter first, as the code is read aloud everywhere.
fn digits(code: &str, out: &mut String) {
    let half = code.chars().count() / 2;
    out.push_str("<prosody rate=\"slow\">");
    for (at, digit) in code.chars().enumerate() {
        if at > 0 {
            let pause = if at == half { GROUP_PAUSE } else { PAUSE };
            out.push_str(&format!("<break time=\"{pause}\"/>"));
        }
        escape(digit.encode_utf8(&mut [0; 4]), out);
    }
    out.push_str("</prosody>");
}

fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VOICES: Voices<'static> = Voices { en: "Polly.Joanna-Neural", es: "Polly.Lupe-Neural" };

    fn words(locale: Locale, text: &str) -> Said {
        Said { locale, pieces: vec![Piece::Words(text.to_owned())] }
    }

    #[test]
    fn a_question_waits_for_one_key_and_speaks_each_language_by_its_voice() {
        let said = [words(Locale::En, "This is Q&\"A\" <b>."), words(Locale::Es, "Oprima 2.")];
        assert_eq!(
            ask(&said, VOICES, 7, "https://cs.example/a?x=1&y=2"),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response><Gather numDigits=\"1\" timeout=\"7\" \
             action=\"https://cs.example/a?x=1&amp;y=2\" actionOnEmptyResult=\"true\">\
             <Say voice=\"Polly.Joanna-Neural\" language=\"en-US\">This is Q&amp;&quot;A&quot; &lt;b&gt;.</Say>\
             <Say voice=\"Polly.Lupe-Neural\" language=\"es-US\">Oprima 2.</Say></Gather></Response>"
        );
        assert!(leave(&said, VOICES).ends_with("</Say><Hangup/></Response>"));
    }

    #[test]
    fn digits_are_said_one_at_a_time_in_two_groups() {
        for (code, expected) in
            [("482913", "4,8,2 9,1,3"), ("4829135", "4,8,2 9,1,3,5"), ("48291357", "4,8,2,9 1,3,5,7")]
        {
            let mut out = String::new();
            digits(code, &mut out);
            let paced = out.replace("<break time=\"500ms\"/>", ",").replace("<break time=\"1000ms\"/>", " ");
            assert_eq!(paced, format!("<prosody rate=\"slow\">{expected}</prosody>"));
        }
    }
}
