//! A wording that is not published yet, sent as a test to whoever wrote it and to nobody else.

use std::net::TcpListener;

use countersign::domain::admin::Role;
use countersign::domain::wording::Spot;
use countersign::message::render::built_in;
use serde_json::{Value, json};

use crate::admin::Desk;
use crate::database::Database;
use crate::gateway::{Answer, Server};
use crate::on_both;
use crate::service::{Reply, Service};

const PAGE: &str = "/admin/t/cornerstone/templates";
const NUMBER: &str = "+13055550142";

async fn tries(service: &Service, desk: &Desk, (of, lang): (&str, &str), subject: &str, body: &str) -> Reply {
    let fields = [
        ("of", of),
        ("base", "0"),
        ("do", "test"),
        ("subject", subject),
        ("body", body),
        ("to", "eve@evil.example"),
    ];
    service.send_form(desk, &format!("{PAGE}?lang={lang}"), &fields).await
}

fn text_of<'a>(message: &'a Value, part: &str) -> &'a str {
    message[part].as_str().unwrap()
}

/// Nothing is published, no code is out, and so many tests are on the record.
async fn only_tried(service: &Service, taken: i64) {
    assert_eq!(service.database.count("select count(*) from wording").await, 0);
    assert_eq!(
        service.database.count("select count(*) from challenge where tenant_id = 'cornerstone'").await,
        0
    );
    assert_eq!(service.entries("wording.test", "taken").await, taken);
}

on_both! {
    async fn an_email_goes_to_its_writer_in_its_own_language(service: Service) {
        let desk = service.desk(Role::Admin, Some(&["cornerstone"])).await;
        for (of, lang, subject, body, says, told, note) in [
            ("client_code/email/en", "es", "Your {{brand}} code", "Dear {{first_name}}!\n\n{{code}}\n\nOnly for our agent. {{phone}}", "Dear Maximiliano-José!", "Enviado: el proveedor lo aceptó. No se publicó nada.", "La prueba va a a•••@acme.example y a nadie más"),
            ("pin_setup/email/es", "en", "Su PIN de {{brand}}", "Elija su PIN, {{first_name}}:\n\n{{link}}\n\n{{phone}}", "Elija su PIN, Maximiliano-José:", "Sent: the provider took it. Nothing was published.", "A test goes to a•••@acme.example and to nobody else"),
        ] {
            let body = body.replace("{{first_name}}", "{{#if first_name}}{{first_name}}{{/if}}");
            let page = tries(&service, &desk, (of, lang), subject, &body).await;
            assert!(page.status == 200 && page.text.contains(&format!("<p class=\"done\">{told}</p>")), "{}", page.text);
            let mail = service.newest_mail();
            assert!(text_of(&mail, "to").contains("admin@acme.example"), "{mail}");
            assert_eq!(text_of(&mail, "subject"), format!("TEST: {}", subject.replace("{{brand}}", "Cornerstone")), "{mail}");
            assert!(text_of(&mail, "text").starts_with("TEST: ") && text_of(&mail, "text").contains(says), "{mail}");
            assert!(text_of(&mail, "html").contains(says), "{mail}");
            assert!(page.text.contains(&format!("value=\"{subject}\"")) && page.text.contains("name=\"base\" value=\"0\""), "{}", page.text);
            let seen = service.see(&desk, &format!("{PAGE}?of={of}&lang={lang}")).await;
            assert!(seen.text.contains(note) && !seen.text.contains(told), "{}", seen.text);
        }
        let code = service.mail_in_order().into_iter().find(|one| text_of(one, "subject") == "TEST: Your Cornerstone code").unwrap();
        assert!(text_of(&code, "text").contains("\n000 000\n") && code["lang"] == "en", "{code}");
        only_tried(&service, 2).await;
        let told = service.see(&desk, "/admin/t/cornerstone/audit?action=wording.test&lang=es").await;
        assert!(told.text.contains("Probó un texto propio") && told.text.contains("pin_setup/email/es"), "{}", told.text);
    }
}

on_both! {
    async fn texts_and_calls_go_to_the_proven_number(service: Service) {
        let desk = service.desk_by_text(Role::Admin, Some(&["cornerstone"])).await;
        let text = "{{code}} es su codigo de {{brand}}. Digalo a nuestro agente. {{phone}}";
        let page = tries(&service, &desk, ("client_code/sms/es", "en"), "", text).await;
        let sent = service.newest_mail();
        assert_eq!((text_of(&sent, "to"), text_of(&sent, "text")), (NUMBER, "TEST: 000 000 es su codigo de Cornerstone. Digalo a nuestro agente. 800-555-0199"));
        assert!(page.status == 200 && page.text.contains("Sent: the provider took it. Nothing was published.") && page.text.contains(text), "{}", page.text);
        let typed = built_in(Spot::parse("login_code", "sms", "en").unwrap()).body;
        tries(&service, &desk, ("login_code/sms/en", "en"), "", &typed).await;
        assert!(text_of(&service.newest_mail(), "text").ends_with("@127.0.0.1 #000000"), "{}", service.newest());

        let call = built_in(Spot::parse("client_code", "voice", "es").unwrap()).body.replace("gate: ", "gate: Muy buenas. ");
        let page = tries(&service, &desk, ("client_code/voice/es", "en"), "", &call).await;
        assert!(page.text.contains("your phone rings in a moment"), "{}", page.text);
        let sent = service.newest_mail();
        assert_eq!((text_of(&sent, "to"), text_of(&sent, "channel"), text_of(&sent, "lang")), (NUMBER, "voice", "es"));
        let said: Vec<_> = text_of(&sent, "text").lines().collect();
        // The way to the other language is said in that one.
        assert!(said[0] == "Esto es una prueba." && said[1].starts_with("Muy buenas. ") && said[2] == "For English, press 2.", "{said:#?}");
        assert!(said[4].contains(" 0 0 0 0 0 0 ") && said.len() == 8, "{said:#?}");
        only_tried(&service, 3).await;
    }
}

on_both! {
    async fn a_carrier_is_told_all_of_a_test_call_at_once(service: Service) {
        let carrier = Server::start(Answer::Say("201 Created", "", r#"{"sid": "CAfedcba9876543210fedcba9876543210", "status": "queued"}"#)).await;
        let base = carrier.url("");
        let account = [("PROVIDER", "twilio"), ("ACCOUNT_SID", "AC0123456789abcdef0123456789abcdef"), ("AUTH_TOKEN", "0123456789abcdef0123456789abcdef"), ("FROM", "+13055550100"), ("API_BASE", base.as_str())];
        let account = account.map(|(name, value)| (format!("COUNTERSIGN_VOICE__{name}"), value));
        let account: Vec<_> = account.iter().map(|(name, value)| (name.as_str(), *value)).collect();
        let service = Service::with(Database::create(service.database.backend).await, &account).await;
        let desk = service.desk_by_text(Role::Owner, None).await;
        let page = service.see(&desk, &format!("{PAGE}?of=session_code/voice/en")).await;
        assert!(page.text.contains(">Call me</button>") && page.text.contains("The call goes to (•••) •••-••42 and to nobody else."), "{}", page.text);
        tries(&service, &desk, ("session_code/voice/en", "en"), "", "").await;
        let seen = carrier.seen().pop().unwrap();
        let (_, body) = seen.split_once("\r\n\r\n").unwrap();
        let form: Vec<(String, String)> = url::form_urlencoded::parse(body.as_bytes()).into_owned().collect();
        let field = |name: &str| form.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        assert_eq!((field("To"), field("Url"), field("StatusCallback")), (Some(NUMBER), None, None));
        let says = field("Twiml").unwrap();
        let parts: Vec<_> = says.split("<Pause length=\"2\"/>").collect();
        assert!(parts.len() == 4 && parts[0].contains(">This is a test.</Say>") && parts[1].contains("language=\"es-US\">Para español, oprima 2.</Say>"), "{says}");
        assert!(parts[2].contains("<prosody rate=\"slow\">0<break time=\"500ms\"/>0") && parts[3].ends_with("<Hangup/></Response>"), "{says}");
        only_tried(&service, 1).await;
    }
}

on_both! {
    async fn who_has_nothing_to_send_to_is_told_what_to_do(service: Service) {
        let desk = service.desk(Role::Admin, Some(&["cornerstone"])).await;
        for (of, lang, told) in [
            ("client_code/sms/en", "en", "A test by phone needs text messages as your second step."),
            ("client_code/voice/en", "es", "Una prueba por teléfono requiere los mensajes de texto como su segundo paso."),
        ] {
            let page = service.see(&desk, &format!("{PAGE}?of={of}&lang={lang}")).await;
            assert!(page.text.contains(told) && !page.text.contains("value=\"test\""), "{}", page.text);
            let body = built_in(Spot::parse("client_code", of.split('/').nth(1).unwrap(), "en").unwrap()).body;
            let asked = service.send_form(&desk, &format!("{PAGE}?lang={lang}"), &[("of", of), ("base", "0"), ("do", "test"), ("body", &body)]).await;
            assert!(asked.status == 200 && asked.text.contains(&format!("<p class=\"alert\">{told}")), "{}", asked.text);
        }
        assert!(service.mail().is_empty(), "{:?}", service.mail());
        only_tried(&service, 0).await;
        assert_eq!(service.entries("wording.test", "failed").await, 0);
    }
}

on_both! {
    async fn a_draft_with_faults_is_sent_to_nobody_and_nothing_is_lost(service: Service) {
        let desk = service.desk(Role::Owner, None).await;
        let of = "client_code/email/en";
        let wrong = tries(&service, &desk, (of, "en"), "Your code", "{{code}} acme.com").await;
        assert!(wrong.status == 422 && wrong.text.contains("<p class=\"alert\">Not sent. Correct what is marked.</p>"), "{}", wrong.text);
        assert!(wrong.text.contains("Line 1: acme.com looks like an address.") && wrong.text.contains("{{code}} acme.com</textarea>"), "{}", wrong.text);
        assert!(service.mail().is_empty());
        // What is merely looked at says that it could not be published.
        let shown = service.send_form(&desk, &format!("{PAGE}?of={of}&saved=1"), &[("of", of), ("base", "0"), ("do", "show"), ("subject", "Your code"), ("body", "{{code}} acme.com")]).await;
        assert!(shown.status == 200 && shown.text.contains("It cannot be published like this.") && !shown.text.contains("Published. Messages"), "{}", shown.text);
        only_tried(&service, 0).await;
    }
}

on_both! {
    async fn what_a_provider_says_of_a_draft_is_told_and_all_tests_have_one_limit(service: Service) {
        let desk = service.desk(Role::Owner, None).await;
        let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let relay = json!({"email": {"transport": "smtp", "url": format!("smtp://sam:hunter2@127.0.0.1:{closed}"), "from": "v@acme.example"}});
        service.apply_with("cornerstone", json!({}), relay).await;
        service.send_form(&desk, "/admin/t/cornerstone/delivery", &[("channel", "email"), ("order", "0")]).await;
        for at in 1..9 {
            let page = tries(&service, &desk, ("client_code/email/en", "en"), "", "").await;
            let told = if at < 8 { "<p class=\"alert\">The test did not go through. " } else { "<p class=\"alert\">Too many tests. Try again in half an hour." };
            assert!(page.status == 200 && page.text.contains(told), "{at}: {}", page.text);
        }
        assert_eq!(service.entries("wording.test", "failed").await, 7);
        only_tried(&service, 0).await;
    }
}
