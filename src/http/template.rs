//! Templates of pages, parsed once: strict, so that a field that a page forgot is found when it is first shown.

use handlebars::Handlebars;

/// Why the pages cannot be made.
pub use handlebars::TemplateError as PageError;

/// Templates by their names, from source.
///
/// # Errors
/// One that does not parse.
pub fn parsed(templates: &[(&str, &str)]) -> Result<Handlebars<'static>, Box<PageError>> {
    #[expect(clippy::disallowed_methods, reason = "pages are no messages: parsed once, strict, from source")]
    let mut engine = Handlebars::new();
    engine.set_strict_mode(true);
    engine.set_prevent_indent(true);
    for (name, text) in templates {
        engine.register_template_string(name, text.trim_end()).map_err(Box::new)?;
    }
    Ok(engine)
}
