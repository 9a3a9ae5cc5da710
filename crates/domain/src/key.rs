//! What of the state a command touches, by the names that callers use.

use std::collections::BTreeSet;

use crate::{Command, CommandId, Expected, NounKind, NounRef, PermissionRef, Realm, Submission};

/// Something that must be known of the state before a command can be decided.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// The API of this id or identifier.
    Api {
        /// The realm.
        realm: Realm,
        /// Id or identifier.
        handle: String,
    },
    /// Every permission of the API of this id or identifier.
    ApiPermissions {
        /// The realm.
        realm: Realm,
        /// Id or identifier.
        handle: String,
    },
    /// One permission.
    Permission {
        /// The realm.
        realm: Realm,
        /// The permission.
        permission: PermissionRef,
    },
    /// The role of this id.
    Role {
        /// The realm.
        realm: Realm,
        /// Its id.
        role: String,
    },
    /// The role of this name.
    RoleNamed {
        /// The realm.
        realm: Realm,
        /// Its name.
        name: String,
    },
    /// The user of this id.
    User {
        /// The realm.
        realm: Realm,
        /// Its id.
        user: String,
    },
    /// Whether the role holds the permission.
    RolePermission {
        /// The realm.
        realm: Realm,
        /// The role's id.
        role: String,
        /// The permission.
        permission: PermissionRef,
    },
    /// Whether the user holds the permission directly.
    UserPermission {
        /// The realm.
        realm: Realm,
        /// The user's id.
        user: String,
        /// The permission.
        permission: PermissionRef,
    },
    /// Whether the user has the role.
    UserRole {
        /// The realm.
        realm: Realm,
        /// The user's id.
        user: String,
        /// The role's id.
        role: String,
    },
    /// How many there are, exactly.
    Count(Counted),
    /// When a noun changed last.
    LastChanged(NounRef),
    /// Whether a command was decided or cancelled before.
    Command(CommandId),
    /// Who used an idempotency key last.
    IdempotencyKey {
        /// The caller.
        caller: String,
        /// The key.
        key: String,
    },
}

/// What can be counted against a limit. Only what is alive counts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Counted {
    /// The APIs of a realm.
    Apis(Realm),
    /// The roles of a realm.
    Roles(Realm),
    /// The permissions of the role of this id.
    RolePermissions(Realm, String),
    /// The direct permissions of the user of this id.
    UserPermissions(Realm, String),
    /// The roles of the user of this id.
    UserRoles(Realm, String),
}

/// What a submission touches: load this, and `judge` seldom asks for more.
#[must_use]
pub fn touches(submission: &Submission) -> BTreeSet<Key> {
    let mut keys = BTreeSet::from([Key::Command(submission.stamp.command_id)]);
    if let Some(idempotency) = &submission.stamp.idempotency {
        keys.insert(Key::IdempotencyKey {
            caller: submission.stamp.actor.caller().to_owned(),
            key: idempotency.key.clone(),
        });
    }
    command_touches(&submission.command, &mut keys);
    if submission.stamp.expected.is_some_and(is_checked)
        && let Some(noun) = target(&submission.command)
    {
        keys.insert(Key::LastChanged(noun));
    }
    keys
}

fn is_checked(expected: Expected) -> bool {
    match expected {
        Expected::UnchangedSince(_) | Expected::ChangedAt(_) => true,
    }
}

/// The noun that a command is about, as the caller named it. Of a batch: of its first command.
#[must_use]
pub fn target(command: &Command) -> Option<NounRef> {
    let noun = |realm: Realm, kind, id: &String| Some(NounRef { realm, kind, id: id.clone() });
    match command {
        Command::CreateApi { realm, identifier, .. } => noun(*realm, NounKind::Api, identifier),
        Command::UpdateApi { realm, api, .. }
        | Command::ReplaceApiPermissions { realm, api, .. }
        | Command::DeleteApi { realm, api } => noun(*realm, NounKind::Api, api),
        Command::CreateRole { realm, id: role, .. }
        | Command::UpdateRole { realm, role, .. }
        | Command::DeleteRole { realm, role }
        | Command::GrantRolePermissions { realm, role, .. }
        | Command::RevokeRolePermissions { realm, role, .. }
        | Command::AssignRoleUsers { realm, role, .. } => noun(*realm, NounKind::Role, role),
        Command::RegisterUser { realm, id: user, .. }
        | Command::UpdateUser { realm, user, .. }
        | Command::DeleteUser { realm, user }
        | Command::GrantUserPermissions { realm, user, .. }
        | Command::RevokeUserPermissions { realm, user, .. }
        | Command::AssignUserRoles { realm, user, .. }
        | Command::UnassignUserRoles { realm, user, .. } => noun(*realm, NounKind::User, user),
        Command::Batch(commands) => commands.first().and_then(target),
        Command::CancelCommand { .. } => None,
        Command::RecordDenial { target, .. } => target.clone(),
    }
}

fn command_touches(command: &Command, keys: &mut BTreeSet<Key>) {
    match command {
        Command::CreateApi { realm, id, identifier, .. } => {
            keys.insert(Key::Api { realm: *realm, handle: id.clone() });
            keys.insert(Key::Api { realm: *realm, handle: identifier.clone() });
            keys.insert(Key::Count(Counted::Apis(*realm)));
        }
        Command::UpdateApi { realm, api, .. } | Command::DeleteApi { realm, api } => {
            keys.insert(Key::Api { realm: *realm, handle: api.clone() });
        }
        Command::ReplaceApiPermissions { realm, api, .. } => {
            keys.insert(Key::Api { realm: *realm, handle: api.clone() });
            keys.insert(Key::ApiPermissions { realm: *realm, handle: api.clone() });
        }
        Command::CreateRole { realm, id, name, .. } => {
            keys.insert(Key::Role { realm: *realm, role: id.clone() });
            keys.insert(Key::RoleNamed { realm: *realm, name: name.clone() });
            keys.insert(Key::Count(Counted::Roles(*realm)));
        }
        Command::UpdateRole { realm, role, name, .. } => {
            keys.insert(Key::Role { realm: *realm, role: role.clone() });
            if let Some(name) = name {
                keys.insert(Key::RoleNamed { realm: *realm, name: name.clone() });
            }
        }
        Command::DeleteRole { realm, role } => {
            keys.insert(Key::Role { realm: *realm, role: role.clone() });
        }
        Command::GrantRolePermissions { realm, role, permissions } => {
            keys.insert(Key::Count(Counted::RolePermissions(*realm, role.clone())));
            role_permissions(*realm, role, permissions, keys);
        }
        Command::RevokeRolePermissions { realm, role, permissions } => {
            role_permissions(*realm, role, permissions, keys);
        }
        Command::RegisterUser { realm, id: user, .. }
        | Command::UpdateUser { realm, user, .. }
        | Command::DeleteUser { realm, user } => {
            keys.insert(Key::User { realm: *realm, user: user.clone() });
        }
        Command::GrantUserPermissions { realm, user, permissions } => {
            keys.insert(Key::Count(Counted::UserPermissions(*realm, user.clone())));
            user_permissions(*realm, user, permissions, keys);
        }
        Command::RevokeUserPermissions { realm, user, permissions } => {
            user_permissions(*realm, user, permissions, keys);
        }
        Command::AssignUserRoles { realm, user, roles } => {
            keys.insert(Key::Count(Counted::UserRoles(*realm, user.clone())));
            roles.iter().for_each(|role| user_role(*realm, user, role, keys));
        }
        Command::UnassignUserRoles { realm, user, roles } => {
            roles.iter().for_each(|role| user_role(*realm, user, role, keys));
        }
        Command::AssignRoleUsers { realm, role, users } => {
            for user in users {
                keys.insert(Key::Count(Counted::UserRoles(*realm, user.clone())));
                user_role(*realm, user, role, keys);
            }
        }
        Command::Batch(commands) => {
            commands.iter().for_each(|command| command_touches(command, keys));
        }
        Command::CancelCommand { command } => {
            keys.insert(Key::Command(*command));
        }
        Command::RecordDenial { .. } => {}
    }
}

fn role_permissions(
    realm: Realm,
    role: &str,
    permissions: &[PermissionRef],
    keys: &mut BTreeSet<Key>,
) {
    keys.insert(Key::Role { realm, role: role.to_owned() });
    for permission in permissions {
        named_permission(realm, permission, keys);
        let (role, permission) = (role.to_owned(), permission.clone());
        keys.insert(Key::RolePermission { realm, role, permission });
    }
}

fn user_permissions(
    realm: Realm,
    user: &str,
    permissions: &[PermissionRef],
    keys: &mut BTreeSet<Key>,
) {
    keys.insert(Key::User { realm, user: user.to_owned() });
    for permission in permissions {
        named_permission(realm, permission, keys);
        let (user, permission) = (user.to_owned(), permission.clone());
        keys.insert(Key::UserPermission { realm, user, permission });
    }
}

fn named_permission(realm: Realm, permission: &PermissionRef, keys: &mut BTreeSet<Key>) {
    keys.insert(Key::Api { realm, handle: permission.api.clone() });
    keys.insert(Key::Permission { realm, permission: permission.clone() });
}

fn user_role(realm: Realm, user: &str, role: &str, keys: &mut BTreeSet<Key>) {
    keys.insert(Key::User { realm, user: user.to_owned() });
    keys.insert(Key::Role { realm, role: role.to_owned() });
    keys.insert(Key::UserRole { realm, user: user.to_owned(), role: role.to_owned() });
}
