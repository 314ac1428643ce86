//! Codes as people read and mistype them.

/// The code in a text, if it holds one: the first run of digits with a space in the middle.
pub fn code_found(text: &str) -> Option<String> {
    let pattern = regex::Regex::new(r"\b(\d{3,4}) (\d{3,4})\b").unwrap();
    pattern.captures(text).map(|found| format!("{}{}", &found[1], &found[2]))
}

/// The code in a text that holds one.
pub fn code_in(text: &str) -> String {
    code_found(text).unwrap_or_else(|| panic!("no code in {text:?}"))
}

/// A code that is not this one.
pub fn wrong(code: &str) -> String {
    let last = code.chars().last().unwrap().to_digit(10).unwrap();
    format!("{}{}", &code[..code.len() - 1], (last + 1) % 10)
}
