//! What of the state a command touches: what to load before it is decided.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use crate::decide::check_texts;
use crate::policy::camunda::{ADMIN_GROUP, ANY, resource, resource_types};
use crate::{
    Command, Counted, Expected, Holder, Key, NounKind, NounRef, PermissionRef, Realm, Submission,
    check,
};

/// What a submission touches: load this, and `judge` seldom asks for more.
///
/// Of a command with a text that cannot be kept it is nothing: that text cannot be looked for
/// either, and the command is rejected before any rule looks at the state.
#[must_use]
pub fn touches(submission: &Submission) -> BTreeSet<Key> {
    let stamp = &submission.stamp;
    let mut touched = Touched::default();
    touched.key(Key::Command(stamp.command_id));
    if let Some(idempotency) = &stamp.idempotency {
        let caller = stamp.actor.caller().to_owned();
        let key = idempotency.key.clone();
        touched.key(Key::IdempotencyKey { caller, key });
    }
    if check_texts(submission).is_err() {
        return touched.0;
    }
    touched.command(&submission.command);
    if let Some(Expected::UnchangedSince(_) | Expected::ChangedAt(_)) = stamp.expected
        && let Some(noun) = target(&submission.command)
    {
        touched.key(Key::LastChanged(noun));
    }
    touched.0
}

/// The noun that a command is about, as the caller named it. Of a batch: of its first command.
#[must_use]
pub fn target(command: &Command) -> Option<NounRef> {
    match command {
        Command::CreateApi {
            realm, identifier, ..
        } => noun(*realm, NounKind::Api, identifier),
        Command::UpdateApi { realm, api, .. }
        | Command::ReplaceApiPermissions { realm, api, .. }
        | Command::DeleteApi { realm, api } => noun(*realm, NounKind::Api, api),
        Command::CreatePermission {
            realm,
            id: permission,
            ..
        }
        | Command::UpdatePermission {
            realm, permission, ..
        }
        | Command::DeletePermission { realm, permission } => {
            noun(*realm, NounKind::Permission, permission)
        }
        Command::CreateAdmin { id: admin, .. }
        | Command::ChangeAdminPassword { admin, .. }
        | Command::EndAdminSessions { admin }
        | Command::DeleteAdmin { admin } => noun(Realm::NestAuth, NounKind::Admin, admin),
        Command::LinkSubject { subject, .. } | Command::UnlinkSubject { subject } => {
            Some(subject.noun())
        }
        Command::CreateGuardedRole {
            realm, id: role, ..
        }
        | Command::UpdateGuardedRole { realm, role, .. }
        | Command::CreateRole {
            realm, id: role, ..
        }
        | Command::UpdateRole { realm, role, .. }
        | Command::DeleteRole { realm, role }
        | Command::GrantRolePermissions { realm, role, .. }
        | Command::RevokeRolePermissions { realm, role, .. }
        | Command::AssignRoleUsers { realm, role, .. } => noun(*realm, NounKind::Role, role),
        Command::RegisterUser {
            realm, id: user, ..
        }
        | Command::UpdateUser { realm, user, .. }
        | Command::DeleteUser { realm, user }
        | Command::GrantUserPermissions { realm, user, .. }
        | Command::RevokeUserPermissions { realm, user, .. }
        | Command::AssignUserRoles { realm, user, .. }
        | Command::UnassignUserRoles { realm, user, .. } => noun(*realm, NounKind::User, user),
        Command::Batch(commands) => commands.first().and_then(target),
        Command::ConfigureCamunda { .. }
        | Command::ConfigureNestAuth { .. }
        | Command::CancelCommand { .. } => None,
        Command::RecordDenial { target, .. } => target.clone(),
        Command::InstallCamundaAdmin { .. }
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
        | Command::DeleteAuthorization { .. } => camunda_target(command),
    }
}

/// What a command of Camunda's realm is about.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "target, above, names every command"
)]
fn camunda_target(command: &Command) -> Option<NounRef> {
    let (kind, id) = match command {
        Command::InstallCamundaAdmin { user, .. }
        | Command::CreateCamundaUser { id: user, .. }
        | Command::UpdateCamundaUser { user, .. }
        | Command::SetCamundaPassword { user, .. }
        | Command::DeleteCamundaUser { user, .. } => (NounKind::User, user),
        Command::CreateGroup { id: group, .. }
        | Command::UpdateGroup { group, .. }
        | Command::DeleteGroup { group, .. }
        | Command::AddGroupMember { group, .. }
        | Command::RemoveGroupMember { group, .. } => (NounKind::Group, group),
        Command::CreateAuthorization {
            id: authorization, ..
        }
        | Command::UpdateAuthorization { authorization, .. }
        | Command::DeleteAuthorization { authorization, .. } => {
            (NounKind::Authorization, authorization)
        }
        _ => return None,
    };
    noun(Realm::Camunda, kind, id)
}

#[expect(clippy::unnecessary_wraps, reason = "not every command has a target")]
fn noun(realm: Realm, kind: NounKind, id: &str) -> Option<NounRef> {
    Some(NounRef {
        realm,
        kind,
        id: id.to_owned(),
    })
}

#[derive(Debug, Default)]
struct Touched(BTreeSet<Key>);

impl Touched {
    fn key(&mut self, key: Key) {
        self.0.insert(key);
    }

    fn count(&mut self, what: Counted) {
        self.key(Key::Count(what));
    }

    #[expect(clippy::too_many_lines, reason = "flat: an arm a command")]
    fn command(&mut self, command: &Command) {
        match command {
            Command::CreateApi {
                realm,
                id,
                identifier,
                ..
            } => {
                self.key(Key::api(*realm, id));
                self.key(Key::api(*realm, identifier));
                self.count(Counted::Apis(*realm));
            }
            Command::UpdateApi { realm, api, .. } | Command::DeleteApi { realm, api } => {
                self.key(Key::api(*realm, api));
            }
            Command::ReplaceApiPermissions { realm, api, .. } => {
                self.key(Key::api(*realm, api));
                self.key(Key::api_permissions(*realm, api));
            }
            Command::ConfigureNestAuth { .. } => self.key(Key::Apis {
                realm: Realm::NestAuth,
            }),
            Command::CreatePermission { .. }
            | Command::UpdatePermission { .. }
            | Command::DeletePermission { .. }
            | Command::CreateGuardedRole { .. }
            | Command::UpdateGuardedRole { .. } => self.guards(command),
            Command::CreateRole {
                realm, id, name, ..
            } => {
                self.key(Key::role(*realm, id));
                self.key(Key::role_named(*realm, name));
                self.count(Counted::Roles(*realm));
            }
            Command::UpdateRole {
                realm, role, name, ..
            } => {
                self.key(Key::role(*realm, role));
                if let Some(name) = name {
                    self.key(Key::role_named(*realm, name));
                }
            }
            Command::DeleteRole { realm, role } => self.key(Key::role(*realm, role)),
            Command::GrantRolePermissions {
                realm,
                role,
                permissions,
            } => {
                self.count(Counted::RolePermissions(*realm, role.clone()));
                self.role_permissions(*realm, role, permissions);
            }
            Command::RevokeRolePermissions {
                realm,
                role,
                permissions,
            } => {
                self.role_permissions(*realm, role, permissions);
            }
            Command::RegisterUser {
                realm: Realm::Camunda,
                id,
                ..
            } => self.new_camunda_user(None, id),
            Command::DeleteUser {
                realm: Realm::Camunda,
                user,
            } => self.camunda_user_and_rows(None, user),
            Command::RegisterUser {
                realm, id: user, ..
            }
            | Command::UpdateUser { realm, user, .. }
            | Command::DeleteUser { realm, user } => self.key(Key::user(*realm, user)),
            Command::GrantUserPermissions {
                realm,
                user,
                permissions,
            } => {
                self.count(Counted::UserPermissions(*realm, user.clone()));
                self.user_permissions(*realm, user, permissions);
            }
            Command::RevokeUserPermissions {
                realm,
                user,
                permissions,
            } => {
                self.user_permissions(*realm, user, permissions);
            }
            Command::AssignUserRoles { realm, user, roles } => {
                self.count(Counted::UserRoles(*realm, user.clone()));
                self.user_roles(*realm, user, roles);
            }
            Command::UnassignUserRoles { realm, user, roles } => {
                self.user_roles(*realm, user, roles);
            }
            Command::AssignRoleUsers { realm, role, users } => {
                for user in users {
                    self.count(Counted::UserRoles(*realm, user.clone()));
                    self.user_role(*realm, user, role);
                }
            }
            Command::CreateAdmin { id, email, .. } => {
                self.count(Counted::Admins);
                self.key(Key::admin(id));
                self.key(Key::admin_email(email));
            }
            Command::ChangeAdminPassword { admin, .. } | Command::EndAdminSessions { admin } => {
                self.key(Key::admin(admin));
            }
            Command::DeleteAdmin { admin } => {
                self.count(Counted::Admins);
                self.key(Key::admin(admin));
            }
            Command::LinkSubject { subject, with } => {
                self.key(Key::linked(subject));
                self.key(Key::linked(with));
            }
            Command::UnlinkSubject { subject } => self.key(Key::linked(subject)),
            Command::Batch(commands) => {
                for command in commands {
                    self.command(command);
                }
            }
            Command::CancelCommand { command } => self.key(Key::Command(*command)),
            Command::RecordDenial { .. } => {}
            Command::ConfigureCamunda { .. }
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
            | Command::DeleteAuthorization { .. } => self.camunda(command),
        }
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "command, above, names every command"
    )]
    fn guards(&mut self, command: &Command) {
        match command {
            Command::CreatePermission {
                realm,
                id,
                api,
                name,
                ..
            } => {
                let (api, name) = (api.clone(), name.clone());
                self.key(Key::permission_id(*realm, id));
                self.permission(*realm, &PermissionRef { api, name });
            }
            // The guard of a renamed permission is not known yet: the new name is asked for later.
            Command::UpdatePermission {
                realm, permission, ..
            }
            | Command::DeletePermission { realm, permission } => {
                self.key(Key::permission_id(*realm, permission));
            }
            Command::CreateGuardedRole {
                realm,
                id,
                name,
                guard,
                permissions,
                ..
            } => {
                self.key(Key::role(*realm, id));
                self.key(Key::api(*realm, guard));
                self.key(Key::guard_role(*realm, guard, name));
                self.count(Counted::Roles(*realm));
                for name in permissions {
                    let (api, name) = (guard.clone(), name.clone());
                    self.permission(*realm, &PermissionRef { api, name });
                }
            }
            // So is what a role is to hold, whose guard it does not name.
            Command::UpdateGuardedRole {
                realm,
                role,
                permissions,
                ..
            } => {
                self.key(Key::role(*realm, role));
                if permissions.is_some() {
                    self.count(Counted::RolePermissions(*realm, role.clone()));
                    self.key(Key::role_holdings(*realm, role));
                }
            }
            _ => {}
        }
    }

    fn role_permissions(&mut self, realm: Realm, role: &str, permissions: &[PermissionRef]) {
        self.key(Key::role(realm, role));
        for permission in permissions {
            self.permission(realm, permission);
            self.key(Key::role_permission(realm, role, permission.clone()));
        }
    }

    fn user_permissions(&mut self, realm: Realm, user: &str, permissions: &[PermissionRef]) {
        self.key(Key::user(realm, user));
        for permission in permissions {
            self.permission(realm, permission);
            let (user, permission) = (user.to_owned(), permission.clone());
            self.key(Key::UserPermission {
                realm,
                user,
                permission,
            });
        }
    }

    fn permission(&mut self, realm: Realm, permission: &PermissionRef) {
        self.key(Key::api(realm, &permission.api));
        self.key(Key::permission(realm, permission));
    }

    fn user_roles(&mut self, realm: Realm, user: &str, roles: &[String]) {
        for role in roles {
            self.user_role(realm, user, role);
        }
    }

    fn user_role(&mut self, realm: Realm, user: &str, role: &str) {
        self.key(Key::user(realm, user));
        self.key(Key::role(realm, role));
        self.key(Key::user_role(realm, user, role));
    }
}

/// Camunda's commands.
impl Touched {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "Touched::command, which calls this, names every command"
    )]
    fn camunda(&mut self, command: &Command) {
        match command {
            Command::ConfigureCamunda { .. } => self.key(Key::CamundaSettings),
            Command::InstallCamundaAdmin { user, .. } => {
                self.key(Key::user(Realm::Camunda, user));
                self.key(Key::group(Realm::Camunda, ADMIN_GROUP));
                let holder = Holder::group(ADMIN_GROUP);
                for known in resource_types() {
                    self.key(Key::authorizations_of(&holder, known.number, ANY));
                }
            }
            Command::CreateCamundaUser { by, id, .. } => self.new_camunda_user(by.as_ref(), id),
            Command::UpdateCamundaUser { by, user, .. } => {
                self.rights(by.as_ref(), resource::USER, Some(user));
                self.key(Key::user(Realm::Camunda, user));
            }
            Command::SetCamundaPassword { by, user, .. } => {
                self.rights(by.as_ref(), resource::USER, Some(user));
                self.key(Key::user(Realm::Camunda, user));
                self.key(Key::user_password(Realm::Camunda, user));
            }
            Command::DeleteCamundaUser { by, user } => {
                self.camunda_user_and_rows(by.as_ref(), user);
            }
            Command::CreateGroup { by, id, .. } => {
                self.rights(by.as_ref(), resource::GROUP, None);
                self.key(Key::group(Realm::Camunda, id));
                let holder = Holder::group(id);
                self.key(Key::authorizations_of(&holder, resource::GROUP, id));
            }
            Command::UpdateGroup { by, group, .. } => {
                self.rights(by.as_ref(), resource::GROUP, Some(group));
                self.key(Key::group(Realm::Camunda, group));
            }
            Command::DeleteGroup { by, group } => {
                self.rights(by.as_ref(), resource::GROUP, Some(group));
                self.key(Key::group(Realm::Camunda, group));
                self.key(Key::authorizations_on(resource::GROUP, group));
            }
            Command::AddGroupMember { by, group, user }
            | Command::RemoveGroupMember { by, group, user } => {
                self.membership(by.as_ref(), group, user);
            }
            Command::CreateAuthorization { .. }
            | Command::UpdateAuthorization { .. }
            | Command::DeleteAuthorization { .. } => self.authorization(command),
            _ => {}
        }
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "called for the three commands only"
    )]
    fn authorization(&mut self, command: &Command) {
        let (by, id, place) = match command {
            Command::CreateAuthorization {
                by,
                id,
                user,
                group,
                resource_type,
                resource_id,
                ..
            } => {
                self.rights(by.as_ref(), resource::AUTHORIZATION, None);
                (by, id, Some((user, group, resource_type, resource_id)))
            }
            Command::UpdateAuthorization {
                by,
                authorization,
                user,
                group,
                resource_type,
                resource_id,
                ..
            } => (
                by,
                authorization,
                Some((user, group, resource_type, resource_id)),
            ),
            Command::DeleteAuthorization { by, authorization } => {
                self.key(Key::authorizations_on(
                    resource::AUTHORIZATION,
                    authorization,
                ));
                (by, authorization, None)
            }
            _ => return,
        };
        if !matches!(command, Command::CreateAuthorization { .. }) {
            self.rights(by.as_ref(), resource::AUTHORIZATION, Some(id));
        }
        self.key(Key::authorization(id));
        if let Some((user, group, Some(number), Some(resource_id))) = place {
            let holder = match (user, group) {
                (Some(user), None) => Holder::user(user),
                (None, Some(group)) => Holder::group(group),
                (Some(_), Some(_)) | (None, None) => return,
            };
            self.key(Key::authorizations_of(&holder, *number, resource_id));
        }
    }

    /// What a check of the caller's rights looks at, but for the rows of its groups.
    fn rights(&mut self, by: Option<&String>, resource_type: i32, resource_id: Option<&String>) {
        let Some(by) = by else {
            return;
        };
        self.key(Key::CamundaSettings);
        self.key(Key::user(Realm::Camunda, by));
        self.key(Key::user_groups(Realm::Camunda, by));
        for holder in [Holder::user(by), Holder::user(ANY)] {
            for id in check::resource_ids(resource_id.map(String::as_str)) {
                self.key(Key::authorizations_of(&holder, resource_type, id));
            }
            self.count(Counted::Revokes(holder));
        }
    }

    fn new_camunda_user(&mut self, by: Option<&String>, id: &str) {
        self.rights(by, resource::USER, None);
        self.key(Key::user(Realm::Camunda, id));
        self.key(Key::authorizations_of(
            &Holder::user(id),
            resource::USER,
            id,
        ));
    }

    fn camunda_user_and_rows(&mut self, by: Option<&String>, user: &String) {
        self.rights(by, resource::USER, Some(user));
        self.key(Key::user(Realm::Camunda, user));
        self.key(Key::authorizations_on(resource::USER, user));
    }

    fn membership(&mut self, by: Option<&String>, group: &String, user: &String) {
        self.rights(by, resource::GROUP_MEMBERSHIP, Some(group));
        self.rights(by, resource::USER, Some(user));
        self.rights(by, resource::GROUP, Some(group));
        self.key(Key::user(Realm::Camunda, user));
        self.key(Key::group(Realm::Camunda, group));
        self.key(Key::user_groups(Realm::Camunda, user));
        let holder = Holder::user(user);
        self.key(Key::authorizations_of(
            &holder,
            resource::GROUP_MEMBERSHIP,
            group,
        ));
    }
}
