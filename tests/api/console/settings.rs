//! What a tenant decides, changed in the console: within its bounds, by one at a time, for every process.

use countersign::domain::admin::Role;
use countersign::domain::id::TenantId;
use regex::Regex;
use serde_json::{Value, json};

use crate::admin::Desk;
use crate::life::CLIENT;
use crate::on_both;
use crate::service::{Reply, Service, api_key, ruiz};

const TIMING: &str = "/admin/t/cornerstone/settings/timing";
const STORED: &str = "select cast(settings as text) from tenant where tenant_id = 'cornerstone'";

/// Everything that a form on a page would send, with some fields filled in anew; one that is emptied is sent without it.
fn filled(page: &Reply, with: &[(&str, &str)]) -> Vec<(String, String)> {
    let input = Regex::new(
        r#"<input (?:id="[^"]*" )?(?:type="(hidden|checkbox)" )?name="([^"]+)" value="([^"]*)"([^>]*)>"#,
    )
    .unwrap();
    let mut fields = Vec::new();
    for found in input.captures_iter(&page.text) {
        let ticked =
            found.get(1).is_none_or(|kind| kind.as_str() != "checkbox") || found[4].contains("checked");
        if ticked && !with.iter().any(|(name, _)| *name == &found[2]) {
            fields.push((found[2].to_owned(), found[3].replace("&#x3D;", "=").replace("&amp;", "&")));
        }
    }
    let select = Regex::new(r#"(?s)<select [^>]*name="([^"]+)".*?<option value="([^"]*)" selected"#).unwrap();
    let chosen = select.captures_iter(&page.text).map(|found| (found[1].to_owned(), found[2].to_owned()));
    fields.extend(chosen.filter(|(chosen, _)| !with.iter().any(|(name, _)| name == chosen)));
    let given = with.iter().filter(|(_, value)| !value.is_empty());
    fields.extend(given.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    fields
}

async fn send(service: &Service, desk: &Desk, path: &str, fields: &[(String, String)]) -> Reply {
    let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    service.browser("POST", path, &desk.cookie, &fields).await
}

on_both! {
    async fn a_change_holds_in_every_process_and_is_on_the_record(service: Service) {
        let desk = service.desk(Role::Admin, Some(&["cornerstone"])).await;
        let twin = service.twin(service.now()).await;
        let page = service.see(&desk, TIMING).await;
        let fields = filled(&page, &[("policy.client.code_valid", "5m"), ("policy.client.receipt", "true")]);
        let saved = send(&service, &desk, TIMING, &fields).await;
        assert_eq!(saved.header("location"), Some("/admin/t/cornerstone/settings/timing?saved=1"), "{}", saved.text);
        let page = service.see(&desk, saved.header("location").unwrap()).await;
        assert!(page.text.contains("Saved. New codes use these settings.") && page.text.contains("clients have 5 minutes to read the code"), "{}", page.text);
        twin.app.beat().await.unwrap();
        service.know(CLIENT).await.expect(201);
        let body = json!({"contact": "c-1", "surface": "lead_card"});
        let asked = service.post_at(&twin.base, &format!("/api/v1/clients/{CLIENT}/codes"), &body).await.expect(201);
        assert_eq!(asked["expires_at"], (twin.app.desk().time.now() + std::time::Duration::from_secs(300)).to_string());
        let kept = service.database.texts("select detail from audit where action = 'tenant.change' and actor_kind = 'admin'").await;
        let kept: Value = serde_json::from_str(&kept[0]).unwrap();
        assert_eq!(kept, json!({
            "before": {"policy.client.code_valid": null, "policy.client.receipt": null},
            "after": {"policy.client.code_valid": "5m", "policy.client.receipt": true},
        }));
        // The same once more changes nothing, and a box without its tick is off.
        let entries = service.entries("tenant.change", "done").await;
        send(&service, &desk, TIMING, &filled(&page, &[])).await;
        assert_eq!(service.entries("tenant.change", "done").await, entries);
        send(&service, &desk, TIMING, &filled(&page, &[("policy.client.receipt", "")])).await;
        let tenant = TenantId::parse("cornerstone").unwrap();
        assert!(!service.app.desk().directory.get().member(&tenant).unwrap().tenant.policy.client.receipt);
    }
}

on_both! {
    async fn a_screen_asks_for_a_code_the_pin_or_both(service: Service) {
        const ELIGIBILITY: &str = "/admin/t/cornerstone/settings/eligibility";
        let desk = service.desk(Role::Admin, Some(&["cornerstone"])).await;
        let twin = service.twin(service.now()).await;
        let page = service.see(&desk, ELIGIBILITY).await;
        assert!(page.text.contains("Payroll card: a client is verified by a code.<") || page.text.contains("Payroll card: a client is verified by a code. "), "{}", page.text);
        let both = [("surface.payroll_card.requires", "code"), ("surface.payroll_card.requires", "pin"), ("surface.enrollments.requires", "code")];
        // There are no PINs.
        for (lang, told) in [("en", "asks for a PIN where there is none"), ("es", "pide un PIN donde no lo hay")] {
            let refused = send(&service, &desk, &format!("{ELIGIBILITY}?lang={lang}"), &filled(&page, &both)).await;
            let at = format!("<p class=\"error\" id=\"surface.payroll_card.requires-error\">{told}");
            assert!(refused.status == 422 && refused.text.contains(&at), "{}", refused.text);
            assert!(refused.text.contains("<fieldset aria-describedby=\"surface.payroll_card.requires-error\">"), "{}", refused.text);
            assert!(refused.text.contains("name=\"surface.enrollments.requires\" value=\"code\" checked"), "nothing typed is lost: {}", refused.text);
        }
        service.apply("cornerstone", json!({"policy": {"pin": {"enabled": true}}})).await;
        service.know(CLIENT).await.expect(201);
        let page = service.see(&desk, ELIGIBILITY).await;
        assert!(page.text.contains("Payroll card: a client is verified by a code or by the PIN."), "{}", page.text);
        assert_eq!(send(&service, &desk, ELIGIBILITY, &filled(&page, &both)).await.status, 303);
        for (lang, payroll, enrollments) in [
            ("en", "Payroll card: a client is verified by both a code and the PIN, as long as both hold.", "Enrollments: a client is verified by a code; the PIN does not stand in for it."),
            ("es", "Tarjeta de nómina: un cliente queda verificado con un código y además con el PIN, mientras valgan los dos.", "Inscripciones: un cliente queda verificado con un código; el PIN no lo sustituye."),
        ] {
            let page = service.see(&desk, &format!("{ELIGIBILITY}?lang={lang}")).await;
            assert!(page.text.contains(payroll) && page.text.contains(enrollments), "{}", page.text);
        }
        let kept = service.database.texts("select detail from audit where action = 'tenant.change' and actor_kind = 'admin'").await;
        assert_eq!(serde_json::from_str::<Value>(&kept[0]).unwrap(), json!({
            "before": {"surface.enrollments.requires": null, "surface.payroll_card.requires": null},
            "after": {"surface.enrollments.requires": ["code"], "surface.payroll_card.requires": ["code", "pin"]},
        }));
        twin.app.beat().await.unwrap();
        let status = service.get(&format!("/api/v1/clients/{CLIENT}/status")).await.expect(200);
        assert_eq!(status["surfaces"].as_object().unwrap().keys().collect::<Vec<_>>(), ["enrollments", "payroll_card"], "{status}");
        let tenant = TenantId::parse("cornerstone").unwrap();
        assert_eq!(twin.app.desk().directory.get().member(&tenant).unwrap().tenant.requires.len(), 2);
        // Without a tick either will do again.
        let page = service.see(&desk, ELIGIBILITY).await;
        send(&service, &desk, ELIGIBILITY, &filled(&page, &[("surface.payroll_card.requires", ""), ("surface.enrollments.requires", "")])).await;
        assert!(service.app.desk().directory.get().member(&tenant).unwrap().tenant.requires.is_empty());
    }
}

on_both! {
    async fn what_is_wrong_is_told_at_its_field_and_nothing_is_lost(service: Service) {
        let desk = service.desk(Role::Owner, None).await;
        let page = service.see(&desk, TIMING).await;
        let before = service.database.texts(STORED).await;
        let wrong = [("policy.client.code_valid", "25h"), ("policy.client.tries", "many"), ("policy.client.sends", "7")];
        let told = send(&service, &desk, TIMING, &filled(&page, &wrong)).await;
        assert_eq!(told.status, 422);
        for part in [
            "25h is out of bounds; allowed is 30s to 24h", "must be a whole number; allowed is 3 to 10",
            "value=\"25h\"", "value=\"many\"", "value=\"7\"", "Not saved. Correct what is marked.",
        ] {
            assert!(told.text.contains(part), "{part} in {}", told.text);
        }
        assert_eq!(service.database.texts(STORED).await, before);
        let company = "/admin/t/cornerstone/settings/company";
        let page = service.see(&desk, company).await;
        let wrong = [("allowed_origins", "https://a.example, https://*.b.example"), ("name", "")];
        let told = send(&service, &desk, company, &filled(&page, &wrong)).await;
        assert!(told.text.contains("no wildcard") && told.text.contains("a tenant needs a name"), "{}", told.text);
    }
}

on_both! {
    async fn the_second_of_two_is_told_and_overwrites_nothing(service: Service) {
        let (one, two) = (service.desk(Role::Owner, None).await, service.desk(Role::Admin, None).await);
        let (mine, theirs) = (service.see(&one, TIMING).await, service.see(&two, TIMING).await);
        let first = send(&service, &one, TIMING, &filled(&mine, &[("policy.client.code_valid", "5m")])).await;
        assert_eq!(first.status, 303);
        // Another setting is no quarrel, and leaves what the first one changed alone.
        let other = send(&service, &two, TIMING, &filled(&theirs, &[("policy.client.sends", "7")])).await;
        assert_eq!(other.status, 303, "{}", other.text);
        let stored = service.database.texts(STORED).await.remove(0);
        assert!(stored.contains("5m") && stored.contains("sends"), "{stored}");
        let second = send(&service, &two, TIMING, &filled(&theirs, &[("policy.client.code_valid", "6m"), ("policy.client.tries", "4")])).await;
        assert_eq!(second.status, 409);
        for part in ["Somebody else changed the same setting", "Somebody else changed this to: 5m", "value=\"6m\"", "value=\"4\"", "value=\"7\""] {
            assert!(second.text.contains(part), "{part} in {}", second.text);
        }
        assert!(service.database.texts(STORED).await.remove(0).contains("5m"));
        // What the answer has is sent as it is: the one setting counts, and nothing else goes back.
        assert_eq!(send(&service, &two, TIMING, &filled(&second, &[])).await.status, 303);
        let stored = service.database.texts(STORED).await.remove(0);
        assert!(stored.contains("6m") && stored.contains("sends") && stored.contains("tries"), "{stored}");
    }
}

on_both! {
    async fn a_process_that_knows_of_no_change_yet_undoes_none(service: Service) {
        let desk = service.desk(Role::Owner, None).await;
        let twin = service.twin(service.now()).await;
        let page = service.see(&desk, TIMING).await;
        send(&service, &desk, TIMING, &filled(&page, &[("policy.client.code_valid", "5m")])).await;
        let request = service.request("GET", TIMING).header("cookie", &desk.cookie);
        let (client, request) = request.build_split();
        let mut request = request.unwrap();
        *request.url_mut() = format!("{}{TIMING}", twin.base).parse().unwrap();
        let elsewhere = service.send(reqwest::RequestBuilder::from_parts(client, request)).await;
        assert!(elsewhere.text.contains("name=\"policy.client.code_valid\" value=\"5m\""), "{}", elsewhere.text);
    }
}

on_both! {
    async fn the_branding_is_seen_before_it_is_saved(service: Service) {
        const BRAND: &str = "/admin/t/cornerstone/settings/brand";
        const PREVIEW: &str = "/admin/t/cornerstone/preview";
        let desk = service.desk(Role::Admin, None).await;
        let page = service.see(&desk, BRAND).await;
        assert!(page.text.contains("<iframe name=\"preview\" src=\"/admin/t/cornerstone/preview\""), "{}", page.text);
        let before = service.database.texts(STORED).await;
        let shown = |with: &'static [(&'static str, &'static str)]| {
            let (service, desk, fields) = (&service, &desk, filled(&page, with));
            async move { send(service, desk, PREVIEW, &fields).await }
        };
        let email = shown(&[("brand.short_name", "Stone"), ("brand.color", "#7a1f4b"), ("show", "email"), ("in", "es")]).await;
        assert!(email.status == 200 && email.text.contains("Stone") && email.text.contains("#7a1f4b") && email.text.contains("482 913"), "{}", email.text);
        assert!(email.text.contains("lang=\"es\""), "{}", email.text);
        let policy = email.header("content-security-policy").unwrap();
        assert!(policy.contains("frame-ancestors 'self'") && policy.contains("sandbox") && !policy.contains("script"), "{policy}");
        let text = shown(&[("brand.short_name", "Stone"), ("show", "sms"), ("in", "en")]).await;
        assert!(text.text.contains("482 913 is your Stone code.") && text.text.contains(" characters, 1 text<"), "{}", text.text);
        let page = shown(&[("brand.short_name", "Stone"), ("brand.color", "#7a1f4b"), ("brand.logo", "https://stone.example/l.png"), ("show", "page"), ("in", "es")]).await;
        assert!(page.status == 200 && page.text.contains("<html lang=\"es\">") && page.text.contains("– Stone</title>") && page.text.contains("--accent:#7a1f4b"), "{}", page.text);
        assert!(page.text.contains("src=\"https://stone.example/l.png\"") && !page.text.contains("<script") && !page.text.contains("<a class"), "{}", page.text);
        let policy = page.header("content-security-policy").unwrap();
        assert!(policy.contains("img-src data: https://stone.example;") && policy.ends_with("form-action 'none'; frame-ancestors 'self'; sandbox") && !policy.contains("script"), "{policy}");
        let window = shown(&[("brand.short_name", "Stone & <Co>"), ("brand.color", "#7a1f4b"), ("show", "window"), ("in", "en")]).await;
        assert!(window.status == 200 && window.text.contains("#7a1f4b") && window.text.contains("Stone &amp; &lt;Co&gt;"), "{}", window.text);
        let policy = window.header("content-security-policy").unwrap();
        assert!(policy.contains("frame-ancestors 'self'; script-src 'self'") && !policy.contains("connect-src") && !policy.contains("unsafe"), "{policy}");
        let wrong = shown(&[("brand.color", "#eeeeee"), ("show", "email"), ("in", "en")]).await;
        assert!(wrong.status == 422 && wrong.text.contains("Colour, such as #0550ae: #eeeeee has a contrast of"), "{}", wrong.text);
        assert_eq!(service.database.texts(STORED).await, before, "nothing is stored");
        assert_eq!(service.database.count("select count(*) from message where tenant_id = 'cornerstone'").await, 0, "and nothing is sent");

        let auditor = service.desk(Role::Auditor, None).await;
        let stored = service.see(&auditor, &format!("{PREVIEW}?show=sms&in=es")).await;
        assert!(stored.text.contains(" es su codigo de Cornerstone."), "{}", stored.text);
        let typed = service.send_form(&auditor, PREVIEW, &[("brand.short_name", "Stone"), ("show", "sms"), ("in", "en")]).await;
        assert!(typed.text.contains("is your Cornerstone code."), "{}", typed.text);
    }
}

/// What a page shows this once, by its name.
fn made(page: &Reply, name: &str) -> String {
    let shown = Regex::new(&format!("<dt>{name}</dt><dd><code>([^<]+)</code></dd>")).unwrap();
    let found = shown.captures(&page.text).unwrap_or_else(|| panic!("no {name} in {}", page.text));
    found[1].replace("&#x3D;", "=")
}

/// The id that the next key, or the next secret, of a page would have.
async fn offered(service: &Service, desk: &Desk, kind: &str) -> String {
    next_id(&service.see(desk, "/admin/t/cornerstone/keys").await, kind)
}

fn next_id(page: &Reply, kind: &str) -> String {
    let form = format!(
        "name=\"id\" value=\"({kind}_[0-9a-z]{{26}})\">\n<p>\n?<button name=\"do\" value=\"(?:key|webhook)\""
    );
    Regex::new(&form).unwrap().captures(&page.text).unwrap_or_else(|| panic!("no {kind} in {}", page.text))[1]
        .to_owned()
}

on_both! {
    async fn the_same_form_makes_one_key_and_one_secret_however_often_it_is_sent(service: Service) {
        let desk = service.desk(Role::Admin, None).await;
        let path = "/admin/t/cornerstone/keys";
        let kept = "select count(*) from api_key where tenant_id = 'cornerstone'";
        let secrets = "select id || ' ' || coalesce(expires_at, 0) from tenant_secret where tenant_id = 'cornerstone' order by id";
        for (kind, wish, name, action) in [("key", "key", "api_key", "api_key.create"), ("sec", "push", "push_secret", "secret.rotate"), ("sec", "webhook", "webhook_secret", "secret.rotate")] {
            let id = offered(&service, &desk, kind).await;
            let first = service.send_form(&desk, path, &[("do", wish), ("id", &id)]).await;
            assert_eq!(first.status, 200, "{}", first.text);
            let shown = made(&first, name);
            let before = (service.database.count(kept).await, service.database.texts(secrets).await, service.entries(action, "done").await);
            service.advance(60);
            // The page is loaded again, here and elsewhere, in either language.
            for (lang, told) in [("en", "Nothing was made now."), ("es", "Ahora no se creó nada.")] {
                let again = service.send_form(&desk, &format!("{path}?lang={lang}"), &[("do", wish), ("id", &id)]).await;
                assert_eq!(again.status, 409, "{}", again.text);
                assert!(again.text.contains(told) && !again.text.contains(&shown) && !again.text.contains("class=\"made\""), "{}", again.text);
                let after = (service.database.count(kept).await, service.database.texts(secrets).await, service.entries(action, "done").await);
                assert_eq!(after, before, "{wish} made another, or ended one");
                // On purpose there is another one.
                assert_ne!(next_id(&again, kind), id);
            }
        }
        let id = offered(&service, &desk, "key").await;
        let fields = [("do", "key"), ("id", id.as_str())];
        let (one, two) = tokio::join!(service.send_form(&desk, path, &fields), service.send_form(&desk, path, &fields));
        let mut answers = [one.status, two.status];
        answers.sort_unstable();
        assert_eq!(answers, [200, 409], "pressed twice at once");
        for id in ["", "key_1", "x"] {
            assert_eq!(service.send_form(&desk, path, &[("do", "key"), ("id", id)]).await.status, 404, "{id:?}");
        }
        let named = [("id", "fifth"), ("name", "Fifth PEO")];
        let owner = service.desk(Role::Owner, None).await;
        assert_eq!(service.send_form(&owner, "/admin/new", &named).await.status, 200);
        assert_eq!(service.send_form(&owner, "/admin/new", &named).await.status, 422, "a company is made once");
    }
}

on_both! {
    async fn keys_and_secrets_are_made_shown_once_rotated_and_revoked(service: Service) {
        let desk = service.desk(Role::Admin, None).await;
        let path = "/admin/t/cornerstone/keys";
        let id = offered(&service, &desk, "key").await;
        let page = service.send_form(&desk, path, &[("do", "key"), ("id", &id)]).await;
        let key = made(&page, "api_key");
        service.call("GET", "/api/v1/events", &key, None).await.expect(200);
        assert!(!service.see(&desk, path).await.text.contains(&key) && !service.database.dump().await.join("").contains(&key));
        let old = service.database.texts("select id from api_key where tenant_id = 'cornerstone' order by id").await.remove(0);
        service.send_form(&desk, path, &[("do", "revoke"), ("id", &old)]).await;
        assert_eq!(service.call("GET", "/api/v1/events", &api_key("cornerstone"), None).await.status, 401);
        service.call("GET", "/api/v1/events", &key, None).await.expect(200);
        let foreign = service.database.texts("select id from api_key where tenant_id = 'compeo'").await.remove(0);
        assert_eq!(service.send_form(&desk, path, &[("do", "revoke"), ("id", &foreign)]).await.status, 404);
        let id = offered(&service, &desk, "sec").await;
        let page = service.send_form(&desk, path, &[("do", "push"), ("id", &id)]).await;
        assert!(made(&page, "push_secret").starts_with("whsec_") && page.text.contains("Until Nov 21, 2026"), "{}", page.text);
        for action in ["api_key.create", "api_key.revoke", "secret.rotate"] {
            let by = format!("select count(*) from audit where action = '{action}' and actor_kind = 'admin'");
            assert_eq!(service.database.count(&by).await, 1, "{action}");
        }
    }
}

on_both! {
    async fn an_owner_adds_a_company_and_verifies_a_client_of_it(service: Service) {
        let desk = service.desk(Role::Owner, None).await;
        for (id, name, told) in [
            ("Fifth!", "Fifth", "is not a tenant id"), ("compeo", "Fifth", "there is a tenant compeo already"),
            ("fifth", "", "name"), ("countersign", "Fifth", "name of the console itself"),
        ] {
            let page = service.send_form(&desk, "/admin/new", &[("id", id), ("name", name)]).await;
            assert!(page.status == 422 && page.text.contains(told), "{id}: {}", page.text);
        }
        let page = service.send_form(&desk, "/admin/new", &[("id", "fifth"), ("name", "Fifth PEO")]).await;
        let key = made(&page, "api_key");
        assert!(made(&page, "webhook_secret").starts_with("whsec_") && made(&page, "push_secret").starts_with("whsec_"));
        let path = format!("/api/v1/clients/{CLIENT}");
        let body = json!({"contact": "c-1", "surface": "lead_card"});
        let refused = service.call("PUT", &path, &key, Some(&ruiz())).await;
        assert_eq!(refused.problem(403), "tenant_not_eligible");
        let settings = "/admin/t/fifth/settings/eligibility";
        let form = service.see(&desk, settings).await;
        assert_eq!(send(&service, &desk, settings, &filled(&form, &[("eligible", "true")])).await.status, 303);
        service.call("PUT", &path, &key, Some(&ruiz())).await.expect(201);
        let asked = service.call("POST", &format!("{path}/codes"), &key, Some(&body)).await.expect(201);
        service.drain().await;
        let check = format!("/api/v1/challenges/{}/check", asked["id"].as_str().unwrap());
        let done = service.call("POST", &check, &key, Some(&json!({"code": service.code()}))).await.expect(200);
        assert_eq!(done["result"], "verified");
        assert!(service.see(&desk, "/admin/t/fifth/clients").await.text.contains("Verified"));
    }
}
