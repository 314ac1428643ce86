//! The demonstration against a small stand-in for the service: what it sends, what it believes, what it shows.
//!
//! The stand-in answers as the API is described and keeps what it was sent, so that nothing here needs a database.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails like the test itself")]

use std::collections::HashSet;
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use countersign::demo::signature::{self, Headers};
use countersign::demo::{self, Running, crm, inbox, secrets};
use countersign::ports::{Clock as _, FixedClock, FixedRandom, SystemClock};
use serde_json::{Value, json};

const TENANTS: &str = r#"
# Three companies.
[[tenant]]
id = "cornerstone"   # kept
name = "Cornerstone PEO"
callback_url = "http://127.0.0.1:9000/countersign/cornerstone"
allowed_origins = ["http://127.0.0.1:9000"]
api_key = "csk_cornerstone_example_key_for_development_only_000001"

[tenant.brand]
short_name = "Cornerstone"

[[tenant]]
id = "compeo"
name = "Compeo"
callback_url = "http://127.0.0.1:9000/countersign/compeo"
surfaces = ["lead_card", "enrollments"]

[[tenant]]
id = "southeast"
name = "Southeast"
eligible = false
"#;

/// A webhook as it came: header names and values, and the body.
type Webhook = (Vec<[String; 2]>, String);

#[derive(Clone, Default)]
struct Heard {
    webhooks: Arc<Mutex<Vec<Webhook>>>,
    verified: Arc<Mutex<bool>>,
    down: Arc<Mutex<bool>>,
    /// How many questions for statuses were answered whole.
    tokens: Arc<Mutex<Vec<Value>>>,
    /// Who was named as a user, and where each sign-in is to lead back to.
    users: Arc<Mutex<Vec<(String, Value)>>>,
    returns: Arc<Mutex<Vec<String>>>,
}

struct Scene {
    dir: tempfile::TempDir,
    crm: Running,
    inbox: Running,
    heard: Heard,
    clock: FixedClock,
    tenants: toml::Table,
}

impl Scene {
    fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let file = secrets::prepare(dir.path(), TENANTS, &FixedRandom::seeded(7)).unwrap();
        let heard = Heard::default();
        let service = stand_in(heard.clone());
        let clock = FixedClock::at(SystemClock.wall());
        let inbox = inbox::start(inbox::InboxConfig {
            listener: free(),
            dir: dir.path().join("outbox"),
            account: inbox::Account { sid: "AC0".to_owned(), token: "token".to_owned() },
            clock: Arc::new(clock.clone()),
            random: Arc::new(FixedRandom::seeded(9)),
        })
        .unwrap();
        let crm = crm::start(crm::CrmConfig {
            listener: free(),
            service_url: service.parse().unwrap(),
            inbox_url: Some(inbox.url().parse().unwrap()),
            tenants_file: file.clone(),
            clock: Arc::new(clock.clone()),
            random: Arc::new(FixedRandom::seeded(8)),
        })
        .unwrap();
        let tenants = toml::from_str(&fs::read_to_string(file).unwrap()).unwrap();
        Self { dir, crm, inbox, heard, clock, tenants }
    }

    fn secret(&self, tenant: &str, name: &str) -> String {
        let mut tenants = self.tenants["tenant"].as_array().unwrap().iter();
        tenants.find(|one| one["id"].as_str() == Some(tenant)).unwrap()[name].as_str().unwrap().to_owned()
    }

    async fn page(&self, path: &str) -> String {
        let answer = http().get(format!("{}{path}", self.crm.url())).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        answer.text().await.unwrap()
    }

    async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        let answer = http().post(format!("{}{path}", self.crm.url())).json(&body).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    async fn push(&self, id: &str, secret: &str, body: &Value) -> u16 {
        let (seconds, body) = (self.clock.wall().seconds(), body.to_string());
        let request = http()
            .post(format!("{}/countersign/cornerstone", self.crm.url()))
            .header("webhook-id", id)
            .header("webhook-timestamp", seconds)
            .header("webhook-signature", signature::sign(secret, id, seconds, body.as_bytes()).unwrap());
        request.body(body).send().await.unwrap().status().as_u16()
    }
}

fn free() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").unwrap()
}

#[expect(clippy::disallowed_methods, reason = "a test is a client of its own")]
fn http() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

/// A service that knows every client, may call them verified, and refuses one company and one screen.
fn stand_in(heard: Heard) -> String {
    let listener = free();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let window = url.clone();
    let server = HttpServer::new(move || {
        App::new()
            .app_data(web::Data::new(heard.clone()))
            .app_data(web::Data::new(window.clone()))
            .route("/webhooks/{tenant}", web::post().to(hear))
            .route("/api/v1/clients/{client}/status", web::get().to(status))
            .route("/api/v1/agent-tokens", web::post().to(tokens))
            .route("/api/v1/users/{user}", web::put().to(name_user))
            .route("/api/v1/users/{user}/logins", web::post().to(begin_login))
            .route("/api/v1/logins/{login}/proof", web::post().to(redeem))
    });
    tokio::spawn(server.workers(1).disable_signals().listen(listener).unwrap().run());
    url
}

async fn hear(
    heard: web::Data<Heard>,
    window: web::Data<String>,
    tenant: web::Path<String>,
    request: HttpRequest,
    body: String,
) -> HttpResponse {
    let problem = |code: &str| {
        HttpResponse::Forbidden()
            .content_type("application/problem+json")
            .body(json!({ "code": code, "detail": "Not here." }).to_string())
    };
    if *tenant == "southeast" {
        return problem("tenant_not_eligible");
    }
    if body.contains("payroll_card") {
        return problem("surface_disabled");
    }
    let headers =
        request.headers().iter().map(|(name, value)| [name.to_string(), value.to_str().unwrap().into()]);
    heard.webhooks.lock().unwrap().push((headers.collect(), body));
    let window_url = format!("{}window/{tenant}#token=cst_1&client=lead-10482", window.as_str());
    HttpResponse::Ok().json(json!({ "window_url": window_url, "agent_token": "cst_1", "status": {} }))
}

async fn status(heard: web::Data<Heard>, client: web::Path<String>, request: HttpRequest) -> HttpResponse {
    let authorization = request.headers().get("authorization").unwrap().to_str().unwrap();
    if !authorization.starts_with("Bearer csk_") {
        return HttpResponse::Unauthorized().json(json!({ "code": "unauthorized" }));
    }
    if *heard.down.lock().unwrap() {
        return HttpResponse::ServiceUnavailable().body("a proxy's page");
    }
    let state = if *heard.verified.lock().unwrap() { "verified" } else { "not_verified" };
    HttpResponse::Ok().json(json!({ "client": *client, "state": state, "version": 2 }))
}

async fn tokens(heard: web::Data<Heard>, body: web::Json<Value>) -> HttpResponse {
    heard.tokens.lock().unwrap().push(body.into_inner());
    HttpResponse::Ok().json(json!({ "agent_token": "cst_2", "expires_at": "2026-11-20T15:04:05Z" }))
}

async fn name_user(heard: web::Data<Heard>, user: web::Path<String>, body: web::Json<Value>) -> HttpResponse {
    heard.users.lock().unwrap().push((user.into_inner(), body.into_inner()));
    HttpResponse::Ok().json(json!({}))
}

/// Payroll needs a second step, nobody else.
async fn begin_login(
    heard: web::Data<Heard>,
    service: web::Data<String>,
    body: web::Json<Value>,
) -> HttpResponse {
    if heard.users.lock().unwrap().last().unwrap().1["role"] != "payroll" {
        return HttpResponse::Ok().json(json!({ "decision": "allow", "login": "lgn_1" }));
    }
    heard.returns.lock().unwrap().push(body["return_url"].as_str().unwrap().to_owned());
    let url = format!("{}login/one", service.as_str());
    HttpResponse::Ok().json(json!({ "decision": "enroll", "login": "lgn_2", "url": url }))
}

/// A proof names the method; `used` is no proof.
async fn redeem(heard: web::Data<Heard>, login: web::Path<String>, body: web::Json<Value>) -> HttpResponse {
    let proof = body["proof"].as_str().unwrap();
    if *heard.down.lock().unwrap() {
        return HttpResponse::ServiceUnavailable().body("a proxy's page");
    }
    if proof == "used" || *login != "lgn_2" {
        return HttpResponse::NotFound().json(json!({ "code": "not_found", "detail": "No such proof." }));
    }
    HttpResponse::Ok().json(json!({ "verified_at": "2026-11-20T15:05:05Z", "method": proof }))
}

#[actix_web::test]
async fn a_token_that_names_a_client_comes_with_a_signed_webhook_of_the_crms_own_data() {
    let scene = Scene::start();
    let wish = json!({ "tenant": "cornerstone", "client": "lead-10482", "surface": "lead_card", "agent": "u-77",
                       "lang": "en", "contacts": [{ "id": "made up" }] });
    assert_eq!(scene.post("/token", wish).await, (200, json!({ "token": "cst_1" })));

    let (headers, body) = scene.heard.webhooks.lock().unwrap().remove(0);
    let header = |name: &str| headers.iter().find(|[key, _]| key == name).unwrap()[1].as_str();
    let headers = Headers {
        id: header("webhook-id"),
        timestamp: header("webhook-timestamp"),
        signature: header("webhook-signature"),
    };
    let (secret, now) = (scene.secret("cornerstone", "webhook_secret"), scene.clock.wall().seconds());
    assert!(signature::verify(&secret, &headers, body.as_bytes(), now));
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(body["type"], "verification.requested");
    assert_eq!(body["data"], requested());
}

fn requested() -> Value {
    json!({
        "surface": "lead_card",
        "client": { "id": "lead-10482", "name": "Ruiz Landscaping LLC", "created_at": "2026-10-02T14:00:00Z" },
        "contacts": [
            { "id": "c-1", "name": "Ana Ruiz", "role": "owner", "email": "ana@ruiz-landscaping.example",
              "mobile": "+13055550142", "locale": "es" },
            { "id": "c-2", "name": "Luis Ruiz", "role": "authorized_representative",
              "email": "luis@ruiz-landscaping.example", "phone": "+13055550143", "locale": "en" },
            { "id": "c-3", "name": "Mark Dane", "role": "bookkeeper", "email": "mark@ruiz-landscaping.example",
              "mobile": "+13055550144", "locale": "en" },
        ],
        "agent": { "id": "u-77", "name": "Maria Lopez", "email": "maria@host-crm.example", "locale": "en" },
    })
}

#[actix_web::test]
async fn where_no_script_runs_the_link_leads_to_the_window_as_a_page() {
    let scene = Scene::start();
    let link = "/verify?client=lead-10482&surface=lead_card&agent=u-77&lang=en";
    assert!(scene.page("/leads?lang=en").await.replace("&#x3D;", "=").contains(&link.replace('&', "&amp;")));
    let answer = http().get(format!("{}{link}", scene.crm.url())).send().await.unwrap();
    assert_eq!(answer.status(), 303);
    let to = answer.headers()["location"].to_str().unwrap();
    assert!(to.ends_with("/window/cornerstone#token=cst_1&client=lead-10482"), "{to}");
    let unknown = format!("{}{}", scene.crm.url(), link.replace("lead-10482", "nobody"));
    assert_eq!(http().get(unknown).send().await.unwrap().status(), 404);
}

#[actix_web::test]
async fn a_refusal_is_told_in_words() {
    let scene = Scene::start();
    let wish = |tenant: &str, client: &str, surface: &str| json!({ "tenant": tenant, "client": client, "surface": surface, "agent": "u-77", "lang": "es" });
    let (status, answer) = scene.post("/token", wish("southeast", "se-118", "lead_card")).await;
    assert_eq!((status, &answer["title"]), (200, &json!("Southeast no usa la verificación.")));
    assert_eq!(answer["token"], Value::Null);
    assert!(!answer.to_string().contains("Not here."), "the service's English is not for an agent: {answer}");
    let (_, answer) = scene.post("/token", wish("compeo", "acct-2207", "payroll_card")).await;
    assert_eq!((&answer["code"], &answer["status"]), (&json!("surface_disabled"), &json!(403)));
    assert_eq!(answer["title"], "Compeo no verifica en esta pantalla.");
    for unknown in [wish("nowhere", "se-118", "lead_card"), wish("compeo", "nobody", "lead_card")] {
        let asked = http().post(format!("{}/token", scene.crm.url())).json(&unknown);
        assert_eq!(asked.send().await.unwrap().status(), 404, "{unknown}");
    }
}

#[actix_web::test]
async fn a_push_counts_only_if_it_is_signed_and_only_once() {
    let scene = Scene::start();
    let secret = scene.secret("cornerstone", "push_secret");
    let push = |kind: &str, version: u64| {
        json!({ "type": kind, "timestamp": "2026-11-20T15:04:05Z",
                "data": { "client": "lead-10482", "state": "verified", "version": version } })
    };
    assert_eq!(
        scene.push("evt_1", &scene.secret("cornerstone", "webhook_secret"), &push("a.forged", 9)).await,
        401
    );
    assert_eq!(scene.push("evt_1", &secret, &push("verification.verified", 5)).await, 204);
    assert_eq!(scene.push("evt_1", &secret, &push("verification.verified", 5)).await, 204);
    assert_eq!(scene.push("evt_0", &secret, &push("verification.code_sent", 4)).await, 204);
    let page = scene.page("/pushes?lang=en").await;
    assert!(!page.contains("a.forged"));
    assert_eq!(page.matches("<code>verification.verified</code>").count(), 1);
    assert_eq!(page.matches("Times it came: 2: repeats dropped").count(), 1);
    assert_eq!(page.matches(">Older than what is known: ignored<").count(), 1);
    let received: Value = serde_json::from_str(&scene.page("/received?lang=es").await).unwrap();
    assert_eq!(received["totals"], json!({ "taken": 2, "repeated": 1, "older": 1, "refused": 1 }));
    let newest = &received["rows"][0];
    assert_eq!((&newest["kind"], &newest["older"]), (&json!("verification.code_sent"), &json!(true)));
    assert_eq!(
        (&newest["client_name"], &newest["meaning"]),
        (&json!("Ruiz Landscaping LLC"), &json!("Se envió un código."))
    );
    let changes: Value = serde_json::from_str(&scene.page("/changes").await).unwrap();
    assert_eq!(changes, json!({ "revision": 4, "pushes": 2 }));
}

#[actix_web::test]
async fn a_repeat_of_one_company_is_none_of_anothers() {
    let scene = Scene::start();
    let push = json!({ "type": "verification.verified", "data": { "client": "lead-10482", "version": 1 } });
    assert_eq!(scene.push("evt_1", &scene.secret("cornerstone", "push_secret"), &push).await, 204);
    let (seconds, body) = (scene.clock.wall().seconds(), push.to_string());
    let secret = scene.secret("compeo", "push_secret");
    let request = http()
        .post(format!("{}/countersign/compeo", scene.crm.url()))
        .header("webhook-id", "evt_1")
        .header("webhook-timestamp", seconds)
        .header("webhook-signature", signature::sign(&secret, "evt_1", seconds, body.as_bytes()).unwrap());
    assert_eq!(request.body(body).send().await.unwrap().status(), 204);
    let received: Value = serde_json::from_str(&scene.page("/received?lang=en").await).unwrap();
    assert_eq!(received["totals"]["taken"], 2);
}

#[test]
fn a_webhook_is_believed_for_five_minutes() {
    let (secret, body) = ("whsec_YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXphYmNkZWY=", b"{}");
    let signed = signature::sign(secret, "evt_2", 1000, body).unwrap();
    let headers = Headers { id: "evt_2", timestamp: "1000", signature: &signed };
    for (now, believed) in [(1000, true), (1300, true), (700, true), (1301, false), (699, false)] {
        assert_eq!(signature::verify(secret, &headers, body, now), believed, "{now}");
    }
}

#[actix_web::test]
async fn a_token_for_all_rows_of_a_company_names_the_agent_and_no_client() {
    let scene = Scene::start();
    let wish = json!({ "tenant": "cornerstone", "agent": "u-81", "lang": "es" });
    assert_eq!(scene.post("/token", wish).await, (200, json!({ "token": "cst_2" })));
    let agent =
        json!({ "id": "u-81", "name": "Daniel Reyes", "email": "daniel@host-crm.example", "locale": "es" });
    let asked = json!({ "agent": agent, "sessions": [], "signings": [] });
    assert_eq!(scene.heard.tokens.lock().unwrap().remove(0), asked);
}

#[actix_web::test]
async fn the_enrollments_have_the_columns_of_a_real_desk_in_both_languages() {
    let scene = Scene::start();
    let (english, spanish) = (scene.page("/enrolling?lang=en").await, scene.page("/enrolling?lang=es").await);
    for (english_word, spanish_word) in [
        ("Service tier", "Nivel de servicio"),
        ("Business", "Negocio"),
        ("Carrier", "Empresa"),
        ("Enrollment specialist", "Especialista de inscripción"),
        ("Broker", "Corredor"),
        ("Days enrolling", "Días en inscripción"),
        ("Last contacted", "Último contacto"),
        ("Documents missing", "Documentos pendientes"),
        ("Voided check", "Cheque anulado"),
        ("Sandoval &amp; Hart", "Sandoval &amp; Hart"),
        ("Direct", "Directo"),
    ] {
        assert!(english.contains(english_word), "{english_word}");
        assert!(spanish.contains(spanish_word), "{spanish_word}");
    }
}

#[actix_web::test]
async fn a_screen_that_a_company_switched_off_says_so_and_shows_the_way() {
    let scene = Scene::start();
    let page = scene.page("/payroll?lang=en&tenant=compeo").await.replace("&#x3D;", "=");
    assert!(!page.contains("surface=\"payroll_card\""));
    assert!(page.contains("This company does not verify on this screen."));
    assert!(page.contains("/leads?lang=en&amp;agent=u-77#card-acct-2207"), "{page}");
    assert!(scene.page("/payroll?lang=en&tenant=cornerstone").await.contains("surface=\"payroll_card\""));
}

/// A browser with the one cookie that the CRM gave it.
struct Visitor<'a> {
    scene: &'a Scene,
    cookie: String,
}

impl Visitor<'_> {
    /// Status, where it leads, and the page.
    async fn send(&mut self, request: reqwest::RequestBuilder) -> (u16, String, String) {
        let answer = request.header("cookie", format!("a=1; {}", self.cookie)).send().await.unwrap();
        if let Some(cookie) = answer.headers().get("set-cookie") {
            let (pair, rest) = cookie.to_str().unwrap().split_once("; ").unwrap();
            assert_eq!(rest, "Path=/; HttpOnly; SameSite=Lax");
            assert_ne!(pair, self.cookie, "who is let in is known by another cookie than before");
            pair.clone_into(&mut self.cookie);
        }
        let to = answer.headers().get("location").map(|to| to.to_str().unwrap().to_owned());
        (answer.status().as_u16(), to.unwrap_or_default(), answer.text().await.unwrap())
    }

    async fn get(&mut self, path: &str) -> (u16, String, String) {
        let url =
            if path.starts_with('/') { format!("{}{path}", self.scene.crm.url()) } else { path.to_owned() };
        self.send(http().get(url)).await
    }

    async fn post(&mut self, path: &str, form: &[(&str, &str)]) -> (u16, String, String) {
        let body = form.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&");
        let request = http().post(format!("{}{path}", self.scene.crm.url()));
        self.send(request.header("content-type", "application/x-www-form-urlencoded").body(body)).await
    }

    /// Types a password; gives where a browser comes back to.
    async fn sign_in(&mut self, lang: &str) -> String {
        let (status, to, _) =
            self.post("/sign-in", &[("user", "u-81"), ("lang", lang), ("password", "x")]).await;
        assert_eq!((status, to.ends_with("/login/one")), (303, true), "{to}");
        self.scene.heard.returns.lock().unwrap().last().unwrap().clone()
    }
}

#[actix_web::test]
async fn who_has_passed_the_second_step_is_signed_in_until_they_sign_out() {
    let scene = Scene::start();
    for (lang, method, shown) in [
        ("en", "authenticator", "Second step: <strong>authenticator app<"),
        ("es", "authenticator", "Segundo paso: <strong>aplicación de autenticación<"),
        ("en", "backup_code", ">backup code<"),
        ("es", "backup_code", ">código de respaldo<"),
        ("en", "sms", ">text message<"),
        ("es", "trusted_device", ">dispositivo de confianza<"),
        ("en", "later", "Set up 2-step login"),
        ("es", "later", "Configurar la verificación en 2 pasos"),
        ("en", "a_new_one", ">done<"),
        ("es", "a_new_one", ">hecho<"),
    ] {
        let mut daniel = Visitor { scene: &scene, cookie: String::new() };
        let back = daniel.sign_in(lang).await;
        assert!(back.starts_with(&format!("{}/signed-in/", scene.crm.url())), "{back}");
        assert!(!daniel.get(&format!("/leads?lang={lang}")).await.2.contains("/sign-out"), "not in yet");
        let (status, to, _) = daniel.get(&format!("{back}&proof={method}")).await;
        assert_eq!((status, to), (303, format!("/leads?lang={lang}&agent=u-81")));
        // Without an agent in the address, too, it is Daniel who works here.
        for path in ["leads", "pushes"] {
            let page = daniel.get(&format!("/{path}?lang={lang}")).await.2;
            assert!(page.contains(shown) && page.contains("data-agent=\"u-81\""), "{method}: {page}");
        }
        let others = daniel.get("/leads?lang=en&agent=u-77").await.2;
        assert!(others.contains("Second step of Daniel Reyes") && others.contains("data-agent=\"u-77\""));
        let (status, to, _) = daniel.post("/sign-out", &[("lang", lang)]).await;
        assert_eq!((status, to), (303, format!("/sign-in?lang={lang}")));
        assert!(!daniel.get(&format!("/leads?lang={lang}")).await.2.contains("/sign-out"), "still in");
    }
    let (user, named) = scene.heard.users.lock().unwrap().remove(0);
    let daniel = json!({ "name": "Daniel Reyes", "email": "daniel@host-crm.example", "role": "payroll",
                         "mobile": "+13055550181", "locale": "en" });
    assert_eq!((user.as_str(), named), ("u-81", daniel));
}

#[actix_web::test]
async fn who_needs_no_second_step_is_in_at_once() {
    let scene = Scene::start();
    let mut maria = Visitor { scene: &scene, cookie: String::new() };
    assert_eq!(
        maria.post("/sign-in", &[("user", "u-77"), ("lang", "en")]).await.1,
        "/leads?lang=en&agent=u-77"
    );
    assert!(maria.get("/leads?lang=en").await.2.contains("Second step: <strong>not asked for<"));
    assert_eq!(maria.post("/sign-in", &[("user", "nobody"), ("lang", "en")]).await.0, 404);
}

#[actix_web::test]
async fn nobody_is_let_in_without_a_proof_that_counts() {
    let scene = Scene::start();
    let mut daniel = Visitor { scene: &scene, cookie: String::new() };
    let back = daniel.sign_in("en").await;
    for (path, words) in [
        (back.clone(), "was left before its end"),
        (format!("{back}&proof=used"), "used already, or took too long"),
        (format!("{}/signed-in/other?lang=en&proof=sms", scene.crm.url()), "in another browser"),
    ] {
        let (status, _, page) = daniel.get(&path).await;
        assert!(
            status == 403 && page.contains(words) && page.contains("action=\"/sign-in\""),
            "{path}: {page}"
        );
        assert!(!daniel.get("/leads?lang=en").await.2.contains("/sign-out"), "{path}");
    }
    // Somebody who was sent the way back of another is not signed in as that one.
    let mut other = Visitor { scene: &scene, cookie: "harbor_visit=made-up".to_owned() };
    assert_eq!(other.get(&format!("{back}&proof=sms")).await.0, 403);
    *scene.heard.down.lock().unwrap() = true;
    assert_eq!(daniel.get(&format!("{back}&proof=sms")).await.0, 502);
    // What a service that was down has not spent is good still, once.
    *scene.heard.down.lock().unwrap() = false;
    let mut before = Visitor { scene: &scene, cookie: daniel.cookie.clone() };
    assert_eq!(daniel.get(&format!("{back}&proof=sms")).await.0, 303);
    assert_eq!(
        before.get(&format!("{back}&proof=sms")).await.0,
        403,
        "the cookie of before is worth nothing"
    );
    assert_eq!(daniel.get(&format!("{back}&proof=later")).await.1, "/leads?lang=en&agent=u-81");
    assert!(daniel.get("/leads?lang=en").await.2.contains(">text message<"));
    daniel.post("/sign-out", &[("lang", "en")]).await;
    let (status, _, page) = daniel.get(&format!("{back}&proof=sms")).await;
    assert!(status == 403 && page.contains("used already"), "{page}");
}

#[actix_web::test]
async fn a_conversation_that_is_noted_is_the_last_one() {
    let scene = Scene::start();
    let now = scene.clock.wall().to_string();
    assert!(!scene.page("/leads?lang=en").await.contains(&now));
    let noted = scene.post("/contacted", json!({ "client": "lead-10482" })).await;
    assert_eq!(noted, (200, json!({ "at": now })));
    for path in ["/leads?lang=en", "/enrolling?lang=es"] {
        let shown = format!("data-contacted=\"lead-10482\" datetime=\"{now}\"");
        assert!(scene.page(path).await.contains(&shown), "{path}");
    }
}

#[actix_web::test]
async fn the_screens_speak_both_languages_and_allow_only_the_service() {
    let scene = Scene::start();
    for (path, english, spanish) in [
        ("leads", "Press Not verified", "Pulse Sin verificar"),
        ("enrolling", "Send security code", "Enviar código de seguridad"),
        ("payroll", "Verify client", "Verificar cliente"),
        ("documents", "Send for signing", "Enviar para firmar"),
        ("sessions", "Invite by text", "Invitar por mensaje de texto"),
        ("pushes", "Nothing yet", "Nada todavía"),
    ] {
        assert!(scene.page(&format!("/{path}?lang=en")).await.contains(english), "{path}");
        assert!(scene.page(&format!("/{path}?lang=es&agent=u-81")).await.contains(spanish), "{path}");
    }
    let answer = http().get(format!("{}/leads", scene.crm.url())).send().await.unwrap();
    let policy = answer.headers()["content-security-policy"].to_str().unwrap().to_owned();
    // The service's scripts and what they ask of it; no other host, and nothing inline.
    let hosts: HashSet<_> = policy.split([' ', ';']).filter(|word| word.contains("://")).collect();
    assert_eq!(hosts.len(), 1, "{policy}");
    assert!(policy.starts_with("default-src 'none'; script-src 'self' http://127.0.0.1:"), "{policy}");
    assert!(!policy.contains("unsafe"), "{policy}");
    let local = http().get(format!("{}/leads?lang=es", scene.crm.url())).header("host", "localhost:1");
    let moved = local.send().await.unwrap();
    assert_eq!(moved.headers()["location"], format!("{}/leads?lang=es", scene.crm.url()));
}

#[test]
fn every_word_is_there_in_both_languages() {
    fn names(value: &toml::Value) -> Vec<String> {
        let table = value.as_table().unwrap().iter();
        let below = |(name, value): (&String, &toml::Value)| match value {
            toml::Value::Table(_) => names(value).iter().map(|inner| format!("{name}.{inner}")).collect(),
            _ => vec![name.clone()],
        };
        table.flat_map(below).collect()
    }
    for file in ["words.toml", "inbox-words.toml"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/page/demo").join(file);
        let words: toml::Table = toml::from_str(&fs::read_to_string(path).unwrap()).unwrap();
        assert_eq!(names(&words["en"]), names(&words["es"]), "{file}");
    }
}

#[actix_web::test]
async fn the_bank_account_changes_only_for_a_verified_client() {
    let scene = Scene::start();
    let change = |account: &str| json!({ "client": "lead-10482", "account": account, "lang": "en" });
    assert_eq!(scene.post("/bank", change("12345678")).await.0, 403);
    *scene.heard.verified.lock().unwrap() = true;
    assert_eq!(scene.post("/bank", change("12")).await.0, 422);
    assert_eq!(scene.post("/bank", change("000123459876")).await, (200, json!({ "account": "9876" })));
    assert!(scene.page("/payroll?lang=en").await.contains(">9876<"));
}

#[actix_web::test]
async fn the_inbox_shows_what_was_sent_and_survives_what_is_no_message() {
    let scene = Scene::start();
    let list = format!("{}/messages.json", scene.inbox.url());
    let empty: Value = http().get(&list).send().await.unwrap().json().await.unwrap();
    assert_eq!(empty, json!([]));
    let outbox = scene.dir.path().join("outbox");
    let email = json!({ "id": "msg_a", "channel": "email", "at": "2026-11-20T15:04:05Z", "from": "a@x.example",
        "to": "b@x.example", "subject": "Hi <b>", "text": "482 913", "html": "<p>482 913</p>" });
    let text = json!({ "id": "msg_b", "channel": "sms", "at": "2026-11-20T10:05:06-05:00", "to": "+13055550142",
        "text": "See https://x.example/p/1 now", "report_url": "" });
    write(&outbox, "email/a.json", &email);
    write(&outbox, "sms.json", &text);
    write(&outbox, "foreign.json", &json!(["no", "message"]));
    fs::write(outbox.join("half.json"), "{\"id\":\"msg_c\",\"chan").unwrap();

    let answer = http().get(&list).send().await.unwrap();
    let tag = answer.headers()["etag"].clone();
    let messages: Value = answer.json().await.unwrap();
    let ids: Vec<_> = messages.as_array().unwrap().iter().map(|message| &message["id"]).collect();
    assert_eq!(ids, ["msg_b", "msg_a"], "newest first");
    let again = http().get(&list).header("if-none-match", tag).send().await.unwrap();
    assert_eq!(again.status(), 304);

    let get = |path: &str| http().get(format!("{}{path}", scene.inbox.url())).send();
    let page = get("/?lang=en&id=msg_a").await.unwrap().text().await.unwrap();
    assert!(page.contains("Hi &lt;b&gt;") && page.contains("sandbox="), "{page}");
    let text = get("/?lang=es").await.unwrap().text().await.unwrap();
    assert!(text.contains("href=\"https://x.example/p/1\""), "{text}");
    let mail = get("/mail?id=msg_a").await.unwrap();
    assert!(mail.headers()["content-security-policy"].to_str().unwrap().starts_with("sandbox "));
    assert_eq!(mail.text().await.unwrap(), "<base target=\"_blank\"><p>482 913</p>");
}

fn write(dir: &Path, name: &str, message: &Value) {
    let path = dir.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, message.to_string()).unwrap();
}

#[test]
fn secrets_are_made_once_and_have_the_right_form() {
    let dir = tempfile::tempdir().unwrap();
    let prepare = |seed| -> (PathBuf, String) {
        let path = secrets::prepare(dir.path(), TENANTS, &FixedRandom::seeded(seed)).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        (path, text)
    };
    let (path, first) = prepare(1);
    assert_eq!(prepare(2), (path.clone(), first.clone()), "a second start changes nothing");
    assert!(
        TENANTS.lines().all(|line| first.lines().any(|kept| kept == line)),
        "nothing of the example is lost"
    );
    let tenants: toml::Table = toml::from_str(&first).unwrap();
    for tenant in tenants["tenant"].as_array().unwrap() {
        for name in ["webhook_secret", "push_secret"] {
            let secret = tenant[name].as_str().unwrap();
            assert!(signature::sign(secret, "id", 0, b"").is_some() && secret.len() == 50, "{secret}");
        }
        let key = tenant["api_key"].as_str().unwrap().strip_prefix("csk_").unwrap();
        assert!(
            key.len() >= 43 && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'),
            "{key}"
        );
    }
    assert!(first.contains("csk_cornerstone_example_key"), "what the example gives is kept");
    let example = include_str!("../tenants.example.toml");
    assert!(secrets::required_from(example, "2031-05-06").contains("\nrequired_from = \"2031-05-06\""));
    assert!(!secrets::at_address(&first, "http://127.0.0.1:4711/").contains(":9000"));
    #[cfg(unix)]
    assert_eq!(
        std::os::unix::fs::PermissionsExt::mode(&fs::metadata(path).unwrap().permissions()) & 0o777,
        0o600
    );
}

#[test]
fn signatures_are_those_of_everybody_else() {
    let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    let (id, body) = ("msg_p5jXN8AQM9LWM0D4loKWxJek", br#"{"test": 2432232314}"#);
    let expected = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
    assert_eq!(signature::sign(secret, id, 1_614_265_330, body).as_deref(), Some(expected));
    let several = format!("v1a,x v1,AAAA {expected}");
    let headers = Headers { id, timestamp: "1614265330", signature: &several };
    assert!(signature::verify(secret, &headers, body, 1_614_265_330));
    assert!(!signature::verify(secret, &headers, b"{}", 1_614_265_330));
    assert!(!signature::verify("not a secret", &headers, body, 1_614_265_330));
}

#[test]
fn the_banner_says_where_to_look_and_what_to_do() {
    let banner = demo::banner("http://s", "http://c", "http://i", Path::new("d/tenants.toml"));
    for part in ["http://s", "http://c/leads", "http://i/", "d/tenants.toml", "En español", "1. ", "3. "] {
        assert!(banner.contains(part), "{part}");
    }
}
