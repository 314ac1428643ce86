//! The page where a user who is in changes their second step: each change needs a code just typed there.

use serde_json::json;

use crate::login::{NUMBER, codes_in};
use crate::on_both;
use crate::service::api_key;

/// Every change that the page knows.
const CHANGES: [&[(&str, &str)]; 7] = [
    &[("do", "app")],
    &[("do", "number"), ("number", "305 555 0177")],
    &[("do", "renew")],
    &[("do", "remove_app")],
    &[("do", "remove_text")],
    &[("do", "distrust")],
    &[("do", "finish"), ("saved", "1")],
];

on_both! {
    async fn a_user_adds_a_way_takes_one_away_and_goes_back(service: Service) {
        let (phone, codes) = service.enrolled().await;
        let path = service.manage_page().await;
        let asked = service.page(&path).await;
        assert!(asked.text.contains("Prove first that it is you.") && !asked.text.contains("Trust this device"), "{}", asked.text);
        let proven = service.does(&path, "check", &phone.shows(&service, 0)).await;
        assert_eq!((proven.status, proven.header("location")), (303, Some("?step=start")));
        let page = service.page(&path).await;
        for text in ["Your 2-step login</h1>", "On since Nov 20", "Not set up", "10 left", "None. Each asks for a code."] {
            assert!(page.text.contains(text), "{text} is not in {}", page.text);
        }
        assert!(!page.text.contains("value=\"remove_app\""), "the only way is kept where one is needed");
        service.form(&format!("{path}?step=number"), &[("do", "number"), ("number", "305 555 0142")]).await;
        service.drain().await;
        let added = service.does(&format!("{path}?step=text"), "confirm_number", &service.texted_code(NUMBER)).await;
        assert_eq!((added.status, added.header("location")), (303, Some("?step=start")), "the backup codes are as they were");
        assert_eq!(service.user_now().await["methods"], json!(["authenticator", "sms"]));
        let (_, sign_in) = service.sign_in_page().await;
        assert!(service.page(&sign_in).await.text.contains("Use a text message</button>"));
        assert_eq!(service.does(&path, "remove_app", "").await.status, 303);
        assert_eq!(service.user_now().await["methods"], json!(["sms"]));
        assert_eq!(service.does(&path, "remove_text", "").await.status, 200, "one is needed");
        let fresh = codes_in(&service.does(&path, "renew", "").await);
        assert!(fresh.len() == 10 && !fresh.contains(&codes[0]));
        assert_eq!(service.form(&path, &[("do", "finish"), ("saved", "1")]).await.header("location"), Some("?step=start"));
        let left = service.does(&path, "leave", "").await;
        assert_eq!((left.status, left.header("location")), (303, Some("https://crm.example/profile?tab=2")), "without a proof");
        assert_eq!(service.page(&path).await.status, 404);
        service.drain().await;
        assert_eq!(service.pushed("user.changed"), 3);
        let told = service.emailed("maria@crm.example").join("\n");
        for text in ["An authenticator app was added.", "Text messages were added.", "The authenticator app was removed.", "New backup codes were made."] {
            assert!(told.contains(text), "{text} is not in {told}");
        }
    }
}

on_both! {
    async fn nothing_changes_before_a_code_or_a_quarter_of_an_hour_after_it(service: Service) {
        let (phone, codes) = service.enrolled().await;
        let before = service.user_now().await;
        let path = service.manage_page().await;
        let (_, sign_in) = service.sign_in_page().await;
        for fields in CHANGES {
            for page in [&path, &sign_in] {
                let reply = service.form(page, fields).await;
                assert!(reply.status == 200 && reply.text.contains("Enter your sign-in code"), "{fields:?}: {} {}", reply.status, reply.text);
            }
        }
        assert_eq!(service.user_now().await, before);
        service.does(&path, "check", &phone.shows(&service, 0)).await;
        service.advance(899);
        assert_eq!(service.does(&path, "app", "").await.status, 303);
        service.advance(1);
        let stale = service.does(&format!("{path}?step=app"), "confirm", "123456").await;
        assert!(stale.text.contains("Enter your sign-in code"), "{}", stale.text);
        for fields in CHANGES {
            assert_eq!(service.form(&path, fields).await.status, 200, "{fields:?}");
        }
        assert_eq!(service.user_now().await, before);
        assert_eq!(service.does(&sign_in, "leave", "").await.status, 200, "a sign-in ends by its code");
        let wrong_kind = service.does(&path, "backup", &codes[0]).await;
        assert_eq!(wrong_kind.header("location"), Some("?step=start"), "a backup code proves it, too");
    }
}

on_both! {
    async fn backup_codes_are_drawn_for_a_quarter_of_an_hour_and_no_longer(service: Service) {
        let (phone, _) = service.enrolled().await;
        let path = service.manage_page().await;
        service.does(&path, "check", &phone.shows(&service, 0)).await;
        codes_in(&service.does(&path, "renew", "").await);
        service.advance(899);
        assert!(service.page(&path).await.text.contains("Get new codes."));
        codes_in(&service.does(&path, "renew", "").await);
        service.advance(1);
        let stale = service.does(&path, "renew", "").await;
        assert!(!stale.text.contains("<li><code>") && !stale.text.contains("Get new codes."), "{}", stale.text);
        assert_eq!(service.entries("backup_codes.renew", "renewed").await, 2);
        service.form(&path, &[("do", "finish"), ("saved", "1")]).await;
        assert!(service.page(&path).await.text.contains("Prove first that it is you."));
        service.drain().await;
        assert_eq!(service.emailed("maria@crm.example").iter().filter(|mail| mail.contains("New backup codes")).count(), 1, "the news of the first are idle");
    }
}

on_both! {
    async fn a_change_on_one_page_ends_what_the_others_have_proven(service: Service) {
        let (phone, codes) = service.enrolled().await;
        let (own, other) = (service.manage_page().await, service.manage_page().await);
        service.does(&other, "check", &phone.shows(&service, 0)).await;
        service.form(&other, &[("do", "number"), ("number", "305 555 0177")]).await;
        service.does(&own, "backup", &codes[0]).await;
        let key = service.scans(&own).await;
        assert_eq!(service.does(&own, "confirm", &key.shows(&service, 0)).await.status, 303);
        assert!(service.page(&other).await.text.contains("Prove first that it is you."));
        service.drain().await;
        assert!(service.mail().iter().all(|one| one["to"] != "+13055550177"), "what it was about to set up is over");
        assert_eq!(service.does(&other, "remove_app", "").await.status, 200);
        assert_eq!(service.does(&own, "renew", "").await.status, 200);
        assert_eq!(service.user_now().await["methods"], json!(["authenticator"]));
    }
}

on_both! {
    async fn a_second_step_by_choice_can_be_set_up_and_given_up(service: Service) {
        service.user("agent").await;
        let path = service.manage_page().await;
        let page = service.page(&path).await;
        assert!(page.text.contains("A second step protects your account") && page.text.contains("Back</button>") && !page.text.contains("Remind me"), "{}", page.text);
        let phone = service.scans(&path).await;
        codes_in(&service.does(&path, "confirm", &phone.shows(&service, 0)).await);
        assert_eq!(service.form(&path, &[("do", "finish"), ("saved", "1")]).await.header("location"), Some("?step=start"));
        assert_eq!(service.begin().await.expect(200)["decision"], "challenge");
        assert_eq!(service.does(&path, "remove_app", "").await.status, 303);
        assert!(service.page(&path).await.text.contains("Protect your account"));
        let now = service.user_now().await;
        assert_eq!((&now["state"], &now["backup_codes_left"]), (&json!("none"), &json!(0)));
        assert_eq!(service.begin().await.expect(200)["decision"], "allow");
        let away = service.post("/api/v1/users/u-77/manage", json!({"return_url": "https://evil.example/"})).await;
        assert_eq!(away.problem(422), "return_url_not_allowed");
        let nobody = service.post("/api/v1/users/u-78/manage", json!({"return_url": "https://crm.example/"})).await;
        assert_eq!(nobody.problem(404), "not_found");
    }
}

on_both! {
    async fn the_host_decides_who_needs_a_second_step(service: Service) {
        service.user("Payroll").await;
        let policy = "/api/v1/two-step-policy";
        let put = |body: serde_json::Value| {
            let service = &service;
            async move { service.call("PUT", policy, &api_key("cornerstone"), Some(&body)).await }
        };
        let none = json!({"required_from": null, "always_required_roles": [], "trust_days": 30});
        let told = json!({"always_required_roles": [], "trust_days": 30});
        assert_eq!(service.get(policy).await.expect(200), told);
        assert_eq!(service.begin().await.expect(200)["decision"], "allow");
        let wanted = json!({"required_from": "2026-12-24", "always_required_roles": ["payroll"], "trust_days": 7});
        assert_eq!(put(wanted.clone()).await.expect(200), wanted);
        assert_eq!(service.get(policy).await.expect(200), wanted);
        assert_eq!(service.begin().await.expect(200)["decision"], "enroll");
        for (field, value) in [("trust_days", json!(91)), ("required_from", json!("24.12.2026"))] {
            let mut bad = wanted.clone();
            bad[field] = value;
            let refused = put(bad).await;
            assert!(refused.text.contains(field), "{}", refused.text);
            assert_eq!(refused.problem(400), "invalid_request");
        }
        let unsaid = put(told.clone()).await;
        assert_eq!(unsaid.problem(400), "invalid_request", "nobody is let in by what was left out");
        assert_eq!(put(none.clone()).await.expect(200), told);
        assert_eq!(put(none).await.expect(200), told);
        assert_eq!(service.begin().await.expect(200)["decision"], "allow");
        assert_eq!(service.entries("two_step_policy.change", "done").await, 2, "the same once more changes nothing");
    }
}
