//! The private Postgres cluster of a single machine.
//!
//! Finds or fetches the programs, makes the cluster, starts it, and stops it with the process.
//! Calls `initdb` and `postgres` directly. Knows nothing of what is stored there.
//!
//! **Shape**: `account` is the user that runs Postgres, `binaries` and `download` are its programs,
//! `initialise` makes a cluster, `pid_file` reads who runs one, `start` brings one up, `server` is
//! one that is up.
//!
//! **Correctness**: the caller holds the lock of the data directory, so nobody else makes or starts
//! this cluster. A cluster is made beside its place and renamed into it when it is whole, so what
//! is in place is always whole. A killed `writ` leaves Postgres running: the next one takes it over
//! after making sure that it is this cluster's. A killed Postgres is started again and recovers by
//! itself; a lock file that names a process which is somebody else is removed only when nothing at
//! all runs in the cluster's directory.

mod account;
mod binaries;
mod cluster;
mod download;
mod error;
mod initialise;
mod pid_file;
mod server;
mod start;

pub(crate) use account::Account;
pub(crate) use cluster::{Cluster, Options, Reached, attach, open};
pub(crate) use error::Error;

#[cfg(test)]
mod tests;
