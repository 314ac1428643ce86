//! Statuses as text, made once for all who are given the same within the same second.

use std::collections::HashMap;
use std::sync::Arc;

use crate::domain::locale::Locale;
use crate::domain::status::{self, Status, View};
use crate::domain::timestamp::Timestamp;

use super::topic::Topic;

/// Texts kept at most.
const MOST: usize = 10_000;

/// The texts of this second.
#[derive(Default)]
pub struct Drafts {
    second: i64,
    made: HashMap<(u64, Locale), (i64, Arc<str>)>,
}

impl Drafts {
    /// The status of a watched client as JSON, exactly as the status routes give it.
    pub fn of(&mut self, number: u64, topic: &Topic, view: View<'_>) -> Arc<str> {
        let (key, version) = ((number, view.locale), topic.version_at(view.now));
        self.forget_before(view.now);
        if let Some((_, text)) = self.made.get(&key).filter(|(known, _)| *known == version) {
            return Arc::clone(text);
        }
        let text: Arc<str> = text(&status(topic, view)).into();
        self.made.insert(key, (version, Arc::clone(&text)));
        text
    }

    /// Seconds are counted in a status, so no text outlasts one.
    fn forget_before(&mut self, now: Timestamp) {
        if self.second != now.seconds() || self.made.len() >= MOST {
            self.second = now.seconds();
            self.made.clear();
        }
    }

    /// Forgets all of it: what a status is made from has changed.
    pub fn clear(&mut self) {
        self.made.clear();
    }
}

fn status(topic: &Topic, view: View<'_>) -> Status {
    match topic.outline() {
        Some(outline) => status::of(view, outline),
        None => status::unknown(view, topic.client.clone()),
    }
}

fn text(status: &Status) -> String {
    serde_json::to_string(status).unwrap_or_default()
}
