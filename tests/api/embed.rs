//! `/embed`: what a page of a CRM fetches for the button, and the page that shows developers how it is used.

use regex::Regex;

use crate::on_both;
use crate::service::{Reply, Service};

async fn get(service: &Service, path: &str) -> Reply {
    service.send(service.request("GET", path).header("origin", "https://anybody.example")).await
}

/// Every module that `entry` leads to, with what it holds.
async fn modules(service: &Service, entry: &str) -> Vec<(String, Reply)> {
    let import = Regex::new(r#"(?:from |import\()"\./([\w/-]+\.js)""#).unwrap();
    let mut found = vec![entry.to_owned()];
    let mut read = Vec::new();
    while let Some(path) = found.get(read.len()).cloned() {
        let reply = get(service, &path).await;
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        for name in import.captures_iter(&reply.text).map(|name| format!("{folder}/{}", &name[1])) {
            if !found.contains(&name) {
                found.push(name);
            }
        }
        read.push((path, reply));
    }
    read
}

on_both! {
    async fn any_origin_may_load_the_modules_and_a_browser_asks_before_it_uses_them_again(service: Service) {
        let modules = modules(&service, "/embed/v1.js").await;
        let mut names: Vec<_> = modules.iter().map(|(path, _)| path.as_str()).collect();
        names.sort_unstable();
        assert_eq!(names, ["/embed/v1.js", "/embed/v1/button.js", "/embed/v1/framed.js", "/embed/v1/look.js",
            "/embed/v1/service.js", "/embed/v1/stands.js", "/embed/v1/statuses.js", "/embed/v1/window.js", "/embed/v1/window/api.js",
            "/embed/v1/window/case.js", "/embed/v1/window/desk-words.js", "/embed/v1/window/end.js", "/embed/v1/window/guest.js", "/embed/v1/window/guests.js",
            "/embed/v1/window/parts.js", "/embed/v1/window/style.js", "/embed/v1/window/text.js",
            "/embed/v1/window/theme.js", "/embed/v1/window/view.js", "/embed/v1/window/words-en.js", "/embed/v1/window/words-es.js",
            "/embed/v1/words.js"]);
        for (path, reply) in &modules {
            assert_eq!(reply.status, 200, "{path}");
            let headers = [("content-type", "text/javascript; charset=utf-8"), ("access-control-allow-origin", "*"),
                ("cross-origin-resource-policy", "cross-origin"), ("cache-control", "no-cache"), ("x-content-type-options", "nosniff")];
            for (name, value) in headers {
                assert_eq!(reply.header(name), Some(value), "{path}: {name}");
            }
            assert_eq!(reply.header("access-control-allow-credentials"), None);
            assert!(!reply.text.contains("\n  ") && !reply.text.contains("\n//"), "{path}: indentation and comments stay here");
            let tag = reply.header("etag").unwrap();
            let again = service.send(service.request("GET", path).header("if-none-match", tag)).await;
            assert_eq!((again.status, again.text.as_str()), (304, ""), "{path}");
            assert_eq!(again.header("access-control-allow-origin"), Some("*"), "a browser checks the 304, too");
        }
    }
}

on_both! {
    async fn the_modules_need_no_leave_that_a_strict_policy_does_not_give(service: Service) {
        let forbidden = Regex::new(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|localStorage|sessionStorage|document\.cookie|https?://").unwrap();
        for (path, reply) in modules(&service, "/embed/v1.js").await {
            let text = reply.text.replace("http://www.w3.org/", "");
            let found: Vec<_> = forbidden.find_iter(&text).map(|m| m.as_str()).collect();
            assert!(found.is_empty(), "{path}: {found:?}");
        }
    }
}

on_both! {
    async fn the_page_for_developers_is_strict_and_complete(service: Service) {
        let page = get(&service, "/embed").await;
        assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
        let policy = page.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self';") && policy.ends_with("frame-ancestors 'none'"), "{policy}");
        assert!(!Regex::new(r"\sstyle=|\son\w+=|<style|<script>").unwrap().is_match(&page.text), "nothing inline");
        let named = Regex::new(r#"(?:src|href)="(/[^"]+)""#).unwrap();
        let examples = Regex::new(r"(?s)<pre.*?</pre>").unwrap().replace_all(&page.text, "").into_owned();
        let paths: Vec<_> = named.captures_iter(&examples).map(|path| path[1].to_owned()).collect();
        assert_eq!(paths, ["/embed/page.css", "/embed/page.js"]);
        for path in paths {
            assert_eq!(get(&service, &path).await.status, 200, "{path}");
        }
        let anchor = Regex::new(r##"href="#([\w-]+)""##).unwrap();
        for name in anchor.captures_iter(&page.text) {
            assert!(page.text.contains(&format!("id=\"{}\"", &name[1])), "#{}", &name[1]);
        }
        for missing in ["/embed/", "/embed/v2.js", "/embed/v1/", "/embed/../page/embed.html"] {
            assert_eq!(get(&service, missing).await.problem(404), "not_found", "{missing}");
        }
    }
}
