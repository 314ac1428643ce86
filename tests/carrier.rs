//! The demonstration's carrier against a small stand-in for the service, which believes only what is signed.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails like the test itself")]

use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use countersign::demo::Running;
use countersign::demo::inbox::{self, Account, InboxConfig};
use countersign::message::twilio::signature::{Callback, Content, signed_by};
use countersign::ports::{FixedRandom, SystemClock};
use secrecy::SecretString;
use serde_json::{Value, json};
use tokio::sync::watch;

const SID: &str = "AC0123456789abcdef0123456789abcdef";
const TOKEN: &str = "made up for a test";

type Form = Vec<(String, String)>;

/// What the service was told, signed, and how much of it there is.
#[derive(Clone)]
struct Heard {
    all: Arc<Mutex<Vec<(String, Form)>>>,
    count: watch::Sender<usize>,
}

struct Scene {
    dir: tempfile::TempDir,
    inbox: Running,
    service: String,
    heard: Heard,
}

impl Scene {
    fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let heard = Heard { all: Arc::default(), count: watch::Sender::new(0) };
        let service = service(heard.clone());
        let inbox = inbox::start(InboxConfig {
            listener: TcpListener::bind("127.0.0.1:0").unwrap(),
            dir: dir.path().to_owned(),
            account: Account { sid: SID.to_owned(), token: TOKEN.to_owned() },
            clock: Arc::new(SystemClock),
            random: Arc::new(FixedRandom::seeded(3)),
        })
        .unwrap();
        Self { dir, inbox, service, heard }
    }

    fn callback(&self, path: &str) -> String {
        format!("{}/callbacks/twilio/cornerstone/{path}", self.service)
    }

    async fn ask(&self, resource: &str, token: &str, form: &[(&str, &str)]) -> (u16, Value) {
        let url = format!("{}/2010-04-01/Accounts/{SID}/{resource}.json", self.inbox.url());
        let answer = http().post(url).basic_auth(SID, Some(token)).form(form).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    async fn text(&self, to: &str) -> (u16, Value) {
        let report = self.callback("status?message=msg_1&attempt=0");
        let form = [
            ("To", to),
            ("From", "+15005550006"),
            ("Body", "482 913 is your code"),
            ("StatusCallback", &report),
        ];
        self.ask("Messages", TOKEN, &form).await
    }

    async fn ring(&self, seconds: &str) -> String {
        let (script, report) = (self.callback("voice/start"), self.callback("voice/end"));
        let form = [
            ("To", "+13055550142"),
            ("From", "+15005550006"),
            ("Url", &script),
            ("StatusCallback", &report),
            ("Timeout", seconds),
            ("TimeLimit", "150"),
        ];
        let (status, call) = self.ask("Calls", TOKEN, &form).await;
        assert_eq!(status, 201, "{call}");
        call["sid"].as_str().unwrap().to_owned()
    }

    async fn get(&self, path: &str) -> Value {
        http().get(format!("{}{path}", self.inbox.url())).send().await.unwrap().json().await.unwrap()
    }

    async fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        let answer = http().post(format!("{}{path}", self.inbox.url())).json(body).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap_or_default())
    }

    /// Waits until the service was told so much, and gives it.
    async fn told(&self, count: usize) -> Vec<(String, Form)> {
        self.heard.count.subscribe().wait_for(|told| *told >= count).await.unwrap();
        self.heard.all.lock().unwrap().clone()
    }
}

#[expect(clippy::disallowed_methods, reason = "a test is a client of its own")]
fn http() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().build().unwrap()
}

/// A service with a call of two steps, which answers STOP with a word.
fn service(heard: Heard) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let base = url.clone();
    let server = HttpServer::new(move || {
        App::new()
            .app_data(web::Data::new(heard.clone()))
            .app_data(web::Data::new(base.clone()))
            .default_service(web::to(hear))
    });
    tokio::spawn(server.workers(1).disable_signals().listen(listener).unwrap().run());
    url
}

async fn hear(
    heard: web::Data<Heard>,
    base: web::Data<String>,
    request: HttpRequest,
    form: web::Form<Form>,
) -> HttpResponse {
    let path = request.uri().path_and_query().unwrap().as_str().to_owned();
    let (url, form) = (format!("{}{path}", base.as_str()), form.into_inner());
    let signature = request.headers().get("x-twilio-signature").unwrap().to_str().unwrap();
    let callback = Callback { url: &url, content: Content::Form(&form), signature };
    if signed_by(&[&SecretString::from(TOKEN)], callback).is_none() {
        return HttpResponse::Unauthorized().finish();
    }
    let field = |name: &str| form.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
    let xml = match (path.rsplit('/').next().unwrap(), field("Digits").as_deref()) {
        ("start", _) => format!(
            "<Response><Gather numDigits=\"1\" action=\"{}/callbacks/twilio/cornerstone/voice/gate?a=1&amp;b=2\">\
             <Say language=\"en-US\">Press 1.</Say></Gather></Response>",
            base.as_str()
        ),
        ("gate?a=1&b=2", Some("1")) => {
            "<Response><Say language=\"en-US\">4<break time=\"500ms\"/>8 Goodbye.</Say><Hangup/></Response>"
                .to_owned()
        }
        ("gate?a=1&b=2", _) => "<Response><Say language=\"en-US\">No key.</Say></Response>".to_owned(),
        ("inbound", _) if field("Body").as_deref() == Some("STOP") => {
            "<Response><Message>You are out.</Message></Response>".to_owned()
        }
        _ => String::new(),
    };
    heard.all.lock().unwrap().push((path, form));
    heard.count.send_modify(|count| *count += 1);
    HttpResponse::Ok().content_type("text/xml").body(xml)
}

fn field(form: &Form, name: &str) -> String {
    form.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone()).unwrap_or_default()
}

#[actix_web::test]
async fn a_text_is_shown_and_told_as_sent_and_delivered() {
    let scene = Scene::start();
    let (status, taken) = scene.text("+13055550142").await;
    assert_eq!((status, &taken["status"]), (201, &json!("queued")));
    let told = scene.told(2).await;
    let states: Vec<_> = told.iter().map(|(_, form)| field(form, "MessageStatus")).collect();
    assert_eq!(states, ["sent", "delivered"]);
    assert!(told.iter().all(|(path, form)| path.ends_with("/status?message=msg_1&attempt=0")
        && field(form, "MessageSid") == taken["sid"].as_str().unwrap()));
    let messages = scene.get("/messages.json").await;
    assert_eq!(messages.as_array().unwrap().len(), 1);
    assert_eq!(
        (&messages[0]["channel"], &messages[0]["to"], &messages[0]["text"]),
        (&json!("sms"), &json!("+13055550142"), &json!("482 913 is your code"))
    );
}

#[actix_web::test]
async fn only_the_account_sends_and_what_cannot_be_is_refused_by_twilios_codes() {
    let scene = Scene::start();
    let form = [("To", "+13055550142"), ("Body", "x"), ("Url", "http://x")];
    for resource in ["Messages", "Calls"] {
        assert_eq!(
            scene.ask(resource, "another token", &form).await,
            (401, json!({"code": 20003, "message": "Authenticate", "status": 401}))
        );
        assert_eq!(
            scene.ask(resource, TOKEN, &[("To", "305"), ("Body", "x"), ("Url", "x")]).await.1["code"],
            21211
        );
        assert_eq!(scene.ask(resource, TOKEN, &[("To", "+13055550142")]).await.1["code"], 21602);
    }
    assert_eq!(scene.get("/messages.json").await, json!([]));
    assert_eq!(scene.get("/calls.json").await, json!([]));
    for (token, status) in [(TOKEN, 200), ("another token", 401)] {
        let url = format!("{}/2010-04-01/Accounts/{SID}.json", scene.inbox.url());
        assert_eq!(http().get(url).basic_auth(SID, Some(token)).send().await.unwrap().status(), status);
    }
}

#[actix_web::test]
async fn an_answer_is_passed_on_signed_and_stop_ends_texts_until_start() {
    let scene = Scene::start();
    let sid = scene.text("+13055550142").await.1["sid"].as_str().unwrap().to_owned();
    scene.told(2).await;
    let path = format!("/messages/{sid}/reply");
    let (status, answered) = scene.post(&path, &json!({"text": " STOP "})).await;
    assert_eq!(status, 200);
    assert_eq!(
        answered["turns"],
        json!([{"own": true, "text": "STOP"}, {"own": false, "text": "You are out."}])
    );
    let (inbound, form) = scene.told(3).await.pop().unwrap();
    assert_eq!(inbound, "/callbacks/twilio/cornerstone/inbound");
    let given = ["From", "To", "Body", "NumMedia"].map(|name| field(&form, name));
    assert_eq!(given, ["+13055550142", "+15005550006", "STOP", "0"]);
    assert_eq!(scene.text("+13055550142").await.1["code"], 21610);
    assert_eq!(scene.text("+13055550143").await.0, 201, "another telephone");
    assert_eq!(scene.post(&path, &json!({"text": "start"})).await.0, 200);
    assert_eq!(scene.text("+13055550142").await.0, 201);
    assert_eq!(scene.get("/messages.json").await.as_array().unwrap().iter().find(|one| one["id"] == *sid).unwrap()["turns"].as_array().unwrap().len(), 3);
    assert_eq!(scene.post(&path, &json!({"text": " "})).await.0, 404);
    assert_eq!(scene.post("/messages/nobody/reply", &json!({"text": "NO"})).await.0, 404);
}

#[actix_web::test]
async fn a_call_is_answered_heard_and_kept() {
    let scene = Scene::start();
    let call = scene.ring("3600").await;
    let ringing = scene.get("/calls.json").await;
    assert_eq!(
        (&ringing[0]["id"], &ringing[0]["answered"], &ringing[0]["to"]),
        (&json!(call), &json!(false), &json!("+13055550142"))
    );
    assert!(ringing.to_string().find("voice").is_none(), "the page is told no address: {ringing}");
    let press = format!("/calls/{call}/press");
    assert_eq!(scene.post(&press, &json!({"key": "1"})).await.0, 404, "nobody has answered");
    let (_, answered) = scene.post(&format!("/calls/{call}/answer"), &json!({})).await;
    assert_eq!(
        (&answered["said"], &answered["over"]),
        (&json!([{"lang": "en-US", "text": "Press 1."}]), &json!(false))
    );
    assert_eq!(scene.post(&format!("/calls/{call}/answer"), &json!({})).await.0, 404, "twice");
    let (_, heard) = scene.post(&press, &json!({"key": "1"})).await;
    assert_eq!((&heard["said"][1]["text"], &heard["over"]), (&json!("4\u{a0}8 Goodbye."), &json!(true)));
    let told = scene.told(3).await;
    let steps: Vec<_> = told
        .iter()
        .map(|(path, form)| {
            (path.rsplit('/').next().unwrap(), field(form, "Digits"), field(form, "CallStatus"))
        })
        .collect();
    let step = |path, digits: &str, status: &str| (path, digits.to_owned(), status.to_owned());
    assert_eq!(
        steps,
        [
            step("start", "", "in-progress"),
            step("gate?a=1&b=2", "1", "in-progress"),
            step("end", "", "completed")
        ]
    );
    assert_eq!(scene.get("/calls.json").await, json!([]));
    let kept = scene.get("/messages.json").await;
    assert_eq!(
        (&kept[0]["channel"], &kept[0]["status"], &kept[0]["text"]),
        (&json!("voice"), &json!("completed"), &json!("Press 1.\n4\u{a0}8 Goodbye."))
    );
    for (lang, words) in [("en", "Call, answered"), ("es", "Llamada contestada")] {
        let page = http()
            .get(format!("{}/?lang={lang}", scene.inbox.url()))
            .send()
            .await
            .unwrap()
            .text()
            .await
            .unwrap();
        assert!(page.contains(words) && page.contains("Press 1."), "{page}");
    }
}

#[actix_web::test]
async fn a_call_that_brings_its_words_asks_nobody_for_them() {
    let scene = Scene::start();
    let words = "<Response><Say language=\"es-US\">Uno.</Say><Pause length=\"2\"/><Say language=\"es-US\">Dos.</Say><Hangup/></Response>";
    let nothing = [("To", "+13055550142"), ("From", "+15005550006")];
    assert_eq!(scene.ask("Calls", TOKEN, &nothing).await.0, 400);
    let form = [nothing[0], nothing[1], ("Twiml", words)];
    let call = scene.ask("Calls", TOKEN, &form).await.1["sid"].as_str().unwrap().to_owned();
    let (_, heard) = scene.post(&format!("/calls/{call}/answer"), &json!({})).await;
    assert_eq!((&heard["said"][1]["text"], &heard["over"]), (&json!("Dos."), &json!(true)), "{heard}");
    assert!(scene.told(0).await.is_empty());
    assert_eq!(scene.get("/messages.json").await[0]["text"], "Uno.\nDos.");
}

#[actix_web::test]
async fn no_key_hanging_up_declining_and_ringing_out_are_told_apart() {
    let scene = Scene::start();
    let silent = scene.ring("3600").await;
    scene.post(&format!("/calls/{silent}/answer"), &json!({})).await;
    let (_, left) = scene.post(&format!("/calls/{silent}/press"), &json!({"key": ""})).await;
    assert_eq!((&left["said"][1]["text"], &left["over"]), (&json!("No key."), &json!(true)));
    let hung_up = scene.ring("3600").await;
    scene.post(&format!("/calls/{hung_up}/answer"), &json!({})).await;
    assert_eq!(scene.post(&format!("/calls/{hung_up}/end"), &json!({})).await.0, 204);
    let declined = scene.ring("3600").await;
    assert_eq!(scene.post(&format!("/calls/{declined}/end"), &json!({})).await.0, 204);
    assert_eq!(scene.post(&format!("/calls/{declined}/end"), &json!({})).await.0, 404);
    scene.ring("0").await;
    let told = scene.told(7).await;
    let ends: Vec<_> = told
        .iter()
        .filter(|(path, _)| path.ends_with("/end"))
        .map(|(_, form)| field(form, "CallStatus"))
        .collect();
    assert_eq!(ends, ["completed", "completed", "busy", "no-answer"]);
    let pages = std::fs::read_dir(scene.dir.path()).unwrap().count();
    assert_eq!(pages, 4, "a file a call");
}
