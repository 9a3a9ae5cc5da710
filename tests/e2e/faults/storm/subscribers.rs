//! Subscribers in a storm, who go on where they were at whatever process answers: each change comes
//! to them once, in order.

use std::hash::{DefaultHasher, Hasher as _};

use hyper::Method;
use serde_json::Value;
use tokio::sync::watch;

use super::readers::Places;
use crate::ledger::{list, number};

/// What a subscriber got after entry `base`: of each change its digest, in order.
#[derive(Debug)]
pub(super) struct Heard {
    base: u64,
    digests: Vec<u64>,
    /// How many times it began again.
    pub(super) begun: usize,
    /// How far it is, for those who wait for it.
    told: watch::Sender<u64>,
}

impl Heard {
    pub(super) fn after(base: u64) -> Self {
        Self {
            base,
            digests: Vec::new(),
            begun: 0,
            told: watch::Sender::new(base),
        }
    }

    pub(super) fn progress(&self) -> watch::Receiver<u64> {
        self.told.subscribe()
    }

    fn last(&self) -> u64 {
        self.base + self.digests.len() as u64
    }

    fn takes(&mut self, change: &Value) {
        let expected = self.last() + 1;
        assert_eq!(
            change["tenant_seq"], expected,
            "a hole, or a repeat: {change}"
        );
        self.digests.push(digest(change));
        self.told.send_replace(expected);
    }

    /// Panics unless this is what the feed tells.
    pub(super) fn is(&self, feed: &[String]) {
        let base = usize::try_from(self.base).expect("few");
        assert_eq!(base + self.digests.len(), feed.len(), "all was heard");
        for (change, heard) in feed[base..].iter().zip(&self.digests) {
            let told: Value = serde_json::from_str(change).expect("JSON");
            assert_eq!(digest(&told), *heard, "heard otherwise: {change}");
        }
    }
}

fn digest(change: &Value) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(change.to_string().as_bytes());
    hasher.finish()
}

/// Streams until it has heard the entry that `end` comes to name.
pub(super) async fn stream(
    mut places: Places,
    mut heard: Heard,
    end: watch::Receiver<Option<u64>>,
) -> Heard {
    let is_over = |heard: &Heard| end.borrow().is_some_and(|end| heard.last() >= end);
    while !is_over(&heard) {
        heard.begun += 1;
        let request = places.client().request(Method::GET, "/v1/changes/stream");
        let request = request.header("last-event-id", &heard.last().to_string());
        if let Ok(mut events) = request.try_events().await {
            while !is_over(&heard) {
                let Some(event) = events.next().await else {
                    break;
                };
                match event.name.as_str() {
                    "change" => {
                        assert_eq!(event.id, heard.last() + 1, "{event:?}");
                        heard.takes(&event.data);
                    }
                    "checkpoint" => assert_eq!(event.id, heard.last(), "{event:?}"),
                    other => assert_eq!(other, "lagged", "{}", event.data),
                }
            }
        }
        places.turn().await;
    }
    heard
}

/// The same by polling.
pub(super) async fn poll(
    mut places: Places,
    mut heard: Heard,
    end: watch::Receiver<Option<u64>>,
) -> Heard {
    while end.borrow().is_none_or(|end| heard.last() < end) {
        let path = format!("/v1/changes?after={}&limit=200&wait_ms=2000", heard.last());
        let answer = places.client().request(Method::GET, &path).try_send().await;
        match answer {
            Ok(answer) if answer.status == 200 => {
                let page = answer.json();
                for change in list(&page["changes"]) {
                    heard.takes(&change);
                }
                assert_eq!(number(&page["checkpoint"]["tenant_seq"]), heard.last());
            }
            Ok(answer) => {
                assert_eq!(answer.status, 503, "{}", answer.text());
                heard.begun += 1;
                places.turn().await;
            }
            Err(_broken) => {
                heard.begun += 1;
                places.turn().await;
            }
        }
    }
    heard
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn heard(seqs: &[u64]) -> Heard {
        let mut heard = Heard::after(2);
        for seq in seqs {
            heard.takes(&json!({"tenant_seq": seq}));
        }
        heard
    }

    fn feed(seqs: impl IntoIterator<Item = u64>) -> Vec<String> {
        let change = |seq| json!({"tenant_seq": seq}).to_string();
        seqs.into_iter().map(change).collect()
    }

    #[test]
    fn what_was_heard_is_the_feed_from_where_it_began() {
        heard(&[3, 4]).is(&feed(1..=4));
    }

    #[test]
    #[should_panic(expected = "a hole, or a repeat")]
    fn a_hole_is_noticed() {
        drop(heard(&[3, 5]));
    }

    #[test]
    #[should_panic(expected = "a hole, or a repeat")]
    fn a_repeat_is_noticed() {
        drop(heard(&[3, 3]));
    }

    #[test]
    #[should_panic(expected = "heard otherwise")]
    fn another_change_is_noticed() {
        heard(&[3, 4]).is(&feed([1, 2, 3, 5]));
    }
}
