//! The directory: which messages are in it now, newest first.
//!
//! Files may be half written, from another hand, or gone while they are read: those are passed over, and read again
//! the next time. What was read once is kept until the file changes.

use std::collections::HashMap;
use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use super::message::Message;

const LARGEST: u64 = 1 << 20;
const DEEPEST: usize = 4;
const MOST: usize = 500;

/// A directory of messages.
pub struct Mailbox {
    dir: PathBuf,
    known: Mutex<HashMap<PathBuf, Known>>,
}

struct Known {
    length: u64,
    modified: Option<SystemTime>,
    message: Message,
}

impl Mailbox {
    pub fn new(dir: PathBuf) -> Self {
        Self { dir, known: Mutex::default() }
    }

    /// The newest messages, newest first. Reads the disk: not for an async thread.
    pub fn messages(&self) -> Vec<Message> {
        let mut files = Vec::new();
        collect(&self.dir, DEEPEST, &mut files);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|path, _| files.iter().any(|(file, _)| file == path));
        let mut messages: Vec<_> =
            files.into_iter().filter_map(|(path, meta)| current(&mut known, path, &meta)).collect();
        messages.sort_by_cached_key(|message| std::cmp::Reverse((message.moment(), message.id.clone())));
        messages.truncate(MOST);
        messages
    }
}

fn collect(dir: &Path, depth: usize, files: &mut Vec<(PathBuf, Metadata)>) {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    for entry in entries {
        // `metadata` of an entry does not follow links: a link out of the directory is no message.
        let Ok(meta) = entry.metadata() else { continue };
        let path = entry.path();
        if meta.is_dir() && depth > 0 {
            collect(&path, depth - 1, files);
        } else if meta.is_file()
            && meta.len() <= LARGEST
            && path.extension().is_some_and(|kind| kind == "json")
        {
            files.push((path, meta));
        }
    }
}

fn current(known: &mut HashMap<PathBuf, Known>, path: PathBuf, meta: &Metadata) -> Option<Message> {
    let (length, modified) = (meta.len(), meta.modified().ok());
    if let Some(found) = known.get(&path).filter(|found| found.length == length && found.modified == modified)
    {
        return Some(found.message.clone());
    }
    let message = Message::read(&fs::read_to_string(&path).ok()?)?;
    known.insert(path, Known { length, modified, message: message.clone() });
    Some(message)
}
