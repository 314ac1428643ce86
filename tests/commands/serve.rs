//! `countersign serve` as a process: it starts, it stops when asked, and finishes what it was doing.

use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::place::Place;
use super::process::Process;
use crate::on_both;
use crate::receiver::Receiver;
use crate::tenants::{ask, cornerstone};

on_both! {
    async fn a_fresh_place_serves_and_says_where(database: Database) {
        let place = Place::on(&database);
        let service = Process::serve(&place).await;
        for path in ["/healthz", "/readyz"] {
            assert_eq!(service.call("GET", path, "", None).await, (200, json!({"status": "ok"})));
        }
        service.terminate();
        let ended = service.ended().await;
        assert_eq!(ended.code, 0, "{}", ended.err);
        place.silent(&ended.err);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_figures_about_pins_are_there_before_the_first_one() {
    let place = Place::new();
    let service = Process::serve(&place).await;
    let (status, figures) = service.call("GET", "/metrics", "", None).await;
    let figures = figures.as_str().unwrap_or_default();
    assert_eq!(status, 200, "{figures}");
    for series in [
        "countersign_pin_hash_refusals_total",
        "countersign_pin_hash_waiting",
        "countersign_pin_hash_running",
        "countersign_pin_hash_seconds_count",
        "countersign_pin_hash_seconds_sum",
        "countersign_pin_checks_total{result=\"verified\"}",
        "countersign_pin_checks_total{result=\"incorrect\"}",
        "countersign_pin_checks_total{result=\"locked\"}",
        "countersign_pin_checks_total{result=\"not_set\"}",
    ] {
        assert!(figures.contains(&format!("\n{series} 0\n")), "{series}\n{figures}");
    }
}

on_both! {
    async fn a_push_under_way_is_finished_before_the_process_ends(database: Database) {
        let place = Place::on(&database);
        let host = Receiver::start().await;
        let key = cornerstone(&place, &host.url("cornerstone"));
        host.hold("cornerstone");
        let mut service = Process::serve(&place).await;
        ask(&service, &key).await;
        host.until(|pushes| pushes.len() == 1).await;
        service.terminate();
        service.until("\"message\":\"stopping\"").await;
        host.release("cornerstone");
        let ended = service.ended().await;
        assert_eq!(ended.code, 0, "{}", ended.err);
        assert!(!ended.err.contains(&key) && !ended.err.contains("ana@"), "{}", ended.err);
        assert_eq!(database.count("select count(*) from host_event where state = 'delivered'").await, 1);
        assert_eq!(host.pushes().len(), 1);
    }
}

on_both! {
    async fn a_request_under_way_is_answered_before_the_process_ends(database: Database) {
        let place = Place::on(&database);
        let key = cornerstone(&place, "https://crm.example/in");
        let mut service = Process::serve(&place).await;
        let body = json!({"name": "Late", "contacts": []}).to_string();
        let head = format!(
            "PUT /api/v1/clients/late HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {}\r\nExpect: 100-continue\r\n\r\n",
            body.len()
        );
        let mut stream = TcpStream::connect(service.base.strip_prefix("http://").unwrap()).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        // The service has begun with it once it says that it waits for the body.
        let mut said = [0; 12];
        stream.read_exact(&mut said).await.unwrap();
        assert_eq!(&said, b"HTTP/1.1 100");
        service.terminate();
        service.until("\"message\":\"stopping\"").await;
        stream.write_all(body.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.contains("HTTP/1.1 201 Created"), "{answer}");
        assert_eq!(service.ended().await.code, 0);
        assert_eq!(database.count("select count(*) from client").await, 1);
    }
}

/// Starts to listen to a client's status.
async fn listen(service: &Process, key: &str) -> TcpStream {
    let mut stream = TcpStream::connect(service.base.strip_prefix("http://").unwrap()).await.unwrap();
    let head = format!(
        "GET /api/v1/status/stream?client=k HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream
}

/// Reads until this was said.
async fn heard(stream: &mut TcpStream, part: &str) {
    let (mut said, mut more) = (Vec::new(), [0; 4096]);
    while !String::from_utf8_lossy(&said).contains(part) {
        let count = stream.read(&mut more).await.unwrap();
        assert!(count > 0, "{part:?} was never said: {}", String::from_utf8_lossy(&said));
        said.extend_from_slice(&more[..count]);
    }
}

on_both! {
    async fn a_stream_tells_what_another_process_did_and_ends_when_its_own_stops(database: Database) {
        let place = Place::on(&database);
        let key = cornerstone(&place, "https://crm.example/in");
        let (service, other) = (Process::serve(&place).await, Process::serve(&place).await);
        let mut stream = listen(&service, &key).await;
        heard(&mut stream, "\nid: 0\n").await;
        let client = json!({"name": "New", "contacts": []});
        assert_eq!(other.call("PUT", "/api/v1/clients/k", &key, Some(&client)).await.0, 201);
        heard(&mut stream, "\nid: 1\n").await;
        service.terminate();
        let mut rest = String::new();
        stream.read_to_string(&mut rest).await.unwrap();
        assert!(rest.ends_with("0\r\n\r\n"), "{rest:?} is cut off");
        assert_eq!(service.ended().await.code, 0);
    }
}

#[tokio::test]
async fn an_address_that_is_taken_is_told() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let mut place = Place::new();
    place.set("SERVER__BIND", &address);
    let said = place.run(&["serve"]).bad();
    assert!(said.starts_with(&format!("{address} cannot be listened on: ")), "{said}");
}
