//! What is said in a call: its words, its order, where the code is, and how long it takes.

use std::process::Command;
use std::time::Duration;

use countersign::domain::call::script::{Farewell, GATES, Heard, LISTENS, Line, Next, Place};
use countersign::domain::call::{LONGEST, other};
use countersign::domain::channel::Channel;
use countersign::domain::locale::Locale;
use countersign::domain::message::Purpose;
use countersign::domain::tenant::Brand;
use countersign::domain::wording::{Sample, Spot, longest as longest_of};
use countersign::message::render::{Piece, Renderer, Said, TypedFor, built_in};
use regex::Regex;

use crate::sample::{Case, PHONE, brand, case, cases, each};

const SAMPLE: Sample<'_> = Sample { host: "verify.example", link: "https://verify.example/p/x" };

fn said(renderer: &Renderer, case: &Case, lines: &[(Line, Locale)]) -> Vec<Said> {
    match case.typed {
        Some(purpose) => renderer.typed_code_call(purpose, &case.tenant, lines, case.code).unwrap(),
        None => renderer.client_code_call(&case.tenant, lines, case.code).unwrap(),
    }
}

fn in_words(said: &Said) -> String {
    let piece = |piece: &Piece| match piece {
        Piece::Words(words) => words.clone(),
        Piece::Digits(code) => format!("<{code}>"),
    };
    said.pieces.iter().map(piece).collect::<Vec<_>>().join(" ")
}

/// Everything that is said at a place, on a line each.
fn at(renderer: &Renderer, case: &Case, place: Place) -> Vec<String> {
    said(renderer, case, &place.lines()).iter().map(in_words).collect()
}

fn spot(typed: Option<TypedFor>, locale: Locale) -> Spot {
    let kind = match typed {
        Some(TypedFor::Signer) => Purpose::SignerCode,
        Some(_) => Purpose::SessionCode,
        None => Purpose::ClientCode,
    };
    Spot { kind, channel: Channel::Voice, locale }
}

fn farewell(renderer: &Renderer, case: &Case, farewell: Farewell, locale: Locale) -> String {
    in_words(&said(renderer, case, &[(farewell.line(), locale)])[0])
}

fn code(locale: Locale, listen: u8) -> Place {
    Place { locale, heard: Heard::Code(listen) }
}

#[test]
fn the_script_reads_as_written() {
    let renderer = Renderer::new().unwrap();
    let sample = case("sample", brand("Acme Relief", PHONE));
    let bare = case("bare", Brand::default());
    assert_eq!(
        at(&renderer, &sample, Place::start(Locale::En)),
        [
            "Hello. This is Acme Relief with a code for the call you are on now. To hear the code, press 1.",
            "Para español, oprima 2.",
            "If you are not on a call with us, press 9.",
        ]
    );
    assert_eq!(
        at(&renderer, &sample, Place::start(Locale::Es)),
        [
            "Hola. Le llamamos de Acme Relief con un código para la llamada que tiene ahora. Para escuchar el código, oprima 1.",
            "For English, press 2.",
            "Si no está en una llamada con nosotros, oprima 9.",
        ]
    );
    assert_eq!(
        at(&renderer, &sample, code(Locale::En, 1)),
        [
            "Your code is: <482913> Again: <482913>",
            "Read it only to our agent on the phone with you now.",
            "To hear it again, press 1. To finish, hang up.",
        ]
    );
    assert_eq!(
        at(&renderer, &sample, code(Locale::Es, LISTENS)),
        ["Su código es: <482913> Otra vez: <482913>", "Léalo solo a nuestro agente, con quien habla ahora."]
    );
    let table = [
        (
            &sample,
            Farewell::Reported,
            Locale::En,
            "Thank you. Do not share the code. We have stopped this request. Please call us at 8 0 0, 5 5 5, 0 1 9 9. Goodbye.",
        ),
        (
            &sample,
            Farewell::Reported,
            Locale::Es,
            "Gracias. No comparta el código. Detuvimos esta solicitud. Por favor, llámenos al 8 0 0, 5 5 5, 0 1 9 9. Adiós.",
        ),
        (
            &bare,
            Farewell::Reported,
            Locale::En,
            "Thank you. Do not share the code. We have stopped this request. Please call our office. Goodbye.",
        ),
        (
            &bare,
            Farewell::Reported,
            Locale::Es,
            "Gracias. No comparta el código. Detuvimos esta solicitud. Por favor, llame a nuestra oficina. Adiós.",
        ),
        (
            &sample,
            Farewell::NoKey,
            Locale::En,
            "We could not confirm that you are there, so we did not play the code. Please ask our agent to call again. Goodbye.",
        ),
        (
            &sample,
            Farewell::NoKey,
            Locale::Es,
            "No pudimos confirmar que usted está en la línea y no dimos el código. Pida a nuestro agente que llame otra vez. Adiós.",
        ),
        (
            &sample,
            Farewell::Over,
            Locale::En,
            "This code is no longer valid. Please ask our agent for a new one. Goodbye.",
        ),
        (
            &sample,
            Farewell::Over,
            Locale::Es,
            "Este código ya no es válido. Pida uno nuevo a nuestro agente. Adiós.",
        ),
        (&sample, Farewell::Bye, Locale::En, "Goodbye."),
        (&sample, Farewell::Bye, Locale::Es, "Adiós."),
    ];
    for (case, bye, locale, expected) in table {
        assert_eq!(farewell(&renderer, case, bye, locale), expected);
    }
}

#[test]
fn only_its_own_line_holds_the_code_and_says_it_twice() {
    each(|renderer, case, locale, what| {
        for line in Line::ALL {
            let text = in_words(&said(renderer, case, &[(line, locale)])[0]);
            let times = if line == Line::Code { 2 } else { 0 };
            assert_eq!(text.matches(&format!("<{}>", case.code)).count(), times, "{what} {line:?}: {text}");
            assert_eq!(text.matches(case.code).count(), times, "{what} {line:?}: {text}");
            assert!(!text.contains(char::is_control), "{what} {line:?}: {text:?}");
        }
    });
}

#[test]
fn what_is_said_keeps_to_the_rules_of_a_spoken_code() {
    let typed = Regex::new("(?i)never share|never ask|with anyone|con nadie|nunca").unwrap();
    let familiar =
        Regex::new(r"(?i)\b(tu|tú|tus|ti|ingresa|haz|tienes|puedes|compartas|codigo|pulse|presione)\b")
            .unwrap();
    let renderer = Renderer::new().unwrap();
    for case in cases() {
        for locale in Locale::ALL {
            let all: Vec<_> = Line::ALL.iter().map(|line| (*line, locale)).collect();
            for text in said(&renderer, &case, &all).iter().map(in_words) {
                let what = format!("{} ({locale}): {text}", case.what);
                assert!(!typed.is_match(&text), "{what}");
                assert!(locale == Locale::En || !familiar.is_match(&text), "{what}");
                assert!(!text.contains("http") && !text.contains("  "), "{what}");
            }
            let gate = &at(&renderer, &case, Place::start(locale))[0];
            let brand = case.tenant.short_name().split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(gate.contains(&brand) || case.what == "line breaks", "{gate}");
            let rule = &at(&renderer, &case, code(locale, 1))[1];
            assert!(
                rule.contains(if locale == Locale::Es {
                    "solo a nuestro agente"
                } else {
                    "only to our agent"
                }),
                "{rule}"
            );
        }
    }
}

/// How long a voice takes for some words; `None` without a voice on this machine.
fn spoken_for(text: &str, locale: Locale) -> Option<Duration> {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("said.wav");
    let voice = if locale == Locale::Es { "es-419" } else { "en-us" };
    // As fast as the voices of a carrier speak: 150 words a minute.
    let run = Command::new("espeak-ng").args(["-v", voice, "-s", "150", "-w"]).arg(&file).arg(text).status();
    run.ok().filter(std::process::ExitStatus::success)?;
    let wave = std::fs::read(file).unwrap();
    let rate = u32::from_le_bytes(wave[24..28].try_into().unwrap());
    let samples = u32::try_from((wave.len() - 44) / 2).unwrap();
    Some(Duration::from_secs_f64(f64::from(samples) / f64::from(rate)))
}

/// Words by the voice; digits slowly, with the pauses between them.
fn length(said: &Said) -> Option<Duration> {
    let mut all = Duration::ZERO;
    for piece in &said.pieces {
        all += match piece {
            Piece::Words(words) => spoken_for(words, said.locale)?,
            Piece::Digits(code) => {
                let digits = u32::try_from(code.len()).unwrap();
                digits * Duration::from_millis(450)
                    + (digits - 2) * Duration::from_millis(500)
                    + Duration::from_secs(1)
            }
        };
    }
    Some(all)
}

fn all_of(renderer: &Renderer, case: &Case, lines: &[(Line, Locale)]) -> Option<Duration> {
    said(renderer, case, lines).iter().map(length).sum()
}

/// A whole call: what is said at these places, all of it heard to the end, then a wait for nothing and a farewell.
fn call(renderer: &Renderer, case: &Case, places: &[Place], bye: Farewell) -> Option<Duration> {
    let last = places.last().unwrap();
    let said: Duration =
        places.iter().map(|place| all_of(renderer, case, &place.lines())).sum::<Option<_>>()?;
    Some(said + last.patience() + all_of(renderer, case, &[(bye.line(), last.locale)])?)
}

#[test]
fn a_call_takes_less_than_a_minute_and_never_longer_than_it_may() {
    if spoken_for("one", Locale::En).is_none() {
        eprintln!("SKIPPED: without espeak-ng nobody knows how long a call takes");
        return;
    }
    let renderer = Renderer::new().unwrap();
    let longest = |typed| Case {
        code: "48291357",
        typed,
        ..case("longest", brand("ABCDEFGHIJKLMNOPQR", "1-800-555-0199"))
    };
    let sample = |typed| Case { typed, ..case("sample", brand("Cornerstone", PHONE)) };
    let kinds = [None, Some(TypedFor::Signer), Some(TypedFor::Session)];
    for (locale, typed) in Locale::ALL.into_iter().flat_map(|locale| kinds.map(|typed| (locale, typed))) {
        let (sample, longest) = (sample(typed), longest(typed));
        let gate = Place::start(locale);
        let minute = Duration::from_secs(60);
        for (places, bye) in [
            (&[gate][..], Farewell::NoKey),
            (&[gate, code(locale, 1)], Farewell::Bye),
            (&[gate], Farewell::Reported),
        ] {
            for case in [&sample, &longest] {
                let takes = call(&renderer, case, places, bye).unwrap();
                println!("{locale} {} {bye:?}: {takes:.1?}", case.what);
                assert!(takes < minute, "{locale} {} {bye:?}: {takes:?}", case.what);
            }
        }
        // What is shown to whoever words a call is about what it takes.
        let spot = spot(typed, locale);
        let shown =
            longest_of(spot, &sample.tenant, &SAMPLE, &built_in(spot)).unwrap().spoken.unwrap().seconds;
        let takes = call(&renderer, &longest, &[gate, code(locale, 1)], Farewell::Bye).unwrap().as_secs();
        assert!(shown.abs_diff(takes) <= takes / 5, "{locale} {typed:?}: {shown} and {takes} seconds");
        // The slowest way through it: every key at its last moment.
        let mut places = vec![gate, Place { locale: other(locale), heard: Heard::Gate(GATES) }];
        while let Next::Say(next) = places.last().unwrap().after(Some('1')) {
            places.push(next);
        }
        let waits: Duration = places.iter().map(|place| place.patience()).sum();
        let takes = call(&renderer, &longest, &places, Farewell::Bye).unwrap() + waits;
        println!("{locale} at its longest: {takes:.1?}");
        assert!(takes < LONGEST, "{locale}: {takes:?}");
    }
}
