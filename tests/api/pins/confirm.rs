//! A PIN link that was opened from an email asks for a code by text first: who took over a mailbox sets no PIN.

use countersign::domain::pin::DIGITS;
use countersign::domain::pin::secret::Pin;
use countersign::usecase::pin::set_pin::{SetFault, SetFrom, set_pin};
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::code::wrong;
use crate::life::CLIENT;
use crate::on_both;
use crate::opt_outs::gateway_says;
use crate::pin::{PIN, WRONG, token_in};
use crate::service::{self, Reply, Service, api_key};

const MOBILE: &str = "+13055550142";

/// The example client, whose owner reads English.
fn ruiz() -> Value {
    let mut client = service::ruiz();
    client["contacts"][0]["locale"] = json!("en");
    client
}

async fn put(service: &Service, list: &Value) {
    let put =
        service.call("PUT", &format!("/api/v1/clients/{CLIENT}"), &api_key("cornerstone"), Some(list)).await;
    assert!(matches!(put.status, 200 | 201), "{}", put.text);
}

async fn asks_for_code(service: &Service, asks: bool) {
    service.pin_policy(json!({"enabled": true, "confirm_by_code": asks})).await;
}

/// The example client of a tenant that asks for a code.
async fn confirming(service: &Service) {
    asks_for_code(service, true).await;
    put(service, &ruiz()).await;
}

/// The paths of one link to the owner: by email, and by text.
async fn links(service: &Service) -> (String, String) {
    let sent = service.ask_link("c-1").await.expect(201);
    service.drain().await;
    let path = |message: &Value| {
        let mail = service.mail().into_iter().find(|mail| mail["id"] == message["id"]).unwrap();
        format!("/p/{}", token_in(mail["text"].as_str().unwrap()))
    };
    let messages = sent["messages"].as_array().unwrap();
    assert_eq!((&messages[0]["channel"], &messages[1]["channel"]), (&json!("email"), &json!("sms")));
    (path(&messages[0]), path(&messages[1]))
}

/// A browser that keeps the cookies it gets.
#[derive(Default)]
struct Browser(Option<String>);

impl Browser {
    async fn sends(&mut self, service: &Service, path: &str, fields: &[(&str, &str)]) -> Reply {
        let body: String = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request =
            service.request("POST", path).header("content-type", "application/x-www-form-urlencoded");
        let reply = self.asks(service, request.header("origin", "http://127.0.0.1:8080").body(body)).await;
        if let Some(cookie) = reply.header("set-cookie") {
            self.0 = cookie.split(';').next().map(str::to_owned);
        }
        reply
    }

    async fn reads(&self, service: &Service, path: &str) -> Reply {
        self.asks(service, service.request("GET", path)).await
    }

    async fn asks(&self, service: &Service, request: reqwest::RequestBuilder) -> Reply {
        service.browse(self.0.iter().fold(request, |request, cookie| request.header("cookie", cookie))).await
    }

    async fn types(&mut self, service: &Service, path: &str, code: &str) -> Reply {
        self.sends(service, &format!("{path}?step=code"), &[("do", "check"), ("code", code)]).await
    }

    async fn chooses(&mut self, service: &Service, path: &str, pin: &str) -> Reply {
        self.sends(service, path, &[("pin", pin), ("again", pin)]).await
    }

    /// Asks for a code, which arrives.
    async fn gets_code(&mut self, service: &Service, path: &str) -> String {
        let reply = self.sends(service, path, &[("do", "text")]).await;
        assert_eq!((reply.status, reply.header("location")), (303, Some("?step=code")), "{}", reply.text);
        service.drain().await;
        service.typed_code()
    }
}

#[track_caller]
fn shows(reply: &Reply, status: u16, texts: &[&str]) {
    assert_eq!(reply.status, status, "{}", reply.text);
    for text in texts {
        assert!(reply.text.contains(text), "{text:?} is not in {}", reply.text);
    }
}

const ASKS: &[&str] = &[
    "<h1>Check it is you</h1>",
    "To be sure that it is you, we text a code to (•••) •••-••42.",
    "value=\"text\">Text me a code</button>",
];
const FORM: &str = "Choose a 6-digit PIN";

async fn pin_state(service: &Service) -> Value {
    service.pin().await["state"].clone()
}

on_both! {
    async fn a_link_from_an_email_asks_for_a_texted_code_before_a_pin_is_set(service: Service) {
        confirming(&service).await;
        let (path, texted) = links(&service).await;
        assert_ne!(path, texted);
        let mut browser = Browser::default();
        shows(&browser.reads(&service, &path).await, 200, &["Create your security PIN", ">Continue</button>"]);
        let asking = browser.reads(&service, &format!("{path}?step=pin")).await;
        shows(&asking, 200, ASKS);
        assert!(!asking.text.contains("name=\"pin\"") && !asking.text.contains("5550142"), "{}", asking.text);
        let code = browser.gets_code(&service, &path).await;
        let text = service.newest_mail();
        assert_eq!(text["text"], format!(
            "{code} is your Cornerstone code to set your PIN. Don't share it with anyone. We'll never ask you for it.\n\n@127.0.0.1 #{code}"
        ));
        let field = browser.reads(&service, &format!("{path}?step=code")).await;
        shows(&field, 200, &[
            "<h1>Enter the code we texted you</h1>", "We texted it to the phone ending in 42.", "autocomplete=\"one-time-code\"",
            "Expires", "value=\"again\">Send again</button>", "/assets/otp.js",
        ]);
        let right = browser.types(&service, &path, &code).await;
        assert_eq!((right.status, right.header("location")), (303, Some("?step=pin")));
        let cookie = right.header("set-cookie").unwrap().to_owned();
        for part in ["__Host-countersign-pin-", "; HttpOnly", "; SameSite=Lax", "; Secure", "; Path=/"] {
            assert!(cookie.contains(part), "{part}: {cookie}");
        }
        assert!(!cookie.contains("Max-Age") && !cookie.contains("Domain"), "{cookie}");
        shows(&browser.reads(&service, &format!("{path}?step=pin")).await, 200, &[FORM]);
        let chosen = browser.chooses(&service, &path, PIN).await;
        assert_eq!((chosen.status, chosen.header("location")), (303, Some("?step=done")), "{}", chosen.text);
        assert_eq!(service.said(PIN).await["result"], "verified");
        for (action, outcome) in [("pin.code_request", "sent"), ("pin.code_check", "verified"), ("pin.set", "set")] {
            assert_eq!(service.entries(action, outcome).await, 1, "{action}");
        }
        assert_eq!(service.database.count(LIVE).await, 0);
    }
}

/// Challenges of PINs that can still come to something: links, and codes.
const LIVE: &str = "select count(*) from challenge where state = 'active' and workflow = 'pin'";

/// Sets a PIN by the use case itself, in a browser that brought nothing along.
async fn sets(service: &Service, path: &str, pin: &str) -> Result<(), SetFault> {
    let from = SetFrom { address: "198.51.100.7".to_owned(), device: String::new(), browser: None };
    let token = path.strip_prefix("/p/").unwrap();
    set_pin(service.app.desk(), token, &Pin::parse(pin, DIGITS).unwrap(), &from).await.map(|_| ())
}

on_both! {
    async fn a_pin_without_the_code_is_refused_and_nothing_is_said_of_it(service: Service) {
        confirming(&service).await;
        let (path, texted) = links(&service).await;
        sets(&service, &texted, PIN).await.unwrap();
        service.advance(30);
        let (path, old) = (links(&service).await.0, path);
        let before = service.database.dump().await;
        // The PIN that is set, one on the blocklist, and a good one: all the same to who has not typed the code.
        for pin in [PIN, "123456", WRONG] {
            assert!(matches!(sets(&service, &path, pin).await, Err(SetFault::Unconfirmed)), "{pin}");
            let reply = Browser::default().chooses(&service, &path, pin).await;
            shows(&reply, 403, ASKS);
            assert!(!reply.text.contains("easy to guess") && !reply.text.contains(FORM), "{}", reply.text);
        }
        let mut guess = Browser(Some(format!("__Host-countersign-pin-{}={}", "0".repeat(16), "A".repeat(43))));
        shows(&guess.chooses(&service, &path, WRONG).await, 403, ASKS);
        assert_eq!(service.database.dump().await, before, "no try is counted, and nothing hashed");
        shows(&Browser::default().reads(&service, &old).await, 404, &["This link was already used"]);
        assert_eq!(service.said(PIN).await["result"], "verified");
    }
}

on_both! {
    async fn reading_and_empty_forms_spend_nothing_and_send_nothing(service: Service) {
        confirming(&service).await;
        let (path, _) = links(&service).await;
        let before = service.database.dump().await;
        let mut scanner = Browser::default();
        for step in ["", "?step=pin", "?step=code", "?step=done", "?step=have"] {
            let path = format!("{path}{step}");
            assert_eq!(scanner.reads(&service, &path).await.status, 200);
            let head = service.call("HEAD", &path, "", None).await;
            assert_eq!((head.status, head.text.as_str(), head.header("set-cookie")), (200, "", None));
            shows(&scanner.sends(&service, &path, &[]).await, 200, &["<h1>Check it is you</h1>"]);
            shows(&scanner.sends(&service, &path, &[("pin", ""), ("again", "")]).await, 200, ASKS);
            shows(&service.send(service.request("POST", &path)).await, 200, ASKS);
        }
        let empty = scanner.types(&service, &path, " ").await;
        shows(&empty, 422, &["Enter the 6-digit code", "<title>Error: "]);
        assert_eq!(service.database.dump().await, before);
        let foreign = service.request("POST", &path).header("origin", "https://evil.example").body("do=text");
        let foreign = foreign.header("content-type", "application/x-www-form-urlencoded");
        shows(&service.send(foreign).await, 403, &["This form came from somewhere else"]);
        assert_eq!(service.database.dump().await, before);
        let code = scanner.gets_code(&service, &path).await;
        scanner.types(&service, &path, &code).await;
        assert_eq!(scanner.chooses(&service, &path, PIN).await.status, 303, "the person's link still works");
    }
}

on_both! {
    async fn another_browser_with_the_same_link_is_asked_again(service: Service) {
        confirming(&service).await;
        let (path, _) = links(&service).await;
        let (mut owner, mut thief) = (Browser::default(), Browser::default());
        let code = owner.gets_code(&service, &path).await;
        assert_eq!(owner.types(&service, &path, &code).await.status, 303);
        shows(&owner.reads(&service, &format!("{path}?step=pin")).await, 200, &[FORM]);
        shows(&thief.reads(&service, &format!("{path}?step=pin")).await, 200, ASKS);
        let used = thief.types(&service, &path, &code).await;
        shows(&used, 422, &["That code has expired. We can send a new one"]);
        shows(&thief.chooses(&service, &path, WRONG).await, 403, ASKS);
        // A code that somebody else asks for takes nothing away from who has typed theirs.
        service.advance(30);
        let second = thief.gets_code(&service, &path).await;
        assert_ne!(second, code);
        service.advance(3600);
        shows(&owner.reads(&service, &format!("{path}?step=pin")).await, 200, &[FORM]);
        let spent = owner.sends(&service, &path, &[("do", "text")]).await;
        assert_eq!((spent.status, service.entries("pin.code_request", "sent").await), (303, 2), "nothing is asked of it");
        let (next, _) = links(&service).await;
        shows(&owner.reads(&service, &format!("{next}?step=pin")).await, 200, ASKS);
        owner.0 = owner.0.map(|cookie| {
            let named = countersign::domain::pin::confirm::cookie_name(next.strip_prefix("/p/").unwrap());
            format!("{named}={}", cookie.split_once('=').unwrap().1)
        });
        shows(&owner.reads(&service, &format!("{next}?step=pin")).await, 200, ASKS);
        shows(&owner.chooses(&service, &next, PIN).await, 403, ASKS);
    }
}

on_both! {
    async fn a_link_from_a_text_asks_for_no_code(service: Service) {
        confirming(&service).await;
        let (_, texted) = links(&service).await;
        let mut browser = Browser::default();
        shows(&browser.reads(&service, &format!("{texted}?step=pin")).await, 200, &[FORM]);
        assert_eq!(browser.sends(&service, &texted, &[("do", "text")]).await.status, 303);
        assert_eq!(service.entries("pin.code_request", "sent").await, 0);
        assert_eq!(browser.chooses(&service, &texted, PIN).await.status, 303);
        service.drain().await;
        assert_eq!(pin_state(&service).await, "set");
    }
}

on_both! {
    async fn where_the_setting_is_off_nothing_is_asked(service: Service) {
        asks_for_code(&service, false).await;
        put(&service, &ruiz()).await;
        let (path, texted) = links(&service).await;
        assert_eq!(path, texted, "one link");
        shows(&Browser::default().reads(&service, &format!("{path}?step=pin")).await, 200, &[FORM]);
        // Switched on while it is out, nobody can tell any more how it came.
        asks_for_code(&service, true).await;
        shows(&Browser::default().reads(&service, &format!("{path}?step=pin")).await, 200, ASKS);
        asks_for_code(&service, false).await;
        sets(&service, &path, PIN).await.unwrap();
    }
}

/// What an agent is told where no text can go.
const WHY: &str = "a link by email asks for a code by text first, and this contact has no mobile number that takes our texts; choose another contact or add one";

on_both! {
    async fn who_takes_no_texts_gets_no_link(service: Service) {
        confirming(&service).await;
        let refused = async |contact: &str| {
            let problem = service.ask_link(contact).await.expect(422);
            assert_eq!(problem["code"], "contact_unreachable");
            problem["detail"].as_str().unwrap().to_owned()
        };
        assert_eq!(refused("c-2").await, WHY, "email and a landline");
        gateway_says(&service, MOBILE, "STOP").await;
        assert_eq!(refused("c-1").await, WHY, "stopped");
        gateway_says(&service, MOBILE, "START").await;
        service.apply("cornerstone", json!({"policy": {
            "pin": {"enabled": true, "confirm_by_code": true}, "client": {"on_recent_change": "block"},
        }})).await;
        let mut list = ruiz();
        list["contacts"][0]["mobile"] = json!("+13055550199");
        put(&service, &list).await;
        assert_eq!(refused("c-1").await, WHY, "a number that is too new");
        assert_eq!(service.database.count(LIVE).await, 0);
        service.drain().await;
        assert!(service.mail().is_empty());
        asks_for_code(&service, false).await;
        service.ask_link("c-2").await.expect(201);
    }
}

on_both! {
    async fn sent_again_it_is_the_same_code_and_one_that_is_over_says_so(service: Service) {
        confirming(&service).await;
        let (path, _) = links(&service).await;
        let mut browser = Browser::default();
        let code = browser.gets_code(&service, &path).await;
        let soon = browser.sends(&service, &format!("{path}?step=code"), &[("do", "again")]).await;
        shows(&soon, 429, &["You can ask for another code in 30 seconds", "Enter the code we texted you"]);
        service.advance(30);
        assert_eq!(browser.gets_code(&service, &path).await, code);
        assert_eq!((service.entries("pin.code_request", "sent").await, service.entries("pin.code_resend", "sent").await), (1, 1));
        service.advance(10 * 60 - 30);
        shows(&browser.reads(&service, &format!("{path}?step=code")).await, 200, &["That code has expired. We can send a new one", "Text me a code"]);
        shows(&browser.types(&service, &path, &code).await, 422, &["That code has expired."]);
        let fresh = browser.gets_code(&service, &path).await;
        assert_ne!(fresh, code);
        shows(&browser.types(&service, &path, &code).await, 422, &["That code is not right.", "4 tries left"]);
        for _ in 0..2 {
            service.advance(30);
            browser.gets_code(&service, &path).await;
        }
        service.advance(30);
        let many = browser.sends(&service, &path, &[("do", "text")]).await;
        shows(&many, 429, &["Too many codes. Try again"]);
        assert_eq!(browser.types(&service, &path, &fresh).await.status, 303, "it can still be typed");
    }
}

on_both! {
    async fn five_wrong_codes_lock_it_and_ten_the_person_whatever_is_sent_anew(service: Service) {
        confirming(&service).await;
        let (path, _) = links(&service).await;
        let mut browser = Browser::default();
        let code = browser.gets_code(&service, &path).await;
        let missed = wrong(&code);
        for typed in ["12345", "12345x"] {
            shows(&browser.types(&service, &path, typed).await, 422, &["The code must be 6 numbers"]);
        }
        for left in ["4 tries left", "3 tries left", "2 tries left", "1 try left"] {
            shows(&browser.types(&service, &path, &missed).await, 422, &["That code is not right.", left, "aria-invalid"]);
        }
        shows(&browser.types(&service, &path, &missed).await, 429, &["Too many wrong codes. Ask for a new one", "Text me a code"]);
        shows(&browser.types(&service, &path, &code).await, 429, &["Too many wrong codes."]);
        shows(&browser.reads(&service, &format!("{path}?step=code")).await, 200, &["Too many wrong codes. Ask for a new one"]);
        assert_eq!(service.entries("pin.code_check", "incorrect").await, 5);
        assert_eq!(service.entries("pin.code_check", "locked").await, 1);
        service.advance(30);
        // Another link refills nothing.
        let (path, _) = links(&service).await;
        let code = browser.gets_code(&service, &path).await;
        for _ in 0..4 {
            browser.types(&service, &path, &wrong(&code)).await;
        }
        let last = browser.types(&service, &path, &wrong(&code)).await;
        shows(&last, 429, &["Too many wrong codes. Try again at"]);
        assert!(!last.text.contains("Text me a code"));
        shows(&browser.types(&service, &path, &code).await, 429, &["Too many wrong codes. Try again at"]);
        service.advance(30);
        shows(&browser.sends(&service, &path, &[("do", "text")]).await, 429, &["Too many wrong codes. Try again at"]);
        assert_eq!(service.entries("pin.code_check", "incorrect").await, 10);
        // The codes that agents ask for go on.
        service.ask(CLIENT, "c-1").await.expect(201);
        service.drain().await;
        service.post(&format!("/api/v1/clients/{CLIENT}/unlock"), json!({"contact": "c-1"})).await.expect(200);
        let code = browser.gets_code(&service, &path).await;
        assert_eq!(browser.types(&service, &path, &code).await.status, 303);
    }
}

on_both! {
    async fn of_fifty_wrong_codes_at_once_five_are_compared(service: Service) {
        confirming(&service).await;
        let (path, _) = links(&service).await;
        let code = Browser::default().gets_code(&service, &path).await;
        let missed = wrong(&code);
        let replies = join_all((0..50).map(|_| async {
            Browser::default().types(&service, &path, &missed).await.status
        })).await;
        assert!(replies.iter().all(|status| matches!(status, 422 | 429)), "{replies:?}");
        assert_eq!(service.entries("pin.code_check", "incorrect").await, 5);
        assert_eq!(Browser::default().types(&service, &path, &code).await.status, 429);
        service.advance(30);
        let code = Browser::default().gets_code(&service, &path).await;
        let replies = join_all((0..50).map(|_| async {
            Browser::default().types(&service, &path, &code).await.status
        })).await;
        assert_eq!(replies.iter().filter(|status| **status == 303).count(), 1, "one browser, of fifty with the right one");
    }
}

on_both! {
    async fn a_code_is_over_with_its_link(service: Service) {
        confirming(&service).await;
        let (first, _) = links(&service).await;
        let mut browser = Browser::default();
        let sent = browser.sends(&service, &first, &[("do", "text")]).await;
        assert_eq!((sent.status, service.database.count(LIVE).await), (303, 2));
        service.advance(30);
        let (second, _) = links(&service).await;
        assert_eq!(service.database.count(LIVE).await, 1, "a newer link ends the code of the one before");
        assert_eq!(service.entries("message.send", "dropped").await, 1, "and the text that waited");
        shows(&browser.types(&service, &first, "123456").await, 404, &["This link no longer works"]);
        browser.gets_code(&service, &second).await;
        let mut list = ruiz();
        list["contacts"][0]["mobile"] = json!("+13055550199");
        put(&service, &list).await;
        assert_eq!(service.database.count(LIVE).await, 0, "another number ends both");
        service.advance(30);
        let (third, _) = links(&service).await;
        service.advance(24 * 3600 - 60);
        browser.gets_code(&service, &third).await;
        service.advance(60);
        service.drain().await;
        assert_eq!(service.database.count(LIVE).await, 0, "and time");
        shows(&browser.reads(&service, &format!("{third}?step=code")).await, 404, &["This link has expired"]);
    }
}

on_both! {
    async fn who_says_no_to_a_code_ends_the_link_and_who_stopped_gets_none(service: Service) {
        confirming(&service).await;
        let (path, _) = links(&service).await;
        let mut thief = Browser::default();
        let code = thief.gets_code(&service, &path).await;
        gateway_says(&service, MOBILE, "NO").await;
        shows(&thief.types(&service, &path, &code).await, 404, &["This link no longer works"]);
        assert_eq!((service.status(CLIENT).await["state"].clone(), service.database.count(LIVE).await), (json!("reported"), 0));
        service.post(&format!("/api/v1/clients/{CLIENT}/status/revoke"), json!({})).await.expect(200);
        service.advance(30);
        let (path, _) = links(&service).await;
        gateway_says(&service, MOBILE, "STOP").await;
        assert_eq!(thief.sends(&service, &path, &[("do", "text")]).await.status, 303);
        shows(&thief.reads(&service, &format!("{path}?step=code")).await, 200, &["We could not send the code."]);
        assert_eq!(service.entries("pin.code_request", "opted_out").await, 1);
        service.drain().await;
        assert_eq!(service.pushed("message.failed"), 1);
    }
}

on_both! {
    async fn in_spanish_it_says_the_same(service: Service) {
        confirming(&service).await;
        let mut list = ruiz();
        list["contacts"][0]["locale"] = json!("es");
        put(&service, &list).await;
        let (path, _) = links(&service).await;
        let mut browser = Browser::default();
        shows(&browser.reads(&service, &format!("{path}?step=pin")).await, 200, &[
            "<h1>Confirme que es usted</h1>", "Para confirmar que es usted, enviamos un código por mensaje al (•••) •••-••42.",
        ]);
        let code = browser.gets_code(&service, &path).await;
        let text = service.newest();
        assert!(text.starts_with(&format!("{code} es su codigo de ")) && text.ends_with(&format!("\n\n@127.0.0.1 #{code}")), "{text}");
        shows(&browser.types(&service, &path, &wrong(&code)).await, 422, &["Ese código no es correcto."]);
        let english = browser.sends(&service, &format!("{path}?step=code&lang=en"), &[("do", "check"), ("code", &code)]).await;
        assert_eq!(english.header("location"), Some("?step=pin&lang=en"));
    }
}
