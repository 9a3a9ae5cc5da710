//! What a server answers.

mod hostile;
mod native;
mod operations;
mod sdk;
