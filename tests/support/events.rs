//! A reader of server-sent events, as a browser with `fetch` is one.

use serde_json::Value;

/// A stream of statuses being read.
pub struct Events {
    response: reqwest::Response,
    text: String,
}

/// One event.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    pub id: String,
    pub status: Value,
}

impl Events {
    /// Starts to read an answer, which must be a stream.
    #[track_caller]
    pub fn of(response: reqwest::Response) -> Self {
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { response, text: String::new() }
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.response.headers().get(name).and_then(|value| value.to_str().ok())
    }

    /// The next block of lines; `None` where the stream has come to its proper end.
    pub async fn block(&mut self) -> Option<String> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.text = rest;
                return Some(block);
            }
            let more = self.response.chunk().await.expect("a stream that is not cut off")?;
            self.text.push_str(std::str::from_utf8(&more).unwrap());
        }
    }

    /// The next event, whatever else comes before it; `None` at the end.
    pub async fn event(&mut self) -> Option<Event> {
        loop {
            let block = self.block().await?;
            let field = |name: &str| {
                let start = format!("{name}: ");
                let found = block.lines().find_map(|line| line.strip_prefix(&start));
                found.unwrap_or_else(|| panic!("no {name} in {block:?}")).to_owned()
            };
            if !block.starts_with(':') && !block.starts_with("retry: ") {
                assert_eq!(field("event"), "status");
                return Some(Event {
                    id: field("id"),
                    status: serde_json::from_str(&field("data")).unwrap(),
                });
            }
        }
    }

    /// The status of the next event, which must come.
    pub async fn status(&mut self) -> Value {
        self.event().await.expect("the stream goes on").status
    }
}
