//! The built-in text of a message as a draft, for who begins a wording of their own with it.

use super::source::PLAIN;
use crate::domain::call::script::Line;
use crate::domain::channel::Channel;
use crate::domain::message::Purpose;
use crate::domain::wording::{Draft, Spot};

/// What the files ask for in conditions, and the value that a wording asks for in its place.
const ASKED: [(&str, &str); 5] = [
    ("greeted", "first_name"),
    ("named", "agent"),
    ("planned", "date"),
    ("coded", "last2"),
    ("dated", "from"),
];

/// What the message says without a wording, in the language of wordings.
pub fn built_in(spot: Spot) -> Draft {
    let name = match spot.kind {
        Purpose::PinSet => Purpose::PinChanged.as_str(),
        kind => kind.as_str(),
    };
    let (subject, text) = match spot.channel {
        Channel::Email => {
            let file = |part: &str| file(&format!("email/{name}/{}.{part}", spot.locale)).unwrap_or_default();
            (file("subject"), file("txt").to_owned())
        }
        Channel::Sms => {
            let file = |name: String| file(&format!("sms/{name}/{}", spot.locale));
            // With fewer words where there are two: it has to fit with every name and number.
            let text = file(format!("{name}_short")).or_else(|| file(name.to_owned()));
            ("", text.unwrap_or_default().to_owned())
        }
        Channel::Voice => ("", Line::ALL.map(|line| said(name, spot, line)).join("\n")),
    };
    let put = |text: &str| reworded(text, spot);
    Draft::new(
        &put(subject),
        &put(text.trim().trim_start_matches("{{#> frame}}").trim_end_matches("{{/frame}}")),
    )
}

/// A line of a call, with its name.
fn said(message: &str, spot: Spot, line: Line) -> String {
    let words = file(&format!("voice/{message}/{}.{}", spot.locale, line.as_str())).unwrap_or_default();
    format!("{}: {}", line.as_str(), words.trim())
}

fn file(name: &str) -> Option<&'static str> {
    PLAIN.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

fn reworded(text: &str, spot: Spot) -> String {
    let mut text = chosen(text, "is_first", spot.kind == Purpose::PinSet);
    // Of all the news of a second step; what is said of some alone is left out.
    text = chosen(&chosen(&text, "password", false), "calm", false);
    if spot.channel == Channel::Sms {
        // No value of a text tells the two apart.
        text = chosen(&text, "coded", false);
    }
    for (asked, value) in ASKED {
        text = text.replace(&format!("{{{{#if {asked}}}}}"), &format!("{{{{#if {value}}}}}"));
    }
    text.replace("{{digits}}", &crate::domain::pin::DIGITS.to_string())
}

/// The text with one branch of a condition in its place.
fn chosen(text: &str, asked: &str, holds: bool) -> String {
    let (mut rest, mut out) = (text, String::new());
    let open = format!("{{{{#if {asked}}}}}");
    while let Some((before, after)) = rest.split_once(&open) {
        let (inside, behind) = after.split_once("{{/if}}").unwrap_or((after, ""));
        let (then, otherwise) = inside.split_once("{{else}}").unwrap_or((inside, ""));
        out.extend([before, if holds { then } else { otherwise }]);
        rest = behind;
    }
    out + rest
}
