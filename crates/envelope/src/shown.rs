//! Facts and commands as readers of the ledger see them: without the hashes of passwords.
//!
//! Records and entries keep them, since signing in asks for them and a rebuild needs them. Whoever
//! may read history may not therefore try passwords offline, so no answer, no change and no
//! message has one. The hash of an entry is over what is kept, not over what is shown.

use writ_domain::{Command, Fact};

use crate::json;
use crate::v1::{self, Mirror};

/// What is shown in the place of a password's hash.
pub const WITHHELD: &str = "withheld";

/// The text of facts to be shown: that of [`facts_json`](crate::facts_json), without secrets.
#[must_use]
pub fn shown_facts_json(facts: &[Fact]) -> String {
    let facts: Vec<v1::Fact> = facts.iter().map(fact).collect();
    json::compact(&facts)
}

/// The text of a command to be shown: nothing left out that was minted or assumed, no secret in it.
#[must_use]
pub fn shown_command_json(shown: &Command) -> String {
    json::compact(&command(v1::Command::of(shown)))
}

/// A fact without secrets.
pub(crate) fn fact(shown: &Fact) -> v1::Fact {
    let mut wire = v1::Fact::of(shown);
    match &mut wire {
        v1::Fact::AdminCreated(fact) => withhold(&mut fact.password),
        v1::Fact::AdminPasswordChanged(fact) => withhold(&mut fact.password),
        v1::Fact::UserPasswordSet(fact) => withhold(&mut fact.hash),
        _ => {}
    }
    wire
}

fn command(mut wire: v1::Command) -> v1::Command {
    match &mut wire {
        v1::Command::CreateAdmin(command) => withhold(&mut command.password),
        v1::Command::ChangeAdminPassword(command) => withhold(&mut command.password),
        v1::Command::InstallCamundaAdmin(command) => withhold(&mut command.password_hash),
        v1::Command::CreateCamundaUser(command) => {
            if let Some(hash) = &mut command.password_hash {
                withhold(hash);
            }
        }
        v1::Command::SetCamundaPassword(command) => withhold(&mut command.password_hash),
        v1::Command::Batch(batch) => {
            let commands = core::mem::take(&mut batch.commands);
            batch.commands = commands.into_iter().map(self::command).collect();
        }
        _ => {}
    }
    wire
}

fn withhold(secret: &mut String) {
    WITHHELD.clone_into(secret);
}
