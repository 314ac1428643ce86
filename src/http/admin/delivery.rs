//! `/admin/t/{tenant}/delivery`: who carries a tenant's messages, in which order, and a test of each.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde_json::{Value, json};

use crate::domain::admin::Act;
use crate::domain::channel::Channel;
use crate::domain::i18n;
use crate::domain::refusal::Refusal;
use crate::usecase::Failure;
use crate::usecase::message::trial::{Tried, own};
use crate::usecase::message::try_provider::{Listed, providers, try_provider};

use super::gate::{Room, Turned, to};
use super::logs::why;
use super::page::Frame;

/// `GET …/delivery?tried=`
pub async fn show(room: Room) -> Result<HttpResponse, Turned> {
    let row = |one: Listed| {
        let call = one.channel == Channel::Voice;
        let to = own(&room.visit.person, one.channel).filter(|_| !call).map(|to| to.masked());
        json!({
            "channel": one.channel,
            "channel_key": format!("channel.{}", one.channel.as_str()),
            "order": one.order,
            "place_in_order": one.order + 1,
            "kind": format!("admin.provider.{}", one.kind),
            "place": one.place,
            "whose": if one.own { "admin.provider.own" } else { "admin.provider.shared" },
            "call": call,
            "testable": call || to.is_some(),
            "to": to,
        })
    };
    let tried = room.visit.knock.query("tried");
    let content = json!({
        "providers": providers(&room.visit.knock.site.post, &room.tenant).into_iter().map(row).collect::<Vec<Value>>(),
        "taken": tried.as_deref() == Some("taken"),
        "trouble": tried.filter(|word| word != "taken").map(|word| told(&room, &word)),
        "may": room.may(Act::Change),
    });
    let frame = Frame::of(&room, "/delivery", "admin.delivery");
    Ok(room.visit.page(StatusCode::OK, "delivery", &frame, content))
}

/// Why a test came to nothing.
fn told(room: &Room, word: &str) -> String {
    match word {
        "nowhere" | "many" => {
            i18n::text(room.visit.knock.locale, &format!("admin.delivery.{word}")).to_owned()
        }
        detail => why(room, room.visit.knock.site.desk.time.now(), detail),
    }
}

/// `POST …/delivery`: tries the provider of that `channel` and `order`.
pub async fn test(room: Room, payload: web::Payload) -> Result<HttpResponse, Turned> {
    let fields = room.visit.fields(payload).await?;
    room.must(Act::Change)?;
    let known = Channel::parse(fields.get("channel"));
    let (Some(channel), Ok(order)) = (known, fields.get("order").parse()) else {
        return Err(room.visit.knock.turned(StatusCode::UNPROCESSABLE_ENTITY, "form"));
    };
    let (site, by) = (&room.visit.knock.site, room.visit.acting().origin);
    let what = ((channel, order), room.visit.knock.locale);
    let done = try_provider(&site.desk, &site.post, &room.tenant, what, (&room.visit.who.admin, by)).await;
    let word = match done {
        Ok(Tried::Taken) => "taken",
        Ok(Tried::Not(detail)) => detail.as_str(),
        Ok(Tried::NoProvider | Tried::NoAddress) => "nowhere",
        Err(Failure::Refused(Refusal::TooManySends { .. })) => "many",
        Err(failure) => return Err(room.failing(failure)),
    };
    Ok(to(&room.path(&format!("/delivery?tried={word}"))))
}
