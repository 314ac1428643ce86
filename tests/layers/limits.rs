//! How long files, functions and handlers may be. Inline tests are not counted.

use crate::source::{Function, Source, functions};

/// What is allowed of the middle one, of 95 in a hundred, and of each.
struct Budget {
    of: &'static str,
    median: usize,
    most_of_them: usize,
    each: usize,
}

const FILE: Budget = Budget { of: "file", median: 110, most_of_them: 400, each: 600 };
const FUNCTION: Budget = Budget { of: "function", median: 10, most_of_them: 50, each: 80 };
const HANDLER_LINES: usize = 30;
const HANDLER_PARAMETERS: usize = 5;

/// Something with a length.
struct Measured {
    place: String,
    lines: usize,
}

/// Every budget that the sources exceed.
pub fn faults(sources: &[&Source]) -> Vec<String> {
    let files = sources.iter().map(|s| Measured { place: format!("{}:1", s.path), lines: s.lines });
    let mut faults = FILE.faults(files.collect());
    let place = |s: &Source, f: &Function| format!("{}:{}: {}", s.path, f.line, f.name);
    let all =
        sources.iter().flat_map(|s| functions(&s.code).into_iter().map(move |f| (*s, f))).collect::<Vec<_>>();
    let lengths = all.iter().map(|(s, f)| Measured { place: place(s, f), lines: f.lines });
    faults.extend(FUNCTION.faults(lengths.collect()));
    for (source, f) in all.iter().filter(|(source, f)| is_handler(source, f)) {
        if f.lines > HANDLER_LINES {
            faults.push(format!(
                "{}: budget: a handler of {} lines; {HANDLER_LINES} are allowed",
                place(source, f),
                f.lines
            ));
        }
        let parameters = f.count_parameters();
        if parameters > HANDLER_PARAMETERS {
            faults.push(format!(
                "{}: budget: a handler of {parameters} parameters; {HANDLER_PARAMETERS} are allowed",
                place(source, f)
            ));
        }
    }
    faults
}

fn is_handler(source: &Source, f: &Function<'_>) -> bool {
    let takes_web = f.parameters.windows(2).any(|t| t[0].is("web") && t[1].is(":"));
    source.path.starts_with("src/http/") && f.is_async && takes_web
}

impl Budget {
    fn faults(&self, mut all: Vec<Measured>) -> Vec<String> {
        all.sort_by_key(|m| m.lines);
        let Some(last) = all.len().checked_sub(1) else {
            return vec![format!("budget: there is no {}", self.of)];
        };
        let mut faults = Vec::new();
        let mut share = |name: &str, index: usize, allowed: usize| {
            let Measured { place, lines } = &all[index];
            if *lines > allowed {
                faults.push(format!(
                    "{place}: budget: the {name} {} has {lines} lines; {allowed} are allowed",
                    self.of
                ));
            }
        };
        share("median", last / 2, self.median);
        share("95th of a hundred", (all.len() * 95).div_ceil(100) - 1, self.most_of_them);
        for Measured { place, lines } in all.iter().filter(|m| m.lines > self.each) {
            faults
                .push(format!("{place}: budget: a {} of {lines} lines; {} are allowed", self.of, self.each));
        }
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, lines: usize) -> Source {
        Source::new(path, &"x;\n".repeat(lines))
    }

    fn found(sources: &[Source]) -> Vec<String> {
        let all = faults(&sources.iter().collect::<Vec<_>>());
        all.into_iter().filter(|fault| !fault.contains("there is no function")).collect()
    }

    fn function(name: &str, lines: usize) -> String {
        format!("fn {name}() {{\n{}}}\n", "x;\n".repeat(lines - 2))
    }

    #[test]
    fn a_file_that_is_too_long_is_found() {
        let mut files = vec![file("src/long.rs", 601)];
        files.extend((0..40).map(|n| file(&format!("src/{n}.rs"), 600 - 14 * n)));
        let of_600 = found(&files);
        assert!(of_600.contains(&"src/long.rs:1: budget: a file of 601 lines; 600 are allowed".to_owned()));
        assert!(
            of_600.iter().any(|f| f.contains("the median file has 334 lines; 110 are allowed")),
            "{of_600:?}"
        );
        assert!(of_600.iter().any(|f| f.contains("the 95th of a hundred file has 586 lines")), "{of_600:?}");
        assert_eq!(of_600.len(), 3);
    }

    #[test]
    fn files_within_their_budget_and_their_tests_are_left_alone() {
        let tests = format!("x;\n#[cfg(test)]\nmod tests {{\n{}}}\n", "x;\n".repeat(900));
        let files = [file("src/a.rs", 110), Source::new("src/b.rs", &tests), file("src/c.rs", 400)];
        assert_eq!(found(&files), Vec::<String>::new());
    }

    #[test]
    fn functions_that_are_too_long_are_found() {
        let text = function("a", 10) + &function("b", 81) + &function("c", 11) + &function("d", 10);
        let all = found(&[Source::new("src/x.rs", &text), file("src/a.rs", 1), file("src/b.rs", 1)]);
        let b = "src/x.rs:11: b: budget:";
        assert_eq!(
            all,
            [
                format!("{b} the 95th of a hundred function has 81 lines; 50 are allowed"),
                format!("{b} a function of 81 lines; 80 are allowed")
            ]
        );
        let all = found(&[Source::new("src/x.rs", &(function("a", 11) + &function("b", 11)))]);
        assert_eq!(all, ["src/x.rs:1: a: budget: the median function has 11 lines; 10 are allowed"]);
    }

    #[test]
    fn handlers_that_do_too_much_are_found() {
        let body = "x;\n".repeat(29);
        let long = format!("pub async fn take(site: web::Data<Site>) {{\n{body}}}\n");
        let wide = "async fn wide(a: web::Path<(u8, u8)>, b: B, c: C, d: D, e: E, f: F) {}\n";
        let short = "fn a() {}\n".repeat(50);
        let text = format!("{short}{long}{wide}async fn not(a: A, b: B, c: C, d: D, e: E, f: F) {{}}\n");
        let all = found(&[Source::new("src/http/x.rs", &text)]);
        assert_eq!(
            all,
            [
                "src/http/x.rs:51: take: budget: a handler of 31 lines; 30 are allowed",
                "src/http/x.rs:82: wide: budget: a handler of 6 parameters; 5 are allowed"
            ]
        );
        assert_eq!(found(&[Source::new("src/store/x.rs", &text)]), Vec::<String>::new());
    }
}
