//! The port of the log: append, tail, bounds, read.
//!
//! The log orders commands and keeps their bytes. It holds no rule and decides nothing; it does
//! not know what a command is. Whatever keeps the promises of [`conformance`] can carry a ledger:
//! the memory log here, Postgres (`writ-log-postgres`), Kafka.
//!
//! **Shape.** A log has a number of partitions, fixed at its genesis. Each is one sequence:
//!
//! ```text
//!            low                              high
//!             │                                │
//!   offset    0    1    2    3    4    5       6
//!            ███  ███  ███  ███  ███  ███     ░░░   the next record goes here
//!             └─ readable, for ever ───┘
//! ```
//!
//! **Correctness.** What is appended once stays at its offset with the same bytes and the same
//! time, whoever reads it and however often. Offsets have no hole, and a record becomes visible
//! only after every record before it. All else (exactly once, monotone time, refusing what is
//! broken) is the projector's.

pub mod conformance;
mod error;
pub mod memory;
mod port;
mod record;

pub use error::{AppendError, Cause, ReadError, TailError};
pub use port::{Bounds, Log, Tail};
pub use record::{
    Appended, BATCH_BYTES_MAX, BATCH_RECORDS_MAX, HEADERS_BYTES_MAX, KEY_BYTES_MAX, Logged, Record,
    VALUE_BYTES_MAX, check_batch,
};
