//! Commands on the wire: what somebody asks.

use schemars::JsonSchema;
use serde::Serialize;
use writ_domain as domain;

use super::Denial;
use super::camunda::RevokeMode;
use super::json::{SettingChanges, Settings};
use super::mirror::{Mirror, mirrored};
use super::scalar::{CommandId, NounKind, Realm};
use crate::read::{Fault, Fields, Read, Tree};

mirrored! {
    /// What somebody asks of the ledger.
    enum Command {
        /// Make an API.
        CreateApi {
            /// The realm.
            realm: Realm,
            /// Its public id, minted at submission.
            id: String,
            /// The identifier that callers chose.
            identifier: String,
            /// A name for people.
            #[serde(skip_serializing_if = "Option::is_none")]
            name: Option<String>,
            /// Other settings.
            #[serde(default, skip_serializing_if = "Settings::is_empty")]
            settings: Settings,
            /// Its permissions, in order; absent if no list was sent.
            #[serde(skip_serializing_if = "Option::is_none")]
            permissions: Option<Vec<PermissionSpec>>,
        }
        /// Change an API's name and settings.
        UpdateApi {
            /// The realm.
            realm: Realm,
            /// Its id or identifier.
            api: String,
            /// The new name, if it is to change.
            #[serde(skip_serializing_if = "Option::is_none")]
            name: Option<String>,
            /// Settings to set (a text) or remove (null).
            #[serde(default, skip_serializing_if = "SettingChanges::is_empty")]
            settings: SettingChanges,
        }
        /// Make an API's list of permissions exactly this one (Auth0 `PATCH /resource-servers/{id}`).
        ReplaceApiPermissions {
            /// The realm.
            realm: Realm,
            /// Its id or identifier.
            api: String,
            /// The whole list, in order.
            permissions: Vec<PermissionSpec>,
        }
        /// Remove an API, and with it its permissions and all that rests on them.
        DeleteApi {
            /// The realm.
            realm: Realm,
            /// Its id or identifier.
            api: String,
        }
        /// Say which guards there are, the default one first. What is in others stays (Nest Auth).
        ConfigureNestAuth {
            /// The guards.
            guards: Vec<String>,
        }
        /// Make a permission, where permissions have ids (Nest Auth).
        CreatePermission {
            /// The realm.
            realm: Realm,
            /// Its public id, minted at submission.
            id: String,
            /// The namespace: in Nest Auth, the guard.
            api: String,
            /// Its name there.
            name: String,
            /// What it allows. Absent and empty differ.
            #[serde(skip_serializing_if = "Option::is_none")]
            description: Option<String>,
            /// What it is listed under. Absent and empty differ.
            #[serde(skip_serializing_if = "Option::is_none")]
            category: Option<String>,
        }
        /// Change a permission (Nest Auth `PATCH /permissions/{id}`). Who holds it keeps it.
        UpdatePermission {
            /// The realm.
            realm: Realm,
            /// Its id.
            permission: String,
            /// The new name, if it is to change.
            #[serde(skip_serializing_if = "Option::is_none")]
            name: Option<String>,
            /// The new description, if it is to change; an empty one is none.
            #[serde(skip_serializing_if = "Option::is_none")]
            description: Option<String>,
            /// What it is to be listed under, if that is to change; an empty text is nothing.
            #[serde(skip_serializing_if = "Option::is_none")]
            category: Option<String>,
        }
        /// Remove a permission, and with it every grant of it (Nest Auth).
        DeletePermission {
            /// The realm.
            realm: Realm,
            /// Its id.
            permission: String,
        }
        /// Make a role in a guard (Nest Auth).
        CreateGuardedRole {
            /// The realm.
            realm: Realm,
            /// Its public id, minted at submission.
            id: String,
            /// Its name, unique in the guard.
            name: String,
            /// The guard.
            guard: String,
            /// Whether it is the host's own.
            system: bool,
            /// Whether its holders have it.
            active: bool,
            /// Its permissions, by their names in the guard.
            permissions: Vec<String>,
        }
        /// Save a role in a guard (Nest Auth `PATCH /roles/{id}`).
        UpdateGuardedRole {
            /// The realm.
            realm: Realm,
            /// Its id.
            role: String,
            /// The new name, if it is to change.
            #[serde(skip_serializing_if = "Option::is_none")]
            name: Option<String>,
            /// Whether its holders have it, if that is to change.
            #[serde(skip_serializing_if = "Option::is_none")]
            active: Option<bool>,
            /// All that it is to hold, by name, if that is to change.
            #[serde(skip_serializing_if = "Option::is_none")]
            permissions: Option<Vec<String>>,
        }
        /// Make a role.
        CreateRole {
            /// The realm.
            realm: Realm,
            /// Its public id, minted at submission.
            id: String,
            /// Its name.
            name: String,
            /// What it is for.
            #[serde(skip_serializing_if = "Option::is_none")]
            description: Option<String>,
        }
        /// Change a role's name or description.
        UpdateRole {
            /// The realm.
            realm: Realm,
            /// Its id.
            role: String,
            /// The new name, if it is to change.
            #[serde(skip_serializing_if = "Option::is_none")]
            name: Option<String>,
            /// The new description, if it is to change.
            #[serde(skip_serializing_if = "Option::is_none")]
            description: Option<String>,
        }
        /// Remove a role, and with it all that rests on it.
        DeleteRole {
            /// The realm.
            realm: Realm,
            /// Its id.
            role: String,
        }
        /// Give a role permissions.
        GrantRolePermissions {
            /// The realm.
            realm: Realm,
            /// The role's id.
            role: String,
            /// The permissions.
            permissions: Vec<PermissionRef>,
        }
        /// Take permissions from a role (Auth0 `DELETE /roles/{id}/permissions`).
        RevokeRolePermissions {
            /// The realm.
            realm: Realm,
            /// The role's id.
            role: String,
            /// The permissions.
            permissions: Vec<PermissionRef>,
        }
        /// Make a user known.
        RegisterUser {
            /// The realm.
            realm: Realm,
            /// Its id.
            id: String,
            /// Its profile.
            #[serde(default, skip_serializing_if = "Settings::is_empty")]
            profile: Settings,
        }
        /// Change a user's profile.
        UpdateUser {
            /// The realm.
            realm: Realm,
            /// Its id.
            user: String,
            /// Fields to set (a text) or remove (null).
            #[serde(default, skip_serializing_if = "SettingChanges::is_empty")]
            profile: SettingChanges,
        }
        /// Remove a user, and with it all that it holds.
        DeleteUser {
            /// The realm.
            realm: Realm,
            /// Its id.
            user: String,
        }
        /// Give a user permissions directly.
        GrantUserPermissions {
            /// The realm.
            realm: Realm,
            /// The user's id.
            user: String,
            /// The permissions.
            permissions: Vec<PermissionRef>,
        }
        /// Take direct permissions from a user (Auth0 `DELETE /users/{id}/permissions`).
        RevokeUserPermissions {
            /// The realm.
            realm: Realm,
            /// The user's id.
            user: String,
            /// The permissions.
            permissions: Vec<PermissionRef>,
        }
        /// Give a user roles.
        AssignUserRoles {
            /// The realm.
            realm: Realm,
            /// The user's id.
            user: String,
            /// The roles' ids.
            roles: Vec<String>,
        }
        /// Take roles from a user.
        UnassignUserRoles {
            /// The realm.
            realm: Realm,
            /// The user's id.
            user: String,
            /// The roles' ids.
            roles: Vec<String>,
        }
        /// Give a role to users.
        AssignRoleUsers {
            /// The realm.
            realm: Realm,
            /// The role's id.
            role: String,
            /// The users' ids.
            users: Vec<String>,
        }
        /// Make an admin of Nest Auth's console.
        CreateAdmin {
            /// Its public id, minted at submission.
            id: String,
            /// Its e-mail address, in lower case.
            email: String,
            /// Its name.
            #[serde(skip_serializing_if = "Option::is_none")]
            name: Option<String>,
            /// The text of an argon2id hash.
            password: String,
            /// Free fields.
            #[serde(default, skip_serializing_if = "Settings::is_empty")]
            metadata: Settings,
            /// Only if there is none yet.
            first: bool,
        }
        /// Change an admin's password, which ends its sessions.
        ChangeAdminPassword {
            /// Its id.
            admin: String,
            /// The text of an argon2id hash.
            password: String,
        }
        /// End all sessions of an admin.
        EndAdminSessions {
            /// Its id.
            admin: String,
        }
        /// Remove an admin.
        DeleteAdmin {
            /// Its id.
            admin: String,
        }
        /// Say that two subjects are the same person, and so all that either is linked with.
        LinkSubject {
            /// One.
            subject: SubjectRef,
            /// The other.
            with: SubjectRef,
        }
        /// Say that a subject is not the person that it is linked with. The others stay linked.
        UnlinkSubject {
            /// Which.
            subject: SubjectRef,
        }
        /// Keep a command that is not yet decided from having any effect.
        CancelCommand {
            /// The command.
            command: CommandId,
        }
        /// Put on record that callers were refused before what they asked could be read as a command.
        RecordDenial {
            /// What was asked, by the name of the command or route.
            operation: String,
            /// What it was asked about.
            #[serde(skip_serializing_if = "Option::is_none")]
            target: Option<NounRef>,
            /// Why it was refused.
            denial: Denial,
            /// How many times; more than one where a caller exceeded the rate at which each is kept.
            count: u32,
        }
        /// Say how Camunda's rules are to be read.
        ConfigureCamunda {
            /// Whether revokes count.
            revoke_mode: RevokeMode,
        }
        /// Make Camunda's first user, the group of its admins, and that group's every right.
        InstallCamundaAdmin {
            /// The user's id.
            user: String,
            /// Its password, hashed.
            password_hash: String,
        }
        /// Make a user of Camunda's.
        CreateCamundaUser {
            /// Whose rights decide; if absent, those of the credential did.
            #[serde(skip_serializing_if = "Option::is_none")]
            by: Option<String>,
            /// Its id.
            id: String,
            /// Its profile.
            #[serde(default, skip_serializing_if = "Settings::is_empty")]
            profile: Settings,
            /// Its password, hashed.
            #[serde(skip_serializing_if = "Option::is_none")]
            password_hash: Option<String>,
        }
        /// Change the profile of a user of Camunda's.
        UpdateCamundaUser {
            /// Whose rights decide; if absent, those of the credential did.
            #[serde(skip_serializing_if = "Option::is_none")]
            by: Option<String>,
            /// Its id.
            user: String,
            /// Fields to set (a text) or remove (null).
            #[serde(default, skip_serializing_if = "SettingChanges::is_empty")]
            profile: SettingChanges,
        }
        /// Give a user of Camunda's another password.
        SetCamundaPassword {
            /// Whose rights decide; if absent, those of the credential did.
            #[serde(skip_serializing_if = "Option::is_none")]
            by: Option<String>,
            /// Its id.
            user: String,
            /// The password, hashed.
            password_hash: String,
        }
        /// Remove a user of Camunda's, its memberships, and the authorizations on it.
        DeleteCamundaUser {
            /// Whose rights decide; if absent, those of the credential did.
            #[serde(skip_serializing_if = "Option::is_none")]
            by: Option<String>,
            /// Its id.
            user: String,
        }
        /// Make a group.
        CreateGroup {
            /// Whose rights decide; if absent, those of the credential did.
            #[serde(skip_serializing_if = "Option::is_none")]
            by: Option<String>,
            /// Its id.
            id: String,
            /// A name for people.
            #[serde(skip_serializing_if = "Option::is_none")]
            name: Option<String>,
            /// What kind of group it is.
            #[serde(skip_serializing_if = "Option::is_none")]
            kind: Option<String>,
        }
        /// Make a group's name and kind these.
        UpdateGroup {
            /// Whose rights decide; if absent, those of the credential did.
            #[serde(skip_serializing_if = "Option::is_none")]
            by: Option<String>,
            /// Its id.
            group: String,
            /// A name for people.
            #[serde(skip_serializing_if = "Option::is_none")]
            name: Option<String>,
            /// What kind of group it is.
            #[serde(skip_serializing_if = "Option::is_none")]
            kind: Option<String>,
        }
        /// Remove a group, its memberships, and the authorizations on it.
        DeleteGroup {
            /// Whose rights decide; if absent, those of the credential did.
            #[serde(skip_serializing_if = "Option::is_none")]
            by: Option<String>,
            /// Its id.
            group: String,
        }
        /// Make a user a member of a group.
        AddGroupMember {
            /// Whose rights decide; if absent, those of the credential did.
            #[serde(skip_serializing_if = "Option::is_none")]
            by: Option<String>,
            /// The group's id.
            group: String,
            /// The user's id.
            user: String,
        }
        /// End a user's membership in a group.
        RemoveGroupMember {
            /// Whose rights decide; if absent, those of the credential did.
            #[serde(skip_serializing_if = "Option::is_none")]
            by: Option<String>,
            /// The group's id.
            group: String,
            /// The user's id.
            user: String,
        }
        /// Make an authorization (Camunda `POST /authorization/create`).
        CreateAuthorization {
            /// Whose rights decide; if absent, those of the credential did.
            #[serde(skip_serializing_if = "Option::is_none")]
            by: Option<String>,
            /// Its public id, minted at submission.
            id: String,
            /// What it does: 0 global, 1 grant, 2 revoke.
            kind: i32,
            /// Whose it is, if a user's; `*` is everybody.
            #[serde(skip_serializing_if = "Option::is_none")]
            user: Option<String>,
            /// Whose it is, if a group's.
            #[serde(skip_serializing_if = "Option::is_none")]
            group: Option<String>,
            /// On what type of resource.
            #[serde(skip_serializing_if = "Option::is_none")]
            resource_type: Option<i32>,
            /// On which: an id, or `*`.
            #[serde(skip_serializing_if = "Option::is_none")]
            resource_id: Option<String>,
            /// The names of what it grants or revokes.
            #[serde(skip_serializing_if = "Option::is_none")]
            permissions: Option<Vec<String>>,
        }
        /// Replace an authorization (Camunda `PUT /authorization/{id}`).
        ///
        /// Holder and resource id become what is said here, also if that is nothing; the rest changes
        /// only where it is said.
        UpdateAuthorization {
            /// Whose rights decide; if absent, those of the credential did.
            #[serde(skip_serializing_if = "Option::is_none")]
            by: Option<String>,
            /// Its id.
            authorization: String,
            /// Whose it is, if a user's; `*` is everybody.
            #[serde(skip_serializing_if = "Option::is_none")]
            user: Option<String>,
            /// Whose it is, if a group's.
            #[serde(skip_serializing_if = "Option::is_none")]
            group: Option<String>,
            /// On what type of resource, if it is to change.
            #[serde(skip_serializing_if = "Option::is_none")]
            resource_type: Option<i32>,
            /// On which: an id, or `*`.
            #[serde(skip_serializing_if = "Option::is_none")]
            resource_id: Option<String>,
            /// The names of what it grants or revokes, if that is to change.
            #[serde(skip_serializing_if = "Option::is_none")]
            permissions: Option<Vec<String>>,
        }
        /// Remove an authorization, and the authorizations on it.
        DeleteAuthorization {
            /// Whose rights decide; if absent, those of the credential did.
            #[serde(skip_serializing_if = "Option::is_none")]
            by: Option<String>,
            /// Its id.
            authorization: String,
        }
    }
    tuples {
        /// Several commands, all or nothing, in order. Not nested.
        Batch {
            /// The commands.
            commands: Vec<Command>
        }
    }
}

mirrored! {
    /// A permission as callers name it.
    struct PermissionRef {
        /// The identifier (never the id) of its API.
        api: String,
        /// Its name there.
        name: String,
    }
}

mirrored! {
    /// A permission as a list of an API's permissions sends it.
    struct PermissionSpec {
        /// Its name.
        name: String,
        /// What it allows. Absent and empty differ.
        #[serde(skip_serializing_if = "Option::is_none")]
        description: Option<String>,
    }
}

mirrored! {
    /// Somebody, by the id that a realm knows them by.
    struct SubjectRef {
        /// The realm.
        realm: Realm,
        /// The id.
        id: String,
    }
}

mirrored! {
    /// A noun as callers name it: what history is asked by.
    struct NounRef {
        /// Whose noun.
        realm: Realm,
        /// What kind.
        kind: NounKind,
        /// Its name.
        id: String,
    }
}
