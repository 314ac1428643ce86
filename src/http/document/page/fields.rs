//! The members of a request or an answer, read from its schema: name, type, words, and what they mean.

use serde::Serialize;
use serde_json::Value;
use utoipa::openapi::schema::{Array, ArrayItems, Object, Schema, SchemaFormat, SchemaType, Type};
use utoipa::openapi::{OpenApi, RefOr};

use crate::http::document::operation::Parameter;

use super::text::{self, Paragraph};

/// Deeper than any shape goes.
const DEEPEST: usize = 8;

/// One member.
#[derive(Serialize)]
pub struct Field {
    pub name: String,
    pub kind: String,
    pub required: bool,
    pub text: Paragraph,
    pub words: Vec<String>,
    pub limits: Vec<String>,
    pub members: Vec<Field>,
}

/// The schemas of a document.
pub struct Fields<'a> {
    document: &'a OpenApi,
}

impl<'a> Fields<'a> {
    pub fn of(document: &'a OpenApi) -> Self {
        Self { document }
    }

    /// One parameter.
    pub fn parameter(&self, parameter: &Parameter) -> Field {
        let mut field = self.field(parameter.name, parameter.required, &parameter.shape, 0);
        field.text = text::line(parameter.text);
        field
    }

    /// The members of an object, or of each of several shapes.
    pub fn members(&self, shape: &RefOr<Schema>) -> Vec<Field> {
        self.inside(shape, 0)
    }

    fn named(&self, location: &str) -> Option<&'a RefOr<Schema>> {
        let name = location.rsplit('/').next()?;
        self.document.components.as_ref()?.schemas.get(name)
    }

    /// The schema itself, and what its name says beside it.
    fn resolve<'s>(&self, shape: &'s RefOr<Schema>) -> Option<(&'s Schema, String)>
    where
        'a: 's,
    {
        match shape {
            RefOr::T(schema) => Some((schema, String::new())),
            RefOr::Ref(named) => match self.named(&named.ref_location)? {
                RefOr::T(schema) => Some((schema, named.description.clone())),
                RefOr::Ref(_) => None,
            },
        }
    }

    fn inside(&self, shape: &RefOr<Schema>, depth: usize) -> Vec<Field> {
        if depth > DEEPEST {
            return Vec::new();
        }
        let Some((schema, _)) = self.resolve(shape) else { return Vec::new() };
        match schema {
            Schema::Object(object) => {
                let member = |(name, shape): (&String, &RefOr<Schema>)| {
                    self.field(name, object.required.contains(name), shape, depth + 1)
                };
                object.properties.iter().map(member).collect()
            }
            Schema::Array(Array { items: ArrayItems::RefOrSchema(item), .. }) => self.inside(item, depth + 1),
            Schema::OneOf(one) => self.either(&one.items, depth),
            _ => Vec::new(),
        }
    }

    /// Each of several shapes as a member by the name of its type; one that may be null is just itself.
    fn either(&self, shapes: &[RefOr<Schema>], depth: usize) -> Vec<Field> {
        let shapes: Vec<_> = shapes.iter().filter(|shape| !is_null(shape)).collect();
        if let [only] = shapes[..] {
            return self.inside(only, depth);
        }
        let mut all = Vec::new();
        for shape in shapes {
            let mut members = self.inside(shape, depth + 1);
            let names = members.iter().find(|member| member.name == "type");
            let name = names.map(|member| member.words.join(", ")).unwrap_or_default();
            members.retain(|member| member.name == "data");
            all.extend(members.into_iter().map(|data| Field { name: name.clone(), ..data }));
        }
        all
    }

    fn field(&self, name: &str, required: bool, shape: &RefOr<Schema>, depth: usize) -> Field {
        let shape = unwrapped(shape);
        let mut field = Field {
            name: name.to_owned(),
            kind: "object".to_owned(),
            required,
            text: Vec::new(),
            words: Vec::new(),
            limits: Vec::new(),
            members: self.inside(shape, depth),
        };
        let Some((schema, said)) = self.resolve(shape) else { return field };
        let own = match schema {
            Schema::Object(object) => {
                object_facts(&mut field, object);
                object.description.clone()
            }
            Schema::Array(array) => {
                self.array_facts(&mut field, array);
                array.description.clone()
            }
            _ => None,
        };
        let own = own.unwrap_or_default();
        field.text = text::line(if said.is_empty() { &own } else { &said });
        field
    }

    fn array_facts(&self, field: &mut Field, array: &Array) {
        "list".clone_into(&mut field.kind);
        if let Some(most) = array.max_items {
            field.limits.push(format!("at most {most}"));
        }
        let ArrayItems::RefOrSchema(item) = &array.items else { return };
        let Some((Schema::Object(object), _)) = self.resolve(item) else { return };
        let mut one = Field { limits: Vec::new(), ..self.field("", true, item, DEEPEST) };
        object_facts(&mut one, object);
        field.kind =
            format!("list of {}", if one.kind == "object" { "objects".to_owned() } else { one.kind + "s" });
        field.words = one.words;
    }
}

/// A shape without the null beside it.
fn unwrapped(shape: &RefOr<Schema>) -> &RefOr<Schema> {
    let RefOr::T(Schema::OneOf(one)) = shape else { return shape };
    let mut others = one.items.iter().filter(|item| !is_null(item));
    match (others.next(), others.next()) {
        (Some(only), None) => only,
        _ => shape,
    }
}

fn is_null(shape: &RefOr<Schema>) -> bool {
    matches!(shape, RefOr::T(Schema::Object(object)) if object.schema_type == SchemaType::Type(Type::Null))
}

/// The type of a simple member, its words, its bounds.
fn object_facts(field: &mut Field, object: &Object) {
    let format = object.format.as_ref().and_then(|format| match format {
        SchemaFormat::KnownFormat(utoipa::openapi::KnownFormat::DateTime) => Some("time"),
        _ => None,
    });
    let kind = match &object.schema_type {
        SchemaType::Type(kind) => word(kind),
        SchemaType::Array(kinds) => kinds.iter().find(|kind| **kind != Type::Null).map_or("any", word),
        SchemaType::AnyValue => "any",
    };
    format.unwrap_or(kind).clone_into(&mut field.kind);
    let words = object.enum_values.iter().flatten();
    field.words = words.filter_map(Value::as_str).map(str::to_owned).collect();
    if let Some(most) = object.max_length {
        field.limits.push(format!("at most {most} characters"));
    }
    if let (Some(least), Some(most)) = (number(&object.minimum), number(&object.maximum)) {
        field.limits.push(format!("{least} to {most}"));
    }
    if let Some(usual) = &object.default {
        field.limits.push(format!("usually {usual}"));
    }
}

fn number(bound: &impl Serialize) -> Option<String> {
    serde_json::to_value(bound).ok().filter(Value::is_number).map(|number| number.to_string())
}

fn word(kind: &Type) -> &'static str {
    match kind {
        Type::Object => "object",
        Type::String => "string",
        Type::Integer => "integer",
        Type::Number => "number",
        Type::Boolean => "boolean",
        Type::Array => "list",
        Type::Null => "null",
    }
}
