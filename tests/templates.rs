//! Every message, in every language, with the longest, the shortest and the oddest values it may be given.
//!
//! What a contact reads decides whether a caller can trick them, so its wording and shape are held here.

#[cfg(test)]
#[path = "templates/calls.rs"]
mod calls;
#[cfg(test)]
#[path = "templates/guests.rs"]
mod guests;
#[cfg(test)]
#[path = "templates/logins.rs"]
mod logins;
#[cfg(test)]
#[path = "templates/pins.rs"]
mod pins;
#[cfg(test)]
#[path = "templates/sample.rs"]
mod sample;
#[cfg(test)]
#[expect(dead_code, reason = "only the relay that takes everything is wanted here")]
#[path = "support/smtp.rs"]
mod smtp;
#[cfg(test)]
#[path = "templates/spam.rs"]
mod spam;
#[cfg(test)]
#[path = "templates/wordings.rs"]
mod wordings;

use std::path::PathBuf;
use std::time::Duration;

use countersign::domain::gsm7;
use countersign::domain::i18n;
use countersign::domain::locale::Locale;
use countersign::domain::spoken::spoken;
use countersign::domain::tenant::Brand;
use countersign::message::render::{ClientCode, Renderer};
use regex::Regex;

use sample::{
    Case, PHONE, all_emails, assert_balanced, brand, case, code, each, emails, pin_texts, preheader, texts,
};

#[test]
fn the_sample_texts_read_as_written() {
    let renderer = Renderer::new().unwrap();
    let sample = case("sample", brand("Acme Relief", PHONE));
    let bare = Case { agent: None, ..case("bare", Brand::default()) };
    let expected = [
        (
            texts(&renderer, &sample, Locale::En),
            "482 913 is your Acme Relief code. Read it only to Maria, on the phone with you now. Not on a call with us? Don't share it. Call 800-555-0199",
            "Acme Relief: we verified your identity on a call on Dec 30, 10:59 AM. Wasn't you? Call 800-555-0199 now.",
        ),
        (
            texts(&renderer, &sample, Locale::Es),
            "482 913 es su codigo de Acme Relief. Léalo solo a Maria, con quien habla ahora. ¿No habla con nosotros? No lo comparta. Llame al 800-555-0199",
            "Acme Relief: verificamos su identidad en una llamada (30 dic, 10:59 a.m.). ¿No fue usted? Llame ya al 800-555-0199.",
        ),
        (
            texts(&renderer, &bare, Locale::En),
            "482 913 is your Acme Relief code. Read it only to our agent on the phone with you now. Not on a call with us? Don't share it.",
            "Acme Relief: we verified your identity on a call on Dec 30, 10:59 AM. Wasn't you? Call our office now.",
        ),
        (
            texts(&renderer, &bare, Locale::Es),
            "482 913 es su codigo de Acme Relief. Léalo solo al agente con quien habla ahora. ¿No habla con nosotros? No lo comparta.",
            "Acme Relief: verificamos su identidad en una llamada (30 dic, 10:59 a.m.). ¿No fue usted? Llame ya a nuestra oficina.",
        ),
    ];
    for (texts, code, receipt) in expected {
        assert_eq!(texts, [code, receipt]);
    }
}

#[test]
fn every_text_is_one_plain_segment_on_one_line() {
    each(|renderer, case, locale, what| {
        for text in texts(renderer, case, locale) {
            assert!(gsm7::septets(&text).is_some_and(|septets| septets <= 160), "{what}: {text}");
            assert_eq!(gsm7::septets(&text), Some(text.chars().count()), "{what}: extensions in {text}");
            assert!(!text.contains(['\n', '\r', '@', '#']), "{what}: {text}");
            assert!(!text.contains("  ") && text.trim() == text, "{what}: {text}");
            assert!(case.phone.is_none_or(|phone| text.contains(phone)), "{what}: {text}");
        }
    });
}

#[test]
fn a_code_text_says_its_code_once_and_first() {
    each(|renderer, case, locale, what| {
        let text = renderer.client_code_sms(&code(case, locale)).unwrap();
        let spoken = spoken(case.code);
        assert!(text.starts_with(&spoken), "{what}: {text}");
        assert_eq!(text.matches(&spoken).count(), 1, "{what}: {text}");
        assert!(!text.contains(case.code), "{what}: {text}");
    });
}

#[test]
fn the_agent_is_named_by_first_name_unless_the_tenant_hides_it() {
    each(|renderer, case, locale, what| {
        let text = renderer.client_code_sms(&code(case, locale)).unwrap();
        let email = renderer.client_code_email(&code(case, locale)).unwrap();
        let shown = case.agent == Some("Maria Lopez") && case.tenant.policy.client.agent_name;
        assert_eq!(email.text.contains("Maria"), shown, "{what}: {}", email.text);
        assert_eq!(email.html.contains("Maria"), shown, "{what}");
        assert_eq!(text.contains("Maria"), shown, "{what}: {text}");
        assert!(!email.text.contains("Lopez") && !text.contains("Lopez"), "{what}");
    });
}

#[test]
fn where_a_name_leaves_no_room_the_text_goes_without_it() {
    let renderer = Renderer::new().unwrap();
    let full = brand("ABCDEFGHIJKLMNOPQR", "+1 (800) 555-0199 x12345");
    let case = Case { agent: Some("Maximilianoalejandro"), code: "48291357", ..case("full", full) };
    let text = renderer.client_code_sms(&code(&case, Locale::Es)).unwrap();
    assert!(text.contains("al agente con quien") && text.ends_with("+18005550199x12345"), "{text}");
}

#[test]
fn a_spoken_code_never_carries_the_words_of_a_typed_one() {
    let typed = Regex::new("(?i)never share|never ask|with anyone|con nadie|nunca").unwrap();
    each(|renderer, case, locale, what| {
        let email = renderer.client_code_email(&code(case, locale)).unwrap();
        let text = renderer.client_code_sms(&code(case, locale)).unwrap();
        for part in [&email.subject, &email.text, &email.html, &text] {
            assert!(!typed.is_match(part), "{what}: {part}");
        }
        let phone = case.tenant.brand.support_phone.as_deref().unwrap_or_default();
        assert!(email.text.contains(phone) && email.html.contains(phone), "{what}");
    });
}

#[test]
fn no_message_with_or_after_a_code_carries_a_link() {
    let link = Regex::new(r"(?i)https?:|www\.|<a[ >]|href|evil\.test|y\.test").unwrap();
    each(|renderer, case, locale, what| {
        let mut parts: Vec<String> = texts(renderer, case, locale).into();
        for email in emails(renderer, case, locale) {
            parts.extend([email.subject, email.text, email.html]);
        }
        for part in parts {
            assert!(!link.is_match(&part), "{what}: {part}");
        }
    });
}

#[test]
fn subjects_are_one_short_line_without_the_code() {
    let digit = Regex::new(r"\d").unwrap();
    each(|renderer, case, locale, what| {
        for email in all_emails(renderer, case, locale) {
            // Two of them have the longest name.
            let longest = ["longest", "a number as people write it"].contains(&case.what);
            let most = if longest { 60 } else { 50 };
            assert!(email.subject.chars().count() <= most, "{what}: {}", email.subject);
            assert!(!email.subject.chars().any(char::is_control), "{what}: {}", email.subject);
            // What it is called has a digit of its own.
            let bare = email.subject.replace("2-step", "").replace("2 pasos", "");
            assert!(!digit.is_match(&bare), "{what}: {}", email.subject);
        }
    });
}

#[test]
fn the_preheader_is_short_and_says_the_code() {
    each(|renderer, case, locale, what| {
        let all = all_emails(renderer, case, locale);
        assert!(preheader(&all[0].html).starts_with(&spoken(case.code)), "{what}");
        for email in all {
            let preheader = preheader(&email.html);
            assert!((30..=90).contains(&preheader.chars().count()), "{what}: {preheader}");
        }
    });
}

#[test]
fn the_text_part_has_the_code_alone_on_its_line() {
    each(|renderer, case, locale, what| {
        let text = renderer.client_code_email(&code(case, locale)).unwrap().text;
        let alone = text.lines().filter(|line| *line == spoken(case.code)).count();
        assert_eq!(alone, 1, "{what}: {text}");
        assert_eq!(text.matches(&spoken(case.code)).count(), 1, "{what}: {text}");
        assert!(!text.lines().any(|line| line.starts_with('@')), "{what}: {text}");
        assert!(!text.contains("\n\n\n"), "{what}: {text}");
    });
}

#[test]
fn html_is_whole_and_small() {
    each(|renderer, case, locale, what| {
        for email in all_emails(renderer, case, locale) {
            assert_balanced(&email.html, what);
            assert!(email.html.len() < 40_000, "{what}: {} bytes", email.html.len());
            let color = case.tenant.brand.color.as_deref().unwrap_or("#424a53");
            let lang = format!("<html lang=\"{locale}\">");
            for wanted in [&lang, "role=\"presentation\"", "content=\"light dark\"", "telephone=no", color] {
                assert!(email.html.contains(wanted), "{what}: {wanted}");
            }
        }
    });
}

#[test]
fn values_are_escaped_in_html_and_only_there() {
    each(|renderer, case, locale, what| {
        for email in all_emails(renderer, case, locale) {
            for mark in ["<script", "<img", "<b>"] {
                assert!(!email.html.contains(mark), "{what}: {mark}");
            }
            assert!(!email.html.contains("{{code") && !email.text.contains("{{code"), "{what}");
            let odd = case.what == "markup";
            assert_eq!(email.html.contains("Q&amp;&quot;A&quot; &lt;script&gt;x"), odd, "{what}");
            assert_eq!(email.text.contains(r#"Q&"A" <script>x"#), odd, "{what}");
        }
    });
}

#[test]
fn spanish_says_usted_and_opens_its_questions() {
    let familiar = Regex::new(r"(?i)\b(tu|tú|tus|ti|ingresa|haz|tienes|puedes|compartas|codigo)\b").unwrap();
    each(|renderer, case, locale, what| {
        if locale == Locale::En {
            return;
        }
        let mut parts: Vec<String> =
            all_emails(renderer, case, locale).into_iter().map(|email| email.subject + &email.text).collect();
        assert!(parts.iter().all(|part| !familiar.is_match(part)), "{what}");
        parts.extend(texts(renderer, case, locale));
        parts.extend(pin_texts(renderer, case, locale));
        for part in parts {
            assert_eq!(part.matches('?').count(), part.matches('¿').count(), "{what}: {part}");
        }
    });
}

#[test]
fn times_are_written_for_their_language() {
    let renderer = Renderer::new().unwrap();
    let sample = case("sample", brand("Acme Relief", PHONE));
    let cases = [
        (Locale::En, 600, "Expires in 10 minutes (sent 1:05 PM EST)"),
        (Locale::Es, 600, "Vence en 10 minutos (enviado a la 1:05 p.m. EST)"),
        (Locale::En, 30, "Expires in 30 seconds (sent 1:05 PM EST)"),
        (Locale::Es, 60, "Vence en 1 minuto (enviado a la 1:05 p.m. EST)"),
        (Locale::En, 86_400, "Expires in 24 hours (sent 1:05 PM EST)"),
    ];
    for (locale, seconds, expected) in cases {
        let message = ClientCode { valid_for: Duration::from_secs(seconds), ..code(&sample, locale) };
        let email = renderer.client_code_email(&message).unwrap();
        assert!(email.text.contains(expected) && email.html.contains(expected), "{}", email.text);
    }
}

#[test]
fn only_an_https_logo_is_shown_with_the_brand_as_its_name() {
    let renderer = Renderer::new().unwrap();
    let cases = [("https://acme.test/l.png", true), ("http://acme.test/l.png", false), ("logo.png", false)];
    for (logo, shown) in cases {
        let case = case("logo", Brand { logo: Some(logo.to_owned()), ..brand("Acme Relief", PHONE) });
        let html = renderer.client_code_email(&code(&case, Locale::En)).unwrap().html;
        assert_eq!(html.contains("<img src=\"https:"), shown, "{logo}");
        assert_eq!(html.contains("alt=\"Acme Relief\""), shown, "{logo}");
    }
}

#[test]
fn no_key_that_code_uses_is_missing_from_the_texts() {
    let used = Regex::new(r#""((?:button|window|channel|method|page|fault)\.[a-z][a-z0-9_.]*)""#).unwrap();
    let mut folders = vec![PathBuf::from("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let source = std::fs::read_to_string(&path).unwrap_or_default();
            let keys = used.captures_iter(&source).map(|found| found[1].to_owned());
            // `window.js` is the name of a file.
            for key in keys.filter(|key| !matches!(key.rsplit('.').next(), Some("js" | "css"))) {
                assert_ne!(i18n::text(Locale::En, &key), key, "{} uses it", path.display());
            }
        }
    }
}
