//! A configured folder, a gateway that takes texts, a host that takes pushes, and calls that may break off.

use std::time::Duration;

use sea_orm::{ConnectionTrait as _, Statement};
use serde_json::{Value, json};

use crate::code::code_in;
use crate::database::Database;
use crate::place::Place;
use crate::process::Process;
use crate::receiver::{Push, Receiver};

/// How often something that must come is looked for, and how many times at most.
const BEAT: Duration = Duration::from_millis(50);
const MOST_BEATS: usize = 2400;

pub struct Stage {
    pub place: Place,
    pub host: Receiver,
    pub gateway: Receiver,
    pub key: String,
    /// The secrets by which webhooks and pushes are signed, as they were printed once.
    pub signing: Vec<String>,
    pub http: reqwest::Client,
}

/// What came back: a status and a body, or nothing because the process was gone.
pub type Answer = Option<(u16, Value)>;

#[expect(clippy::disallowed_methods, reason = "a test speaks to its own service as any client would")]
fn client() -> reqwest::Client {
    countersign::host::install_crypto();
    let none = reqwest::redirect::Policy::none();
    reqwest::Client::builder().no_proxy().redirect(none).build().unwrap()
}

impl Stage {
    /// With the tenant `cornerstone`, whose rules these lines of the tenant file add to.
    pub async fn on(database: &Database, rules: &str) -> Self {
        let mut place = Place::on(database);
        let (host, gateway) = (Receiver::start().await, Receiver::start().await);
        gateway.answer("sms", 200, &[]);
        let settings = std::fs::read_to_string(place.path("countersign.toml")).unwrap();
        let form = "[sms]\nheaders = { content-type = \"application/x-www-form-urlencoded\" }\n";
        place.write("countersign.toml", &settings.replace("[sms]\n", form));
        place.set("SMS__PROVIDER", "http");
        place.set("SMS__METHOD", "POST");
        place.set("SMS__URL", &gateway.url("sms"));
        place.set("SMS__BODY", "to={{to}}&text={{text}}&report={{report_url}}");
        let mut stage =
            Self { place, host, gateway, key: String::new(), signing: Vec::new(), http: client() };
        let said = stage.apply("cornerstone", rules);
        let key = regex::Regex::new("csk_[A-Za-z0-9_-]+").unwrap();
        key.find(&said).unwrap().as_str().clone_into(&mut stage.key);
        let signing = regex::Regex::new("whsec_([A-Za-z0-9+/=]+)").unwrap();
        stage.signing = signing.captures_iter(&said).map(|found| found[1].to_owned()).collect();
        assert_eq!(stage.signing.len(), 2, "one for webhooks, one for pushes");
        stage
    }

    /// Creates or changes a tenant by the command, beside whatever runs.
    pub fn apply(&self, id: &str, rules: &str) -> String {
        let text = format!(
            "[[tenant]]\nid = \"{id}\"\nname = \"{id} PEO\"\neligible = true\ncallback_url = \"{}\"\n{rules}\n",
            self.host.url(id)
        );
        self.place.write("tenants.toml", &text);
        self.place.run(&["tenant", "apply", "tenants.toml"]).good()
    }

    pub async fn serve(&self) -> Process {
        Process::serve(&self.place).await
    }

    /// One request of the host's to the process at `base`.
    pub async fn call(&self, base: &str, method: &str, path: &str, body: Option<&Value>) -> Answer {
        let mut request = self.http.request(method.parse().unwrap(), format!("{base}{path}"));
        request = request.bearer_auth(&self.key);
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        let response = request.send().await.ok()?;
        let status = response.status().as_u16();
        let text = response.text().await.ok()?;
        Some((status, serde_json::from_str(&text).unwrap_or(Value::String(text))))
    }

    /// A request that must be answered with this status.
    pub async fn must(
        &self,
        base: &str,
        method: &str,
        path: &str,
        body: Option<&Value>,
        status: u16,
    ) -> Value {
        let (found, body) = self.call(base, method, path, body).await.expect("an answer");
        assert_eq!(found, status, "{method} {path}: {body}");
        body
    }

    /// Tells the client of this number, whose one contact nobody else has.
    pub async fn tell_client(&self, base: &str, number: usize) -> Answer {
        self.call(base, "PUT", &format!("/api/v1/clients/k-{number}"), Some(&client_body(number, number)))
            .await
    }

    pub async fn ask(&self, base: &str, number: usize) -> Answer {
        let body = json!({"contact": "c-1", "surface": "lead_card"});
        self.call(base, "POST", &format!("/api/v1/clients/k-{number}/codes"), Some(&body)).await
    }

    pub async fn check(&self, base: &str, challenge: &str, code: &str) -> Answer {
        self.call(
            base,
            "POST",
            &format!("/api/v1/challenges/{challenge}/check"),
            Some(&json!({"code": code})),
        )
        .await
    }

    /// The code in the text that a number got, once it is there.
    pub async fn code_to(&self, number: usize) -> String {
        let to = phone(number);
        let texts = self.gateway.until(|all| all.iter().any(|one| field(one, "to") == to)).await;
        code_in(&field(texts.iter().rfind(|one| field(one, "to") == to).unwrap(), "text"))
    }
}

/// A client with one contact, at the mobile of this number.
pub fn client_body(number: usize, mobile: usize) -> Value {
    json!({"name": format!("Client {number}"), "contacts": [
        {"id": "c-1", "name": "Ana Ruiz", "role": "owner", "email": format!("a{mobile}@ruiz.example"), "mobile": phone(mobile), "locale": "en"},
    ]})
}

/// A mobile number that no other number has.
pub fn phone(number: usize) -> String {
    format!("+1305{:07}", 2_000_000 + number)
}

/// A field of a text as the gateway got it.
pub fn field(text: &Push, name: &str) -> String {
    let found = url::form_urlencoded::parse(&text.body).find(|(key, _)| key == name);
    found.map(|(_, value)| value.into_owned()).unwrap_or_default()
}

/// Looks until something holds.
pub async fn until<F: Future<Output = bool>>(what: &str, holds: impl Fn() -> F) {
    let mut beats = tokio::time::interval(BEAT);
    for _ in 0..MOST_BEATS {
        beats.tick().await;
        if holds().await {
            return;
        }
    }
    panic!("{what}: waited in vain");
}

/// The one column of a query, read behind the service's back.
pub async fn rows(database: &Database, query: &str) -> Vec<String> {
    let db = countersign::store::open(&database.url.as_str().into()).await.unwrap();
    let statement = Statement::from_string(db.get_database_backend(), query.to_owned());
    let rows = db.query_all_raw(statement).await.unwrap();
    let found = rows.iter().map(|row| row.try_get_by_index::<String>(0).unwrap()).collect();
    db.close().await.unwrap();
    found
}
