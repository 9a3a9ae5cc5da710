//! Server-sent events, read one by one as they come.

use std::collections::VecDeque;
use std::time::Duration;

use http_body_util::BodyExt;
use hyper::body::Incoming;
use serde_json::Value;
use tokio::time::timeout;

const LIMIT: Duration = Duration::from_mins(1);

/// An event.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    pub id: u64,
    pub name: String,
    pub data: Value,
}

/// A stream of events. Dropped, its connection is closed.
#[derive(Debug)]
pub struct Events {
    body: Incoming,
    bytes: Vec<u8>,
    ready: VecDeque<Event>,
}

impl Events {
    pub(crate) fn new(body: Incoming) -> Self {
        Self {
            body,
            bytes: Vec::new(),
            ready: VecDeque::new(),
        }
    }

    /// The next event; `None` when the stream ended or broke.
    pub async fn next(&mut self) -> Option<Event> {
        while self.ready.is_empty() {
            let frame = timeout(LIMIT, self.body.frame())
                .await
                .unwrap_or_else(|elapsed| panic!("nothing was said within {LIMIT:?}: {elapsed}"));
            let data = frame?.ok()?.into_data().ok()?;
            self.bytes.extend_from_slice(&data);
            self.read();
        }
        self.ready.pop_front()
    }

    /// Takes the whole events out of the bytes.
    fn read(&mut self) {
        while let Some(end) = self.bytes.windows(2).position(|two| two == b"\n\n") {
            let rest = self.bytes.split_off(end + 2);
            let block = std::mem::replace(&mut self.bytes, rest);
            let block = String::from_utf8(block).expect("events are UTF-8");
            let field = |name: &str| {
                let mut lines = block.lines();
                lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
            };
            // A block that only says when to come again has no id.
            if let (Some(id), Some(name), Some(data)) = (field("id"), field("event"), field("data"))
            {
                self.ready.push_back(Event {
                    id: id.parse().expect("an id is a number"),
                    name: name.to_owned(),
                    data: serde_json::from_str(data).expect("data is JSON"),
                });
            }
        }
    }
}
