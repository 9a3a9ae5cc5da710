//! writ-command.
