//! Kannel's two servers and its fake operator's phone, on free ports, stopped with the test.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

/// How long Kannel has for each thing it does.
const PATIENCE: Duration = Duration::from_secs(60);

/// Programs and ports, before anything runs.
pub struct Kannel {
    bearerbox: PathBuf,
    smsbox: PathBuf,
    phone: PathBuf,
    ports: [u16; 4],
}

/// Kannel, running.
pub struct Running {
    kannel: Kannel,
    _boxes: [Process; 2],
    _dir: tempfile::TempDir,
}

struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        // It may have stopped by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn program(paths: &[&str]) -> Option<PathBuf> {
    paths.iter().map(PathBuf::from).find(|path| path.exists())
}

/// Ports that were free a moment ago: all are held before one is let go.
fn free_ports() -> [u16; 4] {
    let held: [TcpListener; 4] = std::array::from_fn(|_| TcpListener::bind("127.0.0.1:0").unwrap());
    held.map(|listener| listener.local_addr().unwrap().port())
}

impl Kannel {
    /// `None` where it is not installed.
    pub fn found() -> Option<Self> {
        Some(Self {
            bearerbox: program(&["/usr/sbin/bearerbox", "/usr/local/sbin/bearerbox"])?,
            smsbox: program(&["/usr/sbin/smsbox", "/usr/local/sbin/smsbox"])?,
            phone: program(&["/usr/lib/kannel/test/fakesmsc", "/usr/local/bin/fakesmsc"])?,
            ports: free_ports(),
        })
    }

    /// The port that takes texts.
    pub fn sends(&self) -> u16 {
        self.ports[3]
    }

    /// Starts both servers; what phones answer is passed on to `inbound`, and what that says goes back to them.
    pub async fn start(self, inbound: &str) -> Running {
        let dir = tempfile::tempdir().unwrap();
        let settings = dir.path().join("kannel.conf");
        std::fs::write(&settings, self.settings(inbound)).unwrap();
        let [admin, boxes, operator, sends] = self.ports;
        let bearerbox = run(&self.bearerbox, &settings, dir.path());
        for port in [admin, boxes, operator] {
            listens(port).await;
        }
        let smsbox = run(&self.smsbox, &settings, dir.path());
        listens(sends).await;
        Running { kannel: self, _boxes: [smsbox, bearerbox], _dir: dir }
    }

    fn settings(&self, inbound: &str) -> String {
        let [admin, boxes, operator, sends] = self.ports;
        format!(
            "group = core\nadmin-port = {admin}\nadmin-password = adm\nadmin-interface = 127.0.0.1\nstatus-password = st\n\
             smsbox-port = {boxes}\nsmsbox-interface = 127.0.0.1\nbox-allow-ip = \"127.0.0.1\"\nbox-deny-ip = \"*.*.*.*\"\n\
             dlr-storage = internal\n\n\
             group = smsc\nsmsc = fake\nsmsc-id = FAKE\nport = {operator}\nconnect-allow-ip = \"127.0.0.1\"\n\n\
             group = smsbox\nbearerbox-host = 127.0.0.1\nsendsms-port = {sends}\nsendsms-interface = 127.0.0.1\n\n\
             group = sendsms-user\nusername = cs\npassword = secret\nmax-messages = 3\nconcatenation = true\n\
             user-allow-ip = \"127.0.0.1\"\nuser-deny-ip = \"*.*.*.*\"\n\n\
             group = sms-service\nkeyword = default\ncatch-all = true\nmax-messages = 1\nomit-empty = true\n\
             get-url = \"{inbound}?from=%p&text=%b\"\n"
        )
    }
}

impl Running {
    /// Whether the operator's phone is connected, so that texts go out rather than wait.
    pub fn is_online(&self) -> bool {
        let mut admin = TcpStream::connect(("127.0.0.1", self.kannel.ports[0])).unwrap();
        admin.write_all(b"GET /status.txt?password=st HTTP/1.0\r\n\r\n").unwrap();
        let mut status = String::new();
        admin.read_to_string(&mut status).unwrap();
        status.contains("(online")
    }

    /// A phone at the operator's, which answers with this text as Ana, or only receives.
    pub fn phone(&self, says: Option<&str>) -> Phone {
        let port = self.kannel.ports[2].to_string();
        let said = format!("+13055550142 4444 text {}", says.unwrap_or("nothing"));
        let count = if says.is_some() { "1" } else { "0" };
        let mut child = Command::new(&self.kannel.phone)
            .args(["-H", "127.0.0.1", "-r", &port, "-i", "0.1", "-m", count, &said])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stderr.take().unwrap());
        let (sender, lines) = mpsc::channel();
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        Phone { lines, _process: Process(child) }
    }
}

/// A phone that writes down what it gets.
pub struct Phone {
    lines: Receiver<String>,
    _process: Process,
}

impl Phone {
    /// The next text with these words, as the phone wrote it down.
    pub fn receives(&mut self, words: &str) -> String {
        let end = Instant::now() + PATIENCE;
        let mut seen = Vec::new();
        while let Ok(line) = self.lines.recv_timeout(end.saturating_duration_since(Instant::now())) {
            if line.contains("Got message") && line.contains(words) {
                return line;
            }
            seen.push(line);
        }
        panic!("no text with {words:?} came, but {seen:#?}");
    }
}

fn run(program: &Path, settings: &Path, dir: &Path) -> Process {
    let child = Command::new(program)
        .args(["-v", "4"])
        .arg(settings)
        .current_dir(dir)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    Process(child.unwrap())
}

/// Waits until a port takes connections.
async fn listens(port: u16) {
    super::until(&format!("something listens on port {port}"), async || {
        TcpStream::connect(("127.0.0.1", port)).is_ok()
    })
    .await;
}
