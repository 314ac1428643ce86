//! A wire to PostgreSQL that can be cut: at once, or at the moment somebody says a certain word.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// The wire.
pub struct Proxy {
    pub address: SocketAddr,
    up: watch::Sender<bool>,
    /// Seen from a client, it is not passed on: the wire is cut instead.
    word: Arc<Mutex<Option<Vec<u8>>>>,
}

impl Proxy {
    pub async fn start(to: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (up, watching) = watch::channel(true);
        let word: Arc<Mutex<Option<Vec<u8>>>> = Arc::default();
        let (cut, said) = (up.clone(), Arc::clone(&word));
        tokio::spawn(async move {
            loop {
                let (client, _) = listener.accept().await.unwrap();
                if *watching.borrow() {
                    tokio::spawn(carry(client, to, watching.clone(), cut.clone(), Arc::clone(&said)));
                }
            }
        });
        Self { address, up, word }
    }

    /// Drops every connection and takes no new one.
    pub fn cut(&self) {
        self.up.send_replace(false);
    }

    /// Cuts when a client says this word, which then never arrives.
    pub fn cut_at(&self, word: &str) {
        *self.word.lock().unwrap() = Some(word.as_bytes().to_vec());
    }

    pub fn restore(&self) {
        *self.word.lock().unwrap() = None;
        self.up.send_replace(true);
    }
}

async fn carry(
    mut client: TcpStream,
    to: SocketAddr,
    mut up: watch::Receiver<bool>,
    cut: watch::Sender<bool>,
    word: Arc<Mutex<Option<Vec<u8>>>>,
) {
    let mut server = TcpStream::connect(to).await.unwrap();
    let (mut from_client, mut from_server) = (vec![0; 65_536], vec![0; 65_536]);
    loop {
        tokio::select! {
            () = async { drop(up.wait_for(|up| !up).await) } => return,
            read = client.read(&mut from_client) => {
                let Ok(count @ 1..) = read else { return };
                let said = &from_client[..count];
                let fatal = word.lock().unwrap().as_ref().is_some_and(|w| said.windows(w.len()).any(|part| part == w));
                if fatal {
                    cut.send_replace(false);
                    return;
                }
                if server.write_all(said).await.is_err() { return }
            }
            read = server.read(&mut from_server) => {
                let Ok(count @ 1..) = read else { return };
                if client.write_all(&from_server[..count]).await.is_err() { return }
            }
        }
    }
}
