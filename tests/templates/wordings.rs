//! A tenant's own wordings: every value that may be placed is there, the built-in texts pass as drafts, and what is typed is
//! text in HTML.

use std::time::Duration;

use countersign::domain::call::script::Line;
use countersign::domain::channel::Channel;
use countersign::domain::gsm7;
use countersign::domain::locale::Locale;
use countersign::domain::message::Purpose;
use countersign::domain::timestamp::Timestamp;
use countersign::domain::wording::{Draft, Sample, Spot, Wording, faults, variables};
use countersign::message::render::{EmailBody, Renderer, Said, SessionInvite, TypedCode, TypedFor, built_in};

use crate::sample::{
    Case, LINK, PHONE, assert_balanced, brand, case, code, each, login_emails, login_texts, pin_changed,
    pin_link, preheader, receipt, reminder_emails,
};

const HOST: &str = "verify.cornerstone-peo.com";
/// The news of a second step that has every value.
const RESET: usize = 8;
const SAMPLE: Sample<'_> = Sample { host: HOST, link: LINK };

fn typed(case: &Case, locale: Locale, purpose: TypedFor) -> TypedCode<'_> {
    let valid_for = Duration::from_mins(10);
    TypedCode {
        tenant: &case.tenant,
        locale,
        purpose,
        name: case.contact,
        code: case.code,
        host: HOST,
        valid_for,
    }
}

fn invite(case: &Case, locale: Locale) -> SessionInvite<'_> {
    SessionInvite {
        tenant: &case.tenant,
        locale,
        name: case.contact,
        agent_name: case.agent.unwrap_or_default(),
        link: LINK,
        starts_at: Some(Timestamp::parse("2026-12-30T15:59:00Z").unwrap()),
        coded: true,
        last2: "42",
    }
}

fn email(renderer: &Renderer, case: &Case, spot: Spot) -> EmailBody {
    let locale = spot.locale;
    match spot.kind {
        Purpose::ClientCode => renderer.client_code_email(&code(case, locale)),
        Purpose::ClientReceipt => renderer.client_receipt_email(&receipt(case, locale)),
        Purpose::PinSetup | Purpose::PinReset => {
            renderer.pin_link_email(&pin_link(case, locale, spot.kind == Purpose::PinReset))
        }
        Purpose::PinSet | Purpose::PinChanged => {
            renderer.pin_changed_email(&pin_changed(case, locale, spot.kind == Purpose::PinSet))
        }
        Purpose::SessionInvite => renderer.session_invite_email(&invite(case, locale)),
        Purpose::SessionCode => renderer.session_code_email(&typed(case, locale, TypedFor::Session)),
        Purpose::LoginChanged => Ok(login_emails(renderer, case, locale).remove(RESET)),
        Purpose::LoginReminder => Ok(reminder_emails(renderer, case, locale).remove(0)),
        other => panic!("{other:?} is no email"),
    }
    .unwrap()
}

fn text(renderer: &Renderer, case: &Case, spot: Spot) -> String {
    let locale = spot.locale;
    match spot.kind {
        Purpose::ClientCode => renderer.client_code_sms(&code(case, locale)),
        Purpose::ClientReceipt => renderer.client_receipt_sms(&receipt(case, locale)),
        Purpose::PinSetup | Purpose::PinReset => {
            renderer.pin_link_sms(&pin_link(case, locale, spot.kind == Purpose::PinReset))
        }
        Purpose::PinSet | Purpose::PinChanged => {
            renderer.pin_changed_sms(&pin_changed(case, locale, spot.kind == Purpose::PinSet))
        }
        Purpose::SessionInvite => renderer.session_invite_sms(&invite(case, locale)),
        Purpose::SessionCode => renderer.typed_code_sms(&typed(case, locale, TypedFor::Session)),
        Purpose::SignerCode => renderer.typed_code_sms(&typed(case, locale, TypedFor::Signer)),
        Purpose::LoginCode => renderer.typed_code_sms(&typed(case, locale, TypedFor::Login)),
        Purpose::PinCode => renderer.typed_code_sms(&typed(case, locale, TypedFor::Pin)),
        Purpose::LoginChanged => return longest(login_texts(renderer, case, locale)),
        Purpose::LoginReminder => panic!("a reminder is no text"),
    }
    .unwrap()
}

/// Of all the news of a second step the one that says most.
fn longest(all: Vec<String>) -> String {
    all.into_iter().max_by_key(|said| said.chars().count()).unwrap()
}

fn call(renderer: &Renderer, case: &Case, spot: Spot, lines: &[Line]) -> Vec<String> {
    let lines: Vec<_> = lines.iter().map(|line| (*line, spot.locale)).collect();
    let said = match spot.kind {
        Purpose::ClientCode => renderer.client_code_call(&case.tenant, &lines, case.code),
        Purpose::SignerCode => renderer.typed_code_call(TypedFor::Signer, &case.tenant, &lines, case.code),
        Purpose::SessionCode => renderer.typed_code_call(TypedFor::Session, &case.tenant, &lines, case.code),
        other => panic!("{other:?} is no call"),
    };
    said.unwrap().iter().map(Said::in_words).collect()
}

fn worded(mut case: Case, spot: Spot, subject: &str, body: &str) -> Case {
    case.tenant.wordings.put(spot, Wording::read(1, &Draft::new(subject, body)).unwrap());
    case
}

#[test]
fn every_value_that_may_be_placed_is_there() {
    let renderer = Renderer::new().unwrap();
    for spot in Spot::all() {
        let sample = || case("sample", brand("Acme Relief", PHONE));
        for variable in variables(spot, &sample().tenant, &SAMPLE) {
            let line = if spot.channel == Channel::Voice { "bye: " } else { "" };
            let body = format!("{line}Own words: {{{{{}}}}}!", variable.name);
            let case = worded(sample(), spot, "Own words", &body);
            let said = match spot.channel {
                Channel::Email => email(&renderer, &case, spot).text,
                Channel::Sms => text(&renderer, &case, spot),
                Channel::Voice => call(&renderer, &case, spot, &[Line::Bye]).remove(0).replace(" !", "!"),
            };
            assert!(said.contains("Own words: "), "{spot} {}: {said}", variable.name);
            let value = said.split_once("Own words: ").unwrap().1.split_once('!').unwrap().0;
            let (is, longest) = (value.chars().count(), variable.longest.chars().count());
            assert!(
                is > 0 && (is <= longest || spot.channel == Channel::Email),
                "{spot} {}: {value}",
                variable.name
            );
        }
    }
}

#[test]
fn no_value_of_a_text_is_longer_than_what_is_counted() {
    each(|renderer, case, locale, what| {
        for spot in Spot::all().filter(|spot| spot.channel == Channel::Sms && spot.locale == locale) {
            let mut tenant = case.tenant.clone();
            // The code of the case has as many digits as its policy.
            let digits = u32::try_from(case.code.len()).unwrap();
            for rules in [
                &mut tenant.policy.client.code,
                &mut tenant.policy.signer.code,
                &mut tenant.policy.session.code,
                &mut tenant.policy.login.code,
            ] {
                rules.digits = digits;
            }
            for variable in variables(spot, &tenant, &SAMPLE) {
                let body = format!("Own: {{{{#if {0}}}}}{{{{{0}}}}}{{{{/if}}}}!", variable.name);
                let mut case = Case { tenant: tenant.clone(), ..*case };
                if spot.kind == Purpose::PinCode {
                    // As long as a PIN, whatever is decided of other codes.
                    case.code = &case.code[..6];
                }
                let said = text(renderer, &worded(case, spot, "", &body), spot);
                let value = said.strip_prefix("Own: ").and_then(|rest| rest.strip_suffix('!')).unwrap();
                let counted = gsm7::septets(&variable.longest).unwrap();
                assert!(gsm7::septets(value).unwrap() <= counted, "{what} {spot} {}: {value}", variable.name);
            }
        }
    });
}

#[test]
fn the_built_in_texts_may_be_published_as_they_are() {
    let phone = case("sample", brand("Acme Relief", PHONE)).tenant;
    let without = case("sample", countersign::domain::tenant::Brand::default()).tenant;
    for spot in Spot::all() {
        let draft = built_in(spot);
        assert!(!draft.is_built_in() && !draft.body.contains("frame"), "{spot}: {draft:?}");
        for tenant in [&phone, &without] {
            assert_eq!(faults(spot, tenant, &SAMPLE, &draft), [], "{spot}: {draft:?}");
        }
    }
}

#[test]
fn a_wording_is_whole_html_whatever_stands_in_it() {
    let body = "<script>x</script> & \"{{brand}}\"\n{{#if first_name}}{{first_name}}{{/if}}\n\n{{code}}\nFor {{valid_for}}\n\nand <b>more</b>";
    each(|renderer, case, locale, what| {
        let spot = Spot { kind: Purpose::ClientCode, channel: Channel::Email, locale };
        let case = worded(Case { tenant: case.tenant.clone(), ..*case }, spot, "<i> {{brand}}", body);
        let email = email(renderer, &case, spot);
        assert_balanced(&email.html, what);
        for mark in ["<script", "<img", "<b>", "<i>", "{{"] {
            // A name may look like a mark; what it looks like is shown.
            let typed = mark == "{{" && what.contains("template marks");
            assert!(typed || !email.html.contains(mark), "{what}: {mark}");
        }
        assert!(
            email.subject.starts_with("<i> ") && !email.subject.contains('\n'),
            "{what}: {}",
            email.subject
        );
        assert!(
            preheader(&email.html).chars().count() <= 140 && email.html.contains("class=\"code\""),
            "{what}"
        );
    });
}

#[test]
fn a_link_of_ours_leads_where_it_says() {
    let renderer = Renderer::new().unwrap();
    let spot = Spot::parse("pin_setup", "email", "en").unwrap();
    let case = worded(
        case("sample", brand("Acme Relief", PHONE)),
        spot,
        "PIN",
        "Set it:\n{{link}}\n\nCall {{phone}}",
    );
    let html = email(&renderer, &case, spot).html;
    assert!(html.contains(&format!("Set it:<br><a href=\"{LINK}\">{LINK}</a></p>")), "{html}");
}

#[test]
fn a_call_says_its_own_words_at_their_lines_and_what_was_typed_is_never_taken_for_the_code() {
    let renderer = Renderer::new().unwrap();
    for spot in Spot::all().filter(|spot| spot.channel == Channel::Voice) {
        let sample = case("sample", brand("Q&A <b>", PHONE));
        let built_in_says = call(&renderer, &sample, spot, &Line::ALL);
        // The built-in text, published, says what it said before.
        let published = worded(sample, spot, "", &built_in(spot).body);
        assert_eq!(call(&renderer, &published, spot, &Line::ALL), built_in_says, "{spot}");
        let own = "gate: Hi & <hello> from {{brand}}: 1\n\ncode:{{code}}, I repeat, {{code}}.\nbye:";
        let own = worded(case("sample", brand("Q&A <b>", PHONE)), spot, "", own);
        let said = call(&renderer, &own, spot, &[Line::Gate, Line::Code, Line::Bye, Line::Over]);
        assert_eq!(
            said[..2],
            ["Hi & <hello> from Q&A <b>: 1", "4 8 2 9 1 3 , I repeat, 4 8 2 9 1 3 ."],
            "{spot}"
        );
        // A line without words says the built-in ones, as one that is not there does.
        assert_eq!(said[2..], [built_in_says[9].as_str(), built_in_says[8].as_str()], "{spot}");
        assert_eq!([Line::ALL[9], Line::ALL[8]], [Line::Bye, Line::Over]);
    }
}

#[test]
fn every_news_of_a_second_step_says_what_changed_in_own_words() {
    let renderer = Renderer::new().unwrap();
    for spot in Spot::all().filter(|spot| spot.kind == Purpose::LoginChanged) {
        let sample = || case("sample", brand("Acme Relief", PHONE));
        let own = worded(sample(), spot, "News of {{brand}}", "So: {{change}}.");
        let (own, built_in): (Vec<_>, Vec<_>) = match spot.channel {
            Channel::Email => {
                let text = |case: &Case| {
                    login_emails(&renderer, case, spot.locale).into_iter().map(|email| email.text).collect()
                };
                (text(&own), text(&sample()))
            }
            _ => (login_texts(&renderer, &own, spot.locale), login_texts(&renderer, &sample(), spot.locale)),
        };
        for (own, built_in) in own.iter().zip(&built_in) {
            let (_, change) = own.split_once("So: ").unwrap_or_else(|| panic!("{spot}: {own}"));
            let (change, _) = change.split_once(".\n").unwrap_or((change.trim_end_matches('.'), ""));
            assert!(!change.is_empty() && built_in.contains(change), "{spot}: {change:?} of {built_in}");
        }
    }
}
