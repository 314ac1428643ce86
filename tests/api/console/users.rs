//! Users and their second step: who is shown, reminded and exempt.

use countersign::domain::admin::Role;
use serde_json::json;

use crate::on_both;
use crate::service::{Service, api_key};
use crate::wordings::worded;

const PAGE: &str = "/admin/t/cornerstone/users";

async fn user(service: &Service, id: &str, role: &str) {
    let body = json!({"name": format!("Sue {id}"), "role": role, "email": format!("{id}@crm.example"), "locale": "en"});
    service
        .call("PUT", &format!("/api/v1/users/{id}"), &api_key("cornerstone"), Some(&body))
        .await
        .expect(201);
}

async fn decision(service: &Service, id: &str) -> String {
    let path = format!("/api/v1/users/{id}/logins");
    let begun = service.post(&path, json!({"return_url": "https://crm.example/in"})).await;
    begun.expect(200)["decision"].as_str().unwrap().to_owned()
}

on_both! {
    async fn groups_are_links_with_their_sizes(service: Service) {
        service.enrolled_by_text().await;
        user(&service, "u-1", "agent").await;
        user(&service, "u-2", "agent").await;
        let desk = service.desk(Role::Auditor, None).await;
        let page = service.see(&desk, PAGE).await.text.replace("&#x3D;", "=");
        for (view, told) in [("all", "All 3"), ("enrolled", "Set up 1"), ("not_enrolled", "Not set up 2"), ("text_only", "Text only 1"), ("no_backup_codes", "No backup codes 0"), ("locked", "Locked 0")] {
            assert!(page.contains(&format!("<a id=\"view-{view}\" href=\"?view={view}\"")) && page.contains(&format!(">{told}</a>")), "{view}: {page}");
        }
        assert!(page.contains("Nobody needs a second step yet. Always for: payroll. 1 of 3 have set it up."), "{page}");
        assert!(page.contains("href=\"settings/two_step\""));
        let texts = service.see(&desk, &format!("{PAGE}?view=text_only")).await.text;
        assert!(texts.contains("Maria Lopez") && !texts.contains("Sue u-1") && texts.contains("All 3"), "{texts}");
        let open = service.see(&desk, &format!("{PAGE}?view=not_enrolled&q=u-2")).await.text;
        assert!(open.contains("Sue u-2") && !open.contains("Sue u-1") && open.contains("Not set up 2"), "{open}");
        assert!(!page.contains("Send reminder") && !page.contains("type=\"checkbox\""), "an auditor is offered nothing");
    }
}

on_both! {
    async fn who_has_not_set_up_what_they_need_is_reminded_once_a_day(service: Service) {
        service.enrolled().await;
        service.workflow("login", json!({"required_from": "2027-03-10", "always_required_roles": ["payroll"]})).await;
        for id in ["u-1", "u-2", "u-3"] {
            user(&service, id, "agent").await;
        }
        let desk = service.desk(Role::Admin, None).await;
        let none = service.send_form(&desk, PAGE, &[("do", "remind")]).await;
        assert!(none.status == 422 && none.text.contains("Choose at least one user"), "{}", none.text);
        worded(&service, "login_reminder/email/en", "Set it up", "{{#if from}}From {{from}} on you cannot sign in without it.{{/if}} {{brand}} asks.").await;
        let chosen = [("do", "remind"), ("user", "u-1"), ("user", "u-2"), ("user", "u-77"), ("user", "nobody")];
        let sent = service.send_form(&desk, &format!("{PAGE}?view=all"), &chosen).await;
        assert_eq!(sent.header("location"), Some("/admin/t/cornerstone/users?view=all&reminded=2"), "who is set up needs none");
        let page = service.see(&desk, sent.header("location").unwrap()).await.text;
        assert!(page.contains("Reminder sent to 2 people"), "{page}");
        let again = service.send_form(&desk, PAGE, &[("do", "remind"), ("user", "u-1"), ("user", "u-3")]).await;
        assert_eq!(again.header("location"), Some("/admin/t/cornerstone/users?reminded=1"), "one a day");
        service.drain().await;
        for id in ["u-1", "u-2", "u-3"] {
            let mail = service.emailed(&format!("{id}@crm.example"));
            assert!(mail.len() == 1 && mail[0].contains("From Mar 10 on you cannot sign in without it. Cornerstone asks."), "{mail:?}");
        }
        let page = service.see(&desk, "/admin/t/cornerstone/messages?state=sent&lang=es").await.text;
        assert!(page.contains("Recordatorio del segundo paso"), "{page}");
        let kept = "select count(*) from audit where action = 'user.remind' and actor_kind = 'admin' and outcome = 'queued'";
        assert_eq!(service.database.count(kept).await, 3);
        service.advance(24 * 3600);
        let desk = service.desk(Role::Owner, None).await;
        let later = service.send_form(&desk, PAGE, &[("do", "remind"), ("user", "u-1")]).await;
        assert_eq!(later.header("location"), Some("/admin/t/cornerstone/users?reminded=1"));
    }
}

on_both! {
    async fn who_has_set_it_up_meanwhile_gets_no_reminder(service: Service) {
        service.workflow("login", json!({"always_required_roles": ["payroll"]})).await;
        service.user("payroll").await;
        let desk = service.desk(Role::Admin, None).await;
        let sent = service.send_form(&desk, PAGE, &[("do", "remind"), ("user", "u-77")]).await;
        assert_eq!(sent.header("location"), Some("/admin/t/cornerstone/users?reminded=1"));
        service.enrolled().await;
        service.drain().await;
        let told = service.emailed("maria@crm.example").concat();
        assert!(told.contains("An authenticator app was added") && !told.contains("asks you to set up"), "{told}");
        let dropped = "select count(*) from message where purpose = 'login_reminder' and state = 'dropped'";
        assert_eq!(service.database.count(dropped).await, 1);
    }
}

on_both! {
    async fn who_is_exempt_signs_in_without_it_until_that_day_is_over(service: Service) {
        service.workflow("login", json!({"required_from": "2026-11-01"})).await;
        user(&service, "u-1", "agent").await;
        user(&service, "u-2", "agent").await;
        let desk = service.desk(Role::Admin, None).await;
        let form = |until: &'static str, reason: &'static str| {
            [("do", "exempt"), ("user", "u-1"), ("until", until), ("reason", reason)]
        };
        for (until, reason, told) in [
            ("", "On leave", "Choose a day from today on"),
            ("2026-11-19", "On leave", "Choose a day from today on"),
            ("2027-06-01", "On leave", "Choose a day from today on"),
            ("2026-11-21", " ", "Write a reason"),
        ] {
            let answer = service.send_form(&desk, PAGE, &form(until, reason)).await;
            assert!(answer.status == 422 && answer.text.contains(told), "{until} {reason}: {}", answer.text);
            assert!(answer.text.contains("checked") && answer.text.contains(&format!("value=\"{until}\"")), "what was typed stays");
        }
        assert_eq!(decision(&service, "u-1").await, "enroll");
        assert_eq!(service.send_form(&desk, PAGE, &form("2026-11-21", "On leave")).await.status, 303);
        let page = service.see(&desk, PAGE).await.text;
        assert!(page.contains("Exempt to Nov 21"), "{page}");
        let seen = service.get("/api/v1/users/u-1").await.expect(200);
        assert_eq!((&seen["exempt_until"], &seen["required"]), (&json!("2026-11-22T05:00:00Z"), &json!(false)), "{seen}");
        assert_eq!((decision(&service, "u-1").await, decision(&service, "u-2").await), ("allow".to_owned(), "enroll".to_owned()));
        let entry = "select detail from audit where action = 'user.exempt' and actor_kind = 'admin'";
        let detail = service.database.texts(entry).await.concat();
        assert!(detail.contains("On leave") && detail.contains("2026-11-22T05:00:00Z"), "{detail}");
        let remind = service.send_form(&desk, PAGE, &[("do", "remind"), ("user", "u-1")]).await;
        assert_eq!(remind.header("location"), Some("/admin/t/cornerstone/users?reminded=0"), "who is exempt is left alone");
        // To the last second of the day where the tenant is.
        let left = countersign::domain::timestamp::Timestamp::parse("2026-11-22T05:00:00Z").unwrap().seconds() - service.clock_seconds();
        service.advance(u64::try_from(left - 1).unwrap());
        assert_eq!(decision(&service, "u-1").await, "allow");
        service.advance(1);
        assert_eq!(decision(&service, "u-1").await, "enroll");
        assert!(service.get("/api/v1/users/u-1").await.expect(200)["exempt_until"].is_null());
    }
}

on_both! {
    async fn an_exemption_ends_early(service: Service) {
        service.workflow("login", json!({"always_required_roles": ["payroll"]})).await;
        service.user("payroll").await;
        let desk = service.desk(Role::Admin, None).await;
        let until = [("do", "exempt"), ("user", "u-77"), ("until", "2026-12-31"), ("reason", "On leave")];
        service.send_form(&desk, PAGE, &until).await;
        assert_eq!(decision(&service, "u-77").await, "allow");
        let end = [("do", "require"), ("user", "u-77"), ("until", "2026-12-31"), ("reason", "Back")];
        assert_eq!(service.send_form(&desk, PAGE, &end).await.status, 303);
        assert_eq!(decision(&service, "u-77").await, "enroll");
        let ended = "select count(*) from audit where action = 'user.exempt' and outcome = 'ended' and detail like '%2027-01-01T05:00:00Z%'";
        assert_eq!(service.database.count(ended).await, 1, "with what was before");
    }
}
