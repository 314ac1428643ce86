//! The pages of a sign-in: why and by what, the picture to scan, the backup codes, the field for a code.

use actix_web::http::StatusCode;
use qrcode::QrCode;
use qrcode::render::svg;
use serde::Serialize;

use crate::domain::calendar;
use crate::domain::challenge::State;
use crate::domain::code::NotACode;
use crate::domain::contact::Phone;
use crate::domain::i18n;
use crate::domain::locale::Locale;
use crate::domain::login::backup::{BackupCode, FEW};
use crate::domain::login::totp::Secret;
use crate::domain::login::trust::Device;
use crate::domain::login::{Method, Need, Pending};
use crate::domain::tenant::Tenant;
use crate::domain::timestamp::Timestamp;
use crate::usecase::login::link::Seat;

use super::super::ask::{Ask, Step};
use super::{Content, View};

/// What went wrong the last time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoginTrouble {
    NotACode(NotACode),
    NotABackupCode,
    /// What was typed, to be mended.
    NotANumber(String),
    Wrong,
    /// The code that was texted is over.
    Over,
    UsedUp,
    Wait,
    TooSoon(Timestamp),
    TooMany(Timestamp),
    OptedOut,
    NotServed,
    NotSaved,
}

/// U1.
#[derive(Serialize)]
pub(super) struct Protect {
    alert: Option<String>,
    lines: Vec<String>,
    offers: Vec<Offer>,
}

/// Something that a press of a button does.
#[derive(Serialize)]
struct Offer {
    look: &'static str,
    wish: &'static str,
    label: String,
    hint: Option<&'static str>,
}

/// U2.
#[derive(Serialize)]
pub(super) struct Scan {
    step: &'static str,
    hint: &'static str,
    /// Made here, of nothing but squares.
    picture: String,
    picture_name: &'static str,
    key_label: &'static str,
    key: String,
    copy: &'static str,
    copied: &'static str,
    field: Field,
}

/// U3.
#[derive(Serialize)]
pub(super) struct Codes {
    lines: Vec<&'static str>,
    list: Vec<String>,
    /// The same as a file.
    file: Option<String>,
    download: &'static str,
    print: &'static str,
    copy: &'static str,
    copied: &'static str,
    renew: Option<&'static str>,
    saved: &'static str,
    saved_error: Option<&'static str>,
    go: &'static str,
}

/// The number that codes are texted to, before it counts.
#[derive(Serialize)]
pub(super) struct Number {
    step: &'static str,
    alert: Option<String>,
    lines: Vec<&'static str>,
    field: Field,
    /// What stands in the field: nothing is sent there before somebody presses the button.
    typed: String,
    rates: &'static str,
}

/// U4, and the first code that a number gets.
#[derive(Serialize)]
pub(super) struct SignIn {
    step: &'static str,
    wish: &'static str,
    mode: &'static str,
    autocomplete: &'static str,
    alert: Option<String>,
    lines: Vec<String>,
    field: Option<Field>,
    trust: Option<Trust>,
    /// The button that sends a code, or sends it again.
    send: Option<Offer>,
    ways: Vec<Another>,
    lost: Option<&'static str>,
}

/// Whether the browser is trusted from now on.
#[derive(Serialize)]
struct Trust {
    label: String,
    hint: &'static str,
}

/// A field for a code.
#[derive(Serialize)]
struct Field {
    label: &'static str,
    error: Option<String>,
    go: &'static str,
}

/// The way to another field.
#[derive(Serialize)]
struct Another {
    step: &'static str,
    label: &'static str,
}

/// What a user who is in can change.
#[derive(Serialize)]
pub(super) struct Manage {
    lines: Vec<String>,
    parts: Vec<Part>,
    devices_title: &'static str,
    devices: Vec<DeviceLine>,
    no_devices: Option<&'static str>,
    remove: &'static str,
    remove_all: Option<&'static str>,
    done: &'static str,
}

#[derive(Serialize)]
struct Part {
    title: &'static str,
    says: String,
    offers: Vec<Offer>,
}

#[derive(Serialize)]
struct DeviceLine {
    id: String,
    name: String,
    says: String,
}

/// A sign-in's page in a language.
struct Told<'a> {
    tenant: &'a Tenant,
    seat: &'a Seat,
    locale: Locale,
    trouble: Option<LoginTrouble>,
}

impl View {
    /// The page of a sign-in as it is now.
    pub fn login(
        ask: &Ask,
        tenant: &Tenant,
        (seat, epoch): (&Seat, i64),
        trouble: Option<LoginTrouble>,
    ) -> Self {
        let locale = ask.asked.unwrap_or_else(|| seat.user.locale(tenant));
        let failed = trouble.is_some();
        let told = Told { tenant, seat, locale, trouble };
        let locked = seat.locked_until().is_some();
        let (template, h1, content) = told.page(ask.step, locked, epoch);
        let mut view = Self::new(ask, Some(tenant), locale, template, told.say(h1).to_owned(), content);
        view.onward = Some(seat.login.return_url.origin());
        if locked {
            view.status = StatusCode::TOO_MANY_REQUESTS;
        } else if failed {
            view.status = StatusCode::UNPROCESSABLE_ENTITY;
            view.title = i18n::fill(locale, "page.error_title", &[("title", &view.title)]);
        }
        view
    }

    /// U3: the backup codes, which no other answer has.
    pub fn backup_codes(ask: &Ask, tenant: &Tenant, seat: &Seat, codes: &[BackupCode]) -> Self {
        let locale = ask.asked.unwrap_or_else(|| seat.user.locale(tenant));
        let told = Told { tenant, seat, locale, trouble: None };
        let content = Content::Codes(told.codes(codes));
        let h1 = told.say("page.login.codes").to_owned();
        // The other language would be asked for by an address that no longer shows them.
        let mut view = Self::new(ask, Some(tenant), locale, "login_codes", h1, content);
        view.onward = Some(seat.login.return_url.origin());
        view
    }

    /// A form that another site sent.
    pub fn foreign_login(ask: &Ask, tenant: &Tenant) -> Self {
        let says = ("page.trouble.foreign", &["page.trouble.foreign.code.do"][..]);
        Self::notice(ask, Some(tenant), None, StatusCode::FORBIDDEN, says, &[])
    }
}

impl Told<'_> {
    fn say(&self, key: &'static str) -> &'static str {
        i18n::text(self.locale, key)
    }

    fn fill(&self, key: &str, values: &[(&str, &str)]) -> String {
        i18n::fill(self.locale, key, values)
    }

    /// Until when nothing can be typed.
    fn locked(&self) -> Option<String> {
        let until = self.seat.locked_until()?;
        Some(self.fill("page.login.locked", &[("at", &self.at(until))]))
    }

    fn page(&self, step: Step, locked: bool, epoch: i64) -> (&'static str, &'static str, Content) {
        let Seat { user, login, now, .. } = self.seat;
        if user.is_enrolled() && login.enrolled {
            return ("login_codes", "page.login.codes", Content::Codes(self.codes(&[])));
        }
        if user.may_change(login, *now) && !locked {
            return match (step, &login.setting_up) {
                (Step::App, Some(Pending::App { secret })) => {
                    ("login_app", "page.login.app.title", Content::Scan(self.scan(secret)))
                }
                (Step::Text, Some(Pending::Sms { number, .. })) => {
                    let content = Content::SignIn(Box::new(self.first_code(number)));
                    ("login_code", "page.login.number.title", content)
                }
                (Step::Text | Step::Number, _) => {
                    ("login_number", "page.login.number.title", Content::Number(self.number()))
                }
                _ if user.is_enrolled() => {
                    ("login_manage", "page.login.manage", Content::Manage(self.manage(epoch)))
                }
                _ => ("login_start", "page.login.protect", Content::Protect(self.protect())),
            };
        }
        if user.is_enrolled() {
            let content = Content::SignIn(Box::new(self.sign_in(step, epoch)));
            return ("login_code", "page.login.enter", content);
        }
        ("login_start", "page.login.protect", Content::Protect(self.protect()))
    }

    /// Who asks for a second step, where somebody does.
    fn why(&self) -> Option<String> {
        let Seat { user, now, .. } = self.seat;
        let required = user.need(&self.tenant.policy.login, *now) != Need::Optional;
        required.then(|| self.fill("page.login.why", &[("tenant", self.tenant.short_name())]))
    }

    /// A text with a number, which has a form of its own for one.
    fn count(&self, key: &str, n: usize) -> String {
        let key = if n == 1 { format!("{key}.one") } else { key.to_owned() };
        self.fill(&key, &[("n", &n.to_string())])
    }

    fn at(&self, at: Timestamp) -> String {
        calendar::at_time(self.locale, at, self.tenant.time_zone)
    }

    fn date(&self, at: Timestamp) -> String {
        calendar::date(self.locale, at, self.tenant.time_zone)
    }

    fn protect(&self) -> Protect {
        let waits = self.seat.user.may_wait(&self.tenant.policy.login, self.seat.now);
        let waits = waits.filter(|_| !self.seat.login.manages);
        let why = self.why().unwrap_or_else(|| self.say("page.login.why.choice").to_owned());
        let grace = waits.map(|until| self.fill("page.login.grace", &[("date", &self.date(until))]));
        let alert = self.locked();
        let offer = |look, wish, label, hint: Option<&'static str>| Offer {
            look,
            wish,
            label: self.say(label).to_owned(),
            hint: hint.map(|hint| self.say(hint)),
        };
        let mut offers = Vec::new();
        if alert.is_none() {
            offers.push(offer("primary", "app", "page.login.app", Some("page.login.app.hint")));
            offers.push(offer("second", "choose_text", "page.login.text", Some("page.login.text.hint")));
        }
        offers.extend(waits.map(|_| offer("second", "later", "page.login.later", None)));
        if self.seat.login.manages {
            offers.push(offer("second", "leave", "page.login.back", None));
        }
        Protect { lines: [why].into_iter().chain(grace).collect(), offers, alert }
    }

    fn number(&self) -> Number {
        let person = &self.seat.user.person;
        let typed = match (&self.trouble, &self.seat.login.setting_up) {
            (Some(LoginTrouble::NotANumber(typed)), _) => typed.clone(),
            (_, Some(Pending::Sms { number, .. })) => number.expose().to_owned(),
            _ => person.mobile.as_ref().map_or_else(String::new, |mobile| mobile.expose().to_owned()),
        };
        let (error, alert) = match self.trouble {
            Some(LoginTrouble::NotANumber(_)) => (self.error(Step::Number), None),
            _ => (None, self.error(Step::Number)),
        };
        Number {
            step: Step::Number.as_str(),
            alert,
            lines: vec![self.say("page.login.number.why")],
            field: Field {
                label: self.say("page.login.number.label"),
                error,
                go: self.say("page.login.text.go"),
            },
            typed,
            rates: self.say("page.code.rates"),
        }
    }

    /// The first code that a number gets: from the right one on it counts.
    fn first_code(&self, number: &Phone) -> SignIn {
        let sent = self.fill("page.login.text.sent", &[("last2", number.last2())]);
        let label = self.say("page.code.again").to_owned();
        SignIn {
            step: Step::Text.as_str(),
            wish: "confirm_number",
            mode: "numeric",
            autocomplete: "one-time-code",
            alert: None,
            lines: vec![sent],
            field: Some(Field {
                label: self.say("page.login.code.label"),
                error: self.error(Step::Text),
                go: self.say("page.login.turn_on"),
            }),
            trust: None,
            send: Some(Offer { look: "second", wish: "again", label, hint: None }),
            ways: vec![Another { step: Step::Number.as_str(), label: self.say("page.login.number.other") }],
            lost: None,
        }
    }

    fn manage(&self, epoch: i64) -> Manage {
        let Seat { user, now, .. } = self.seat;
        let (standing, policy) = (&user.standing, &self.tenant.policy.login);
        let offer =
            |wish, label| Offer { look: "second", wish, label: self.say(label).to_owned(), hint: None };
        let removal =
            |method, wish| user.may_remove(method, policy, *now).then(|| offer(wish, "page.login.remove"));
        let app = standing.app.as_ref().map_or_else(
            || self.say("page.login.off").to_owned(),
            |app| self.fill("page.login.on_since", &[("date", &self.date(app.since))]),
        );
        let text = standing.text.as_ref().map_or_else(
            || self.say("page.login.off").to_owned(),
            |text| {
                let values = [("last2", text.number.last2()), ("date", &self.date(text.since))];
                self.fill("page.login.text.on_since", &values)
            },
        );
        let set_app = if standing.app.is_some() { "page.login.app.another" } else { "page.login.app.add" };
        let set_text =
            if standing.text.is_some() { "page.login.number.other" } else { "page.login.text.add" };
        let parts = vec![
            Part {
                title: self.say("page.login.app.name"),
                says: app,
                offers: [offer("app", set_app)]
                    .into_iter()
                    .chain(removal(Method::Authenticator, "remove_app"))
                    .collect(),
            },
            Part {
                title: self.say("page.login.text.name"),
                says: text,
                offers: [offer("choose_text", set_text)]
                    .into_iter()
                    .chain(removal(Method::Sms, "remove_text"))
                    .collect(),
            },
            Part {
                title: self.say("page.login.codes.name"),
                says: self.count("page.login.codes.left", standing.backup.left()),
                offers: vec![offer("renew", "page.login.codes.new")],
            },
        ];
        let live = standing.devices.live(policy, *now, epoch);
        let devices: Vec<_> = live.into_iter().map(|device| self.device(device)).collect();
        Manage {
            lines: self.why().into_iter().collect(),
            parts,
            devices_title: self.say("page.login.devices"),
            no_devices: devices.is_empty().then(|| self.say("page.login.devices.none")),
            remove_all: (devices.len() > 1).then(|| self.say("page.login.devices.remove_all")),
            devices,
            remove: self.say("page.login.remove"),
            done: self.say("page.login.done"),
        }
    }

    fn device(&self, device: &Device) -> DeviceLine {
        let used = self.date(device.last_used_at);
        let until = self.date(device.ends_at(&self.tenant.policy.login));
        let unknown = self.say("page.login.devices.unknown");
        DeviceLine {
            id: device.id.to_string(),
            name: if device.name.is_empty() { unknown.to_owned() } else { device.name.clone() },
            says: self.fill("page.login.devices.used", &[("used", &used), ("until", &until)]),
        }
    }

    fn scan(&self, secret: &Secret) -> Scan {
        let person = &self.seat.user.person;
        let account = person.email.as_ref().map_or(person.name.as_str(), |email| email.expose());
        let address = secret.address(self.tenant.short_name(), account).unwrap_or_default();
        Scan {
            step: Step::App.as_str(),
            hint: self.say("page.login.scan"),
            picture: picture(&address),
            picture_name: self.say("page.login.picture"),
            key_label: self.say("page.login.key"),
            key: secret.key(),
            copy: self.say("page.login.codes.copy"),
            copied: self.say("page.login.codes.copied"),
            field: Field {
                label: self.say("page.login.type"),
                error: self.error(Step::App),
                go: self.say("page.login.turn_on"),
            },
        }
    }

    fn codes(&self, codes: &[BackupCode]) -> Codes {
        let codes: Vec<_> = codes.iter().map(BackupCode::expose).collect();
        let shown = !codes.is_empty();
        let not_saved = self.trouble == Some(LoginTrouble::NotSaved);
        Codes {
            lines: ["page.login.on", "page.login.codes.why", "page.login.codes.keep"]
                .map(|key| self.say(key))
                .into(),
            file: shown.then(|| format!("data:text/plain;charset=utf-8,{}", codes.join("%0A"))),
            list: codes,
            download: self.say("page.login.codes.download"),
            print: self.say("page.login.codes.print"),
            copy: self.say("page.login.codes.copy"),
            copied: self.say("page.login.codes.copied"),
            renew: (!shown && self.seat.user.may_renew(&self.seat.login, self.seat.now))
                .then(|| self.say("page.login.codes.new")),
            saved: self.say("page.login.codes.saved"),
            saved_error: not_saved.then(|| self.say("page.login.codes.not_saved")),
            go: self.say("page.login.finish"),
        }
    }

    fn sign_in(&self, step: Step, epoch: i64) -> SignIn {
        let standing = &self.seat.user.standing;
        let by = match step {
            Step::Backup => Step::Backup,
            Step::Text if standing.text.is_some() => Step::Text,
            _ if standing.app.is_some() => Step::Start,
            _ => Step::Text,
        };
        let locked = self.locked();
        let open = locked.is_none();
        let backup = by == Step::Backup;
        let out = standing.code.as_ref().filter(|out| out.state(self.seat.now, epoch) == State::Active);
        let typable = open && (by != Step::Text || out.is_some());
        let (wish, label) = match by {
            Step::Backup => ("backup", "page.login.backup.label"),
            Step::Text => ("check_text", "page.login.code.label"),
            _ => ("check", "page.login.code.label"),
        };
        let error = self.error(by).filter(|_| open);
        let go = if self.seat.login.manages { "page.continue" } else { "page.login.sign_in" };
        SignIn {
            step: by.as_str(),
            wish,
            mode: if backup { "text" } else { "numeric" },
            autocomplete: if backup { "off" } else { "one-time-code" },
            lines: if open { self.how(by, out.is_some()) } else { Vec::new() },
            trust: self.trust().filter(|_| typable),
            send: (open && by == Step::Text).then(|| self.send(out.is_some())),
            ways: if open { self.ways(by) } else { Vec::new() },
            alert: locked.or_else(|| error.clone().filter(|_| !typable)),
            field: typable.then(|| Field { label: self.say(label), error, go: self.say(go) }),
            lost: Some(self.say("page.login.lost")),
        }
    }

    /// Where the code comes from.
    fn how(&self, by: Step, sent: bool) -> Vec<String> {
        let standing = &self.seat.user.standing;
        let last2 = standing.text.as_ref().map_or("", |text| text.number.last2());
        let from = match by {
            Step::Backup => self.say("page.login.backup.from").to_owned(),
            Step::Text if sent => self.fill("page.login.text.sent", &[("last2", last2)]),
            Step::Text => self.fill("page.login.text.ask", &[("last2", last2)]),
            _ => self.say("page.login.code.from").to_owned(),
        };
        let left = standing.backup.left();
        let low = (left <= FEW).then(|| self.count("page.login.few", left));
        let why = self.seat.login.manages.then(|| self.say("page.login.prove").to_owned());
        why.into_iter().chain([from]).chain(low).collect()
    }

    fn trust(&self) -> Option<Trust> {
        let days = self.tenant.policy.login.trust_days;
        let key = if days == 1 { "page.login.trust.one" } else { "page.login.trust" };
        (days > 0 && !self.seat.login.manages).then(|| Trust {
            label: self.fill(key, &[("days", &days.to_string())]),
            hint: self.say("page.login.trust.hint"),
        })
    }

    fn send(&self, sent: bool) -> Offer {
        let (look, label) =
            if sent { ("second", "page.code.again") } else { ("primary", "page.login.text.go") };
        Offer { look, wish: "text", label: self.say(label).to_owned(), hint: None }
    }

    /// The other ways to sign in.
    fn ways(&self, by: Step) -> Vec<Another> {
        let standing = &self.seat.user.standing;
        let all = [
            (standing.app.is_some(), Step::Start, "page.login.other.app"),
            (standing.text.is_some(), Step::Text, "page.login.other.text"),
            (standing.backup.left() > 0, Step::Backup, "page.login.other.backup"),
        ];
        let others = all.into_iter().filter(|(there, step, _)| *there && *step != by);
        others.map(|(_, step, label)| Another { step: step.as_str(), label: self.say(label) }).collect()
    }

    /// What went wrong in the field of a step, and what to do.
    fn error(&self, by: Step) -> Option<String> {
        let key = match self.trouble.as_ref()? {
            LoginTrouble::NotACode(NotACode::Characters) => "page.login.error.characters",
            LoginTrouble::NotACode(NotACode::Length { expected }) => {
                return Some(self.fill("page.login.error.length", &[("digits", &expected.to_string())]));
            }
            LoginTrouble::TooSoon(until) => {
                let seconds = until.since(self.seat.now).as_secs().max(1).to_string();
                return Some(self.fill("page.code.error.wait", &[("seconds", &seconds)]));
            }
            LoginTrouble::TooMany(until) => {
                return Some(self.fill("page.login.error.sends", &[("at", &self.at(*until))]));
            }
            LoginTrouble::NotABackupCode => "page.login.error.backup",
            LoginTrouble::Wrong | LoginTrouble::UsedUp if by == Step::Backup => "page.login.error.backup",
            LoginTrouble::NotANumber(_) => "page.login.error.number",
            LoginTrouble::Wrong if by == Step::Text => "page.login.error.text",
            LoginTrouble::Wrong | LoginTrouble::NotSaved => "page.login.error.app",
            LoginTrouble::Over => "page.login.error.over",
            LoginTrouble::UsedUp => "page.login.error.used_up",
            LoginTrouble::Wait => "page.login.error.wait",
            LoginTrouble::OptedOut => "page.login.error.opted_out",
            LoginTrouble::NotServed => "page.login.error.not_served",
        };
        Some(self.say(key).to_owned())
    }
}

/// A QR code as an element of the page: dark on light by night, too, or not every telephone reads it.
fn picture(text: &str) -> String {
    let Ok(code) = QrCode::new(text) else { return String::new() };
    let drawn = code.render::<svg::Color<'_>>().min_dimensions(200, 200).build();
    drawn.find("<svg").map_or_else(String::new, |at| drawn[at..].to_owned())
}
