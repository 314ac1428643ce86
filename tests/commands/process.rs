//! A `countersign serve` or `demo` that runs while a test speaks to it.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command};
use std::time::Duration;

use serde_json::Value;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::place::{Place, Ran};

/// How often a running service looks for what other processes changed.
pub const BEAT: Duration = Duration::from_millis(500);
/// How many beats a change may take to be seen on a machine that is busy with other tests.
pub const MOST_BEATS: usize = 60;

/// Killed when dropped, if it still runs.
pub struct Process {
    child: Child,
    lines: UnboundedReceiver<String>,
    said: String,
    /// `http://` and the address it listens on.
    pub base: String,
    http: reqwest::Client,
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[expect(clippy::disallowed_methods, reason = "a test speaks to its own service as any client would")]
fn client() -> reqwest::Client {
    countersign::host::install_crypto();
    reqwest::Client::builder().no_proxy().build().unwrap()
}

impl Process {
    fn spawn(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let (heard, lines) = unbounded_channel();
        let (out, err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        let more = heard.clone();
        std::thread::spawn(move || BufReader::new(out).lines().try_for_each(|line| more.send(line.unwrap())));
        std::thread::spawn(move || {
            BufReader::new(err).lines().try_for_each(|line| heard.send(line.unwrap()))
        });
        Self { child, lines, said: String::new(), base: String::new(), http: client() }
    }

    /// Starts `serve` on a free port and waits until it says that it serves.
    pub async fn serve(place: &Place) -> Self {
        let mut command = place.command(&["serve"]);
        command.env("COUNTERSIGN_SERVER__BIND", "127.0.0.1:0");
        let mut process = Self::spawn(command);
        let line = process.until("\"message\":\"serving\"").await;
        let said: Value = serde_json::from_str(&line).unwrap();
        process.base = format!("http://{}", said["address"].as_str().unwrap());
        process
    }

    /// Starts `demo` in the place's folder and waits until it has said all it says.
    pub async fn demo(place: &Place) -> Self {
        let mut process = Self::spawn(place.command(&["demo", "--dir", "demo"]));
        process.until("lang=es").await;
        "http://127.0.0.1:8080".clone_into(&mut process.base);
        process
    }

    /// Waits for a line with this in it.
    pub async fn until(&mut self, part: &str) -> String {
        while let Some(line) = self.lines.recv().await {
            self.said.push_str(&line);
            self.said.push('\n');
            if line.contains(part) {
                return line;
            }
        }
        panic!("it ended before it said {part:?}: {}", self.said);
    }

    /// What it has said up to the last line that was waited for.
    pub fn said(&self) -> &str {
        &self.said
    }

    /// Asks it to stop, as an operating system does.
    pub fn terminate(&self) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    }

    /// Waits until it has ended. Gives its code and everything it said.
    pub async fn ended(mut self) -> Ran {
        while let Some(line) = self.lines.recv().await {
            self.said.push_str(&line);
            self.said.push('\n');
        }
        let code = self.child.wait().unwrap().code().unwrap_or(-1);
        Ran { code, out: String::new(), err: std::mem::take(&mut self.said) }
    }

    /// One request. Gives its status and its body as JSON.
    pub async fn call(&self, method: &str, path: &str, key: &str, body: Option<&Value>) -> (u16, Value) {
        let mut request = self.http.request(method.parse().unwrap(), format!("{}{path}", self.base));
        if !key.is_empty() {
            request = request.bearer_auth(key);
        }
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let text = response.text().await.unwrap();
        (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
    }

    /// Asks once a beat until the answer is the one that is waited for.
    pub async fn becomes(&self, path: &str, key: &str, expected: impl Fn(u16, &Value) -> bool) -> Value {
        let mut beats = tokio::time::interval(BEAT);
        for _ in 0..MOST_BEATS {
            beats.tick().await;
            let (status, body) = self.call("GET", path, key, None).await;
            if expected(status, &body) {
                return body;
            }
        }
        panic!("{path} never answered what was waited for");
    }
}
