//! The pages of a sign-in: why and by what, the picture to scan, the backup codes, the field for a code.

use actix_web::http::StatusCode;
use qrcode::QrCode;
use qrcode::render::svg;
use serde::Serialize;

use crate::domain::calendar;
use crate::domain::code::NotACode;
use crate::domain::i18n;
use crate::domain::locale::Locale;
use crate::domain::login::backup::{BackupCode, FEW};
use crate::domain::login::totp::Secret;
use crate::domain::tenant::Tenant;
use crate::usecase::login::link::Seat;

use super::super::ask::{Ask, Step};
use super::{Content, View};

/// What went wrong the last time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoginTrouble {
    NotACode(NotACode),
    NotABackupCode,
    Wrong,
    NotSaved,
}

/// U1.
#[derive(Serialize)]
pub(super) struct Protect {
    alert: Option<String>,
    lines: Vec<String>,
    app: Option<&'static str>,
    later: Option<&'static str>,
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

/// U4.
#[derive(Serialize)]
pub(super) struct SignIn {
    step: &'static str,
    wish: &'static str,
    mode: &'static str,
    autocomplete: &'static str,
    alert: Option<String>,
    lines: Vec<String>,
    field: Option<Field>,
    another: Option<Another>,
    lost: String,
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

/// A sign-in's page in a language.
struct Told<'a> {
    tenant: &'a Tenant,
    seat: &'a Seat,
    locale: Locale,
    trouble: Option<LoginTrouble>,
}

impl View {
    /// The page of a sign-in as it is now.
    pub fn login(ask: &Ask, tenant: &Tenant, seat: &Seat, trouble: Option<LoginTrouble>) -> Self {
        let locale = ask.asked.unwrap_or_else(|| seat.user.locale(tenant));
        let failed = trouble.is_some();
        let told = Told { tenant, seat, locale, trouble };
        let standing = &seat.user.standing;
        let locked = seat.user.locked_until(seat.now).is_some();
        let (template, h1, content) = match (&standing.app, &seat.login.pending) {
            (Some(_), _) if seat.login.enrolled => {
                ("login_codes", "page.login.codes", Content::Codes(told.codes(&[])))
            }
            (Some(_), _) => ("login_code", "page.login.enter", Content::SignIn(told.sign_in(ask.step))),
            (None, Some(secret)) if ask.step == Step::App && !locked => {
                ("login_app", "page.login.app.title", Content::Scan(told.scan(secret)))
            }
            (None, _) => ("login_start", "page.login.protect", Content::Protect(told.protect())),
        };
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
        let until = self.seat.user.locked_until(self.seat.now)?;
        let time = calendar::time(self.locale, until, self.tenant.time_zone);
        Some(self.fill("page.login.locked", &[("time", &time)]))
    }

    fn protect(&self) -> Protect {
        let waits = self.seat.user.may_wait(&self.tenant.policy.login, self.seat.now);
        let day = waits.map(|until| calendar::date(self.locale, until, self.tenant.time_zone));
        let why = self.fill("page.login.why", &[("tenant", self.tenant.short_name())]);
        let grace = day.map(|day| self.fill("page.login.grace", &[("date", &day)]));
        let alert = self.locked();
        Protect {
            lines: [why].into_iter().chain(grace).collect(),
            app: alert.is_none().then(|| self.say("page.login.app")),
            alert,
            later: waits.map(|_| self.say("page.login.later")),
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
            field: self.field("page.login.type", "page.login.turn_on"),
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
            renew: (!shown).then(|| self.say("page.login.codes.new")),
            saved: self.say("page.login.codes.saved"),
            saved_error: not_saved.then(|| self.say("page.login.codes.not_saved")),
            go: self.say("page.login.finish"),
        }
    }

    fn sign_in(&self, step: Step) -> SignIn {
        let backup = step == Step::Backup;
        let left = self.seat.user.standing.backup.left();
        let alert = self.locked();
        let open = alert.is_none();
        let field = if backup { "page.login.backup.label" } else { "page.login.code.label" };
        let low = (left <= FEW).then(|| self.fill("page.login.few", &[("n", &left.to_string())]));
        let another = if backup {
            (Step::Start, "page.login.other.app")
        } else {
            (Step::Backup, "page.login.other.backup")
        };
        let from = self.say(if backup { "page.login.backup.from" } else { "page.login.code.from" });
        SignIn {
            step: if backup { Step::Backup } else { Step::Start }.as_str(),
            wish: if backup { "backup" } else { "check" },
            mode: if backup { "text" } else { "numeric" },
            autocomplete: if backup { "off" } else { "one-time-code" },
            lines: [from.to_owned()].into_iter().chain(low).filter(|_| open).collect(),
            field: open.then(|| self.field(field, "page.login.sign_in")),
            another: open.then(|| Another { step: another.0.as_str(), label: self.say(another.1) }),
            alert,
            lost: self.say("page.login.lost").to_owned(),
        }
    }

    fn field(&self, label: &'static str, go: &'static str) -> Field {
        let error = self.trouble.as_ref().map(|trouble| match trouble {
            LoginTrouble::NotACode(NotACode::Characters) => {
                self.say("page.login.error.characters").to_owned()
            }
            LoginTrouble::NotACode(NotACode::Length { expected }) => {
                self.fill("page.login.error.length", &[("digits", &expected.to_string())])
            }
            LoginTrouble::NotABackupCode => self.say("page.login.error.backup").to_owned(),
            LoginTrouble::Wrong if label == "page.login.backup.label" => {
                self.say("page.login.error.backup").to_owned()
            }
            LoginTrouble::Wrong | LoginTrouble::NotSaved => self.say("page.login.error.app").to_owned(),
        });
        Field { label: self.say(label), error, go: self.say(go) }
    }
}

/// A QR code as an element of the page: dark on light by night, too, or not every telephone reads it.
fn picture(text: &str) -> String {
    let Ok(code) = QrCode::new(text) else { return String::new() };
    let drawn = code.render::<svg::Color<'_>>().min_dimensions(200, 200).build();
    drawn.find("<svg").map_or_else(String::new, |at| drawn[at..].to_owned())
}
