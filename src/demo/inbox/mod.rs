//! An inbox that shows every email and text as it was sent, from the files that the service writes.
//!
//! It reads a directory and nothing else, so it shows what any provider writing such files has sent.

mod mailbox;
mod message;
mod screen;

use std::net::TcpListener;
use std::path::PathBuf;

use actix_web::web;

use super::page::Pages;
use super::{DemoError, Running, server};

struct Inbox {
    mailbox: mailbox::Mailbox,
    pages: Pages,
}

/// Starts the inbox over a directory and all below it; the directory may not exist yet.
///
/// # Errors
/// The listener cannot be used.
pub fn start(listener: TcpListener, dir: PathBuf) -> Result<Running, DemoError> {
    let words = include_str!("../../../templates/page/demo/inbox-words.toml");
    let inbox = web::Data::new(Inbox {
        mailbox: mailbox::Mailbox::new(dir),
        pages: Pages::load(screen::TEMPLATES, words, "")?,
    });
    server::serve(listener, move |routes| screen::routes(routes, &inbox))
}
