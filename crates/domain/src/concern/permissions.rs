//! Which permissions an entry names.

use crate::{Command, Fact, PermissionName};

/// The permissions that an entry names, each with its API: in facts by the API's identifier, in
/// commands as the caller named it. One that is named more than once comes more than once.
pub fn permissions<'e>(
    command: Option<&'e Command>,
    facts: &'e [Fact],
) -> impl Iterator<Item = (&'e str, &'e str)> {
    let of_facts = facts
        .iter()
        .filter_map(permission)
        .map(|name| (name.api.as_str(), name.name.as_str()));
    let mut of_command = Vec::new();
    if let Some(command) = command {
        named(command, &mut of_command);
    }
    of_facts.chain(of_command)
}

/// The permission that a fact is about.
fn permission(fact: &Fact) -> Option<&PermissionName> {
    match fact {
        Fact::PermissionDefined { permission, .. }
        | Fact::PermissionDescribed { permission, .. }
        | Fact::PermissionRenamed { permission, .. }
        | Fact::PermissionCategorized { permission, .. }
        | Fact::PermissionRemoved { permission, .. }
        | Fact::RolePermissionGranted { permission, .. }
        | Fact::RolePermissionRevoked { permission, .. }
        | Fact::UserPermissionGranted { permission, .. }
        | Fact::UserPermissionRevoked { permission, .. } => Some(permission),
        Fact::ApiCreated { .. }
        | Fact::ApiRenamed { .. }
        | Fact::ApiSettingChanged { .. }
        | Fact::ApiPermissionsDeclared { .. }
        | Fact::ApiPermissionsReordered { .. }
        | Fact::ApiDeleted { .. }
        | Fact::RoleCreated { .. }
        | Fact::RoleRenamed { .. }
        | Fact::RoleDescribed { .. }
        | Fact::RoleDeleted { .. }
        | Fact::UserRegistered { .. }
        | Fact::UserProfileChanged { .. }
        | Fact::UserDeleted { .. }
        | Fact::UserRoleAssigned { .. }
        | Fact::UserRoleUnassigned { .. }
        | Fact::RoleActivated { .. }
        | Fact::RoleDeactivated { .. }
        | Fact::RoleSaved { .. }
        | Fact::AdminCreated { .. }
        | Fact::AdminPasswordChanged { .. }
        | Fact::AdminSessionsEnded { .. }
        | Fact::AdminDeleted { .. }
        | Fact::SubjectLinked { .. }
        | Fact::SubjectUnlinked { .. }
        | Fact::CamundaConfigured { .. }
        | Fact::UserPasswordSet { .. }
        | Fact::GroupCreated { .. }
        | Fact::GroupRenamed { .. }
        | Fact::GroupKindChanged { .. }
        | Fact::GroupDeleted { .. }
        | Fact::GroupMemberAdded { .. }
        | Fact::GroupMemberRemoved { .. }
        | Fact::AuthorizationCreated { .. }
        | Fact::AuthorizationChanged { .. }
        | Fact::AuthorizationDeleted { .. }
        | Fact::CommandCancelled { .. } => None,
    }
}

/// The names, each with its API.
fn of<'c>(
    api: &'c str,
    names: impl Iterator<Item = &'c String>,
) -> impl Iterator<Item = (&'c str, &'c str)> {
    names.map(move |name| (api, name.as_str()))
}

fn named<'c>(command: &'c Command, into: &mut Vec<(&'c str, &'c str)>) {
    match command {
        Command::CreateApi {
            identifier,
            permissions,
            ..
        } => into.extend(of(
            identifier,
            permissions.iter().flatten().map(|spec| &spec.name),
        )),
        Command::ReplaceApiPermissions {
            api, permissions, ..
        } => into.extend(of(api, permissions.iter().map(|spec| &spec.name))),
        Command::GrantRolePermissions { permissions, .. }
        | Command::RevokeRolePermissions { permissions, .. }
        | Command::GrantUserPermissions { permissions, .. }
        | Command::RevokeUserPermissions { permissions, .. } => into.extend(
            permissions
                .iter()
                .map(|named| (named.api.as_str(), named.name.as_str())),
        ),
        Command::Batch(commands) => commands.iter().for_each(|command| named(command, into)),
        Command::CreatePermission { api, name, .. } => into.push((api, name)),
        Command::CreateGuardedRole {
            guard, permissions, ..
        } => into.extend(of(guard, permissions.iter())),
        // These name what they change by its id alone, or no permission of an API.
        Command::UpdateApi { .. }
        | Command::DeleteApi { .. }
        | Command::CreateRole { .. }
        | Command::UpdateRole { .. }
        | Command::DeleteRole { .. }
        | Command::RegisterUser { .. }
        | Command::UpdateUser { .. }
        | Command::DeleteUser { .. }
        | Command::AssignUserRoles { .. }
        | Command::UnassignUserRoles { .. }
        | Command::AssignRoleUsers { .. }
        | Command::ConfigureNestAuth { .. }
        | Command::UpdatePermission { .. }
        | Command::DeletePermission { .. }
        | Command::UpdateGuardedRole { .. }
        | Command::CreateAdmin { .. }
        | Command::ChangeAdminPassword { .. }
        | Command::EndAdminSessions { .. }
        | Command::DeleteAdmin { .. }
        | Command::LinkSubject { .. }
        | Command::UnlinkSubject { .. }
        | Command::ConfigureCamunda { .. }
        | Command::InstallCamundaAdmin { .. }
        | Command::CreateCamundaUser { .. }
        | Command::UpdateCamundaUser { .. }
        | Command::SetCamundaPassword { .. }
        | Command::DeleteCamundaUser { .. }
        | Command::CreateGroup { .. }
        | Command::UpdateGroup { .. }
        | Command::DeleteGroup { .. }
        | Command::AddGroupMember { .. }
        | Command::RemoveGroupMember { .. }
        | Command::CreateAuthorization { .. }
        | Command::UpdateAuthorization { .. }
        | Command::DeleteAuthorization { .. }
        | Command::CancelCommand { .. }
        | Command::RecordDenial { .. } => {}
    }
}
