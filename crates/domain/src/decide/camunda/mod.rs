//! Rules of Camunda's realm: whose rights decide, users, groups, authorizations.
//!
//! **Order.** What is looked at first is part of the rules: the first thing that is wrong is the
//! one that is answered. It follows the engine, step by step.

mod authorizations;
mod people;
mod rights;

use super::Stop;
use crate::state::Draft;
use crate::{Command, Fact, Rejection, RevokeMode};

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "decide::one names every command"
)]
pub(super) fn decide(draft: &mut Draft<'_>, command: &Command) -> Result<(), Stop> {
    match command {
        Command::ConfigureCamunda { revoke_mode } => configure(draft, *revoke_mode),
        Command::RegisterUser { .. }
        | Command::DeleteUser { .. }
        | Command::InstallCamundaAdmin { .. }
        | Command::CreateCamundaUser { .. }
        | Command::UpdateCamundaUser { .. }
        | Command::SetCamundaPassword { .. }
        | Command::DeleteCamundaUser { .. }
        | Command::CreateGroup { .. }
        | Command::UpdateGroup { .. }
        | Command::DeleteGroup { .. }
        | Command::AddGroupMember { .. }
        | Command::RemoveGroupMember { .. } => people::decide(draft, command),
        Command::CreateAuthorization { .. }
        | Command::UpdateAuthorization { .. }
        | Command::DeleteAuthorization { .. } => authorizations::decide(draft, command),
        _ => Err(Rejection::NotInBatch.into()),
    }
}

/// What is wrong with a command of this realm, whatever the state and whoever asks.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "no other command has such rules"
)]
pub(super) fn malformed(command: &Command) -> Result<(), Rejection> {
    match command {
        Command::InstallCamundaAdmin { .. }
        | Command::CreateCamundaUser { .. }
        | Command::CreateGroup { .. } => people::malformed(command),
        Command::CreateAuthorization { .. } | Command::UpdateAuthorization { .. } => {
            authorizations::malformed(command)
        }
        Command::Batch(commands) => commands.iter().try_for_each(malformed),
        _ => Ok(()),
    }
}

fn configure(draft: &mut Draft<'_>, after: RevokeMode) -> Result<(), Stop> {
    let before = draft.camunda_settings()?.revoke_mode;
    if before != after {
        draft.emit(Fact::CamundaConfigured { before, after })?;
    }
    Ok(())
}
