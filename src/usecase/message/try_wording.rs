//! An admin gets a draft as its readers would, before it is published: by email or text, or by a call that says it in one go.

use serde_json::json;

use crate::domain::admin::Admin;
use crate::domain::audit::Origin;
use crate::domain::call::script;
use crate::domain::channel::Channel;
use crate::domain::i18n;
use crate::domain::id::TenantId;
use crate::domain::wording::lint::Fault;
use crate::domain::wording::{Draft, Found, Part, Spot, Wording, examples, faults};
use crate::message::render::{Piece, RenderError, Renderer, Said, Unpublished, built_in};
use crate::usecase::tenant::change_settings::stored_tenant;
use crate::usecase::tenant::change_wording::with_sample;
use crate::usecase::{Desk, Failure};

use super::Post;
use super::trial::{Trial, Tried};

/// Why nothing was sent.
#[derive(Debug, thiserror::Error)]
pub enum NotTried {
    #[error("the wording has {} faults", .0.len())]
    Faults(Vec<Found>),
    #[error(transparent)]
    Failed(#[from] Failure),
}

/// Sends a draft to the admin's own address or number, marked as a test, with examples for its values, and puts that on the
/// record. What may not be published is sent to nobody; nothing is published.
///
/// # Errors
/// [`NotTried`], `TooManySends` among them.
pub async fn try_wording(
    (desk, post): (&Desk, &Post),
    tenant: &TenantId,
    (spot, draft): (Spot, &Draft),
    (admin, origin): (&Admin, Origin),
) -> Result<Tried, NotTried> {
    let tenant = stored_tenant(desk, tenant).await.map_err(Failure::from)?;
    let draft = if draft.is_built_in() { &built_in(spot) } else { draft };
    let found = with_sample(desk, |sample| faults(spot, &tenant, sample, draft));
    if !found.is_empty() {
        return Err(NotTried::Faults(found));
    }
    let unreadable = |why| NotTried::Faults(vec![Found { part: Part::Body, fault: Fault::Unreadable(why) }]);
    let wording = Wording::read(0, draft).map_err(unreadable)?;
    let values = with_sample(desk, |sample| examples(spot, &tenant, sample));
    let draft = Unpublished { tenant: &tenant, spot, wording: &wording, values: &values };
    let trial = Trial::of((desk, post), &tenant, spot.locale, admin).await?;
    let tried = sent(&trial, &post.renderer, &draft).await?;
    trial.record(origin, ("wording.test", &spot.to_string()), tried, json!({})).await?;
    Ok(tried)
}

async fn sent(trial: &Trial<'_>, renderer: &Renderer, draft: &Unpublished<'_>) -> Result<Tried, Failure> {
    match draft.spot.channel {
        Channel::Email => trial.email(renderer.unpublished_email(draft)?).await,
        Channel::Sms => trial.text(&renderer.unpublished_sms(draft)?, 0).await,
        Channel::Voice => trial.call(said(renderer, draft)?).await,
    }
}

/// A call as whoever hears it once hears it, after a word that it is a test.
fn said(renderer: &Renderer, draft: &Unpublished<'_>) -> Result<Vec<Vec<Said>>, RenderError> {
    let locale = draft.spot.locale;
    let code = draft.values.iter().find(|(name, _)| *name == "code").map_or("", |(_, code)| code.as_str());
    let code: String = code.chars().filter(char::is_ascii_digit).collect();
    let mark = i18n::text(locale, "wording.test.said").to_owned();
    let mut steps = vec![vec![Said { locale, pieces: vec![Piece::Words(mark)] }]];
    for lines in script::once(locale) {
        steps.push(renderer.unpublished_call(draft, &lines, &code)?);
    }
    Ok(steps)
}
