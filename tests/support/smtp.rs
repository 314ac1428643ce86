//! A mail relay on this machine that keeps what it is told and answers by a script.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// One answer.
#[derive(Clone, Copy)]
pub enum Reply {
    Say(&'static str),
    Silence,
    HangUp,
}

/// What is answered at each step.
#[derive(Clone, Copy)]
pub struct Script {
    pub greeting: Reply,
    pub ehlo: &'static str,
    pub auth: Reply,
    pub sender: Reply,
    pub recipient: Reply,
    pub data: Reply,
    pub message: Reply,
}

/// Takes everything.
pub const GOOD: Script = Script {
    greeting: Reply::Say("220 relay.test"),
    ehlo: "250-relay.test\r\n250 AUTH PLAIN LOGIN",
    auth: Reply::Say("235 2.7.0 in"),
    sender: Reply::Say("250 2.1.0 ok"),
    recipient: Reply::Say("250 2.1.5 ok"),
    data: Reply::Say("354 go on"),
    message: Reply::Say("250 2.0.0 queued"),
};

/// What came: commands by connection, and messages.
#[derive(Default)]
pub struct Kept {
    pub connections: usize,
    pub commands: Vec<String>,
    pub messages: Vec<String>,
}

pub struct Relay {
    address: SocketAddr,
    kept: Arc<Mutex<Kept>>,
}

impl Relay {
    pub async fn start(script: Script) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let kept = Arc::new(Mutex::new(Kept::default()));
        let shared = kept.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                shared.lock().unwrap().connections += 1;
                tokio::spawn(talk(BufReader::new(stream), script, shared.clone()));
            }
        });
        Self { address, kept }
    }

    pub fn port(&self) -> u16 {
        self.address.port()
    }

    pub fn kept(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.kept.lock().unwrap()
    }
}

/// Ends with `None` when either side hangs up.
async fn talk(mut stream: BufReader<TcpStream>, script: Script, kept: Arc<Mutex<Kept>>) -> Option<()> {
    say(&mut stream, script.greeting).await?;
    loop {
        let line = read_line(&mut stream).await?;
        kept.lock().unwrap().commands.push(line.clone());
        let reply = match line.split([' ', ':']).next().unwrap_or_default() {
            "EHLO" => Reply::Say(script.ehlo),
            "AUTH" => script.auth,
            "MAIL" => script.sender,
            "RCPT" => script.recipient,
            "DATA" => script.data,
            "NOOP" => Reply::Say("250 here"),
            _ => Reply::Say("221 bye"),
        };
        say(&mut stream, reply).await?;
        if line == "DATA" && matches!(reply, Reply::Say(text) if text.starts_with('3')) {
            let message = read_message(&mut stream).await?;
            kept.lock().unwrap().messages.push(message);
            say(&mut stream, script.message).await?;
        }
    }
}

async fn say(stream: &mut BufReader<TcpStream>, reply: Reply) -> Option<()> {
    match reply {
        Reply::Say(text) => stream.write_all(format!("{text}\r\n").as_bytes()).await.ok(),
        Reply::Silence => std::future::pending().await,
        Reply::HangUp => None,
    }
}

async fn read_line(stream: &mut BufReader<TcpStream>) -> Option<String> {
    let mut line = String::new();
    let read = stream.read_line(&mut line).await.ok()?;
    (read > 0).then(|| line.trim_end().to_owned())
}

async fn read_message(stream: &mut BufReader<TcpStream>) -> Option<String> {
    let mut message = String::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await.ok().filter(|read| *read > 0)?;
        if line == ".\r\n" {
            return Some(message);
        }
        message.push_str(line.strip_prefix('.').unwrap_or(&line));
    }
}
