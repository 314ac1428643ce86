//! A draft as its longest reader gets it: with the longest names, numbers and codes.

use super::call;
use super::lint::Variable;
use super::variable::{Sample, variables};
use super::{Draft, Spot, Wording};
use crate::domain::channel::Channel;
use crate::domain::gsm7;
use crate::domain::tenant::Tenant;

/// What is shown of a draft, and what a carrier counts it as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    pub subject: String,
    pub body: String,
    pub characters: usize,
    pub segments: usize,
    /// Of a call.
    pub spoken: Option<Spoken>,
}

/// A call as it is heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spoken {
    /// How long it takes whoever hears it once.
    pub seconds: u64,
    /// All of its lines without their names, in the order of the script.
    pub words: String,
}

/// A draft with the longest of all its values; none where it cannot be read.
pub fn longest(spot: Spot, tenant: &Tenant, sample: &Sample<'_>, draft: &Draft) -> Option<Shown> {
    let variables = variables(spot, tenant, sample);
    let value = |name: &str| {
        variables.iter().find(|variable: &&Variable| variable.name == name).map(|one| one.longest.as_ref())
    };
    let wording = Wording::read(0, draft).ok()?;
    let (subject, body) = (wording.subject(value).ok()?, wording.body(value).ok()?);
    let (characters, segments) = (body.chars().count(), gsm7::segments(&body));
    let spoken = || {
        let length = call::length(&body, value("code").unwrap_or_default());
        Spoken { seconds: call::whole_seconds(length.once), words: call::aloud(&body) }
    };
    let spoken = (spot.channel == Channel::Voice).then(spoken);
    Some(Shown { subject, body, characters, segments, spoken })
}

/// Examples for the values of a message: as long as any, with zeros for a code.
pub fn examples(spot: Spot, tenant: &Tenant, sample: &Sample<'_>) -> Vec<(&'static str, String)> {
    let zero = |c: char| if c.is_ascii_digit() { '0' } else { c };
    let example = |variable: Variable| match variable.name {
        "code" => variable.longest.chars().map(zero).collect(),
        _ => variable.longest.into_owned(),
    };
    variables(spot, tenant, sample).into_iter().map(|one| (one.name, example(one))).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::id::TenantId;

    #[test]
    fn examples_are_as_long_as_any_and_have_no_code() {
        let settings = json!({"name": "Acme", "policy": {"client": {"digits": 8}}});
        let tenant = Tenant::from_documents(TenantId::parse("acme").unwrap(), &settings, &json!({})).unwrap();
        let sample = Sample { host: "verify.example", link: "https://verify.example/p/x9" };
        for (kind, channel, name, example) in [
            ("client_code", "email", "code", "0000 0000"),
            ("client_code", "sms", "code", "0000 0000"),
            ("client_code", "voice", "code", "0 0 0 0 0 0 0 0"),
            ("signer_code", "sms", "code", "000000"),
            ("signer_code", "sms", "host", "verify.example"),
            ("pin_setup", "email", "link", "https://verify.example/p/x9"),
            ("pin_setup", "email", "valid_for", "119 min"),
        ] {
            let found = examples(Spot::parse(kind, channel, "es").unwrap(), &tenant, &sample);
            assert!(found.contains(&(name, example.to_owned())), "{kind} {channel} {name}: {found:?}");
        }
    }
}
