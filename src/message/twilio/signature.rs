//! `X-Twilio-Signature`: HMAC-SHA1 of the address and the sorted parameters, by the account's token.
//!
//! Owns what is signed and in which spellings of the address, for the sender is not consistent about ports and
//! queries. Knows no tenant. There is no timestamp in it: what a repeated callback may do is for others to bound.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::{ExposeSecret as _, SecretString};
use sha1::Sha1;
use sha2::{Digest as _, Sha256};
use subtle::{Choice, ConstantTimeEq as _};
use url::{Url, form_urlencoded};

/// A callback as it arrived, not yet believed.
#[derive(Clone, Copy)]
pub struct Callback<'a> {
    /// The address that the account was told, with the query as it came.
    pub url: &'a str,
    pub content: Content<'a>,
    /// The header's value; empty where there is none.
    pub signature: &'a str,
}

/// What a callback carries.
#[derive(Clone, Copy)]
pub enum Content<'a> {
    /// Every parameter of a form, untrimmed; none for a GET.
    Form(&'a [(String, String)]),
    /// Anything else, whose hash the address must name.
    Body(&'a [u8]),
}

/// Which of the tokens signed the callback. All are compared, and one more where there are none.
pub fn signed_by(tokens: &[&SecretString], callback: Callback<'_>) -> Option<usize> {
    let hashed = match callback.content {
        Content::Form(_) => Choice::from(1),
        Content::Body(body) => names_hash(callback.url, body),
    };
    let parameters = parameters(callback.content);
    let signed: Vec<_> =
        spellings(callback.url).iter().map(|url| [url.as_bytes(), &parameters].concat()).collect();
    let fits = |token: &SecretString| -> bool {
        let compare = |found, text: &Vec<u8>| found | mac_is(token, text, callback.signature);
        (signed.iter().fold(Choice::from(0), compare) & hashed).into()
    };
    let nobodys = SecretString::from("the work is the same where nobody has a token");
    let compared = if tokens.is_empty() { &[&nobodys] } else { tokens };
    let fitting: Vec<bool> = compared.iter().map(|token| fits(token)).collect();
    let at = fitting.into_iter().position(|fits| fits)?;
    tokens.get(at).filter(|token| !token.expose_secret().is_empty()).map(|_| at)
}

fn mac_is(token: &SecretString, text: &[u8], given: &str) -> Choice {
    // HMAC takes a key of any length.
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(token.expose_secret().as_bytes()) else {
        return Choice::from(0);
    };
    mac.update(text);
    STANDARD.encode(mac.finalize().into_bytes()).as_bytes().ct_eq(given.as_bytes())
}

/// Names sorted, each with its values: one each of those that are the same, sorted.
fn parameters(content: Content<'_>) -> Vec<u8> {
    let Content::Form(form) = content else { return Vec::new() };
    let mut sorted: Vec<_> = form.iter().collect();
    sorted.sort_unstable();
    sorted.dedup();
    sorted.into_iter().flat_map(|(name, value)| [name.as_bytes(), value.as_bytes()].concat()).collect()
}

/// Whether the address names the SHA-256 of the body.
fn names_hash(url: &str, body: &[u8]) -> Choice {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let named = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "bodySHA256");
    let named = named.map_or_else(String::new, |(_, hash)| hash.into_owned());
    hex::encode(Sha256::digest(body)).as_bytes().ct_eq(named.as_bytes())
}

/// The spellings of one address that a sender may have signed: as it came, as browsers write it, and with its
/// query as older libraries encode it; each without and with the standard port.
fn spellings(url: &str) -> Vec<String> {
    let mut forms = vec![url.to_owned()];
    if let Ok(parsed) = Url::parse(url) {
        forms.push(parsed.as_str().to_owned());
        if parsed.query().is_some_and(|query| !query.is_empty()) {
            forms.push(with_legacy_query(&parsed));
        }
    }
    let mut spellings: Vec<String> = forms.iter().flat_map(|form| with_ports(form)).collect();
    spellings.sort_unstable();
    spellings.dedup();
    spellings
}

/// The address without and with the standard port of its scheme; another port stays as it is.
fn with_ports(url: &str) -> Vec<String> {
    let same = || vec![url.to_owned()];
    let Some((scheme, rest)) = url.split_once("://") else { return same() };
    let standard = match scheme {
        "https" => ":443",
        "http" => ":80",
        _ => return same(),
    };
    let (authority, rest) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let bare = authority.strip_suffix(standard).unwrap_or(authority);
    let host = bare.rsplit_once('@').map_or(bare, |(_, host)| host);
    let has_port = host.rsplit_once(':').is_some_and(|(_, port)| !port.contains(']'));
    if has_port {
        return same();
    }
    vec![format!("{scheme}://{bare}{rest}"), format!("{scheme}://{bare}{standard}{rest}")]
}

/// The query decoded and encoded again: a name's values together, spaces as `%20`, the usual marks left alone.
fn with_legacy_query(url: &Url) -> String {
    let mut names: Vec<String> = Vec::new();
    let mut values: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, value) in url.query_pairs() {
        if !values.contains_key(&*name) {
            names.push(name.clone().into_owned());
        }
        values.entry(name.into_owned()).or_default().push(legacy_escape(&value));
    }
    let pairs = names.iter().flat_map(|name| {
        let values = values.get(name).map_or(&[][..], Vec::as_slice);
        values.iter().map(move |value| format!("{}={value}", legacy_escape(name)))
    });
    let pairs = pairs.collect::<Vec<_>>().join("&");
    let mut bare = url.clone();
    bare.set_query(None);
    format!("{bare}?{pairs}")
}

fn legacy_escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"!'()*-._~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            escaped.extend(["%", &hex::encode_upper([byte])]);
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "https://mycompany.com/myapp.php?foo=1&bar=2";
    const CALL: &[(&str, &str)] = &[
        ("CallSid", "CA1234567890ABCDE"),
        ("Caller", "+14158675309"),
        ("Digits", "1234"),
        ("From", "+14158675309"),
        ("To", "+18005551212"),
    ];
    const JSON: &str = r#"{"property": "value", "boolean": true}"#;
    const JSON_HASH: &str = "0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620";
    const EMPTY_HASH: &str = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";

    fn owned(form: &[(&str, &str)]) -> Vec<(String, String)> {
        form.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn by(tokens: &[&str], url: &str, content: Content<'_>, signature: &str) -> Option<usize> {
        let tokens: Vec<SecretString> = tokens.iter().map(|t| (*t).into()).collect();
        signed_by(&tokens.iter().collect::<Vec<_>>(), Callback { url, content, signature })
    }

    fn form(url: &str, form: &[(&str, &str)], signature: &str) -> bool {
        by(&["12345"], url, Content::Form(&owned(form)), signature).is_some()
    }

    #[test]
    fn the_vectors_of_official_libraries_fit() {
        let binding = |a, b| vec![("MessagingBinding.Address", a), ("MessagingBinding.Address", b)];
        let digits = [
            ("Sid", "CA123"),
            ("SidAccount", "AC123"),
            ("Digits", "5678"),
            ("Digits", "1234"),
            ("Digits", "1234"),
        ];
        let apostrophe = format!("{URL}&Body=It's+amazing");
        for (name, url, params, signature) in [
            ("TW-1", URL, CALL.to_vec(), "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
            (
                "TW-1, with the port",
                "https://mycompany.com:443/myapp.php?foo=1&bar=2",
                CALL.to_vec(),
                "RSOYDt4T1cUTdK1PDd93/VVr8B8=",
            ),
            ("TW-2", URL, CALL.to_vec(), "kvajT1Ptam85bY51eRf/AJRuM3w="),
            (
                "TW-2, with the port",
                "https://mycompany.com:443/myapp.php?foo=1&bar=2",
                CALL.to_vec(),
                "kvajT1Ptam85bY51eRf/AJRuM3w=",
            ),
            ("TW-5", URL, binding("+1325xxxxxxx", "+1415xxxxxxx"), "83O6e2vORAoJHUNzJjDWN1jz+BA="),
            (
                "TW-5, the other order",
                URL,
                binding("+1415xxxxxxx", "+1325xxxxxxx"),
                "83O6e2vORAoJHUNzJjDWN1jz+BA=",
            ),
            ("TW-6", URL, digits.to_vec(), "IK+Dwps556ElfBT0I3Rgjkr1wJU="),
            (
                "TW-7",
                "https://user:pass@mycompany.com/myapp.php?foo=1&bar=2",
                CALL.to_vec(),
                "CukzLTc1tT5dXEDIHm/tKBanW10=",
            ),
            ("TW-8", &apostrophe, CALL.to_vec(), "TfZzewPq8wqrGlMfyAud8+/IvJ0="),
            (
                "TW-9",
                "http://mycompany.com:1234/myapp.php?foo=1&bar=2",
                CALL.to_vec(),
                "Zmvh+3yNM1Phv2jhDCwEM3q5ebU=",
            ),
            (
                "TW-9, port 80",
                "http://mycompany.com/myapp.php?foo=1&bar=2",
                CALL.to_vec(),
                "0ZXoZLH/DfblKGATFgpif+LLRf4=",
            ),
        ] {
            assert!(form(url, &params, signature), "{name}");
            assert!(!form(&url.replace("bar=2", "bar=3"), &params, signature), "{name}, another address");
            assert!(
                !form(url, &[&params[..], &[("More", "1")]].concat(), signature),
                "{name}, a parameter more"
            );
            assert!(!form(url, &params[1..], signature), "{name}, a parameter less");
            let wrong =
                signature.replacen(&signature[..1], if signature.starts_with('A') { "B" } else { "A" }, 1);
            assert!(!form(url, &params, &wrong), "{name}, another signature");
            assert!(
                by(&["12346"], url, Content::Form(&owned(&params)), signature).is_none(),
                "{name}, another token"
            );
        }
        let mut trimmed = CALL.to_vec();
        trimmed[1] = ("Caller", " +14158675309");
        assert!(!form(URL, &trimmed, "RSOYDt4T1cUTdK1PDd93/VVr8B8="), "values are not trimmed");
        assert!(
            !form("http://mycompany.com/myapp.php?foo=1&bar=2", CALL, "Zmvh+3yNM1Phv2jhDCwEM3q5ebU="),
            "another port is another address"
        );
    }

    #[test]
    fn another_body_than_a_form_needs_its_hash_in_the_address() {
        let hashed = |hash: &str| format!("{URL}&bodySHA256={hash}");
        for (body, url, signature) in [
            (JSON, hashed(JSON_HASH), "a9nBmqA0ju/hNViExpshrM61xv4="),
            ("{}", hashed(EMPTY_HASH), "Ldidvp12m26NI7eqEvxnEpkd9Hc="),
        ] {
            let fits = |url: &str, body: &str| {
                by(&["12345"], url, Content::Body(body.as_bytes()), signature).is_some()
            };
            assert!(fits(&url, body), "{body}");
            assert!(!fits(&url, &format!("{body} ")), "another body than the hash is of");
            assert!(!fits(URL, body), "another address");
        }
        let bare = sign(URL);
        assert!(form(URL, &[], &bare), "a GET");
        assert!(by(&["12345"], URL, Content::Body(JSON.as_bytes()), &bare).is_none(), "no hash of the body");
    }

    fn sign(text: &str) -> String {
        let mut mac = Hmac::<Sha1>::new_from_slice(b"12345").unwrap();
        mac.update(text.as_bytes());
        STANDARD.encode(mac.finalize().into_bytes())
    }

    #[test]
    fn an_older_encoding_of_the_query_fits_too() {
        let url = "https://a.example/x?b=it's+so%2C+(1)&a=%c3%a9&b=2&e";
        for (signed, fits) in [
            (url, true),
            ("https://a.example/x?b=it%27s+so%2C+(1)&a=%c3%a9&b=2&e", true),
            ("https://a.example/x?b=it's%20so%2C%20(1)&b=2&a=%C3%A9&e=", true),
            ("https://a.example:443/x?b=it's%20so%2C%20(1)&b=2&a=%C3%A9&e=", true),
            ("https://a.example:444/x?b=it's%20so%2C%20(1)&b=2&a=%C3%A9&e=", false),
            ("https://a.example/x?b=it's so, (1)&a=\u{e9}&b=2&e", false),
        ] {
            assert_eq!(form(url, &[], &sign(signed)), fits, "{signed}");
        }
        for (url, signed) in [
            ("https://[::1]/x", "https://[::1]:443/x"),
            ("http://u:80@a.example/", "http://u:80@a.example:80/"),
        ] {
            assert!(form(url, &[], &sign(signed)), "{signed}");
        }
    }

    #[test]
    fn it_is_told_whose_token_it_was_and_an_empty_one_is_nobodys() {
        let call = owned(CALL);
        let given = "RSOYDt4T1cUTdK1PDd93/VVr8B8=";
        assert_eq!(by(&["1", "12345", "2"], URL, Content::Form(&call), given), Some(1));
        assert_eq!(by(&[], URL, Content::Form(&call), given), None);
        let mac = Hmac::<Sha1>::new_from_slice(b"").unwrap().chain_update(URL);
        let empty = STANDARD.encode(mac.finalize().into_bytes());
        assert_eq!(by(&[""], URL, Content::Form(&[]), &empty), None);
        for missing in ["", "=", "RSOYDt4T1cUTdK1PDd93/VVr8B8", "RSOYDt4T1cUTdK1PDd93/VVr8B8=="] {
            assert_eq!(by(&["12345"], URL, Content::Form(&call), missing), None, "{missing:?}");
        }
    }
}
