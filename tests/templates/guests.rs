//! The messages to guests (D1, J1, J2, V2, V3): with the longest values a text stays one segment, the code is bound to the
//! page's host, and what is typed is never told to anyone.

use std::time::Duration;

use countersign::domain::call::script::Line;
use countersign::domain::gsm7;
use countersign::domain::locale::Locale;
use countersign::domain::timestamp::Timestamp;
use countersign::message::render::{EmailBody, Piece, Renderer, SessionInvite, TypedCode, TypedFor};
use regex::Regex;

use crate::sample::{Case, LINK, PHONE, assert_balanced, brand, case, each, preheader};

const BOTH: [TypedFor; 2] = [TypedFor::Signer, TypedFor::Session];
/// As in the address of the service: a short one, a usual one, and one that leaves no room for every word.
const HOSTS: [&str; 3] =
    ["verify.acme.com", "verify.cornerstone-peo.com", "identity-verification.customers.cornerstone-peo.com"];

fn typed<'a>(
    case: &'a Case,
    locale: Locale,
    purpose: TypedFor,
    host: &'a str,
    valid_for: Duration,
) -> TypedCode<'a> {
    TypedCode { tenant: &case.tenant, locale, purpose, name: case.contact, code: case.code, host, valid_for }
}

fn invite<'a>(case: &'a Case, locale: Locale, link: &'a str) -> SessionInvite<'a> {
    SessionInvite {
        tenant: &case.tenant,
        locale,
        name: case.contact,
        agent_name: case.agent.unwrap_or_default(),
        link,
        // The longest of dates and times.
        starts_at: Some(Timestamp::parse("2026-12-30T15:59:00Z").unwrap()),
        coded: true,
        last2: "42",
    }
}

fn one_plain_segment(text: &str, what: &str) {
    assert!(gsm7::septets(text).is_some_and(|septets| septets <= 160), "{what}: {text}");
    assert_eq!(gsm7::septets(text), Some(text.chars().count()), "{what}: extensions in {text}");
    assert!(!text.contains('\r') && !text.contains("  ") && text.trim() == text, "{what}: {text}");
}

#[test]
fn the_sample_texts_read_as_written() {
    let renderer = Renderer::new().unwrap();
    let sample = case("sample", brand("Acme Relief", PHONE));
    let text = |locale, purpose, minutes| {
        let code = typed(&sample, locale, purpose, HOSTS[0], Duration::from_mins(minutes));
        renderer.typed_code_sms(&code).unwrap()
    };
    let end = "\n\n@verify.acme.com #482913";
    for (locale, purpose, minutes, expected) in [
        (
            Locale::En,
            TypedFor::Signer,
            24 * 60,
            "482913 is your Acme Relief signing code. Type it on the document page. Don't share it. Expires in 24 h.",
        ),
        (
            Locale::Es,
            TypedFor::Signer,
            24 * 60,
            "482913 es su codigo de firma de Acme Relief. Ingréselo para abrir el documento. No lo comparta. Vence en 24 h.",
        ),
        (
            Locale::En,
            TypedFor::Session,
            10,
            "482913 is your Acme Relief session code. Type it on the page to join. Don't share it. Expires in 10 min.",
        ),
        (
            Locale::Es,
            TypedFor::Session,
            10,
            "482913 es su codigo de sesion de Acme Relief. Ingréselo para entrar. No lo comparta. Vence en 10 min.",
        ),
    ] {
        assert_eq!(text(locale, purpose, minutes), format!("{expected}{end}"));
    }
    let invited = |locale| renderer.session_invite_sms(&invite(&sample, locale, LINK)).unwrap();
    assert_eq!(
        invited(Locale::En),
        format!(
            "Acme Relief: your session is Dec 30, 10:59 AM. Join:\n{LINK}\nWe'll email you a code when you join."
        )
    );
    assert_eq!(
        invited(Locale::Es),
        format!(
            "Acme Relief: su sesion: 30 dic, 10:59 a.m. Entre en:\n{LINK}\nLe llega un codigo por correo."
        )
    );
}

#[test]
fn a_code_text_is_one_segment_that_begins_with_the_code_and_binds_it_to_the_host() {
    each(|renderer, case, locale, what| {
        for (purpose, host) in BOTH.iter().flat_map(|purpose| HOSTS.map(|host| (*purpose, host))) {
            for valid_for in [30, 59 * 60, 86_400].map(Duration::from_secs) {
                let text = renderer.typed_code_sms(&typed(case, locale, purpose, host, valid_for)).unwrap();
                one_plain_segment(&text, what);
                assert!(text.starts_with(&format!("{} ", case.code)), "{what}: {text}");
                assert!(text.ends_with(&format!("\n\n@{host} #{}", case.code)), "{what}: {text}");
                assert_eq!((text.matches(case.code).count(), text.lines().count()), (2, 3), "{what}: {text}");
                assert!(!text.contains("http") && !text.contains("www."), "{what}: {text}");
                let rule = if locale == Locale::En { "Don't share it." } else { "No lo comparta." };
                assert!(text.contains(rule), "{what}: {text}");
            }
        }
    });
}

#[test]
fn an_invitation_is_one_segment_with_its_link_alone_on_a_line_and_no_code() {
    let far = "https://identity-verification.customers.cornerstone-peo.com/p/4Zk_0-wQeXv71TbyLm29sA";
    each(|renderer, case, locale, what| {
        for (link, planned, coded) in [LINK, far]
            .iter()
            .flat_map(|link| [(true, true), (true, false), (false, true)].map(|(p, c)| (*link, p, c)))
        {
            let invite = invite(case, locale, link);
            let starts_at = invite.starts_at.filter(|_| planned);
            let text = renderer.session_invite_sms(&SessionInvite { starts_at, coded, ..invite }).unwrap();
            // An address has marks that other texts go without.
            let bare = text.replace(link, "");
            assert!(gsm7::septets(&text).is_some_and(|septets| septets <= 160), "{what}: {text}");
            assert_eq!(gsm7::septets(&bare), Some(bare.chars().count()), "{what}: extensions in {text}");
            assert_eq!(text.lines().filter(|line| *line == link).count(), 1, "{what}: {text}");
            assert_eq!(text.matches("http").count(), 1, "{what}: {text}");
            assert!(!text.contains(['@', '#']) && !text.contains(case.code), "{what}: {text}");
        }
    });
}

fn emails(renderer: &Renderer, case: &Case, locale: Locale) -> [EmailBody; 2] {
    let code = typed(case, locale, TypedFor::Session, HOSTS[1], Duration::from_mins(10));
    [
        renderer.session_invite_email(&invite(case, locale, LINK)).unwrap(),
        renderer.session_code_email(&code).unwrap(),
    ]
}

#[test]
fn emails_to_participants_are_whole_and_only_the_invitation_has_a_link() {
    let link = Regex::new(r"(?i)https?:|<a[ >]|href").unwrap();
    let marks = Regex::new(r"(?i)<script|<img src=x|<b>|\{\{").unwrap();
    each(|renderer, case, locale, what| {
        let [invitation, code] = emails(renderer, case, locale);
        for email in [&invitation, &code] {
            assert_balanced(&email.html, what);
            assert!(!marks.is_match(&email.html) || case.what == "template marks", "{what}");
            assert!(!email.subject.chars().any(char::is_control), "{what}: {}", email.subject);
            assert!(email.subject.chars().count() <= 60, "{what}: {}", email.subject);
            assert!((30..=90).contains(&preheader(&email.html).chars().count()), "{what}");
            assert!(!email.text.contains("\n\n\n"), "{what}: {}", email.text);
            let (opened, asked) = (email.text.matches('¿').count(), email.text.matches('?').count());
            assert!(locale == Locale::En || opened == asked, "{what}: {}", email.text);
        }
        assert_eq!(invitation.text.matches(LINK).count(), 1, "{what}: {}", invitation.text);
        assert!(!invitation.text.contains(case.code), "{what}: {}", invitation.text);
        assert_eq!(code.text.lines().filter(|line| *line == case.code).count(), 1, "{what}: {}", code.text);
        assert!(!code.subject.contains(case.code), "{what}: {}", code.subject);
        for part in [&code.text, &code.html] {
            assert!(!link.is_match(part), "{what}: {part}");
        }
    });
}

#[test]
fn a_call_with_a_code_to_type_says_it_on_its_own_line_and_to_share_it_with_nobody() {
    each(|renderer, case, locale, what| {
        for purpose in BOTH {
            let in_words = |line| {
                let said =
                    renderer.typed_code_call(purpose, &case.tenant, &[(line, locale)], case.code).unwrap();
                let piece = |piece: &Piece| match piece {
                    Piece::Words(words) => words.clone(),
                    Piece::Digits(code) => format!("<{code}>"),
                };
                said[0].pieces.iter().map(piece).collect::<Vec<_>>().join(" ")
            };
            for line in Line::ALL {
                let text = in_words(line);
                let times = if line == Line::Code { 2 } else { 0 };
                assert_eq!(
                    text.matches(&format!("<{}>", case.code)).count(),
                    times,
                    "{what} {line:?}: {text}"
                );
                assert_eq!(text.matches(case.code).count(), times, "{what} {line:?}: {text}");
                assert!(!text.contains("http") && !text.contains("  "), "{what} {line:?}: {text}");
                assert!(!text.contains("our agent") && !text.contains("nuestro agente"), "{what}: {text}");
            }
            let (for_what, rule) = match (purpose, locale) {
                (TypedFor::Signer, Locale::En) => ("signing code", "Do not share it with anyone."),
                (TypedFor::Signer, Locale::Es) => ("código de firma", "No lo comparta con nadie."),
                (TypedFor::Session, Locale::En) => ("session code", "Do not share it with anyone."),
                (TypedFor::Session, Locale::Es) => ("código de sesión", "No lo comparta con nadie."),
                (TypedFor::Login | TypedFor::Pin, _) => unreachable!("nobody is called with these"),
            };
            assert!(
                in_words(Line::Gate).contains(for_what) && in_words(Line::Code).contains(for_what),
                "{what}"
            );
            assert!(in_words(Line::Rule).ends_with(rule), "{what}: {}", in_words(Line::Rule));
        }
    });
}
