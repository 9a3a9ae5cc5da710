//! What librdkafka tells only in its own log: that it is about to go on in silence.
//!
//! A consumer of librdkafka reconnects by itself, goes on reading a topic that was deleted and made
//! anew where that one is long enough, and follows a partition from one leader to the next without
//! asking whether that one has what it read, unless it has read something. None of that is an
//! event; all are lines of its log. The lines are those of the version that is linked
//! (`Cargo.lock`), and tests against a broker fail when they change.

use std::sync::OnceLock;

use tokio::sync::Notify;
use writ_domain::Partition;

/// The first sign that what comes next may not continue what came before.
#[derive(Debug, Default)]
pub(crate) struct Signs {
    heard: OnceLock<String>,
    /// Whose leaders count, if anybody's.
    partition: Option<Partition>,
    /// The number of the leadership that was heard of first: each election has a higher one.
    epoch: OnceLock<i32>,
    led: Notify,
}

impl Signs {
    /// Signs for one who follows a partition.
    pub(crate) fn of(partition: Partition) -> Self {
        Self {
            partition: Some(partition),
            ..Self::default()
        }
    }

    /// Takes note of a line of the log.
    pub(crate) fn hear(&self, facility: &str, message: &str) {
        let broken = match facility {
            "FAIL" => is_lost_connection(message),
            "METADATA" => is_another_topic(message) || self.is_another_leadership(message),
            _ => false,
        };
        if broken {
            // Only the first one counts.
            self.heard.get_or_init(|| message.to_owned());
        }
    }

    /// Waits until it was heard who leads the partition.
    pub(crate) async fn led(&self) {
        self.led.notified().await;
    }

    /// What was heard, if anything was.
    pub(crate) fn heard(&self) -> Option<&str> {
        self.heard.get().map(String::as_str)
    }

    /// Lower numbers come from brokers that lag behind, and librdkafka ignores those too.
    fn is_another_leadership(&self, message: &str) -> bool {
        match leadership(message) {
            Some((partition, epoch)) if Some(partition) == self.partition => {
                self.led.notify_one();
                epoch >= 0 && epoch > *self.epoch.get_or_init(|| epoch)
            }
            Some(_) | None => false,
        }
    }
}

/// `Topic writ.commands [0] Leader 1 Epoch 5`: the partition, and the epoch.
fn leadership(message: &str) -> Option<(Partition, i32)> {
    let (rest, epoch) = message.rsplit_once(" Epoch ")?;
    let (rest, _leader) = rest.rsplit_once(" Leader ")?;
    let (_, partition) = rest.strip_suffix(']')?.rsplit_once('[')?;
    Some((Partition(partition.parse().ok()?), epoch.parse().ok()?))
}

/// `127.0.0.1:9092/1: Disconnected (after 1234ms in state UP, 1 identical error(s) suppressed)`
///
/// A connection that never stood has carried nothing: with one of three brokers away, a tail on
/// another one goes on. A line of another form counts as a loss, to be on the safe side.
fn is_lost_connection(message: &str) -> bool {
    const NOT_YET_UP: &[&str] = &[
        "INIT",
        "DOWN",
        "TRY_CONNECT",
        "CONNECT",
        "SSL_HANDSHAKE",
        "AUTH_LEGACY",
        "APIVERSION_QUERY",
        "AUTH_HANDSHAKE",
        "AUTH_REQ",
    ];
    let state = message.rsplit_once(" in state ").map(|(_, rest)| {
        rest.split([')', ','])
            .next()
            .map_or(rest, |state| state.trim())
    });
    !state.is_some_and(|state| NOT_YET_UP.contains(&state))
}

/// `Topic writ.commands changed id from 1234567890123456789012 to …`; first from an id of zeros.
fn is_another_topic(message: &str) -> bool {
    const NO_ID: &str = "AAAAAAAAAAAAAAAAAAAAAA";
    message
        .split_once(" changed id from ")
        .is_some_and(|(_, ids)| !ids.starts_with(NO_ID))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(facility: &str, message: &str) -> bool {
        let signs = Signs::default();
        signs.hear(facility, message);
        assert!(signs.heard().is_none_or(|heard| heard == message));
        signs.heard().is_some()
    }

    #[test]
    fn a_connection_that_stood_is_missed() {
        let line = "[thrd:h:9092/1]: h:9092/1: Disconnected (after 1234ms in state";
        for (state, missed) in [
            ("UP)", true),
            ("UP, 3 identical error(s) suppressed)", true),
            ("REAUTH)", true),
            ("CONNECT)", false),
            ("APIVERSION_QUERY, 1 identical error(s) suppressed)", false),
        ] {
            assert_eq!(heard("FAIL", &format!("{line} {state}")), missed, "{state}");
        }
        assert!(heard("FAIL", "something that is not known"));
        assert!(!heard("FETCH", &format!("{line} UP)")));
    }

    #[test]
    fn another_topic_of_the_same_name_is_noticed() {
        let line = |from| format!("[thrd:main]: Topic t changed id from {from} to xyz");
        assert!(heard("METADATA", &line("ZMB2wGfSSkOmbKSXD0Xlxw")));
        assert!(!heard("METADATA", &line("AAAAAAAAAAAAAAAAAAAAAA")));
    }

    #[test]
    fn another_leader_of_the_partition_is_noticed() {
        let line = |partition, leader, epoch| {
            format!("[thrd:main]: Topic t [{partition}] Leader {leader} Epoch {epoch}")
        };
        let rows = [
            // The same, one who lags, another partition, one who does not say.
            (
                vec![(1, 1, 5), (1, 1, 5), (1, 3, 4), (0, 2, 9), (1, 2, -1)],
                false,
            ),
            (vec![(1, 1, 5), (1, 2, 6)], true),
            (vec![(1, 1, 5), (1, 1, 7)], true),
            (vec![(0, 1, 5), (0, 2, 6)], false),
        ];
        for (lines, noticed) in rows {
            let signs = Signs::of(Partition(1));
            for (partition, leader, epoch) in &lines {
                signs.hear("METADATA", &line(*partition, *leader, *epoch));
            }
            assert_eq!(signs.heard().is_some(), noticed, "{lines:?}");
        }
    }
}
