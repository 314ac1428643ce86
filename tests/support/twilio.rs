//! Twilio's part: an account whose texts a scripted API takes, and callbacks signed as its servers sign them.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;
use url::form_urlencoded;

use super::database::Database;
use super::gateway::{Answer, Server};
use super::service::{Reply, Service};

/// The token of the service's account.
pub const TOKEN: &str = "0123456789abcdef0123456789abcdef";
/// Where the service is told that it is reached.
pub const PUBLIC: &str = "http://127.0.0.1:8080";

/// An API that takes every text.
pub async fn api() -> Server {
    Server::start(Answer::Say("201 Created", "", r#"{"sid": "SMfedcba9876543210", "status": "queued"}"#))
        .await
}

/// A service like this one whose texts go out by Twilio, and by `next` after that, as the variable has it.
pub async fn by_twilio(service: &Service, api: &Server, next: &str) -> Service {
    let base = api.url("").as_str().trim_end_matches('/').to_owned();
    let mut more = vec![
        ("COUNTERSIGN_SMS__PROVIDER", "twilio"),
        ("COUNTERSIGN_SMS__ACCOUNT_SID", "AC0123456789abcdef0123456789abcdef"),
        ("COUNTERSIGN_SMS__AUTH_TOKEN", TOKEN),
        ("COUNTERSIGN_SMS__FROM", "+13055550100"),
        ("COUNTERSIGN_SMS__API_BASE", base.as_str()),
    ];
    if !next.is_empty() {
        more.push(("COUNTERSIGN_SMS__NEXT", next));
    }
    Service::with(Database::create(service.database.backend).await, &more).await
}

/// The fields of the forms an API was sent, oldest first.
pub fn forms(api: &Server) -> Vec<Vec<(String, String)>> {
    let form = |request: &String| {
        let (_, body) = request.split_once("\r\n\r\n").unwrap();
        form_urlencoded::parse(body.as_bytes()).into_owned().collect()
    };
    api.seen().iter().map(form).collect()
}

/// One field of a form.
pub fn field<'a>(form: &'a [(String, String)], name: &str) -> &'a str {
    form.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
}

/// The signature of a form under a token.
pub fn sign(token: &str, url: &str, params: &[(&str, &str)]) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(token.as_bytes()).unwrap();
    mac.update(url.as_bytes());
    for (name, value) in params.iter().collect::<BTreeSet<_>>() {
        mac.update(format!("{name}{value}").as_bytes());
    }
    BASE64_STANDARD.encode(mac.finalize().into_bytes())
}

/// A form with a signature of whatever kind.
pub async fn post_form(service: &Service, path: &str, params: &[(&str, &str)], signature: &str) -> Reply {
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(params).finish();
    let request = service.request("POST", path).header("x-twilio-signature", signature);
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    service.send(request.body(body)).await
}

/// A callback signed by the service's account.
pub async fn call_back(service: &Service, path: &str, params: &[(&str, &str)]) -> Reply {
    post_form(service, path, params, &sign(TOKEN, &format!("{PUBLIC}{path}"), params)).await
}
