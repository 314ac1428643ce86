//! The wording of a call: each line of it is one of the script, by its name, and what keeps it from being said.
//!
//! What a code to read aloud or to type asks of any message it asks of a call, too; what makes a call its own is that nothing
//! secret is said before a key, and that nobody can look at it again.

use std::time::Duration;

use super::lint::{
    CallFault, Fault, Rules, Secret, every_way, forbids_sharing, in_every_way, mark, of_lines, read,
};
use crate::domain::call::length::{Length, of_call, of_code, of_words};
use crate::domain::call::script::Line;
use crate::domain::call::{LONGEST, ONCE};

/// A line of the script as it was written, with its number, from 1.
struct Written<'a> {
    name: Line,
    words: &'a str,
    number: usize,
}

/// What is said at a line of the script, in a wording with its values; none where it has no such line.
pub fn words(filled: &str, name: Line) -> Option<&str> {
    let found = filled.lines().filter_map(named).find(|(known, _)| *known == name)?;
    Some(found.1).filter(|words| !words.is_empty())
}

/// All that is said, in the order of the script.
pub(super) fn aloud(filled: &str) -> String {
    Line::ALL.into_iter().filter_map(|name| words(filled, name)).collect::<Vec<_>>().join(" ")
}

/// How long a call takes of these lines, whose codes have so many digits. With `code` its digits are told from the words.
pub(super) fn length(filled: &str, code: &str) -> Length {
    let digits = u32::try_from(code.chars().filter(char::is_ascii_digit).count()).unwrap_or(u32::MAX);
    of_call(|name| {
        let said = words(filled, name).unwrap_or_default();
        let pieces: Vec<_> = said.split(code).collect();
        let codes = u32::try_from(pieces.len() - 1).unwrap_or(u32::MAX);
        pieces.iter().map(|words| of_words(words)).sum::<Duration>() + codes * of_code(digits)
    })
}

/// Everything that is wrong with the wording of a call; nothing, where it may be said.
pub(super) fn faults(text: &str, rules: &Rules<'_>) -> Vec<Fault> {
    let template = match read(text, rules) {
        Ok(template) => template,
        Err(faults) => return faults,
    };
    let says_phone =
        |said: &str| words(said, Line::Reported).is_some_and(|words| words.contains(&mark("phone")));
    let mut faults = in_every_way(&template, rules, says_phone, of_script);
    let longest = every_way(&template, rules, |variable| variable.longest.clone().into_owned());
    let code = rules.variables.iter().find(|variable| variable.name == "code");
    let code = code.map_or("", |code| code.longest.as_ref());
    let lengths: Vec<_> = longest.into_iter().flatten().map(|said| length(&said, code)).collect();
    faults.extend(too_slow(&lengths));
    faults
}

fn named(line: &str) -> Option<(Line, &str)> {
    let (name, words) = line.split_once(':')?;
    Some((Line::parse(name.trim())?, words.trim()))
}

fn of_script(said: &str, rules: &Rules<'_>) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut written: Vec<Written<'_>> = Vec::new();
    for (at, line) in said.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let number = at + 1;
        match named(line) {
            None => faults.push(CallFault::Nameless { line: number }),
            Some((name, _)) if written.iter().any(|known| known.name == name) => {
                faults.push(CallFault::LineTwice { name, line: number });
            }
            Some((name, words)) => written.push(Written { name, words, number }),
        }
    }
    let missing = |name: &Line| !written.iter().any(|line| line.name == *name && !line.words.is_empty());
    faults.extend(Line::ALL.into_iter().filter(missing).map(|name| CallFault::LineMissing { name }));
    faults.extend(written.iter().flat_map(of_line));
    let mut faults: Vec<_> = faults.into_iter().map(Fault::Call).collect();
    let rule = written.iter().find(|line| line.name == Line::Rule);
    if rules.secret == Secret::Typed && rule.is_some_and(|rule| !forbids_sharing(rule.words)) {
        faults.push(Fault::ShareMissing);
    }
    faults.extend(of_lines(said, rules.secret));
    faults
}

fn of_line(line: &Written<'_>) -> Vec<CallFault> {
    let Written { name, words, number: line } = *line;
    let mut faults = Vec::new();
    let says = |key: char| words.split(|c: char| !c.is_alphanumeric()).any(|word| word == key.to_string());
    if let Some(key) = name.key().filter(|key| !says(*key)) {
        faults.push(CallFault::KeyMissing { key, line });
    }
    if name == Line::Gate && !words.contains(&mark("brand")) {
        faults.push(CallFault::BrandMissing { line });
    }
    match (name, words.matches(&mark("code")).count()) {
        (Line::Code, 2) => {}
        (Line::Code, _) => faults.push(CallFault::CodeNotTwice { line }),
        (_, 0) => {}
        (_, _) => faults.push(CallFault::CodeElsewhere { line }),
    }
    faults
}

/// Where a call is over its time in the way that says most.
fn too_slow(lengths: &[Length]) -> Option<Fault> {
    let over = |took: Option<Duration>, most: Duration, repeated| {
        let took = took.filter(|took| *took > most)?;
        let (seconds, most) = (whole_seconds(took), most.as_secs());
        Some(Fault::Call(CallFault::TooSlow { seconds, most, repeated }))
    };
    let once = over(lengths.iter().map(|length| length.once).max(), ONCE, false);
    once.or_else(|| over(lengths.iter().map(|length| length.longest).max(), LONGEST, true))
}

pub(super) fn whole_seconds(took: Duration) -> u64 {
    took.as_secs() + u64::from(took.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::CallFault::{
        BrandMissing, CodeElsewhere, CodeNotTwice, KeyMissing, LineMissing, LineTwice, Nameless, TooSlow,
    };
    use super::Fault::{Call, Link, NeverShare, PhoneMissing, ShareMissing, UnknownVariable};
    use super::*;
    use crate::domain::id::TenantId;
    use crate::domain::tenant::Tenant;
    use crate::domain::wording::{Draft, Sample, Spot};

    const LINES: [(&str, &str); 10] = [
        ("gate", "This is {{brand}}. Press 1."),
        ("language", "Press 2."),
        ("report", "Press 9."),
        ("code", "{{code}} Again: {{code}}"),
        ("rule", "Do not share it."),
        ("repeat", "Press 1."),
        ("reported", "Thank you. {{#if phone}}Call {{phone}}.{{/if}}"),
        ("no_key", "Nobody there."),
        ("over", "Too late."),
        ("bye", "Goodbye."),
    ];

    /// What is wrong with the lines above, with one of them in other words.
    fn found(kind: &str, name: &str, words: &str) -> Vec<Fault> {
        let line =
            |(known, said): &(&str, &str)| format!("{known}: {}", if *known == name { words } else { said });
        of(kind, &LINES.iter().map(line).collect::<Vec<_>>().join("\n"))
    }

    fn of(kind: &str, body: &str) -> Vec<Fault> {
        let settings = json!({"name": "Acme", "brand": {"support_phone": "800-555-0199"}});
        let tenant = Tenant::from_documents(TenantId::parse("acme").unwrap(), &settings, &json!({})).unwrap();
        let sample = Sample { host: "verify.example", link: "https://verify.example/p/x" };
        let spot = Spot::parse(kind, "voice", "en").unwrap();
        let found = super::super::faults(spot, &tenant, &sample, &Draft::new("", body));
        found.into_iter().map(|found| found.fault).collect()
    }

    #[test]
    fn every_line_keeps_to_its_rule() {
        let call = |fault| vec![Call(fault)];
        let key = |key, line| call(KeyMissing { key, line });
        let rude = || vec![NeverShare { line: 5, words: "never share" }];
        for (name, words, expected) in [
            ("", "", vec![]),
            ("gate", "{{brand}}: one is 1, two is 2", vec![]),
            ("gate", "This is Acme. Press 1.", call(BrandMissing { line: 1 })),
            ("gate", "{{brand}}. {{#if phone}}Press 1.{{/if}}", key('1', 1)),
            ("gate", "{{brand}}. Press 11 or one.", key('1', 1)),
            ("gate", "{{brand}}: {{code}}. Press 1.", call(CodeElsewhere { line: 1 })),
            ("language", "Press 1.", key('2', 2)),
            ("report", "Press 99.", key('9', 3)),
            ("repeat", "Press it.", key('1', 6)),
            ("no_key", "It was {{code}}", call(CodeElsewhere { line: 8 })),
            ("rule", "{{code}}! Do not share it.", call(CodeElsewhere { line: 5 })),
            ("code", "{{code}}", call(CodeNotTwice { line: 4 })),
            ("code", "{{code}}{{code}}{{code}}", call(CodeNotTwice { line: 4 })),
            ("code", "One two three", call(CodeNotTwice { line: 4 })),
            ("code", "{{code}}{{#if phone}}{{code}}{{/if}}", call(CodeNotTwice { line: 4 })),
            ("reported", "Thank you.", vec![PhoneMissing]),
            ("over", "See acme.com", vec![Link { line: 9, text: "acme.com".to_owned() }]),
            ("bye", "{{first_name}}", vec![UnknownVariable { name: "first_name".to_owned(), line: 10 }]),
            ("bye", "", call(LineMissing { name: Line::Bye })),
            ("bye", "Bye.\nbye: Bye.", call(LineTwice { name: Line::Bye, line: 11 })),
            ("bye", "Bye.\n\nAnd more.", call(Nameless { line: 12 })),
            ("bye", "Bye.\nGate: And more.", call(Nameless { line: 11 })),
            ("rule", "Never share it.", rude()),
            ("over", &"slow ".repeat(140), call(TooSlow { seconds: 63, most: 60, repeated: false })),
            (
                "code",
                &format!("{}{{{{code}}}}{{{{code}}}}", "x".repeat(500)),
                call(TooSlow { seconds: 61, most: 60, repeated: false }),
            ),
            (
                "code",
                &format!("{}{{{{code}}}}{{{{code}}}}", "x".repeat(330)),
                call(TooSlow { seconds: 153, most: 150, repeated: true }),
            ),
        ] {
            assert_eq!(found("client_code", name, words), expected, "{name}: {words}");
        }
    }

    #[test]
    fn whoever_types_a_code_is_told_to_keep_it_and_whoever_reads_it_aloud_is_not_kept_from_it() {
        for (kind, rule, expected) in [
            ("client_code", "Read it to our agent.", vec![]),
            ("signer_code", "Type it.", vec![ShareMissing]),
            ("signer_code", "Never share it.", vec![]),
            ("session_code", "No lo comparta.", vec![]),
        ] {
            assert_eq!(found(kind, "rule", rule), expected, "{kind}: {rule}");
        }
        // Said at another line it is heard by nobody.
        let elsewhere = LINES.map(|(name, words)| match name {
            "rule" => "rule: Type it.".to_owned(),
            "over" => "over: Do not share it.".to_owned(),
            _ => format!("{name}: {words}"),
        });
        assert_eq!(of("signer_code", &elsewhere.join("\n")), [ShareMissing]);
        assert_eq!(of("client_code", "hello").len(), 1 + Line::ALL.len() + 1);
    }

    #[test]
    fn a_line_is_found_by_its_name() {
        let call = "gate: a: b\n\n bye :c\nbye: d\nrule:";
        for (line, said) in
            [(Line::Gate, Some("a: b")), (Line::Bye, Some("c")), (Line::Rule, None), (Line::Over, None)]
        {
            assert_eq!(words(call, line), said, "{line:?}");
        }
        assert_eq!(aloud("bye: d\ngate: a\nrule:\nb"), "a d");
    }
}
