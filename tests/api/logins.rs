//! A second step when users of the CRM sign in: setting an app up, its codes and backup codes, and the proof that the host
//! redeems.

mod manage;
mod texts;
mod trust;

use futures_util::future::join_all;
use serde_json::json;

use crate::code::wrong;
use crate::guest::proof_of;
use crate::login::codes_in;
use crate::on_both;
use crate::service::api_key;

on_both! {
    async fn a_user_sets_an_app_up_and_signs_in_by_it(service: Service) {
        service.workflow("login", json!({"always_required_roles": ["Payroll"]})).await;
        let named = service.user("payroll").await;
        assert_eq!((&named["state"], &named["required"]), (&json!("none"), &json!(true)));
        let begun = service.begin().await.expect(200);
        assert_eq!(begun["decision"], "enroll");
        let (login, path) = service.sign_in_page().await;
        let page = service.page(&path).await;
        assert_eq!(page.status, 200);
        for text in ["<h1>Protect your account</h1>", "Cornerstone asks for a second step", "Use an authenticator app</button>"] {
            assert!(page.text.contains(text), "{text} is not in {}", page.text);
        }
        assert!(!page.text.contains("Remind me later"), "it is required now");
        assert!(page.header("content-security-policy").unwrap().contains("form-action 'self' https://crm.example;"));
        let phone = service.scans(&path).await;
        assert_eq!(service.scans(&path).await.key, phone.key, "asked again, the picture stays");
        let page = service.page(&format!("{path}?step=app")).await;
        assert!(page.text.contains("<svg") && page.text.contains("Turn on</button>"), "{}", page.text);
        let app = format!("{path}?step=app");
        let missed = service.does(&app, "confirm", &wrong(&phone.shows(&service, 0))).await;
        assert_eq!(missed.status, 422);
        assert!(missed.text.contains("That code is not right."), "{}", missed.text);
        assert_eq!(service.begin().await.expect(200)["decision"], "enroll", "a key alone counts for nothing");
        let first = phone.shows(&service, 0);
        let codes = codes_in(&service.does(&app, "confirm", &first).await);
        assert_eq!(codes.len(), 10);
        let unsaved = service.does(&path, "finish", "").await;
        assert!(unsaved.status == 422 && unsaved.text.contains("Save the codes first"), "{}", unsaved.text);
        assert!(!unsaved.text.contains(&codes[0]), "they are shown once");
        let passed = service.form(&path, &[("do", "finish"), ("saved", "1")]).await;
        let proof = proof_of(&passed);
        assert_eq!(passed.header("location").unwrap(), format!("https://crm.example/in?next=%2F&proof={proof}"));
        let redeemed = service.redeem_login(&login, &proof).await.expect(200);
        assert_eq!(redeemed, json!({"verified_at": "2026-11-20T15:04:05Z", "method": "authenticator"}));
        assert_eq!(service.redeem_login(&login, &proof).await.problem(404), "not_found");
        assert_eq!(service.page(&path).await.status, 404, "the page is over");
        service.drain().await;
        let told = service.push_data("user.enrolled");
        assert_eq!((&told["id"], &told["state"], &told["backup_codes_left"]), (&json!("u-77"), &json!("enrolled"), &json!(10)));

        assert_eq!(service.begin().await.expect(200)["decision"], "challenge");
        let (login, path) = service.sign_in_page().await;
        let page = service.page(&path).await;
        for text in ["<h1>Enter your sign-in code</h1>", "From your authenticator app", "autocomplete=\"one-time-code\"", "Use a backup code"] {
            assert!(page.text.contains(text), "{text} is not in {}", page.text);
        }
        assert_eq!(service.does(&path, "check", &first).await.status, 422, "the code that set it up signs nobody in");
        let passed = service.does(&path, "check", &phone.shows(&service, 1)).await;
        let redeemed = service.redeem_login(&login, &proof_of(&passed)).await.expect(200);
        assert_eq!(redeemed["method"], "authenticator");
        assert_eq!(service.user_now().await["last_sign_in"], "2026-11-20T15:04:05Z");
        for action in [("login.begin", "enroll"), ("second_step.set", "enrolled"), ("second_step.check", "incorrect"), ("second_step.check", "verified"), ("login.check", "verified"), ("login.pass", "passed"), ("proof.redeem", "redeemed")] {
            assert!(service.entries(action.0, action.1).await > 0, "{action:?}");
        }
        let dump = service.database.dump().await.join("\n");
        let key = phone.key.replace(' ', "");
        for secret in [key.as_str(), &codes[1], &codes[1].replace('-', ""), &proof] {
            let told = [secret.to_owned(), hex::encode(secret)];
            assert!(told.iter().all(|text| !dump.contains(text)), "{secret} is readable in the database");
        }
    }
}

on_both! {
    async fn a_key_that_one_sign_in_showed_is_of_no_use_on_another(service: Service) {
        service.workflow("login", json!({"always_required_roles": ["payroll"]})).await;
        service.user("payroll").await;
        let (_, theirs) = service.sign_in_page().await;
        let (_, own) = service.sign_in_page().await;
        let seen = service.scans(&theirs).await;
        let phone = service.scans(&own).await;
        assert_ne!(seen.key, phone.key);
        assert_eq!(service.does(&own, "confirm", &seen.shows(&service, 0)).await.status, 422);
        codes_in(&service.does(&own, "confirm", &phone.shows(&service, 0)).await);
        let late = service.does(&theirs, "confirm", &seen.shows(&service, 0)).await;
        assert!(late.text.contains("Enter your sign-in code"), "there is an app by now: {}", late.text);
        assert_eq!(service.does(&theirs, "check", &seen.shows(&service, 1)).await.status, 422);
        assert_eq!(service.does(&theirs, "check", &phone.shows(&service, 1)).await.status, 303);
    }
}

on_both! {
    async fn a_backup_code_signs_in_once_however_it_is_typed(service: Service) {
        let (_, codes) = service.enrolled().await;
        for (typed, good) in [
            (codes[0].to_lowercase().replace('-', " "), true),
            (codes[0].clone(), false),
            (codes[1].replace('0', "O").replace('1', "l"), true),
            ("ABCD-EFGH-JKMN".to_owned(), false),
        ] {
            let (login, path) = service.sign_in_page().await;
            let path = format!("{path}?step=backup");
            assert!(service.page(&path).await.text.contains("<label for=\"code\">Backup code</label>"));
            let reply = service.does(&path, "backup", &typed).await;
            assert_eq!(reply.status == 303, good, "{typed}: {}", reply.text);
            if good {
                assert_eq!(service.redeem_login(&login, &proof_of(&reply)).await.expect(200)["method"], "backup_code");
            } else {
                assert!(reply.text.contains("That backup code is not right or was already used."), "{}", reply.text);
            }
        }
        assert_eq!(service.user_now().await["backup_codes_left"], 8);
        service.drain().await;
        assert_eq!(service.pushed("user.changed"), 2);
        for code in &codes[2..7] {
            let (_, path) = service.sign_in_page().await;
            assert_eq!(service.does(&path, "backup", code).await.status, 303);
        }
        let (_, path) = service.sign_in_page().await;
        assert!(service.page(&path).await.text.contains("You have 3 backup codes left."));
    }
}

on_both! {
    async fn fifty_at_once_with_one_code_let_one_in(service: Service) {
        for deed in ["check", "backup"] {
            let (phone, codes) = service.enrolled().await;
            let code = if deed == "check" { phone.shows(&service, 0) } else { codes[0].clone() };
            let mut paths = Vec::new();
            for _ in 0..10 {
                paths.push(service.sign_in_page().await.1);
            }
            let replies = join_all((0..50).map(|at| service.does(&paths[at % 10], deed, &code))).await;
            assert_eq!(replies.iter().filter(|reply| reply.status == 303).count(), 1, "{deed}");
            // Whoever came after them was wrong, and nobody gets more than ten wrong tries.
            assert!(service.entries("login.check", "incorrect").await <= 20);
            service.delete("/api/v1/users/u-77/second-step").await.expect(200);
        }
    }
}

on_both! {
    async fn ten_wrong_in_all_lock_whatever_they_were_codes_of(service: Service) {
        let (phone, codes) = service.enrolled().await;
        let (_, path) = service.sign_in_page().await;
        for at in 0..10 {
            // No more than three of one code.
            service.advance(if at == 4 { 30 } else { 0 });
            let missed = wrong(&phone.shows(&service, 0));
            let (deed, code) = if at % 2 == 0 { ("check", missed.as_str()) } else { ("backup", "ABCDEFGHJKMN") };
            let reply = service.does(&path, deed, code).await;
            assert_eq!(reply.status, if at < 9 { 422 } else { 429 }, "{at}: {}", reply.text);
        }
        assert_eq!(service.user_now().await["state"], "locked");
        for (deed, code) in [("check", phone.shows(&service, 0)), ("backup", codes[0].clone())] {
            let locked = service.does(&path, deed, &code).await;
            assert_eq!(locked.status, 429);
            assert!(locked.text.contains("Too many tries. Try again at 11:05 AM."), "{}", locked.text);
            assert!(!locked.text.contains("id=\"code\""), "nothing can be typed");
        }
        assert_eq!(service.user_now().await["backup_codes_left"], 10, "a right one was not taken");
        service.advance(3600);
        let (_, path) = service.sign_in_page().await;
        assert_eq!(service.does(&path, "check", &phone.shows(&service, 0)).await.status, 303);
    }
}

on_both! {
    async fn three_wrong_of_one_code_wait_for_the_next(service: Service) {
        let (phone, codes) = service.enrolled().await;
        let (_, path) = service.sign_in_page().await;
        let right = phone.shows(&service, 0);
        for _ in 0..3 {
            let missed = service.does(&path, "check", &wrong(&right)).await;
            assert!(missed.text.contains("That code is not right."), "{}", missed.text);
        }
        let waits = service.does(&path, "check", &right).await;
        assert!(waits.status == 422 && waits.text.contains("Wait until your app shows the next one."), "{}", waits.text);
        assert_eq!(service.entries("login.check", "incorrect").await, 3, "what is not compared is no try");
        service.advance(30);
        assert_eq!(service.does(&path, "check", &phone.shows(&service, 0)).await.status, 303);
        let (_, path) = service.sign_in_page().await;
        for _ in 0..4 {
            service.does(&path, "check", &wrong(&right)).await;
        }
        assert_eq!(service.does(&path, "backup", &codes[0]).await.status, 303, "a backup code need not wait");
    }
}

on_both! {
    async fn an_old_a_future_and_a_used_step_are_refused(service: Service) {
        let (phone, _) = service.enrolled().await;
        let (_, path) = service.sign_in_page().await;
        for steps in [-2, 2] {
            assert_eq!(service.does(&path, "check", &phone.shows(&service, steps)).await.status, 422, "{steps}");
        }
        service.advance(30);
        let next = phone.shows(&service, 1);
        assert_eq!(service.does(&path, "check", &next).await.status, 303);
        let (_, path) = service.sign_in_page().await;
        for steps in [0, 1] {
            assert_eq!(service.does(&path, "check", &phone.shows(&service, steps)).await.status, 422, "no step twice, none before it");
        }
        service.advance(30);
        assert_eq!(service.does(&path, "check", &next).await.status, 422, "nor in its own time");
        assert_eq!(service.user_now().await["last_sign_in"], json!("2026-11-20T15:05:35Z"));
    }
}

on_both! {
    async fn until_its_day_the_second_step_can_be_put_off(service: Service) {
        service.user("agent").await;
        let begun = service.begin().await.expect(200);
        assert_eq!((&begun["decision"], begun.get("url")), (&json!("allow"), None));
        service.workflow("login", json!({"required_from": "2026-11-22"})).await;
        assert_eq!(service.user_now().await["required_from"], "2026-11-22T05:00:00Z");
        let (login, path) = service.sign_in_page().await;
        let page = service.page(&path).await;
        assert!(page.text.contains("You must set this up by Nov 22.") && page.text.contains("Remind me later</button>"), "{}", page.text);
        let later = service.does(&path, "later", "").await;
        assert_eq!(service.redeem_login(&login, &proof_of(&later)).await.expect(200)["method"], "later");
        service.advance(2 * 86400);
        let (_, path) = service.sign_in_page().await;
        assert!(!service.page(&path).await.text.contains("Remind me later"));
        assert_eq!(service.does(&path, "later", "").await.status, 200, "no button, no way");
    }
}

on_both! {
    async fn nothing_opens_what_is_not_its_own(service: Service) {
        let (phone, _) = service.enrolled().await;
        let (login, path) = service.sign_in_page().await;
        let (other, _) = service.sign_in_page().await;
        let proof = proof_of(&service.does(&path, "check", &phone.shows(&service, 0)).await);
        assert_eq!(service.redeem_login(&other, &proof).await.problem(404), "not_found");
        let body = json!({"proof": proof});
        let foreign = service.call("POST", &format!("/api/v1/logins/{login}/proof"), &api_key("compeo"), Some(&body)).await;
        assert_eq!(foreign.problem(404), "not_found");
        service.advance(300);
        assert_eq!(service.redeem_login(&login, &proof).await.problem(404), "not_found", "five minutes are over");
        let away = service.post("/api/v1/users/u-77/logins", json!({"return_url": "https://evil.example/"})).await;
        assert_eq!(away.problem(422), "return_url_not_allowed");
        let nobody = service.post("/api/v1/users/u-78/logins", json!({"return_url": "https://crm.example/"})).await;
        assert_eq!(nobody.problem(404), "not_found");
        let (_, signer) = service.signing(&crate::guest::signing()).await;
        assert_eq!(service.page(&signer.replace("/p/", "/login/")).await.status, 404);
        let (_, path) = service.sign_in_page().await;
        assert_eq!(service.page(&path.replace("/login/", "/p/")).await.status, 404);
        let stranger = service.request("POST", &path).header("origin", "https://evil.example").header("content-type", "application/x-www-form-urlencoded");
        assert_eq!(service.send(stranger.body("do=check&code=000000")).await.status, 403);
        service.advance(1800);
        assert_eq!(service.page(&path).await.status, 404, "half an hour is over");
    }
}

on_both! {
    async fn a_reset_voids_all_of_it_and_the_next_sign_in_sets_up_anew(service: Service) {
        let (phone, codes) = service.enrolled().await;
        let (_, path) = service.sign_in_page().await;
        let view = service.delete("/api/v1/users/u-77/second-step").await.expect(200);
        assert_eq!((&view["state"], &view["backup_codes_left"]), (&json!("none"), &json!(0)));
        assert_eq!(service.page(&path).await.status, 404, "a sign-in that waited is void");
        service.drain().await;
        assert_eq!(service.pushed("user.reset"), 1);
        assert_eq!(service.begin().await.expect(200)["decision"], "enroll");
        let (_, path) = service.sign_in_page().await;
        for (deed, code) in [("check", phone.shows(&service, 0)), ("backup", codes[0].clone())] {
            assert_eq!(service.does(&path, deed, &code).await.status, 200, "there is nothing to type");
        }
        assert_ne!(service.scans(&path).await.key, phone.key);
        assert_eq!(service.delete("/api/v1/users/u-77").await.status, 204);
        assert_eq!(service.page(&path).await.status, 404);
        assert_eq!(service.get("/api/v1/users/u-77").await.problem(404), "not_found");
        assert_eq!(service.delete("/api/v1/users/u-77").await.problem(404), "not_found");
    }
}

on_both! {
    async fn users_are_listed_sorted_and_chosen(service: Service) {
        for (id, name, role) in [("u-1", "Zoe Park", "agent"), ("u-2", "ana Ruiz", "payroll"), ("u-3", "Luis Vega", "agent")] {
            let body = json!({"name": name, "email": format!("{id}@crm.example"), "role": role});
            let put = service.call("PUT", &format!("/api/v1/users/{id}"), &api_key("cornerstone"), Some(&body)).await;
            assert_eq!(put.status, 201);
        }
        service.enrolled().await;
        for (query, expected) in [
            ("", vec!["u-2", "u-3", "u-77", "u-1"]),
            ("?sort=-name", vec!["u-1", "u-77", "u-3", "u-2"]),
            ("?sort=role", vec!["u-3", "u-1", "u-2", "u-77"]),
            ("?sort=last_sign_in&state=enrolled", vec!["u-77"]),
            ("?q=RUIZ", vec!["u-2"]),
            ("?page=2", vec![]),
            ("?method=authenticator", vec!["u-77"]),
            ("?method=sms", vec![]),
        ] {
            let list = service.get(&format!("/api/v1/users{query}")).await.expect(200);
            let ids: Vec<_> = list["items"].as_array().unwrap().iter().map(|user| user["id"].as_str().unwrap().to_owned()).collect();
            assert_eq!(ids, expected, "{query}");
        }
        for query in ["?sort=age", "?state=asleep", "?method=fax"] {
            assert_eq!(service.get(&format!("/api/v1/users{query}")).await.problem(422), "unknown_value", "{query}");
        }
        assert_eq!(service.get("/api/v1/users?page=0").await.problem(400), "invalid_request");
        let bad = json!({"name": "Zoe", "email": "zoe", "role": "agent"});
        let refused = service.call("PUT", "/api/v1/users/u-9", &api_key("cornerstone"), Some(&bad)).await;
        assert_eq!(refused.problem(422), "contact_invalid");
    }
}
