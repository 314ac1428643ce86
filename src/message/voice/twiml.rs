//! Speech as Twilio takes it: TwiML, with the code's digits one at a time.
//!
//! Everything that comes from elsewhere is escaped here, once. An answer holds a code at most; it is never logged.

use quick_xml::escape::escape;

use crate::domain::locale::Locale;
use crate::domain::provider::VoiceProvider;
use crate::message::render::{Piece, Said};

/// Between two digits, and between the two groups.
const PAUSE: &str = "500ms";
const GROUP_PAUSE: &str = "1000ms";
/// Where a key would be pressed.
const STEP: &str = "<Pause length=\"2\"/>";

/// Who speaks each language.
#[derive(Clone, Copy, Debug)]
pub struct Voices<'a> {
    pub en: &'a str,
    pub es: &'a str,
}

impl<'a> Voices<'a> {
    /// Those of a provider; files have none.
    pub fn of(provider: Option<&'a VoiceProvider>) -> Self {
        match provider {
            Some(VoiceProvider::Twilio { voice_en, voice_es, .. }) => Self { en: voice_en, es: voice_es },
            Some(VoiceProvider::File { .. }) | None => Self { en: "", es: "" },
        }
    }
}

/// Says it and waits for one key, for so many seconds after the last word; then the carrier asks at `action`.
pub fn ask(said: &[Said], voices: Voices<'_>, seconds: u64, action: &str) -> String {
    let (action, said) = (escape(action), all(said, voices));
    format!(
        "{OPEN}<Gather numDigits=\"1\" timeout=\"{seconds}\" action=\"{action}\" actionOnEmptyResult=\"true\">\
         {said}</Gather></Response>"
    )
}

/// Says it and hangs up.
pub fn leave(said: &[Said], voices: Voices<'_>) -> String {
    format!("{OPEN}{}<Hangup/></Response>", all(said, voices))
}

/// Says it step by step, with the time to press a key between, and hangs up.
pub fn tell(steps: &[Vec<Said>], voices: Voices<'_>) -> String {
    let said: Vec<_> = steps.iter().map(|said| all(said, voices)).collect();
    format!("{OPEN}{}<Hangup/></Response>", said.join(STEP))
}

const OPEN: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response>";

fn all(said: &[Said], voices: Voices<'_>) -> String {
    said.iter().map(|said| say(said, voices)).collect()
}

fn say(said: &Said, voices: Voices<'_>) -> String {
    let (voice, language) = match said.locale {
        Locale::En => (escape(voices.en), "en-US"),
        Locale::Es => (escape(voices.es), "es-US"),
    };
    let piece = |piece: &Piece| match piece {
        Piece::Words(words) => escape(words.as_str()).into_owned(),
        Piece::Digits(code) => digits(code),
    };
    let pieces: String = said.pieces.iter().map(piece).collect();
    format!("<Say voice=\"{voice}\" language=\"{language}\">{pieces}</Say>")
}

/// In two groups, the shorter first, as the code is read aloud everywhere.
fn digits(code: &str) -> String {
    let half = code.chars().count() / 2;
    let paced = |(at, digit): (usize, char)| match at {
        0 => digit.to_string(),
        at if at == half => format!("<break time=\"{GROUP_PAUSE}\"/>{digit}"),
        _ => format!("<break time=\"{PAUSE}\"/>{digit}"),
    };
    format!("<prosody rate=\"slow\">{}</prosody>", code.chars().enumerate().map(paced).collect::<String>())
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
        let told = tell(&[vec![words(Locale::En, "One.")], vec![words(Locale::En, "Two.")]], VOICES);
        assert!(
            told.contains("One.</Say><Pause length=\"2\"/><Say ")
                && told.ends_with("Two.</Say><Hangup/></Response>")
        );
    }

    #[test]
    fn digits_are_said_one_at_a_time_in_two_groups() {
        for (code, expected) in
            [("482913", "4,8,2 9,1,3"), ("4829135", "4,8,2 9,1,3,5"), ("48291357", "4,8,2,9 1,3,5,7")]
        {
            let paced =
                digits(code).replace("<break time=\"500ms\"/>", ",").replace("<break time=\"1000ms\"/>", " ");
            assert_eq!(paced, format!("<prosody rate=\"slow\">{expected}</prosody>"));
        }
    }
}
