//! An inbox that shows every email, text and call as it was sent, and a carrier of texts and calls behind it.
//!
//! What it shows are files in a folder, from whatever wrote them: the service its emails, the carrier the rest.

mod carrier;
mod mailbox;
mod message;
mod screen;

use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;

use actix_web::web;

use super::page::Pages;
use super::{DemoError, Running, server};
use crate::ports::{Clock, Random};

pub use carrier::{Account, NUMBER};

struct Inbox {
    mailbox: mailbox::Mailbox,
    pages: Pages,
}

/// What the inbox needs to know.
pub struct InboxConfig {
    pub listener: TcpListener,
    /// The folder it shows, with all below it; it may not exist yet.
    pub dir: PathBuf,
    /// Who may send texts and place calls by the carrier.
    pub account: Account,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness, for the references of texts and calls.
    pub random: Arc<dyn Random>,
}

/// Starts the inbox, and with it the carrier.
///
/// # Errors
/// The listener cannot be used.
pub fn start(config: InboxConfig) -> Result<Running, DemoError> {
    let words = include_str!("../../../templates/page/demo/inbox-words.toml");
    let inbox = web::Data::new(Inbox {
        mailbox: mailbox::Mailbox::new(config.dir.clone()),
        pages: Pages::load(screen::TEMPLATES, words, "")?,
    });
    let carrier = carrier::Carrier::new(config.account, config.dir, config.clock, config.random)?;
    let carrier = web::Data::new(carrier);
    server::serve(config.listener, move |routes| {
        screen::routes(routes, &inbox);
        carrier::routes(routes.app_data(carrier.clone()));
    })
}
