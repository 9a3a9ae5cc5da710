//! The program from outside: started, spoken to over HTTP, killed, started again.

mod bench;
mod deployment;
mod faults;
mod flow;
mod http;
mod kafka;
mod ledger;
mod watch;
