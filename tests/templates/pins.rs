//! The messages about a security PIN: what they say, where their one link stands, and that texts stay one segment.

use std::time::Duration;

use countersign::domain::gsm7;
use countersign::domain::locale::Locale;
use countersign::domain::tenant::Brand;
use countersign::domain::timestamp::Timestamp;
use countersign::message::render::{PinLink, Renderer, TypedCode, TypedFor};
use regex::Regex;

use crate::sample::{Case, LINK, PHONE, brand, case, each, pin_emails, pin_link, pin_texts};

#[test]
fn the_sample_texts_read_as_written() {
    let renderer = Renderer::new().unwrap();
    let sample = case("sample", brand("Acme Relief", PHONE));
    let bare = case("bare", Brand::default());
    let setup = |before: &str, after: &str| format!("Acme Relief: {before}:\n{LINK}\n{after}");
    for (case, locale, expected) in [
        (
            &sample,
            Locale::En,
            [
                setup("create your security PIN within 24 h", "Not expecting it? Call 800-555-0199"),
                setup("create a new security PIN within 24 h", "Wasn't you? Call 800-555-0199"),
                "Acme Relief: your security PIN was set on Dec 30, 10:59 AM. Wasn't you? Call 800-555-0199 now.".to_owned(),
                "Acme Relief: your security PIN was changed on Dec 30, 10:59 AM. Wasn't you? Call 800-555-0199 now.".to_owned(),
            ],
        ),
        (
            &sample,
            Locale::Es,
            [
                setup("cree su PIN de seguridad. Vence en 24 h", "¿Dudas? Llame al 800-555-0199"),
                setup("cambie su PIN. Vence en 24 h", "¿No fue usted? Llame al 800-555-0199"),
                "Acme Relief: su PIN de seguridad fue creado (30 dic, 10:59 a.m.). ¿No fue usted? Llame ya al 800-555-0199.".to_owned(),
                "Acme Relief: su PIN de seguridad fue cambiado (30 dic, 10:59 a.m.). ¿No fue usted? Llame ya al 800-555-0199.".to_owned(),
            ],
        ),
        (
            &bare,
            Locale::En,
            [
                setup("create your security PIN within 24 h", "Not expecting it? Call our office."),
                setup("create a new security PIN within 24 h", "Wasn't you? Call our office."),
                "Acme Relief: your security PIN was set on Dec 30, 10:59 AM. Wasn't you? Call our office now.".to_owned(),
                "Acme Relief: your security PIN was changed on Dec 30, 10:59 AM. Wasn't you? Call our office now.".to_owned(),
            ],
        ),
        (
            &bare,
            Locale::Es,
            [
                setup("cree su PIN de seguridad. Vence en 24 h", "¿Dudas? Llame a nuestra oficina."),
                setup("cambie su PIN. Vence en 24 h", "¿No fue usted? Llame a nuestra oficina."),
                "Acme Relief: su PIN de seguridad fue creado (30 dic, 10:59 a.m.). ¿No fue usted? Llame ya a nuestra oficina.".to_owned(),
                "Acme Relief: su PIN de seguridad fue cambiado (30 dic, 10:59 a.m.). ¿No fue usted? Llame ya a nuestra oficina.".to_owned(),
            ],
        ),
    ] {
        assert_eq!(pin_texts(&renderer, case, locale), expected);
    }
}

#[test]
fn every_text_is_one_plain_segment_with_its_link_alone_on_a_line() {
    each(|renderer, case, locale, what| {
        let [setup, reset, set, changed] = pin_texts(renderer, case, locale);
        for text in [&setup, &reset, &set, &changed] {
            assert!(gsm7::septets(text).is_some_and(|septets| septets <= 160), "{what}: {text}");
            assert_eq!(gsm7::septets(text), Some(text.chars().count()), "{what}: extensions in {text}");
            assert!(!text.contains(['\r', '@', '#']) && !text.contains("  "), "{what}: {text}");
            assert!(case.phone.is_none_or(|phone| text.contains(phone)), "{what}: {text}");
        }
        for text in [setup, reset] {
            assert_eq!(text.lines().filter(|line| *line == LINK).count(), 1, "{what}: {text}");
            assert_eq!(text.matches("http").count(), 1, "{what}: {text}");
        }
        for text in [set, changed] {
            assert!(!text.contains("http") && !text.contains('\n'), "{what}: {text}");
        }
    });
}

#[test]
fn what_a_long_address_leaves_no_room_for_is_left_out() {
    let renderer = Renderer::new().unwrap();
    let longest = case("longest", brand("Cornerstone People", "1-800-555-0199"));
    let link = |host: &str| format!("https://{host}/p/4Zk_0-wQeXv71TbyLm29sA");
    for (host, says_when, says_phone) in [
        ("verify.cornerstone-peo.com", true, true),
        ("verify.cornerstone-and-sons-peo.com", false, true),
        ("verification-of-identity-by-telephone.cornerstone-and-sons.com", false, false),
    ] {
        for locale in Locale::ALL {
            let link = link(host);
            let message = PinLink { link: &link, ..pin_link(&longest, locale, false) };
            let text = renderer.pin_link_sms(&message).unwrap();
            assert_eq!(gsm7::segments(&text), 1, "{text}");
            assert!(text.lines().any(|line| line == link), "{text}");
            assert_eq!(text.contains("1-800-555-0199"), says_phone, "{text}");
            assert_eq!(text.contains("24 h"), says_when, "{text}");
        }
    }
}

#[test]
fn an_email_has_its_link_once_to_click_and_once_to_copy_and_no_other() {
    let address = Regex::new(r#"https?://[^"<\s]+"#).unwrap();
    each(|renderer, case, locale, what| {
        let [setup, reset, set, changed] = pin_emails(renderer, case, locale);
        for email in [setup, reset] {
            let found = |text: &str| {
                address.find_iter(text).map(|found| found.as_str().to_owned()).collect::<Vec<_>>()
            };
            let origin = "https://verify.cornerstone-peo.com/";
            assert_eq!(found(&email.html), [LINK, LINK, origin], "{what}");
            assert_eq!(email.html.matches("<a ").count(), 1, "{what}");
            assert!(email.html.contains(&format!("<a href=\"{LINK}\"")), "{what}");
            assert_eq!(found(&email.text), [LINK, origin], "{what}");
            assert_eq!(email.text.lines().filter(|line| *line == LINK).count(), 1, "{what}: {}", email.text);
            assert!(!email.subject.contains("http"), "{what}");
        }
        for email in [set, changed] {
            assert!(!email.html.contains("http") && !email.text.contains("http"), "{what}");
        }
    });
}

#[test]
fn whoever_gets_a_link_is_told_whom_to_tell_the_pin_and_whom_to_call() {
    each(|renderer, case, locale, what| {
        let [setup, reset, set, changed] = pin_emails(renderer, case, locale);
        let only = match locale {
            Locale::En => "Tell it only to our representative, on a call you made to",
            Locale::Es => "Dígalo solo a nuestro representante, en una llamada que usted",
        };
        for email in [&setup, &reset] {
            assert!(email.text.contains(only), "{what}: {}", email.text);
        }
        let phone = case.tenant.brand.support_phone.as_deref().unwrap_or_default();
        for email in [setup, reset, set, changed] {
            assert!(email.text.contains(phone), "{what}: {}", email.text);
        }
    });
}

#[test]
fn an_email_says_how_long_its_link_lives() {
    let renderer = Renderer::new().unwrap();
    let sample = case("sample", brand("Acme Relief", PHONE));
    let sent_at = Timestamp::parse("2026-12-30T15:59:02Z").unwrap();
    for (expires_at, locale, setup, preheader) in [
        (
            "2026-12-31T15:59:00Z",
            Locale::En,
            "It expires on Dec 31 at 10:59 AM (EST).",
            "expires in 24 hours.",
        ),
        ("2026-12-31T15:49:00Z", Locale::Es, "Vence el 31 dic a las 10:49 a.m. (EST).", "vence en 23 horas."),
        (
            "2026-12-30T17:29:00Z",
            Locale::En,
            "It expires on Dec 30 at 12:29 PM (EST).",
            "expires in 90 minutes.",
        ),
        (
            "2026-12-30T16:04:00Z",
            Locale::Es,
            "Vence el 30 dic a las 11:04 a.m. (EST).",
            "vence en 5 minutos.",
        ),
        (
            "2026-12-30T15:59:10Z",
            Locale::En,
            "It expires on Dec 30 at 10:59 AM (EST).",
            "expires in 1 minute.",
        ),
    ] {
        let expires_at = Timestamp::parse(expires_at).unwrap();
        let email = renderer
            .pin_link_email(&PinLink { expires_at, sent_at, ..pin_link(&sample, locale, false) })
            .unwrap();
        assert!(email.text.contains(setup), "{}", email.text);
        assert!(email.html.contains(preheader), "{}", email.html);
    }
}

#[test]
fn the_code_before_a_pin_is_one_segment_that_binds_it_to_the_host() {
    let text = |renderer: &Renderer, case: &Case, locale, host| {
        let message = TypedCode {
            tenant: &case.tenant,
            locale,
            purpose: TypedFor::Pin,
            name: case.contact,
            code: case.code,
            host,
            valid_for: Duration::from_mins(10),
        };
        renderer.typed_code_sms(&message).unwrap()
    };
    let sample = case("sample", brand("Acme Relief", PHONE));
    let renderer = Renderer::new().unwrap();
    for (locale, expected) in [
        (
            Locale::En,
            "482913 is your Acme Relief code to set your PIN. Don't share it with anyone. We'll never ask you for it.",
        ),
        (
            Locale::Es,
            "482913 es su codigo de Acme Relief para crear su PIN. No lo comparta con nadie, ni con nosotros.",
        ),
    ] {
        let whole = format!("{expected}\n\n@verify.acme.com #482913");
        assert_eq!(text(&renderer, &sample, locale, "verify.acme.com"), whole);
    }
    each(|renderer, case, locale, what| {
        for host in ["verify.cornerstone-peo.com", "identity-verification.customers.cornerstone-peo.com"] {
            let text = text(renderer, case, locale, host);
            assert!(gsm7::septets(&text).is_some_and(|septets| septets <= 160), "{what}: {text}");
            assert!(text.starts_with(&format!("{} ", case.code)), "{what}: {text}");
            assert!(text.ends_with(&format!("\n\n@{host} #{}", case.code)), "{what}: {text}");
            let rule = if locale == Locale::En { "Don't share it" } else { "No lo comparta" };
            assert!(text.contains(rule) && !text.contains("http"), "{what}: {text}");
        }
    });
}
