//! `[tenant.policy.…]`: the rules of each workflow, the default of the policy where one is left out.
//!
//! Names keys; the bounds and the defaults stand with the policies themselves.

use time::macros::format_description;
use time::{Date, Duration, Time};
use time_tz::{PrimitiveDateTimeExt, Tz};

use crate::domain::policy::{
    ClientPolicy, CodeRules, LoginPolicy, OnRecentChange, PinPolicy, Policies, SessionPolicy, SignerPolicy,
    bounds,
};
use crate::domain::table::{Key, Table, check, named};
use crate::domain::timestamp::Timestamp;

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

/// The moment a day starts in a time zone. Where clocks skip midnight it starts an hour later.
pub(super) fn midnight(text: &str, zone: &Tz) -> Result<Timestamp, String> {
    let wrong = || format!("{text:?} is not a date such as 2026-01-31");
    let form = format_description!("[year]-[month]-[day]");
    let day = Date::parse(text, &form).map_err(|_| wrong())?.with_time(Time::MIDNIGHT);
    let starts = |at: time::PrimitiveDateTime| at.assume_timezone(zone).take_first();
    starts(day).or_else(|| starts(day + Duration::HOUR)).map(Timestamp::from).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use time_tz::timezones;

    use super::*;

    #[test]
    fn a_day_starts_at_midnight_where_the_tenant_is() {
        for (day, zone, start) in [
            ("2026-01-01", "America/New_York", "2026-01-01T05:00:00Z"),
            ("2026-07-01", "America/New_York", "2026-07-01T04:00:00Z"),
            ("2026-07-01", "UTC", "2026-07-01T00:00:00Z"),
            // Clocks go from 23:59 to 01:00 on this day.
            ("2026-09-06", "America/Santiago", "2026-09-06T04:00:00Z"),
        ] {
            let zone = timezones::get_by_name(zone).unwrap();
            assert_eq!(midnight(day, zone).map(|t| t.to_string()).as_deref(), Ok(start), "{day}");
        }
        for bad in ["2026-13-01", "01/02/2026", "2026-02-30", "2026-1-1", "tomorrow", "2026-01-01T00:00:00Z"]
        {
            let message = format!("{bad:?} is not a date such as 2026-01-31");
            assert_eq!(midnight(bad, timezones::db::america::NEW_YORK), Err(message));
        }
    }
}
