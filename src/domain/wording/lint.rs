//! What keeps a wording from being published: one list, for every way in.
//!
//! A wording is looked at as it is read by people: in each of the ways its conditions can turn out, with the longest values.

use std::borrow::Cow;

use super::template::{Missing, Template, Unreadable};
use crate::domain::call::script::Line;
use crate::domain::channel::Channel;
use crate::domain::gsm7;

/// The most values that are tried both with and without; all others are there.
const MOST_CONDITIONS: usize = 8;

/// What a message carries that is nobody else's, and what is done with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Secret {
    /// There is none: a notice.
    None,
    /// A link to open.
    Link,
    /// A code that is read to an agent. Nothing may tell its reader never to say it.
    Spoken,
    /// A code that is typed on a page; a text ends with the line that binds it to our host.
    Typed,
}

impl Secret {
    /// The value that is there exactly once.
    pub fn value(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Link => Some("link"),
            Self::Spoken | Self::Typed => Some("code"),
        }
    }
}

/// A value that may be placed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    pub name: &'static str,
    /// The longest that it can be.
    pub longest: Cow<'static, str>,
    /// Whether every such message has it.
    pub always: bool,
    /// The one that it comes and goes with, such as a time with its date.
    pub with: Option<&'static str>,
}

/// What a message asks of its wording.
#[derive(Clone, Copy, Debug)]
pub struct Rules<'a> {
    pub variables: &'a [Variable],
    pub secret: Secret,
    /// Whether the number to call must be in it.
    pub needs_phone: bool,
    /// Whether it is idle without what changed.
    pub needs_change: bool,
    pub channel: Channel,
}

/// What is wrong with a wording. Lines count from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Larger than any message of ours, in characters.
    TooLarge {
        most: usize,
    },
    /// A character that is not seen.
    Invisible {
        line: usize,
    },
    Unreadable(Unreadable),
    UnknownVariable {
        name: String,
        line: usize,
    },
    /// It is placed where it may not be there: not every such message has it.
    Unasked {
        name: String,
        line: usize,
    },
    /// In some case the code, or the link, is not there.
    SecretMissing {
        name: &'static str,
    },
    /// In some case it is there more than once.
    SecretTwice {
        name: &'static str,
        line: usize,
    },
    /// The link touches other characters, which an address would then have.
    LinkTouched {
        line: usize,
    },
    /// The last line does not bind the code to our host.
    HostMissing,
    PhoneMissing,
    /// In some case a notice does not say what changed.
    ChangeMissing,
    /// An address that is not ours.
    Link {
        line: usize,
        text: String,
    },
    /// A code that is read to an agent, and words that say not to.
    NeverShare {
        line: usize,
        words: &'static str,
    },
    /// Nothing tells the reader of a code to type to keep it to themselves.
    ShareMissing,
    /// What goes out is more than one text. The characters are those that a plain text does not have.
    TooLong {
        characters: usize,
        segments: usize,
        because: String,
    },
    /// A subject that is missing, or longer than mail programs show.
    SubjectMissing,
    SubjectTooLong {
        characters: usize,
        most: usize,
    },
    /// A text has none, nor has a call.
    SubjectOfText,
    Call(CallFault),
}

/// What is wrong with the wording of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallFault {
    /// It begins with no name of a line of the script.
    Nameless {
        line: usize,
    },
    /// In some case a line of the script is not there, or has no words.
    LineMissing {
        name: Line,
    },
    LineTwice {
        name: Line,
        line: usize,
    },
    /// It does not say which key to press.
    KeyMissing {
        key: char,
        line: usize,
    },
    /// Who calls is not said first.
    BrandMissing {
        line: usize,
    },
    /// The code is where no key was pressed yet, or where nobody listens for it.
    CodeElsewhere {
        line: usize,
    },
    /// The code is not said twice.
    CodeNotTwice {
        line: usize,
    },
    /// Longer than a call may be, for who follows it once or for who has everything repeated.
    TooSlow {
        seconds: u64,
        most: u64,
        repeated: bool,
    },
}

/// The line that binds a code to the host of the page.
const BOUND: &str = "@{{host}} #{{code}}";
/// What no message says whose code is read aloud. The longer first: the first one found is told.
const NEVER: [&str; 6] = ["never share", "with anyone", "con nadie", "never", "nunca", "jamás"];

/// What a message says, in either language, whose code is typed: not to share it.
const SHARE: [&str; 2] = ["share", "compart"];

/// Everything that is wrong with a wording; nothing, where it may be published.
pub fn faults(text: &str, rules: &Rules<'_>) -> Vec<Fault> {
    let template = match read(text, rules) {
        Ok(template) => template,
        Err(faults) => return faults,
    };
    let says_phone = |said: &str| said.contains(&mark("phone"));
    let mut faults = in_every_way(&template, rules, says_phone, of_text);
    if rules.channel == Channel::Sms {
        faults.extend(too_long(&template, rules));
    }
    faults
}

/// What `of` finds wrong in each way in which a wording may be said, each fault once; `says_phone` is whether one names the
/// number to call.
pub(super) fn in_every_way(
    template: &Template,
    rules: &Rules<'_>,
    says_phone: impl Fn(&str) -> bool,
    of: impl Fn(&str, &Rules<'_>) -> Vec<Fault>,
) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut has_phone = false;
    for said in every_way(template, rules, |variable| mark(variable.name)) {
        match said {
            Ok(said) => {
                has_phone |= says_phone(&said);
                add(&mut faults, of(&said, rules));
            }
            // Where it is there in every such message, this way is none.
            Err(Missing { name, .. }) if is_always(rules, &name) => {}
            Err(Missing { name, line }) => add(&mut faults, vec![Fault::Unasked { name, line }]),
        }
    }
    if rules.needs_phone && !has_phone {
        faults.push(Fault::PhoneMissing);
    }
    faults
}

/// A wording of values that are known.
pub(super) fn read(text: &str, rules: &Rules<'_>) -> Result<Template, Vec<Fault>> {
    let template = Template::parse(text).map_err(|unreadable| vec![Fault::Unreadable(unreadable)])?;
    let known = |name: &str| rules.variables.iter().any(|variable| variable.name == name);
    let unknown = template.names().into_iter().filter(|(name, _)| !known(name));
    let faults: Vec<_> =
        unknown.map(|(name, line)| Fault::UnknownVariable { name: name.to_owned(), line }).collect();
    if faults.is_empty() { Ok(template) } else { Err(faults) }
}

pub(super) fn add(faults: &mut Vec<Fault>, more: Vec<Fault>) {
    for fault in more {
        if !faults.contains(&fault) {
            faults.push(fault);
        }
    }
}

pub(super) fn is_always(rules: &Rules<'_>, name: &str) -> bool {
    rules.variables.iter().any(|variable| variable.name == name && variable.always)
}

/// Those that come together go together.
fn leader<'n>(rules: &Rules<'_>, name: &'n str) -> &'n str {
    let found = rules.variables.iter().find(|variable| variable.name == name);
    found.and_then(|variable| variable.with).unwrap_or(name)
}

/// Stands for a value in what is looked at, so that what was typed is told from what is placed.
pub(super) fn mark(name: &str) -> String {
    format!("{{{{{name}}}}}")
}

/// What it says with its values as `shown`, in each of the ways that its conditions can turn out.
pub(super) fn every_way(
    template: &Template,
    rules: &Rules<'_>,
    shown: impl Fn(&Variable) -> String,
) -> Vec<Result<String, Missing>> {
    let mut asked: Vec<&str> = template.names().into_iter().map(|(name, _)| leader(rules, name)).collect();
    asked.sort_unstable();
    asked.dedup();
    // Every message has what it is sent for.
    asked.retain(|name| rules.secret.value() != Some(*name));
    // Those first that some messages lack.
    asked.sort_by_key(|name| is_always(rules, name));
    let values: Vec<_> = rules.variables.iter().map(|one| (one.name, shown(one))).collect();
    let tried = asked.len().min(MOST_CONDITIONS);
    let ways = (0..1_usize << tried).map(|way| {
        let absent = |name: &str| {
            let name = leader(rules, name);
            asked[..tried].iter().position(|one| *one == name).is_some_and(|at| way >> at & 1 == 1)
        };
        let value = |name: &str| {
            values.iter().find(|(known, _)| *known == name && !absent(name)).map(|(_, value)| value.as_str())
        };
        template.fill(value)
    });
    ways.collect()
}

fn of_text(said: &str, rules: &Rules<'_>) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut body = said;
    if rules.secret == Secret::Typed && rules.channel == Channel::Sms {
        body = said.strip_suffix(BOUND).unwrap_or_else(|| {
            faults.push(Fault::HostMissing);
            said
        });
    }
    if let Some(name) = rules.secret.value() {
        let places: Vec<_> = body.match_indices(&mark(name)).map(|(at, _)| line_of(body, at)).collect();
        match places[..] {
            [] => faults.push(Fault::SecretMissing { name }),
            [_] => {}
            [_, line, ..] => faults.push(Fault::SecretTwice { name, line }),
        }
    }
    if rules.secret == Secret::Typed && !forbids_sharing(body) {
        faults.push(Fault::ShareMissing);
    }
    if rules.needs_change && !body.contains(&mark("change")) {
        faults.push(Fault::ChangeMissing);
    }
    faults.extend(of_lines(body, rules.secret));
    faults
}

pub(super) fn forbids_sharing(said: &str) -> bool {
    let said = said.to_lowercase();
    SHARE.iter().any(|word| said.contains(word))
}

/// What is wrong with single lines.
pub(super) fn of_lines(said: &str, secret: Secret) -> Vec<Fault> {
    let mut faults = Vec::new();
    let filled: Vec<_> = said.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()).collect();
    for (at, (number, line)) in filled.iter().enumerate() {
        let number = number + 1;
        let links = line.split_whitespace().filter(|word| is_link(word));
        faults.extend(links.map(|word| Fault::Link { line: number, text: word.to_owned() }));
        let link = mark("link");
        if line.split_whitespace().any(|word| word != link && word.contains(&link) && !is_link(word)) {
            faults.push(Fault::LinkTouched { line: number });
        }
        let words = never(line, filled.get(at + 1).map(|(_, next)| *next));
        if let (Secret::Spoken, Some(words)) = (secret, words) {
            faults.push(Fault::NeverShare { line: number, words });
        }
    }
    faults
}

/// The words in a line that tell its reader never to say the code; they may go on in the next one.
fn never(line: &str, next: Option<&str>) -> Option<&'static str> {
    let plain = |text: &str| text.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
    let line = plain(line);
    let on =
        [line.as_str(), next.and_then(|next| next.split_whitespace().next()).unwrap_or_default()].join(" ");
    let on = plain(&on);
    let over = |words: &&str| words.contains(' ') && on.contains(*words);
    NEVER.into_iter().find(|words| line.contains(words)).or_else(|| NEVER.into_iter().find(over))
}

fn line_of(text: &str, at: usize) -> usize {
    text[..at].matches('\n').count() + 1
}

/// Whether a telephone or a mail program would make an address of it, or take it for the host that a code is for.
fn is_link(word: &str) -> bool {
    let bare = word.trim_matches(|c: char| !c.is_alphanumeric() && !matches!(c, '{' | '}')).to_lowercase();
    let host = bare.split(['/', '?', '#']).next().unwrap_or_default();
    let last = host.rsplit_once('.').filter(|(name, last)| {
        name.chars().any(char::is_alphabetic) && last.len() > 1 && last.chars().all(char::is_alphabetic)
    });
    bare.contains("://") || bare.starts_with("www.") || word.starts_with('@') || last.is_some()
}

/// Where it is more than one text with the longest values, in the way that says most: how many, and what makes it so.
fn too_long(template: &Template, rules: &Rules<'_>) -> Option<Fault> {
    let ways = every_way(template, rules, |variable| variable.longest.clone().into_owned());
    ways.into_iter()
        .flatten()
        .filter_map(|said| length(&said))
        .max_by_key(|(segments, characters, _)| (*segments, *characters))
        .map(|(segments, characters, because)| Fault::TooLong { characters, segments, because })
}

/// Segments, characters and those outside the alphabet, of what is not one plain text.
fn length(said: &str) -> Option<(usize, usize, String)> {
    let segments = gsm7::segments(said);
    let mut because: Vec<char> = said.chars().filter(|c| !gsm7::is_gsm7(*c)).collect();
    because.sort_unstable();
    because.dedup();
    let characters = gsm7::septets(said).unwrap_or_else(|| said.encode_utf16().count());
    // Short as it is, a text outside the alphabet is none that every carrier takes as it was written.
    (segments > 1 || !because.is_empty()).then(|| (segments, characters, because.into_iter().collect()))
}

#[cfg(test)]
mod tests;
