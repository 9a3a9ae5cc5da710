//! writ-query.
