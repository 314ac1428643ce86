//! `/admin/t/{tenant}/templates`: what the tenant's messages say, and a form for its own words.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde_json::{Value, json};

use crate::domain::admin::Act;
use crate::domain::call::script::Line;
use crate::domain::channel::Channel;
use crate::domain::wording::{Draft, Found, Part, Spot, Version};
use crate::usecase::tenant::change_wording::{
    NotPublished, Wanted, built_in, change_wording, check_wording, in_words, preview, values, wordings,
};

use super::gate::{Fields, Room, Turned, to};
use super::logs;
use super::page::Frame;

/// Versions that are shown.
const MOST_VERSIONS: u64 = 20;

/// What the form is shown with.
struct Filled {
    spot: Spot,
    draft: Draft,
    /// The version that it was made from.
    base: u32,
    faults: Vec<Found>,
    /// What somebody else published meanwhile.
    overtaken: Option<Version>,
    status: StatusCode,
}

/// `GET …/templates`, and `?of=client_code/sms/en` for one message.
pub async fn show(room: Room) -> Result<HttpResponse, Turned> {
    let Some(of) = room.visit.knock.query("of") else { return list(&room).await };
    let spot = spot(&room, &of)?;
    let kept = room.visit.knock.site.desk.store.of(&room.tenant.id).newest_wording(spot).await;
    let newest = kept.map_err(|error| room.failing(error))?;
    let base = newest.as_ref().map_or(0, |newest| newest.number);
    let own = newest.map(|newest| newest.draft).filter(|draft| !draft.is_built_in());
    let draft = own.unwrap_or_else(|| built_in(spot));
    page(&room, Filled { spot, draft, base, faults: vec![], overtaken: None, status: StatusCode::OK }).await
}

fn spot(room: &Room, of: &str) -> Result<Spot, Turned> {
    let mut words = of.splitn(3, '/');
    let mut word = || words.next().unwrap_or_default();
    let found = Spot::parse(word(), word(), word());
    found.map_err(|_| room.visit.knock.turned(StatusCode::NOT_FOUND, "nothing"))
}

async fn list(room: &Room) -> Result<HttpResponse, Turned> {
    let found = wordings(&room.visit.knock.site.desk, &room.tenant.id).await;
    let clock = logs::clock(room);
    let row = |(spot, newest): (Spot, Option<Version>)| {
        let own = newest.filter(|version| !version.draft.is_built_in());
        json!({
            "message": format!("admin.purpose.{}", spot.kind.as_str()),
            "channel_key": format!("channel.{}", spot.channel.as_str()),
            "language": format!("admin.word.{}", spot.locale),
            "href": href(room, spot),
            "own": own.map(|version| json!({"number": version.number, "when": clock.when(version.created_at)})),
        })
    };
    let rows: Vec<_> = found.map_err(|error| room.failing(error))?.into_iter().map(row).collect();
    let frame = Frame::of(room, "/templates", "wording.list");
    Ok(room.visit.page(StatusCode::OK, "wordings", &frame, json!({"rows": rows})))
}

fn href(room: &Room, spot: Spot) -> String {
    room.path(&format!("/templates?of={spot}"))
}

async fn page(room: &Room, filled: Filled) -> Result<HttpResponse, Turned> {
    let (desk, spot) = (&room.visit.knock.site.desk, filled.spot);
    let versions = desk.store.of(&room.tenant.id).wording_versions(spot, MOST_VERSIONS).await;
    let versions = versions.map_err(|error| room.failing(error))?;
    let locale = room.visit.knock.locale;
    let told = |part: Part| {
        let of: Vec<_> = filled.faults.iter().filter(|found| found.part == part).cloned().collect();
        in_words(desk, &room.tenant, spot, (locale, 0), &of)
    };
    let shown = preview(desk, &room.tenant, spot, &filled.draft);
    let known = values(desk, &room.tenant, spot);
    let known = known.iter().map(|one| json!({"tag": format!("{{{{{}}}}}", one.name), "always": one.always}));
    let seconds = shown.as_ref().and_then(|shown| shown.seconds);
    let lines = (spot.channel == Channel::Voice).then(|| {
        Line::ALL.map(|line| json!({"name": line.as_str(), "is": format!("wording.line.{}", line.as_str())}))
    });
    let content = json!({
        "message": format!("admin.purpose.{}", spot.kind.as_str()),
        "channel_key": format!("channel.{}", spot.channel.as_str()),
        "language": format!("admin.word.{}", spot.locale),
        "speaks": spot.locale,
        "of": spot.to_string(),
        "all": room.path("/templates"),
        "has_subject": spot.channel == Channel::Email,
        "subject": filled.draft.subject,
        "body": filled.draft.body,
        "base": filled.base,
        "subject_faults": told(Part::Subject),
        "body_faults": told(Part::Body),
        "wrong": !filled.faults.is_empty(),
        "theirs": filled.overtaken.map(|theirs| json!({"number": theirs.number, "text": theirs.draft.to_file()})),
        "saved": filled.status == StatusCode::OK && room.visit.knock.query("saved").is_some(),
        "shown": shown.map(|shown| json!({
            "subject": shown.subject,
            "body": shown.body,
            "length": (spot.channel == Channel::Sms).then(|| json!({"n": shown.characters, "s": shown.segments, "one": shown.segments == 1})),
        })),
        "seconds": seconds,
        "lines": lines,
        "open": "{{#if …}}",
        "close": "{{/if}}",
        "values": known.collect::<Vec<_>>(),
        "versions": versions.iter().enumerate().map(|(at, version)| row(room, version, at == 0)).collect::<Vec<_>>(),
        "worded": versions.first().is_some_and(|newest| !newest.draft.is_built_in()),
        "may": room.may(Act::Change),
    });
    Ok(room.visit.page(filled.status, "wording", &Frame::of(room, "/templates", "wording.list"), content))
}

fn row(room: &Room, version: &Version, newest: bool) -> Value {
    let (kind, id) = version.author.split_once(' ').unwrap_or((&version.author, ""));
    json!({
        "number": version.number,
        "when": logs::clock(room).when(version.created_at),
        "kind": format!("admin.actor.{kind}"),
        "id": id,
        "text": (!version.draft.is_built_in()).then(|| version.draft.to_file()),
        "newest": newest,
    })
}

/// `POST …/templates`: `do` is `publish`, `show`, `built_in`, or `restore` with a `version`.
pub async fn act(room: Room, payload: web::Payload) -> Result<HttpResponse, Turned> {
    let fields = room.visit.fields(payload).await?;
    room.must(Act::Change)?;
    let spot = spot(&room, fields.get("of"))?;
    let draft = draft(&room, spot, &fields).await?;
    let base = fields.get("base").parse().unwrap_or_default();
    let desk = &room.visit.knock.site.desk;
    if fields.get("do") == "show" {
        let found = check_wording(desk, &room.tenant.id, spot, &draft).await;
        let faults = found.map_err(|error| room.failing(error))?;
        let filled = Filled { spot, draft, base, faults, overtaken: None, status: StatusCode::OK };
        return page(&room, filled).await;
    }
    let wanted = Wanted { spot, draft, base: Some(base) };
    let done = change_wording(desk, &room.tenant.id, &wanted, room.visit.acting().origin).await;
    let draft = wanted.draft;
    let filled = match done {
        Ok(_) => return Ok(to(&format!("{}&saved=1", href(&room, spot)))),
        Err(NotPublished::Faults(faults)) => {
            Filled { spot, draft, base, faults, overtaken: None, status: StatusCode::UNPROCESSABLE_ENTITY }
        }
        Err(NotPublished::Overtaken(theirs)) => {
            // Sent once more as it is, it counts: whoever does that has seen the other one.
            let (base, overtaken) = (theirs.number, Some(*theirs));
            Filled { spot, draft, base, faults: vec![], overtaken, status: StatusCode::CONFLICT }
        }
        Err(NotPublished::Store(error)) => return Err(room.failing(error)),
    };
    page(&room, filled).await
}

/// What is to be published or shown.
async fn draft(room: &Room, spot: Spot, fields: &Fields) -> Result<Draft, Turned> {
    match fields.get("do") {
        "built_in" => Ok(Draft::default()),
        "restore" => {
            let number = fields.get("version").parse().unwrap_or_default();
            let kept = room.visit.knock.site.desk.store.of(&room.tenant.id).wording(spot, number).await;
            let kept = kept.map_err(|error| room.failing(error))?;
            let kept = kept.ok_or_else(|| room.visit.knock.turned(StatusCode::NOT_FOUND, "nothing"))?;
            Ok(kept.draft)
        }
        _ => Ok(Draft::new(fields.get("subject"), fields.get("body"))),
    }
}
