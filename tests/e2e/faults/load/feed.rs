//! The whole history, as the feed tells it.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::Value;
use writ_tests::Client;

/// The entries in order, the first one first.
#[derive(Debug)]
pub(crate) struct Feed {
    pub(crate) entries: Vec<Entry>,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Entry {
    pub(crate) position: String,
    pub(crate) tenant_seq: u64,
    pub(crate) command_id: Option<String>,
    pub(crate) kind: Option<String>,
    pub(crate) request_id: Option<String>,
    pub(crate) outcome: Value,
    pub(crate) facts: Vec<Value>,
    pub(crate) hash: String,
}

#[derive(Deserialize)]
struct Page {
    changes: Vec<Entry>,
    checkpoint: Checkpoint,
    more: bool,
}

#[derive(Deserialize)]
struct Checkpoint {
    tenant_seq: u64,
}

impl Feed {
    /// From genesis to what is newest now.
    pub(crate) async fn read(client: &Client) -> Self {
        let mut entries = Vec::new();
        let mut after = 0;
        loop {
            let path = format!("/v1/changes?after={after}&limit=1000");
            let answer = client.get(&path).await.expect(200);
            let page: Page = serde_json::from_slice(&answer.body).expect("a page of the feed");
            let last = page.changes.last().map_or(after, |entry| entry.tenant_seq);
            assert_eq!(page.checkpoint.tenant_seq, last, "after {after}");
            entries.extend(page.changes);
            if !page.more {
                return Self { entries };
            }
            assert!(
                last > after,
                "an empty page says that there is more after {after}"
            );
            after = last;
        }
    }

    /// Whether the entries are 1, 2, 3 … in the order of their positions.
    pub(crate) fn has_no_hole(&self) -> Result<(), String> {
        let mut last_seq = 0;
        for (number, entry) in (1..).zip(&self.entries) {
            if entry.tenant_seq != number {
                return Err(format!("a hole in the feed before {entry:?}"));
            }
            let (_, seq) = entry.position.split_once('-').expect("partition-seq");
            let seq: u64 = seq.parse().expect("a number");
            if seq <= last_seq {
                return Err(format!("out of order: {entry:?}"));
            }
            last_seq = seq;
        }
        Ok(())
    }

    pub(crate) fn by_request(&self) -> HashMap<&str, Vec<&Entry>> {
        let mut by_request: HashMap<&str, Vec<&Entry>> = HashMap::new();
        for entry in &self.entries {
            if let Some(id) = &entry.request_id {
                by_request.entry(id).or_default().push(entry);
            }
        }
        by_request
    }
}

impl Entry {
    /// The outcome's name.
    pub(crate) fn outcome(&self) -> &str {
        self.outcome["type"]
            .as_str()
            .expect("an outcome has a type")
    }
}
