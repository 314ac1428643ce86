//! What every file starts with, and what none may say.

use crate::source::{Source, starts};

const MARKS: [&str; 3] = ["TODO", "FIXME", "XXX"];

/// A file that does not start by saying what it is.
pub fn opening(source: &Source) -> Vec<String> {
    if source.text.starts_with("//! ") {
        return Vec::new();
    }
    vec![format!("{}:1: words: a file starts with `//!` and what it owns", source.path)]
}

/// Exceptions without a reason, and things left for later without a number.
pub fn loose_ends(source: &Source) -> Vec<String> {
    let mut faults = Vec::new();
    for at in 0..source.tokens.len() {
        let (rest, line) = (&source.tokens[at..], source.tokens[at].line);
        if starts(rest, &["#", "[", "allow", "("]) || starts(rest, &["#", "!", "[", "allow", "("]) {
            let reason = "an exception is `#[expect(…, reason = \"…\")]`";
            faults.push(format!("{}:{line}: words: {reason}, not `allow`", source.path));
        }
        for name in ["todo", "unimplemented"] {
            if starts(rest, &[name, "!"]) {
                faults.push(format!("{}:{line}: words: `{name}!` is not an implementation", source.path));
            }
        }
    }
    for (line, text) in &source.comments {
        for mark in MARKS.iter().filter(|mark| is_loose(text, mark)) {
            faults.push(format!("{}:{line}: words: {mark} without the number of an issue", source.path));
        }
    }
    faults
}

/// Whether the mark stands there as a word, with no `#` and number anywhere after it.
fn is_loose(comment: &str, mark: &str) -> bool {
    let is_letter = |c: char| c.is_alphanumeric() || c == '_';
    comment.match_indices(mark).any(|(at, _)| {
        let after = &comment[at + mark.len()..];
        let whole = !comment[..at].ends_with(is_letter) && !after.starts_with(is_letter);
        let numbered = after.split('#').skip(1).any(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        whole && !numbered
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_a_first_line_is_found() {
        let fault = "src/x.rs:1: words: a file starts with `//!` and what it owns";
        for bad in ["", "use a;\n//! late", "// not this", "//!\n"] {
            assert_eq!(opening(&Source::new("src/x.rs", bad)), [fault], "{bad}");
        }
        assert_eq!(opening(&Source::new("src/x.rs", "//! Owns x.\n")), Vec::<String>::new());
    }

    #[test]
    fn loose_ends_are_found() {
        for (text, expected) in [
            (
                "\n#[allow(dead_code)]",
                "src/x.rs:2: words: an exception is `#[expect(…, reason = \"…\")]`, not `allow`",
            ),
            (
                "#![allow(x)]",
                "src/x.rs:1: words: an exception is `#[expect(…, reason = \"…\")]`, not `allow`",
            ),
            ("fn a() { todo!() }", "src/x.rs:1: words: `todo!` is not an implementation"),
            ("unimplemented!(\"b\")", "src/x.rs:1: words: `unimplemented!` is not an implementation"),
            ("a; // TODO: later", "src/x.rs:1: words: TODO without the number of an issue"),
            ("/* a\n FIXME */", "src/x.rs:1: words: FIXME without the number of an issue"),
            ("/// XXX # 3", "src/x.rs:1: words: XXX without the number of an issue"),
        ] {
            assert_eq!(loose_ends(&Source::new("src/x.rs", text)), [expected], "{text}");
        }
    }

    #[test]
    fn what_only_looks_like_one_is_left_alone() {
        for text in [
            "// TODO(#12): later",
            "// FIXME #7",
            "/// `XXXX-XXXX-XXXX`, METODO",
            "let a = \"TODO #[allow(x)] todo!()\";",
            "#[expect(dead_code, reason = \"b\")] fn todo() { allow(1) }",
        ] {
            assert_eq!(loose_ends(&Source::new("src/x.rs", text)), Vec::<String>::new(), "{text}");
        }
    }
}
