//! What a server answers.

mod hostile;
mod sdk;
