//! The page that shows the document: its view, filled into templates that are compiled in.

mod fields;
mod sample;
mod text;

use handlebars::{Handlebars, RenderError, handlebars_helper};
use serde::Serialize;
use utoipa::openapi::OpenApi;
use utoipa::openapi::path::ParameterIn;

use self::fields::{Field, Fields};
use self::sample::Token;
use self::text::Paragraph;
use super::about::{self, INTRODUCTION};
use super::assemble::by_status;
use super::operation::{Callers, Chapter, Operation};
use super::push::Push;
use super::{Placed, assemble};

pub use self::text::line;

const TEMPLATES: [(&str, &str); 6] = [
    ("page", include_str!("../../../../templates/page/docs/page.hbs")),
    ("operation", include_str!("../../../../templates/page/docs/operation.hbs")),
    ("push", include_str!("../../../../templates/page/docs/push.hbs")),
    ("fields", include_str!("../../../../templates/page/docs/fields.hbs")),
    ("text", include_str!("../../../../templates/page/docs/text.hbs")),
    ("sample", include_str!("../../../../templates/page/docs/sample.hbs")),
];

#[derive(Serialize)]
struct Page<'a> {
    version: &'a str,
    base: &'a str,
    parts: Vec<Part>,
    chapters: Vec<Shown>,
    pushes: Vec<PushShown>,
    codes: Vec<Refusal>,
}

/// A part of the introduction.
#[derive(Serialize)]
struct Part {
    id: String,
    name: &'static str,
    text: Vec<Paragraph>,
    example: Option<Example>,
}

#[derive(Serialize)]
struct Shown {
    id: String,
    name: &'static str,
    text: &'static str,
    operations: Vec<OperationShown>,
}

#[derive(Serialize)]
struct OperationShown {
    id: &'static str,
    method: &'static str,
    tone: String,
    path: Vec<Piece>,
    summary: &'static str,
    who: &'static str,
    text: Vec<Paragraph>,
    groups: Vec<Group>,
    answers: Vec<AnswerShown>,
    refusals: Vec<Refusal>,
    request: Vec<Token>,
    response: Option<Example>,
}

/// A piece of an address, and whether it is to be filled in.
#[derive(Serialize)]
struct Piece {
    text: String,
    open: bool,
}

/// The members of one part of a request.
#[derive(Serialize)]
struct Group {
    name: &'static str,
    fields: Vec<Field>,
}

#[derive(Serialize)]
struct AnswerShown {
    status: u16,
    text: Vec<Paragraph>,
    fields: Vec<Field>,
}

#[derive(Clone, Serialize)]
struct Refusal {
    status: u16,
    code: &'static str,
    title: &'static str,
}

#[derive(Serialize)]
struct Example {
    name: String,
    tokens: Vec<Token>,
}

#[derive(Serialize)]
struct PushShown {
    kind: &'static str,
    text: &'static str,
    fields: Vec<Field>,
    example: Example,
}

/// The page as HTML.
///
/// # Errors
/// A template that does not fit its view.
pub fn render(
    base: &str,
    document: &OpenApi,
    operations: &[Placed],
    pushes: &[Push],
) -> Result<String, RenderError> {
    #[expect(
        clippy::disallowed_methods,
        reason = "a page for developers, rendered once when the service starts"
    )]
    let mut templates = Handlebars::new();
    templates.set_strict_mode(true);
    templates.register_helper("titled", Box::new(titled));
    for (name, template) in TEMPLATES {
        templates.register_template_string(name, template)?;
    }
    templates.render("page", &view(base, document, operations, pushes))
}

handlebars_helper!(titled: |name: str, of: str| format!("{name}: {of}"));

fn view<'a>(base: &'a str, document: &OpenApi, operations: &[Placed], pushes: &[Push]) -> Page<'a> {
    let fields = Fields::of(document);
    let part = |part: &about::Part| Part {
        id: anchor(part.name),
        name: part.name,
        text: text::read(part.text),
        example: part.example.map(|(name, shown)| Example {
            name: name.to_owned(),
            tokens: sample::json(&shown.replace("$BASE", base)),
        }),
    };
    let shown = |chapter: Chapter| Shown {
        id: anchor(chapter.name()),
        name: chapter.name(),
        text: chapter.text(),
        operations: operations
            .iter()
            .filter(|placed| placed.operation.chapter == chapter)
            .map(|placed| operation(base, &fields, placed))
            .collect(),
    };
    Page {
        version: env!("CARGO_PKG_VERSION"),
        base,
        parts: INTRODUCTION.iter().map(part).collect(),
        chapters: Chapter::ALL.map(shown).into(),
        pushes: pushes.iter().map(|push| pushed(&fields, push)).collect(),
        codes: refusals(crate::http::problem::Code::ALL),
    }
}

/// A name as it stands in an address.
fn anchor(name: &str) -> String {
    name.to_lowercase().replace(' ', "-")
}

fn operation(base: &str, fields: &Fields<'_>, placed: &Placed) -> OperationShown {
    let Placed { method, path, operation } = placed;
    let response = operation.answers.iter().find_map(|answer| {
        let (_, _, example) = answer.body.as_ref().filter(|(_, _, example)| !example.is_empty())?;
        Some(Example { name: answer.status.to_string(), tokens: sample::json(example) })
    });
    OperationShown {
        id: operation.id,
        method,
        tone: method.to_lowercase(),
        path: pieces(path),
        summary: operation.summary,
        who: who(operation.callers),
        text: text::read(operation.text),
        groups: groups(fields, operation),
        answers: answers(fields, operation),
        refusals: refusals(&operation.refusals),
        request: sample::curl(base, placed),
        response,
    }
}

/// Who may call, in words.
fn who(callers: Callers) -> &'static str {
    match callers {
        Callers::All => "No credential",
        Callers::HostOrAgent => "API key or agent token",
        Callers::Host => "API key",
        Callers::Signer => "Signature",
    }
}

fn pieces(path: &str) -> Vec<Piece> {
    let parts = path.split_inclusive('}').flat_map(|part| match part.split_once('{') {
        Some((before, name)) => vec![(before.to_owned(), false), (format!("{{{name}"), true)],
        None => vec![(part.to_owned(), false)],
    });
    parts.map(|(text, open)| Piece { text, open }).collect()
}

fn groups(fields: &Fields<'_>, operation: &Operation) -> Vec<Group> {
    let places =
        [("Path", ParameterIn::Path), ("Query", ParameterIn::Query), ("Headers", ParameterIn::Header)];
    let mut groups: Vec<Group> = Vec::new();
    for (name, place) in places {
        let of = operation.parameters.iter().filter(|parameter| parameter.place == place);
        groups.push(Group { name, fields: of.map(|parameter| fields.parameter(parameter)).collect() });
    }
    if let Some(taken) = &operation.taken {
        let name = if taken.required { "Body" } else { "Body, may be left out" };
        groups.push(Group { name, fields: fields.members(&taken.shape) });
    }
    groups.retain(|group| !group.fields.is_empty());
    groups
}

fn answers(fields: &Fields<'_>, operation: &Operation) -> Vec<AnswerShown> {
    let shown = operation.answers.iter().map(|answer| AnswerShown {
        status: answer.status.as_u16(),
        text: text::read(answer.text),
        fields: answer.body.as_ref().map(|(_, shape, _)| fields.members(shape)).unwrap_or_default(),
    });
    shown.collect()
}

fn refusals(codes: &[crate::http::problem::Code]) -> Vec<Refusal> {
    let all = by_status(codes).into_iter().flat_map(|(status, codes)| {
        codes.into_iter().map(move |code| Refusal {
            status: status.as_u16(),
            code: code.as_str(),
            title: code.title(),
        })
    });
    all.collect()
}

fn pushed(fields: &Fields<'_>, push: &Push) -> PushShown {
    let kind = push.kind.as_str();
    let example = assemble::example(push);
    PushShown {
        kind,
        text: push.text,
        fields: fields.members(&push.data),
        example: Example { name: kind.to_owned(), tokens: sample::json(&example) },
    }
}
