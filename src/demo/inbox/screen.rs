//! The inbox's pages: the list with one message beside it, the mail in its frame, and the same as JSON.
//!
//! A mail is foreign HTML: it is served by a route of its own, under a policy that lets it do nothing but look.

use actix_web::http::header::{self, ETag, EntityTag, Header as _, IfNoneMatch};
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use url::form_urlencoded::Serializer;

use super::Inbox;
use super::carrier::twiml::Sentence;
use super::message::{Message, Piece, Turn};
use crate::demo::page::{self, Lang, Tongue};

/// The templates of the inbox.
pub const TEMPLATES: &[(&str, &str)] = &[
    ("icons", include_str!("../../../templates/page/demo/icons.hbs")),
    ("inbox", include_str!("../../../templates/page/demo/inbox.hbs")),
];

const SCRIPT: &str = include_str!("../../../templates/asset/demo/inbox.js");
const CALLS: &str = include_str!("../../../templates/asset/demo/inbox-call.js");
const STYLE: &str = include_str!("../../../templates/asset/demo/inbox.css");
const MAIL_POLICY: &str = "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; \
                           style-src 'unsafe-inline'; img-src data: http://127.0.0.1:*; frame-ancestors 'self'";

/// What the address of the page says.
#[derive(Deserialize)]
struct Query {
    lang: Option<String>,
    id: Option<String>,
    view: Option<String>,
}

#[derive(Serialize)]
struct Screen<'a> {
    /// The tag of the list that the page was drawn from.
    tag: String,
    count: usize,
    list: Vec<Line<'a>>,
    langs: [Tongue; 2],
    shown: Option<Shown<'a>>,
}

#[derive(Serialize)]
struct Line<'a> {
    to: &'a str,
    at: &'a str,
    about: String,
    /// How it ended, if it is a call.
    call: Option<&'a str>,
    icon: &'static str,
    href: String,
    current: bool,
}

#[derive(Serialize)]
struct Shown<'a> {
    id: &'a str,
    subject: String,
    call: Option<&'a str>,
    said: &'a [Sentence],
    turns: &'a [Turn],
    answerable: bool,
    channel: &'a str,
    to: &'a str,
    at: &'a str,
    from: Option<&'a str>,
    reply_to: Option<&'a str>,
    message_lang: Option<&'a str>,
    bubble: bool,
    as_text: bool,
    /// Where its HTML is, if it has any.
    frame: Option<String>,
    html_href: String,
    text_href: String,
    pieces: Vec<Piece<'a>>,
}

/// The pages and what they load.
pub fn routes(routes: &mut ServiceConfig, inbox: &web::Data<Inbox>) {
    routes
        .app_data(inbox.clone())
        .route("/", web::get().to(show))
        .route("/messages.json", web::get().to(list))
        .route("/mail", web::get().to(mail))
        .route("/demo.css", web::get().to(|| async { page::file("text/css", page::STYLE) }))
        .route("/inbox.css", web::get().to(|| async { page::file("text/css", STYLE) }))
        .route("/inbox-call.js", web::get().to(|| async { page::file("text/javascript", CALLS) }))
        .route("/inbox.js", web::get().to(|| async { page::file("text/javascript", SCRIPT) }))
        .route("/icon.svg", web::get().to(|| async { page::file("image/svg+xml", page::ICON) }));
}

pub async fn messages(inbox: web::Data<Inbox>) -> Vec<Message> {
    web::block(move || inbox.mailbox.messages()).await.unwrap_or_default()
}

async fn show(inbox: web::Data<Inbox>, query: web::Query<Query>, request: HttpRequest) -> HttpResponse {
    let lang = Lang::of(query.lang.as_deref(), &request);
    let messages = messages(inbox.clone()).await;
    let shown = match &query.id {
        Some(id) => messages.iter().find(|message| message.id == *id),
        None => messages.first(),
    };
    let screen = Screen {
        tag: tag(&serde_json::to_string(&messages).unwrap_or_default()).to_string(),
        count: messages.len(),
        list: messages.iter().map(|message| line(message, lang, shown)).collect(),
        langs: lang.links(|other| href("/", query.id.as_deref(), other, None)),
        shown: shown.map(|message| whole(message, lang, query.view.as_deref() == Some("text"))),
    };
    inbox.pages.html("inbox", lang, &screen)
}

async fn list(inbox: web::Data<Inbox>, request: HttpRequest) -> HttpResponse {
    let Ok(body) = serde_json::to_string(&messages(inbox).await) else {
        return HttpResponse::InternalServerError().finish();
    };
    let tag = tag(&body);
    let known = match IfNoneMatch::parse(&request) {
        Ok(IfNoneMatch::Items(tags)) => tags.iter().any(|known| known.weak_eq(&tag)),
        _ => false,
    };
    if known {
        return HttpResponse::NotModified().insert_header(ETag(tag)).finish();
    }
    HttpResponse::Ok()
        .insert_header(ETag(tag))
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .content_type("application/json")
        .body(body)
}

async fn mail(inbox: web::Data<Inbox>, query: web::Query<Query>) -> HttpResponse {
    let messages = messages(inbox).await;
    let found = messages.iter().find(|message| Some(&message.id) == query.id.as_ref());
    match found.and_then(Message::framed) {
        Some(html) => HttpResponse::Ok()
            .content_type("text/html; charset=utf-8")
            .insert_header((header::CONTENT_SECURITY_POLICY, MAIL_POLICY))
            .insert_header((header::REFERRER_POLICY, "no-referrer"))
            .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
            .body(html),
        None => HttpResponse::NotFound().finish(),
    }
}

/// Weak, because the answer may be compressed on its way.
fn tag(body: &str) -> EntityTag {
    EntityTag::new_weak(hex::encode(&Sha256::digest(body)[..16]))
}

fn line<'a>(message: &'a Message, lang: Lang, shown: Option<&Message>) -> Line<'a> {
    Line {
        to: &message.to,
        at: &message.at,
        about: message.about(),
        call: message.ended(),
        icon: match message.channel.as_str() {
            "email" => "mail",
            "voice" => "phone",
            _ => "chat",
        },
        href: href("/", Some(&message.id), lang, None),
        current: shown.is_some_and(|shown| shown.id == message.id),
    }
}

fn whole(message: &Message, lang: Lang, as_text: bool) -> Shown<'_> {
    let id = Some(message.id.as_str());
    let has_html = message.html.is_some();
    Shown {
        id: &message.id,
        subject: message.about(),
        call: message.ended(),
        said: &message.said,
        turns: &message.turns,
        answerable: message.can_be_answered(),
        channel: &message.channel,
        to: &message.to,
        at: &message.at,
        from: message.from.as_deref(),
        reply_to: message.reply_to.as_deref(),
        message_lang: message.lang.as_deref(),
        bubble: message.channel != "email",
        as_text: as_text || !has_html,
        frame: has_html.then(|| href("/mail", id, lang, None)),
        html_href: href("/", id, lang, None),
        text_href: href("/", id, lang, Some("text")),
        pieces: message.pieces(),
    }
}

fn href(path: &str, id: Option<&str>, lang: Lang, view: Option<&str>) -> String {
    let mut query = Serializer::new(format!("{path}?"));
    query.append_pair("lang", lang.code());
    query.extend_pairs(id.map(|id| ("id", id))).extend_pairs(view.map(|view| ("view", view)));
    query.finish()
}
