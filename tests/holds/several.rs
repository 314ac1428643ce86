//! Three processes on one PostgreSQL: none knows what another does not, and none is needed.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::database::{Backend, Database};
use crate::ledger;
use crate::length::{Dice, either};
use crate::load::Load;
use crate::process::Process;
use crate::stage::{Answer, Stage, client_body};

/// Requests at once.
const AT_ONCE: usize = 30;

struct Three {
    stage: Arc<Stage>,
    database: Database,
    processes: Vec<Process>,
}

impl Three {
    async fn start(rules: &str) -> Self {
        let database = Database::empty(Backend::Postgres).await;
        let stage = Arc::new(Stage::on(&database, rules).await);
        let mut processes = Vec::new();
        for _ in 0..3 {
            processes.push(stage.serve().await);
        }
        Self { stage, database, processes }
    }

    fn base(&self, number: usize) -> String {
        self.processes[number % 3].base.clone()
    }

    fn bases(&self) -> Vec<String> {
        (0..3).map(|number| self.base(number)).collect()
    }

    /// The same call, many at once, each to the next process. Counts what this says of the answers.
    async fn at_once<F>(
        &self,
        call: impl Fn(Arc<Stage>, String, usize) -> F,
        of: impl Fn(&Value) -> Value,
    ) -> BTreeMap<String, usize>
    where
        F: Future<Output = Answer> + Send + 'static,
    {
        let calls: Vec<_> =
            (0..AT_ONCE).map(|n| tokio::spawn(call(Arc::clone(&self.stage), self.base(n), n))).collect();
        let mut counts = BTreeMap::new();
        for call in calls {
            let (status, body) = call.await.unwrap().expect("an answer");
            *counts.entry(format!("{status} {}", of(&body).as_str().unwrap_or_default())).or_default() += 1;
        }
        counts
    }
}

fn counted(pairs: &[(&str, usize)]) -> BTreeMap<String, usize> {
    pairs.iter().map(|(what, count)| ((*what).to_owned(), *count)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_process_changes_holds_in_the_others() {
    let three = Three::start("").await;
    let (stage, path) = (&three.stage, "/api/v1/clients/k-1/status");
    stage.tell_client(&three.base(0), 1).await.unwrap();
    let asked = stage.ask(&three.base(0), 1).await.unwrap();
    assert_eq!(asked.0, 201, "{}", asked.1);
    // A status and a limit are rows: whoever reads next has them.
    for number in 1..3 {
        let refused = stage
            .must(
                &three.base(number),
                "POST",
                "/api/v1/clients/k-1/codes",
                Some(&json!({"contact": "c-1", "surface": "lead_card"})),
                429,
            )
            .await;
        assert_eq!(refused["code"], "too_soon");
        assert_eq!(stage.must(&three.base(number), "GET", path, None, 200).await["state"], "code_sent");
    }
    let code = stage.code_to(1).await;
    stage.check(&three.base(1), asked.1["id"].as_str().unwrap(), &code).await.unwrap();
    for process in &three.processes {
        process.becomes(path, &stage.key, |status, body| status == 200 && body["state"] == "verified").await;
    }
    // A tenant's setting, changed by a fourth process.
    stage.apply("cornerstone", "surfaces = [\"payroll_card\"]");
    for process in &three.processes {
        let body = json!({"contact": "c-1", "surface": "lead_card"});
        crate::stage::until("the surface is off", || async {
            let answer = stage.call(&process.base, "POST", "/api/v1/clients/k-1/codes", Some(&body)).await;
            answer.is_some_and(|(status, body)| status == 403 && body["code"] == "surface_disabled")
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_is_accepted_once_whichever_process_is_asked() {
    let three = Three::start("").await;
    for round in 1..=either(1, 50) {
        three.stage.tell_client(&three.base(0), round).await.unwrap();
        let (_, challenge) = three.stage.ask(&three.base(0), round).await.unwrap();
        let (challenge, code) =
            (challenge["id"].as_str().unwrap().to_owned(), three.stage.code_to(round).await);
        let check = |stage: Arc<Stage>, base: String, _| {
            let (challenge, code) = (challenge.clone(), code.clone());
            async move { stage.check(&base, &challenge, &code).await }
        };
        let results = three.at_once(check, |body| body["result"].clone()).await;
        assert_eq!(results, counted(&[("200 already_used", AT_ONCE - 1), ("200 verified", 1)]));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_client_and_no_number_is_sent_more_than_allowed_whichever_process_is_asked() {
    let three = Three::start("[tenant.policy.client]\nsends = 1").await;
    three.stage.tell_client(&three.base(0), 1).await.unwrap();
    let ask = |stage: Arc<Stage>, base: String, _| async move { stage.ask(&base, 1).await };
    let codes = three.at_once(ask, |body| body["code"].clone()).await;
    assert_eq!(codes.get("201 "), Some(&1), "{codes:?}");
    assert_eq!(codes.values().sum::<usize>(), AT_ONCE);
    assert!(codes.keys().all(|code| code == "201 " || code.starts_with("429 ")), "{codes:?}");
    // Thirty clients with one mobile: it gets four times `sends`.
    let ask = |stage: Arc<Stage>, base: String, number: usize| async move {
        let client = format!("/api/v1/clients/k-{}", number + 100);
        stage.call(&base, "PUT", &client, Some(&client_body(number + 100, 100))).await?;
        stage.ask(&base, number + 100).await
    };
    let codes = three.at_once(ask, |body| body["code"].clone()).await;
    assert_eq!(codes, counted(&[("201 ", 4), ("429 too_many_sends", AT_ONCE - 4)]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_that_is_killed_beside_others_loses_nothing() {
    let mut dice = Dice::thrown("several");
    let mut three = Three::start("").await;
    let load = Load::new(Arc::clone(&three.stage));
    let (here, bases) = watch::channel(three.bases());
    let stop = CancellationToken::new();
    let agents: Vec<_> =
        (0..4).map(|_| tokio::spawn(Arc::clone(&load).work(bases.clone(), stop.clone()))).collect();
    for _ in 0..either(2, 60) {
        load.more(10 + dice.below(30)).await;
        let victim = dice.below(3);
        drop(three.processes.remove(victim));
        here.send_replace(three.processes.iter().map(|process| process.base.clone()).collect());
        load.more(10 + dice.below(30)).await;
        three.processes.push(three.stage.serve().await);
        here.send_replace(three.bases());
    }
    stop.cancel();
    here.send_replace(vec!["http://127.0.0.1:9".to_owned()]);
    for agent in agents {
        agent.await.unwrap();
    }
    ledger::drained(&three.database).await;
    ledger::balance(&load, &three.database).await;
}
