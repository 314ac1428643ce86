//! Signing in: a password and a second step, in one browser, and not for ever.

use countersign::domain::admin::Role;
use countersign::domain::contact::Email;
use countersign::domain::proof::Proof;
use countersign::usecase::admin::Visitor;
use countersign::usecase::admin::accounts::{self, choose};
use countersign::usecase::admin::sign_in::{Typed, sign_in};
use serde_json::json;

use crate::admin::{Desk, PASSWORD, cookie, form_key};
use crate::guest::proof_of;
use crate::on_both;
use crate::service::Service;

const ADA: &str = "ada@acme.example";

/// Whether a browser is shown the companies.
async fn is_in(service: &Service, cookie: &str) -> bool {
    let answer = service.browser("GET", "/admin", cookie, &[]).await;
    match (answer.status, answer.header("location")) {
        (200, None) => true,
        (303, Some("/admin/sign-in")) => false,
        other => panic!("{other:?}: {}", answer.text),
    }
}

async fn signs_in_again(service: &Service, desk: &Desk) -> String {
    let typed = service.types_password(ADA, PASSWORD).await;
    let (half, page) = (cookie(&typed), Service::step_page(&typed));
    let passed = service.does(&page, "check", &desk.phone.shows(service, 0)).await;
    let entered = service.browser("GET", &format!("/admin/in?proof={}", proof_of(&passed)), &half, &[]).await;
    service.advance(60);
    cookie(&entered)
}

on_both! {
    async fn who_has_a_password_and_a_second_step_is_in(service: Service) {
        service.account(ADA, Role::Owner, None).await;
        let typed = service.types_password(ADA, PASSWORD).await;
        let set = typed.header("set-cookie").unwrap();
        for part in ["__Host-countersign-admin=", "; HttpOnly", "; Secure", "; SameSite=Lax", "; Path=/"] {
            assert!(set.contains(part), "{part} in {set}");
        }
        let half = cookie(&typed);
        assert!(!is_in(&service, &half).await, "half way");
        let desk = service.signs_in_first(ADA).await;
        assert!(is_in(&service, &desk.cookie).await);
        assert!(!is_in(&service, &half).await);
        let again = signs_in_again(&service, &desk).await;
        assert!(is_in(&service, &again).await && is_in(&service, &desk.cookie).await, "on two devices");
        assert_ne!(again, desk.cookie);
        for outcome in ["password", "signed_in"] {
            assert!(service.entries("admin.sign_in", outcome).await >= 2, "{outcome}");
        }
        let dump = service.database.dump().await.join("\n");
        let token = desk.cookie.split_once('=').unwrap().1;
        for secret in [PASSWORD, "kettle", ADA, token] {
            assert!(!dump.contains(secret), "{secret}");
        }
    }
}

on_both! {
    async fn what_is_wrong_is_not_told_and_is_counted(service: Service) {
        service.account(ADA, Role::Owner, None).await;
        let wrong = service.types_password(ADA, "kettle moss lantern 8").await;
        let nobody = service.types_password("nobody@acme.example", PASSWORD).await;
        assert_eq!((wrong.status, nobody.status), (422, 422));
        assert_eq!(wrong.text.replace(ADA, ""), nobody.text.replace("nobody@acme.example", ""));
        assert!(wrong.text.contains(&format!("value=\"{ADA}\"")) && !wrong.text.contains("lantern"), "what was typed stays, but the password");
        assert!(wrong.header("set-cookie").is_none());
        assert_eq!((service.entries("admin.sign_in", "wrong").await, service.entries("admin.sign_in", "unknown").await), (1, 1));
        for _ in 0..4 {
            assert_eq!(service.types_password(ADA, "kettle moss lantern 9").await.status, 422);
        }
        let refused = service.types_password(ADA, PASSWORD).await;
        assert_eq!(refused.status, 429, "the sixth from one place, right or not");
        assert_eq!(refused.header("retry-after"), Some("900"));
        assert!(refused.text.contains("Try again in 15 minutes"), "{}", refused.text);
        assert_eq!(service.entries("admin.sign_in", "wrong").await, 5);
        assert_eq!(service.entries("admin.sign_in", "password").await, 0);
        service.advance(15 * 60);
        assert_eq!(service.types_password(ADA, PASSWORD).await.status, 303);
    }
}

on_both! {
    async fn a_network_of_ipv6_is_counted_as_one(service: Service) {
        let (email, wrong) = (Email::parse(ADA).unwrap(), "kettle moss lantern 9");
        let password = choose(wrong, &email, "Ada Park").unwrap();
        let guess = async |address: &str| {
            let from = Visitor { address: address.to_owned(), device: String::new() };
            matches!(sign_in(service.app.desk(), (ADA, &password), "", &from).await.unwrap(), Typed::TooMany { .. })
        };
        for host in 1..=5 {
            assert!(!guess(&format!("2001:db8:1:2::{host}")).await, "{host}");
        }
        assert!(guess("2001:db8:1:2:ffff::6").await, "another address of one network");
        assert!(!guess("2001:db8:1:3::1").await, "another network");
    }
}

on_both! {
    async fn fifty_guesses_at_once_are_counted_one_by_one(service: Service) {
        service.account(ADA, Role::Owner, None).await;
        let guesses = (0..50).map(|n| {
            let service = &service;
            async move { service.types_password(ADA, &format!("kettle moss lantern {n}0")).await.status }
        });
        let answers = futures_util::future::join_all(guesses).await;
        // Whoever finds the pool full has not guessed.
        let compared = answers.iter().filter(|status| **status == 422).count();
        assert!(compared <= 5 && answers.iter().all(|status| [422, 429, 503].contains(status)), "{answers:?}");
        assert!(service.entries("admin.sign_in", "wrong").await <= 5);
    }
}

on_both! {
    async fn a_proof_lets_in_only_the_browser_that_typed_the_password_and_once(service: Service) {
        service.account(ADA, Role::Owner, None).await;
        let desk = service.signs_in_first(ADA).await;
        let typed = service.types_password(ADA, PASSWORD).await;
        let (half, page) = (cookie(&typed), Service::step_page(&typed));
        let other = cookie(&service.types_password(ADA, PASSWORD).await);
        let passed = service.does(&page, "check", &desk.phone.shows(&service, 0)).await;
        let enter = format!("/admin/in?proof={}", proof_of(&passed));
        for foreign in ["", other.as_str(), "__Host-countersign-admin=made-up"] {
            let answer = service.browser("GET", &enter, foreign, &[]).await;
            assert_eq!((answer.status, answer.header("set-cookie")), (303, None), "{foreign}");
        }
        let entered = service.browser("GET", &enter, &half, &[]).await;
        assert!(is_in(&service, &cookie(&entered)).await);
        let again = service.browser("GET", &enter, &half, &[]).await;
        assert_eq!(again.header("set-cookie"), None, "once");
        assert!(!format!("{:?}", Proof::given("abc")).contains("abc"));
    }
}

on_both! {
    async fn a_session_ends_by_rest_by_age_and_by_the_epoch(service: Service) {
        let desk = service.desk(Role::Owner, None).await;
        service.advance(28 * 60);
        assert!(is_in(&service, &desk.cookie).await);
        service.advance(29 * 60);
        assert!(is_in(&service, &desk.cookie).await, "it was used meanwhile");
        service.advance(31 * 60);
        assert!(!is_in(&service, &desk.cookie).await, "it rested");

        let email = "owner@acme.example";
        let signs_in = async || {
            let typed = service.types_password(email, PASSWORD).await;
            let (half, page) = (cookie(&typed), Service::step_page(&typed));
            let passed = service.does(&page, "check", &desk.phone.shows(&service, 0)).await;
            let entered = service.browser("GET", &format!("/admin/in?proof={}", proof_of(&passed)), &half, &[]).await;
            service.advance(60);
            cookie(&entered)
        };
        let old = signs_in().await;
        for _ in 0..28 {
            service.advance(25 * 60);
            assert!(is_in(&service, &old).await);
        }
        service.advance(25 * 60);
        assert!(!is_in(&service, &old).await, "twelve hours are over");
        let open = signs_in().await;
        countersign::usecase::tenant::bump_epoch::bump_epoch(service.app.desk()).await.unwrap();
        assert!(!is_in(&service, &open).await, "what was open is ended");
    }
}

on_both! {
    async fn a_half_session_and_none_reach_nothing_but_the_second_step(service: Service) {
        service.account(ADA, Role::Owner, None).await;
        let half = cookie(&service.types_password(ADA, PASSWORD).await);
        let before = service.database.dump().await;
        for (method, path) in crate::console::roles::ROUTES {
            if ["/admin/sign-in", "/admin/in"].contains(path) {
                continue;
            }
            for cookie in ["", &half, "__Host-countersign-admin="] {
                let answer = service.browser(method, path, cookie, &[("do", "unlock"), ("key", "x")]).await;
                assert_eq!((answer.status, answer.header("location")), (303, Some("/admin/sign-in")), "{method} {path}");
            }
        }
        assert_eq!(service.database.dump().await, before);
    }
}

on_both! {
    async fn forms_count_only_from_pages_of_the_same_session(service: Service) {
        let (desk, other) = (service.desk(Role::Owner, None).await, service.desk(Role::Admin, None).await);
        let foreign_key = form_key(&service.see(&other, "/admin/sessions").await);
        for key in ["", "x", &foreign_key] {
            let answer = service.browser("POST", "/admin/sign-out", &desk.cookie, &[("key", key)]).await;
            assert_eq!(answer.status, 403, "{key}");
        }
        let key = form_key(&service.see(&desk, "/admin/sessions").await);
        for (header, value) in [("origin", "https://evil.example"), ("origin", "null"), ("sec-fetch-site", "cross-site")] {
            let form = service.request("POST", "/admin/sign-out").header(header, value).header("cookie", &desk.cookie);
            let form = form.header("content-type", "application/x-www-form-urlencoded").body(format!("key={key}"));
            assert_eq!(service.browse(form).await.status, 403, "{header} {value}");
        }
        assert!(is_in(&service, &desk.cookie).await);
        let out = service.browser("POST", "/admin/sign-out", &desk.cookie, &[("key", &key)]).await;
        assert_eq!((out.status, out.header("location")), (303, Some("/admin/sign-in")));
        assert!(!is_in(&service, &desk.cookie).await && is_in(&service, &other.cookie).await);
    }
}

on_both! {
    async fn one_signs_out_other_devices_and_nobody_elses(service: Service) {
        service.account(ADA, Role::Owner, None).await;
        let desk = service.signs_in_first(ADA).await;
        let other = signs_in_again(&service, &desk).await;
        let foreign = service.desk(Role::Support, None).await;
        let page = service.see(&desk, "/admin/sessions").await;
        assert!(page.text.contains("Chrome, Windows") && page.text.contains("127.0.0.1"), "{}", page.text);
        let ids: Vec<_> = regex::Regex::new("value=\"(ads_[0-9a-z]+)\"").unwrap().captures_iter(&page.text).map(|found| found[1].to_owned()).collect();
        assert_eq!(ids.len(), 1, "the other one, not this one");
        service.send_form(&foreign, "/admin/sessions", &[("session", &ids[0])]).await;
        assert!(is_in(&service, &other).await, "of somebody else's nothing happens");
        service.send_form(&desk, "/admin/sessions", &[("session", &ids[0])]).await;
        assert!(!is_in(&service, &other).await && is_in(&service, &desk.cookie).await);
        let third = signs_in_again(&service, &desk).await;
        service.send_form(&desk, "/admin/sessions", &[]).await;
        assert!(!is_in(&service, &third).await && is_in(&service, &desk.cookie).await && is_in(&service, &foreign.cookie).await);
    }
}

on_both! {
    async fn an_operator_changes_and_takes_away_accounts(service: Service) {
        let desk = service.desk(Role::Owner, None).await;
        let (app, owner) = (service.app.desk(), Email::parse("owner@acme.example").unwrap());
        let refused = accounts::remove_admin(app, &owner).await.unwrap_err();
        assert!(refused.to_string().contains("last owner"), "{refused}");
        let refused = accounts::set_password(app, &owner, "owner@acme.example").await.unwrap_err();
        assert!(refused.to_string().contains("would be guessed"), "{refused}");
        assert!(is_in(&service, &desk.cookie).await);
        accounts::set_password(app, &owner, "seven quiet otters").await.unwrap();
        assert!(!is_in(&service, &desk.cookie).await, "a new password ends what was open");
        assert_eq!(service.types_password("owner@acme.example", PASSWORD).await.status, 422);
        assert_eq!(service.types_password("OWNER@acme.example", "seven quiet otters").await.status, 303);
        service.drain().await;
        let told = service.emailed("owner@acme.example");
        assert!(told.last().unwrap().contains("An administrator set a new password for you."), "{told:?}");

        accounts::reset_admin(app, &owner).await.unwrap();
        let typed = service.types_password("owner@acme.example", "seven quiet otters").await;
        service.scans(&Service::step_page(&typed)).await;

        service.account("other@acme.example", Role::Owner, None).await;
        let other = Email::parse("other@acme.example").unwrap();
        let (one, two) = tokio::join!(accounts::remove_admin(app, &owner), accounts::remove_admin(app, &other));
        assert!(one.is_ok() != two.is_ok(), "of two owners that are removed at once one stays");

        let support = service.desk(Role::Support, None).await;
        accounts::remove_admin(app, &Email::parse("support@acme.example").unwrap()).await.unwrap();
        assert!(!is_in(&service, &support.cookie).await);
        assert_eq!(service.types_password("support@acme.example", PASSWORD).await.status, 422);
        assert_eq!(accounts::list_admins(app).await.unwrap().len(), 1);
        for action in ["admin.create", "admin.password", "admin.reset", "admin.remove"] {
            let query = format!("select count(*) from audit where tenant_id = 'countersign' and action = '{action}' and actor_kind = 'operator'");
            assert!(service.database.count(&query).await >= 1, "{action}");
        }
    }
}

on_both! {
    async fn nobody_is_the_consoles_own_tenant(service: Service) {
        let wanted = countersign::usecase::tenant::apply_tenants::Wanted {
            id: countersign::domain::id::TenantId::console(),
            settings: json!({"name": "Mine"}), providers: json!({}),
            webhook_secret: None, push_secret: None, api_key: None,
        };
        let applied = countersign::usecase::tenant::apply_tenants::apply_tenants(service.app.desk(), vec![wanted]).await;
        assert!(applied.is_err());
        let console = countersign::domain::id::TenantId::console();
        assert!(countersign::usecase::tenant::change_api_key::create_api_key(service.app.desk(), &console).await.is_err());
        let desk = service.desk(Role::Owner, None).await;
        assert_eq!(service.see(&desk, "/admin/t/countersign").await.status, 404);
        let listed = service.see(&desk, "/admin").await.text;
        assert!(listed.contains("/admin/t/compeo") && !listed.contains("/admin/t/countersign"));
    }
}
