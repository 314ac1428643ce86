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
    /// How long a call takes whoever hears it once.
    pub seconds: Option<u64>,
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
    let spoken = || call::whole_seconds(call::length(&body, value("code").unwrap_or_default()).once);
    let seconds = (spot.channel == Channel::Voice).then(spoken);
    Some(Shown { subject, body, characters, segments, seconds })
}
