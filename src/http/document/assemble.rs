//! From what the routes say of themselves to a document of OpenAPI 3.1.

use std::collections::BTreeMap;

use actix_web::http::{Method, StatusCode};
use serde_json::{Value, json};
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::{
    HttpMethod, Operation as Described, OperationBuilder, Parameter as Told, ParameterBuilder, ParameterIn,
    PathItem, PathsBuilder,
};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaType, Type};
use utoipa::openapi::security::SecurityRequirement;
use utoipa::openapi::{
    Components, Content, ContentBuilder, OpenApi, OpenApiBuilder, Ref, RefOr, Required, Response,
    ResponseBuilder, Server, example::ExampleBuilder,
};
use utoipa::{PartialSchema as _, ToSchema};

use crate::domain::timestamp::Timestamp;
use crate::http::problem::{Body as ProblemBody, Code};

use super::Placed;
use super::about::{self, AGENT_TOKEN, API_KEY, SIGNATURE};
use super::operation::{Answer, Callers, Operation, Parameter};
use super::push::Push;
use super::schemas::{Schemas, Shape};

/// The media type of a problem.
const PROBLEM: &str = "application/problem+json";

/// The whole document.
pub fn document(base: &str, operations: &[Placed], pushes: &[Push]) -> OpenApi {
    let mut schemas = Schemas::default();
    schemas.given::<ProblemBody>();
    schemas.given::<Timestamp>();
    let mut paths = PathsBuilder::new();
    for Placed { method, path, operation } in operations {
        schemas.merge(operation.schemas.clone());
        paths = paths.path(path, PathItem::new(verb(method), described(operation)));
    }
    let mut webhooks = PathsBuilder::new();
    for push in pushes {
        schemas.merge(push.schemas.clone());
        webhooks = webhooks.path(push.kind.as_str(), PathItem::new(HttpMethod::Post, pushed(push)));
    }
    let mut components = Components::new();
    components.schemas = schemas.0.into_iter().collect();
    for (name, scheme) in about::schemes() {
        components.add_security_scheme(name, scheme);
    }
    OpenApiBuilder::new()
        .info(about::info())
        .servers(Some([Server::new(base)]))
        .paths(paths)
        .webhooks(Some(webhooks.build()))
        .components(Some(components))
        .tags(Some(about::tags()))
        .build()
}

/// A method in words.
pub fn name(method: &Method) -> &'static str {
    match *method {
        Method::PUT => "PUT",
        Method::POST => "POST",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        _ => "GET",
    }
}

fn verb(method: &str) -> HttpMethod {
    match method {
        "PUT" => HttpMethod::Put,
        "POST" => HttpMethod::Post,
        "PATCH" => HttpMethod::Patch,
        "DELETE" => HttpMethod::Delete,
        _ => HttpMethod::Get,
    }
}

/// The body of a webhook, in either direction: one of these types, and data of that type.
pub fn envelope<T: ToSchema>(types: &[&str]) -> Schema {
    wrapped(types, RefOr::Ref(Ref::from_schema_name(T::name())))
}

fn wrapped(types: &[&str], data: Shape) -> Schema {
    let kind =
        ObjectBuilder::new().schema_type(Type::String).enum_values(Some(types.iter().map(|&t| json!(t))));
    let at = Ref::builder()
        .ref_location_from_schema_name(Timestamp::name())
        .description(Some("When it happened."))
        .build();
    let body = ObjectBuilder::new().property("type", kind).property("timestamp", at).property("data", data);
    body.required("type").required("timestamp").required("data").into()
}

fn described(operation: &Operation) -> Described {
    let mut described = OperationBuilder::new()
        .tag(operation.chapter.name())
        .operation_id(Some(operation.id))
        .summary(Some(operation.summary))
        .description(Some(operation.text))
        .securities(Some(required(operation.callers)));
    for parameter in &operation.parameters {
        described = described.parameter(told(parameter));
    }
    if let Some(taken) = &operation.taken {
        let body = RequestBodyBuilder::new()
            .content("application/json", content(&taken.shape, taken.example))
            .required(Some(if taken.required { Required::True } else { Required::False }));
        described = described.request_body(Some(body.build()));
    }
    for answer in &operation.answers {
        described = described.response(answer.status.as_str(), answered(answer));
    }
    for (status, codes) in by_status(&operation.refusals) {
        described = described.response(status.as_str(), refused(status, &codes));
    }
    described.build()
}

/// Who may call, in the document's words.
fn required(callers: Callers) -> Vec<SecurityRequirement> {
    let scheme = |name: &str| SecurityRequirement::new(name, Vec::<String>::new());
    match callers {
        Callers::All => Vec::new(),
        Callers::HostOrAgent => vec![scheme(API_KEY), scheme(AGENT_TOKEN)],
        Callers::Host => vec![scheme(API_KEY)],
        Callers::Signer => vec![scheme(SIGNATURE)],
    }
}

fn told(parameter: &Parameter) -> Told {
    let example = Some(parameter.example).filter(|text| !text.is_empty());
    let required = if parameter.required { Required::True } else { Required::False };
    ParameterBuilder::new()
        .name(parameter.name)
        .parameter_in(parameter.place.clone())
        .required(required)
        .description(Some(parameter.text))
        .schema(Some(parameter.shape.clone()))
        .example(example.map(|text| sample(parameter, text)))
        .build()
}

/// An example as the schema wants it.
fn sample(parameter: &Parameter, text: &str) -> Value {
    match &parameter.shape {
        RefOr::T(Schema::Array(_)) => json!([text]),
        RefOr::T(Schema::Object(object)) if object.schema_type == SchemaType::Type(Type::Integer) => {
            text.parse::<u64>().map_or(Value::Null, Value::from)
        }
        _ => json!(text),
    }
}

fn content(shape: &Shape, example: &str) -> Content {
    let example = serde_json::from_str::<Value>(example).ok();
    ContentBuilder::new().schema(Some(shape.clone())).example(example).build()
}

fn answered(answer: &Answer) -> Response {
    let mut response = ResponseBuilder::new().description(answer.text);
    if let Some((media, shape, example)) = &answer.body {
        response = response.content(*media, content(shape, example));
    }
    if answer.tagged {
        let text = "Names this answer: send it as `If-None-Match` next time.";
        response = response.header("ETag", header(Type::String, text));
    }
    response.build()
}

fn header(kind: Type, text: &str) -> utoipa::openapi::Header {
    let schema = Schema::Object(ObjectBuilder::new().schema_type(kind).build());
    HeaderBuilder::new().schema(Some(schema)).description(Some(text)).build()
}

/// Codes by the status they are answered with.
pub fn by_status(codes: &[Code]) -> BTreeMap<StatusCode, Vec<Code>> {
    let mut found = BTreeMap::<StatusCode, Vec<Code>>::new();
    for code in codes {
        found.entry(code.status()).or_default().push(*code);
    }
    found
}

/// One status of refusals, with an example for each of its codes.
fn refused(status: StatusCode, codes: &[Code]) -> Response {
    let said = codes.iter().map(|code| format!("`{}`: {}.", code.as_str(), code.title())).collect::<Vec<_>>();
    let examples = codes.iter().map(|code| {
        let example = ExampleBuilder::new().summary(code.title()).value(Some(json!(code.body())));
        (code.as_str(), example.build())
    });
    let problem = RefOr::<Schema>::Ref(Ref::from_schema_name(ProblemBody::name()));
    let content = ContentBuilder::new().schema(Some(problem)).examples_from_iter(examples);
    let mut response = ResponseBuilder::new().description(said.join(" ")).content(PROBLEM, content.build());
    if matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
        response = response.header("Retry-After", header(Type::Integer, "Seconds to wait."));
    }
    response.build()
}

/// The whole body of a push, as an example.
pub fn example(push: &Push) -> String {
    let data = push.example.replace('\n', "\n  ");
    format!(
        "{{\n  \"type\": \"{}\",\n  \"timestamp\": \"2026-11-20T15:05:05Z\",\n  \"data\": {data}\n}}",
        push.kind.as_str()
    )
}

fn pushed(push: &Push) -> Described {
    let kind = push.kind.as_str();
    let shape = RefOr::T(wrapped(&[kind], push.data.clone()));
    let content = content(&shape, &example(push));
    let headers = [
        (
            "webhook-id",
            "The id of the push, `evt_…`: the same whenever it is tried again, so take each once.",
        ),
        ("webhook-timestamp", "Seconds since 1970, at this attempt."),
        ("webhook-signature", "A signature by each push secret that is valid now, a space between them."),
    ];
    let mut described = OperationBuilder::new()
        .operation_id(Some(format!("push_{}", kind.replace('.', "_"))))
        .summary(Some(push.text))
        .description(Some(
            "Posted to the tenant's `callback_url`, signed with the push secret. Answer 2xx within 15 seconds; else it is \
             tried again for about three days, and then waits for a replay.",
        ));
    for (name, text) in headers {
        let header = ParameterBuilder::new().name(name).parameter_in(ParameterIn::Header);
        let header = header.required(Required::True).description(Some(text)).schema(Some(String::schema()));
        described = described.parameter(header.build());
    }
    let body = RequestBodyBuilder::new().content("application/json", content).required(Some(Required::True));
    described
        .request_body(Some(body.build()))
        .response("2XX", ResponseBuilder::new().description("It was taken. The body is not read.").build())
        .build()
}
