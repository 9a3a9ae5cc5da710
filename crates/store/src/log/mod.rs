//! The tables of the log of a single machine, and every statement on them.
//!
//! Deliberately absent: when to append, whom to wake, when to connect again. That is
//! `writ-log-postgres`, which is a thin layer over the [`Session`] here.
//!
//! **Shape.** A [`Session`] is one connection with its statements prepared. An append is one
//! statement: it moves the head of its partition, inserts the records, notifies.
//!
//! **Correctness.** The update of `log_head` holds the row's lock to the commit. A second append
//! therefore takes its offsets after the first one is visible: offsets are dense, and whoever
//! sees one record sees all before it. A rollback gives the offsets back.

mod headers;
mod retire;
mod session;
mod statements;

pub(crate) use headers::{decode as decode_headers, encode as encode_headers};
pub use retire::{RetireError, retire};
pub use session::{Connector, Session, Timeouts};
pub use statements::{BOUNDS, SESSION, TAIL};
pub use tokio_postgres::Config;
