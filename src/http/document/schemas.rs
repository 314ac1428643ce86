//! The shapes that operations speak of, collected by name from the types themselves.

use std::collections::BTreeMap;

use serde_json::json;
use utoipa::ToSchema;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Schema, SchemaType, Type};
use utoipa::openapi::{Ref, RefOr};

/// A shape, most often by the name of its schema.
pub type Shape = RefOr<Schema>;

/// The shape of a body that is no type of ours.
pub fn bare(media: &str) -> Shape {
    let kind = if media.ends_with("json") { Type::Object } else { Type::String };
    RefOr::T(ObjectBuilder::new().schema_type(kind).into())
}

/// Schemas by their names.
#[derive(Clone, Default)]
pub struct Schemas(pub BTreeMap<String, RefOr<Schema>>);

impl Schemas {
    /// The shape of something that callers send: an optional member may be null there.
    pub fn taken<T: ToSchema>(&mut self) -> Shape {
        let (shape, found) = collect::<T>();
        self.0.extend(found);
        shape
    }

    /// The shape of something that callers get: what is not set is left out, never null.
    pub fn given<T: ToSchema>(&mut self) -> Shape {
        let (shape, mut found) = collect::<T>();
        for (_, schema) in &mut found {
            never_null(schema);
        }
        self.0.extend(found);
        shape
    }

    /// The shape of a page of a list.
    pub fn page<T: ToSchema>(&mut self) -> Shape {
        let item = self.given::<T>();
        let next = ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("Goes into `page=` to read on. Not there on the last page."));
        let page = ObjectBuilder::new()
            .property("items", ArrayBuilder::new().items(item).description(Some("Newest first.")))
            .required("items")
            .property("next", next);
        let name = format!("{}Page", T::name());
        self.0.insert(name.clone(), RefOr::T(page.into()));
        RefOr::Ref(Ref::from_schema_name(name))
    }

    pub fn merge(&mut self, other: Self) {
        self.0.extend(other.0);
    }
}

/// A type's shape: simple ones as they are, ours by name; and every named one within it.
fn collect<T: ToSchema>() -> (Shape, Vec<(String, RefOr<Schema>)>) {
    let mut found = Vec::new();
    T::schemas(&mut found);
    let name = T::name().into_owned();
    let schema = T::schema();
    if name.chars().next().is_some_and(char::is_uppercase) && name != "String" {
        found.push((name.clone(), schema));
        return (RefOr::Ref(Ref::from_schema_name(name)), found);
    }
    (schema, found)
}

/// Takes null out of the members of an object.
fn never_null(schema: &mut RefOr<Schema>) {
    let RefOr::T(Schema::Object(object)) = schema else { return };
    for member in object.properties.values_mut() {
        let RefOr::T(inner) = member else { continue };
        let text = match inner {
            Schema::Object(object) => {
                set_type(&mut object.schema_type);
                continue;
            }
            Schema::Array(array) => {
                set_type(&mut array.schema_type);
                continue;
            }
            Schema::OneOf(one) => {
                one.items.retain(|item| !is_null(item));
                one.description.take()
            }
            _ => continue,
        };
        let Schema::OneOf(one) = inner else { continue };
        if let [RefOr::Ref(only)] = &mut one.items[..] {
            let mut only = only.clone();
            only.description = text.unwrap_or_default();
            *member = RefOr::Ref(only);
        }
    }
}

fn set_type(kind: &mut SchemaType) {
    if let SchemaType::Array(kinds) = kind {
        kinds.retain(|kind| *kind != Type::Null);
        if let [only] = &kinds[..] {
            *kind = SchemaType::Type(only.clone());
        }
    }
}

fn is_null(item: &RefOr<Schema>) -> bool {
    serde_json::to_value(item).is_ok_and(|value| value["type"] == json!("null"))
}
