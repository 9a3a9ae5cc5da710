//! Facts and commands as readers of the ledger see them: without the hashes of passwords.
//!
//! Records and entries keep them, since signing in asks for them and a rebuild needs them. Whoever
//! may read history may not therefore try passwords offline, so no answer, no change and no
//! message has one. The hash of an entry is over what is kept, not over what is shown.

use writ_domain as domain;

use crate::json;
use crate::v1::{Command, Fact, Mirror};

/// What is shown in the place of a password's hash.
pub const WITHHELD: &str = "withheld";

/// The text of facts to be shown: that of [`facts_json`](crate::facts_json), without secrets.
#[must_use]
pub fn shown_facts_json(facts: &[domain::Fact]) -> String {
    let facts: Vec<Fact> = facts.iter().map(fact).collect();
    json::compact(&facts)
}

/// The text of a command to be shown: nothing left out that was minted or assumed, no secret in it.
#[must_use]
pub fn shown_command_json(shown: &domain::Command) -> String {
    json::compact(&command(Command::of(shown)))
}

/// A fact without secrets.
pub(crate) fn fact(shown: &domain::Fact) -> Fact {
    let mut wire = Fact::of(shown);
    match &mut wire {
        Fact::AdminCreated(fact) => withhold(&mut fact.password),
        Fact::AdminPasswordChanged(fact) => withhold(&mut fact.password),
        Fact::UserPasswordSet(fact) => withhold(&mut fact.hash),
        Fact::ApiCreated(_)
        | Fact::ApiRenamed(_)
        | Fact::ApiSettingChanged(_)
        | Fact::ApiPermissionsDeclared(_)
        | Fact::ApiPermissionsReordered(_)
        | Fact::ApiDeleted(_)
        | Fact::PermissionDefined(_)
        | Fact::PermissionRenamed(_)
        | Fact::PermissionCategorized(_)
        | Fact::PermissionDescribed(_)
        | Fact::PermissionRemoved(_)
        | Fact::RoleCreated(_)
        | Fact::RoleRenamed(_)
        | Fact::RoleDescribed(_)
        | Fact::RoleActivated(_)
        | Fact::RoleDeactivated(_)
        | Fact::RoleSaved(_)
        | Fact::RoleDeleted(_)
        | Fact::UserRegistered(_)
        | Fact::UserProfileChanged(_)
        | Fact::UserDeleted(_)
        | Fact::RolePermissionGranted(_)
        | Fact::RolePermissionRevoked(_)
        | Fact::UserPermissionGranted(_)
        | Fact::UserPermissionRevoked(_)
        | Fact::UserRoleAssigned(_)
        | Fact::UserRoleUnassigned(_)
        | Fact::AdminSessionsEnded(_)
        | Fact::AdminDeleted(_)
        | Fact::SubjectLinked(_)
        | Fact::SubjectUnlinked(_)
        | Fact::CommandCancelled(_)
        | Fact::CamundaConfigured(_)
        | Fact::GroupCreated(_)
        | Fact::GroupRenamed(_)
        | Fact::GroupKindChanged(_)
        | Fact::GroupDeleted(_)
        | Fact::GroupMemberAdded(_)
        | Fact::GroupMemberRemoved(_)
        | Fact::AuthorizationCreated(_)
        | Fact::AuthorizationChanged(_)
        | Fact::AuthorizationDeleted(_) => {}
    }
    wire
}

fn command(mut wire: Command) -> Command {
    match &mut wire {
        Command::CreateAdmin(command) => withhold(&mut command.password),
        Command::ChangeAdminPassword(command) => withhold(&mut command.password),
        Command::InstallCamundaAdmin(command) => withhold(&mut command.password_hash),
        Command::CreateCamundaUser(command) => {
            if let Some(hash) = &mut command.password_hash {
                withhold(hash);
            }
        }
        Command::SetCamundaPassword(command) => withhold(&mut command.password_hash),
        Command::Batch(batch) => {
            let commands = core::mem::take(&mut batch.commands);
            batch.commands = commands.into_iter().map(self::command).collect();
        }
        Command::CreateApi(_)
        | Command::UpdateApi(_)
        | Command::ReplaceApiPermissions(_)
        | Command::DeleteApi(_)
        | Command::ConfigureNestAuth(_)
        | Command::CreatePermission(_)
        | Command::UpdatePermission(_)
        | Command::DeletePermission(_)
        | Command::CreateGuardedRole(_)
        | Command::UpdateGuardedRole(_)
        | Command::CreateRole(_)
        | Command::UpdateRole(_)
        | Command::DeleteRole(_)
        | Command::GrantRolePermissions(_)
        | Command::RevokeRolePermissions(_)
        | Command::RegisterUser(_)
        | Command::UpdateUser(_)
        | Command::DeleteUser(_)
        | Command::GrantUserPermissions(_)
        | Command::RevokeUserPermissions(_)
        | Command::AssignUserRoles(_)
        | Command::UnassignUserRoles(_)
        | Command::AssignRoleUsers(_)
        | Command::EndAdminSessions(_)
        | Command::DeleteAdmin(_)
        | Command::LinkSubject(_)
        | Command::UnlinkSubject(_)
        | Command::CancelCommand(_)
        | Command::RecordDenial(_)
        | Command::ConfigureCamunda(_)
        | Command::UpdateCamundaUser(_)
        | Command::DeleteCamundaUser(_)
        | Command::CreateGroup(_)
        | Command::UpdateGroup(_)
        | Command::DeleteGroup(_)
        | Command::AddGroupMember(_)
        | Command::RemoveGroupMember(_)
        | Command::CreateAuthorization(_)
        | Command::UpdateAuthorization(_)
        | Command::DeleteAuthorization(_) => {}
    }
    wire
}

fn withhold(secret: &mut String) {
    WITHHELD.clone_into(secret);
}
