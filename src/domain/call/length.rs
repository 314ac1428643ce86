//! How long a call takes, about: from the words of its lines, at the speed of a carrier's voices.

use std::time::Duration;

use super::super::locale::Locale;
use super::script::{Farewell, Heard, LISTENS, Line, Place};

/// A voice at 150 words a minute.
const CHARACTER: Duration = Duration::from_millis(72);
/// One that is said as a word: of a number to call.
const DIGIT: Duration = Duration::from_millis(400);
/// Of a code: slowly, with what is waited after each and between the two groups.
const CODE_DIGIT: Duration = Duration::from_millis(450);
const CODE_PAUSE: Duration = Duration::from_millis(500);
const GROUP_PAUSE: Duration = Duration::from_secs(1);

/// How long a whole call takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Length {
    /// For whoever hears all of it once, and then presses nothing.
    pub once: Duration,
    /// For whoever changes the language, has the code repeated as often as it is, and presses every key late.
    pub longest: Duration,
}

/// How long some words take to say.
pub fn of_words(words: &str) -> Duration {
    words.chars().map(|c| if c.is_ascii_digit() { DIGIT } else { CHARACTER }).sum()
}

/// How long a code of so many digits takes to say once.
pub fn of_code(digits: u32) -> Duration {
    digits * CODE_DIGIT + digits.saturating_sub(2) * CODE_PAUSE + GROUP_PAUSE
}

/// How long a call takes whose lines take so long.
pub fn of_call(line: impl Fn(Line) -> Duration) -> Length {
    let place = |heard| Place { locale: Locale::En, heard };
    let said = |place: Place| place.lines().into_iter().map(|(name, _)| line(name)).sum::<Duration>();
    let leave = |place: Place, bye: Farewell| place.patience() + line(bye.line());
    let (gate, code) = (place(Heard::Gate(1)), place(Heard::Code(1)));
    let unheard = [Farewell::NoKey, Farewell::Reported, Farewell::Over].map(|bye| leave(gate, bye));
    let heard = said(code) + leave(code, Farewell::Bye);
    let once = said(gate) + unheard.into_iter().chain([heard]).max().unwrap_or_default();
    let late = |place: Place| said(place) + place.patience();
    let listens = (1..=LISTENS).map(|listen| late(place(Heard::Code(listen)))).sum::<Duration>();
    let longest = 2 * late(gate) + listens + line(Line::Bye);
    Length { once, longest }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_as_long_as_its_lines_and_its_waits() {
        let second = |_| Duration::from_secs(1);
        let seconds = |length: Length| (length.once.as_secs(), length.longest.as_secs());
        // Three lines at the gate, three with the code, the wait for a key, a farewell; and all of it at its longest.
        assert_eq!(seconds(of_call(second)), (13, 2 * (3 + 7) + 2 * (3 + 6) + (2 + 6) + 1));
        let slow = |slow: Line| move |line| Duration::from_secs(if line == slow { 100 } else { 0 });
        for (line, once, longest) in [
            (Line::Gate, 107, 232),
            (Line::Code, 106, 332),
            (Line::Repeat, 106, 232),
            (Line::NoKey, 107, 32),
            (Line::Reported, 107, 32),
            (Line::Bye, 106, 132),
        ] {
            assert_eq!(seconds(of_call(slow(line))), (once, longest), "{line:?}");
        }
    }

    #[test]
    fn digits_take_longer_than_letters() {
        assert_eq!(of_words("ten, 10").as_millis(), 5 * 72 + 2 * 400);
        assert_eq!(of_code(6).as_millis(), 6 * 450 + 4 * 500 + 1000);
    }
}
