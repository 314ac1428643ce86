//! `/embed`: what a page of a CRM fetches for the button, and the page that shows developers how it is used.

use std::collections::{BTreeMap, BTreeSet};

use regex::Regex;

use crate::on_both;
use crate::service::{Reply, Service};

async fn get(service: &Service, path: &str) -> Reply {
    service.send(service.request("GET", path).header("origin", "https://anybody.example")).await
}

/// What the build makes of the modules.
const PARTS: [&str; 19] = [
    "page.js",
    "v1.js",
    "v1/address.js",
    "v1/framed.js",
    "v1/hand.js",
    "v1/live.js",
    "v1/rare.js",
    "v1/window.js",
    "v1/window/case.js",
    "v1/window/desk-words-en.js",
    "v1/window/desk-words-es.js",
    "v1/window/guests.js",
    "v1/window/more-en.js",
    "v1/window/more-es.js",
    "v1/window/preview.js",
    "v1/window/say-en.js",
    "v1/window/say-es.js",
    "v1/words-en.js",
    "v1/words-es.js",
];

async fn part(service: &Service, name: &str, encoding: &str) -> Reply {
    service.send(service.request("GET", &format!("/embed/{name}")).header("accept-encoding", encoding)).await
}

on_both! {
    async fn any_origin_may_load_the_parts_and_a_browser_asks_before_it_uses_them_again(service: Service) {
        for name in PARTS {
            let reply = part(&service, name, "identity").await;
            assert_eq!(reply.status, 200, "{name}");
            let headers = [("content-type", "text/javascript; charset=utf-8"), ("access-control-allow-origin", "*"), ("vary", "accept-encoding"),
                ("cross-origin-resource-policy", "cross-origin"), ("cache-control", "no-cache"), ("x-content-type-options", "nosniff")];
            for (header, value) in headers {
                assert_eq!(reply.header(header), Some(value), "{name}: {header}");
            }
            assert_eq!(reply.header("access-control-allow-credentials"), None);
            assert!(!reply.text.contains("\n  ") && !reply.text.contains("\n//"), "{name}: indentation and comments stay here");
            let tag = reply.header("etag").unwrap();
            let request = service.request("GET", &format!("/embed/{name}"));
            let again = service.send(request.header("accept-encoding", "identity").header("if-none-match", tag)).await;
            assert_eq!((again.status, again.text.as_str()), (304, ""), "{name}");
            assert_eq!(again.header("access-control-allow-origin"), Some("*"), "a browser checks the 304, too");
        }
    }
}

on_both! {
    async fn a_part_goes_out_packed_as_small_as_the_caller_takes_it_each_with_a_tag_of_its_own(service: Service) {
        for name in PARTS {
            let plain = part(&service, name, "identity").await;
            let gzip = part(&service, name, "gzip, deflate").await;
            let brotli = part(&service, name, "gzip, deflate, br, zstd").await;
            assert_eq!(plain.header("content-encoding"), None, "{name}");
            assert_eq!(gzip.header("content-encoding"), Some("gzip"), "{name}");
            assert_eq!(brotli.header("content-encoding"), Some("br"), "{name}");
            assert_eq!(part(&service, name, "br;q=0, gzip").await.header("content-encoding"), Some("gzip"), "{name}");
            let length = |reply: &Reply| reply.header("content-length").unwrap().parse::<usize>().unwrap();
            assert!(length(&brotli) < length(&gzip) && length(&gzip) < plain.text.len(), "{name}");
            let tags = [&plain, &gzip, &brotli].map(|reply| reply.header("etag").unwrap().to_owned());
            assert!(tags[0] != tags[1] && tags[1] != tags[2] && tags[0] != tags[2], "{name}: {tags:?}");
        }
    }
}

on_both! {
    async fn a_window_begins_with_words_of_every_language_and_the_others_come_apart(service: Service) {
        let key = Regex::new(r#"(?:[{,])"?([a-z][\w.]+)"?:`"#).unwrap();
        let keys = |text: &str| key.captures_iter(text).map(|found| found[1].to_owned()).collect::<BTreeSet<_>>();
        let window = part(&service, "v1/window.js", "identity").await.text;
        for (language, first, later, said) in [
            ("en", "Who are you speaking with?", "Please read me", "Please tell me"), ("es", "¿Con quién habla?", "léame", "dígame"),
        ] {
            let (_, begin) = window.split_once(&format!("{language}:{{ask:`")).unwrap();
            let begin = format!("{{ask:`{}`", begin.split_once("`}").unwrap().0);
            let more = part(&service, &format!("v1/window/more-{language}.js"), "identity").await.text;
            assert!(window.contains(first) && !window.contains(later), "{window}");
            assert!(more.contains(later) && !more.contains(first), "{more}");
            let table: BTreeMap<String, String> = serde_json::from_str(&get(&service, &format!("/assets/i18n/{language}.json")).await.text).unwrap();
            let all = table.keys().filter(|key| ["window.", "channel.", "method."].iter().any(|own| key.starts_with(own)));
            let all: BTreeSet<_> = all.map(|key| key.strip_prefix("window.").unwrap_or(key).to_owned()).collect();
            let (begin, more) = (keys(&begin), keys(&more));
            assert!(begin.is_disjoint(&more));
            assert_eq!(begin.union(&more).cloned().collect::<BTreeSet<_>>(), all);
            let say = part(&service, &format!("v1/window/say-{language}.js"), "identity").await.text;
            assert!(say.contains(said) && !say.contains(first), "{say}");
            assert!(keys(&say).is_disjoint(&begin), "what is there already is not sent again");
        }
    }
}

on_both! {
    async fn the_modules_need_no_leave_that_a_strict_policy_does_not_give(service: Service) {
        let forbidden = Regex::new(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|localStorage|sessionStorage|document\.cookie|https?://").unwrap();
        for name in PARTS.into_iter().filter(|name| name.starts_with("v1")) {
            let text = part(&service, name, "identity").await.text.replace("http://www.w3.org/", "");
            let found: Vec<_> = forbidden.find_iter(&text).map(|m| m.as_str()).collect();
            assert!(found.is_empty(), "{name}: {found:?}");
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
        assert!(page.header("vary").is_some_and(|vary| vary.contains("accept-language")));
        for missing in ["/embed/", "/embed/v2.js", "/embed/v1/", "/embed/../page/embed.html"] {
            assert_eq!(get(&service, missing).await.problem(404), "not_found", "{missing}");
        }
    }
}

/// The texts of the page for developers: the template's and its script's, each in a table that the service gives out.
async fn guide(service: &Service, lang: &str) -> BTreeMap<String, String> {
    let table = get(service, &format!("/assets/i18n/guide.{lang}.json")).await;
    serde_json::from_str(&table.text).unwrap()
}

on_both! {
    async fn the_page_for_developers_speaks_the_language_that_is_asked_for(service: Service) {
        let ask = async |query: &str, accepted: &str| {
            service.send(service.request("GET", &format!("/embed{query}")).header("accept-language", accepted)).await.text
        };
        let (english, spanish) = (ask("?lang=en", "es").await, ask("?lang=es", "en").await);
        for (page, lang, heading) in [(&english, "en", "The verification button"), (&spanish, "es", "El botón de verificación")] {
            assert!(page.contains(&format!("<html lang=\"{lang}\">")) && page.contains(&format!("<h1>{heading}</h1>")), "{lang}");
            assert!(page.contains(&format!("<a href=\"?lang={lang}\" lang=\"{lang}\" hreflang=\"{lang}\" aria-current=\"true\">")), "{lang}");
            assert!(!page.contains("guide.") && !page.contains("{{") && !page.contains("`client`"), "{lang}");
        }
        assert_eq!(ask("", "es-MX, en;q=0.8").await, spanish);
        assert_eq!(ask("?lang=fr", "de").await, english);
        // The examples are the same in both: code is not translated.
        let code = Regex::new("(?s)<pre.*?</pre>|<th scope=\"row\">.*?</th>").unwrap();
        let examples = |page: &str| code.find_iter(page).map(|found| found.as_str().to_owned()).collect::<Vec<_>>();
        assert_eq!(examples(&english), examples(&spanish));
    }
}

on_both! {
    async fn the_page_for_developers_uses_every_text_that_it_has(service: Service) {
        let template = include_str!("../../templates/page/embed.hbs");
        let script = include_str!("../../templates/asset/embed/page.js");
        let mark = Regex::new(r"[`*]").unwrap();
        for lang in ["en", "es"] {
            for (key, text) in guide(&service, lang).await {
                let own = key.strip_prefix("guide.").unwrap();
                let sample = own.strip_prefix("when.").or_else(|| own.strip_prefix("click."));
                let used = template.contains(&format!("\"{key}\"")) || script.contains(&format!("\"{own}\""))
                    || sample.is_some_and(|state| script.contains(&format!("  {state}: {{")));
                assert!(used, "{key} is used by nothing");
                let plain = template.contains(&format!("{{{{t \"{key}\"}}}}"));
                assert!(!(plain && mark.is_match(&text)), "{key} has marks that nothing reads");
            }
        }
    }
}
