//! Reading bodies: bounded in size and time, as the bytes that came.

use std::fmt;
use std::marker::PhantomData;
use std::pin::pin;
use std::time::Duration;

use actix_web::web::{self, Bytes, BytesMut};
use futures_util::StreamExt as _;
use futures_util::future::poll_immediate;
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::problem::{Code, Problem};

/// Longest body of the API: 500 clients of 200 characters.
pub const API_LIMIT: usize = 256 * 1024;
/// Longest webhook. Longer lists of contacts go by the API.
pub const WEBHOOK_LIMIT: usize = 64 * 1024;
/// How long a body may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// The bytes of a body, never decompressed.
///
/// # Errors
/// `body_too_large`; `invalid_request` for one that does not arrive in time.
pub async fn raw(mut payload: web::Payload, limit: usize) -> Result<Bytes, Problem> {
    let read = async {
        // A body that comes in one piece, as most do, is passed on as it came.
        let (mut first, mut more) = (Bytes::new(), BytesMut::new());
        while let Some(chunk) = payload.next().await {
            let chunk = chunk.map_err(|_| Problem::invalid("the body did not arrive whole"))?;
            if first.len() + more.len() + chunk.len() > limit {
                return Err(
                    Problem::new(Code::BodyTooLarge).detail(format!("at most {limit} bytes are read"))
                );
            }
            if first.is_empty() && more.is_empty() {
                first = chunk;
                continue;
            }
            more.extend_from_slice(&std::mem::take(&mut first));
            more.extend_from_slice(&chunk);
        }
        Ok(if more.is_empty() { first } else { more.freeze() })
    };
    let mut read = pin!(read);
    // Most bodies have come with their head: nothing is waited for.
    if let Some(read) = poll_immediate(&mut read).await {
        return read;
    }
    tokio::time::timeout(PATIENCE, read)
        .await
        .map_err(|_| Problem::invalid("the body did not arrive in time"))?
}

/// Parses JSON; an error names the place, never the value.
///
/// # Errors
/// `invalid_request`
pub fn json<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    json_at("", body)
}

/// Parses what stands at `place` of a body, so that an error names the whole way there.
///
/// # Errors
/// `invalid_request`
pub fn json_at<T: DeserializeOwned>(place: &str, body: &[u8]) -> Result<T, Problem> {
    let mut reader = serde_json::Deserializer::from_slice(body);
    let parsed = serde_path_to_error::deserialize(&mut reader);
    let Object(parsed) = parsed.map_err(|error| {
        let path = error.path().to_string();
        let inner = error.inner();
        if inner.is_data() {
            // The root of a document is called a single full stop.
            let way: Vec<_> = [place, &path].into_iter().filter(|p| !matches!(*p, "" | ".")).collect();
            let way = if way.is_empty() { "the body".to_owned() } else { way.join(".") };
            Problem::invalid(format!("{way}: {}", kind(&inner.to_string())))
        } else {
            Problem::invalid(format!(
                "the body is not JSON (line {}, column {})",
                inner.line(),
                inner.column()
            ))
        }
    })?;
    reader.end().map_err(|_| Problem::invalid("there is something after the JSON body"))?;
    Ok(parsed)
}

/// Reads and parses a JSON body of the API; an empty one counts as `{}`.
///
/// # Errors
/// As [`raw`] and [`json`].
pub async fn api<T: DeserializeOwned>(payload: web::Payload) -> Result<T, Problem> {
    api_json(&raw(payload, API_LIMIT).await?)
}

/// Parses a JSON body of the API that was read before.
///
/// # Errors
/// As [`json`].
pub fn api_json<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    json(if body.is_empty() { b"{}" } else { body })
}

/// Something that is read from an object only. What serde derives would take a list of its members too, in their
/// order.
struct Object<T>(T);

struct Members<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Members<T> {
    type Value = Object<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(members)).map(Object)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Members(PhantomData))
    }
}

/// The same for what stands within a body; each is marked `#[serde(remote = "Self")]`, so that this has the last word.
macro_rules! only_objects {
    ($($name:ident),*) => {$(
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Derived($name);
                impl<'de> serde::Deserialize<'de> for Derived {
                    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                        $name::deserialize(deserializer).map(Self)
                    }
                }
                $crate::http::body::object::<Derived, D>(deserializer).map(|derived| derived.0)
            }
        }
    )*};
}
pub(crate) use only_objects;

/// Reads what must be an object.
///
/// # Errors
/// Those of its members, and for anything else.
pub fn object<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    Object::deserialize(deserializer).map(|Object(inner)| inner)
}

/// What serde says, without the value it quotes and without the position.
fn kind(text: &str) -> String {
    let text = text.rsplit_once(" at line ").map_or(text, |(before, _)| before);
    match text.split_once(": ") {
        Some(("invalid type" | "invalid value", rest)) => rest
            .rsplit_once(", ")
            .map_or_else(|| "of a wrong type".to_owned(), |(_, expected)| expected.to_owned()),
        _ => text.to_owned(),
    }
}
