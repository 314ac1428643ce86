//! What the pages show and do, in both languages.

use countersign::domain::admin::Role;

use crate::code::wrong;
use crate::life::CLIENT;
use crate::on_both;
use crate::service::{api_key, ruiz};

on_both! {
    async fn every_page_is_told_whole_in_both_languages(service: Service) {
        let (challenge, code) = service.code_out().await;
        service.checked(&challenge, &wrong(&code)).await;
        service.checked(&challenge, &code).await;
        service.enrolled().await;
        service.drain().await;
        let desk = service.desk(Role::Owner, None).await;
        for lang in ["en", "es"] {
            let pages = ["/admin/sign-in?", "/admin?", "/admin/new?", "/admin/sessions?", "/admin/nothing?"].map(str::to_owned);
            let own = ["?", "/clients?", "/clients?q=lead&", "/clients?q=zzz&", "/users?", "/users?q=zzz&", "/audit?", "/audit?client=zzz&", "/messages?", "/messages?state=failed&", "/events?", "/events?state=parked&", "/keys?", "/templates?", "/templates?of=client_code/email/es&", "/templates?of=session_invite/sms/en&", "/settings/eligibility?", "/settings/brand?", "/settings/timing?", "/settings/two_step?", "/settings/company?"];
            let own = own.map(|page| format!("/admin/t/cornerstone{page}"));
            let client = format!("/admin/t/cornerstone/client?id={CLIENT}&");
            let empty = ["?", "/clients?", "/users?", "/audit?", "/messages?", "/events?"].map(|page| format!("/admin/t/compeo{page}"));
            for path in pages.into_iter().chain(own).chain([client]).chain(empty) {
                let page = service.see(&desk, &format!("{path}lang={lang}")).await;
                assert!(page.status == 200 || path.contains("nothing"), "{path} {}: {}", page.status, page.text);
                assert!(page.text.contains(&format!("<html lang=\"{lang}\">")), "{path}");
                for fault in ["admin.", "{n}", "{name}", "channel.", "page.other"] {
                    assert!(!page.text.replace("/assets/admin.css", "").replace("/assets/admin.js", "").contains(fault), "{fault} on {path}: {}", page.text);
                }
                assert!(!page.text.contains(&code) && !page.text.contains("ana@"), "{path}");
                let policy = page.header("content-security-policy").unwrap();
                assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"), "{policy}");
            }
        }
        let kept = service.browser("GET", "/admin/sign-in", "__Host-countersign-lang=es", &[]).await;
        assert!(kept.text.contains("Iniciar sesión"));
    }
}

on_both! {
    async fn support_unlocks_and_ends_and_the_record_names_them(service: Service) {
        let (challenge, code) = service.code_out().await;
        for _ in 0..5 {
            service.checked(&challenge, &wrong(&code)).await;
        }
        let desk = service.desk(Role::Support, None).await;
        let path = format!("/admin/t/cornerstone/client?id={CLIENT}");
        let page = service.see(&desk, &path).await.text;
        assert!(page.contains("Ana Ruiz") && page.contains("Unlock") && !page.contains("End the verification"), "{page}");
        assert!(page.contains("Checked a code") && page.contains("Wrong"), "{page}");
        service.send_form(&desk, &path, &[("do", "unlock")]).await;
        assert_eq!(service.status(CLIENT).await["state"], "not_verified");
        service.advance(60);
        let (challenge, code) = service.code_for(CLIENT, "c-1").await;
        service.checked(&challenge, &code).await;
        let page = service.see(&desk, &path).await.text;
        assert!(page.contains("End the verification") && !page.contains("Unlock</button>"), "{page}");
        service.send_form(&desk, &path, &[("do", "revoke")]).await;
        assert_eq!(service.status(CLIENT).await["state"], "not_verified");
        let by = "select count(*) from audit where tenant_id = 'cornerstone' and actor_kind = 'admin' and actor_id like 'adm_%'";
        assert_eq!(service.database.count(by).await, 2);
    }
}

on_both! {
    async fn a_reset_needs_a_reason_which_is_on_the_record(service: Service) {
        service.enrolled().await;
        let desk = service.desk(Role::Admin, None).await;
        let path = "/admin/t/cornerstone/users";
        for reason in ["", "  ", &"x".repeat(201)] {
            let answer = service.send_form(&desk, path, &[("user", "u-77"), ("reason", reason)]).await;
            assert_eq!(answer.status, 422);
            assert!(answer.text.contains("Write a reason"), "{}", answer.text);
        }
        assert_eq!(service.user_now().await["state"], "enrolled");
        let done = service.send_form(&desk, path, &[("user", "u-77"), ("reason", "New phone, known by voice")]).await;
        assert_eq!(done.status, 303);
        assert_eq!(service.user_now().await["state"], "none");
        let kept = "select count(*) from audit where action = 'user.reset' and actor_kind = 'admin' and detail like '%known by voice%'";
        assert_eq!(service.database.count(kept).await, 1);
        assert!(service.see(&desk, "/admin/t/cornerstone/audit?action=user.reset").await.text.contains("known by voice"));
    }
}

on_both! {
    async fn lists_are_filtered_by_the_address_and_paged(service: Service) {
        for n in 0..60 {
            service.call("PUT", &format!("/api/v1/clients/lead-{n:03}"), &api_key("cornerstone"), Some(&ruiz())).await.expect(201);
            service.advance(1);
        }
        let desk = service.desk(Role::Auditor, None).await;
        let first = service.see(&desk, "/admin/t/cornerstone/audit?action=client.put").await.text.replace("&#x3D;", "=");
        assert!(first.contains("lead-059") && first.contains("lead-010") && !first.contains("lead-009"));
        let older = regex::Regex::new("href=\"(\\?[^\"]*page=aud_[^\"]*)\"").unwrap();
        let older = older.captures(&first).unwrap()[1].replace("&amp;", "&").replace("&#x3D;", "=");
        let next = service.see(&desk, &format!("/admin/t/cornerstone/audit{older}")).await.text;
        assert!(next.contains("lead-009") && !next.contains("lead-010") && !next.contains("page=aud_"));
        let some = service.see(&desk, "/admin/t/cornerstone/clients?q=lead-03").await.text;
        assert!(some.contains("lead-030") && some.contains("lead-039") && !some.contains("lead-040"));
        let other = service.see(&desk, "/admin/t/cornerstone/clients?q=LEAD-03").await.text;
        assert!(other.contains("No client"), "ids are the host's own words, in their case");
        for odd in ["%25", "_", "%27%20or%201=1", "%F0%9F%92%A9"] {
            let found = service.see(&desk, &format!("/admin/t/cornerstone/clients?q={odd}")).await;
            assert!(found.status == 200 && found.text.contains("No client"), "{odd}: {}", found.text);
        }
        for odd in ["q=%00", "since=yesterday", "page=zzz", "page=%00", "state=zzz", "client=%00"] {
            for list in ["clients", "audit", "messages", "events", "users"] {
                let found = service.see(&desk, &format!("/admin/t/cornerstone/{list}?{odd}")).await;
                assert_eq!(found.status, 200, "{list} {odd}: {}", found.text);
            }
        }
    }
}
