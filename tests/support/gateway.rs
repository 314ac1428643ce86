//! An HTTP server on this machine that keeps what it is sent and answers as it is told.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

/// How far apart the bytes of an answer are that comes in drops.
const DRIP: std::time::Duration = std::time::Duration::from_millis(5);

/// What every request is answered with.
#[derive(Clone)]
pub enum Answer {
    /// Status line, further headers (each ended), body.
    Say(&'static str, &'static str, &'static str),
    /// 200 and a body without an end.
    Endless,
    /// This and then a byte every few milliseconds, without an end.
    Drip(&'static str),
    /// The request is read, and nothing ever comes.
    Silence,
    /// The request is read, and the connection closed.
    HangUp,
}

/// Closes when it is dropped together with the test's runtime.
pub struct Server {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Server {
    pub async fn start(answer: Answer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let kept = seen.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, answer.clone(), kept.clone()));
            }
        });
        Self { address, seen }
    }

    pub fn url(&self, path: &str) -> Url {
        Url::parse(&format!("http://{}{path}", self.address)).unwrap()
    }

    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Every request as it came: head and body.
    pub fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}

async fn serve(mut stream: TcpStream, answer: Answer, kept: Arc<Mutex<Vec<String>>>) {
    while let Some(request) = read_request(&mut stream).await {
        kept.lock().unwrap().push(request);
        match &answer {
            Answer::Say(status, headers, body) => {
                let head = format!("HTTP/1.1 {status}\r\n{headers}content-length: {}\r\n\r\n", body.len());
                stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
            }
            Answer::Endless => {
                stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
                while stream.write_all(&[b'x'; 4096]).await.is_ok() {}
                return;
            }
            Answer::Drip(start) => {
                stream.write_all(start.as_bytes()).await.unwrap();
                let mut drops = tokio::time::interval(DRIP);
                while stream.write_all(b"x").await.is_ok() {
                    drops.tick().await;
                }
                return;
            }
            Answer::Silence => std::future::pending().await,
            Answer::HangUp => return,
        }
    }
}

async fn read_request(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    let head = loop {
        bytes.push(stream.read_u8().await.ok()?);
        if bytes.ends_with(b"\r\n\r\n") {
            break String::from_utf8(bytes).unwrap();
        }
    };
    let length = head.to_lowercase().lines().find_map(|l| l.strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body).await.ok()?;
    Some(head + &String::from_utf8(body).unwrap())
}
