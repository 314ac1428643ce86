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
/// The same, as it is said.
const PHONE_SAID: &str = "1, 8 0 0, 5 5 5, 0 1 9 9";
const PHONE_BARE: &str = "+18005550199x1234567";

/// The longest news of a second step, as a text says it, and what an email adds to it.
const CHANGE: &str = "un administrador ha restablecido su acceso en 2 pasos";
const EFFECT: &str = "Tendrá que configurarla de nuevo la próxima vez que entre.";

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
    if spot.channel == Channel::Voice {
        return said(spot.kind, tenant);
    }
    let email = spot.channel == Channel::Email;
    let mut variables = vec![always("brand", "Acme Relief Center")];
    let named = || sometimes("first_name", "Maximiliano-José");
    match spot.kind {
        Purpose::ClientCode => {
            variables.insert(0, code(spoken(&digits(long(spot.kind, tenant)))));
            variables.extend([phone(tenant), sometimes("agent", "Maximiliano-")]);
            if email {
                variables.extend([named(), always("valid_for", "10 minutes")]);
                variables.extend(clock(true));
            }
        }
        Purpose::ClientReceipt => {
            variables.push(phone(tenant));
            if email {
                variables
                    .extend([sometimes("agent", "Maximiliano"), always("destination", "a•••@acme.example")]);
            }
            variables.extend(clock(true));
        }
        Purpose::PinSetup | Purpose::PinReset => {
            variables.insert(0, link(sample));
            variables.extend([phone(tenant), always("valid_for", "119 min")]);
            if email {
                variables.extend([named(), always("origin", "https://verify.acme.example")]);
                variables.extend(clock(true));
            }
        }
        Purpose::PinSet | Purpose::PinChanged => {
            variables.push(phone(tenant));
            variables.extend(email.then(|| sometimes("device", "Chrome, Windows")));
            variables.extend(clock(true));
        }
        Purpose::SessionInvite => {
            variables.insert(0, link(sample));
            if email {
                variables.extend([named(), phone(tenant), sometimes("agent", "Maximiliano")]);
                variables.extend([sometimes("last2", "42"), always("origin", "https://verify.acme.example")]);
            }
            // Only where it is planned.
            variables.extend(clock(false));
        }
        Purpose::SignerCode | Purpose::SessionCode | Purpose::LoginCode | Purpose::PinCode => {
            variables.insert(0, code(digits(long(spot.kind, tenant))));
            variables.push(always("valid_for", "119 min"));
            if email {
                variables.extend([named(), phone(tenant)]);
            } else {
                variables
                    .push(Variable { longest: Cow::Owned(sample.host.to_owned()), ..always("host", "") });
            }
        }
        Purpose::LoginChanged => {
            variables.push(always("change", CHANGE));
            if email {
                variables.extend([sometimes("effect", EFFECT), sometimes("device", "Chrome, Windows")]);
                variables.push(phone(tenant));
            }
            variables.extend(clock(true));
        }
        Purpose::LoginReminder => variables.extend([sometimes("from", "30 sept"), phone(tenant)]),
    }
    variables
}

/// What may be said in a call.
fn said(kind: Purpose, tenant: &Tenant) -> Vec<Variable> {
    let digits: Vec<_> = digits(long(kind, tenant)).chars().map(String::from).collect();
    let phone = Variable { longest: Cow::Borrowed(PHONE_SAID), ..phone(tenant) };
    vec![code(digits.join(" ")), always("brand", "Acme Relief Center"), phone]
}

/// How many digits its code has.
fn long(kind: Purpose, tenant: &Tenant) -> u32 {
    let policy = &tenant.policy;
    match kind {
        Purpose::ClientCode => policy.client.code.digits,
        Purpose::SignerCode => policy.signer.code.digits,
        Purpose::SessionCode => policy.session.code.digits,
        Purpose::PinCode => policy.pin.code().digits,
        _ => policy.login.code.digits,
    }
}

/// A moment in the tenant's zone.
fn clock(there: bool) -> [Variable; 4] {
    let part = |name, longest| Variable { always: there, ..always(name, longest) };
    [
        part("date", "30 sept"),
        Variable { with: Some("date"), ..part("time", "12:59 p.m.") },
        Variable { with: Some("date"), ..part("at_time", "a las 12:59 p.m.") },
        Variable { with: Some("date"), ..part("zone", "UTC+5:45") },
    ]
}

fn link(sample: &Sample<'_>) -> Variable {
    Variable { longest: Cow::Owned(sample.link.to_owned()), ..always("link", "") }
}

fn always(name: &'static str, longest: &'static str) -> Variable {
    Variable { name, longest: Cow::Borrowed(longest), always: true, with: None }
}

fn sometimes(name: &'static str, longest: &'static str) -> Variable {
    Variable { always: false, ..always(name, longest) }
}

fn code(longest: String) -> Variable {
    Variable { name: "code", longest: Cow::Owned(longest), always: true, with: None }
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
