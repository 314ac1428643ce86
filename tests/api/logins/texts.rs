//! Text messages as a second step: a number set up by the code that goes there, and signing in by one.

use futures_util::future::join_all;
use serde_json::json;

use crate::code::wrong;
use crate::guest::proof_of;
use crate::login::{NUMBER, codes_in};
use crate::on_both;
use crate::opt_outs::gateway_says;
use crate::service::Service;
use crate::wordings::worded;

/// How many texts with a code went to the number.
fn codes_texted(service: &Service) -> usize {
    let mail = service.mail();
    let code = |text: &serde_json::Value| text.as_str().unwrap().contains("sign-in code");
    mail.iter().filter(|one| one["to"] == NUMBER && code(&one["text"])).count()
}

on_both! {
    async fn a_number_counts_from_the_code_that_is_texted_there_and_signs_in_by_the_next(service: Service) {
        service.workflow("login", json!({"always_required_roles": ["payroll"]})).await;
        service.user("payroll").await;
        let (login, path) = service.sign_in_page().await;
        let page = service.page(&path).await;
        assert!(page.text.contains("Use text messages</button>") && page.text.contains("An app is safer."), "{}", page.text);
        assert_eq!(service.does(&path, "choose_text", "").await.header("location"), Some("?step=number"));
        let number = format!("{path}?step=number");
        let field = service.page(&number).await;
        assert!(field.text.contains("Mobile number</label>") && field.text.contains("data rates may apply"), "{}", field.text);
        let bad = service.form(&number, &[("do", "number"), ("number", "305-55")]).await;
        assert!(bad.status == 422 && bad.text.contains("That is not a mobile number.") && bad.text.contains("value=\"305-55\""), "{}", bad.text);
        let chosen = service.form(&number, &[("do", "number"), ("number", "(305) 555-0142")]).await;
        assert_eq!((chosen.status, chosen.header("location")), (303, Some("?step=text")));
        service.drain().await;
        let text = service.texted(NUMBER);
        assert!(text.contains(" is your Cornerstone sign-in code. Don't share it with anyone. We'll never ask you for it.\n\n@127.0.0.1 #"), "{text}");
        let code = service.texted_code(NUMBER);
        let typing = format!("{path}?step=text");
        let page = service.page(&typing).await;
        assert!(page.text.contains("Sent to the phone ending in 42.") && !page.text.contains("555-0142"), "{}", page.text);
        let missed = service.does(&typing, "confirm_number", &wrong(&code)).await;
        assert!(missed.status == 422 && missed.text.contains("That code is not right. Check the newest text"), "{}", missed.text);
        assert!(service.does(&typing, "confirm_number", "12 34").await.text.contains("The code has 6 digits."));
        assert_eq!(service.begin().await.expect(200)["decision"], "enroll", "a number alone counts for nothing");
        assert_eq!(codes_in(&service.does(&typing, "confirm_number", &code).await).len(), 10);
        assert_eq!(service.does(&path, "app", "").await.status, 200, "a sign-in sets one way up, and changes nothing then");
        let passed = service.form(&path, &[("do", "finish"), ("saved", "1")]).await;
        assert_eq!(service.redeem_login(&login, &proof_of(&passed)).await.expect(200)["method"], "sms");
        assert_eq!(service.user_now().await["methods"], json!(["sms"]));

        service.advance(60);
        let (login, path) = service.sign_in_page().await;
        let page = service.page(&path).await;
        assert!(page.text.contains("We text a code to the phone ending in 42.") && !page.text.contains("id=\"code\""), "{}", page.text);
        assert_eq!(service.mail().iter().filter(|one| one["to"] == NUMBER).count(), 1, "reading sends nothing");
        assert_eq!(service.does(&path, "text", "").await.header("location"), Some("?step=text"));
        service.drain().await;
        let next = service.texted_code(NUMBER);
        let typing = format!("{path}?step=text");
        assert_eq!(service.does(&typing, "check_text", &code).await.status, 422, "the first code signs nobody in");
        let passed = service.does(&typing, "check_text", &next).await;
        assert_eq!(service.redeem_login(&login, &proof_of(&passed)).await.expect(200)["method"], "sms");
        let (_, path) = service.sign_in_page().await;
        let used = service.does(&format!("{path}?step=text"), "check_text", &next).await;
        assert!(used.status == 422 && used.text.contains("That code has expired. Get a new one."), "{}", used.text);
        let told = service.emailed("maria@crm.example");
        assert!(told.len() == 1 && told[0].contains("Text messages were added."), "{told:?}");
        let dump = service.database.dump().await.join("\n");
        for secret in [code.as_str(), &next, "+13055550142", "3055550142"] {
            let readable = [secret.to_owned(), hex::encode(secret)];
            assert!(readable.iter().all(|text| !dump.contains(text)), "{secret} is readable in the database");
        }
    }
}

on_both! {
    async fn another_number_voids_the_code_that_went_to_the_one_before(service: Service) {
        service.workflow("login", json!({"always_required_roles": ["payroll"]})).await;
        service.user("payroll").await;
        let (_, path) = service.sign_in_page().await;
        let number = async |number: &str| service.form(&path, &[("do", "number"), ("number", number)]).await;
        number("305 555 0142").await;
        service.drain().await;
        let first = service.texted_code(NUMBER);
        service.advance(30);
        number("305 555 0142").await;
        service.drain().await;
        assert_eq!(service.texted_code(NUMBER), first, "sent again it is the same");
        service.advance(30);
        number("305 555 0177").await;
        service.drain().await;
        assert_eq!(service.does(&path, "confirm_number", &first).await.status, 422);
        codes_in(&service.does(&path, "confirm_number", &service.texted_code("+13055550177")).await);
    }
}

on_both! {
    async fn texts_have_limits_and_a_code_five_tries(service: Service) {
        service.enrolled_by_text().await;
        let (_, path) = service.sign_in_page().await;
        let typing = format!("{path}?step=text");
        service.does(&typing, "text", "").await;
        service.drain().await;
        let soon = service.does(&typing, "text", "").await;
        assert!(soon.status == 422 && soon.text.contains("another code in 30 seconds"), "{}", soon.text);
        let code = service.texted_code(NUMBER);
        for at in 1..=5 {
            let missed = service.does(&typing, "check_text", &wrong(&code)).await;
            assert_eq!(missed.status, 422);
            assert_eq!(missed.text.contains("Too many wrong codes. Get a new one."), at == 5, "{at}: {}", missed.text);
        }
        let over = service.does(&typing, "check_text", &code).await;
        assert!(over.status == 422 && over.text.contains("Too many wrong codes. Get a new one."), "{}", over.text);
        // With the one that set it up: five in a quarter of an hour.
        for at in 2..=5 {
            service.advance(30);
            let sent = service.does(&typing, "text", "").await;
            assert_eq!(sent.status, if at < 5 { 303 } else { 422 }, "{at}: {}", sent.text);
            assert_eq!(sent.text.contains("Too many codes. Try again at "), at == 5, "{}", sent.text);
        }
        service.drain().await;
        assert_ne!(service.texted_code(NUMBER), code);
        for _ in 0..5 {
            service.does(&typing, "check_text", &wrong(&service.texted_code(NUMBER))).await;
        }
        let locked = service.does(&typing, "text", "").await;
        assert!(locked.status == 429 && locked.text.contains("Too many tries."), "{}", locked.text);
        assert_eq!(service.user_now().await["state"], "locked");
    }
}

on_both! {
    async fn of_fifty_at_once_with_one_texted_code_one_gets_in(service: Service) {
        service.enrolled_by_text().await;
        let mut paths = Vec::new();
        for _ in 0..10 {
            paths.push(service.sign_in_page().await.1);
        }
        service.does(&paths[0], "text", "").await;
        service.drain().await;
        let code = service.texted_code(NUMBER);
        let replies = join_all((0..50).map(|at| service.does(&paths[at % 10], "check_text", &code))).await;
        assert_eq!(replies.iter().filter(|reply| reply.status == 303).count(), 1);
        service.advance(60);
        let (_, path) = service.sign_in_page().await;
        service.does(&path, "text", "").await;
        service.drain().await;
        let missed = wrong(&service.texted_code(NUMBER));
        let replies = join_all((0..50).map(|at| {
            let (deed, code) = if at % 2 == 0 { ("check_text", missed.as_str()) } else { ("backup", "ABCDEFGHJKMN") };
            service.does(&path, deed, code)
        })).await;
        assert!(replies.iter().all(|reply| reply.status != 303));
        assert!(service.entries("login.check", "incorrect").await <= 10, "all kinds share ten wrong tries");
    }
}

on_both! {
    async fn nothing_is_texted_to_who_is_gone_or_was_reset(service: Service) {
        service.enrolled_by_text().await;
        let (_, path) = service.sign_in_page().await;
        service.does(&path, "text", "").await;
        let before = codes_texted(&service);
        service.delete("/api/v1/users/u-77/second-step").await.expect(200);
        service.drain().await;
        assert_eq!(codes_texted(&service), before);
        assert!(service.texted(NUMBER).contains(": an admin reset your 2-step login on "), "{}", service.texted(NUMBER));
        assert_eq!(service.entries("message.send", "dropped").await, 1);
        let told = service.emailed("maria@crm.example");
        assert!(told.last().unwrap().contains("An administrator reset your 2-step login."), "{told:?}");
        assert_eq!(service.user_now().await["methods"], json!([]));
    }
}

on_both! {
    async fn who_gets_in_by_another_way_leaves_no_code_behind(service: Service) {
        let codes = service.enrolled_by_text().await;
        let (_, path) = service.sign_in_page().await;
        service.does(&path, "text", "").await;
        service.drain().await;
        let code = service.texted_code(NUMBER);
        assert_eq!(service.does(&path, "backup", &codes[0]).await.status, 303);
        let (_, path) = service.sign_in_page().await;
        let late = service.does(&format!("{path}?step=text"), "check_text", &code).await;
        assert!(late.status == 422 && late.text.contains("Get a new one."), "{}", late.text);
        service.advance(30);
        service.does(&path, "text", "").await;
        assert_eq!(service.does(&path, "backup", &codes[1]).await.status, 303);
        let before = codes_texted(&service);
        service.drain().await;
        assert_eq!(codes_texted(&service), before, "and no code");
    }
}

on_both! {
    async fn what_changes_is_texted_to_the_number_that_counted_before(service: Service) {
        let codes = service.enrolled_by_text().await;
        assert!(service.texted(NUMBER).contains("sign-in code"), "the first number is told nothing new: {}", service.texted(NUMBER));
        let (_, path) = service.sign_in_page().await;
        assert_eq!(service.does(&path, "backup", &codes[0]).await.status, 303);
        service.drain().await;
        assert!(service.texted(NUMBER).contains(": a backup code was used to sign in on "), "{}", service.texted(NUMBER));
        assert!(service.emailed("maria@crm.example").last().unwrap().contains("9 left"));

        let page = service.manage_page().await;
        service.does(&page, "backup", &codes[1]).await;
        service.form(&page, &[("do", "number"), ("number", "305 555 0177")]).await;
        service.drain().await;
        assert_eq!(service.does(&page, "confirm_number", &service.texted_code("+13055550177")).await.status, 303);
        service.drain().await;
        assert!(service.texted(NUMBER).contains(": another phone number was added to your sign-in on "), "{}", service.texted(NUMBER));
        assert!(service.texted("+13055550177").contains("sign-in code"), "the new one hears nothing of itself");

        // Who wants no texts is told by email alone.
        assert!(gateway_says(&service, "+13055550177", "STOP").await.status < 300);
        let before = service.mail().iter().filter(|one| one["to"] == "+13055550177").count();
        service.delete("/api/v1/users/u-77/second-step").await.expect(200);
        service.drain().await;
        assert_eq!(service.mail().iter().filter(|one| one["to"] == "+13055550177").count(), before);
        assert!(service.emailed("maria@crm.example").last().unwrap().contains("reset your 2-step login"));
        let dump = service.database.dump().await.join("\n");
        assert!(!dump.contains("13055550142") && !dump.contains("13055550177"), "a number is readable in the database");
    }
}

on_both! {
    async fn the_news_of_a_second_step_says_the_tenants_own_words(service: Service) {
        let codes = service.enrolled_by_text().await;
        worded(&service, "login_changed/sms/en", "", "{{brand}} says: {{change}}, {{date}}. Was it you?").await;
        worded(&service, "login_changed/email/en", "{{brand}} has news", "{{change}}.{{#if effect}} {{effect}}{{/if}}\n\nNot you <or> yours? {{phone}}").await;
        let (_, path) = service.sign_in_page().await;
        assert_eq!(service.does(&path, "backup", &codes[0]).await.status, 303);
        service.drain().await;
        let text = service.texted(NUMBER);
        assert!(text.starts_with("Cornerstone says: a backup code was used to sign in, ") && text.ends_with(". Was it you?"), "{text}");
        service.delete("/api/v1/users/u-77/second-step").await.expect(200);
        service.drain().await;
        let emails = service.emailed("maria@crm.example");
        let [.., first, second] = &emails[..] else { panic!("{emails:?}") };
        assert!(first.contains("A backup code was used to sign in. 9 left.\n\nNot you <or> yours? 800-555-0199"), "{first}");
        assert!(second.contains("reset your 2-step login. You will set it up again the next time you sign in.\n\nNot you"), "{second}");
    }
}

on_both! {
    async fn a_no_to_a_sign_in_code_reports_no_client(service: Service) {
        service.know("lead-1").await.expect(201);
        service.ask("lead-1", "c-1").await.expect(201);
        service.drain().await;
        service.enrolled_by_text().await;
        assert!(gateway_says(&service, NUMBER, "NO").await.status < 300);
        let status = service.get("/api/v1/clients/lead-1/status").await.expect(200);
        assert_ne!(status["state"], "reported");
        let listed = service.get("/api/v1/messages?client=u-77").await.expect(200);
        assert_eq!(listed["items"], json!([]), "a user is no client");
        let all = service.get("/api/v1/messages").await.expect(200);
        assert!(all["items"].as_array().unwrap().iter().any(|one| one["purpose"] == "login_code" && one.get("client").is_none()));
    }
}

on_both! {
    async fn a_phone_that_wants_no_texts_is_told_apart(service: Service) {
        service.enrolled_by_text().await;
        assert_eq!(gateway_says(&service, NUMBER, "STOP").await.status, 200);
        let (_, path) = service.sign_in_page().await;
        let refused = service.does(&path, "text", "").await;
        assert!(refused.status == 422 && refused.text.contains("That phone stopped our texts (STOP)."), "{}", refused.text);
        assert!(refused.text.contains("Use a backup code</button>"), "there is another way");
    }
}
