//! The language of a wording: values, and conditions on values. Nothing else of the engine behind the built-in files is to be
//! had by it: no part, no loop, no helper.

/// What a wording is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Node {
    Text(String),
    Value { name: String, line: usize },
    If { name: String, line: usize, then: Vec<Node>, otherwise: Vec<Node> },
}

/// A wording that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template(Vec<Node>);

/// Why a wording cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// `{{` without its `}}`.
    Open,
    /// Something in braces that is neither a value nor a condition.
    Unknown,
    /// `{{else}}` or `{{/if}}` without its `{{#if}}`.
    NoIf,
    /// `{{#if}}` without its `{{/if}}`.
    NoEnd,
}

/// Where a wording cannot be read, and why. Lines count from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unreadable {
    pub line: usize,
    pub reason: Reason,
}

/// A condition that is open: where it began, and what stands in it so far.
struct Branch {
    name: String,
    line: usize,
    then: Vec<Node>,
    otherwise: Option<Vec<Node>>,
}

/// A value that a wording places and that there is none of.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no {name} (line {line})")]
pub struct Missing {
    pub name: String,
    pub line: usize,
}

impl Template {
    /// Reads a wording.
    ///
    /// # Errors
    /// The first place that cannot be read.
    pub fn parse(text: &str) -> Result<Self, Unreadable> {
        let mut top = Vec::new();
        let mut open: Vec<Branch> = Vec::new();
        let (mut rest, mut line) = (text, 1);
        while let Some((before, after)) = rest.split_once("{{") {
            line += before.matches('\n').count();
            place(&mut top, &mut open, Node::Text(before.to_owned()));
            let at = |reason| Unreadable { line, reason };
            let (inside, behind) = after.split_once("}}").ok_or(at(Reason::Open))?;
            match inside.trim() {
                "else" => {
                    let branch = open.last_mut().filter(|branch| branch.otherwise.is_none());
                    branch.ok_or(at(Reason::NoIf))?.otherwise = Some(Vec::new());
                }
                "/if" => {
                    let Branch { name, line, then, otherwise } = open.pop().ok_or(at(Reason::NoIf))?;
                    let otherwise = otherwise.unwrap_or_default();
                    place(&mut top, &mut open, Node::If { name, line, then, otherwise });
                }
                tag => match tag.strip_prefix("#if ").map(str::trim) {
                    Some(name) if is_name(name) => {
                        open.push(Branch { name: name.to_owned(), line, then: Vec::new(), otherwise: None });
                    }
                    None if is_name(tag) => {
                        place(&mut top, &mut open, Node::Value { name: tag.to_owned(), line });
                    }
                    _ => return Err(at(Reason::Unknown)),
                },
            }
            line += inside.matches('\n').count();
            rest = behind;
        }
        place(&mut top, &mut open, Node::Text(rest.to_owned()));
        match open.pop() {
            Some(branch) => Err(Unreadable { line: branch.line, reason: Reason::NoEnd }),
            None => Ok(Self(top)),
        }
    }

    /// The text with its values. A condition holds where its value is there and not empty.
    ///
    /// # Errors
    /// A value that is to be placed and is not there: what would then be said has a hole.
    pub fn fill<'v>(&self, value: impl Fn(&str) -> Option<&'v str>) -> Result<String, Missing> {
        let mut filled = String::new();
        fill(&self.0, &|name| value(name).filter(|value| !value.is_empty()), &mut filled)?;
        Ok(filled.trim().to_owned())
    }

    /// Every name in it, of values placed and of conditions, with its line.
    pub fn names(&self) -> Vec<(&str, usize)> {
        let mut found = Vec::new();
        names(&self.0, &mut found);
        found
    }
}

fn place(top: &mut Vec<Node>, open: &mut [Branch], node: Node) {
    if node == Node::Text(String::new()) {
        return;
    }
    match open.last_mut() {
        Some(Branch { otherwise: Some(otherwise), .. }) => otherwise.push(node),
        Some(Branch { then, .. }) => then.push(node),
        None => top.push(node),
    }
}

fn is_name(word: &str) -> bool {
    let known = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    word.starts_with(|c: char| c.is_ascii_lowercase()) && word.chars().all(known) && word != "else"
}

fn fill<'v>(
    nodes: &[Node],
    value: &impl Fn(&str) -> Option<&'v str>,
    filled: &mut String,
) -> Result<(), Missing> {
    for node in nodes {
        match node {
            Node::Text(text) => filled.push_str(text),
            Node::Value { name, line } => {
                let missing = || Missing { name: name.clone(), line: *line };
                filled.push_str(value(name).ok_or_else(missing)?);
            }
            Node::If { name, then, otherwise, .. } => {
                fill(if value(name).is_some() { then } else { otherwise }, value, filled)?;
            }
        }
    }
    Ok(())
}

fn names<'t>(nodes: &'t [Node], found: &mut Vec<(&'t str, usize)>) {
    for node in nodes {
        match node {
            Node::Text(_) => {}
            Node::Value { name, line } => found.push((name, *line)),
            Node::If { name, line, then, otherwise } => {
                found.push((name, *line));
                names(then, found);
                names(otherwise, found);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_is_told_with_its_line_and_reason() {
        for (text, line, reason) in [
            ("{{code", 1, Reason::Open),
            ("a\nb {{code}} {{", 2, Reason::Open),
            ("{{> frame}}", 1, Reason::Unknown),
            ("{{#each a}}{{/each}}", 1, Reason::Unknown),
            ("{{{code}}}", 1, Reason::Unknown),
            ("{{a.b}}", 1, Reason::Unknown),
            ("{{lookup a b}}", 1, Reason::Unknown),
            ("{{#if else}}{{/if}}", 1, Reason::Unknown),
            ("\n{{/if}}", 2, Reason::NoIf),
            ("{{else}}", 1, Reason::NoIf),
            ("{{#if a}}{{else}}{{else}}{{/if}}", 1, Reason::NoIf),
            ("a\n{{#if a}}\n\n", 2, Reason::NoEnd),
        ] {
            assert_eq!(Template::parse(text), Err(Unreadable { line, reason }), "{text:?}");
        }
    }

    #[test]
    fn values_are_placed_and_conditions_ask_whether_there_is_one() {
        let value = |name: &str| match name {
            "code" => Some("{{x}} 1"),
            "empty" => Some(""),
            _ => None,
        };
        for (text, said) in [
            (" {{code}}.\n", Ok("{{x}} 1.")),
            ("a{{#if code}}b{{else}}c{{/if}}d", Ok("abd")),
            ("a{{#if empty}}b{{else}}c{{/if}}d", Ok("acd")),
            ("{{#if none}}{{none}}{{/if}}x", Ok("x")),
            ("{{#if code}}{{#if none}}a{{else}}b{{/if}}{{/if}}", Ok("b")),
            ("a\n{{none}}", Err(("none", 2))),
            ("{{empty}}", Err(("empty", 1))),
        ] {
            let said = said.map(str::to_owned);
            let said = said.map_err(|(name, line)| Missing { name: name.to_owned(), line });
            assert_eq!(Template::parse(text).unwrap().fill(value), said, "{text:?}");
        }
    }
}
