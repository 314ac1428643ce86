//! The numbering plans of the world, out of a library: which number a text means, and where a number belongs.
//!
//! Every thread that asks the library keeps search tables of its own, which grow with the numbers it has seen, to some MiB.
//! So one thread asks for all others, which wait some microseconds for it, and begins with new tables now and then; and of
//! the numbers asked about last the answer is kept, since a request asks about the same one several times.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, Sender};
use std::sync::{LazyLock, Mutex, PoisonError};
use std::thread;

use phonenumber::metadata::DATABASE;
use phonenumber::{Mode, Type, country};

use super::telephone::{Country, Place};

/// Answers that are kept.
const KEPT: usize = 1024;
/// Questions after which the tables are begun anew. They stay small, and filling them again costs a question 7 µs more.
const TABLES_LAST: usize = 256;
/// Of what is no number.
const NOWHERE: Place = Place { country: None, dear: true };

type Work = Box<dyn FnOnce() + Send>;
/// Numbers and where they belong, each in the slot that its hash names.
type Slots = Vec<Option<(String, Place)>>;

/// Takes work to the one thread. As many as ask wait in it, and each thread asks once at a time.
static THREAD: LazyLock<Option<Sender<Work>>> = LazyLock::new(|| {
    let (work, next) = mpsc::channel::<Work>();
    let run = move || {
        for (asked, work) in next.into_iter().enumerate() {
            let answer = || {
                if asked % TABLES_LAST == 0 {
                    renew_tables();
                }
                work();
            };
            // Whoever asked is told that there is no answer; the next gets one.
            drop(catch_unwind(AssertUnwindSafe(answer)));
        }
    };
    thread::Builder::new().name("numbering".to_owned()).spawn(run).ok().map(|_| work)
});

/// The numbers asked about last.
static RECENT: LazyLock<Mutex<Slots>> = LazyLock::new(|| Mutex::new(vec![None; KEPT]));

/// What was compiled stays; what searching has added to it is a clone's own.
fn renew_tables() {
    let compiled = DATABASE.cache();
    let mut compiled = compiled.lock().unwrap_or_else(PoisonError::into_inner);
    for (_, regex) in compiled.iter_mut() {
        *regex = regex.clone();
    }
}

/// Runs `question` where the library's tables are. `None` where it panicked.
fn ask<T: Send + 'static>(question: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let Some(work) = &*THREAD else { return Some(question()) };
    let (tell, told) = mpsc::sync_channel(1);
    work.send(Box::new(move || drop(tell.send(question())))).ok()?;
    told.recv().ok()
}

/// The number that a text means, in E.164: an international one, or a national one of the United States. `None` where no
/// such number can exist, or it has an extension.
pub fn e164(text: &str) -> Option<String> {
    let text = text.to_owned();
    let number = move || {
        let number = phonenumber::parse(Some(country::US), &text).ok()?;
        let exists = number.is_valid() && number.extension().is_none();
        exists.then(|| number.format().mode(Mode::E164).to_string())
    };
    ask(number).flatten()
}

/// Where a number in E.164 belongs.
pub fn place(number: &str) -> Place {
    let slot = slot(number);
    if let Some(place) = recent(|recent| known(recent.get(slot)?.as_ref(), number)) {
        return place;
    }
    let text = number.to_owned();
    let place = ask(move || look_up(&text)).unwrap_or(NOWHERE);
    recent(|recent| recent.get_mut(slot)?.replace((number.to_owned(), place)));
    place
}

fn slot(number: &str) -> usize {
    let mut hasher = DefaultHasher::new();
    number.hash(&mut hasher);
    let [low, high, ..] = hasher.finish().to_le_bytes();
    usize::from(u16::from_le_bytes([low, high])) % KEPT
}

fn recent<T>(with: impl FnOnce(&mut Slots) -> T) -> T {
    with(&mut RECENT.lock().unwrap_or_else(PoisonError::into_inner))
}

fn known(kept: Option<&(String, Place)>, number: &str) -> Option<Place> {
    kept.filter(|(of, _)| of == number).map(|(_, place)| *place)
}

fn look_up(number: &str) -> Place {
    let Ok(number) = phonenumber::parse(None, number) else { return NOWHERE };
    let country = number.country().id().and_then(|id| Country::parse(id.as_ref()));
    let persons = matches!(
        number.number_type(&DATABASE),
        Type::FixedLine | Type::Mobile | Type::FixedLineOrMobile | Type::Voip | Type::PersonalNumber
    );
    Place { country, dear: !persons }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_threads_that_ask_at_once_each_get_the_answer_to_their_own_question() {
        let asks = |first: usize| {
            for number in (0..2 * KEPT).map(|n| first + n) {
                let (text, american) = (format!("{number}"), number.is_multiple_of(2));
                let number =
                    if american { format!("+1202555{text:0>4}") } else { format!("+34612{text:0>6}") };
                assert_eq!(e164(&number).as_deref(), Some(number.as_str()));
                let country = Country::parse(if american { "US" } else { "ES" });
                for _ in 0..2 {
                    assert_eq!(place(&number), Place { country, dear: false }, "{number}");
                }
            }
        };
        thread::scope(|scope| {
            for first in [0, 500, 1000, 1500] {
                scope.spawn(move || asks(first));
            }
        });
    }

    #[test]
    fn one_thread_is_asked_whoever_asks() {
        let asked = || ask(|| (thread::current().id(), thread::current().name().map(str::to_owned)));
        let others = (0..4).map(|_| thread::spawn(asked)).collect::<Vec<_>>();
        let here = asked().unwrap();
        assert_eq!(here.1.as_deref(), Some("numbering"));
        for other in others {
            assert_eq!(other.join().unwrap(), Some(here.clone()));
        }
    }

    #[test]
    fn a_question_that_panics_has_no_answer_and_the_next_has() {
        assert_eq!(ask(|| -> u8 { panic!("as a library may") }), None);
        assert_eq!(ask(|| 1), Some(1));
        assert_eq!(e164("+12025550173").as_deref(), Some("+12025550173"));
    }
}
