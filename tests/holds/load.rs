//! Agents who start, check and cancel, through processes that may be gone at any moment, and what they were answered.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::code::wrong;
use crate::stage::{Answer, Stage};

/// What an agent was told. Only what was answered counts: of anything else either may be true.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    Asked { challenge: String, messages: Vec<String> },
    Cancelled(String),
    Verified(String),
    Incorrect(String),
}

/// Where processes are now; empty is none. Each agent takes the next in turn.
pub type Bases = watch::Receiver<Vec<String>>;

/// What the agents share.
pub struct Load {
    pub stage: Arc<Stage>,
    pub facts: Mutex<Vec<Fact>>,
    /// Requests without an answer, and those that a process could not serve.
    pub failed: Mutex<Vec<String>>,
    next: AtomicUsize,
    /// Answers so far.
    answered: watch::Sender<usize>,
}

impl Load {
    pub fn new(stage: Arc<Stage>) -> Arc<Self> {
        Arc::new(Self {
            stage,
            facts: Mutex::default(),
            failed: Mutex::default(),
            next: AtomicUsize::new(1),
            answered: watch::Sender::new(0),
        })
    }

    /// Waits until so many more requests were answered.
    pub async fn more(&self, count: usize) {
        let mut answered = self.answered.subscribe();
        let goal = *answered.borrow() + count;
        answered.wait_for(|now| *now >= goal).await.unwrap();
    }

    /// One client after another until `stop`.
    pub async fn work(self: Arc<Self>, mut bases: Bases, stop: CancellationToken) {
        while !stop.is_cancelled() {
            let number = self.next.fetch_add(1, Ordering::SeqCst);
            let open = bases.wait_for(|bases| !bases.is_empty()).await.unwrap().clone();
            let base = &open[number % open.len()];
            // `None` is a process that was killed on the way: what it did is found out at the end.
            let _ = self.one(base, number, bases.clone()).await;
        }
    }

    fn note(&self, fact: Fact) {
        self.facts.lock().unwrap().push(fact);
    }

    fn heard(&self, answer: Answer) -> Answer {
        if answer.as_ref().is_none_or(|(status, _)| *status >= 500) {
            self.failed.lock().unwrap().push(format!("{answer:?}"));
        }
        self.answered.send_modify(|count| *count += 1);
        answer
    }

    async fn one(&self, base: &str, number: usize, mut bases: Bases) -> Option<()> {
        let stage = &self.stage;
        self.heard(stage.tell_client(base, number).await)?;
        let (status, body) = self.heard(stage.ask(base, number).await)?;
        if status != 201 {
            return None;
        }
        let challenge = body["id"].as_str().unwrap().to_owned();
        let messages = body["messages"].as_array().unwrap();
        let messages = messages.iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect();
        self.note(Fact::Asked { challenge: challenge.clone(), messages });
        if number.is_multiple_of(4) {
            let path = format!("/api/v1/challenges/{challenge}/cancel");
            if self.heard(stage.call(base, "POST", &path, None).await)?.0 == 200 {
                self.note(Fact::Cancelled(challenge));
            }
            return Some(());
        }
        if number % 4 == 3 {
            return Some(());
        }
        // A text that a killed process had claimed is sent by another when the lease is over: no agent waits for it.
        let code = tokio::select! {
            code = stage.code_to(number) => code,
            _ = bases.changed() => return None,
        };
        if number % 4 == 1 {
            let (_, body) = self.heard(stage.check(base, &challenge, &wrong(&code)).await)?;
            if body["result"] == "incorrect" {
                self.note(Fact::Incorrect(challenge.clone()));
            }
        }
        let (_, body) = self.heard(stage.check(base, &challenge, &code).await)?;
        if body["result"] == "verified" {
            self.note(Fact::Verified(challenge));
        }
        Some(())
    }
}
