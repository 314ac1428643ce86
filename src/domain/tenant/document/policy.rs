//! `[tenant.policy.…]`: the rules of each workflow, the default of the policy where one is left out.
//!
//! Names keys; the bounds and the defaults stand with the policies themselves.

use time_tz::Tz;

use crate::domain::calendar::midnight;
use crate::domain::policy::{
    ClientPolicy, CodeRules, LoginPolicy, OnRecentChange, PinPolicy, Policies, SessionPolicy, SignerPolicy,
    bounds,
};
use crate::domain::table::{Key, Table, check, named};

pub(super) const WORKFLOWS: &[Key] = &named(["client", "pin", "signer", "session", "login"]);

const CODE: [&str; 8] = [
    "digits",
    "code_valid",
    "tries",
    "subject_tries",
    "subject_window",
    "subject_lock",
    "resend_after",
    "sends",
];

// Only a client's success lasts a while; the others count for one opening, arrival or sign-in.
const CLIENT: &[Key] =
    &code_and::<5, 13>(["verified_for", "changed_within", "on_recent_change", "agent_name", "receipt"]);
const SIGNER: &[Key] = &code_and::<2, 10>(["access_code", "document_name"]);
const SESSION: &[Key] = &code_and::<1, 9>(["agent_sees_code"]);
const LOGIN: &[Key] = &code_and::<3, 11>(["trust_days", "required_from", "always_required_roles"]);
const PIN: &[Key] = &named([
    "enabled",
    "link_valid",
    "verified_for",
    "tries",
    "resend_after",
    "sends",
    "required_since",
    "confirm_by_code",
]);

/// The keys of every code, and a workflow's own after them.
const fn code_and<const OWN: usize, const ALL: usize>(own: [&'static str; OWN]) -> [Key; ALL] {
    let mut names = [""; ALL];
    let mut i = 0;
    while i < ALL {
        names[i] = if i < CODE.len() { CODE[i] } else { own[i - CODE.len()] };
        i += 1;
    }
    named(names)
}

pub(super) fn read(table: &mut Table<'_, '_>, zone: &Tz) -> Policies {
    Policies {
        client: client(&mut table.table("client", CLIENT)),
        pin: pin(&mut table.table("pin", PIN), zone),
        signer: signer(&mut table.table("signer", SIGNER)),
        session: session(&mut table.table("session", SESSION)),
        login: login(&mut table.table("login", LOGIN), zone),
    }
}

fn client(table: &mut Table<'_, '_>) -> ClientPolicy {
    let default = ClientPolicy::default();
    let words = [
        ("warn", OnRecentChange::Warn),
        ("block", OnRecentChange::Block),
        ("ignore", OnRecentChange::Ignore),
    ];
    let verified_for = table.span("verified_for", default.code.verified_for, bounds::VERIFIED_FOR);
    ClientPolicy {
        code: CodeRules { verified_for, ..code(table, &default.code) },
        changed_within: table.span("changed_within", default.changed_within, bounds::CHANGED_WITHIN),
        on_recent_change: table.word("on_recent_change", &words).unwrap_or(default.on_recent_change),
        agent_name: table.flag("agent_name", default.agent_name),
        receipt: table.flag("receipt", default.receipt),
    }
}

fn pin(table: &mut Table<'_, '_>, zone: &Tz) -> PinPolicy {
    let default = PinPolicy::default();
    PinPolicy {
        enabled: table.flag("enabled", default.enabled),
        link_valid: table.span("link_valid", default.link_valid, bounds::LINK_VALID),
        verified_for: table.span("verified_for", default.verified_for, bounds::VERIFIED_FOR),
        tries: table.number("tries", default.tries, bounds::TRIES),
        resend_after: table.span("resend_after", default.resend_after, bounds::RESEND_AFTER),
        sends: table.number("sends", default.sends, bounds::SENDS),
        required_since: table.read("required_since", |text| midnight(text, zone)),
        confirm_by_code: table.flag("confirm_by_code", default.confirm_by_code),
    }
}

fn signer(table: &mut Table<'_, '_>) -> SignerPolicy {
    let default = SignerPolicy::default();
    SignerPolicy {
        code: code(table, &default.code),
        access_code: table.flag("access_code", default.access_code),
        document_name: table.flag("document_name", default.document_name),
    }
}

fn session(table: &mut Table<'_, '_>) -> SessionPolicy {
    let default = SessionPolicy::default();
    SessionPolicy {
        code: code(table, &default.code),
        agent_sees_code: table.flag("agent_sees_code", default.agent_sees_code),
    }
}

fn login(table: &mut Table<'_, '_>, zone: &Tz) -> LoginPolicy {
    let default = LoginPolicy::default();
    let roles = table.list("always_required_roles", |role| check::line(role, 200));
    LoginPolicy {
        code: code(table, &default.code),
        trust_days: table.number("trust_days", default.trust_days, bounds::TRUST_DAYS),
        trusts_since: default.trusts_since,
        required_from: table.read("required_from", |text| midnight(text, zone)),
        always_required_roles: roles.unwrap_or(default.always_required_roles),
    }
}

/// The rules that every code has, whatever it is for.
fn code(table: &mut Table<'_, '_>, default: &CodeRules) -> CodeRules {
    CodeRules {
        digits: table.number("digits", default.digits, bounds::DIGITS),
        code_valid: table.span("code_valid", default.code_valid, bounds::CODE_VALID),
        verified_for: default.verified_for,
        tries: table.number("tries", default.tries, bounds::TRIES),
        subject_tries: table.number("subject_tries", default.subject_tries, bounds::SUBJECT_TRIES),
        subject_window: table.span("subject_window", default.subject_window, bounds::SUBJECT_WINDOW),
        subject_lock: table.span("subject_lock", default.subject_lock, bounds::SUBJECT_LOCK),
        resend_after: table.span("resend_after", default.resend_after, bounds::RESEND_AFTER),
        sends: table.number("sends", default.sends, bounds::SENDS),
    }
}
