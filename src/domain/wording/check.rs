//! Whether a draft may be published as the wording of a message: the rules of that message, and of its subject.

use super::call;
use super::lint::{self, Fault, Rules, Secret, Variable, every_way, of_lines};
use super::variable::{Sample, variables};
use super::{Draft, MOST_BODY, Spot};
use crate::domain::channel::Channel;
use crate::domain::message::Purpose;
use crate::domain::tenant::Tenant;

/// What mail programs show of a subject, in characters.
const MOST_SUBJECT: usize = 78;
/// Beside control characters: hyphens that are not shown, fillers, marks of direction and of no width, variants, tags.
const INVISIBLE: [std::ops::RangeInclusive<char>; 14] = [
    '\u{ad}'..='\u{ad}',
    '\u{34f}'..='\u{34f}',
    '\u{61c}'..='\u{61c}',
    '\u{115f}'..='\u{1160}',
    '\u{17b4}'..='\u{17b5}',
    '\u{180b}'..='\u{180f}',
    '\u{200b}'..='\u{200f}',
    '\u{202a}'..='\u{202e}',
    '\u{2060}'..='\u{206f}',
    '\u{3164}'..='\u{3164}',
    '\u{fe00}'..='\u{fe0f}',
    '\u{feff}'..='\u{feff}',
    '\u{ffa0}'..='\u{ffa0}',
    '\u{e0000}'..='\u{e0fff}',
];

/// Where a fault is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Subject,
    Body,
}

/// A fault and where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub part: Part,
    pub fault: Fault,
}

/// Everything that is wrong with a draft; nothing, where it may be published. The built-in text always may.
pub fn faults(spot: Spot, tenant: &Tenant, sample: &Sample<'_>, draft: &Draft) -> Vec<Found> {
    if draft.is_built_in() {
        return Vec::new();
    }
    let variables = variables(spot, tenant, sample);
    let rules = Rules {
        variables: &variables,
        secret: secret(spot.kind),
        needs_phone: warns(spot.kind) && tenant.brand.support_phone.is_some(),
        needs_change: spot.kind == Purpose::LoginChanged,
        channel: spot.channel,
    };
    let subject =
        of_subject(&draft.subject, &rules).into_iter().map(|fault| Found { part: Part::Subject, fault });
    let body = of_body(&draft.body, &rules).into_iter().map(|fault| Found { part: Part::Body, fault });
    subject.chain(body).collect()
}

fn secret(kind: Purpose) -> Secret {
    match kind {
        Purpose::ClientCode => Secret::Spoken,
        Purpose::SignerCode | Purpose::SessionCode | Purpose::LoginCode | Purpose::PinCode => Secret::Typed,
        Purpose::PinSetup | Purpose::PinReset | Purpose::SessionInvite => Secret::Link,
        Purpose::ClientReceipt
        | Purpose::PinSet
        | Purpose::PinChanged
        | Purpose::LoginChanged
        | Purpose::LoginReminder => Secret::None,
    }
}

/// Whether it is a client's, who must know whom to call where something is wrong.
fn warns(kind: Purpose) -> bool {
    match kind {
        Purpose::ClientCode
        | Purpose::ClientReceipt
        | Purpose::PinSetup
        | Purpose::PinReset
        | Purpose::PinSet
        | Purpose::PinChanged => true,
        Purpose::SignerCode
        | Purpose::SessionInvite
        | Purpose::SessionCode
        | Purpose::LoginCode
        | Purpose::PinCode
        | Purpose::LoginChanged
        | Purpose::LoginReminder => false,
    }
}

fn of_body(body: &str, rules: &Rules<'_>) -> Vec<Fault> {
    if body.chars().count() > MOST_BODY {
        return vec![Fault::TooLarge { most: MOST_BODY }];
    }
    let unseen = invisible(body);
    match rules.channel {
        _ if !unseen.is_empty() => unseen,
        Channel::Voice => call::faults(body, rules),
        Channel::Email | Channel::Sms => lint::faults(body, rules),
    }
}

/// A subject is one line without the code or the link, which every program shows to whoever is near.
fn of_subject(subject: &str, rules: &Rules<'_>) -> Vec<Fault> {
    match (rules.channel, subject.is_empty()) {
        (Channel::Sms | Channel::Voice, true) => return Vec::new(),
        (Channel::Sms | Channel::Voice, false) => return vec![Fault::SubjectOfText],
        (Channel::Email, true) => return vec![Fault::SubjectMissing],
        (Channel::Email, false) => {}
    }
    if subject.chars().count() > MOST_BODY {
        return vec![Fault::TooLarge { most: MOST_BODY }];
    }
    if subject.contains('\n') || !invisible(subject).is_empty() {
        return vec![Fault::Invisible { line: 1 }];
    }
    let shown: Vec<Variable> =
        rules.variables.iter().filter(|one| !["code", "link", "host"].contains(&one.name)).cloned().collect();
    let rules = Rules { variables: &shown, ..*rules };
    let template = match lint::read(subject, &rules) {
        Ok(template) => template,
        Err(faults) => return faults,
    };
    let mut faults = Vec::new();
    let mut longest = 0;
    for said in every_way(&template, &rules, |variable| variable.longest.clone().into_owned()) {
        let more = match said {
            Ok(said) if said.is_empty() => vec![Fault::SubjectMissing],
            Ok(said) => {
                longest = longest.max(said.chars().count());
                of_lines(&said, rules.secret)
            }
            Err(missing) if lint::is_always(&rules, &missing.name) => vec![],
            Err(missing) => vec![Fault::Unasked { name: missing.name, line: missing.line }],
        };
        lint::add(&mut faults, more);
    }
    if longest > MOST_SUBJECT {
        faults.push(Fault::SubjectTooLong { characters: longest, most: MOST_SUBJECT });
    }
    faults
}

/// The lines with characters that nobody sees, which would make a text say other words than it shows.
fn invisible(text: &str) -> Vec<Fault> {
    let unseen = |c: char| (c.is_control() && c != '\n') || INVISIBLE.iter().any(|range| range.contains(&c));
    let lines = text.split('\n').enumerate().filter(|(_, line)| line.contains(unseen));
    lines.map(|(at, _)| Fault::Invisible { line: at + 1 }).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::id::TenantId;

    const SAMPLE: Sample<'_> = Sample { host: "verify.example", link: "https://verify.example/p/x" };
    const BODY: &str = "{{code}} is for our agent. Call {{phone}}";

    fn tenant(phone: Option<&str>) -> Tenant {
        let settings = json!({"name": "Acme", "brand": {"support_phone": phone}});
        Tenant::from_documents(TenantId::parse("acme").unwrap(), &settings, &json!({})).unwrap()
    }

    fn found(channel: &str, phone: Option<&str>, subject: &str, body: &str) -> Vec<Found> {
        let spot = Spot::parse("client_code", channel, "en").unwrap();
        faults(spot, &tenant(phone), &SAMPLE, &Draft::new(subject, body))
    }

    #[test]
    fn an_email_has_a_short_subject_without_the_code_and_a_text_has_none() {
        for (channel, subject, expected) in [
            ("email", "Your {{brand}} code", vec![]),
            ("email", "", vec![Fault::SubjectMissing]),
            ("email", "{{#if agent}}{{agent}}{{/if}}", vec![Fault::SubjectMissing]),
            ("email", "From {{agent}}", vec![Fault::Unasked { name: "agent".to_owned(), line: 1 }]),
            ("email", "{{code}}", vec![Fault::UnknownVariable { name: "code".to_owned(), line: 1 }]),
            ("email", "a\u{202e}b", vec![Fault::Invisible { line: 1 }]),
            ("email", "a\nb", vec![Fault::Invisible { line: 1 }]),
            ("email", "Never mind", vec![Fault::NeverShare { line: 1, words: "never" }]),
            ("email", "See acme.com", vec![Fault::Link { line: 1, text: "acme.com".to_owned() }]),
            ("sms", "", vec![]),
            ("sms", "Hello", vec![Fault::SubjectOfText]),
        ] {
            let expected: Vec<_> =
                expected.into_iter().map(|fault| Found { part: Part::Subject, fault }).collect();
            assert_eq!(found(channel, Some("800-555-0199"), subject, BODY), expected, "{subject:?}");
        }
        let long = found("email", Some("800-555-0199"), &"x".repeat(79), BODY);
        assert_eq!(long[0].fault, Fault::SubjectTooLong { characters: 79, most: 78 });
    }

    #[test]
    fn the_number_to_call_is_needed_where_there_is_one() {
        let body = |fault| vec![Found { part: Part::Body, fault }];
        let unasked = Fault::Unasked { name: "phone".to_owned(), line: 1 };
        let asked = "{{code}} for our agent.{{#if phone}} Call {{phone}}{{/if}}";
        for (phone, text, expected) in [
            (Some("800-555-0199"), BODY, vec![]),
            (Some("800-555-0199"), "{{code}} for our agent", body(Fault::PhoneMissing)),
            (None, BODY, body(unasked)),
            (None, "{{code}} for our agent", vec![]),
            (None, asked, vec![]),
            (Some("800-555-0199"), asked, vec![]),
        ] {
            assert_eq!(found("sms", phone, "", text), expected, "{phone:?} {text:?}");
        }
    }

    #[test]
    fn what_is_not_seen_or_larger_than_any_message_is_refused() {
        let body = |fault| vec![Found { part: Part::Body, fault }];
        let phone = Some("800-555-0199");
        for bad in ["ne\u{200b}ver", "ne\u{ad}ver", "\u{e0041}", "\u{202e}abc", "a\tb", "a\u{0}"] {
            let text = format!("{BODY}\n{bad}\nand more");
            assert_eq!(found("email", phone, "Code", &text), body(Fault::Invisible { line: 2 }), "{bad:?}");
        }
        let large = "x".repeat(MOST_BODY + 1);
        assert_eq!(found("email", phone, "Code", &large), body(Fault::TooLarge { most: MOST_BODY }));
        assert_eq!(found("email", phone, "", ""), [], "the built-in text");
    }
}
