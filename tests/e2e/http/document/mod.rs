//! The OpenAPI document: that it says what the server does, and that its examples can be sent.

mod contract;
mod examples;
mod pages;
mod refusals;
mod rehearsal;
mod requests;

use contract::{Contract, Route};
