//! The steps of a user of the CRM who signs in: the host names them, they open their page, set an app up and type its codes.

use regex::Regex;
use serde_json::{Value, json};
use totp_rs::{Builder, Secret};

use super::guest::proof_of;
use super::service::{Reply, Service};

/// Where the codes of [`Service::enrolled_by_text`] go.
pub const NUMBER: &str = "+13055550142";

/// An authenticator app that scanned the key.
#[derive(Clone)]
pub struct Phone {
    pub key: String,
}

impl Phone {
    /// What the app shows so many steps of thirty seconds from now.
    pub fn shows(&self, service: &Service, steps: i64) -> String {
        let secret = Secret::try_from_base32(self.key.replace(' ', "")).unwrap();
        let totp = Builder::new().with_secret(secret).build().unwrap();
        totp.generate(u64::try_from(service.clock_seconds() + steps * 30).unwrap()).to_string()
    }
}

impl Service {
    /// Names Maria, a user with this role.
    pub async fn user(&self, role: &str) -> Value {
        let maria =
            json!({"name": "Maria Lopez", "email": "maria@crm.example", "role": role, "locale": "en"});
        let put = self
            .call("PUT", "/api/v1/users/u-77", &super::service::api_key("cornerstone"), Some(&maria))
            .await;
        assert!(put.status < 300, "{}", put.text);
        put.json()
    }

    pub async fn begin(&self) -> Reply {
        self.post("/api/v1/users/u-77/logins", json!({"return_url": "https://crm.example/in?next=%2F"})).await
    }

    /// Begins a sign-in that has a page: its id and where the page is.
    pub async fn sign_in_page(&self) -> (String, String) {
        let begun = self.begin().await.expect(200);
        let path = begun["url"].as_str().unwrap().split_once("/login/").unwrap().1;
        (begun["login"].as_str().unwrap().to_owned(), format!("/login/{path}"))
    }

    pub async fn does(&self, path: &str, deed: &str, code: &str) -> Reply {
        self.form(path, &[("do", deed), ("code", code)]).await
    }

    /// Scans the key that the page shows.
    pub async fn scans(&self, path: &str) -> Phone {
        let chosen = self.does(path, "app", "").await;
        assert_eq!((chosen.status, chosen.header("location")), (303, Some("?step=app")), "{}", chosen.text);
        let page = self.page(&format!("{path}?step=app")).await;
        let key = Regex::new(r#"<code class="key">([A-Z2-7 ]+)</code>"#).unwrap();
        Phone {
            key: key.captures(&page.text).unwrap_or_else(|| panic!("no key in {}", page.text))[1].to_owned(),
        }
    }

    /// Sets an app up and signs in by it: the app, and the backup codes.
    pub async fn enrolled(&self) -> (Phone, Vec<String>) {
        self.workflow("login", json!({"always_required_roles": ["payroll"]})).await;
        self.user("payroll").await;
        let (login, path) = self.sign_in_page().await;
        let phone = self.scans(&path).await;
        let codes = codes_in(&self.does(&path, "confirm", &phone.shows(self, 0)).await);
        let passed = self.form(&path, &[("do", "finish"), ("saved", "1")]).await;
        self.redeem_login(&login, &proof_of(&passed)).await.expect(200);
        self.advance(60);
        (phone, codes)
    }

    /// What the newest text to this number says.
    pub fn texted(&self, number: &str) -> String {
        let mail = self.mail_in_order();
        let text = mail.iter().rfind(|one| one["to"] == number);
        text.unwrap_or_else(|| panic!("no text to {number}: {mail:?}"))["text"].as_str().unwrap().to_owned()
    }

    /// The code in it.
    pub fn texted_code(&self, number: &str) -> String {
        self.texted(number)[..6].to_owned()
    }

    /// The subjects of the emails to an address.
    pub fn emailed(&self, address: &str) -> Vec<String> {
        let mail = self.mail_in_order();
        let to = |one: &&Value| one["to"].as_str().is_some_and(|to| to.contains(address));
        mail.iter().filter(to).map(|one| one["text"].as_str().unwrap().to_owned()).collect()
    }

    /// Sets text messages up and signs in by it. Gives the backup codes.
    pub async fn enrolled_by_text(&self) -> Vec<String> {
        self.workflow("login", json!({"always_required_roles": ["payroll"]})).await;
        self.user("payroll").await;
        let (login, path) = self.sign_in_page().await;
        let (codes, passed) = self.proves_number(&path).await;
        self.redeem_login(&login, &proof_of(&passed)).await.expect(200);
        self.advance(60);
        codes
    }

    /// Sets text messages up on the page of a second step: the backup codes, and where it leads.
    pub async fn proves_number(&self, path: &str) -> (Vec<String>, Reply) {
        let chosen = self
            .form(&format!("{path}?step=number"), &[("do", "number"), ("number", "(305) 555-0142")])
            .await;
        assert_eq!((chosen.status, chosen.header("location")), (303, Some("?step=text")), "{}", chosen.text);
        self.drain().await;
        let codes = codes_in(&self.does(path, "confirm_number", &self.texted_code(NUMBER)).await);
        (codes, self.form(path, &[("do", "finish"), ("saved", "1")]).await)
    }

    /// Opens the page where Maria changes her second step.
    pub async fn manage_page(&self) -> String {
        let body = json!({"return_url": "https://crm.example/profile?tab=2"});
        let url = self.post("/api/v1/users/u-77/manage", body).await.expect(200)["url"].clone();
        format!("/login/{}", url.as_str().unwrap().split_once("/login/").unwrap().1)
    }

    /// A browser of Chrome on Windows, with this cookie.
    pub async fn browser(&self, method: &str, path: &str, cookie: &str, fields: &[(&str, &str)]) -> Reply {
        let agent =
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36";
        let body: String = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = self.request(method, path).header("content-type", "application/x-www-form-urlencoded");
        let request = request.header("user-agent", agent).header("cookie", cookie).body(body);
        self.browse(request).await
    }

    pub async fn redeem_login(&self, login: &str, proof: &str) -> Reply {
        self.post(&format!("/api/v1/logins/{login}/proof"), json!({"proof": proof})).await
    }

    pub async fn user_now(&self) -> Value {
        self.get("/api/v1/users/u-77").await.expect(200)
    }
}

/// The backup codes on a page.
#[track_caller]
pub fn codes_in(page: &Reply) -> Vec<String> {
    assert_eq!(page.status, 200, "{}", page.text);
    let code = Regex::new("<li><code>([0-9A-Z-]{14})</code></li>").unwrap();
    code.captures_iter(&page.text).map(|found| found[1].to_owned()).collect()
}
