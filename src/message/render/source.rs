//! The wording of every message, as compiled in: a name and a text for each file of `templates/`.
//!
//! Only the list. Adding a message is one line in each of the two.

type Sources<const N: usize> = [(&'static str, &'static str); N];

macro_rules! source {
    ($name:literal) => {
        ($name, include_str!(concat!("../../../templates/", $name, ".hbs")))
    };
    ($name:literal from $path:literal) => {
        ($name, include_str!(concat!("../../../templates/", $path, ".hbs")))
    };
}

/// Bodies in HTML and the parts they are made of.
pub(super) const HTML: Sources<22> = [
    source!("frame" from "email/frame.html"),
    source!("filler" from "email/part/filler.html"),
    source!("heading" from "email/part/heading.html"),
    source!("subheading" from "email/part/subheading.html"),
    source!("paragraph" from "email/part/paragraph.html"),
    source!("list" from "email/part/list.html"),
    source!("item" from "email/part/item.html"),
    source!("code" from "email/part/code.html"),
    source!("button" from "email/part/button.html"),
    source!("note" from "email/part/note.html"),
    source!("footer_en" from "email/part/footer.en"),
    source!("footer_es" from "email/part/footer.es"),
    source!("email/client_code/en.html"),
    source!("email/client_code/es.html"),
    source!("email/client_receipt/en.html"),
    source!("email/client_receipt/es.html"),
    source!("email/pin_setup/en.html"),
    source!("email/pin_setup/es.html"),
    source!("email/pin_reset/en.html"),
    source!("email/pin_reset/es.html"),
    source!("email/pin_changed/en.html"),
    source!("email/pin_changed/es.html"),
];

/// Subjects, bodies in plain text, text messages and what is said in calls.
pub(super) const PLAIN: Sources<59> = [
    source!("frame" from "email/frame.txt"),
    source!("footer_en" from "email/part/footer.en"),
    source!("footer_es" from "email/part/footer.es"),
    source!("email/client_code/en.subject"),
    source!("email/client_code/es.subject"),
    source!("email/client_code/en.txt"),
    source!("email/client_code/es.txt"),
    source!("email/client_receipt/en.subject"),
    source!("email/client_receipt/es.subject"),
    source!("email/client_receipt/en.txt"),
    source!("email/client_receipt/es.txt"),
    source!("email/pin_setup/en.subject"),
    source!("email/pin_setup/es.subject"),
    source!("email/pin_setup/en.txt"),
    source!("email/pin_setup/es.txt"),
    source!("email/pin_reset/en.subject"),
    source!("email/pin_reset/es.subject"),
    source!("email/pin_reset/en.txt"),
    source!("email/pin_reset/es.txt"),
    source!("email/pin_changed/en.subject"),
    source!("email/pin_changed/es.subject"),
    source!("email/pin_changed/en.txt"),
    source!("email/pin_changed/es.txt"),
    source!("sms/client_code/en"),
    source!("sms/client_code/es"),
    source!("sms/client_code_agent/en"),
    source!("sms/client_code_agent/es"),
    source!("sms/client_receipt/en"),
    source!("sms/client_receipt/es"),
    source!("sms/pin_setup/en"),
    source!("sms/pin_setup/es"),
    source!("sms/pin_setup_short/en"),
    source!("sms/pin_setup_short/es"),
    source!("sms/pin_reset/en"),
    source!("sms/pin_reset/es"),
    source!("sms/pin_reset_short/en"),
    source!("sms/pin_reset_short/es"),
    source!("sms/pin_changed/en"),
    source!("sms/pin_changed/es"),
    source!("voice/client_code/en.gate"),
    source!("voice/client_code/es.gate"),
    source!("voice/client_code/en.language"),
    source!("voice/client_code/es.language"),
    source!("voice/client_code/en.report"),
    source!("voice/client_code/es.report"),
    source!("voice/client_code/en.code"),
    source!("voice/client_code/es.code"),
    source!("voice/client_code/en.rule"),
    source!("voice/client_code/es.rule"),
    source!("voice/client_code/en.repeat"),
    source!("voice/client_code/es.repeat"),
    source!("voice/client_code/en.reported"),
    source!("voice/client_code/es.reported"),
    source!("voice/client_code/en.no_key"),
    source!("voice/client_code/es.no_key"),
    source!("voice/client_code/en.over"),
    source!("voice/client_code/es.over"),
    source!("voice/client_code/en.bye"),
    source!("voice/client_code/es.bye"),
];
