//! A source file as words and signs, so that a rule never trips over a string or a comment.
//!
//! Not a parser: enough of Rust's grammar to know what is code, where an item ends, and what only tests see.

use std::ops::Range;

/// A word or a sign; a literal is the sign `"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    pub text: String,
    pub line: usize,
}

impl Token {
    pub fn is(&self, text: &str) -> bool {
        self.text == text
    }

    pub fn is_word(&self) -> bool {
        self.text.starts_with(|c: char| c.is_alphabetic() || c == '_')
    }
}

/// One file.
pub struct Source {
    /// From the root of the repository, with `/`.
    pub path: String,
    pub text: String,
    /// All of it.
    pub tokens: Vec<Token>,
    /// Without what stands under `#[cfg(test)]`.
    pub code: Vec<Token>,
    /// Line and text of each comment.
    pub comments: Vec<(usize, String)>,
    /// How many lines there are without those of inline tests.
    pub lines: usize,
    /// Names of the modules of tests that have a file of their own.
    test_modules: Vec<String>,
}

impl Source {
    pub fn new(path: &str, text: &str) -> Self {
        let mut reader = Reader { rest: text, line: 1, tokens: Vec::new(), comments: Vec::new() };
        while reader.step() {}
        let (tokens, comments) = (reader.tokens, reader.comments);
        let mut source = Self {
            path: path.to_owned(),
            text: text.to_owned(),
            code: Vec::new(),
            comments,
            lines: text.lines().count(),
            test_modules: Vec::new(),
            tokens,
        };
        source.leave_out_tests();
        source
    }

    fn leave_out_tests(&mut self) {
        let mut at = 0;
        while at < self.tokens.len() {
            if !starts(&self.tokens[at..], &["#", "[", "cfg", "(", "test", ")", "]"]) {
                self.code.push(self.tokens[at].clone());
                at += 1;
                continue;
            }
            let item = at + 7;
            let end = item_end(&self.tokens, item);
            if starts(&self.tokens[item..], &["mod"]) && self.tokens[end].is(";") {
                self.test_modules.push(self.tokens[item + 1].text.clone());
            }
            self.lines -= self.tokens[end].line - self.tokens[at].line + 1;
            at = end + 1;
        }
    }

    /// Where the modules are that this file declares for tests only.
    pub fn test_files(&self) -> Vec<String> {
        let dir = match self.path.rsplit_once('/') {
            Some((dir, "mod.rs" | "lib.rs" | "main.rs")) => dir.to_owned(),
            _ => self.path.trim_end_matches(".rs").to_owned(),
        };
        self.test_modules.iter().map(|name| format!("{dir}/{name}.rs")).collect()
    }

    /// The path of the module that this file is, from the root of its crate.
    pub fn module(&self) -> Vec<&str> {
        let inside = self.path.split_once("src/").map_or(self.path.as_str(), |(_, inside)| inside);
        let mut module: Vec<_> = inside.trim_end_matches(".rs").split('/').collect();
        if module.last().is_some_and(|last| ["mod", "lib"].contains(last)) {
            module.pop();
        }
        module
    }
}

pub fn starts(tokens: &[Token], texts: &[&str]) -> bool {
    tokens.len() >= texts.len() && tokens.iter().zip(texts).all(|(token, text)| token.is(text))
}

/// The index of the token that ends the item which starts at `at`: its `;`, or the `}` of its body.
fn item_end(tokens: &[Token], at: usize) -> usize {
    let only_semicolon = starts(&tokens[at..], &["use"]);
    let mut depth = 0_usize;
    for (index, token) in tokens.iter().enumerate().skip(at) {
        match token.text.as_str() {
            "{" | "(" | "[" => depth += 1,
            "}" | ")" | "]" => depth = depth.saturating_sub(1),
            _ => {}
        }
        let closed = token.is("}") && !only_semicolon;
        if depth == 0 && (token.is(";") || closed) {
            return index;
        }
    }
    tokens.len() - 1
}

/// The index of the bracket that closes the one at `open`.
pub fn closing(tokens: &[Token], open: usize) -> usize {
    let mut depth = 0_usize;
    for (index, token) in tokens.iter().enumerate().skip(open) {
        match token.text.as_str() {
            "{" | "(" | "[" => depth += 1,
            "}" | ")" | "]" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return index;
        }
    }
    tokens.len() - 1
}

/// A function with a body.
pub struct Function<'a> {
    pub name: &'a str,
    pub line: usize,
    /// From the line of its `fn` to that of its last brace.
    pub lines: usize,
    pub is_async: bool,
    pub parameters: &'a [Token],
}

impl Function<'_> {
    /// How many parameters it has.
    pub fn count_parameters(&self) -> usize {
        let mut depth = 0_i32;
        let mut commas = 0;
        for token in self.parameters {
            match token.text.as_str() {
                "(" | "[" | "{" | "<" => depth += 1,
                ")" | "]" | "}" | ">" => depth -= 1,
                "," if depth == 0 => commas += 1,
                _ => {}
            }
        }
        let trailing = self.parameters.last().is_some_and(|last| last.is(","));
        if self.parameters.is_empty() { 0 } else { commas + usize::from(!trailing) }
    }
}

/// Every function with a body; one within another counts by itself too.
pub fn functions(code: &[Token]) -> Vec<Function<'_>> {
    let named = |at: &usize| code[*at].is("fn") && code.get(at + 1).is_some_and(Token::is_word);
    (0..code.len()).filter(named).filter_map(|at| function(code, at)).collect()
}

fn function(code: &[Token], at: usize) -> Option<Function<'_>> {
    let open = (at..code.len()).find(|i| code[*i].is("("))?;
    let parameters = open + 1..closing(code, open);
    let body = body(code, parameters.end + 1)?;
    let before = &code[at.saturating_sub(3)..at];
    Some(Function {
        name: &code[at + 1].text,
        line: code[at].line,
        lines: code[body.end].line - code[at].line + 1,
        is_async: before.iter().any(|t| t.is("async")),
        parameters: &code[parameters],
    })
}

/// The braces of a body; nothing if the declaration ends without one.
fn body(code: &[Token], from: usize) -> Option<Range<usize>> {
    let mut at = from;
    while at < code.len() {
        match code[at].text.as_str() {
            "{" => return Some(at..closing(code, at)),
            ";" => return None,
            "(" | "[" => at = closing(code, at),
            _ => {}
        }
        at += 1;
    }
    None
}

struct Reader<'a> {
    rest: &'a str,
    line: usize,
    tokens: Vec<Token>,
    comments: Vec<(usize, String)>,
}

impl<'a> Reader<'a> {
    fn take(&mut self, bytes: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(bytes.min(self.rest.len()));
        self.rest = rest;
        self.line += taken.matches('\n').count();
        taken
    }

    fn token(&mut self, line: usize, text: &str) {
        self.tokens.push(Token { text: text.to_owned(), line });
    }

    fn step(&mut self) -> bool {
        let Some(first) = self.rest.chars().next() else { return false };
        let line = self.line;
        if self.rest.starts_with("//") {
            let text = self.take(self.rest.find('\n').unwrap_or(self.rest.len()));
            self.comments.push((line, text.to_owned()));
        } else if self.rest.starts_with("/*") {
            let text = self.take(block_comment(self.rest));
            self.comments.push((line, text.to_owned()));
        } else if let Some(bytes) = literal(self.rest) {
            self.take(bytes);
            self.token(line, "\"");
        } else if first == '\'' {
            // A lifetime.
            self.take(1 + word(&self.rest[1..]));
        } else if first.is_alphanumeric() || first == '_' {
            let text = self.take(word(self.rest));
            self.token(line, text);
        } else {
            let text = self.take(first.len_utf8());
            if !first.is_whitespace() {
                self.token(line, text);
            }
        }
        true
    }
}

fn word(text: &str) -> usize {
    text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len())
}

fn block_comment(text: &str) -> usize {
    let mut depth = 0;
    for (at, _) in text.char_indices() {
        if text[at..].starts_with("/*") {
            depth += 1;
        } else if at >= 2 && text[..at].ends_with("*/") {
            depth -= 1;
            if depth == 0 {
                return at;
            }
        }
    }
    text.len()
}

/// The length of the string or character that starts here, if one does.
fn literal(text: &str) -> Option<usize> {
    let prefix = ["br", "cr", "b", "c", "r", ""].into_iter().find(|prefix| {
        let after = text.strip_prefix(prefix).unwrap_or_default();
        let raw = prefix.ends_with('r');
        after.starts_with('"')
            || (raw && after.trim_start_matches('#').starts_with('"') && after.starts_with('#'))
    });
    match prefix {
        Some(prefix) if prefix.ends_with('r') => Some(prefix.len() + raw_string(&text[prefix.len()..])),
        Some(prefix) => Some(prefix.len() + quoted(&text[prefix.len()..], '"')),
        None => character(text),
    }
}

fn character(text: &str) -> Option<usize> {
    let prefix = usize::from(text.starts_with("b'"));
    let inside = text[prefix..].strip_prefix('\'')?;
    let mut chars = inside.chars();
    let first = chars.next()?;
    (first == '\\' || chars.next() == Some('\'')).then(|| prefix + quoted(&text[prefix..], '\''))
}

fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if c == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}

fn raw_string(text: &str) -> usize {
    let marks = text.len() - text.trim_start_matches('#').len();
    let end = format!("\"{}", "#".repeat(marks));
    text[marks + 1..].find(&end).map_or(text.len(), |at| marks + 1 + at + end.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        Source::new("src/x.rs", text).code.into_iter().map(|t| t.text).collect()
    }

    #[test]
    fn strings_characters_lifetimes_and_comments_are_no_code() {
        for (text, expected) in [
            ("a(\"b\\\"c\", 'd', '\\'', b'{')", vec!["a", "(", "\"", ",", "\"", ",", "\"", ",", "\"", ")"]),
            ("r#\"a \"b\" {\"# c", vec!["\"", "c"]),
            ("br\"\\\" c", vec!["\"", "c"]),
            ("x<'a>('static) // y\nz", vec!["x", "<", ">", "(", ")", "z"]),
            ("a /* b /* c */ d */ e", vec!["a", "e"]),
            ("r#type b\"\" crate rest", vec!["r", "#", "type", "\"", "crate", "rest"]),
            ("'é' \"\\\\\" a", vec!["\"", "\"", "a"]),
        ] {
            assert_eq!(words(text), expected, "{text}");
        }
    }

    #[test]
    fn what_only_tests_see_is_left_out_and_its_lines_are_not_counted() {
        let text = "a;\n#[cfg(test)]\nmod tests {\n  { b }\n}\n#[cfg(test)]\nuse c::{d};\n#[cfg(test)]\nmod e;\nf;\n";
        let source = Source::new("src/x/mod.rs", text);
        assert_eq!(source.code.iter().map(|t| t.text.as_str()).collect::<String>(), "a;f;");
        assert_eq!((source.lines, source.test_files()), (2, vec!["src/x/e.rs".to_owned()]));
        assert_eq!(Source::new("src/y.rs", "#[cfg(test)] mod z;").test_files(), ["src/y/z.rs"]);
    }

    #[test]
    fn a_file_knows_its_module() {
        for (path, module) in [
            ("src/lib.rs", vec![]),
            ("src/main.rs", vec!["main"]),
            ("src/http/mod.rs", vec!["http"]),
            ("src/http/api/codes.rs", vec!["http", "api", "codes"]),
        ] {
            assert_eq!(Source::new(path, "").module(), module);
        }
    }

    #[test]
    fn functions_are_measured_with_their_signature() {
        let text = "pub async fn a<T: Fn() -> u8>(x: [u8; 3],\n y: Vec<(u8, u8)>,\n) -> T\nwhere T: X {\n  { 1 }\n}\ntrait B { fn c(); fn d() { e } }\ntype F = fn(u8);";
        let source = Source::new("src/x.rs", text);
        let found: Vec<_> = functions(&source.code)
            .iter()
            .map(|f| (f.name.to_owned(), f.line, f.lines, f.is_async))
            .collect();
        assert_eq!(found, [("a".to_owned(), 1, 6, true), ("d".to_owned(), 7, 1, false)]);
    }

    #[test]
    fn parameters_are_counted() {
        for (text, count) in [
            ("fn a() {}", 0),
            ("fn a(b: u8) {}", 1),
            ("fn a(b: web::Path<(u8, u8)>, c: Map<u8, u8>,) {}", 2),
            ("fn a(&self, b: impl Fn(u8, u8), [c, d]: [u8; 2]) {}", 3),
        ] {
            let source = Source::new("src/x.rs", text);
            assert_eq!(functions(&source.code)[0].count_parameters(), count, "{text}");
        }
    }
}
