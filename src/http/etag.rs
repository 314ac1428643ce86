//! Entity tags (RFC 9110, 8.8.3): what a caller has already is not sent again.

use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};

/// A tag as it stands in a header, made once for each answer.
pub struct Tag(HeaderValue);

impl Tag {
    /// The tag of what has this hash.
    pub fn of(hash: &[u8]) -> Self {
        let quoted = format!("\"{}\"", hex::encode(hash));
        // Any header may hold hexadecimal digits.
        Self(HeaderValue::from_str(&quoted).unwrap_or(HeaderValue::from_static("\"\"")))
    }
}

/// An answer that carries `tag`: 304 and empty where `request` names it, else 200 to be filled by `body`.
///
/// A header that cannot be read names nothing: the answer is then sent whole.
pub fn answer(
    request: &HttpRequest,
    tag: &Tag,
    body: impl FnOnce(HttpResponseBuilder) -> HttpResponse,
) -> HttpResponse {
    let known = is_known(request, tag);
    let mut response = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response.insert_header((header::ETAG, tag.0.clone()));
    if known { response.finish() } else { body(response) }
}

/// Whether a caller has what carries this tag.
pub fn is_known(request: &HttpRequest, tag: &Tag) -> bool {
    request.headers().get_all(header::IF_NONE_MATCH).any(|value| names(value, tag))
}

/// Whether `If-None-Match` names the tag, compared weakly.
fn names(value: &HeaderValue, Tag(tag): &Tag) -> bool {
    let listed = value.to_str().unwrap_or_default().split(',').map(str::trim);
    listed.map(|named| named.strip_prefix("W/").unwrap_or(named)).any(|named| named == "*" || named == tag)
}

#[cfg(test)]
mod tests {
    use super::{Tag, names};
    use actix_web::http::header::HeaderValue;

    #[test]
    fn a_tag_is_found_in_a_list_and_weakly() {
        let named = |text: &str| names(&HeaderValue::from_str(text).unwrap(), &Tag::of(&[0xa1]));
        for text in ["\"a1\"", "W/\"a1\"", "\"x\", \"a1\"", "*"] {
            assert!(named(text), "{text}");
        }
        for text in ["a1", "\"a2\"", "", "W/", "\"a1"] {
            assert!(!named(text), "{text}");
        }
    }
}
