//! Who waits for which command.

use std::collections::BTreeMap;

use writ_domain::{CommandId, TenantId};
use writ_store::entries::Entry;

/// The commands in flight of a process, at most so many, with whom to tell.
#[derive(Debug)]
pub struct Waiting<T> {
    all: BTreeMap<CommandId, (TenantId, T)>,
    limit: usize,
}

/// As many commands are in flight as may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{limit} commands are in flight, as many as may be")]
pub struct Full {
    limit: usize,
}

impl<T> Waiting<T> {
    /// Nobody waits; `limit` may.
    #[must_use]
    pub const fn new(limit: usize) -> Self {
        Self {
            all: BTreeMap::new(),
            limit,
        }
    }

    /// Enters a command. MUST come before it is appended.
    pub fn enter(&mut self, tenant: TenantId, command: CommandId, whom: T) -> Result<(), Full> {
        if self.all.len() >= self.limit {
            return Err(Full { limit: self.limit });
        }
        self.all.insert(command, (tenant, whom));
        Ok(())
    }

    /// Nobody waits for it any more.
    pub fn leave(&mut self, command: CommandId) {
        self.all.remove(&command);
    }

    /// Whom to tell of an entry. The first one that is brought is told, later ones find nobody.
    pub fn take(&mut self, entry: &Entry) -> Option<T> {
        let command = entry.command_id?;
        if !self.holds(&entry.tenant, command) {
            return None;
        }
        self.all.remove(&command).map(|(_tenant, whom)| whom)
    }

    /// All that is waited for: what the store is asked.
    #[must_use]
    pub fn asked(&self) -> Vec<(TenantId, CommandId)> {
        self.all
            .iter()
            .map(|(command, (tenant, _whom))| (tenant.clone(), *command))
            .collect()
    }

    /// Whether a command of that tenant is waited for.
    #[must_use]
    pub fn holds(&self, tenant: &TenantId, command: CommandId) -> bool {
        self.all
            .get(&command)
            .is_some_and(|(owner, _whom)| owner == tenant)
    }

    /// How many wait.
    #[must_use]
    pub fn count(&self) -> usize {
        self.all.len()
    }
}
