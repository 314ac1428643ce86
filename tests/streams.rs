//! Five thousand who listen to one process: what they cost, counted. A binary of its own, since it counts threads.

#[cfg(test)]
#[expect(dead_code, reason = "the harness serves several test binaries")]
#[path = "support/code.rs"]
mod code;
#[cfg(test)]
#[expect(dead_code, reason = "the harness serves several test binaries")]
#[path = "support/database.rs"]
mod database;
#[cfg(test)]
#[expect(dead_code, reason = "the harness serves several test binaries")]
#[path = "support/life.rs"]
mod life;
#[cfg(test)]
#[expect(dead_code, reason = "the harness serves several test binaries")]
#[path = "support/receiver.rs"]
mod receiver;
#[cfg(test)]
#[expect(dead_code, reason = "the harness serves several test binaries")]
#[path = "support/service.rs"]
mod service;

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::sync::Arc;

    use countersign::domain::id::{ClientId, TenantId};
    use countersign::domain::locale::Locale;
    use countersign::usecase::stream::look::look;
    use countersign::usecase::stream::watch_status::watch_status;
    use countersign::usecase::stream::{Pass, Told};
    use serde_json::{Value, json};
    use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
    use tokio::task::JoinSet;

    use crate::database::Backend;
    use crate::life::CLIENT;
    use crate::service::{Service, api_key};

    const LISTENERS: usize = 5000;

    fn threads() -> usize {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("Threads:")).unwrap();
        line.trim().parse().unwrap()
    }

    /// The figure of those who listen, of this process.
    async fn listening(service: &Service) -> f64 {
        let figures = service.call("GET", "/metrics", "", None).await.text;
        let found = figures.lines().find_map(|line| line.strip_prefix("countersign_stream_listeners "));
        found.unwrap().parse().unwrap()
    }

    /// Starts to listen so often, in both languages, each to the example client and one of its own.
    async fn listen(service: &Service, tasks: &mut JoinSet<()>) -> UnboundedReceiver<(String, Arc<str>)> {
        let (heard, all) = unbounded_channel();
        let desk = service.app.desk();
        let directory = desk.directory.get();
        let tenant = Arc::clone(&directory.member(&TenantId::parse("cornerstone").unwrap()).unwrap().tenant);
        let (_, key) = directory.by_api_key(&api_key("cornerstone")).unwrap();
        for number in 0..LISTENERS {
            let clients =
                [CLIENT.to_owned(), format!("own-{number}")].map(|id| ClientId::parse(&id).unwrap());
            let pass = Pass { via: key.as_str().to_owned(), until: None };
            let locale = Locale::ALL[number % 2];
            let mut listener = watch_status(desk, &tenant, &clients, locale, pass).await.unwrap();
            let heard = heard.clone();
            tasks.spawn(async move {
                while let Some(told) = listener.next().await {
                    if let Told::Status { json, .. } = told {
                        let status: Value = serde_json::from_str(&json).unwrap();
                        heard.send((status["client"].as_str().unwrap().to_owned(), json)).unwrap();
                    }
                }
            });
        }
        all
    }

    /// What everybody is told next of the example client. It is made once a language.
    async fn told(all: &mut UnboundedReceiver<(String, Arc<str>)>) -> Value {
        let mut texts = Vec::new();
        for _ in 0..LISTENERS {
            let (client, text) = all.recv().await.unwrap();
            assert_eq!(client, CLIENT);
            texts.push(text);
        }
        let made: HashSet<_> = texts.iter().map(|text| text.as_ptr()).collect();
        assert_eq!(made.len(), 2);
        serde_json::from_str(&texts[0]).unwrap()
    }

    async fn costs_the_same_however_many_listen(backend: Backend) {
        let service = Service::start(backend).await;
        let twin = service.twin(service.now()).await;
        service.know(CLIENT).await.expect(201);
        let desk = service.app.desk();
        let trips = || desk.store.round_trips();
        service.ask("nobody", "c-1").await;
        let mut tasks = JoinSet::new();
        let (idle, start) = (threads(), trips());
        let mut all = listen(&service, &mut tasks).await;
        assert_eq!(trips() - start, LISTENERS as u64, "one query each to begin with");
        for _ in 0..2 * LISTENERS {
            all.recv().await.unwrap();
        }
        assert!((listening(&service).await - 5000.0).abs() < 0.1);
        look(desk).await.unwrap();

        let before = trips();
        assert!(!look(desk).await.unwrap());
        assert_eq!(trips() - before, 1, "nothing happened: one look");
        let before = trips();
        service.ask(CLIENT, "c-1").await.expect(201);
        assert!(trips() - before <= 10, "as without listeners");
        let before = trips();
        assert_eq!(told(&mut all).await["state"], "code_sent");
        assert_eq!(trips(), before, "what this process does is told without a query");
        let body = json!({});
        let challenge = service.status(CLIENT).await["challenge"].as_str().unwrap().to_owned();
        let path = format!("/api/v1/challenges/{challenge}/cancel");
        service.post_at(&twin.base, &path, &body).await.expect(200);
        let before = trips();
        look(desk).await.unwrap();
        assert_eq!(trips() - before, 2, "what another did: one look, and one client");
        assert_eq!(told(&mut all).await["state"], "not_verified");
        service.advance(30);
        service.ask(CLIENT, "c-1").await.expect(201);
        assert_eq!(told(&mut all).await["state"], "code_sent");
        service.advance(600);
        let before = trips();
        desk.hub.review(&desk.directory, desk.time.now());
        assert_eq!(told(&mut all).await["state"], "not_verified");
        assert_eq!(trips(), before, "what time does is told without a query");

        // The pool of the database may have grown by some connections, which have a thread on SQLite.
        assert!(threads() < idle + 10, "{} threads, {idle} before", threads());
        tasks.shutdown().await;
        assert!(listening(&service).await < 0.1);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn five_thousand_listeners_cost_no_query_and_no_thread_each() {
        for backend in [Backend::Sqlite, Backend::Postgres] {
            costs_the_same_however_many_listen(backend).await;
        }
    }
}
