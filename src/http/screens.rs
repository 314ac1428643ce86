//! Everything that is drawn, read from the binary once, as the service starts.

use std::panic::resume_unwind;
use std::thread;

use url::Url;

use super::{Console, Document, Guide, PageError, Pages};

/// The pages of every audience.
pub struct Screens {
    pub(super) document: Document,
    pub(super) pages: Pages,
    pub(super) console: Console,
    pub(super) guide: Guide,
}

impl Screens {
    /// Reads the console, the most of it, beside the rest.
    ///
    /// # Errors
    /// A page that does not compile.
    pub fn read(public_url: &Url) -> Result<Self, Box<PageError>> {
        thread::scope(|scope| {
            let console = scope.spawn(Console::new);
            let (document, pages, guide) = (Document::new(public_url), Pages::new()?, Guide::new()?);
            let console = console.join().unwrap_or_else(|panic| resume_unwind(panic))?;
            Ok(Self { document, pages, console, guide })
        })
    }
}
