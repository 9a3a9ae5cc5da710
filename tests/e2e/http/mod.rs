//! What a server answers.

pub(crate) mod camunda;
mod document;
mod five;
mod hostile;
mod native;
mod nestauth;
mod operations;
mod sdk;
