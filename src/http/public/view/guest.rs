//! The pages of a guest: the ways to get a code, and the field to type one.

use std::time::Duration;

use actix_web::http::StatusCode;
use serde::Serialize;

use crate::domain::calendar;
use crate::domain::challenge::State;
use crate::domain::channel::Channel;
use crate::domain::code::NotACode;
use crate::domain::contact::Destination;
use crate::domain::guest::{Matter, Out};
use crate::domain::i18n;
use crate::domain::locale::Locale;
use crate::domain::refusal::Refusal;
use crate::domain::timestamp::Timestamp;
use crate::usecase::guest::send_code::way_in;
use crate::usecase::guest::view::GuestView;

use super::super::ask::{Ask, Step};
use super::{Content, Piece, View, phone, phoned};

/// A longer life is told with its day.
const HALF_A_DAY: Duration = Duration::from_hours(12);

/// What went wrong the last time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    Empty,
    NotACode(NotACode),
    Wrong {
        tries_left: u32,
    },
    /// The code is over, whatever ended it.
    Expired,
    Locked {
        until: Option<Timestamp>,
    },
    Wait {
        until: Timestamp,
    },
    Sends {
        until: Timestamp,
    },
    Failed,
}

impl Trouble {
    /// Of a refusal that a page can tell.
    pub fn of(refusal: &Refusal) -> Option<Self> {
        Some(match refusal {
            Refusal::Locked { until } => Self::Locked { until: Some(*until) },
            Refusal::TooSoon { until, .. } => Self::Wait { until: *until },
            Refusal::TooManySends { until } => Self::Sends { until: *until },
            Refusal::ContactUnreachable(_) => Self::Failed,
            _ => return None,
        })
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::Locked { .. } | Self::Wait { .. } | Self::Sends { .. } => StatusCode::TOO_MANY_REQUESTS,
            _ => StatusCode::UNPROCESSABLE_ENTITY,
        }
    }

    /// Whether it is about what was typed.
    fn is_of_field(&self) -> bool {
        matches!(self, Self::Empty | Self::NotACode(_) | Self::Wrong { .. })
    }
}

/// A button that asks for something.
#[derive(Serialize)]
struct Way {
    wish: &'static str,
    label: &'static str,
    to: String,
    look: &'static str,
}

/// S1 and J-1.
#[derive(Serialize)]
pub(super) struct Ways {
    alert: Option<Vec<Piece>>,
    lines: Vec<String>,
    offers: Vec<Way>,
    have: Option<&'static str>,
    notes: Vec<Vec<Piece>>,
}

/// S2 and J-2.
#[derive(Serialize)]
pub(super) struct TypeCode {
    alert: Option<Vec<Piece>>,
    lines: Vec<String>,
    step: &'static str,
    label: String,
    error: Option<String>,
    mode: &'static str,
    expires: Option<String>,
    go: &'static str,
    missing: &'static str,
    again: Vec<Way>,
    keep: &'static str,
    texted: bool,
}

/// A guest's page in a language.
struct Told<'a> {
    view: &'a GuestView,
    locale: Locale,
    step: Step,
}

impl View {
    /// The page of a guest: the ways to get a code, or the field for one.
    pub fn guest(ask: &Ask, view: &GuestView, trouble: Option<Trouble>) -> Self {
        let locale = ask.asked.unwrap_or_else(|| view.guest.locale(&view.tenant));
        let told = Told { view, locale, step: ask.step };
        let typing = match ask.step {
            Step::Have => matches!(view.guest.matter, Matter::Signing { .. }),
            Step::Code if trouble.as_ref().is_some_and(Trouble::is_of_field) => true,
            Step::Code => {
                view.guest.standing.code.as_ref().is_some_and(|out| told.state(out) != State::Verified)
            }
            Step::Start | Step::Pin | Step::Done | Step::App | Step::Backup => false,
        };
        let status = trouble.as_ref().map_or(StatusCode::OK, Trouble::status);
        let (template, h1, content) = if typing {
            ("code", told.enter(), Content::Code(told.type_code(trouble.as_ref())))
        } else {
            ("ways", told.title(), Content::Ways(told.ways(trouble.as_ref())))
        };
        let mut page = Self::new(ask, Some(&view.tenant), locale, template, h1, content);
        page.status = status;
        page.onward = Some(view.guest.matter.return_url().origin());
        if trouble.is_some() {
            page.title = i18n::fill(locale, "page.error_title", &[("title", &page.title)]);
        }
        page
    }

    /// A form that another site sent.
    pub fn foreign_guest(ask: &Ask, view: &GuestView) -> Self {
        let says = ("page.trouble.foreign", &["page.trouble.foreign.code.do"][..]);
        let locale = Some(view.guest.locale(&view.tenant));
        Self::notice(ask, Some(&view.tenant), locale, StatusCode::FORBIDDEN, says, &[])
    }
}

impl Told<'_> {
    fn say(&self, key: &'static str) -> &'static str {
        i18n::text(self.locale, key)
    }

    fn fill(&self, key: &str, values: &[(&str, &str)]) -> String {
        i18n::fill(self.locale, key, values)
    }

    fn phoned(&self, key: &str, values: &[(&str, &str)]) -> Vec<Piece> {
        phoned(self.locale, key, phone(Some(&self.view.tenant)), values)
    }

    fn at(&self, at: Timestamp) -> String {
        calendar::at_time(self.locale, at, self.view.tenant.time_zone)
    }

    fn time(&self, at: Timestamp) -> String {
        calendar::time(self.locale, at, self.view.tenant.time_zone)
    }

    fn state(&self, out: &Out) -> State {
        out.state(self.view.at.now, self.view.at.epoch)
    }

    fn brand(&self) -> &str {
        self.view.tenant.short_name()
    }

    fn title(&self) -> String {
        match self.view.guest.matter {
            Matter::Signing { .. } => self.say("page.sign").to_owned(),
            Matter::Session { .. } => self.fill("page.join", &[("brand", self.brand())]),
        }
    }

    fn enter(&self) -> String {
        let key = match self.view.guest.matter {
            Matter::Signing { .. } => "page.sign.enter",
            Matter::Session { .. } => "page.join.enter",
        };
        self.say(key).to_owned()
    }

    /// Where a channel goes, in words.
    fn to(&self, channel: Channel) -> Option<String> {
        Some(match self.view.guest.person.destination(channel)? {
            Destination::Phone(phone) => self.fill("page.code.phone", &[("last2", phone.last2())]),
            Destination::Email(email) => email.masked(),
        })
    }

    fn locked_until(&self) -> Option<Timestamp> {
        self.view.guest.locked_until(self.view.at.now)
    }
}

impl Told<'_> {
    fn ways(&self, trouble: Option<&Trouble>) -> Ways {
        let locked = self.locked_until().map(|until| Trouble::Locked { until: Some(until) });
        let (lines, ways, notes) = match &self.view.guest.matter {
            Matter::Signing { document_name, .. } => self.of_signing(document_name),
            Matter::Session { agent, starts_at, .. } => self.of_session(&agent.name, *starts_at),
        };
        let signing = matches!(self.view.guest.matter, Matter::Signing { .. });
        Ways {
            alert: trouble.or(locked.as_ref()).map(|trouble| self.alert(trouble)),
            lines,
            offers: if locked.is_some() { Vec::new() } else { ways },
            have: (signing && locked.is_none()).then(|| self.say("page.sign.have")),
            notes,
        }
    }

    fn of_signing(&self, document: &str) -> (Vec<String>, Vec<Way>, Vec<Vec<Piece>>) {
        let before = self.fill("page.sign.before", &[("document", document), ("brand", self.brand())]);
        let way = |(channel, wish, key, look)| {
            Some(Way { wish, label: self.say(key), to: self.to(channel)?, look })
        };
        let ways = [
            (Channel::Sms, "text", "page.code.text", "primary"),
            (Channel::Voice, "call", "page.code.call", "second"),
        ];
        let notes = ["page.code.rates", "page.sign.not_you"].map(|key| self.phoned(key, &[]));
        (vec![before], ways.into_iter().filter_map(way).collect(), notes.into())
    }

    fn of_session(
        &self,
        agent: &str,
        starts_at: Option<Timestamp>,
    ) -> (Vec<String>, Vec<Way>, Vec<Vec<Piece>>) {
        let zone = self.view.tenant.time_zone;
        let when = starts_at.map(|at| {
            let (date, time) = (calendar::date(self.locale, at, zone), self.time(at));
            let zone = calendar::zone_name(at, zone);
            self.fill("page.join.when", &[("date", &date), ("time", &time), ("zone", &zone)])
        });
        let with = self.fill("page.join.with", &[("agent", agent)]);
        let channel = way_in(&self.view.guest);
        let label = match channel {
            Some(Channel::Email) => "page.join.email",
            Some(Channel::Sms | Channel::Voice) => "page.join.text",
            None => "page.continue",
        };
        let to = channel.and_then(|channel| self.to(channel)).unwrap_or_default();
        let way = Way { wish: "arrive", label: self.say(label), to, look: "primary" };
        let texted = channel == Some(Channel::Sms);
        let notes = texted.then(|| self.phoned("page.code.rates", &[])).into_iter().collect();
        (when.into_iter().chain([with]).collect(), vec![way], notes)
    }
}

impl Told<'_> {
    fn type_code(&self, trouble: Option<&Trouble>) -> TypeCode {
        let live = self.view.live();
        let digits = self.view.guest.rules(&self.view.tenant).digits.to_string();
        let told = self.step == Step::Have;
        let any = told && self.view.guest.takes_access_codes(&self.view.tenant);
        let standing = trouble.cloned().or_else(|| self.standing_trouble());
        let field = standing.as_ref().filter(|trouble| trouble.is_of_field());
        let signing = matches!(self.view.guest.matter, Matter::Signing { .. });
        TypeCode {
            alert: standing.as_ref().filter(|t| !t.is_of_field()).map(|trouble| self.alert(trouble)),
            lines: self.went(live, told),
            step: self.step.as_str(),
            label: if any {
                self.say("page.code.label_any").to_owned()
            } else {
                self.fill("page.code.label", &[("digits", &digits)])
            },
            error: field.map(|trouble| self.error(trouble, &digits, any)),
            mode: if any { "text" } else { "numeric" },
            expires: live.filter(|_| !told).map(|out| self.expires(out)),
            go: self.say(if signing { "page.sign.go" } else { "page.join.go" }),
            missing: self.say("page.code.missing"),
            again: if self.locked_until().is_some() { Vec::new() } else { self.again(live, told) },
            keep: self.say("page.code.keep"),
            texted: live.is_some_and(|out| out.channel == Some(Channel::Sms)),
        }
    }

    /// What is wrong before anybody typed anything.
    fn standing_trouble(&self) -> Option<Trouble> {
        if let Some(until) = self.locked_until() {
            return Some(Trouble::Locked { until: Some(until) });
        }
        let out = self.view.guest.standing.code.as_ref().filter(|_| self.step == Step::Code)?;
        match self.state(out) {
            State::Active => self.view.failed.then_some(Trouble::Failed),
            State::Locked => Some(Trouble::Locked { until: None }),
            _ => Some(Trouble::Expired),
        }
    }

    fn went(&self, live: Option<&Out>, told: bool) -> Vec<String> {
        if told {
            return vec![self.fill("page.sign.have_hint", &[("brand", self.brand())])];
        }
        let Some(live) = live else { return Vec::new() };
        let to = live.channel.and_then(|channel| self.view.guest.person.destination(channel));
        vec![match (live.channel, to) {
            (Some(Channel::Voice), Some(Destination::Phone(phone))) => {
                self.fill("page.code.phoned", &[("last2", phone.last2())])
            }
            (_, Some(Destination::Phone(phone))) => {
                self.fill("page.code.texted", &[("last2", phone.last2())])
            }
            (_, Some(Destination::Email(email))) => {
                self.fill("page.code.emailed", &[("to", &email.masked())])
            }
            (_, None) => self.say("page.code.agent").to_owned(),
        }]
    }

    fn expires(&self, out: &Out) -> String {
        let at = self.at(out.expires_at);
        if out.expires_at.since(self.view.at.now) <= HALF_A_DAY {
            return self.fill("page.code.expires", &[("at", &at)]);
        }
        let date = calendar::date(self.locale, out.expires_at, self.view.tenant.time_zone);
        self.fill("page.code.expires_on", &[("date", &date), ("at", &at)])
    }

    fn again(&self, live: Option<&Out>, told: bool) -> Vec<Way> {
        let way = |wish, key| Way { wish, label: self.say(key), to: String::new(), look: "second" };
        let person = &self.view.guest.person;
        match self.view.guest.matter {
            Matter::Signing { .. } => {
                let (text, call) = if told { ("text", "call") } else { ("again", "again-call") };
                let label = if told || live.is_none() { "page.code.text" } else { "page.code.again" };
                let texts = person.destination(Channel::Sms).map(|_| way(text, label));
                let calls = person.destination(Channel::Voice).map(|_| way(call, "page.code.call"));
                texts.into_iter().chain(calls).collect()
            }
            Matter::Session { .. } if way_in(&self.view.guest).is_some() => {
                vec![way("again", "page.code.again")]
            }
            Matter::Session { .. } if live.is_none() => vec![way("again", "page.code.new")],
            Matter::Session { .. } => Vec::new(),
        }
    }

    fn error(&self, trouble: &Trouble, digits: &str, any: bool) -> String {
        let values = [("digits", digits)];
        match trouble {
            Trouble::Wrong { tries_left: 1 } => self.say("page.code.error.wrong_last").to_owned(),
            Trouble::Wrong { tries_left } => {
                self.fill("page.code.error.wrong", &[("n", &tries_left.to_string())])
            }
            _ if any => self.say("page.code.error.told").to_owned(),
            Trouble::Empty => self.fill("page.code.error.empty", &values),
            _ => self.fill("page.code.error.form", &values),
        }
    }

    fn alert(&self, trouble: &Trouble) -> Vec<Piece> {
        match trouble {
            Trouble::Locked { until: None } if self.locked_until().is_some() => {
                self.alert(&Trouble::Locked { until: self.locked_until() })
            }
            Trouble::Locked { until: Some(until) } => {
                self.phoned("page.code.error.locked", &[("at", &self.at(*until))])
            }
            Trouble::Locked { until: None } => self.phoned("page.code.error.locked_code", &[]),
            Trouble::Wait { until } => {
                // Who waits as long as this says must not be told to wait once more.
                let seconds = until.since(self.view.at.now).as_millis().div_ceil(1000).max(1).to_string();
                self.phoned("page.code.error.wait", &[("seconds", &seconds)])
            }
            Trouble::Sends { until } => self.phoned("page.code.error.sends", &[("at", &self.at(*until))]),
            Trouble::Failed => self.phoned("page.code.error.failed", &[]),
            Trouble::Expired | Trouble::Empty | Trouble::NotACode(_) | Trouble::Wrong { .. } => {
                self.phoned("page.code.error.expired", &[])
            }
        }
    }
}
