//! The messages to users who sign in (L1, E-L2, E-L3): a code to type, and the news that a second step changed.

use std::time::Duration;

use countersign::domain::gsm7;
use countersign::domain::locale::Locale;
use countersign::message::render::{Renderer, TypedCode, TypedFor};

use crate::sample::{
    Case, PHONE, assert_balanced, brand, case, each, login_emails, login_texts, preheader, reminder_emails,
};

const HOSTS: [&str; 2] = ["verify.acme.com", "identity-verification.customers.cornerstone-peo.com"];

fn code<'a>(case: &'a Case, locale: Locale, host: &'a str) -> TypedCode<'a> {
    let valid_for = Duration::from_mins(10);
    TypedCode {
        tenant: &case.tenant,
        locale,
        purpose: TypedFor::Login,
        name: case.contact,
        code: case.code,
        host,
        valid_for,
    }
}

/// What each language says of every change, in the order of the samples.
const SAYS: [(&str, &str); 12] = [
    ("An authenticator app was added.", "Se agregó una aplicación de autenticación."),
    ("Text messages were added.", "Se agregaron los mensajes de texto."),
    ("The authenticator app was removed.", "Se quitó la aplicación de autenticación."),
    ("Text messages were removed.", "Se quitaron los mensajes de texto."),
    ("A backup code was used to sign in. 3 left.", "Se usó un código de respaldo para entrar. Quedan 3."),
    (
        "New backup codes were made. The old ones no longer work.",
        "Se crearon códigos de respaldo nuevos. Los anteriores ya no sirven.",
    ),
    ("A backup code was used to sign in. 1 left.", "Se usó un código de respaldo para entrar. Queda 1."),
    (
        "Trusted devices were removed. They will ask for a code again.",
        "Se quitaron dispositivos de confianza. Volverán a pedir un código.",
    ),
    (
        "An administrator reset your 2-step login. You will set it up again the next time you sign in.",
        "Un administrador restableció su verificación en 2 pasos. Tendrá que configurarla de nuevo la próxima vez que entre.",
    ),
    (
        "An administrator set a new password for you. You are signed out everywhere.",
        "Un administrador le puso una contraseña nueva. Se cerraron todas sus sesiones.",
    ),
    ("It will not ask for a code for 30 days.", "No pedirá código durante 30 días."),
    ("It will not ask for a code for 1 day.", "No pedirá código durante 1 día."),
];

#[test]
fn the_sample_texts_read_as_written() {
    let renderer = Renderer::new().unwrap();
    let sample = case("sample", brand("Acme Relief", PHONE));
    for (locale, expected) in [
        (
            Locale::En,
            "482913 is your Acme Relief sign-in code. Don't share it with anyone. We'll never ask you for it.",
        ),
        (
            Locale::Es,
            "482913 es su codigo de acceso de Acme Relief. No lo comparta con nadie, ni con nosotros.",
        ),
    ] {
        let text = renderer.typed_code_sms(&code(&sample, locale, HOSTS[0])).unwrap();
        assert_eq!(text, format!("{expected}\n\n@verify.acme.com #482913"));
        let trusted = login_texts(&renderer, &sample, locale).pop().unwrap();
        assert!(trusted.contains(": Samsung Internet, Android ("), "{trusted}");
    }
}

#[test]
fn a_code_text_is_one_segment_that_binds_the_code_to_the_host() {
    each(|renderer, case, locale, what| {
        for host in HOSTS {
            let text = renderer.typed_code_sms(&code(case, locale, host)).unwrap();
            assert!(gsm7::septets(&text).is_some_and(|septets| septets <= 160), "{what}: {text}");
            assert!(text.starts_with(&format!("{} ", case.code)), "{what}: {text}");
            assert!(text.ends_with(&format!("\n\n@{host} #{}", case.code)), "{what}: {text}");
            let rule = if locale == Locale::En { "Don't share it" } else { "No lo comparta" };
            assert!(text.contains(rule) && !text.contains("http"), "{what}: {text}");
        }
    });
}

#[test]
fn an_email_says_what_changed_when_and_with_what_and_has_no_link() {
    each(|renderer, case, locale, what| {
        let emails = login_emails(renderer, case, locale);
        assert_eq!(emails.len(), SAYS.len());
        for ((en, es), email) in SAYS.iter().zip(emails) {
            let (says, not_you) = match locale {
                Locale::En if en.contains("password") => (en, "If you did not ask for it"),
                Locale::En => (en, "If it wasn't you"),
                Locale::Es if es.contains("contraseña") => (es, "Si no la pidió"),
                Locale::Es => (es, "Si no fue usted"),
            };
            for text in [says, not_you, "Samsung Internet, Android", "10:59"] {
                assert!(email.text.contains(text), "{what}: {text} is not in {}", email.text);
            }
            assert_balanced(&email.html, what);
            assert!(email.subject.chars().count() <= 60, "{what}: {}", email.subject);
            assert!((30..=90).contains(&preheader(&email.html).chars().count()), "{what}: {}", email.html);
            assert!(!email.text.contains("\n\n\n") && !email.text.contains(".."), "{what}: {}", email.text);
            for part in [&email.text, &email.html] {
                assert!(!part.contains("href") && !part.contains("https://"), "{what}: {part}");
            }
        }
    });
}

/// What a text says of every change, in the order of the samples.
const TEXTS: [(&str, &str); 12] = [
    (
        "an authenticator app was added to your sign-in on",
        "se ha agregado una app de autenticacion para entrar (",
    ),
    ("another phone number was added to your sign-in on", "se ha agregado otro telefono para entrar ("),
    (
        "the authenticator app was removed from your sign-in on",
        "se ha quitado la app de autenticacion para entrar (",
    ),
    ("this number was removed from your sign-in on", "este telefono ya no sirve para entrar ("),
    ("a backup code was used to sign in on", "se ha usado un codigo de respaldo para entrar ("),
    ("new backup codes were made for your sign-in on", "hay nuevos codigos de respaldo para entrar ("),
    ("a backup code was used to sign in on", "se ha usado un codigo de respaldo para entrar ("),
    ("your trusted devices were removed on", "se han quitado sus dispositivos de confianza ("),
    ("an admin reset your 2-step login on", "un administrador ha restablecido su acceso en 2 pasos ("),
    ("your console password was changed on", "se ha cambiado su contraseña de la consola ("),
    ("a new device no longer needs a sign-in code", "un nuevo dispositivo ya no pide codigo de acceso"),
    ("a new device no longer needs a sign-in code", "un nuevo dispositivo ya no pide codigo de acceso"),
];

#[test]
fn a_text_says_what_changed_in_one_segment_without_a_link() {
    each(|renderer, case, locale, what| {
        let texts = login_texts(renderer, case, locale);
        assert_eq!(texts.len(), TEXTS.len());
        for ((en, es), text) in TEXTS.iter().zip(texts) {
            let (says, not_you) = match locale {
                Locale::En => (en, "Wasn't you? Tell your admin now."),
                Locale::Es => (es, "¿No fue usted? Avise ya a su administrador."),
            };
            assert!(text.contains(&format!(": {says}")) && text.ends_with(not_you), "{what}: {text}");
            assert!(gsm7::septets(&text).is_some_and(|septets| septets <= 160), "{what}: {text}");
            assert!(text.contains("10:59") && !text.contains("http"), "{what}: {text}");
        }
    });
}

#[test]
fn a_reminder_says_from_when_what_to_do_and_has_no_link() {
    each(|renderer, case, locale, what| {
        let (dated, now, go) = match locale {
            Locale::En => (
                "From Mar 10 on you cannot sign in without it.",
                "2-step login. You cannot sign in without it.",
                "Sign in as you always do",
            ),
            Locale::Es => (
                "Desde el 10 mar no podrá entrar sin ella.",
                "verificación en 2 pasos. No podrá entrar sin ella.",
                "Entre como siempre",
            ),
        };
        for (says, email) in [dated, now].iter().zip(reminder_emails(renderer, case, locale)) {
            assert!(email.text.contains(says) && email.text.contains(go), "{what}: {}", email.text);
            assert_balanced(&email.html, what);
            assert!(email.subject.chars().count() <= 65, "{what}: {}", email.subject);
            assert!((30..=90).contains(&preheader(&email.html).chars().count()), "{what}: {}", email.html);
            for part in [&email.text, &email.html] {
                assert!(!part.contains("href") && !part.contains("https://"), "{what}: {part}");
            }
        }
    });
}
