//! Users as an admin goes through them: which group each is in, who is reminded, and until when somebody is exempt.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use time_tz::Tz;

use crate::domain::calendar;
use crate::domain::policy::LoginPolicy;
use crate::domain::timestamp::Timestamp;

use super::{Method, Need, User, UserState, UserView, words};

/// The longest that somebody may be exempt: who needs more is asked about again.
const MOST_EXEMPT: Duration = Duration::from_hours(180 * 24);
/// Characters of a reason, at most.
pub const MOST_REASON: usize = 200;
/// How long after a reminder no other is sent.
const REMIND_AGAIN: Duration = Duration::from_hours(24);

words! {
    /// Users who need the same thing done.
    Group {
        All "all",
        Enrolled "enrolled",
        NotEnrolled "not_enrolled",
        /// Who signs in by texts alone, which can be read by others.
        TextOnly "text_only",
        /// Who has a second step and no way in beside it.
        NoBackupCodes "no_backup_codes",
        Locked "locked",
    }
}

impl Group {
    /// Whether a user is in it.
    pub fn holds(self, user: &UserView) -> bool {
        let enrolled = !user.methods.is_empty();
        match self {
            Self::All => true,
            Self::Enrolled => enrolled,
            Self::NotEnrolled => !enrolled,
            Self::TextOnly => user.methods == [Method::Sms],
            Self::NoBackupCodes => enrolled && user.backup_codes_left == 0,
            Self::Locked => user.state == UserState::Locked,
        }
    }
}

/// The end of an exemption whose last day is that one; nothing where the day is none, is over, or is too far off.
pub fn exempt_until(day: &str, zone: &Tz, now: Timestamp) -> Option<Timestamp> {
    let end = calendar::day_end(day, zone).ok()?;
    (end > now && end <= now + MOST_EXEMPT).then_some(end)
}

/// A reason that is put on the record, as it is kept; nothing where it is none: empty, too long, or of more than one line.
pub fn reason(typed: &str) -> Option<&str> {
    let typed = typed.trim();
    let fits = typed.chars().count() <= MOST_REASON && !typed.chars().any(char::is_control);
    (fits && !typed.is_empty()).then_some(typed)
}

impl User {
    /// Whether an admin has let them off for now.
    pub fn is_exempt(&self, now: Timestamp) -> bool {
        self.standing.exempt_until.is_some_and(|until| now < until)
    }

    /// Whether they may be sent a reminder to set a second step up: where they need one, and have not just had one.
    pub fn may_be_reminded(&self, policy: &LoginPolicy, now: Timestamp) -> bool {
        let lately = self.standing.reminded_at.is_some_and(|at| now < at + REMIND_AGAIN);
        !self.is_enrolled()
            && !lately
            && self.person.email.is_some()
            && self.need(policy, now) != Need::Optional
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{at, user};
    use super::super::{App, Decision, Telephone, totp};
    use super::*;
    use crate::domain::contact::{Email, Phone};

    fn app() -> App {
        App { secret: totp::Secret::new([7; 20]), last_step: 1, since: at(0) }
    }

    fn text() -> Telephone {
        Telephone { number: Phone::parse("+13055550142").unwrap(), since: at(0) }
    }

    #[test]
    fn each_user_is_in_the_groups_that_are_about_them() {
        use Group::{All, Enrolled, Locked, NoBackupCodes, NotEnrolled, TextOnly};
        let policy = LoginPolicy::default();
        for (app, text, codes, locked, groups) in [
            (None, None, 0, false, &[All, NotEnrolled][..]),
            (None, None, 0, true, &[All, NotEnrolled, Locked]),
            (Some(app()), None, 8, false, &[All, Enrolled]),
            (Some(app()), None, 0, false, &[All, Enrolled, NoBackupCodes]),
            (Some(app()), Some(text()), 8, false, &[All, Enrolled]),
            (None, Some(text()), 8, false, &[All, Enrolled, TextOnly]),
            (None, Some(text()), 0, true, &[All, Enrolled, TextOnly, NoBackupCodes, Locked]),
        ] {
            let mut one = user("agent", false);
            (one.standing.app, one.standing.text) = (app, text);
            let mut view = one.view(&policy, at(0));
            view.backup_codes_left = codes;
            view.state = if locked { UserState::Locked } else { view.state };
            let found: Vec<_> = Group::ALL.iter().copied().filter(|group| group.holds(&view)).collect();
            assert_eq!(found, groups, "{view:?}");
        }
    }

    #[test]
    fn a_reason_is_one_line_that_says_something() {
        let (longest, longer) = ("ñ".repeat(MOST_REASON), "ñ".repeat(MOST_REASON + 1));
        for (typed, kept) in [
            (" On leave ", Some("On leave")),
            (longest.as_str(), Some(longest.as_str())),
            (&longer, None),
            ("", None),
            (" \t ", None),
            ("one\ntwo", None),
        ] {
            assert_eq!(reason(typed), kept, "{typed:?}");
        }
    }

    #[test]
    fn an_exemption_ends_with_its_last_day_where_the_tenant_is() {
        let zone = time_tz::timezones::db::america::NEW_YORK;
        let now = Timestamp::parse("2027-03-10T15:00:00Z").unwrap();
        for (day, end) in [
            ("2027-03-09", None),
            ("2027-03-10", Some("2027-03-11T05:00:00Z")),
            // The night that the clocks go forward.
            ("2027-03-13", Some("2027-03-14T05:00:00Z")),
            ("2027-03-14", Some("2027-03-15T04:00:00Z")),
            ("2027-09-05", Some("2027-09-06T04:00:00Z")),
            ("2027-09-06", None),
            ("9999-12-31", None),
            ("soon", None),
            ("", None),
        ] {
            let end = end.map(|end| Timestamp::parse(end).unwrap());
            assert_eq!(exempt_until(day, zone, now), end, "{day}");
        }
    }

    #[test]
    fn who_is_exempt_needs_nothing_until_then_and_who_has_a_second_step_is_asked_for_it() {
        let policy = LoginPolicy { required_from: Some(at(0)), ..LoginPolicy::default() };
        for (role, enrolled, until, decision) in [
            ("agent", false, None, Decision::Enroll),
            ("agent", false, Some(at(61)), Decision::Allow),
            ("agent", false, Some(at(60)), Decision::Enroll),
            ("payroll", false, Some(at(61)), Decision::Allow),
            ("agent", true, Some(at(61)), Decision::Challenge),
        ] {
            let always = vec!["payroll".to_owned()];
            let policy = LoginPolicy { always_required_roles: always, ..policy.clone() };
            let mut one = user(role, enrolled);
            one.standing.exempt_until = until;
            assert_eq!(one.decide(&policy, at(60)), decision, "{role} {enrolled} {until:?}");
            let view = one.view(&policy, at(60));
            let exempt = until.filter(|until| *until > at(60));
            assert_eq!((view.exempt_until, view.required), (exempt, exempt.is_none()), "{role} {until:?}");
        }
    }

    #[test]
    fn a_reminder_goes_once_a_day_to_who_needs_a_second_step_and_has_none() {
        let day = 24 * 3600;
        let (from, later) = (Some(at(0)), Some(at(9 * day)));
        for (required, enrolled, exempt, reminded, email, may) in [
            (from, false, None, None, true, true),
            (later, false, None, None, true, true),
            (None, false, None, None, true, false),
            (from, true, None, None, true, false),
            (from, false, Some(at(2 * day)), None, true, false),
            (from, false, Some(at(day)), None, true, true),
            (from, false, None, Some(at(1)), true, false),
            (from, false, None, Some(at(0)), true, true),
            (from, false, None, None, false, false),
        ] {
            let policy = LoginPolicy { required_from: required, ..LoginPolicy::default() };
            let mut one = user("agent", enrolled);
            one.person.email = email.then(|| Email::parse("maria@crm.example").unwrap());
            (one.standing.exempt_until, one.standing.reminded_at) = (exempt, reminded);
            let case = format!("{required:?} {enrolled} {exempt:?} {reminded:?} {email}");
            assert_eq!(one.may_be_reminded(&policy, at(day)), may, "{case}");
        }
    }
}
