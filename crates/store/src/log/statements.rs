//! The statements of the log, each as a method of [`Session`].
//!
//! They answer in the errors of the port, because only here is it known what an error of
//! Postgres says about an append.

use std::sync::Arc;

use tokio::time::timeout;
use tokio_postgres::Row;
use tokio_postgres::error::{Severity, SqlState};
use writ_crash::{Point, sent};
use writ_domain::{Offset, Partition};
use writ_log::{
    AppendError, Appended, BATCH_BYTES_MAX, BATCH_RECORDS_MAX, Bounds, Logged, ReadError, Record,
};

use super::{Session, headers};
use crate::Error;

pub(super) const LISTEN: &str = include_str!("listen.sql");
pub(super) const APPEND: &str = include_str!("append.sql");
pub(super) const READ: &str = include_str!("read.sql");
const CREATE: &str = include_str!("create.sql");
const PARTITIONS: &str = include_str!("partitions.sql");

/// What every connection of the log is set to. Public for the test of the plans.
pub const SESSION: &str = include_str!("session.sql");

/// The statement that a tail runs for ever. Public for the test of the plans.
pub const TAIL: &str = include_str!("tail.sql");

/// The statement that a waiting tail runs every second. Public for the test of the plans.
pub const BOUNDS: &str = include_str!("bounds.sql");

impl Session {
    /// Fixes the number of partitions and makes their heads; does nothing where that was done.
    pub async fn create(&self, partitions: u16) -> Result<(), Error> {
        self.client
            .execute(CREATE, &[/* $1 partitions */ &i32::from(partitions)])
            .await
            .map_err(Error::statement("store.log.create"))?;
        Ok(())
    }

    /// The number of partitions; `None` before the genesis.
    pub async fn partitions(&self) -> Result<Option<u16>, Error> {
        let row = self
            .client
            .query_opt(PARTITIONS, &[])
            .await
            .map_err(Error::statement("store.log.partitions"))?;
        row.map(|row| {
            let partitions: i32 = row.get(0);
            u16::try_from(partitions).map_err(|source| Error::Inconsistent {
                what: "log_genesis",
                problem: format!("{partitions} partitions: {source}"),
            })
        })
        .transpose()
    }

    /// Appends `records` in their order, all or nothing. There MUST be at least one.
    pub async fn append(
        &self,
        partition: Partition,
        records: &[&Record],
    ) -> Result<Vec<Appended>, AppendError> {
        let keys: Vec<&[u8]> = records.iter().map(|record| record.key.as_slice()).collect();
        let values: Vec<&[u8]> = records
            .iter()
            .map(|record| record.value.as_slice())
            .collect();
        let headers: Vec<Vec<u8>> = records
            .iter()
            .map(|record| headers::encode(&record.headers))
            .collect();
        let partition_number = i32::from(partition.0);
        let parameters: [&(dyn tokio_postgres::types::ToSql + Sync); 4] = [
            /* $1 partition */ &partition_number,
            /* $2 keys      */ &keys,
            /* $3 values    */ &values,
            /* $4 headers   */ &headers,
        ];
        // SUBTLE: the answer counts only once ReadyForQuery came, since the commit happens after
        // the row was sent. `query_opt` reads up to it.
        let appending = self.client.query_opt(&self.append, &parameters);
        let row = timeout(self.answer, sent(Point::LogAppendSent, appending))
            .await
            .map_err(|elapsed| AppendError::MaybeAppended {
                source: Arc::new(elapsed),
            })?
            .map_err(unacknowledged)?;
        let Some(row) = row else {
            let problem = format!("partition {partition} has no head");
            let source = Arc::new(Error::Inconsistent {
                what: "log_head",
                problem,
            });
            return Err(AppendError::NotAppended { source });
        };
        appended(&row, records.len()).map_err(|source| AppendError::MaybeAppended {
            source: Arc::new(source),
        })
    }

    /// Records from `from` on: at most `limit`, and of 16 MiB at most.
    pub async fn tail(
        &self,
        partition: Partition,
        from: Offset,
        limit: usize,
    ) -> Result<Vec<Logged>, ReadError> {
        let limit = u64::try_from(limit.clamp(1, BATCH_RECORDS_MAX)).unwrap_or(1);
        let until = Offset(from.0.saturating_add(limit));
        let bytes_max = i64::try_from(BATCH_BYTES_MAX).unwrap_or(i64::MAX);
        let partition_number = i32::from(partition.0);
        let (from, until) = (bigint(from), bigint(until));
        let parameters: [&(dyn tokio_postgres::types::ToSql + Sync); 4] = [
            /* $1 partition */ &partition_number,
            /* $2 from      */ &from,
            /* $3 until     */ &until,
            /* $4 bytes max */ &bytes_max,
        ];
        let fetching = self.client.query(&self.tail, &parameters);
        let rows = self
            .ask(sent(Point::LogFetchSent, fetching))
            .await
            .map_err(unavailable("store.log.tail"))?;
        rows.iter().map(|row| logged(partition, row)).collect()
    }

    /// The record at an offset.
    pub async fn read(
        &self,
        partition: Partition,
        offset: Offset,
    ) -> Result<Option<Logged>, ReadError> {
        if i64::try_from(offset.0).is_err() {
            return Ok(None);
        }
        let row = self
            .ask(self.client.query_opt(
                &self.read,
                &[
                    /* $1 partition */ &i32::from(partition.0),
                    /* $2 offset    */ &bigint(offset),
                ],
            ))
            .await
            .map_err(unavailable("store.log.read"))?;
        row.map(|row| logged(partition, &row)).transpose()
    }

    /// What a partition holds.
    pub async fn bounds(&self, partition: Partition) -> Result<Bounds, ReadError> {
        let row = self
            .ask(
                self.client
                    .query_opt(&self.bounds, &[/* $1 partition */ &i32::from(partition.0)]),
            )
            .await
            .map_err(unavailable("store.log.bounds"))?;
        let corrupt = |problem: &str| ReadError::Corrupt {
            partition,
            offset: Offset(0),
            problem: problem.to_owned(),
        };
        let row = row.ok_or_else(|| corrupt("the partition has no head"))?;
        let bound = |name| offset(row.get(name)).ok_or_else(|| corrupt("a bound is negative"));
        Ok(Bounds {
            low: bound("low")?,
            high: bound("high")?,
        })
    }

    /// A read that is answered in time.
    async fn ask<T>(
        &self,
        asking: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Result<T, Unanswered> {
        match timeout(self.answer, asking).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(source)) => Err(Unanswered::Failed(source)),
            Err(elapsed) => Err(Unanswered::TooLate(elapsed)),
        }
    }
}

enum Unanswered {
    Failed(tokio_postgres::Error),
    TooLate(tokio::time::error::Elapsed),
}

fn unavailable(statement: &'static str) -> impl FnOnce(Unanswered) -> ReadError {
    move |unanswered| {
        let source = match unanswered {
            Unanswered::Failed(source) => Error::Statement { statement, source },
            Unanswered::TooLate(elapsed) => Error::Unavailable {
                source: Box::new(elapsed),
            },
        };
        ReadError::Unavailable {
            source: Arc::new(source),
        }
    }
}

/// Which kind of "no" an error of Postgres is.
///
/// An ERROR rolled the statement back: a definite no. All else is not known: the connection may
/// have ended after the commit, a FATAL may have come after it, and a cancelled statement may
/// have been cancelled on its way out.
fn unacknowledged(error: tokio_postgres::Error) -> AppendError {
    let rolled_back = error.as_db_error().is_some_and(|refusal| {
        refusal.parsed_severity() == Some(Severity::Error)
            && *refusal.code() != SqlState::QUERY_CANCELED
    });
    let source = Arc::new(Error::Statement {
        statement: "store.log.append",
        source: error,
    });
    if rolled_back {
        AppendError::NotAppended { source }
    } else {
        AppendError::MaybeAppended { source }
    }
}

fn appended(row: &Row, records: usize) -> Result<Vec<Appended>, Error> {
    let (first, time) = (row.get("first_offset"), row.get("log_time"));
    let mut next = offset(first);
    let mut appended = Vec::with_capacity(records);
    for _ in 0..records {
        let Some(offset) = next else {
            let problem = format!("{first} is the offset of a record");
            return Err(Error::Inconsistent {
                what: "log_head",
                problem,
            });
        };
        appended.push(Appended { offset, time });
        next = offset.next();
    }
    Ok(appended)
}

fn logged(partition: Partition, row: &Row) -> Result<Logged, ReadError> {
    let number: i64 = row.get("log_offset");
    let broken = |problem: &str| ReadError::Corrupt {
        partition,
        offset: Offset(number.unsigned_abs()),
        problem: problem.to_owned(),
    };
    let offset = offset(number).ok_or_else(|| broken("its offset is negative"))?;
    let headers =
        headers::decode(row.get("headers")).ok_or_else(|| broken("its headers cannot be read"))?;
    let record = Record {
        key: row.get("key"),
        value: row.get("value"),
        headers,
    };
    Ok(Logged {
        offset,
        time: row.get("log_time"),
        record,
    })
}

fn offset(number: i64) -> Option<Offset> {
    u64::try_from(number).ok().map(Offset)
}

/// No offset that was ever given out is beyond the range of a bigint.
fn bigint(offset: Offset) -> i64 {
    i64::try_from(offset.0).unwrap_or(i64::MAX)
}
