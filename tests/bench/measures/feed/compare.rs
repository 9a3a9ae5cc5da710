//! What was written against what was delivered.

use std::collections::HashMap;
use std::time::Instant;

use super::subscriber::Delivery;
use crate::drive::Faults;
use crate::samples::Samples;

/// A write.
#[derive(Debug, Clone)]
pub(super) struct Write {
    pub(super) request_id: String,
    pub(super) sent: Instant,
    pub(super) answered: Instant,
    /// What was wrong with its answer.
    pub(super) fault: Option<String>,
}

#[derive(Debug)]
pub(super) struct Told {
    pub(super) since_sent: Samples,
    /// Nothing, where the delivery came before the answer.
    pub(super) since_answered: Samples,
    pub(super) faults: Faults,
}

/// Compares; the entries after `after` and up to `end` must have been delivered.
pub(super) fn compare(sent: &[Write], delivered: &[Delivery], after: u64, end: u64) -> Told {
    let mut told = Told {
        since_sent: Samples::default(),
        since_answered: Samples::default(),
        faults: Faults::default(),
    };
    let mut last = after;
    let mut by_request: HashMap<&str, Vec<Instant>> = HashMap::new();
    for delivery in delivered {
        if delivery.tenant_seq != last + 1 {
            let next = delivery.tenant_seq;
            told.faults
                .add(format!("entry {next} was delivered after {last}"));
        }
        last = delivery.tenant_seq;
        if let Some(id) = &delivery.request_id {
            by_request.entry(id).or_default().push(delivery.at);
        }
    }
    if last < end {
        told.faults
            .add(format!("the feed came to {last}, the ledger to {end}"));
    }
    for write in sent {
        let id = write.request_id.as_str();
        match (&write.fault, by_request.get(id).map(Vec::as_slice)) {
            (Some(fault), _) => told.faults.add(fault.clone()),
            (None, Some([at])) => {
                told.since_sent
                    .add(at.saturating_duration_since(write.sent));
                told.since_answered
                    .add(at.saturating_duration_since(write.answered));
            }
            (None, Some(many)) => told
                .faults
                .add(format!("{id} was delivered {} times", many.len())),
            (None, None) => told.faults.add(format!("{id} was never delivered")),
        }
    }
    told
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn delivered(start: Instant, entries: &[(u64, &str)]) -> Vec<Delivery> {
        let deliveries = entries.iter().map(|(tenant_seq, id)| Delivery {
            tenant_seq: *tenant_seq,
            request_id: Some((*id).to_owned()),
            at: start + Duration::from_millis(10 * tenant_seq),
        });
        deliveries.collect()
    }

    #[test]
    fn what_is_lost_or_comes_twice_is_found() {
        let start = Instant::now();
        let write = |id: &str| Write {
            request_id: id.to_owned(),
            sent: start,
            answered: start + Duration::from_millis(5),
            fault: None,
        };
        let writes = [write("a"), write("b")];
        let faults = |entries: &[(u64, &str)]| {
            compare(&writes, &delivered(start, entries), 6, 9)
                .faults
                .told
        };
        let sound = compare(
            &writes,
            &delivered(start, &[(7, "a"), (8, "b"), (9, "c")]),
            6,
            9,
        );
        assert_eq!(sound.faults.count, 0);
        let latency = |samples: Samples| samples.latency().unwrap().max_ms;
        assert!((latency(sound.since_sent) - 80.0).abs() < 1e-9);
        assert!((latency(sound.since_answered) - 75.0).abs() < 1e-9);
        assert_eq!(
            faults(&[(7, "a"), (9, "c")]),
            ["entry 9 was delivered after 7", "b was never delivered"]
        );
        assert_eq!(
            faults(&[(7, "a"), (8, "b"), (9, "b")]),
            ["b was delivered 2 times"]
        );
        assert_eq!(
            faults(&[(7, "a"), (8, "b")]),
            ["the feed came to 8, the ledger to 9"]
        );
    }
}
