//! A process is killed at random moments, over and over, and what it was doing is done by the next.

use std::sync::Arc;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::length::{Dice, either};
use crate::load::Load;
use crate::stage::Stage;
use crate::{ledger, on_both};

/// Agents at once.
const AGENTS: usize = 4;
/// A process is killed after at most so many answers.
const MOST_ANSWERS: usize = 30;
/// And then so many turns of whoever else runs, so that no place in the code is spared.
const MOST_TURNS: usize = 400;

on_both! {
    async fn a_process_that_is_killed_again_and_again_loses_nothing_and_invents_nothing(database: Database) {
        let mut dice = Dice::thrown("crash");
        let stage = Arc::new(Stage::on(&database, "").await);
        let load = Load::new(Arc::clone(&stage));
        let (here, bases) = watch::channel(Vec::new());
        let stop = CancellationToken::new();
        let agents: Vec<_> = (0..AGENTS).map(|_| tokio::spawn(Arc::clone(&load).work(bases.clone(), stop.clone()))).collect();
        for _ in 0..either(5, 200) {
            let process = stage.serve().await;
            here.send_replace(vec![process.base.clone()]);
            load.more(1 + dice.below(MOST_ANSWERS)).await;
            for _ in 0..dice.below(MOST_TURNS) {
                tokio::task::yield_now().await;
            }
            // SIGKILL, and gone before the next starts.
            drop(process);
            here.send_replace(Vec::new());
        }
        stop.cancel();
        here.send_replace(vec!["http://127.0.0.1:9".to_owned()]);
        for agent in agents {
            agent.await.unwrap();
        }
        let last = stage.serve().await;
        ledger::drained(&database).await;
        ledger::balance(&load, &database).await;
        drop(last);
    }
}
