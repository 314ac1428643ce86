//! The steps of a guest: the host names them, they open their link, ask for a code and type it.

use serde_json::{Value, json};

use super::service::{Reply, Service, api_key};

/// A signer with a mobile.
pub fn signing() -> Value {
    json!({
        "document": {"id": "doc-7", "name": "Service agreement"},
        "signer": {"id": "s-1", "name": "Ana Ruiz", "mobile": "+13055550142", "locale": "en"},
        "return_url": "https://crm.example/documents/7?tab=2",
    })
}

/// A session of one participant, with both details.
pub fn session(invite_by: &str) -> Value {
    json!({
        "id": "ses-7", "invite_by": invite_by, "starts_at": "2026-11-20T19:41:00Z",
        "agent": {"id": "u-77", "name": "Maria Lopez"}, "return_url": "https://crm.example/sessions/7",
        "participants": [
            {"id": "p-1", "name": "Ana Ruiz", "role": "primary", "locale": "en",
             "email": "ana@ruiz-landscaping.example", "mobile": "+13055550142"},
        ],
    })
}

impl Service {
    /// Sends a form as a browser does, and stays where it is.
    pub async fn form(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let body: String = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = self.request("POST", path).header("content-type", "application/x-www-form-urlencoded");
        self.browse(request.header("origin", "http://127.0.0.1:8080").body(body)).await
    }

    /// As a browser that goes nowhere by itself.
    pub async fn browse(&self, request: reqwest::RequestBuilder) -> Reply {
        let response = self.no_redirects.execute(request.build().unwrap()).await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Reply { status, headers, text: response.text().await.unwrap() }
    }

    pub async fn page(&self, path: &str) -> Reply {
        self.call("GET", path, "", None).await
    }

    /// Presses a button of the page that leads to the field for a code.
    #[track_caller]
    pub fn pressed(&self, path: &str, wish: &str) -> impl Future<Output = ()> {
        let (path, wish) = (path.to_owned(), wish.to_owned());
        async move {
            let reply = self.form(&path, &[("do", &wish)]).await;
            assert_eq!((reply.status, reply.header("location")), (303, Some("?step=code")), "{}", reply.text);
        }
    }

    /// Types a code into the field.
    pub async fn typed(&self, path: &str, code: &str) -> Reply {
        self.form(&format!("{path}?step=code"), &[("do", "check"), ("code", code)]).await
    }

    /// Types a code that somebody told.
    pub async fn has(&self, path: &str, code: &str) -> Reply {
        self.form(&format!("{path}?step=have"), &[("do", "check"), ("code", code)]).await
    }

    /// Makes a signing of `cornerstone`: its id and the path of its link.
    pub async fn signing(&self, body: &Value) -> (String, String) {
        let made = self.post("/api/v1/signings", body.clone()).await.expect(201);
        (made["id"].as_str().unwrap().to_owned(), path_in(made["url"].as_str().unwrap()))
    }

    pub async fn signing_now(&self, id: &str) -> Value {
        self.get(&format!("/api/v1/signings/{id}")).await.expect(200)
    }

    pub async fn redeem(&self, id: &str, proof: &str) -> Reply {
        self.post(&format!("/api/v1/signings/{id}/proof"), json!({"proof": proof})).await
    }

    /// Changes a policy of `cornerstone`.
    pub async fn workflow(&self, workflow: &str, policy: Value) {
        self.apply("cornerstone", json!({"policy": {workflow: policy}})).await;
    }

    /// Messages in the order in which they were sent, however little the clock moved.
    pub fn mail_in_order(&self) -> Vec<Value> {
        let files = std::fs::read_dir(self.dir.path().join("outbox")).unwrap().map(|file| file.unwrap());
        let mut files: Vec<_> =
            files.map(|file| (file.metadata().unwrap().modified().unwrap(), file.path())).collect();
        files.sort();
        files.iter().map(|(_, file)| serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap()).collect()
    }

    /// The newest message.
    pub fn newest_mail(&self) -> Value {
        self.mail_in_order().pop().expect("a message was sent")
    }

    /// The text of the newest message.
    pub fn newest(&self) -> String {
        self.newest_mail()["text"].as_str().unwrap().to_owned()
    }

    /// The code to type in the newest message: six digits together, at the beginning of a line.
    pub fn typed_code(&self) -> String {
        let text = self.newest();
        let found = regex::Regex::new(r"(?m)^(\d{6})\b").unwrap().captures(&text);
        found.unwrap_or_else(|| panic!("no code in {text:?}"))[1].to_owned()
    }

    /// The path of the link in the newest message.
    pub fn link_path(&self) -> String {
        let text = self.newest();
        let line =
            text.lines().find(|line| line.contains("/p/")).unwrap_or_else(|| panic!("no link in {text:?}"));
        path_in(line.trim())
    }

    pub async fn patch(&self, path: &str, body: Value) -> Reply {
        self.call("PATCH", path, &api_key("cornerstone"), Some(&body)).await
    }

    pub async fn delete(&self, path: &str) -> Reply {
        self.call("DELETE", path, &api_key("cornerstone"), None).await
    }

    /// A participant of the example session, as `GET` tells.
    pub async fn participant(&self, id: &str) -> Value {
        let session = self.get("/api/v1/sessions/ses-7").await.expect(200);
        let all = session["participants"].as_array().unwrap().clone();
        all.into_iter().find(|one| one["id"] == id).expect("takes part")
    }
}

/// The path of a link.
fn path_in(url: &str) -> String {
    let (_, token) = url.split_once("/p/").unwrap();
    format!("/p/{token}")
}

/// The proof that a right code was answered with.
#[track_caller]
pub fn proof_of(reply: &Reply) -> String {
    assert_eq!(reply.status, 303, "{}", reply.text);
    let location = reply.header("location").unwrap();
    location.split_once("proof=").unwrap_or_else(|| panic!("no proof in {location}")).1.to_owned()
}
