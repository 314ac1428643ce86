//! What a contact's answer to a text means: no more texts, texts again, or a code that was not asked for.
//!
//! A request to stop counts however it is put, as long as a reasonable person understands it; one to start again
//! must be plain. Words in English, Spanish and French; case, accents and marks do not matter.

use super::locale::Locale;

/// The meaning of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    /// No more texts; in which language it was said, if that is plain.
    Stop(Option<Locale>),
    /// Texts again.
    Start,
    /// The code was not asked for.
    NotMine,
    Other,
}

/// How much of an answer is looked at.
const MOST_CHARS: usize = 320;

/// Each means no more texts if it is all that is said, and where it starts an answer that says a little more.
const STOP: &[&str] = &["stop", "stopall", "unsubscribe", "optout", "desuscribirme", "arretez"];
/// Each means no more texts if it is all that is said; within more it may mean anything.
const STOP_ALONE: &[&str] =
    &["end", "quit", "cancel", "revoke", "remove", "opt out", "remove me", "arret", "arreter", "desabonner"];
const STOP_ALONE_ES: &[&str] = &[
    "alto",
    "pare",
    "paren",
    "parar",
    "basta",
    "baja",
    "cancelar",
    "cancele",
    "cancelen",
    "detener",
    "detenga",
    "detenganse",
    "salir",
    "terminar",
    "fin",
    "no mas",
    "revocar",
    "desuscribir",
    "eliminar",
];
/// Each means no more texts wherever it is said.
const STOP_WITHIN: &[&str] = &[
    "stop texting",
    "stop sending",
    "stop messaging",
    "stop contacting",
    "dont text",
    "do not text",
    "dont contact",
    "do not contact",
    "dont send me",
    "do not send me",
    "no more texts",
    "no more messages",
    "leave me alone",
    "remove me from",
    "take me off",
    "opt me out",
    "want to opt out",
    "unsubscribe me",
];
const STOP_WITHIN_ES: &[&str] = &[
    "no me envien",
    "no me envie",
    "no me manden",
    "no me mande",
    "no me escriban",
    "no me escriba",
    "no mas mensajes",
    "no mas textos",
    "dejen de",
    "deje de",
    "no quiero mensajes",
    "no quiero mas mensajes",
    "no quiero recibir",
    "darme de baja",
    "deme de baja",
    "denme de baja",
];
/// Each means texts again if it is all that is said. A bare yes is none: it may answer something else.
const START: &[&str] = &[
    "start",
    "unstop",
    "optin",
    "opt in",
    "resume",
    "subscribe",
    "iniciar",
    "comenzar",
    "empezar",
    "reanudar",
    "alta",
    "suscribir",
    "suscribirme",
];
/// Said out of courtesy.
const COURTESY: &[&str] = &["please", "pls", "plz", "por", "favor", "porfavor", "gracias", "thanks", "svp"];
/// A longer answer that starts with a word to stop is about something else.
const MOST_WORDS: usize = 6;

/// Reads an answer.
pub fn read(text: &str) -> Reply {
    let mut words = words(text);
    if words == ["no"] {
        return Reply::NotMine;
    }
    words.retain(|word| !COURTESY.contains(&word.as_str()));
    words.dedup();
    let whole = words.join(" ");
    let is = |known: &[&str]| known.contains(&whole.as_str());
    let within =
        |known: &[&str]| known.iter().any(|phrase| format!(" {whole} ").contains(&format!(" {phrase} ")));
    let begins =
        words.len() <= MOST_WORDS && words.first().is_some_and(|first| STOP.contains(&first.as_str()));
    if is(START) {
        Reply::Start
    } else if is(STOP_ALONE_ES) || within(STOP_WITHIN_ES) {
        Reply::Stop(Some(Locale::Es))
    } else if begins || is(STOP_ALONE) || within(STOP_WITHIN) {
        Reply::Stop(None)
    } else {
        Reply::Other
    }
}

/// The words in small letters without accents; letters spaced apart are one word.
fn words(text: &str) -> Vec<String> {
    let mut plain = String::new();
    for c in text.chars().take(MOST_CHARS).flat_map(char::to_lowercase) {
        match c {
            'á' | 'à' | 'â' => plain.push('a'),
            'é' | 'è' | 'ê' => plain.push('e'),
            'í' | 'ì' | 'î' => plain.push('i'),
            'ó' | 'ò' | 'ô' => plain.push('o'),
            'ú' | 'ù' | 'û' | 'ü' => plain.push('u'),
            'ñ' => plain.push('n'),
            'ç' => plain.push('c'),
            // Within a word, such as don't, and an accent written as a character of its own.
            '\'' | '’' | '\u{300}'..='\u{36f}' => {}
            c if c.is_alphanumeric() => plain.push(c),
            _ => plain.push(' '),
        }
    }
    let words: Vec<String> = plain.split_whitespace().map(str::to_owned).collect();
    let spaced = words.len() > 1 && words.iter().all(|word| word.chars().count() == 1);
    if spaced { vec![words.concat()] } else { words }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STOPS: &str = "STOP|stop| Stop. |¡STOP!|\"stop\"|STOP\n|S T O P|S.T.O.P.|stop stop STOP|STOPALL|Stop all|\
        STOP please|please stop|Pls stop!!|Stop texting me|stop sending me these codes|UNSUBSCRIBE|Unsubscribe me|END|\
        Quit|cancel|CANCEL.|REVOKE|OPTOUT|OPT-OUT|opt out|I want to opt out|Remove|remove me|Remove me from your list|\
        don't text me|Don’t text me again|do not contact me anymore|No more texts!|leave me alone|\
        Please take me off this list|ARRET|Arrêt|arrêtez svp|stop por favor|🛑 STOP";
    const SPANISH_STOPS: &str = "ALTO|¡Alto!|pare|PAREN|Parar|basta|¡Basta ya no me escriban!|BAJA|\
        Quiero darme de baja|denme de baja por favor|CANCELAR|cancele por favor|Detener|salir|Terminar|FIN|no más|\
        NO MAS|No mas mensajes|No me envíen más mensajes|no me manden esto|Dejen de escribirme|\
        no quiero recibir mensajes|Revocar|cance\u{301}lar";
    const STARTS: &str = "START|start|Start!|UNSTOP|opt in|OPT-IN|Resume|please start|INICIAR|Alta|reanudar|comenzar por favor";
    const REPORTS: &str = "NO|no| No. |¡NO!|no\n|N.O.";
    const OTHERS: &str = "| |?|482913|482 913|YES|sí|ok|NOT NOW|no gracias|no please|non|Nope|who is this?|¿Quién es?|\
        The bus stop|I can't stop laughing|cancel my appointment|the end of the day works|Start date is Monday|\
        Stop by the office when you can on Friday|quiero cancelar mi cita|la baja de mi empleado|stopping|HELP|INFO|\
        Alto Palo Inc";

    #[test]
    fn answers_mean_what_a_reasonable_person_takes_them_for() {
        for (meaning, texts) in [
            (Reply::Stop(None), STOPS),
            (Reply::Stop(Some(Locale::Es)), SPANISH_STOPS),
            (Reply::Start, STARTS),
            (Reply::NotMine, REPORTS),
            (Reply::Other, OTHERS),
        ] {
            for text in texts.split('|') {
                assert_eq!(read(text), meaning, "{text:?}");
            }
        }
    }

    #[test]
    fn an_answer_of_any_length_is_read() {
        assert_eq!(read(&"no ".repeat(100_000)), Reply::Other);
        assert_eq!(read(&format!("{}stop", " ".repeat(200))), Reply::Stop(None));
    }
}
