//! The program from outside: started, spoken to over HTTP, killed, started again.

mod faults;
mod flow;
mod http;
mod ledger;
