//! What the operator wants.
//!
//! Every setting has one name in three spellings: the flag `--data-dir`, the environment variable
//! `WRIT_DATA_DIR` and the key `data_dir` of one TOML file (`--config` or `WRIT_CONFIG`). A flag
//! wins over the environment, that over the file, that over the default. A name that is none of
//! these is an error that says so, whichever way it came. Settings are read once, here; nothing
//! else looks at the environment.
//!
//! **Shape**: `settings` is the table, `value` the kinds of value, `load` the layers, `places` the
//! default directories.

mod environment;
mod kafka;
mod load;
mod places;
mod settings;
mod value;

pub(crate) use environment::Environment;
pub(crate) use kafka::Replication;
#[cfg(test)]
use load::Loaded;
pub(crate) use load::{Invalid, Shown, load};
pub(crate) use settings::{Flags, Settings};
pub(crate) use value::{
    Auth0RateLimit, CamundaRevokeMode, LogFormat, NestauthFirstAdmin, OrOff, Partitions,
    PostgresChoice, Profile, Role, Switch,
};

#[cfg(test)]
mod tests;
