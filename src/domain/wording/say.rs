//! What is wrong with a draft, in words for whoever wrote it.

use super::check::{Found, Part};
use super::lint::{CallFault, Fault, Variable};
use super::template::Reason;
use crate::domain::call::script::Line;
use crate::domain::i18n;
use crate::domain::locale::Locale;

/// Where it is wrong and why, in a sentence. `known` are the values that may be placed; lines are counted from the first of the
/// text, and `before` more.
pub fn say(locale: Locale, found: &Found, known: &[Variable], before: usize) -> String {
    let (key, line, mut values) = parts(&found.fault);
    let known: Vec<_> = known.iter().map(|variable| braced(variable.name)).collect();
    values.push(("known", known.join(", ")));
    let values: Vec<_> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let what = i18n::fill(locale, &format!("wording.fault.{key}"), &values);
    let line = line.map(|line| (line + before).to_string()).unwrap_or_default();
    let place = match (found.part, line.is_empty()) {
        (Part::Subject, _) => "wording.at.subject",
        (Part::Body, false) => "wording.at.line",
        (Part::Body, true) => "wording.at.body",
    };
    i18n::fill(locale, place, &[("line", &line), ("what", &what)])
}

fn braced(name: &str) -> String {
    format!("{{{{{name}}}}}")
}

/// The end of the key, the line, and the values.
fn parts(fault: &Fault) -> (&'static str, Option<usize>, Vec<(&'static str, String)>) {
    match fault {
        Fault::TooLarge { most } => ("too_large", None, vec![("most", most.to_string())]),
        Fault::Invisible { line } => ("invisible", Some(*line), vec![]),
        Fault::Unreadable(unreadable) => {
            let key = match unreadable.reason {
                Reason::Open => "open",
                Reason::Unknown => "unknown_tag",
                Reason::NoIf => "no_if",
                Reason::NoEnd => "no_end",
            };
            let tags = [
                ("open", "{{"),
                ("close", "}}"),
                ("if", "{{#if …}}"),
                ("else", "{{else}}"),
                ("end", "{{/if}}"),
            ];
            (key, Some(unreadable.line), tags.map(|(name, tag)| (name, tag.to_owned())).into())
        }
        Fault::UnknownVariable { name, line } => ("unknown", Some(*line), vec![("name", braced(name))]),
        Fault::Unasked { name, line } => {
            let example = format!("{{{{#if {name}}}}}…{{{{/if}}}}");
            ("unasked", Some(*line), vec![("name", braced(name)), ("example", example)])
        }
        Fault::SecretMissing { name } => ("secret_missing", None, vec![("name", braced(name))]),
        Fault::SecretTwice { name, line } => ("secret_twice", Some(*line), vec![("name", braced(name))]),
        Fault::LinkTouched { line } => ("link_touched", Some(*line), vec![("name", braced("link"))]),
        Fault::HostMissing => ("host_missing", None, vec![("end", "@{{host}} #{{code}}".to_owned())]),
        Fault::PhoneMissing => ("phone_missing", None, vec![("name", braced("phone"))]),
        Fault::ChangeMissing => ("change_missing", None, vec![("name", braced("change"))]),
        Fault::Link { line, text } => ("link", Some(*line), vec![("text", text.clone())]),
        Fault::NeverShare { line, words } => {
            ("never_share", Some(*line), vec![("text", (*words).to_owned())])
        }
        Fault::ShareMissing => ("share_missing", None, vec![]),
        Fault::TooLong { characters, segments, because } => {
            let key = if because.is_empty() { "too_long" } else { "alphabet" };
            let because: Vec<_> = because.chars().map(String::from).collect();
            let count = [("characters", characters.to_string()), ("segments", segments.to_string())];
            (key, None, count.into_iter().chain([("because", because.join(" "))]).collect())
        }
        Fault::SubjectMissing => ("subject_missing", None, vec![]),
        Fault::SubjectTooLong { characters, most } => (
            "subject_too_long",
            None,
            vec![("characters", characters.to_string()), ("most", most.to_string())],
        ),
        Fault::SubjectOfText => ("subject_of_text", None, vec![]),
        Fault::Call(fault) => of_call(fault),
    }
}

fn of_call(fault: &CallFault) -> (&'static str, Option<usize>, Vec<(&'static str, String)>) {
    match fault {
        CallFault::Nameless { line } => {
            let lines: Vec<_> = Line::ALL.iter().map(|line| format!("{}:", line.as_str())).collect();
            ("call_nameless", Some(*line), vec![("lines", lines.join(", "))])
        }
        CallFault::LineMissing { name } => ("call_line_missing", None, vec![("name", named(*name))]),
        CallFault::LineTwice { name, line } => ("call_line_twice", Some(*line), vec![("name", named(*name))]),
        CallFault::KeyMissing { key, line } => {
            ("call_key_missing", Some(*line), vec![("key", key.to_string())])
        }
        CallFault::BrandMissing { line } => {
            ("call_brand_missing", Some(*line), vec![("name", braced("brand"))])
        }
        CallFault::CodeElsewhere { line } => {
            ("call_code_elsewhere", Some(*line), vec![("name", braced("code")), ("line", named(Line::Code))])
        }
        CallFault::CodeNotTwice { line } => {
            ("call_code_not_twice", Some(*line), vec![("name", braced("code"))])
        }
        CallFault::TooSlow { seconds, most, repeated } => {
            let key = if *repeated { "call_too_slow_repeated" } else { "call_too_slow" };
            (key, None, vec![("seconds", seconds.to_string()), ("most", most.to_string())])
        }
    }
}

fn named(line: Line) -> String {
    format!("{}:", line.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::wording::template::Unreadable;

    #[test]
    fn every_fault_is_told_in_both_languages_with_all_its_values() {
        let name = || "agent".to_owned();
        let mut faults = vec![
            Fault::TooLarge { most: 9 },
            Fault::Invisible { line: 2 },
            Fault::UnknownVariable { name: name(), line: 2 },
            Fault::Unasked { name: name(), line: 2 },
            Fault::SecretMissing { name: "code" },
            Fault::SecretTwice { name: "code", line: 2 },
            Fault::LinkTouched { line: 2 },
            Fault::HostMissing,
            Fault::PhoneMissing,
            Fault::ChangeMissing,
            Fault::Link { line: 2, text: "acme.com".to_owned() },
            Fault::NeverShare { line: 2, words: "never" },
            Fault::ShareMissing,
            Fault::TooLong { characters: 161, segments: 2, because: String::new() },
            Fault::TooLong { characters: 20, segments: 1, because: "áó".to_owned() },
            Fault::SubjectMissing,
            Fault::SubjectTooLong { characters: 79, most: 78 },
            Fault::SubjectOfText,
        ];
        let of_calls = [
            CallFault::Nameless { line: 2 },
            CallFault::LineMissing { name: Line::Gate },
            CallFault::LineTwice { name: Line::Gate, line: 2 },
            CallFault::KeyMissing { key: '1', line: 2 },
            CallFault::BrandMissing { line: 2 },
            CallFault::CodeElsewhere { line: 2 },
            CallFault::CodeNotTwice { line: 2 },
            CallFault::TooSlow { seconds: 61, most: 60, repeated: false },
            CallFault::TooSlow { seconds: 151, most: 150, repeated: true },
        ];
        faults.extend(of_calls.map(Fault::Call));
        let reasons = [Reason::Open, Reason::Unknown, Reason::NoIf, Reason::NoEnd];
        faults.extend(reasons.map(|reason| Fault::Unreadable(Unreadable { line: 2, reason })));
        for (fault, part) in faults.iter().flat_map(|fault| [(fault, Part::Subject), (fault, Part::Body)]) {
            for locale in Locale::ALL {
                let said = say(locale, &Found { part, fault: fault.clone() }, &[], 0);
                assert!(!said.contains("wording."), "{said}");
                // What stands in single braces was not filled.
                assert!(!said.replace("{{", "").replace("}}", "").contains(['{', '}']), "{said}");
            }
        }
    }

    #[test]
    fn a_line_and_what_is_known_are_named() {
        let known = [Variable { name: "brand", longest: "".into(), always: true, with: None }];
        let found =
            Found { part: Part::Body, fault: Fault::UnknownVariable { name: "cod".to_owned(), line: 2 } };
        assert_eq!(
            say(Locale::En, &found, &known, 2),
            "Line 4: {{cod}} is not known here. Known are {{brand}}."
        );
    }
}
