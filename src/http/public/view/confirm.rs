//! C2: asking for a code by text, and the field for it, before a PIN is set by a link from an email.

use actix_web::http::StatusCode;

use crate::domain::calendar;
use crate::domain::challenge::State;
use crate::domain::channel::Channel;
use crate::domain::contact::Destination;
use crate::domain::guest::Out;
use crate::domain::i18n;
use crate::domain::locale::Locale;
use crate::domain::tenant::Tenant;
use crate::usecase::pin::open_link::{Asked, LinkView};

use super::super::ask::{Ask, Step};
use super::guest::{Trouble, TypeCode, Way, Ways};
use super::{Content, Piece, View, phone, phoned};

/// A page in a language.
struct Told<'a> {
    tenant: &'a Tenant,
    asked: &'a Asked,
    locale: Locale,
}

impl View {
    /// What stands before the form for the PIN, if anything does.
    pub fn confirm(ask: &Ask, link: &LinkView, trouble: Option<Trouble>) -> Option<Self> {
        let asked = link.asked.as_ref()?;
        let locale = ask.asked.unwrap_or(link.locale);
        let told = Told { tenant: &link.tenant, asked, locale };
        let is_locked = told.lock().is_some() || trouble.as_ref().is_some_and(Trouble::is_lock);
        let typed = asked.code.is_some() || trouble.as_ref().is_some_and(Trouble::is_of_field);
        let status = trouble.as_ref().map_or(StatusCode::OK, Trouble::status);
        let went_wrong = trouble.is_some();
        let (template, h1, content) = if ask.step == Step::Code && typed && !is_locked {
            ("code", "page.pin.confirm.enter", Content::Code(told.field(trouble)))
        } else {
            ("ways", "page.pin.confirm", Content::Ways(told.offer(trouble)))
        };
        let step = Ask {
            step: if ask.step == Step::Code { Step::Code } else { Step::Pin },
            token: String::new(),
            ..*ask
        };
        let h1 = i18n::text(locale, h1).to_owned();
        let mut page = Self::new(&step, Some(&link.tenant), locale, template, h1, content);
        page.status = status;
        if went_wrong {
            page.title = i18n::fill(locale, "page.error_title", &[("title", &page.title)]);
        }
        Some(page)
    }

    /// A PIN was sent before the code was typed: nothing is said of it.
    pub fn unconfirmed(ask: &Ask, link: &LinkView) -> Self {
        let step = Ask { step: Step::Pin, token: String::new(), ..*ask };
        let view = Self::confirm(&step, link, None).unwrap_or_else(|| Self::choose(&step, link, None));
        Self { status: StatusCode::FORBIDDEN, ..view }
    }
}

impl Told<'_> {
    fn say(&self, key: &'static str) -> &'static str {
        i18n::text(self.locale, key)
    }

    fn state(&self, out: &Out) -> State {
        out.state(self.asked.at.now, self.asked.at.epoch)
    }

    fn live(&self) -> Option<&Out> {
        self.asked.code.as_ref().filter(|out| self.state(out) == State::Active)
    }

    fn lock(&self) -> Option<Trouble> {
        let until = self.asked.locked_until;
        let of_code = self.asked.code.as_ref().is_some_and(|out| self.state(out) == State::Locked);
        (until.is_some() || of_code).then_some(Trouble::Locked { until })
    }

    fn alert(&self, trouble: &Trouble) -> Vec<Piece> {
        trouble.alert(self.locale, self.tenant, self.asked.at.now)
    }

    fn way(&self, wish: &'static str, label: &'static str, look: &'static str) -> Way {
        Way { by: Some(Channel::Sms), wish, label: self.say(label), to: String::new(), look }
    }

    fn phoned(&self, key: &'static str) -> Vec<Piece> {
        phoned(self.locale, key, phone(Some(self.tenant)), &[])
    }

    /// The button that asks for a code.
    fn offer(&self, trouble: Option<Trouble>) -> Ways {
        // What was typed last matters no more where others have used up the tries since.
        let trouble = self.lock().or(trouble.filter(|trouble| !trouble.is_of_field()));
        let to = self.asked.to.as_ref().filter(|_| self.asked.locked_until.is_none());
        let nowhere = self.asked.to.is_none().then(|| self.phoned("page.pin.confirm.none"));
        let why = |to: &Destination| i18n::fill(self.locale, "page.pin.confirm.why", &[("to", &to.masked())]);
        let notes = ["page.code.rates", "page.sign.not_you"].into_iter().filter(|_| to.is_some());
        Ways {
            alert: trouble.as_ref().map(|trouble| self.alert(trouble)).or(nowhere),
            joined: None,
            lines: to.map(why).into_iter().collect(),
            offers: to.map(|_| self.way("text", "page.join.text", "primary")).into_iter().collect(),
            have: None,
            notes: notes.map(|key| self.phoned(key)).collect(),
        }
    }

    /// The field for it.
    fn field(&self, trouble: Option<Trouble>) -> TypeCode {
        let (live, digits) = (self.live(), self.asked.digits.to_string());
        let over = Some(Trouble::Expired).filter(|_| live.is_none());
        let lost = Some(Trouble::Failed).filter(|_| self.asked.failed);
        let trouble = trouble.or(over).or(lost);
        let error = trouble.as_ref().filter(|trouble| trouble.is_of_field());
        let again = if live.is_some() { "page.code.again" } else { "page.join.text" };
        let sent = live.and(match &self.asked.to {
            Some(Destination::Phone(phone)) => Some(phone.last2()),
            _ => None,
        });
        TypeCode {
            alert: trouble.as_ref().filter(|t| !t.is_of_field()).map(|trouble| self.alert(trouble)),
            lines: sent
                .map(|last2| i18n::fill(self.locale, "page.code.texted", &[("last2", last2)]))
                .into_iter()
                .collect(),
            step: Step::Code.as_str(),
            label: i18n::fill(self.locale, "page.code.label", &[("digits", &digits)]),
            error: error.map(|trouble| trouble.error(self.locale, &digits)),
            mode: "numeric",
            expires: live.map(|out| {
                let at = calendar::at_time(self.locale, out.expires_at, self.tenant.time_zone);
                i18n::fill(self.locale, "page.code.expires", &[("at", &at)])
            }),
            go: self.say("page.continue"),
            missing: live.map(|_| self.say("page.code.missing")),
            again: self.asked.to.iter().map(|_| self.way("again", again, "second")).collect(),
            keep: self.say("page.code.keep"),
            texted: live.is_some(),
        }
    }
}
