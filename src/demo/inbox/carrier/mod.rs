//! A small stand-in for a carrier of texts and calls: the part of Twilio's API that the service uses, on this machine.
//!
//! It takes texts and calls as Twilio does, with the account's token; what comes of them it tells in callbacks that
//! it signs. Texts and calls that are over are files in the inbox's folder, like everything else that was sent; a
//! call that rings or is spoken on is kept here.

mod api;
mod call;
mod callback;
mod text;
pub mod twiml;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use actix_web::web::{self, ServiceConfig};

use crate::demo::DemoError;
use crate::ports::{self, Clock, Random};

/// An account, made up.
#[derive(Clone)]
pub struct Account {
    pub sid: String,
    pub token: String,
}

/// The number that texts and calls come from where the service names none: one that Twilio keeps for tests.
pub const NUMBER: &str = "+15005550006";

/// Everything the carrier knows.
pub struct Carrier {
    account: Account,
    dir: PathBuf,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    http: reqwest::Client,
    calls: call::Calls,
    /// Numbers that answered STOP, as a carrier keeps them.
    stopped: Mutex<BTreeSet<String>>,
}

impl Carrier {
    /// A carrier whose texts and calls become files in `dir`.
    ///
    /// # Errors
    /// The machine offers no TLS.
    pub fn new(
        account: Account,
        dir: PathBuf,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Result<Self, DemoError> {
        let http = crate::demo::client()?;
        let (calls, stopped) = (call::Calls::default(), Mutex::default());
        Ok(Self { account, dir, clock, random, http, calls, stopped })
    }

    /// A reference of two letters and 32 digits, as Twilio's are.
    fn reference(&self, kind: &str) -> String {
        format!("{kind}{}", hex::encode(ports::bytes::<16>(self.random.as_ref())))
    }
}

/// What the service asks of the carrier, and what the page does with calls and texts.
pub fn routes(routes: &mut ServiceConfig) {
    routes
        .route("/2010-04-01/Accounts/{account}.json", web::get().to(api::account))
        .route("/2010-04-01/Accounts/{account}/Messages.json", web::post().to(api::message))
        .route("/2010-04-01/Accounts/{account}/Calls.json", web::post().to(api::call))
        .route("/calls.json", web::get().to(call::list))
        .route("/calls/{call}/answer", web::post().to(call::answer))
        .route("/calls/{call}/press", web::post().to(call::press))
        .route("/calls/{call}/end", web::post().to(call::end))
        .route("/messages/{message}/reply", web::post().to(text::reply));
}
