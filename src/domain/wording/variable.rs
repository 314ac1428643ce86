//! The values of each message that a wording may place, the longest that each can be, and whether it is always there.

use std::borrow::Cow;

use super::Spot;
use super::lint::Variable;
use crate::domain::channel::Channel;
use crate::domain::message::Purpose;
use crate::domain::spoken::spoken;
use crate::domain::tenant::Tenant;

/// The longest number to call that a text shows as it is written; a longer one is shown bare.
const PHONE: &str = "1-800-555-0199";
const PHONE_BARE: &str = "+18005550199x1234567";

/// What every link and every code to type is made of.
#[derive(Clone, Copy, Debug)]
pub struct Sample<'a> {
    /// The host of our pages.
    pub host: &'a str,
    /// A link as long as any.
    pub link: &'a str,
}

/// What may stand in a wording of this message.
pub fn variables(spot: Spot, tenant: &Tenant, sample: &Sample<'_>) -> Vec<Variable> {
    let mut variables = vec![always("brand", "Acme Relief Center"), phone(tenant)];
    let _ = sample;
    if spot.kind == Purpose::ClientCode {
        variables.insert(0, code(spoken(&digits(tenant.policy.client.code.digits))));
        variables.push(sometimes("agent", "Maximiliano-"));
        if spot.channel == Channel::Email {
            variables.extend([
                sometimes("first_name", "Maximiliano-José"),
                always("valid_for", "10 minutes"),
                always("time", "12:59 p.m."),
                always("at_time", "a las 12:59 p.m."),
                always("zone", "UTC+5:45"),
            ]);
        }
    }
    variables
}

fn always(name: &'static str, longest: &'static str) -> Variable {
    Variable { name, longest: Cow::Borrowed(longest), always: true }
}

fn sometimes(name: &'static str, longest: &'static str) -> Variable {
    Variable { always: false, ..always(name, longest) }
}

fn code(longest: String) -> Variable {
    Variable { name: "code", longest: Cow::Owned(longest), always: true }
}

fn digits(count: u32) -> String {
    (1..=count).map(|digit| char::from_digit(digit % 10, 10).unwrap_or('0')).collect()
}

/// A tenant has one, or none.
fn phone(tenant: &Tenant) -> Variable {
    match &tenant.brand.support_phone {
        Some(phone) if phone.chars().count() > PHONE.len() => always("phone", PHONE_BARE),
        Some(_) => always("phone", PHONE),
        None => sometimes("phone", PHONE),
    }
}
