//! Somebody in the console: an account, its two steps, and pages with the session's cookie.

use countersign::domain::admin::Role;
use countersign::domain::contact::Email;
use countersign::domain::id::TenantId;
use countersign::usecase::admin::accounts::{Wanted, choose, create_admin};
use regex::Regex;

use super::guest::proof_of;
use super::login::{Phone, codes_in};
use super::service::{Reply, Service};

pub const PASSWORD: &str = "kettle moss lantern 7";

/// A browser that is signed in.
pub struct Desk {
    pub cookie: String,
    pub phone: Phone,
}

/// The cookie that an answer sets.
pub fn cookie(reply: &Reply) -> String {
    let set = reply.header("set-cookie").unwrap_or_else(|| panic!("no cookie: {reply:?}"));
    set.split(';').next().unwrap().to_owned()
}

/// What every form of a page carries.
pub fn form_key(page: &Reply) -> String {
    let key = Regex::new(r#"name="key" value="([0-9a-f]{32})""#).unwrap();
    key.captures(&page.text).unwrap_or_else(|| panic!("no form in {}", page.text))[1].to_owned()
}

impl Service {
    /// An account.
    pub async fn account(&self, email: &str, role: Role, tenants: Option<&[&str]>) {
        let email = Email::parse(email).unwrap();
        let password = choose(PASSWORD, &email, "Ada Park").unwrap();
        let tenants = tenants.map(|ids| ids.iter().map(|id| TenantId::parse(id).unwrap()).collect());
        let wanted = Wanted { email, name: "Ada Park".to_owned(), role, tenants };
        create_admin(self.app.desk(), wanted, &password).await.unwrap();
    }

    /// Types an email and a password.
    pub async fn types_password(&self, email: &str, password: &str) -> Reply {
        self.browser("POST", "/admin/sign-in", "", &[("email", email), ("password", password)]).await
    }

    /// The page of the second step that a right password leads to.
    pub fn step_page(typed: &Reply) -> String {
        assert_eq!(typed.status, 303, "{}", typed.text);
        let place = typed.header("location").unwrap().split_once("/login/").unwrap().1;
        format!("/login/{}", place.split('?').next().unwrap())
    }

    /// Signs in for the first time, with an app set up on the way.
    pub async fn signs_in_first(&self, email: &str) -> Desk {
        let typed = self.types_password(email, PASSWORD).await;
        let (half, page) = (cookie(&typed), Self::step_page(&typed));
        let phone = self.scans(&page).await;
        drop(codes_in(&self.does(&page, "confirm", &phone.shows(self, 0)).await));
        let passed = self.form(&page, &[("do", "finish"), ("saved", "1")]).await;
        let entered =
            self.browser("GET", &format!("/admin/in?proof={}", proof_of(&passed)), &half, &[]).await;
        assert_eq!((entered.status, entered.header("location")), (303, Some("/admin")), "{}", entered.text);
        self.advance(60);
        Desk { cookie: cookie(&entered), phone }
    }

    /// An account that is signed in.
    pub async fn desk(&self, role: Role, tenants: Option<&[&str]>) -> Desk {
        let email = format!("{}@acme.example", role.as_str());
        self.account(&email, role, tenants).await;
        self.signs_in_first(&email).await
    }

    /// The same with text messages as the second step, which prove a number.
    pub async fn desk_by_text(&self, role: Role, tenants: Option<&[&str]>) -> Desk {
        let email = format!("{}@acme.example", role.as_str());
        self.account(&email, role, tenants).await;
        let typed = self.types_password(&email, PASSWORD).await;
        let (half, page) = (cookie(&typed), Self::step_page(&typed));
        let passed = self.proves_number(&page).await.1;
        let entered =
            self.browser("GET", &format!("/admin/in?proof={}", proof_of(&passed)), &half, &[]).await;
        self.advance(60);
        Desk { cookie: cookie(&entered), phone: Phone { key: String::new() } }
    }

    /// A page of the console.
    pub async fn see(&self, desk: &Desk, path: &str) -> Reply {
        self.browser("GET", path, &desk.cookie, &[]).await
    }

    /// Sends a form that stands on a page.
    pub async fn send_form(&self, desk: &Desk, path: &str, fields: &[(&str, &str)]) -> Reply {
        let key = form_key(&self.see(desk, "/admin/sessions").await);
        let mut fields = fields.to_vec();
        fields.push(("key", &key));
        self.browser("POST", path, &desk.cookie, &fields).await
    }
}
