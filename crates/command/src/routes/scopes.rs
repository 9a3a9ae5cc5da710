//! Which scopes a native command needs.

use writ_domain::Command;
use writ_http::Caller;

/// Any of these may see how a command stands.
pub(super) const STATUS: &[&str] = &["ledger:read", "ledger:write", "ledger:audit"];

const WRITE: &str = "ledger:write";

/// The first scope that the caller lacks; `None` if it may submit the command.
///
/// A command that could not be read needs what every command needs.
pub(super) fn missing(caller: &Caller, command: Option<&Command>) -> Option<&'static str> {
    let lacks = |scope: &&'static str| !caller.holds_any(&[scope]);
    let of_command = command.map(of).unwrap_or_default();
    core::iter::once(WRITE).chain(of_command).find(lacks)
}

/// The scopes of the Management API's routes that do the same, whichever the realm; Camunda's
/// nouns have scopes of the same form.
fn of(command: &Command) -> Vec<&'static str> {
    let scope = match command {
        // What Nest Auth's console does needs an admin there; a native command, the scope of what
        // is likest to it: who may make APIs may say which guards there are.
        Command::CreateApi { .. } | Command::ConfigureNestAuth { .. } => "create:resource_servers",
        Command::UpdateApi { .. }
        | Command::ReplaceApiPermissions { .. }
        | Command::CreatePermission { .. }
        | Command::UpdatePermission { .. }
        | Command::DeletePermission { .. } => "update:resource_servers",
        Command::DeleteApi { .. } => "delete:resource_servers",
        Command::CreateGuardedRole { .. } | Command::CreateRole { .. } => "create:roles",
        // An admin may do everything there.
        Command::CreateAdmin { .. }
        | Command::ChangeAdminPassword { .. }
        | Command::EndAdminSessions { .. }
        | Command::DeleteAdmin { .. } => {
            return vec![
                "create:resource_servers",
                "update:resource_servers",
                "create:roles",
                "update:roles",
                "delete:roles",
                "update:users",
            ];
        }
        Command::UpdateGuardedRole { .. }
        | Command::UpdateRole { .. }
        | Command::GrantRolePermissions { .. }
        | Command::RevokeRolePermissions { .. }
        | Command::AssignRoleUsers { .. } => "update:roles",
        Command::DeleteRole { .. } => "delete:roles",
        Command::RegisterUser { .. } | Command::CreateCamundaUser { .. } => "create:users",
        Command::LinkSubject { .. }
        | Command::UnlinkSubject { .. }
        | Command::UpdateUser { .. }
        | Command::GrantUserPermissions { .. }
        | Command::RevokeUserPermissions { .. }
        | Command::AssignUserRoles { .. }
        | Command::UnassignUserRoles { .. }
        | Command::UpdateCamundaUser { .. }
        | Command::SetCamundaPassword { .. } => "update:users",
        Command::DeleteUser { .. } | Command::DeleteCamundaUser { .. } => "delete:users",
        Command::ConfigureCamunda { .. } | Command::InstallCamundaAdmin { .. } => {
            "configure:camunda"
        }
        Command::CreateGroup { .. } => "create:groups",
        Command::UpdateGroup { .. }
        | Command::AddGroupMember { .. }
        | Command::RemoveGroupMember { .. } => "update:groups",
        Command::DeleteGroup { .. } => "delete:groups",
        Command::CreateAuthorization { .. } => "create:authorizations",
        Command::UpdateAuthorization { .. } => "update:authorizations",
        Command::DeleteAuthorization { .. } => "delete:authorizations",
        Command::Batch(commands) => return commands.iter().flat_map(of).collect(),
        Command::CancelCommand { .. } | Command::RecordDenial { .. } => return Vec::new(),
    };
    vec![scope]
}
