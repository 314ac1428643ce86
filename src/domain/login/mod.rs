//! A user of the CRM who signs in: whether a second step is asked for, by what, and how far they are with it.
//!
//! A user is one row that a transaction locks. Nothing a page shows is proven by it: only a right code is.

pub mod backup;
mod factor;
pub mod notice;
mod roster;
pub mod totp;
pub mod trust;
mod view;

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::challenge::State;
use super::contact::{Contact, Destination, Phone};
use super::guest::Out;
use super::id::{BadId, ChallengeId, ContactId, LoginId, UserId};
use super::locale::Locale;
use super::message::{Message, Purpose};
use super::policy::{CodeRules, LoginPolicy};
use super::proof::{BrowserToken, Proofs};
use super::refusal::{Refusal, Sendable};
use super::return_url::ReturnUrl;
use super::tenant::Tenant;
use super::timestamp::Timestamp;

use backup::BackupCodes;
use notice::Notices;
use trust::{Device, Devices};

pub use factor::{App, Pace, Pending, Telephone};
pub use roster::{Group, MOST_REASON, exempt_until, reason};
pub use view::{UserState, UserView};

/// How long the page of a sign-in opens: long enough to install an app.
pub const LOGIN_LASTS: Duration = Duration::from_mins(30);
/// Sign-ins of one user that may wait side by side, on as many devices; a newer one takes the place of the oldest.
const MOST_LOGINS: usize = 10;
/// How long after a right code a user may change their second step (security rule F9).
const FRESH: Duration = Duration::from_mins(15);

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$why:meta])* $word:ident $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$why])* $word),* }

        impl $name {
            pub const ALL: &[Self] = &[$(Self::$word),*];

            /// The name in the API.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$word => $text),* }
            }
        }
    };
}
use words;

words! {
    /// What a user who gave the right password does next.
    Decision {
        /// Nothing: the host lets them in.
        Allow "allow",
        /// They prove who they are on the page.
        Challenge "challenge",
        /// They are asked to set a second step up, on the page.
        Enroll "enroll",
    }
}

words! {
    /// By what a user signed in.
    Method {
        Authenticator "authenticator",
        /// A code that was texted.
        Sms "sms",
        BackupCode "backup_code",
        /// A browser that they trust.
        TrustedDevice "trusted_device",
        /// By nothing but the password: they were asked to set a second step up, and may still do it later.
        Later "later",
    }
}

/// Whether a second step is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Whoever has one is asked for it.
    Optional,
    /// Everybody needs one from this day on, and is reminded until then.
    From(Timestamp),
    Now,
}

/// Whether somebody with this role needs a second step now, unless they are exempt.
fn need(policy: &LoginPolicy, role: &str, now: Timestamp) -> Need {
    if policy.always_required_roles.iter().any(|always| always.eq_ignore_ascii_case(role)) {
        return Need::Now;
    }
    match policy.required_from {
        None => Need::Optional,
        Some(from) if from > now => Need::From(from),
        Some(_) => Need::Now,
    }
}

/// A page of a sign-in that is open, or has just been passed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Login {
    pub id: LoginId,
    pub link: ChallengeId,
    pub return_url: ReturnUrl,
    pub ends_at: Timestamp,
    /// Whether it is no sign-in, but the page where a user who is in changes their second step.
    #[serde(default)]
    pub manages: bool,
    /// What it sets up; it counts from its first right code on.
    #[serde(default)]
    pub setting_up: Option<Pending>,
    /// Whether the second step was set up on it, and its backup codes are to be saved: that is proof enough.
    #[serde(default)]
    pub enrolled: bool,
    /// When a code of the second step was right on it.
    #[serde(default)]
    pub proven_at: Option<Timestamp>,
    #[serde(default)]
    pub passed: bool,
    #[serde(default)]
    pub proofs: Proofs<Method>,
}

/// How far a user is.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Standing {
    pub app: Option<App>,
    pub text: Option<Telephone>,
    /// The newest code that was texted to sign in by.
    pub code: Option<Out>,
    /// Wrong codes of one step of an app.
    pub pace: Pace,
    pub backup: BackupCodes,
    /// Wrong codes, whatever they were codes of.
    pub throttle: super::throttle::Throttle,
    pub logins: Vec<Login>,
    pub devices: Devices,
    pub notices: Notices,
    pub last_sign_in: Option<Timestamp>,
    /// Until when an admin has let them off setting a second step up.
    pub exempt_until: Option<Timestamp>,
    /// When they were last reminded to.
    pub reminded_at: Option<Timestamp>,
}

/// A user as they are kept.
#[derive(Clone, Debug)]
pub struct User {
    pub id: UserId,
    /// Whom the host named; the id is the same.
    pub person: Contact,
    pub standing: Standing,
    pub created_at: Timestamp,
}

impl User {
    pub fn locale(&self, tenant: &Tenant) -> Locale {
        self.person.locale.unwrap_or(tenant.default_locale)
    }

    /// Whether they need a second step now: who is exempt needs none until then.
    pub fn need(&self, policy: &LoginPolicy, now: Timestamp) -> Need {
        if self.is_exempt(now) { Need::Optional } else { need(policy, &self.person.role, now) }
    }

    /// What happens at this user's next sign-in.
    pub fn decide(&self, policy: &LoginPolicy, now: Timestamp) -> Decision {
        match self.need(policy, now) {
            _ if self.is_enrolled() => Decision::Challenge,
            Need::Optional => Decision::Allow,
            Need::From(_) | Need::Now => Decision::Enroll,
        }
    }

    /// Until when the second step can be put off, where it can.
    pub fn may_wait(&self, policy: &LoginPolicy, now: Timestamp) -> Option<Timestamp> {
        match self.need(policy, now) {
            Need::From(from) if !self.is_enrolled() => Some(from),
            _ => None,
        }
    }

    /// Whether they have a second step.
    pub fn is_enrolled(&self) -> bool {
        self.standing.app.is_some() || self.standing.text.is_some()
    }

    /// By what they can prove it, the better one first.
    pub fn methods(&self) -> Vec<Method> {
        let app = self.standing.app.as_ref().map(|_| Method::Authenticator);
        app.into_iter().chain(self.standing.text.as_ref().map(|_| Method::Sms)).collect()
    }

    /// Whether a page may set something up or take it away now: whoever has a second step must just have proven it there
    /// (security rule F9).
    pub fn may_change(&self, login: &Login, now: Timestamp) -> bool {
        !self.is_enrolled() || (login.manages && login.is_fresh(now))
    }

    /// Whether a page may draw new backup codes now: where the second step was just proven, or set up.
    pub fn may_renew(&self, login: &Login, now: Timestamp) -> bool {
        self.is_enrolled() && (login.manages || login.enrolled) && login.is_fresh(now)
    }

    /// A factor changed on one page: what the others have proven by those before it, or are setting up, counts no more.
    /// Gives the codes that are out on them.
    pub fn forget_elsewhere(&mut self, page: &LoginId) -> Vec<ChallengeId> {
        let others = self.standing.logins.iter_mut().filter(|login| login.id != *page);
        others.filter_map(Login::forget).collect()
    }

    /// Whether they may be without this one: the last is kept where a second step is needed, now or from a day on.
    pub fn may_remove(&self, method: Method, policy: &LoginPolicy, now: Timestamp) -> bool {
        let methods = self.methods();
        let last = methods.len() == 1 && self.need(policy, now) != Need::Optional;
        methods.contains(&method) && !last
    }

    /// Takes one away. The last takes the backup codes along. Gives the codes that are out for it.
    pub fn remove(&mut self, method: Method) -> Option<Out> {
        let out = match method {
            Method::Authenticator => {
                self.standing.app = None;
                None
            }
            Method::Sms => {
                self.standing.text = None;
                self.standing.code.take()
            }
            Method::BackupCode | Method::TrustedDevice | Method::Later => None,
        };
        if !self.is_enrolled() {
            self.standing.backup = BackupCodes::default();
        }
        out
    }

    /// Whether a code may be texted now.
    ///
    /// # Errors
    /// `Locked`, `TooSoon`, `TooManySends`
    pub fn may_text(&self, rules: &CodeRules, now: Timestamp) -> Result<(), Refusal> {
        if let Some(until) = self.locked_until(now) {
            return Err(Refusal::Locked { until });
        }
        let counts = &self.standing.throttle;
        counts.may_send(&self.person.id, rules.to_send(), now).map_err(|limit| limit.refusal(Sendable::Code))
    }

    /// Where the code of a challenge is texted to, while it is out.
    fn number_of(&self, challenge: &ChallengeId) -> Option<&Phone> {
        let to_sign_in = self.standing.code.as_ref().filter(|out| out.challenge == *challenge);
        let setting_up = || {
            self.standing.logins.iter().find_map(|login| match &login.setting_up {
                Some(Pending::Sms { number, code }) if code.challenge == *challenge => Some(number),
                _ => None,
            })
        };
        match (to_sign_in, &self.standing.text) {
            (Some(_), Some(text)) => Some(&text.number),
            _ => setting_up(),
        }
    }

    /// The number that counts.
    pub fn number(&self) -> Option<Phone> {
        self.standing.text.as_ref().map(|text| text.number.clone())
    }

    /// Every number that codes go to, or went to a moment ago to set it up, and that news went to.
    pub fn numbers(&self) -> impl Iterator<Item = &Phone> {
        let setting_up = self.standing.logins.iter().filter_map(|login| match &login.setting_up {
            Some(Pending::Sms { number, .. }) => Some(number),
            _ => None,
        });
        let counts = self.standing.text.iter().map(|text| &text.number);
        counts.chain(setting_up).chain(self.standing.notices.numbers())
    }

    /// A browser that skips the second step of this sign-in. Nobody changes a second step by it.
    pub fn trusts<'d>(
        &'d mut self,
        login: &Login,
        token: &BrowserToken,
        policy: &LoginPolicy,
        (now, epoch): (Timestamp, i64),
    ) -> Option<&'d mut Device> {
        let asked = self.is_enrolled() && !login.manages && !login.enrolled;
        self.standing.devices.find(token, policy, now, epoch).filter(|_| asked)
    }

    /// Until when no code of any kind is taken.
    pub fn locked_until(&self, now: Timestamp) -> Option<Timestamp> {
        self.standing.throttle.locked_until(&self.person.id, now)
    }

    /// Counts a try before it is known whether it is right.
    pub fn count_try(&mut self, rules: &CodeRules, now: Timestamp) {
        self.standing.throttle.count_try(&self.person.id, rules, now);
    }

    /// The try just counted was right.
    pub fn forgive_try(&mut self) {
        self.standing.throttle.forgive_try(&self.person.id);
    }

    /// Locks where the tries are used up. Gives the end of a lock that began.
    pub fn lock_if_used_up(&mut self, rules: &CodeRules, now: Timestamp) -> Option<Timestamp> {
        self.standing.throttle.lock_if_used_up(&self.person.id, rules, now)
    }

    /// Keeps a new sign-in, and forgets those that are over. Gives the one whose place it takes.
    pub fn begin(&mut self, login: Login, now: Timestamp) -> Option<Login> {
        let logins = &mut self.standing.logins;
        logins.retain(|kept| kept.ends_at > now);
        let oldest = (logins.len() >= MOST_LOGINS).then(|| logins.remove(0));
        logins.push(login);
        oldest
    }

    /// A sign-in that has not ended.
    pub fn login(&mut self, id: &LoginId) -> Option<&mut Login> {
        self.standing.logins.iter_mut().find(|login| login.id == *id)
    }

    /// Takes the second step away, with every sign-in that waits. Gives the links and codes that are out.
    pub fn reset(&mut self) -> Vec<ChallengeId> {
        let code = self.standing.code.take().map(|out| out.challenge);
        self.standing.app = None;
        self.standing.text = None;
        self.standing.pace = Pace::default();
        self.standing.backup = BackupCodes::default();
        self.standing.throttle.unlock(None);
        let logins = std::mem::take(&mut self.standing.logins);
        logins.iter().flat_map(Login::challenges).chain(code).collect()
    }
}

impl Login {
    /// Whether the second step was proven on it a moment ago.
    fn is_fresh(&self, now: Timestamp) -> bool {
        self.proven_at.is_some_and(|at| now < at + FRESH)
    }

    fn forget(&mut self) -> Option<ChallengeId> {
        self.proven_at = None;
        self.enrolled = false;
        self.setting_up.take().and_then(|pending| pending.code().map(|out| out.challenge.clone()))
    }

    /// Its link, and the code that it sets a number up by.
    pub fn challenges(&self) -> Vec<ChallengeId> {
        let code = self.setting_up.as_ref().and_then(Pending::code).filter(|out| out.is_open());
        [Some(&self.link), code.map(|out| &out.challenge)].into_iter().flatten().cloned().collect()
    }
}

/// Whether a queued message to a user may go out at this moment, and where to. Asked anew right before each attempt.
///
/// # Errors
/// Why nobody should get it any more, in one word.
pub fn may_send(
    tenant: &Tenant,
    user: Option<&User>,
    message: &Message,
    challenge: State,
    same: impl Fn(&str) -> bool,
) -> Result<(Contact, Destination), &'static str> {
    let user = user.filter(|_| tenant.eligible).ok_or("user_gone")?;
    let destination = if message.purpose == Purpose::LoginCode {
        if challenge != State::Active {
            return Err("code_over");
        }
        user.number_of(&message.challenge).cloned().map(Destination::Phone)
    } else {
        // Who has set one up meanwhile is reminded of nothing.
        let idle = message.purpose == Purpose::LoginReminder && user.is_enrolled();
        let notice = user.standing.notices.of(&message.id).filter(|_| !idle).ok_or("notice_over")?;
        notice.destination(&message.id, user.person.email.as_ref())
    };
    let destination = destination.filter(|to| same(&to.normal())).ok_or("detail_changed")?;
    Ok((user.person.clone(), destination))
}

/// Which sign-in a link is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    pub user: UserId,
    pub login: LoginId,
}

impl About {
    /// The sign-in that a challenge is about.
    pub fn parse(subject: &str) -> Option<Self> {
        let (user, login) = subject.rsplit_once('/')?;
        Some(Self { user: UserId::parse(user).ok()?, login: LoginId::parse(login).ok()? })
    }
}

impl About {
    /// Whom the code is about that a sign-in sets a number up by: no code of it signs anybody in.
    pub fn number(&self) -> String {
        format!("{self}/number")
    }
}

impl fmt::Display for About {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.user, self.login)
    }
}

/// A user stands where a contact does in what is counted and on the record.
///
/// # Errors
/// Never for an id that is a user's.
pub fn as_contact(user: &UserId) -> Result<ContactId, BadId> {
    ContactId::parse(user.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    pub fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(1_800_000_000 + seconds)
    }

    pub fn user(role: &str, enrolled: bool) -> User {
        let id = UserId::parse("u-77").unwrap();
        let app = App { secret: totp::Secret::new([7; 20]), last_step: 1, since: at(0) };
        let person = Contact {
            id: as_contact(&id).unwrap(),
            name: "Maria Lopez".to_owned(),
            role: role.to_owned(),
            email: None,
            mobile: None,
            phone: None,
            locale: None,
            email_changed_at: None,
            mobile_changed_at: None,
            phone_changed_at: None,
        };
        let standing = Standing { app: enrolled.then_some(app), ..Standing::default() };
        User { id, person, standing, created_at: at(0) }
    }

    #[test]
    fn who_has_a_second_step_is_asked_for_it_and_who_needs_one_sets_it_up() {
        let payroll = vec!["Payroll".to_owned()];
        for (required, always, role, enrolled, decision, waits) in [
            (None, &[][..], "agent", false, Decision::Allow, None),
            (None, &[], "agent", true, Decision::Challenge, None),
            (Some(at(60)), &[], "agent", false, Decision::Enroll, Some(at(60))),
            (Some(at(60)), &[], "agent", true, Decision::Challenge, None),
            (Some(at(0)), &[], "agent", false, Decision::Enroll, None),
            (None, &payroll, "payroll", false, Decision::Enroll, None),
            (Some(at(60)), &payroll, "payroll", false, Decision::Enroll, None),
            (None, &payroll, "agent", false, Decision::Allow, None),
        ] {
            let policy = LoginPolicy {
                required_from: required,
                always_required_roles: always.to_vec(),
                ..LoginPolicy::default()
            };
            let user = user(role, enrolled);
            let told = (user.decide(&policy, at(0)), user.may_wait(&policy, at(0)));
            assert_eq!(told, (decision, waits), "{required:?} {role} {enrolled}");
        }
    }

    #[test]
    fn a_subject_names_the_user_and_the_sign_in() {
        let login = LoginId::new(at(0), [1; 10]);
        for user in ["u-77", "a/b", "客户 7"] {
            let about = About { user: UserId::parse(user).unwrap(), login: login.clone() };
            assert_eq!(About::parse(&about.to_string()), Some(about));
        }
        let about = About { user: UserId::parse("u-77").unwrap(), login: login.clone() };
        for other in ["u-77", "u-77/link", &format!("/{login}"), &about.number()] {
            assert_eq!(About::parse(other), None, "{other}");
        }
    }
}
