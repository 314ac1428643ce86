//! Somebody answered a call, or pressed a key: what they hear next.
//!
//! Everything is read as it is at that moment. The code is derived only when it is about to be said: to whoever
//! pressed the key for it, while it is still good, on a number that the contact still has.

use std::sync::Arc;

use crate::domain::audit::{Actor, Origin};
use crate::domain::call::progress::{News, Progress};
use crate::domain::call::script::{Farewell, Heard, Line, Next, Place};
use crate::domain::challenge::Challenge;
use crate::domain::locale::Locale;
use crate::domain::message::{self, Attempt, Message, MessageState};
use crate::domain::seal;
use crate::domain::tenant::Tenant;
use crate::message::render::Said;
use crate::message::voice::twiml::{self, Voices};
use crate::store::StoreError;
use crate::usecase::client::check_code;
use crate::usecase::client::report_code::report_code;
use crate::usecase::guest::refuse_code::refuse_code;
use crate::usecase::message::Post;
use crate::usecase::message::addressee::Addressee;
use crate::usecase::message::to_guest::typed_for;
use crate::usecase::{Desk, Failure};

use super::note::note;
use super::ticket::{Spot, Ticket};

/// A call with everything it is about, as it is now.
struct Call<'a> {
    desk: &'a Desk,
    post: &'a Post,
    tenant: &'a Arc<Tenant>,
    attempt: &'a Attempt,
    /// What it is about; `None` once that is no longer kept.
    about: Option<About>,
    from: &'a str,
}

struct About {
    message: Message,
    challenge: Challenge,
    to: Addressee,
}

/// What is said next, as the carrier takes it: at the beginning, or after a place in the script and a key or none.
///
/// # Errors
/// The database's.
pub async fn answer_call(
    desk: &Desk,
    post: &Post,
    tenant: &Arc<Tenant>,
    attempt: &Attempt,
    pressed: Option<(Place, Option<char>)>,
    from: &str,
) -> Result<String, Failure> {
    let about = about(desk, tenant, attempt).await?;
    let call = Call { desk, post, tenant, attempt, about, from };
    let next = match pressed {
        None => Next::Say(Place::start(call.locale())),
        Some((place, key)) => place.after(key),
    };
    match next {
        Next::Say(place) if !call.is_live() => call.leave(Farewell::Over, place.locale),
        Next::Say(place) => call.say(place).await,
        Next::Report(locale) => {
            call.report().await?;
            call.leave(Farewell::Reported, locale)
        }
        Next::Leave(farewell, locale) => call.leave(farewell, locale),
    }
}

async fn about(desk: &Desk, tenant: &Tenant, attempt: &Attempt) -> Result<Option<About>, StoreError> {
    let scope = desk.store.of(&tenant.id);
    let Some(message) = scope.message(&attempt.message).await? else { return Ok(None) };
    let Some(challenge) = scope.challenge(&message.challenge).await? else { return Ok(None) };
    let to = Addressee::of(&scope, &message).await?;
    Ok(Some(About { message, challenge, to }))
}

impl Call<'_> {
    /// Whether there is still a code that this number may be told. A call that was told to be over says none.
    fn is_live(&self) -> bool {
        let Some(About { message, challenge, to }) = &self.about else { return false };
        let open = message.state.may_become(MessageState::Delivered);
        let (desk, tenant) = (self.desk, self.tenant);
        let state = challenge.state(desk.time.now(), desk.directory.get().epoch);
        let ring = &desk.store.vault().ring;
        let same = |normal: &str| {
            ring.all().any(|keys| seal::index(keys, &tenant.id, normal) == message.destination)
        };
        open && to.may_send(tenant, message, state, same).is_ok()
    }

    /// The language it starts in.
    fn locale(&self) -> Locale {
        let Some(About { message, challenge, to }) = &self.about else { return self.tenant.default_locale };
        message::locale(challenge, to.person(message), self.tenant)
    }

    async fn say(&self, place: Place) -> Result<String, Failure> {
        let heard = matches!(place.heard, Heard::Code(_));
        // On the record first: an answer that is lost on its way may have been heard.
        self.note(if heard { Progress::Heard } else { Progress::Answered }).await?;
        let code = match &self.about {
            Some(about) if heard => Some(check_code::derive(self.desk, self.tenant, &about.challenge)?),
            _ => None,
        };
        let said = self.speech(&place.lines(), code.as_ref().map_or("", |code| code.expose()))?;
        let ticket = Ticket { attempt: self.attempt.clone(), spot: Spot::After(place) };
        let action = ticket.url(self.desk, &self.tenant.id);
        Ok(twiml::ask(&said, self.voices(), place.patience().as_secs(), &action))
    }

    fn leave(&self, farewell: Farewell, locale: Locale) -> Result<String, Failure> {
        Ok(twiml::leave(&self.speech(&[(farewell.line(), locale)], "")?, self.voices()))
    }
}

impl Call<'_> {
    /// Once: what is reported already, by a text or by a key pressed twice, is not reported again.
    async fn report(&self) -> Result<(), Failure> {
        let Some(About { message, challenge, to }) = &self.about else { return Ok(()) };
        let now = self.desk.time.now();
        match to {
            Addressee::Client(Some(client)) => {
                let known = client.standing.reported_until.is_some_and(|until| until > now);
                if !known && message.state != MessageState::Delivered {
                    report_code(self.desk, self.tenant, &client.id, &challenge.id, self.origin()).await?;
                }
            }
            Addressee::Guest(Some(guest)) => {
                refuse_code(self.desk, self.tenant, &guest.id, &challenge.id, self.origin()).await?;
            }
            // No user is called.
            Addressee::Client(None) | Addressee::Guest(None) | Addressee::User(_) => return Ok(()),
        }
        self.note(Progress::Reported).await
    }

    async fn note(&self, step: Progress) -> Result<(), Failure> {
        note(self.desk, &self.tenant.id, self.attempt, News::Step(step), self.origin()).await
    }

    fn origin(&self) -> Origin {
        let contact = self.about.as_ref().map_or("", |about| about.challenge.contact.as_str());
        Origin { actor: Actor::Contact(contact.to_owned()), from: self.from.to_owned() }
    }

    fn speech(&self, lines: &[(Line, Locale)], code: &str) -> Result<Vec<Said>, Failure> {
        let purpose = self.about.as_ref().map(|about| about.message.purpose);
        Ok(match purpose.filter(|purpose| purpose.is_to_guest()) {
            Some(purpose) => {
                self.post.renderer.typed_code_call(typed_for(purpose), self.tenant, lines, code)?
            }
            None => self.post.renderer.client_code_call(self.tenant, lines, code)?,
        })
    }

    fn voices(&self) -> Voices<'_> {
        Voices::of(self.post.of_calls(self.tenant))
    }
}
