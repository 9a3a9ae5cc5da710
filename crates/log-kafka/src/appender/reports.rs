//! The reports of the producer, gathered into one answer for each append.

use std::sync::{Arc, Mutex, PoisonError};

use rdkafka::client::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::error::KafkaError;
use rdkafka::message::Message as _;
use rdkafka::producer::{DeliveryResult, NoCustomPartitioner, ProducerContext};
use tokio::sync::{OwnedSemaphorePermit, oneshot};
use tracing::debug;
use writ_domain::Offset;
use writ_log::Appended;

use crate::client::Voice;
use crate::{Failure, wire};

/// How an append ended, as far as the producer knows.
pub(super) type Outcome = Result<Vec<Appended>, Failure>;

/// What a producer tells: the voice of all clients, and reports to those who wait.
pub(super) struct Reports(Voice);

/// One record under way.
pub(super) struct Report {
    append: Arc<Pending>,
    index: usize,
}

/// One append under way.
pub(super) struct Pending(Mutex<Progress>);

struct Progress {
    appended: Vec<Option<Appended>>,
    /// Records that were not reported on yet.
    left: usize,
    failure: Option<Failure>,
    answer: Option<oneshot::Sender<Outcome>>,
    permit: Option<OwnedSemaphorePermit>,
}

impl Pending {
    pub(super) fn new(records: usize, answer: oneshot::Sender<Outcome>) -> Self {
        Self(Mutex::new(Progress {
            appended: vec![None; records],
            left: records,
            failure: None,
            answer: Some(answer),
            permit: None,
        }))
    }

    /// Keeps the permit until the last report, which may have been there already.
    pub(super) fn keep(&self, permit: Option<OwnedSemaphorePermit>) {
        let mut progress = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if progress.left > 0 {
            progress.permit = permit;
        }
    }

    /// There will be no report on so many records.
    pub(super) fn give_up(&self, records: usize) {
        let mut progress = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        progress.answer = None;
        progress.settle(records);
    }

    fn report(&self, index: usize, outcome: Result<Appended, Failure>) {
        let mut progress = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match outcome {
            Ok(appended) => {
                if let Some(place) = progress.appended.get_mut(index) {
                    *place = Some(appended);
                }
            }
            Err(failure) => progress.failure = Some(failure),
        }
        progress.settle(1);
    }
}

impl Progress {
    fn settle(&mut self, reported: usize) {
        self.left = self.left.saturating_sub(reported);
        if self.left > 0 {
            return;
        }
        self.permit = None;
        let appended = core::mem::take(&mut self.appended).into_iter().collect();
        let outcome = match (self.failure.take(), appended) {
            (None, Some(appended)) => Ok(appended),
            (Some(failure), _) => Err(failure),
            (None, None) => Err(Failure::new("a record was not reported on")),
        };
        if self
            .answer
            .take()
            .is_some_and(|answer| answer.send(outcome).is_err())
        {
            debug!("whoever appended did not wait for the answer");
        }
    }
}

impl Report {
    pub(super) fn new(append: &Arc<Pending>, index: usize) -> Self {
        let append = Arc::clone(append);
        Self { append, index }
    }
}

impl Reports {
    pub(super) fn new(voice: Voice) -> Self {
        Self(voice)
    }

    pub(super) fn voice(&self) -> &Voice {
        &self.0
    }
}

impl ClientContext for Reports {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        self.0.log(level, facility, message);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        self.0.error(error, reason);
    }

    fn stats_raw(&self, _statistics: &[u8]) {}
}

impl ProducerContext<NoCustomPartitioner> for Reports {
    type DeliveryOpaque = Box<Report>;

    fn delivery(&self, delivery: &DeliveryResult<'_>, report: Box<Report>) {
        let outcome = match delivery {
            Ok(message) => u64::try_from(message.offset())
                .map_err(|_negative| Failure::new("the record was appended at no offset"))
                .and_then(|offset| {
                    let time = wire::time(message.timestamp());
                    Ok(Appended {
                        offset: Offset(offset),
                        time: time.map_err(|error| Failure::new(error.to_string()))?,
                    })
                }),
            Err((error, _message)) => Err(self.0.explain(error.clone())),
        };
        report.append.report(report.index, outcome);
    }
}
