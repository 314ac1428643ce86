//! `/admin/t/{tenant}/templates`: what the tenant's messages say, and a form for its own words.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde_json::{Value, json};

use crate::domain::admin::Act;
use crate::domain::call::script::Line;
use crate::domain::channel::Channel;
use crate::domain::i18n;
use crate::domain::refusal::Refusal;
use crate::domain::wording::{Draft, Found, Part, Spot, Version};
use crate::usecase::Failure;
use crate::usecase::message::trial::{Tried, own};
use crate::usecase::message::try_provider::providers;
use crate::usecase::message::try_wording::{NotTried, try_wording};
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
    news: News,
    status: StatusCode,
}

/// What became of what was sent.
enum News {
    None,
    Saved,
    /// It was not published.
    Wrong,
    /// What somebody else published meanwhile.
    Overtaken(Version),
    /// Told beside the buttons, for what is shown in place: whether it is good, and what.
    Told(bool, String),
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
    let news = if room.visit.knock.query("saved").is_some() { News::Saved } else { News::None };
    page(&room, Filled { spot, draft, base, faults: vec![], news, status: StatusCode::OK }).await
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
        "wrong": matches!(filled.news, News::Wrong),
        "saved": matches!(filled.news, News::Saved),
        "theirs": if let News::Overtaken(theirs) = &filled.news {
            json!({"number": theirs.number, "text": theirs.draft.to_file()})
        } else {
            Value::Null
        },
        "told": if let News::Told(good, text) = &filled.news {
            json!({"good": good, "text": text})
        } else {
            Value::Null
        },
        "test": test_of(room, spot),
        "shown": shown.map(|shown| json!({
            "subject": shown.subject,
            "body": shown.body,
            "length": (spot.channel == Channel::Sms).then(|| json!({"n": shown.characters, "s": shown.segments, "one": shown.segments == 1})),
            "spoken": shown.spoken.map(|spoken| json!({"seconds": spoken.seconds, "words": spoken.words})),
        })),
        "lines": lines,
        "open": "{{#if …}}",
        "close": "{{/if}}",
        "values": known.collect::<Vec<_>>(),
        "versions": versions.iter().enumerate().map(|(at, version)| row(room, version, at == 0)).collect::<Vec<_>>(),
        "worded": versions.first().is_some_and(|newest| !newest.draft.is_built_in()),
        "may": room.may(Act::Change),
    });
    Ok(room.visit.live(filled.status, "wording", &Frame::of(room, "/templates", "wording.list"), content))
}

/// Whether a test can go out, where to, and what to do where it cannot.
fn test_of(room: &Room, spot: Spot) -> Value {
    let carried =
        providers(&room.visit.knock.site.post, &room.tenant).iter().any(|one| one.channel == spot.channel);
    let to = own(&room.visit.person, spot.channel).map(|to| to.masked()).filter(|_| carried);
    let call = spot.channel == Channel::Voice;
    json!({
        "do": if call { "wording.test.call" } else { "wording.test" },
        "about": if call { "wording.test.about_call" } else { "wording.test.about" },
        "to": to,
        "missing": told_of(if carried { Tried::NoAddress } else { Tried::NoProvider }, spot),
    })
}

/// What a test came to, by its key.
fn told_of(tried: Tried, spot: Spot) -> &'static str {
    match (tried, spot.channel) {
        (Tried::Taken, Channel::Voice) => "wording.test.rings",
        (Tried::Taken, _) => "wording.test.taken",
        (Tried::Not(_), _) => "admin.delivery.not",
        (Tried::NoProvider, _) => "wording.test.no_provider",
        (Tried::NoAddress, Channel::Email) => "wording.test.no_email",
        (Tried::NoAddress, _) => "wording.test.no_number",
    }
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

/// `POST …/templates`: `do` is `publish`, `show`, `test`, `built_in`, or `restore` with a `version`.
pub async fn act(room: Room, payload: web::Payload) -> Result<HttpResponse, Turned> {
    let fields = room.visit.fields(payload).await?;
    room.must(Act::Change)?;
    let spot = spot(&room, fields.get("of"))?;
    let draft = draft(&room, spot, &fields).await?;
    let base = fields.get("base").parse().unwrap_or_default();
    match fields.get("do") {
        "show" => look(&room, (spot, draft), base).await,
        "test" => test(&room, (spot, draft), base).await,
        _ => publish(&room, (spot, draft), base).await,
    }
}

async fn publish(room: &Room, (spot, draft): (Spot, Draft), base: u32) -> Result<HttpResponse, Turned> {
    let wanted = Wanted { spot, draft, base: Some(base) };
    let desk = &room.visit.knock.site.desk;
    let done = change_wording(desk, &room.tenant.id, &wanted, room.visit.acting().origin).await;
    let draft = wanted.draft;
    let filled = match done {
        Ok(_) => return Ok(to(&format!("{}&saved=1", href(room, spot)))),
        Err(NotPublished::Faults(faults)) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            Filled { spot, draft, base, faults, news: News::Wrong, status }
        }
        Err(NotPublished::Overtaken(theirs)) => {
            // Sent once more as it is, it counts: whoever does that has seen the other one.
            let (base, news) = (theirs.number, News::Overtaken(*theirs));
            Filled { spot, draft, base, faults: vec![], news, status: StatusCode::CONFLICT }
        }
        Err(NotPublished::Store(error)) => return Err(room.failing(error)),
    };
    page(room, filled).await
}

async fn look(room: &Room, (spot, draft): (Spot, Draft), base: u32) -> Result<HttpResponse, Turned> {
    let found = check_wording(&room.visit.knock.site.desk, &room.tenant.id, spot, &draft).await;
    let faults = found.map_err(|error| room.failing(error))?;
    let news = if faults.is_empty() { News::None } else { news(room, false, "wording.show.wrong") };
    page(room, Filled { spot, draft, base, faults, news, status: StatusCode::OK }).await
}

/// Sends what was typed to whoever typed it; nothing is published.
async fn test(room: &Room, (spot, draft): (Spot, Draft), base: u32) -> Result<HttpResponse, Turned> {
    let (site, who) = (&room.visit.knock.site, &room.visit.who);
    let by = (&who.admin, room.visit.acting().origin);
    let done = try_wording((&site.desk, &site.post), &room.tenant.id, (spot, &draft), by).await;
    let (faults, news, status) = match done {
        Ok(tried @ Tried::Not(detail)) => {
            let why = logs::why(room, site.desk.time.now(), detail.as_str());
            let text = i18n::fill(room.visit.knock.locale, told_of(tried, spot), &[("why", &why)]);
            (vec![], News::Told(false, text), StatusCode::OK)
        }
        Ok(tried) => (vec![], news(room, tried == Tried::Taken, told_of(tried, spot)), StatusCode::OK),
        Err(NotTried::Failed(Failure::Refused(Refusal::TooManySends { .. }))) => {
            (vec![], news(room, false, "admin.delivery.many"), StatusCode::OK)
        }
        Err(NotTried::Faults(faults)) => {
            (faults, news(room, false, "wording.test.wrong"), StatusCode::UNPROCESSABLE_ENTITY)
        }
        Err(NotTried::Failed(failure)) => return Err(room.failing(failure)),
    };
    page(room, Filled { spot, draft, base, faults, news, status }).await
}

fn news(room: &Room, good: bool, key: &str) -> News {
    News::Told(good, i18n::text(room.visit.knock.locale, key).to_owned())
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
