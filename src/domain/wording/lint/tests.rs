//! Every rule of a wording, as a table.

use super::Fault::{
    HostMissing, Link, LinkTouched, NeverShare, PhoneMissing, SecretMissing, SecretTwice, ShareMissing,
    TooLong, Unasked, Unreadable as Cannot,
};
use super::*;
use crate::domain::wording::template::Reason;

const VARIABLES: [Variable; 6] = [
    always("code", "482 913"),
    always("brand", "Acme Relief Center"),
    always("phone", "1-800-555-0199"),
    Variable { name: "agent", longest: Cow::Borrowed("Maximiliano-"), always: false, with: None },
    always("host", "verify.acme-relief.example"),
    always("link", "https://verify.acme-relief.example/p/aaaaaaaaaaaaaaaaaaaaaaaaaaa"),
];
const SPOKEN: Rules<'_> = Rules {
    variables: &VARIABLES,
    secret: Secret::Spoken,
    needs_phone: true,
    needs_change: false,
    channel: Channel::Sms,
};
const TYPED: Rules<'_> = Rules { secret: Secret::Typed, needs_phone: false, ..SPOKEN };

const LINKED: Rules<'_> = Rules { secret: Secret::Link, needs_phone: false, ..SPOKEN };

const fn always(name: &'static str, longest: &'static str) -> Variable {
    Variable { name, longest: Cow::Borrowed(longest), always: true, with: None }
}

fn link(line: usize, text: &str) -> Fault {
    Link { line, text: text.to_owned() }
}

fn never(line: usize, words: &'static str) -> Fault {
    NeverShare { line, words }
}

#[test]
fn a_code_to_read_aloud_is_there_once_with_the_number_and_without_a_link_or_a_never() {
    for (text, expected) in [
        ("{{code}} is your {{brand}} code. Call {{phone}}", vec![]),
        ("{{code}} is your {{brand}} code.{{#if phone}} Call {{phone}}{{/if}} by 5 p.m. today", vec![]),
        ("{{#if agent}}{{code}} for {{agent}}{{else}}{{code}} for us{{/if}} {{phone}}", vec![]),
        ("{{code}} {{code", vec![Cannot(Unreadable { line: 1, reason: Reason::Open })]),
        ("{{code}} {{phone}}\n{{cod}}", vec![Fault::UnknownVariable { name: "cod".to_owned(), line: 2 }]),
        ("Call {{phone}}", vec![SecretMissing { name: "code" }]),
        ("{{#if agent}}{{code}}{{/if}} {{phone}}", vec![SecretMissing { name: "code" }]),
        ("{{code}}\n{{code}} {{phone}}", vec![SecretTwice { name: "code", line: 2 }]),
        ("{{code}} {{brand}}", vec![PhoneMissing]),
        ("{{code}} {{#if phone}}Call us{{/if}}", vec![PhoneMissing]),
        ("{{code}} {{phone}}\nhttps://acme.example/x", vec![link(2, "https://acme.example/x")]),
        ("{{code}} {{phone}} (acme.com)", vec![link(1, "(acme.com)")]),
        ("{{code}} {{phone}} {{brand}}.com", vec![link(1, "{{brand}}.com")]),
        ("{{code}} {{phone}}\n@intranet now", vec![link(2, "@intranet")]),
        ("{{code}} {{phone}}\nfor {{agent}}", vec![Unasked { name: "agent".to_owned(), line: 2 }]),
        ("{{code}} {{phone}}\nNever  share it", vec![never(2, "never share")]),
        ("ne{{#if agent}}{{/if}}ver say {{code}} {{phone}}", vec![never(1, "never")]),
        ("{{code}} {{phone}} No lo comparta CON NADIE", vec![never(1, "con nadie")]),
        ("{{code}} {{phone}} Nunca", vec![never(1, "nunca")]),
        ("{{code}} {{phone}}\nDo not share it with\n\n Anyone else", vec![never(2, "with anyone")]),
        ("{{code}} {{phone}}\nnever", vec![never(2, "never")]),
    ] {
        assert_eq!(faults(text, &SPOKEN), expected, "{text:?}");
    }
}

#[test]
fn a_code_to_type_ends_with_the_line_of_the_host() {
    for (text, expected) in [
        ("{{code}} is your code. Never share it.\n\n@{{host}} #{{code}}", vec![]),
        ("{{code}} is your code. Do not share it.", vec![HostMissing]),
        ("{{code}} is your code.\n@{{host}} #{{code}}", vec![ShareMissing]),
        ("{{code}} No lo comparta.\n@{{host}} #{{code}}", vec![]),
        ("Don't share it.\n@{{host}} #{{code}}", vec![SecretMissing { name: "code" }]),
        ("{{code}} Don't share: acme.com\n@{{host}} #{{code}}", vec![link(1, "acme.com")]),
    ] {
        assert_eq!(faults(text, &TYPED), expected, "{text:?}");
    }
}

#[test]
fn a_link_is_there_once_and_touches_nothing() {
    for (text, expected) in [
        ("{{brand}}: join\n{{link}}\nby phone: {{phone}}", vec![]),
        ("{{brand}}", vec![SecretMissing { name: "link" }]),
        ("{{link}}\n{{link}}", vec![SecretTwice { name: "link", line: 2 }]),
        ("Join:\n({{link}})", vec![LinkTouched { line: 2 }]),
        ("https://acme.example/?to={{link}}", vec![link(1, "https://acme.example/?to={{link}}")]),
        ("{{link}} or acme.com", vec![link(1, "acme.com")]),
    ] {
        assert_eq!(faults(text, &LINKED), expected, "{text:?}");
    }
}

#[test]
fn what_comes_together_is_asked_for_once() {
    let [date, time] = ["date", "time"].map(|name| Variable { always: false, ..always(name, "12") });
    let variables = [date, Variable { with: Some("date"), ..time }];
    let rules = Rules {
        variables: &variables,
        secret: Secret::None,
        needs_phone: false,
        channel: Channel::Email,
        ..SPOKEN
    };
    let unasked = |name: &str| Unasked { name: name.to_owned(), line: 1 };
    for (text, expected) in [
        ("{{#if date}}{{date}}, {{time}}{{/if}}", vec![]),
        ("{{#if time}}{{date}}{{/if}}", vec![]),
        ("{{#if date}}{{date}}{{/if}} {{time}}", vec![unasked("time")]),
    ] {
        assert_eq!(faults(text, &rules), expected, "{text:?}");
    }
}

#[test]
fn a_text_is_counted_with_the_longest_values() {
    let words = |count: usize| format!("{{{{code}}}} {{{{phone}}}} {}", "x".repeat(count));
    let long =
        |characters, segments, because: &str| TooLong { characters, segments, because: because.to_owned() };
    assert_eq!(faults(&words(137), &SPOKEN), []);
    assert_eq!(faults(&words(138), &SPOKEN), [long(161, 2, "")]);
    let accents = format!("{} está, código", words(60));
    assert_eq!(faults(&accents, &SPOKEN), [long(96, 2, "áó")]);
    assert_eq!(faults("{{code}} {{phone}} está", &SPOKEN), [long(27, 1, "á")]);
    let other =
        format!("{{{{code}}}} {{{{phone}}}}{{{{#if agent}}}}{{{{else}}}} {}{{{{/if}}}}", "x".repeat(138));
    assert_eq!(faults(&other, &SPOKEN), [long(161, 2, "")], "in the other case");
    assert_eq!(faults(&words(500), &Rules { channel: Channel::Email, ..SPOKEN }), []);
}

#[test]
fn the_built_in_codes_pass() {
    for text in [
        include_str!("../../../../templates/sms/login_code/en.hbs"),
        include_str!("../../../../templates/sms/login_code/es.hbs"),
        include_str!("../../../../templates/sms/signer_code_short/en.hbs"),
        include_str!("../../../../templates/sms/signer_code_short/es.hbs"),
    ] {
        assert_eq!(faults(text, &TYPED), [], "{text:?}");
    }
    // The variant with the agent's name is taken only where there is one.
    let named = VARIABLES.map(|variable| Variable { always: true, ..variable });
    let spoken = Rules { variables: &named, ..SPOKEN };
    for text in [
        include_str!("../../../../templates/sms/client_code/en.hbs"),
        include_str!("../../../../templates/sms/client_code/es.hbs"),
        include_str!("../../../../templates/sms/client_code_agent/en.hbs"),
        include_str!("../../../../templates/sms/client_code_agent/es.hbs"),
    ] {
        assert_eq!(faults(text, &spoken), [], "{text:?}");
    }
}
