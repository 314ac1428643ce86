//! Who is signed in to the CRM, known by a cookie of its own, as any CRM has it.
//!
//! Knows nothing of how they were let in. It is kept in memory and goes when the CRM does.

use std::sync::{Mutex, MutexGuard, PoisonError};

use actix_web::HttpRequest;
use actix_web::http::header;

/// So many are remembered, the newest.
const REMEMBERED: usize = 200;
const COOKIE: &str = "harbor_visit";

/// Everybody who is signed in, or on the way, newest first.
#[derive(Default)]
pub struct Visits(Mutex<Vec<Kept>>);

struct Kept {
    /// What the cookie says.
    id: String,
    stage: Stage,
}

enum Stage {
    Waiting(Waiting),
    In(Visit),
}

/// A password was right, and the second step is on its way.
#[derive(Clone)]
pub struct Waiting {
    /// Ours, in the address that the browser comes back to.
    pub key: String,
    pub user: String,
    /// The service's id of the sign-in.
    pub login: String,
}

/// A user who is in.
#[derive(Clone)]
pub struct Visit {
    pub user: String,
    /// How the second step was done, in the service's word; nothing where none was asked for.
    pub method: Option<String>,
}

impl Visits {
    fn all(&self) -> MutexGuard<'_, Vec<Kept>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, kept: Kept) {
        let mut all = self.all();
        all.insert(0, kept);
        all.truncate(REMEMBERED);
    }

    /// A browser goes for its second step; gives the cookie that it has to come back with.
    pub fn wait(&self, id: String, waiting: Waiting) -> String {
        let cookie = cookie(&id);
        self.keep(Kept { id, stage: Stage::Waiting(waiting) });
        cookie
    }

    /// Lets a browser in, under an id that it did not have before; gives its cookie.
    pub fn let_in(&self, request: &HttpRequest, id: String, visit: Visit) -> String {
        self.end(request);
        let cookie = cookie(&id);
        self.keep(Kept { id, stage: Stage::In(visit) });
        cookie
    }

    /// The second step that this browser went for under this key: nobody can be sent another's way back.
    pub fn waiting(&self, request: &HttpRequest, key: &str) -> Option<Waiting> {
        let id = id(request)?;
        self.all().iter().find_map(|kept| match &kept.stage {
            Stage::Waiting(waiting) if kept.id == id && waiting.key == key => Some(waiting.clone()),
            _ => None,
        })
    }

    /// Who is in with this browser.
    pub fn of(&self, request: &HttpRequest) -> Option<Visit> {
        let id = id(request)?;
        self.all().iter().find_map(|kept| match &kept.stage {
            Stage::In(visit) if kept.id == id => Some(visit.clone()),
            _ => None,
        })
    }

    /// Forgets what this browser is or waits for.
    pub fn end(&self, request: &HttpRequest) {
        if let Some(id) = id(request) {
            self.all().retain(|kept| kept.id != id);
        }
    }
}

/// Where the CRM has an address of its own, it says `Secure`, too.
fn cookie(id: &str) -> String {
    format!("{COOKIE}={id}; Path=/; HttpOnly; SameSite=Lax")
}

fn id(request: &HttpRequest) -> Option<&str> {
    let cookies = request.headers().get_all(header::COOKIE).filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find_map(|(name, id)| (name == COOKIE).then_some(id))
}
