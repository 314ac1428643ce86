//! HTTP/1.1 over loopback with as little of it as will do, so that the load costs less than what it measures: a
//! client that keeps its connection, and a host that takes pushes and counts them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context as _, bail};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// One message of a connection: its head, and its body if it has one.
struct Frames {
    stream: TcpStream,
    held: Vec<u8>,
    /// How much of `held` belongs to the message before.
    taken: usize,
}

impl Frames {
    fn new(stream: TcpStream) -> anyhow::Result<Self> {
        stream.set_nodelay(true)?;
        Ok(Self { stream, held: Vec::with_capacity(64 * 1024), taken: 0 })
    }

    /// Reads the next message. Gives the lengths of head and body; `None` when the other side has hung up.
    async fn next(&mut self) -> anyhow::Result<Option<(usize, usize)>> {
        self.held.drain(..std::mem::take(&mut self.taken));
        let head = loop {
            if let Some(at) = self.held.windows(4).position(|four| four == b"\r\n\r\n") {
                break at + 4;
            }
            if self.stream.read_buf(&mut self.held).await? == 0 {
                return Ok(None);
            }
        };
        let body = length(&self.held[..head])?;
        while self.held.len() < head + body {
            if self.stream.read_buf(&mut self.held).await? == 0 {
                bail!("the connection ended in the middle of a message");
            }
        }
        self.taken = head + body;
        Ok(Some((head, body)))
    }
}

fn length(head: &[u8]) -> anyhow::Result<usize> {
    let head = std::str::from_utf8(head)?;
    let found = head.lines().filter_map(|line| line.split_once(':'));
    let mut lengths = found.filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    lengths.next().map_or(Ok(0), |(_, value)| Ok(value.trim().parse()?))
}

/// What came back.
pub struct Answer<'a> {
    pub status: u16,
    pub head: &'a str,
    pub body: &'a str,
}

impl Answer<'_> {
    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(':'));
        lines.filter(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim()).next()
    }

    /// The text that follows the first `"name":"` of the body, up to the next quotation mark.
    pub fn field(&self, name: &str) -> anyhow::Result<&str> {
        let from = format!("\"{name}\":\"");
        let at = self.body.find(&from).with_context(|| format!("no {name} in {}", self.body))?;
        Ok(self.body[at + from.len()..].split('"').next().unwrap_or_default())
    }
}

/// A connection that is kept.
pub struct Http(Frames);

impl Http {
    pub async fn connect(address: &str) -> anyhow::Result<Self> {
        Ok(Self(Frames::new(TcpStream::connect(address).await?)?))
    }

    /// Sends a request made by [`request`] and waits for its answer.
    pub async fn send(&mut self, request: &[u8]) -> anyhow::Result<Answer<'_>> {
        self.0.stream.write_all(request).await?;
        let (head, body) = self.0.next().await?.context("the service hung up")?;
        let text = std::str::from_utf8(&self.0.held[..head + body])?;
        let status = text.get(9..12).unwrap_or_default().parse().context("an answer without a status")?;
        Ok(Answer { status, head: &text[..head], body: &text[head..] })
    }
}

/// A request as it goes over the wire.
pub fn request(method: &str, path: &str, credential: &str, more: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "{method} {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {credential}\r\n{more}content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

/// A host that takes every push, and a gateway that takes every text.
#[derive(Clone)]
pub struct Receiver {
    pub address: String,
    pub port: u16,
    taken: Arc<AtomicUsize>,
}

impl Receiver {
    /// Starts one that any address of this machine leads to.
    pub async fn start() -> anyhow::Result<Self> {
        let listener = TcpListener::bind("0.0.0.0:0").await?;
        let port = listener.local_addr()?.port();
        let receiver =
            Self { address: format!("127.0.0.1:{port}"), taken: Arc::new(AtomicUsize::new(0)), port };
        let counted = Arc::clone(&receiver.taken);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(take(stream, Arc::clone(&counted)));
            }
        });
        Ok(receiver)
    }

    /// How much has come so far.
    pub fn taken(&self) -> usize {
        self.taken.load(Ordering::Relaxed)
    }
}

async fn take(stream: TcpStream, counted: Arc<AtomicUsize>) -> anyhow::Result<()> {
    let mut frames = Frames::new(stream)?;
    while frames.next().await?.is_some() {
        counted.fetch_add(1, Ordering::Relaxed);
        frames.stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await?;
    }
    Ok(())
}
