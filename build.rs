//! What pages of a CRM fetch of the embed: its modules joined into a few parts, made small, and packed.
//!
//! A part is a module with all that it imports; what is loaded later is a part of its own. Parts import nothing of one
//! another, so what two of them share is in both, and must keep nothing.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use oxc_allocator::Allocator;
use oxc_codegen::{Codegen, CodegenOptions, CommentOptions};
use oxc_minifier::{Minifier, MinifierOptions};
use oxc_parser::Parser;
use oxc_semantic::SemanticBuilder;
use oxc_span::SourceType;
use serde_json::{Map, Value};

type Fallible<T> = Result<T, Box<dyn std::error::Error>>;

const PARTS: [&str; 11] = [
    "v1.js",
    "v1/address.js",
    "v1/framed.js",
    "v1/hand.js",
    "v1/live.js",
    "v1/rare.js",
    "v1/window.js",
    "v1/window/case.js",
    "v1/window/guests.js",
    "v1/window/preview.js",
    "page.js",
];
const LANGUAGES: [&str; 2] = ["en", "es"];
/// What the button may have to say before its other words are there.
const FIRST: [(&str, &str); 2] = [("checking", "embed.checking"), ("failed", "embed.opening.failed")];
/// The sections of the texts that are a window's.
const WINDOW: [&str; 3] = ["window.", "channel.", "method."];
/// Where the texts that a window begins with go, once it is known what it names.
const NO_WORDS: &str = "const first = {};\n";

#[expect(clippy::disallowed_methods, reason = "where cargo wants what is made: a build has no settings")]
fn main() -> Fallible<()> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=templates/asset/embed");
    println!("cargo::rerun-if-changed=templates/i18n");
    let out = env::var("OUT_DIR")?;
    let mut parts = Vec::new();
    for name in PARTS {
        parts.push((name.to_owned(), joined(name)?));
    }
    let first = parts.iter().find(|(name, _)| name == "v1/window.js").ok_or("no window")?.1.clone();
    let begin = format!("const first = {};\n", window_words(&first)?);
    for (_, module) in &mut parts {
        *module = module.replace(NO_WORDS, &begin);
    }
    for language in LANGUAGES {
        parts.extend(words(language, &first)?);
    }
    let mut list = String::from("[\n");
    for (number, (name, module)) in parts.iter().enumerate() {
        let text = small(name, module)?;
        for (kind, bytes) in [
            ("js", text.clone().into_bytes()),
            ("gz", gzip(text.as_bytes())?),
            ("br", brotli(text.as_bytes())?),
        ] {
            fs::write(Path::new(&out).join(format!("{number}.{kind}")), bytes)?;
        }
        writeln!(
            list,
            "Packed {{ name: {name:?}, text: include_str!(\"{number}.js\"), gzip: include_bytes!(\"{number}.gz\"), \
             brotli: include_bytes!(\"{number}.br\") }},"
        )?;
    }
    fs::write(Path::new(&out).join("embed.rs"), list + "]\n")?;
    Ok(())
}

// ---- modules

/// A module and all that it imports, each once and after what it imports itself, as one text.
fn joined(part: &str) -> Fallible<String> {
    let mut done = Vec::new();
    let mut text = String::new();
    join(part, part, &mut done, &mut text)?;
    Ok(text)
}

fn join(part: &str, name: &str, done: &mut Vec<String>, text: &mut String) -> Fallible<()> {
    done.push(name.to_owned());
    let mut own = String::new();
    for line in source(name)?.lines() {
        let import =
            line.strip_prefix("import ").and_then(|line| line.split_once(" from \"")?.1.strip_suffix("\";"));
        if import.is_some() && (line.contains(" as ") || !line.starts_with("import {")) {
            return Err(format!("{name}: what is joined keeps its names: {line}").into());
        }
        match import.map(|path| resolved(name, path)) {
            Some(path) if PARTS.contains(&path.as_str()) => writeln!(own, "{line}")?,
            Some(path) if !done.contains(&path) => join(part, &path, done, text)?,
            Some(_) => {}
            None if name == part => writeln!(own, "{line}")?,
            None => writeln!(own, "{}", line.strip_prefix("export ").unwrap_or(line))?,
        }
    }
    let here = relative(part, name);
    text.push_str(&own.replace("import(`./", &format!("import(`{here}")));
    Ok(())
}

/// The folder of a path.
fn folder(name: &str) -> &str {
    name.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// A path of `name`'s, from the root.
fn resolved(name: &str, path: &str) -> String {
    let (mut at, mut rest) = (folder(name), path.trim_start_matches("./"));
    while let Some(up) = rest.strip_prefix("../") {
        (at, rest) = (folder(at), up);
    }
    if at.is_empty() { rest.to_owned() } else { format!("{at}/{rest}") }
}

/// How the folder of one module is reached from that of a part.
fn relative(part: &str, name: &str) -> String {
    let (from, to) = (folder(part), folder(name));
    match to.strip_prefix(from) {
        Some("") => "./".to_owned(),
        Some(rest) => format!("./{}/", rest.trim_start_matches('/')),
        None => "../".to_owned(),
    }
}

/// A module as it stands in the repository, or as it is made of a style or of words.
fn source(name: &str) -> Fallible<String> {
    if name == "v1/words-first.js" {
        let tables = LANGUAGES.map(|language| {
            let table = table(language)?;
            let first = FIRST.map(|(name, key)| (name.to_owned(), table[key].clone()));
            Fallible::Ok((language.to_owned(), Value::Object(first.into_iter().collect())))
        });
        let tables = tables.into_iter().collect::<Fallible<Map<_, _>>>()?;
        return Ok(format!("export const first = {};\n", Value::Object(tables)));
    }
    if name == "v1/window/words.js" {
        return Ok(format!("export {NO_WORDS}"));
    }
    let path = Path::new("templates/asset/embed").join(name);
    if path.exists() {
        return styles_small(&fs::read_to_string(path)?);
    }
    let style = Value::from(small_style(&fs::read_to_string(path.with_extension("css"))?));
    let own = Path::new(name).file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    Ok(format!("export const {own} = new CSSStyleSheet();\n{own}.replaceSync({style});\n"))
}

// ---- words

fn table(language: &str) -> Fallible<Map<String, Value>> {
    Ok(serde_json::from_str(&fs::read_to_string(format!("templates/i18n/{language}.json"))?)?)
}

/// The texts of some sections that are wanted, by their keys; of the section `own` the name is left out.
fn texts(
    language: &str,
    sections: &[&str],
    own: &str,
    wanted: impl Fn(&str) -> bool,
) -> Fallible<Map<String, Value>> {
    let some = table(language)?
        .into_iter()
        .filter(|(key, _)| sections.iter().any(|section| key.starts_with(section)));
    let some = some.map(|(key, text)| (key.strip_prefix(own).unwrap_or(&key).to_owned(), text));
    Ok(some.filter(|(key, _)| wanted(key)).collect())
}

/// What the first part of a window names, in every language: with it come all texts that it needs.
fn window_words(first: &str) -> Fallible<Value> {
    let tables = LANGUAGES.map(|language| {
        let table = texts(language, &WINDOW, "window.", |key| names(first, key))?;
        Fallible::Ok((language.to_owned(), Value::Object(table)))
    });
    Ok(Value::Object(tables.into_iter().collect::<Fallible<_>>()?))
}

/// The other texts of a language, in modules.
fn words(language: &str, first: &str) -> Fallible<Vec<(String, String)>> {
    let any = |_: &str| true;
    let modules = [
        ("words", texts(language, &["embed."], "embed.", any)?),
        ("window/more", texts(language, &WINDOW, "window.", |key| !names(first, key))?),
        ("window/say", texts(language, &["window.say_"], "window.", |key| !names(first, key))?),
        ("window/desk-words", texts(language, &["desk."], "", any)?),
    ];
    let module = |(name, texts)| {
        (format!("v1/{name}-{language}.js"), format!("export default {};\n", Value::Object(texts)))
    };
    Ok(modules.into_iter().map(module).collect())
}

/// Whether a script names a text: in full, or by how its name begins.
fn names(script: &str, key: &str) -> bool {
    let begins = |(at, _)| {
        let begin = script[..at].rsplit('`').next().unwrap_or_default();
        !begin.is_empty() && key.starts_with(begin)
    };
    script.contains(&format!("\"{key}\"")) || script.match_indices("${").any(begins)
}

// ---- made small

fn small(name: &str, module: &str) -> Fallible<String> {
    let allocator = Allocator::default();
    let parsed = Parser::new(&allocator, module, SourceType::mjs()).parse();
    if !parsed.diagnostics.is_empty() {
        return Err(format!("{name}: {:?}", parsed.diagnostics).into());
    }
    let mut program = parsed.program;
    let checked = SemanticBuilder::new().with_check_syntax_error(true).build(&program);
    if !checked.diagnostics.is_empty() {
        return Err(format!("{name}: {:?}", checked.diagnostics).into());
    }
    let minified = Minifier::new(MinifierOptions::default()).minify(&allocator, &mut program);
    let options =
        CodegenOptions { minify: true, comments: CommentOptions::disabled(), ..CodegenOptions::default() };
    let code = Codegen::new().with_options(options).with_scoping(minified.scoping);
    Ok(code.with_private_member_mappings(minified.class_private_mappings).build(&program).code)
}

/// The styles in a script, which to a tool for scripts are any text.
fn styles_small(script: &str) -> Fallible<String> {
    let Some((before, rest)) = script.split_once("replaceSync(`") else { return Ok(script.to_owned()) };
    let (style, after) = rest.split_once('`').ok_or("a style without an end")?;
    Ok(format!("{before}replaceSync(`{}`{after}", small_style(style)))
}

/// A style without comments, and without the spaces that only its readers need. Strings of ours hold no such mark.
fn small_style(style: &str) -> String {
    let lines = style.lines().map(str::trim).filter(|line| !line.starts_with("/*"));
    let mut text = lines.collect::<Vec<_>>().join(" ");
    for mark in ["{", "}", ";", ","] {
        text = text.split(mark).map(str::trim).collect::<Vec<_>>().join(mark);
    }
    text.replace(": ", ":")
        .replace(" > ", ">")
        .replace(" + .", "+.")
        .replace(";}", "}")
        .replace(" !", "!")
        .replace("@media (", "@media(")
        .replace(" 0.", " .")
        .replace(":0.", ":.")
        .replace("(0.", "(.")
}

// ---- packed

fn gzip(text: &[u8]) -> Fallible<Vec<u8>> {
    let mut packed = Vec::new();
    zopfli::compress(zopfli::Options::default(), zopfli::Format::Gzip, text, &mut packed)?;
    Ok(packed)
}

fn brotli(text: &[u8]) -> Fallible<Vec<u8>> {
    let mut packed = Vec::new();
    let best = brotli::enc::BrotliEncoderParams { quality: 11, ..Default::default() };
    brotli::BrotliCompress(&mut &*text, &mut packed, &best)?;
    Ok(packed)
}
