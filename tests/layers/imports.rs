//! Who may name whom: the modules of the service among themselves, and the libraries.

use crate::source::{Source, Token, starts};

/// What each module may name of the service, beside itself. A path stands for all below it.
const MODULES: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("ports", &["domain"]),
    ("telemetry", &[]),
    ("config", &["domain"]),
    // The vault seals with fresh nonces, so the store takes the port of randomness.
    ("store", &["domain", "ports"]),
    ("host", &["domain"]),
    ("message", &["domain", "host::fault", "host::guard", "host::install_crypto", "host::resolver"]),
    ("usecase", &["domain", "host", "message", "ports", "store"]),
    (
        "http",
        &[
            "domain",
            "host::signature",
            "message::Detail",
            "message::twilio::signature",
            "store::StoreError",
            "store::Trace",
            "usecase",
        ],
    ),
    ("outbox", &["domain", "host", "store::Claim", "store::Queue", "usecase"]),
    ("demo", &["ports"]),
    (
        "app",
        &[
            "config",
            "demo",
            "domain",
            "host",
            "http",
            "message",
            "outbox",
            "ports",
            "store",
            "telemetry",
            "usecase",
        ],
    ),
    ("cli", &["app", "config", "demo", "domain", "ports", "store", "telemetry", "usecase"]),
    ("main", &["cli"]),
];

/// The only modules that may name a library.
const LIBRARIES: &[(&str, &[&str])] = &[
    ("actix_cors", &["app", "demo", "http"]),
    ("actix_web", &["app", "demo", "http"]),
    ("clap", &["cli"]),
    ("entity", &["store"]),
    ("handlebars", &["demo", "http", "message"]),
    ("lettre", &["message"]),
    ("migration", &["store"]),
    ("reqwest", &["demo", "host", "message"]),
    ("sea_orm", &["store"]),
    // What is serialised describes itself; the words and the document are made in `http`.
    ("utoipa", &["domain", "http"]),
];

/// Words after which a path may start with `::`.
const BEFORE_PATHS: [&str; 14] = [
    "use", "as", "dyn", "else", "for", "if", "impl", "in", "match", "move", "mut", "return", "where", "while",
];

/// Every name in a file of `src` that its layer may not use.
pub fn faults(source: &Source) -> Vec<String> {
    let module = source.module();
    let Some(layer) = module.first().filter(|_| source.path.starts_with("src/")) else { return Vec::new() };
    let allowed = MODULES.iter().find(|(name, _)| name == layer).map_or(&[][..], |(_, allowed)| *allowed);
    let inside = |path: &str, above: &str| {
        path.strip_prefix(above).is_some_and(|r| r.is_empty() || r.starts_with("::"))
    };
    let mut faults = Vec::new();
    for (line, path) in own_paths(source) {
        let own = *layer != "main" && inside(&path, layer);
        if !own && !allowed.iter().any(|above| inside(&path, above)) {
            faults.push(format!("{}:{line}: layers: `{layer}` may not name `{path}`", source.path));
        }
    }
    for (line, library) in libraries(&source.code) {
        let users = LIBRARIES.iter().find(|(name, _)| *name == library).map_or(&[][..], |(_, users)| *users);
        if !users.contains(layer) {
            faults.push(format!(
                "{}:{line}: layers: `{layer}` may not name the library `{library}`",
                source.path
            ));
        }
    }
    faults
}

/// The modules that `src/lib.rs` declares and that no rule speaks of.
pub fn without_rule(lib: &Source) -> Vec<String> {
    let declared = lib.code.windows(3).filter(|t| t[0].is("mod") && t[2].is(";"));
    let unknown = declared.filter(|t| MODULES.iter().all(|(name, _)| !t[1].is(name)));
    unknown
        .map(|t| format!("{}:{}: layers: `{}` has no import rule", lib.path, t[1].line, t[1].text))
        .collect()
}

fn is_path_sign(code: &[Token], at: usize) -> bool {
    starts(code.get(at..).unwrap_or_default(), &[":", ":"])
}

fn is_closed(code: &[Token], at: usize) -> bool {
    code.get(at + 1).is_some_and(|t| t.is(")"))
}

fn is_extern(code: &[Token], at: usize) -> bool {
    at > 0 && code[at - 1].is("extern")
}

/// Whether a word goes on a path that has started before it.
fn is_within(code: &[Token], at: usize) -> bool {
    let word = |token: &Token| token.is_word() && !BEFORE_PATHS.iter().any(|keyword| token.is(keyword));
    at >= 3 && is_path_sign(code, at - 2) && (word(&code[at - 3]) || code[at - 3].is(">"))
}

/// Every path to something of the service, from the root of the crate, with its line.
fn own_paths(source: &Source) -> Vec<(usize, String)> {
    let code = &source.code;
    let mut paths = Vec::new();
    // Inline modules that are open: their names, and at which depth of braces they started.
    let mut inline: Vec<(String, usize)> = Vec::new();
    let mut depth = 0;
    for (at, token) in code.iter().enumerate() {
        match token.text.as_str() {
            "mod" if code.get(at + 2).is_some_and(|t| t.is("{")) => {
                inline.push((code[at + 1].text.clone(), depth));
            }
            "{" => depth += 1,
            "}" => {
                depth -= 1;
                inline.retain(|(_, outside)| *outside < depth);
            }
            _ => {}
        }
        if is_within(code, at) {
            continue;
        }
        let here = || {
            source.module().into_iter().map(str::to_owned).chain(inline.iter().map(|(name, _)| name.clone()))
        };
        let base: Vec<String> = match token.text.as_str() {
            // `pub(crate)` says who may see, not what is named; `extern crate` names a library.
            "crate" if !is_closed(code, at) && !is_extern(code, at) => Vec::new(),
            "countersign" if source.path == "src/main.rs" && is_path_sign(code, at + 1) => Vec::new(),
            "self" if is_path_sign(code, at + 1) => here().collect(),
            "super" if !is_closed(code, at) => above(here().collect()),
            _ => continue,
        };
        let mut found = Vec::new();
        leaves(code, at + 1, base, &mut found);
        paths.extend(found.into_iter().map(|path| (token.line, path.join("::"))));
    }
    paths
}

fn above(mut path: Vec<String>) -> Vec<String> {
    path.pop();
    path
}

/// The ends of the path that goes on at `at` from `path`; gives where it ends.
fn leaves(code: &[Token], at: usize, path: Vec<String>, found: &mut Vec<Vec<String>>) -> usize {
    if !is_path_sign(code, at) {
        found.push(path);
        return at;
    }
    let at = at + 2;
    match code.get(at) {
        Some(token) if token.is("super") => leaves(code, at + 1, above(path), found),
        Some(token) if token.is_word() => {
            leaves(code, at + 1, [path, vec![token.text.clone()]].concat(), found)
        }
        Some(token) if token.is("{") => group(code, at, &path, found),
        _ => {
            found.push(path);
            at + 1
        }
    }
}

/// The ends within the braces at `open`.
fn group(code: &[Token], open: usize, path: &[String], found: &mut Vec<Vec<String>>) -> usize {
    let mut at = open + 1;
    while at < code.len() && !code[at].is("}") {
        if code[at].is("self") || code[at].is("*") {
            found.push(path.to_vec());
            at += 1;
        } else if code[at].is_word() && !code[at].is("as") && !code[at - 1].is("as") {
            at = leaves(code, at + 1, [path, &[code[at].text.clone()]].concat(), found);
        } else {
            at += 1;
        }
    }
    at + 1
}

/// Every library named that there is a rule for.
fn libraries(code: &[Token]) -> Vec<(usize, &str)> {
    let known = |token: &Token| LIBRARIES.iter().find(|(name, _)| token.is(name)).map(|(name, _)| *name);
    let named = |at: usize| {
        let name = known(&code[at])?;
        let heads = is_path_sign(code, at + 1);
        let used = at > 0 && ["use", "crate"].iter().any(|word| code[at - 1].is(word));
        (!is_within(code, at) && (heads || used)).then_some((code[at].line, name))
    };
    (0..code.len()).filter_map(named).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(path: &str, text: &str) -> Vec<String> {
        let rule = ["may not name the library ", "may not name "];
        let strip = |fault: String| {
            let rest = rule.iter().find_map(|rule| fault.split_once(rule)).map(|(_, rest)| rest.to_owned());
            rest.unwrap().trim_matches('`').to_owned()
        };
        faults(&Source::new(path, text)).into_iter().map(strip).collect()
    }

    #[test]
    fn what_a_layer_may_not_name_is_found_however_it_is_named() {
        for (path, text, expected) in [
            ("src/domain/code.rs", "use crate::store::Store;", vec!["store::Store"]),
            ("src/domain/code.rs", "use super::super::store::Store;", vec!["store::Store"]),
            ("src/domain/code.rs", "use self::super::super::ports;", vec!["ports"]),
            ("src/domain/code.rs", "fn a() { crate::ports::now() }", vec!["ports::now"]),
            ("src/domain/mod.rs", "mod a { use super::super::http::b; }", vec!["http::b"]),
            (
                "src/domain/code.rs",
                "use crate::{domain::id, usecase::{a, b::*}};",
                vec!["usecase::a", "usecase::b"],
            ),
            ("src/domain/code.rs", "use crate as all;", vec![""]),
            ("src/domain/code.rs", "use crate::*;", vec![""]),
            (
                "src/domain/code.rs",
                "use actix_web::web; use ::reqwest::Client;",
                vec!["actix_web", "reqwest"],
            ),
            ("src/domain/code.rs", "use {sea_orm::Set, lettre};", vec!["sea_orm"]),
            ("src/domain/code.rs", "use handlebars; extern crate lettre;", vec!["handlebars", "lettre"]),
            (
                "src/usecase/desk.rs",
                "use crate::http::Site; use sea_orm::Set;",
                vec!["http::Site", "sea_orm"],
            ),
            ("src/usecase/desk.rs", "use crate::app::App; use entity::client;", vec!["app::App", "entity"]),
            ("src/http/mod.rs", "use crate::outbox::run;", vec!["outbox::run"]),
            ("src/http/mod.rs", "use crate::store; use crate::store::Store;", vec!["store", "store::Store"]),
            ("src/http/mod.rs", "use crate::host::client::PushClient;", vec!["host::client::PushClient"]),
            ("src/outbox/mod.rs", "use crate::store::{Queue, Store};", vec!["store::Store"]),
            ("src/message/mod.rs", "use crate::host::{guard, client};", vec!["host::client"]),
            ("src/demo/mod.rs", "use crate::domain::code;", vec!["domain::code"]),
            ("src/host/mod.rs", "use lettre::Message;", vec!["lettre"]),
            ("src/cli/mod.rs", "use crate::http::Site;", vec!["http::Site"]),
            ("src/main.rs", "fn main() { countersign::app::run() }", vec!["app::run"]),
            ("src/other.rs", "use crate::domain::id;", vec!["domain::id"]),
        ] {
            assert_eq!(named(path, text), expected, "{path}: {text}");
        }
    }

    #[test]
    fn what_a_layer_may_name_is_left_alone() {
        for (path, text) in [
            (
                "src/domain/code.rs",
                "use super::id; use crate::domain::key; pub(crate) fn a() {} pub(super) fn b() {}",
            ),
            ("src/domain/code.rs", "mod bounds { use super::DAY; } use super::bounds;"),
            ("src/domain/code.rs", "// use crate::store;\nconst A: &str = \"crate::store::b\";"),
            ("src/domain/code.rs", "#[cfg(test)] mod tests { use crate::ports::now; }"),
            ("src/domain/code.rs", "fn a(entity: u8, migration: u8) { entity + migration; b::entity::c() }"),
            ("src/store/mod.rs", "use sea_orm::Set; use entity::client; use crate::ports::Random;"),
            ("src/http/mod.rs", "use crate::host::signature::{self, verify}; use crate::store::StoreError;"),
            (
                "src/app.rs",
                "use crate::http::{self, Site}; use actix_web::App as Actix; mod a { use super::App; }",
            ),
            ("src/main.rs", "fn main() { countersign::cli::run() }"),
            ("src/lib.rs", "pub mod app;"),
            ("entity/src/client.rs", "use sea_orm::entity::prelude::*; use super::tenant;"),
        ] {
            assert_eq!(named(path, text), Vec::<String>::new(), "{path}: {text}");
        }
    }

    #[test]
    fn a_fault_names_its_file_and_line() {
        let source = Source::new("src/domain/code.rs", "//! a\n\nuse crate::store::Store;\n");
        assert_eq!(faults(&source), ["src/domain/code.rs:3: layers: `domain` may not name `store::Store`"]);
    }

    #[test]
    fn a_module_without_a_rule_is_found() {
        let lib = Source::new("src/lib.rs", "pub mod domain;\npub mod extra;\n");
        assert_eq!(without_rule(&lib), ["src/lib.rs:2: layers: `extra` has no import rule"]);
    }
}
