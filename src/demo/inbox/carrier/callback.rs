//! Telling the service something, signed as Twilio signs: these lines, and the account's token, are all it takes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;

use super::Carrier;

/// What a callback carries.
pub type Form<'a> = Vec<(&'a str, &'a str)>;

/// `X-Twilio-Signature`: the address, then every name and value in the order of the names, under the token.
pub fn sign(token: &str, url: &str, form: &Form<'_>) -> Option<String> {
    let mut sorted = form.clone();
    sorted.sort_unstable();
    let mut mac = Hmac::<Sha1>::new_from_slice(token.as_bytes()).ok()?;
    mac.update(url.as_bytes());
    for (name, value) in sorted {
        mac.update(name.as_bytes());
        mac.update(value.as_bytes());
    }
    Some(STANDARD.encode(mac.finalize().into_bytes()))
}

impl Carrier {
    /// Posts a signed form; what it is answered with, if that is a success.
    pub(super) async fn tell(&self, url: &str, form: &Form<'_>) -> Option<String> {
        let signature = sign(&self.account.token, url, form)?;
        let request = self.http.post(url).header("x-twilio-signature", signature).form(form);
        match request.send().await.and_then(reqwest::Response::error_for_status) {
            Ok(answer) => answer.text().await.ok(),
            Err(error) => {
                tracing::warn!(error = %error.without_url(), "the service does not take a callback");
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_signs_as_twilio_does() {
        // From the documentation of Twilio's libraries.
        let form = vec![
            ("CallSid", "CA1234567890ABCDE"),
            ("Digits", "1234"),
            ("Caller", "+14158675309"),
            ("To", "+18005551212"),
            ("From", "+14158675309"),
        ];
        let signed = sign("12345", "https://mycompany.com/myapp.php?foo=1&bar=2", &form);
        assert_eq!(signed.as_deref(), Some("RSOYDt4T1cUTdK1PDd93/VVr8B8="));
    }
}
