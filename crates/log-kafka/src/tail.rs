//! Following one partition.
//!
//! **Shape.** A consumer of its own, assigned to one partition from one offset. librdkafka polls
//! the broker ahead of us, up to a bound, and wakes whoever waits.
//!
//! **Correctness.** Each record is checked to have the offset that comes next. Whatever the
//! client says that could mean that what follows is another log breaks the tail, before the next
//! record is returned: lines of its log come through the same queue as records, in order.

use core::time::Duration;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use futures_util::FutureExt as _;
use rdkafka::config::{ClientConfig, FromClientConfigAndContext as _, RDKafkaLogLevel};
use rdkafka::consumer::{Consumer as _, StreamConsumer};
use rdkafka::error::KafkaError;
use rdkafka::types::RDKafkaErrorCode;
use tokio::time::{Instant, timeout_at};
use writ_domain::{Offset, Partition};
use writ_log::{BATCH_BYTES_MAX, Logged, ReadError, Tail, TailError};

use crate::asker::{Asker, blocking};
use crate::client::{Client, Voice};
use crate::reader::{assignment, is_of_one_broker};
use crate::{Failure, wire};

/// How long a tail may be left alone.
///
/// After a minute in which nothing was fetched, because what was fetched before still waits, a
/// broker may end the connection and librdkafka would not mention it.
const LEFT_ALONE_MAX: Duration = Duration::from_secs(45);

pub(crate) struct KafkaTail {
    consumer: Client<StreamConsumer<Voice>>,
    asker: Asker,
    answer_timeout: Duration,
    partition: Partition,
    /// The first offset that was not yet received.
    expected: Offset,
    /// Received, and not yet returned.
    ready: VecDeque<Logged>,
    ready_bytes: usize,
    /// The consumer's complaint that there is nothing at `expected`. Kept until it was looked
    /// into, which takes a question that may be given up.
    nothing_there: Option<Failure>,
    attended: Attended,
    /// Why it is broken; it stays so.
    broken: Option<TailError>,
}

/// What the consumer of a tail has besides what all consumers have.
pub(crate) fn config(consumer: &ClientConfig) -> ClientConfig {
    let mut config = consumer.clone();
    config
        // Its lines are signs; the level lets them through.
        .set("debug", "metadata")
        .set_log_level(RDKafkaLogLevel::Debug);
    config
}

impl KafkaTail {
    /// Begins at `from`, which MUST be within the bounds of the partition.
    pub(crate) async fn open(
        config: ClientConfig,
        asker: Asker,
        topic: Arc<str>,
        partition: Partition,
        from: Offset,
        answer_timeout: Duration,
    ) -> Result<Self, Failure> {
        let consumer = blocking(move || {
            let consumer =
                StreamConsumer::from_config_and_context(&config, Voice::of_tail(partition))
                    .map(Client::<StreamConsumer<Voice>>::new)?;
            consumer.assign(&assignment(&topic, partition, from)?)?;
            Ok::<_, Failure>(consumer)
        })
        .await??;
        Ok(Self {
            consumer,
            asker,
            answer_timeout,
            partition,
            expected: from,
            ready: VecDeque::new(),
            ready_bytes: 0,
            nothing_there: None,
            attended: Attended::now(),
            broken: None,
        })
    }

    /// Waits until the client knows who leads the partition: from then on it hears of any other.
    pub(crate) async fn stand(&mut self) -> Result<(), TailError> {
        let voice = Arc::clone(self.consumer.context());
        let deadline = Instant::now() + self.answer_timeout;
        loop {
            tokio::select! {
                biased;
                () = voice.signs.led() => return Ok(()),
                received = timeout_at(deadline, self.receive()) => {
                    let late = |_elapsed| Failure::new("nobody said in time who leads the partition");
                    received.map_err(|elapsed| unavailable(voice.explain(late(elapsed))))??;
                }
            }
        }
    }

    async fn wait_and_take(&mut self, limit: usize) -> Result<Vec<Logged>, TailError> {
        while self.ready.is_empty() {
            self.look_into_nothing().await?;
            self.receive().await?;
        }
        self.gather(limit).await?;
        Ok(self.take(limit))
    }

    async fn catch_up_and_take(&mut self, limit: usize) -> Result<Vec<Logged>, TailError> {
        self.gather(limit).await?;
        if !self.is_enough(limit) {
            let deadline = Instant::now() + self.answer_timeout;
            let high = self.high().await?;
            while self.expected < high && !self.is_enough(limit) {
                self.look_into_nothing().await?;
                let Ok(received) = timeout_at(deadline, self.receive()).await else {
                    let late = format!("the records below {high} did not come in time");
                    return Err(unavailable(
                        self.consumer.context().explain(Failure::new(late)),
                    ));
                };
                received?;
            }
        }
        Ok(self.take(limit))
    }

    /// How far the partition reaches now.
    async fn high(&self) -> Result<Offset, TailError> {
        let bounds = self.asker.bounds(self.partition).await?;
        if bounds.can_follow(self.expected) {
            Ok(bounds.high)
        } else {
            Err(TailError::OutOfRange {
                from: self.expected,
                bounds,
            })
        }
    }

    /// Receives what is there already, without waiting.
    async fn gather(&mut self, limit: usize) -> Result<(), TailError> {
        while !self.is_enough(limit) && self.nothing_there.is_none() {
            match self.receive().now_or_never() {
                Some(received) => received?,
                None => break,
            }
            // Records that are there never let the runtime have its turn.
            tokio::task::coop::consume_budget().await;
        }
        Ok(())
    }

    fn is_enough(&self, limit: usize) -> bool {
        self.ready.len() >= limit || self.ready_bytes >= BATCH_BYTES_MAX
    }

    /// Waits for what the consumer has next, which may be nothing of use.
    ///
    /// Cancel-safe: after the consumer gave something, nothing is awaited.
    async fn receive(&mut self) -> Result<(), TailError> {
        let received = self.consumer.recv().await;
        // SUBTLE: signs first. What came after them may be from another log.
        if let Some(sign) = self.consumer.context().signs.heard() {
            let what = format!("what follows may be another log: {sign}");
            return Err(unavailable(Failure::new(what)));
        }
        let logged = match received {
            Ok(message) => wire::logged(&message).map_err(|error| self.corrupt(error.to_string())),
            Err(error) => return self.judge(error),
        }?;
        if logged.offset != self.expected {
            let found = logged.offset;
            return Err(self.corrupt(format!("the next record is at {found}")));
        }
        self.expected = logged
            .offset
            .next()
            .ok_or_else(|| self.corrupt("it is the last".into()))?;
        self.ready_bytes = self.ready_bytes.saturating_add(logged.record.size());
        self.ready.push_back(logged);
        Ok(())
    }

    /// Whether the tail survives an error of the consumer.
    fn judge(&mut self, error: KafkaError) -> Result<(), TailError> {
        let failure = self.consumer.context().explain(error);
        match failure.code() {
            // A connection that stood and was lost is a sign, and those were looked at.
            _ if is_of_one_broker(&failure) => Ok(()),
            Some(RDKafkaErrorCode::AutoOffsetReset | RDKafkaErrorCode::OffsetOutOfRange) => {
                self.nothing_there = Some(failure);
                Ok(())
            }
            _ => Err(unavailable(failure)),
        }
    }

    /// Ends the tail where there is nothing at `expected`: out of range, if it still is.
    async fn look_into_nothing(&self) -> Result<(), TailError> {
        let Some(failure) = &self.nothing_there else {
            return Ok(());
        };
        self.high().await?;
        Err(unavailable(failure.clone()))
    }

    /// What was received, up to the bounds, and at least one record where there is one.
    fn take(&mut self, limit: usize) -> Vec<Logged> {
        let mut bytes: usize = 0;
        let mut taken = Vec::new();
        while let Some(next) = self.ready.front() {
            bytes = bytes.saturating_add(next.record.size());
            if taken.len() >= limit || (bytes > BATCH_BYTES_MAX && !taken.is_empty()) {
                break;
            }
            taken.extend(self.ready.pop_front());
        }
        for logged in &taken {
            self.ready_bytes = self.ready_bytes.saturating_sub(logged.record.size());
        }
        taken
    }

    fn corrupt(&self, problem: String) -> TailError {
        ReadError::Corrupt {
            partition: self.partition,
            offset: self.expected,
            problem,
        }
        .into()
    }

    /// Refuses where the tail is broken; until the answer is dropped, it is attended to.
    fn begin(&mut self) -> Result<Attended, TailError> {
        if let Some(error) = &self.broken {
            return Err(error.clone());
        }
        let alone = self.attended.elapsed();
        if alone > LEFT_ALONE_MAX {
            let what = format!("the tail was left alone for {} s", alone.as_secs());
            return self.end(Err(unavailable(Failure::new(what))));
        }
        Ok(self.attended.clone())
    }

    fn end<T>(&mut self, outcome: Result<T, TailError>) -> Result<T, TailError> {
        if let Err(error) = &outcome {
            self.broken = Some(error.clone());
        }
        outcome
    }
}

/// When somebody last stopped to wait for the tail. Clones share it, and note their end in it.
#[derive(Clone)]
struct Attended(Arc<Mutex<Instant>>);

impl Attended {
    fn now() -> Self {
        Self(Arc::new(Mutex::new(Instant::now())))
    }

    fn elapsed(&self) -> Duration {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .elapsed()
    }
}

impl Drop for Attended {
    fn drop(&mut self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }
}

#[async_trait]
impl Tail for KafkaTail {
    async fn next(&mut self, limit: usize) -> Result<Vec<Logged>, TailError> {
        let _attended = self.begin()?;
        let taken = self.wait_and_take(limit.max(1)).await;
        self.end(taken)
    }

    async fn try_next(&mut self, limit: usize) -> Result<Vec<Logged>, TailError> {
        let _attended = self.begin()?;
        let taken = self.catch_up_and_take(limit.max(1)).await;
        self.end(taken)
    }
}

fn unavailable(failure: Failure) -> TailError {
    TailError::Unavailable {
        source: failure.into_cause(),
    }
}
