//! Pushes to a host: what counts as delivered, what is refused, and that nothing is dialled unchecked.

#[cfg(test)]
#[path = "support/gateway.rs"]
mod gateway;

#[cfg(test)]
mod push {
    use std::io;
    use std::net::IpAddr;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use async_trait::async_trait;
    use countersign::domain::address::{AddressRules, Blocked};
    use countersign::domain::timestamp::Timestamp;
    use countersign::host::client::{PushClient, PushFailure, PushOutcome};
    use countersign::host::fault::Fault;
    use countersign::host::resolver::{Lookup, SystemLookup};
    use countersign::host::signature::{SignedHeaders, WebhookSecret, sign, verify};
    use tokio::io::AsyncWriteExt as _;
    use tokio::net::TcpListener;
    use url::Url;

    use super::gateway::{Answer, Server};

    const AT: Timestamp = Timestamp::from_seconds(1_795_000_000);

    fn loopback() -> AddressRules {
        AddressRules::new(vec!["127.0.0.0/8".parse().unwrap()])
    }

    fn client(rules: AddressRules, lookup: impl Lookup + 'static, timeout_ms: u64) -> PushClient {
        PushClient::with(rules, Arc::new(lookup), Duration::from_millis(timeout_ms)).unwrap()
    }

    /// Answers with each list in turn, the last one for good.
    struct Resolver {
        answers: Vec<Vec<IpAddr>>,
        asked: Arc<AtomicUsize>,
    }

    impl Resolver {
        fn new(answers: &[&[&str]]) -> Self {
            let parse = |list: &&[&str]| list.iter().map(|ip| ip.parse().unwrap()).collect();
            Self { answers: answers.iter().map(parse).collect(), asked: Arc::default() }
        }
    }

    #[async_trait]
    impl Lookup for Resolver {
        async fn lookup(&self, _name: &str) -> io::Result<Vec<IpAddr>> {
            let asked = self.asked.fetch_add(1, Ordering::SeqCst);
            Ok(self.answers[asked.min(self.answers.len() - 1)].clone())
        }
    }

    async fn post(client: &PushClient, url: &Url) -> PushOutcome {
        client.post(url, &[("webhook-id", "evt_1")], b"{}".to_vec(), AT).await
    }

    fn unanswered(fault: Fault) -> PushOutcome {
        PushOutcome::Failed { status: None, reason: PushFailure::Unanswered(fault), retry_after: None }
    }

    fn failed(status: u16, reason: PushFailure, retry_after: Option<u64>) -> PushOutcome {
        let retry_after = retry_after.map(Duration::from_secs);
        PushOutcome::Failed { status: Some(status), reason, retry_after }
    }

    #[tokio::test]
    async fn what_arrives_is_what_was_signed() {
        let server = Server::start(Answer::Say("204 No Content", "", "")).await;
        let secrets = [WebhookSecret::from_bytes(&[5; 32]).unwrap()];
        let body = br#"{"type":"verification.verified"}"#;
        let signature = sign(&secrets, "evt_1", AT.seconds(), body);
        let time = AT.seconds().to_string();
        let headers =
            [("webhook-id", "evt_1"), ("webhook-timestamp", &*time), ("webhook-signature", &*signature)];
        let client = client(loopback(), SystemLookup, 5_000);

        let outcome = client.post(&server.url("/hooks?x=1"), &headers, body.to_vec(), AT).await;

        assert_eq!(outcome, PushOutcome::Delivered { status: 204 });
        let request = server.seen().remove(0);
        let (head, sent) = request.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("POST /hooks?x=1 HTTP/1.1\r\n"), "{head}");
        let header = |name: &str| {
            let line = head.lines().find(|line| line.starts_with(&format!("{name}: "))).unwrap();
            line[name.len() + 2..].to_owned()
        };
        assert_eq!(header("content-type"), "application/json");
        assert_eq!(header("user-agent"), format!("countersign/{}", env!("CARGO_PKG_VERSION")));
        let (id, timestamp, signature) =
            (header("webhook-id"), header("webhook-timestamp"), header("webhook-signature"));
        let came = SignedHeaders { id: &id, timestamp: &timestamp, signature: &signature };
        assert_eq!(verify(&secrets, came, sent.as_bytes(), AT.seconds()), Ok(()));
    }

    #[tokio::test]
    async fn only_2xx_is_delivered() {
        use PushFailure::{Redirect, Status};
        let client = client(loopback(), SystemLookup, 5_000);
        for (status, headers, expected) in [
            ("200 OK", "", PushOutcome::Delivered { status: 200 }),
            ("202 Accepted", "retry-after: 9\r\n", PushOutcome::Delivered { status: 202 }),
            ("304 Not Modified", "", failed(304, Redirect, None)),
            ("400 Bad Request", "", failed(400, Status, None)),
            ("410 Gone", "", failed(410, Status, None)),
            ("429 Slow", "retry-after: 120\r\n", failed(429, Status, Some(120))),
            ("503 Busy", "retry-after: Wed, 18 Nov 2026 12:13:20 GMT\r\n", failed(503, Status, Some(4_000))),
            ("500 Oh", "retry-after: later\r\n", failed(500, Status, None)),
        ] {
            let server = Server::start(Answer::Say(status, headers, "")).await;
            let outcome = post(&client, &server.url("/")).await;
            assert_eq!(outcome, expected, "{status}");
        }
    }

    #[tokio::test]
    async fn a_redirect_is_not_followed() {
        let trap = Server::start(Answer::Say("200 OK", "", "")).await;
        let location: &'static str = format!("location: {}\r\n", trap.url("/trap")).leak();
        let client = client(loopback(), SystemLookup, 5_000);
        for status in ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"] {
            let server = Server::start(Answer::Say(status, location, "")).await;
            let code = status[..3].parse().unwrap();
            assert_eq!(post(&client, &server.url("/")).await, failed(code, PushFailure::Redirect, None));
        }
        assert!(trap.seen().is_empty());
    }

    #[tokio::test]
    async fn an_endless_answer_is_cut_off() {
        let server = Server::start(Answer::Endless).await;
        let outcome = post(&client(loopback(), SystemLookup, 60_000), &server.url("/")).await;
        assert_eq!(outcome, PushOutcome::Delivered { status: 200 });
    }

    #[tokio::test]
    async fn an_answer_that_comes_in_drops_has_no_more_time_than_any_other() {
        let heads = Server::start(Answer::Drip("HTTP/1.1 200 OK\r\nx-slow: ")).await;
        let outcome = post(&client(loopback(), SystemLookup, 200), &heads.url("/")).await;
        assert_eq!(outcome, unanswered(Fault::Timeout));
        // The status has decided; the rest is not waited for longer.
        let bodies = Server::start(Answer::Drip("HTTP/1.1 500 Oh\r\ncontent-length: 9999999\r\n\r\n")).await;
        let outcome = post(&client(loopback(), SystemLookup, 200), &bodies.url("/")).await;
        assert_eq!(outcome, failed(500, PushFailure::Status, None));
    }

    #[tokio::test]
    async fn silence_a_broken_connection_and_a_closed_port_are_told_apart() {
        let silent = Server::start(Answer::Silence).await;
        let outcome = post(&client(loopback(), SystemLookup, 50), &silent.url("/")).await;
        assert_eq!(outcome, unanswered(Fault::Timeout));

        let client = client(loopback(), SystemLookup, 5_000);
        let broken = Server::start(Answer::HangUp).await;
        assert_eq!(post(&client, &broken.url("/")).await, unanswered(Fault::Broken));

        let closed = Url::parse("http://127.0.0.1:1/").unwrap();
        assert_eq!(post(&client, &closed).await, unanswered(Fault::Connect));
    }

    #[tokio::test]
    async fn a_server_that_speaks_no_tls_is_not_talked_to() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
            std::future::pending::<()>().await;
        });
        let client = client(loopback(), Resolver::new(&[&["127.0.0.1"]]), 5_000);
        let url = Url::parse(&format!("https://crm.example.com:{port}/")).unwrap();
        assert_eq!(post(&client, &url).await, unanswered(Fault::Tls));
    }

    #[tokio::test]
    async fn a_name_that_turns_to_a_private_address_is_refused_each_time() {
        let resolver = Resolver::new(&[&["8.8.8.8", "127.0.0.1"], &["::1", "8.8.8.8"], &["127.0.0.1"]]);
        let asked = resolver.asked.clone();
        let client = client(AddressRules::default(), resolver, 5_000);
        let url = Url::parse("https://crm.example.com/hooks").unwrap();
        for _ in 0..100 {
            assert_eq!(post(&client, &url).await, unanswered(Fault::Refused(Blocked::Special)));
        }
        assert_eq!(asked.load(Ordering::SeqCst), 100);
    }

    #[tokio::test]
    async fn plain_http_goes_only_to_named_networks() {
        let server = Server::start(Answer::Say("200 OK", "", "")).await;
        let url = Url::parse(&format!("http://crm.example.com:{}/", server.port())).unwrap();
        for (answer, expected) in [
            (["127.0.0.1"].as_slice(), PushOutcome::Delivered { status: 200 }),
            (&["8.8.8.8"], unanswered(Fault::Refused(Blocked::Special))),
            (&["127.0.0.1", "8.8.8.8"], unanswered(Fault::Refused(Blocked::Special))),
            (&[], unanswered(Fault::NoAddress)),
        ] {
            let client = client(loopback(), Resolver::new(&[answer]), 5_000);
            assert_eq!(post(&client, &url).await, expected, "{answer:?}");
        }
        let strict = client(AddressRules::default(), Resolver::new(&[&["127.0.0.1"]]), 5_000);
        assert_eq!(post(&strict, &url).await, unanswered(Fault::Refused(Blocked::Scheme)));
    }

    #[tokio::test]
    async fn a_literal_address_never_passes_by_the_rules() {
        let server = Server::start(Answer::Say("200 OK", "", "")).await;
        let client = client(AddressRules::default(), SystemLookup, 5_000);
        for (text, blocked) in [
            (server.url("/").to_string(), Blocked::Literal),
            ("https://127.0.0.1/".into(), Blocked::Literal),
            ("https://[::ffff:127.0.0.1]/".into(), Blocked::Literal),
            ("https://2130706433/".into(), Blocked::Literal),
            ("https://user:secret@crm.example.com/".into(), Blocked::UserInfo),
        ] {
            let outcome = post(&client, &Url::parse(&text).unwrap()).await;
            assert_eq!(outcome, unanswered(Fault::Refused(blocked)), "{text}");
        }
        assert!(server.seen().is_empty());
    }
}
