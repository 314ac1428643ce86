//! The steps of a security PIN: the link that is sent, the PIN that is set by it, and what is said on the phone.

use std::time::Duration;

use countersign::domain::id::TenantId;
use countersign::domain::pin::DIGITS;
use countersign::domain::pin::secret::Pin;
use countersign::usecase::pin::hasher::Size;
use countersign::usecase::pin::set_pin::{PinSet, SetFault, SetFrom, set_pin};
use serde_json::{Value, json};

use super::life::CLIENT;
use super::service::{Reply, Service};

/// A PIN that nobody guesses, and one that it is not.
pub const PIN: &str = "482057";
pub const WRONG: &str = "905173";

/// A pool for one.
pub const SMALL: Size = Size { places: 1, waiting: 1, waits: Duration::from_secs(10) };

/// The tenant of the example client.
pub fn cornerstone() -> TenantId {
    TenantId::parse("cornerstone").unwrap()
}

impl Service {
    /// The example client, of a tenant that uses PINs.
    pub async fn pins_on(&self) {
        self.pin_policy(json!({"enabled": true})).await;
        self.know(CLIENT).await.expect(201);
    }

    /// Changes the PIN policy of `cornerstone`.
    pub async fn pin_policy(&self, policy: Value) {
        self.apply("cornerstone", json!({"policy": {"pin": policy}})).await;
    }

    /// Asks for a link.
    pub async fn ask_link(&self, contact: &str) -> Reply {
        let agent = json!({"id": "u-77", "name": "Maria Lopez"});
        let path = format!("/api/v1/clients/{CLIENT}/pin/link");
        self.post(&path, json!({"contact": contact, "agent": agent})).await
    }

    /// Sends a link and reads its token from the mail.
    pub async fn link(&self, contact: &str) -> String {
        let sent = self.ask_link(contact).await.expect(201);
        self.drain().await;
        self.token_of(&sent)
    }

    /// The token in the mail of a link that was sent.
    pub fn token_of(&self, sent: &Value) -> String {
        let mail = self.mail().into_iter().find(|mail| mail["id"] == sent["messages"][0]["id"]);
        token_in(mail.expect("a message was sent")["text"].as_str().unwrap())
    }

    /// Sets a PIN by a link, as the page does.
    pub async fn set(&self, token: &str, pin: &str) -> Result<PinSet, SetFault> {
        let from = SetFrom {
            address: "198.51.100.7".to_owned(),
            device: "iPhone, Safari".to_owned(),
            browser: None,
        };
        set_pin(self.app.desk(), token, &Pin::parse(pin, DIGITS).unwrap(), &from).await
    }

    /// The example client with a PIN.
    pub async fn with_pin(&self) {
        self.pins_on().await;
        let token = self.link("c-1").await;
        self.set(&token, PIN).await.unwrap();
    }

    pub async fn check_pin(&self, pin: &str) -> Reply {
        let agent = json!({"id": "u-77", "name": "Maria Lopez"});
        let path = format!("/api/v1/clients/{CLIENT}/pin/check");
        self.post(&path, json!({"pin": pin, "agent": agent})).await
    }

    /// The whole answer to a check that is answered.
    pub async fn said(&self, pin: &str) -> Value {
        self.check_pin(pin).await.expect(200)
    }

    /// Where the PIN stands.
    pub async fn pin(&self) -> Value {
        self.get(&format!("/api/v1/clients/{CLIENT}/pin")).await.expect(200)
    }
}

/// The token of the link in a text.
pub fn token_in(text: &str) -> String {
    let link = regex::Regex::new(r"/p/([A-Za-z0-9_-]{22})").unwrap();
    link.captures(text).unwrap_or_else(|| panic!("no link in {text:?}"))[1].to_owned()
}
