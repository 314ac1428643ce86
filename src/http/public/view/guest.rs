//! The pages of a guest: the ways to get a code, and the field to type one.

use std::time::Duration;

use actix_web::http::StatusCode;
use serde::Serialize;

use crate::domain::calendar;
use crate::domain::challenge::State;
use crate::domain::channel::Channel;
use crate::domain::code::NotACode;
use crate::domain::contact::Destination;
use crate::domain::guest::{Matter, Out, ParticipantState, code_destination, way_in};
use crate::domain::i18n;
use crate::domain::locale::Locale;
use crate::domain::refusal::Refusal;
use crate::domain::tenant::Tenant;
use crate::domain::timestamp::Timestamp;
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

    pub(super) fn status(&self) -> StatusCode {
        match self {
            Self::Locked { .. } | Self::Wait { .. } | Self::Sends { .. } => StatusCode::TOO_MANY_REQUESTS,
            _ => StatusCode::UNPROCESSABLE_ENTITY,
        }
    }

    pub(super) fn is_lock(&self) -> bool {
        matches!(self, Self::Locked { .. })
    }

    /// Whether it is about what was typed.
    pub(super) fn is_of_field(&self) -> bool {
        matches!(self, Self::Empty | Self::NotACode(_) | Self::Wrong { .. })
    }

    /// What the field says of it.
    pub(super) fn error(&self, locale: Locale, digits: &str) -> String {
        let fill = |key, value: (&str, &str)| i18n::fill(locale, key, &[value]);
        match self {
            Self::Wrong { tries_left: 1 } => i18n::text(locale, "page.code.error.wrong_last").to_owned(),
            Self::Wrong { tries_left } => fill("page.code.error.wrong", ("n", &tries_left.to_string())),
            Self::Empty => fill("page.code.error.empty", ("digits", digits)),
            _ => fill("page.code.error.form", ("digits", digits)),
        }
    }

    /// What the page says of it, above all.
    pub(super) fn alert(&self, locale: Locale, tenant: &Tenant, now: Timestamp) -> Vec<Piece> {
        let at = |at: Timestamp| calendar::at_time(locale, at, tenant.time_zone);
        let phoned = |key, values: &[(&str, &str)]| phoned(locale, key, phone(Some(tenant)), values);
        match self {
            Self::Locked { until: Some(until) } => phoned("page.code.error.locked", &[("at", &at(*until))]),
            Self::Locked { until: None } => phoned("page.code.error.locked_code", &[]),
            Self::Wait { until } => {
                // Who waits as long as this says must not be told to wait once more.
                let seconds = until.since(now).as_millis().div_ceil(1000).max(1).to_string();
                phoned("page.code.error.wait", &[("seconds", &seconds)])
            }
            Self::Sends { until } => phoned("page.code.error.sends", &[("at", &at(*until))]),
            Self::Failed => phoned("page.code.error.failed", &[]),
            Self::Expired | Self::Empty | Self::NotACode(_) | Self::Wrong { .. } => {
                phoned("page.code.error.expired", &[])
            }
        }
    }
}

/// A button that asks for something.
#[derive(Serialize)]
pub(super) struct Way {
    #[serde(skip)]
    pub(super) by: Option<Channel>,
    pub(super) wish: &'static str,
    pub(super) label: &'static str,
    pub(super) to: String,
    pub(super) look: &'static str,
}

/// S1 and J-1.
#[derive(Serialize)]
pub(super) struct Ways {
    pub(super) alert: Option<Vec<Piece>>,
    pub(super) joined: Option<&'static str>,
    pub(super) lines: Vec<String>,
    pub(super) offers: Vec<Way>,
    pub(super) have: Option<&'static str>,
    pub(super) notes: Vec<Vec<Piece>>,
}

/// S2 and J-2.
#[derive(Serialize)]
pub(super) struct TypeCode {
    pub(super) alert: Option<Vec<Piece>>,
    pub(super) lines: Vec<String>,
    pub(super) step: &'static str,
    pub(super) label: String,
    pub(super) error: Option<String>,
    pub(super) mode: &'static str,
    pub(super) expires: Option<String>,
    pub(super) go: &'static str,
    /// Over the ways to get it once more, where one is on its way.
    pub(super) missing: Option<&'static str>,
    pub(super) again: Vec<Way>,
    pub(super) keep: &'static str,
    pub(super) texted: bool,
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
            // Nothing can be typed: what can be asked for is on the page of the ways.
            _ if told.lock().is_some() || trouble.as_ref().is_some_and(Trouble::is_lock) => false,
            Step::Have => matches!(view.guest.matter, Matter::Signing { .. }),
            Step::Code if trouble.as_ref().is_some_and(Trouble::is_of_field) => true,
            Step::Code => {
                view.guest.standing.code.as_ref().is_some_and(|out| told.state(out) != State::Verified)
            }
            _ => false,
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

    /// The session is over, for whoever was in it.
    pub fn session_over(ask: &Ask, tenant: &Tenant, locale: Locale) -> Self {
        let says = ("page.join", &["page.join.over"][..]);
        let brand = [("brand", tenant.short_name())];
        Self::notice(ask, Some(tenant), Some(locale), StatusCode::NOT_FOUND, says, &brand)
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

    fn takes_access_codes(&self) -> bool {
        self.step == Step::Have && self.view.guest.takes_access_codes(&self.view.tenant)
    }

    /// Why nothing can be typed here: the guest is locked, or the code that this step asks for.
    fn lock(&self) -> Option<Trouble> {
        let standing = &self.view.guest.standing;
        let typed = match self.step {
            _ if self.locked_until().is_some() => {
                return Some(Trouble::Locked { until: self.locked_until() });
            }
            Step::Have if self.takes_access_codes() => standing.told.as_ref(),
            Step::Code | Step::Have => standing.code.as_ref(),
            _ => None,
        };
        typed.filter(|out| self.state(out) == State::Locked).map(|_| Trouble::Locked { until: None })
    }
}

impl Told<'_> {
    fn ways(&self, trouble: Option<&Trouble>) -> Ways {
        let lock = self.lock();
        let signing = matches!(self.view.guest.matter, Matter::Signing { .. });
        let open = self.locked_until().is_none();
        let offers = if open { self.offers() } else { Vec::new() };
        let rates = offers.iter().any(|way| way.by == Some(Channel::Sms)).then_some("page.code.rates");
        let notes = rates.into_iter().chain(signing.then_some("page.sign.not_you"));
        Ways {
            // What was typed last matters no more where others have used up the tries since.
            alert: trouble
                .filter(|t| lock.is_none() || !t.is_of_field())
                .or(lock.as_ref())
                .map(|t| self.alert(t)),
            joined: self.has_joined().then(|| self.say("page.join.in")),
            lines: self.about(),
            offers,
            // Whoever comes from there could not type it.
            have: (signing && open && self.step != Step::Have).then(|| self.say("page.sign.have")),
            notes: notes.map(|key| self.phoned(key, &[])).collect(),
        }
    }

    /// Whether a participant is in, and asks for nothing else.
    fn has_joined(&self) -> bool {
        let view = self.view;
        view.guest.matter.session().is_some()
            && view.guest.participant_state(view.at) == ParticipantState::Verified
    }

    /// What it is all about.
    fn about(&self) -> Vec<String> {
        match &self.view.guest.matter {
            Matter::Signing { document_name, .. } if self.view.tenant.policy.signer.document_name => {
                vec![self.fill("page.sign.before", &[("document", document_name), ("brand", self.brand())])]
            }
            Matter::Signing { .. } => vec![self.fill("page.sign.before_any", &[("brand", self.brand())])],
            Matter::Session { agent, starts_at, .. } => {
                let with = self.fill("page.join.with", &[("agent", &agent.name)]);
                let when = starts_at.map(|at| self.when(at));
                let early = starts_at.filter(|at| *at > self.view.at.now && !self.has_joined());
                let early = early.map(|at| self.moment(at, ("page.join.early", "page.join.early_on")));
                when.into_iter().chain([with]).chain(early).collect()
            }
        }
    }

    fn when(&self, at: Timestamp) -> String {
        let zone = self.view.tenant.time_zone;
        let (date, time) = (calendar::date(self.locale, at, zone), self.time(at));
        let zone = calendar::zone_name(at, zone);
        self.fill("page.join.when", &[("date", &date), ("time", &time), ("zone", &zone)])
    }

    fn offers(&self) -> Vec<Way> {
        let guest = &self.view.guest;
        if let Matter::Signing { .. } = guest.matter {
            let ways = [(Channel::Sms, "text", "primary"), (Channel::Voice, "call", "second")];
            let open = ways.into_iter().filter(|(channel, ..)| code_destination(guest, *channel).is_some());
            return open.map(|(channel, wish, look)| self.way(channel, wish, look)).collect();
        }
        // Who is in may come in once more; nothing asks them to.
        let look = if self.has_joined() { "second" } else { "primary" };
        let arrive = way_in(guest).map(|channel| self.way(channel, "arrive", look));
        vec![arrive.unwrap_or_else(|| {
            let first = self.lock().is_none() && !self.has_joined();
            let label = self.say(if first { "page.continue" } else { "page.code.new" });
            Way { by: None, wish: "arrive", label, to: String::new(), look }
        })]
    }

    /// A button that asks for a code by this channel, with where it goes.
    fn way(&self, channel: Channel, wish: &'static str, look: &'static str) -> Way {
        let signing = matches!(self.view.guest.matter, Matter::Signing { .. });
        let label = match channel {
            Channel::Email => "page.join.email",
            Channel::Sms if signing => "page.code.text",
            Channel::Sms => "page.join.text",
            Channel::Voice => "page.code.call",
        };
        let to = self.to(channel).unwrap_or_default();
        Way { by: Some(channel), wish, label: self.say(label), to, look }
    }
}

impl Told<'_> {
    fn type_code(&self, trouble: Option<&Trouble>) -> TypeCode {
        let live = self.view.live();
        let digits = self.view.guest.rules(&self.view.tenant).digits.to_string();
        let told = self.step == Step::Have;
        let any = self.takes_access_codes();
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
            missing: (live.is_some() && !told).then(|| self.say("page.code.missing")),
            again: self.again(live.filter(|_| !told)),
            keep: self.say("page.code.keep"),
            texted: live.is_some_and(|out| out.channel == Some(Channel::Sms)),
        }
    }

    /// What is wrong before anybody typed anything.
    fn standing_trouble(&self) -> Option<Trouble> {
        let out = self.view.guest.standing.code.as_ref().filter(|_| self.step == Step::Code)?;
        match self.state(out) {
            State::Active => self.view.failed.then_some(Trouble::Failed),
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
        self.moment(out.expires_at, ("page.code.expires", "page.code.expires_on"))
    }

    /// A moment to come, told with its day where it is far.
    fn moment(&self, at: Timestamp, (near, far): (&str, &str)) -> String {
        let time = self.at(at);
        if at.since(self.view.at.now) <= HALF_A_DAY {
            return self.fill(near, &[("at", &time)]);
        }
        let date = calendar::date(self.locale, at, self.view.tenant.time_zone);
        self.fill(far, &[("date", &date), ("at", &time)])
    }

    /// The ways to get a code beside the field: the same once more while one is live, a new one otherwise.
    fn again(&self, live: Option<&Out>) -> Vec<Way> {
        let guest = &self.view.guest;
        let open = |channel: &Channel| code_destination(guest, *channel).is_some();
        let way = |channel, wish| Way { to: String::new(), ..self.way(channel, wish, "second") };
        let (written, called) =
            if self.step == Step::Have { ("text", "call") } else { ("again", "again-call") };
        let mut ways = Vec::new();
        if let Some(channel) = [Channel::Sms, Channel::Email].into_iter().find(open) {
            let way = way(channel, written);
            let label = live.map_or(way.label, |_| self.say("page.code.again"));
            ways.push(Way { label, ..way });
        }
        if open(&Channel::Voice) {
            ways.push(way(Channel::Voice, called));
        }
        if ways.is_empty() && guest.matter.session().is_some() && live.is_none() {
            let label = self.say("page.code.new");
            ways.push(Way { by: None, wish: "again", label, to: String::new(), look: "second" });
        }
        ways
    }

    fn error(&self, trouble: &Trouble, digits: &str, any: bool) -> String {
        match trouble {
            Trouble::Empty | Trouble::NotACode(_) if any => self.say("page.code.error.told").to_owned(),
            _ => trouble.error(self.locale, digits),
        }
    }

    fn alert(&self, trouble: &Trouble) -> Vec<Piece> {
        let locked = Trouble::Locked { until: self.locked_until() };
        let trouble = if *trouble == (Trouble::Locked { until: None }) { &locked } else { trouble };
        trouble.alert(self.locale, &self.view.tenant, self.view.at.now)
    }
}
