//! What is said next: where the call is and which key was pressed decide it, and nothing else.
//!
//! A place in the script travels in the address that the carrier calls next, so it is written and read here too.
//! Knows the lines by name only; their words are templates.

use std::fmt;
use std::time::Duration;

use super::super::locale::Locale;
use super::other;

/// How often the code is said at most; each time it is said twice.
pub const LISTENS: u8 = 3;
/// How often the gate is said at most, in either language.
pub const GATES: u8 = 3;

/// Where a call is: what was said last, and in which language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub locale: Locale,
    pub heard: Heard,
}

/// What was said last, for the how manieth time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    Gate(u8),
    Code(u8),
}

/// What to do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Say this and wait for a key. A code is said only if there is still one to say.
    Say(Place),
    /// The contact did not ask for a code: note that, then take leave.
    Report(Locale),
    Leave(Farewell, Locale),
}

/// What a call ends with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Farewell {
    /// Thanks for a report.
    Reported,
    /// No key was pressed: no code was said.
    NoKey,
    /// There is no code to say any more.
    Over,
    /// The code was said.
    Bye,
}

/// One sentence or two, by name: its words in a language are a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    Gate,
    /// In the language that it offers.
    Language,
    Report,
    /// The only line that holds the code.
    Code,
    Rule,
    Repeat,
    Reported,
    NoKey,
    Over,
    Bye,
}

impl Line {
    pub const ALL: [Self; 10] = [
        Self::Gate,
        Self::Language,
        Self::Report,
        Self::Code,
        Self::Rule,
        Self::Repeat,
        Self::Reported,
        Self::NoKey,
        Self::Over,
        Self::Bye,
    ];

    /// The name of its template.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Gate => "gate",
            Self::Language => "language",
            Self::Report => "report",
            Self::Code => "code",
            Self::Rule => "rule",
            Self::Repeat => "repeat",
            Self::Reported => "reported",
            Self::NoKey => "no_key",
            Self::Over => "over",
            Self::Bye => "bye",
        }
    }

    /// The line of a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|line| line.as_str() == name)
    }

    /// The key that whoever hears the line is told of.
    pub fn key(self) -> Option<char> {
        match self {
            Self::Gate | Self::Repeat => Some('1'),
            Self::Language => Some('2'),
            Self::Report => Some('9'),
            Self::Code | Self::Rule | Self::Reported | Self::NoKey | Self::Over | Self::Bye => None,
        }
    }
}

impl Place {
    /// Where every call starts.
    pub fn start(locale: Locale) -> Self {
        Self { locale, heard: Heard::Gate(1) }
    }

    /// What is said here, each line with the language it is said in.
    pub fn lines(self) -> Vec<(Line, Locale)> {
        let own = |line| (line, self.locale);
        match self.heard {
            Heard::Gate(_) => vec![own(Line::Gate), (Line::Language, other(self.locale)), own(Line::Report)],
            Heard::Code(listen) if listen < LISTENS => {
                vec![own(Line::Code), own(Line::Rule), own(Line::Repeat)]
            }
            Heard::Code(_) => vec![own(Line::Code), own(Line::Rule)],
        }
    }

    /// How long a key is waited for after the last word.
    pub fn patience(self) -> Duration {
        match self.heard {
            Heard::Gate(_) => Duration::from_secs(7),
            Heard::Code(_) => Duration::from_secs(6),
        }
    }

    /// What follows a key pressed here, or none.
    pub fn after(self, key: Option<char>) -> Next {
        let Self { locale, heard } = self;
        match (heard, key) {
            (_, Some('9')) => Next::Report(locale),
            (Heard::Gate(_), Some('1')) => Next::Say(Self { locale, heard: Heard::Code(1) }),
            (Heard::Gate(_), None) => Next::Leave(Farewell::NoKey, locale),
            (Heard::Gate(said), Some(key)) => {
                let locale = if key == '2' { other(locale) } else { locale };
                let again = Next::Say(Self { locale, heard: Heard::Gate(said.saturating_add(1)) });
                if said < GATES { again } else { Next::Leave(Farewell::NoKey, locale) }
            }
            (Heard::Code(said), Some(key @ ('1' | '2'))) if said < LISTENS => {
                let locale = if key == '2' { other(locale) } else { locale };
                Next::Say(Self { locale, heard: Heard::Code(said.saturating_add(1)) })
            }
            (Heard::Code(_), _) => Next::Leave(Farewell::Bye, locale),
        }
    }

    /// Reads what [`fmt::Display`] wrote.
    pub fn parse(text: &str) -> Option<Self> {
        let (locale, heard) = text.split_once('-')?;
        let locale = Locale::ALL.into_iter().find(|known| known.as_str() == locale)?;
        let gates = (1..=GATES).map(Heard::Gate);
        let known = gates.chain((1..=LISTENS).map(Heard::Code));
        known.map(|heard| Self { locale, heard }).find(|place| place.heard.to_string() == heard)
    }
}

/// What whoever asks for the code at once and hears it once is told, step by step.
pub fn once(locale: Locale) -> [Vec<(Line, Locale)>; 3] {
    let heard = |heard| Place { locale, heard }.lines();
    [heard(Heard::Gate(1)), heard(Heard::Code(1)), vec![(Farewell::Bye.line(), locale)]]
}

impl Farewell {
    /// What is said.
    pub fn line(self) -> Line {
        match self {
            Self::Reported => Line::Reported,
            Self::NoKey => Line::NoKey,
            Self::Over => Line::Over,
            Self::Bye => Line::Bye,
        }
    }
}

impl fmt::Display for Heard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gate(said) => write!(f, "gate{said}"),
            Self::Code(said) => write!(f, "code{said}"),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.locale, self.heard)
    }
}

#[cfg(test)]
mod tests {
    use super::Farewell::{Bye, NoKey};
    use super::Heard::{Code, Gate};
    use super::Locale::{En, Es};
    use super::*;

    fn places() -> impl Iterator<Item = Place> {
        let heard = (1..=GATES).map(Gate).chain((1..=LISTENS).map(Code)).collect::<Vec<_>>();
        Locale::ALL
            .into_iter()
            .flat_map(move |locale| heard.clone().into_iter().map(move |heard| Place { locale, heard }))
    }

    #[test]
    fn every_key_at_every_place_leads_where_the_script_says() {
        let say = |locale, heard| Next::Say(Place { locale, heard });
        let keys = [Some('1'), Some('2'), Some('9'), Some('5'), Some('#'), None];
        let (bye, no_key) = (Next::Leave(Bye, En), Next::Leave(NoKey, En));
        let report = Next::Report(En);
        let table = [
            (
                Gate(1),
                [say(En, Code(1)), say(Es, Gate(2)), report, say(En, Gate(2)), say(En, Gate(2)), no_key],
            ),
            (
                Gate(2),
                [say(En, Code(1)), say(Es, Gate(3)), report, say(En, Gate(3)), say(En, Gate(3)), no_key],
            ),
            (Gate(3), [say(En, Code(1)), Next::Leave(NoKey, Es), report, no_key, no_key, no_key]),
            (Code(1), [say(En, Code(2)), say(Es, Code(2)), report, bye, bye, bye]),
            (Code(2), [say(En, Code(3)), say(Es, Code(3)), report, bye, bye, bye]),
            (Code(3), [bye, bye, report, bye, bye, bye]),
        ];
        for (heard, row) in table {
            for (key, expected) in keys.into_iter().zip(row) {
                assert_eq!(Place { locale: En, heard }.after(key), expected, "{heard:?} {key:?}");
            }
        }
        assert_eq!(Place::start(Es), Place { locale: Es, heard: Gate(1) });
        assert_eq!(Place::start(Es).after(Some('2')), say(En, Gate(2)));
    }

    #[test]
    fn the_code_is_said_only_after_key_1_and_at_most_three_times() {
        for place in places() {
            let secret = place.lines().iter().any(|(line, _)| *line == Line::Code);
            assert_eq!(secret, matches!(place.heard, Code(_)), "{place}");
            for key in ('0'..='9').chain(['*', '#']).map(Some).chain([None]) {
                if let (Gate(_), Next::Say(Place { heard: Code(_), .. })) = (place.heard, place.after(key)) {
                    assert_eq!(key, Some('1'), "{place}");
                }
            }
        }
        // Whatever is pressed, a call comes to its end.
        for key in ['1', '2', '5'] {
            let mut place = Place::start(En);
            let mut said = vec![place];
            while let Next::Say(next) = place.after(Some(key)) {
                said.push(next);
                place = next;
            }
            let codes = said.iter().filter(|place| matches!(place.heard, Code(_))).count();
            assert!(said.len() <= usize::from(GATES + LISTENS) && codes <= usize::from(LISTENS), "{said:?}");
        }
    }

    #[test]
    fn the_other_language_is_offered_in_itself_and_a_repeat_only_where_there_is_one() {
        assert_eq!(Place::start(En).lines(), [(Line::Gate, En), (Line::Language, Es), (Line::Report, En)]);
        let code = |listen| Place { locale: Es, heard: Code(listen) }.lines();
        assert_eq!(code(1), [(Line::Code, Es), (Line::Rule, Es), (Line::Repeat, Es)]);
        assert_eq!(code(LISTENS), [(Line::Code, Es), (Line::Rule, Es)]);
        assert_eq!(once(Es), [Place::start(Es).lines(), code(1), vec![(Line::Bye, Es)]]);
    }

    #[test]
    fn a_place_is_read_as_it_was_written_and_nothing_else_is_one() {
        for place in places() {
            assert_eq!(Place::parse(&place.to_string()), Some(place));
        }
        for bad in [
            "",
            "en",
            "en-",
            "en-gate",
            "en-gate0",
            "en-gate4",
            "en-code4",
            "en-code01",
            "fr-gate1",
            "EN-gate1",
            "en-gate1 ",
        ] {
            assert_eq!(Place::parse(bad), None, "{bad:?}");
        }
    }
}
