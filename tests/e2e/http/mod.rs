//! What a server answers.

mod hostile;
mod native;
mod nestauth;
mod operations;
mod sdk;
