//! A tenant's own wordings in the console: kept on a fault, by one at a time, with every version to go back to.

use countersign::domain::admin::Role;
use countersign::domain::wording::Spot;
use countersign::message::render::built_in;

use crate::admin::Desk;
use crate::on_both;
use crate::service::{Reply, Service};

const OF: &str = "client_code/sms/en";
const PAGE: &str = "/admin/t/cornerstone/templates";

/// The words of a page without what the engine escapes.
fn words(page: &Reply) -> String {
    [("&#x3D;", "="), ("&quot;", "\""), ("&#x27;", "'"), ("&amp;", "&")]
        .into_iter()
        .fold(page.text.clone(), |text, (from, to)| text.replace(from, to))
}

async fn send(service: &Service, desk: &Desk, base: &str, deed: &str, more: (&str, &str)) -> Reply {
    service.send_form(desk, PAGE, &[("of", OF), ("base", base), ("do", deed), more]).await
}

async fn see(service: &Service, desk: &Desk) -> String {
    words(&service.see(desk, &format!("{PAGE}?of={OF}")).await)
}

const ONE: &str = "{{brand}}: {{code}} is for one.\nCall {{phone}}";
const TWO: &str = "{{code}} is for two. {{phone}}";

on_both! {
    async fn a_wording_is_published_shown_restored_and_taken_back(service: Service) {
        let desk = service.desk(Role::Admin, Some(&["cornerstone"])).await;
        let page = see(&service, &desk).await;
        assert!(page.contains("{{code}} is your {{brand}} code. Read it only to our agent") && page.contains("name=\"base\" value=\"0\""), "{page}");
        assert!(page.contains("Nothing was published yet.") && !page.contains("Use the built-in text"), "{page}");
        let shown = send(&service, &desk, "0", "show", ("body", ONE)).await;
        assert_eq!((shown.status, service.database.count("select count(*) from wording").await), (200, 0));
        let shown = words(&shown);
        assert!(shown.contains("Acme Relief Center: 482 913 is for one.\nCall 1-800-555-0199</p>") || shown.contains("Acme Relief Center: 123 456 is for one.\nCall 1-800-555-0199</p>"), "{shown}");
        assert!(shown.contains(" characters, 1 text<") && shown.contains(">\n{{brand}}: {{code}} is for one."), "{shown}");
        for (base, body) in [("0", ONE), ("1", TWO)] {
            let done = send(&service, &desk, base, "publish", ("body", body)).await;
            assert_eq!((done.status, done.header("location")), (303, Some("/admin/t/cornerstone/templates?of=client_code/sms/en&saved=1")), "{}", done.text);
        }
        let page = see(&service, &desk).await;
        assert!(page.contains(&format!("<pre class=\"bubble\" lang=\"en\">{ONE}\n</pre>")) && page.contains("Restore version 1") && !page.contains("Restore version 2"), "{page}");
        let list = words(&service.see(&desk, PAGE).await);
        assert!(list.contains("Own text, version 2") && list.contains("Built-in text"), "{list}");
        assert_eq!(send(&service, &desk, "2", "restore", ("version", "1")).await.status, 303);
        assert_eq!(send(&service, &desk, "3", "built_in", ("version", "")).await.status, 303);
        let bodies = service.database.texts("select body from wording where tenant_id = 'cornerstone' and author like 'admin adm_%' order by version").await;
        assert_eq!(bodies, [ONE, TWO, ONE, ""]);
        for wrong in [("restore", ("version", "9")), ("publish", ("of", "client_receipt/voice/en"))] {
            let fields = [("of", wrong.1.1), ("base", "4"), ("do", wrong.0), wrong.1];
            let fields = if wrong.0 == "restore" { [("of", OF), fields[1], fields[2], fields[3]] } else { fields };
            assert_eq!(service.send_form(&desk, PAGE, &fields).await.status, 404, "{wrong:?}");
        }
        assert_eq!(service.entries("wording.publish", "done").await, 4);
        let told = service.see(&desk, "/admin/t/cornerstone/audit?action=wording.publish&lang=es").await;
        assert!(told.text.contains("Publicó un texto propio"), "{}", told.text);
    }
}

on_both! {
    async fn a_call_is_worded_line_by_line_with_its_length(service: Service) {
        let desk = service.desk(Role::Admin, Some(&["cornerstone"])).await;
        for (lang, meaning, long) in [
            ("en", "After key 1. The only line with the code.", "About 40 seconds, for whoever hears it once."),
            ("es", "Después de la tecla 1. La única línea con el código.", "Unos 40 segundos, para quien la oye una vez."),
        ] {
            let page = words(&service.see(&desk, &format!("{PAGE}?of=client_code/voice/en&lang={lang}")).await);
            assert!(page.contains("gate: Hello. This is {{brand}} with a code for the call") && page.contains("code: Your code is: {{code}} Again: {{code}}\n"), "{page}");
            assert!(page.contains(&format!("<code>code:</code> <span class=\"small\">{meaning}</span>")) && page.contains(long), "{page}");
            assert!(page.contains("code: Your code is: 1 2 3 4 5 6 Again: 1 2 3 4 5 6\n") && !page.contains("name=\"subject\""), "{page}");
        }
        let built_in = built_in(Spot::parse("client_code", "voice", "en").unwrap()).body;
        let early = built_in.replace("press 1.", "press 1, or here it is: {{code}}.");
        let of = |body| [("of", "client_code/voice/en"), ("base", "0"), ("do", "publish"), ("body", body)];
        let wrong = service.send_form(&desk, &format!("{PAGE}?lang=es"), &of(&early)).await;
        assert!(wrong.status == 422 && words(&wrong).contains("Línea 1: {{code}} puede estar solo en la línea code:, que se dice después de oprimir una tecla."), "{}", wrong.text);
        assert_eq!(service.database.count("select count(*) from wording").await, 0);
        let done = service.send_form(&desk, PAGE, &of(&built_in.replace("Hello.", "Good day."))).await;
        assert_eq!(done.header("location"), Some("/admin/t/cornerstone/templates?of=client_code/voice/en&saved=1"), "{}", done.text);
    }
}

on_both! {
    async fn what_was_typed_is_kept_where_it_is_wrong_or_late(service: Service) {
        let (one, two) = (service.desk(Role::Owner, None).await, service.desk(Role::Admin, None).await);
        let wrong = send(&service, &one, "0", "publish", ("body", "{{code}}\nSee </textarea><b>acme.com")).await;
        assert_eq!((wrong.status, service.database.count("select count(*) from wording").await), (422, 0));
        assert!(!wrong.text.contains("<b>"), "{}", wrong.text);
        let told = words(&wrong);
        assert!(told.contains("Line 2: &lt;/textarea&gt;&lt;b&gt;acme.com looks like an address.") && told.contains("aria-invalid=\"true\""), "{told}");
        assert!(told.contains("\n{{code}}\nSee &lt;/textarea&gt;&lt;b&gt;acme.com</textarea>") && told.contains("Not published."), "{told}");
        assert_eq!(send(&service, &one, "0", "publish", ("body", ONE)).await.status, 303);
        let late = send(&service, &two, "0", "publish", ("body", TWO)).await;
        assert_eq!(late.status, 409);
        let told = words(&late);
        assert!(told.contains("Somebody else published version 1 meanwhile.") && told.contains(&format!(">{ONE}\n</pre>")), "{told}");
        assert!(told.contains(&format!("\n{TWO}</textarea>")) && told.contains("name=\"base\" value=\"1\""), "{told}");
        assert_eq!(service.database.count("select count(*) from wording").await, 1);
        // Whoever sends the answer as it is has seen the other one.
        assert_eq!(send(&service, &two, "1", "publish", ("body", TWO)).await.status, 303);
        let email = service.send_form(&one, PAGE, &[("of", "client_code/email/es"), ("base", "0"), ("do", "publish"), ("subject", "{{code}}"), ("body", "Hola {{code}} {{phone}}")]).await;
        assert!(email.status == 422 && words(&email).contains("Subject: {{code}} is not known here. Known are "), "{}", email.text);
        assert!(words(&email).contains("name=\"subject\" value=\"{{code}}\""), "{}", email.text);
    }
}

on_both! {
    async fn what_is_too_long_is_told_and_not_lost(service: Service) {
        let desk = service.desk(Role::Admin, None).await;
        // As long as a wording and its subject may be, each character at its longest on the way.
        let most = "\u{1f600}".repeat(4000);
        let email = [("of", "client_code/email/en"), ("base", "0"), ("do", "show"), ("subject", &most), ("body", &most)];
        let page = service.send_form(&desk, PAGE, &email).await;
        assert!(page.status == 200 && page.text.contains(&most), "{}", page.status);
        let over = format!("{most}!");
        let told = send(&service, &desk, "0", "publish", ("body", &over)).await;
        assert!(told.status == 422 && told.text.contains("more than 4000 characters") && told.text.contains(&over), "{}", told.status);
        for (lang, title, back) in [
            ("en", "This is longer than what can be sent", "about 256,000 characters"),
            ("es", "Esto es más largo de lo que se puede enviar", "El botón Atrás de su navegador devuelve lo que escribió"),
        ] {
            let long = "x".repeat(256 * 1024);
            let refused = service.send_form(&desk, &format!("{PAGE}?lang={lang}"), &[("of", OF), ("do", "publish"), ("body", &long)]).await;
            assert_eq!(refused.status, 413);
            let text = words(&refused);
            assert!(text.contains(&format!("<h1>{title}</h1>")) && text.contains(back) && text.contains("class=\"skip\""), "{text}");
        }
        let nobody = service.browser("POST", "/admin/sign-in", "", &[("email", &"x".repeat(16 * 1024))]).await;
        assert!(nobody.status == 413 && nobody.text.contains("about 16,000 characters"), "{}", nobody.text);
        assert_eq!(service.database.count("select count(*) from wording").await, 0);
    }
}
