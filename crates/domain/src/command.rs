//! Commands: what somebody asks. Imperative, one per intention.

use crate::{CommandId, NounRef, Realm, RevokeMode, Settings, SubjectRef, TenantSeq};

/// A permission as callers name it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PermissionRef {
    /// The identifier (never the id) of its API.
    pub api: String,
    /// Its name there.
    pub name: String,
}

/// A permission as a list of an API's permissions sends it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PermissionSpec {
    /// Its name.
    pub name: String,
    /// What it allows. Absent and empty differ.
    pub description: Option<String>,
}

/// What somebody asks of the ledger.
#[expect(
    clippy::enum_variant_names,
    reason = "a cancel is of a command, and says so"
)]
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Make an API.
    CreateApi {
        /// The realm.
        realm: Realm,
        /// Its public id, minted at submission.
        id: String,
        /// The identifier that callers chose.
        identifier: String,
        /// A name for people.
        name: Option<String>,
        /// Other settings.
        settings: Settings,
        /// Its permissions, in order; absent if no list was sent.
        permissions: Option<Vec<PermissionSpec>>,
    },
    /// Change an API's name and settings.
    UpdateApi {
        /// The realm.
        realm: Realm,
        /// Its id or identifier.
        api: String,
        /// The new name, if it is to change.
        name: Option<String>,
        /// Settings to set (`Some`) or remove (`None`).
        settings: Vec<(String, Option<crate::JsonText>)>,
    },
    /// Make an API's list of permissions exactly this one (Auth0 `PATCH /resource-servers/{id}`).
    ReplaceApiPermissions {
        /// The realm.
        realm: Realm,
        /// Its id or identifier.
        api: String,
        /// The whole list, in order.
        permissions: Vec<PermissionSpec>,
    },
    /// Remove an API, and with it its permissions and all that rests on them.
    DeleteApi {
        /// The realm.
        realm: Realm,
        /// Its id or identifier.
        api: String,
    },
    /// Say which guards there are, the default one first. What is in others stays (Nest Auth).
    ConfigureNestAuth {
        /// The guards.
        guards: Vec<String>,
    },
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
        description: Option<String>,
        /// What it is listed under. Absent and empty differ.
        category: Option<String>,
    },
    /// Change a permission (Nest Auth `PATCH /permissions/{id}`). Who holds it keeps it.
    UpdatePermission {
        /// The realm.
        realm: Realm,
        /// Its id.
        permission: String,
        /// The new name, if it is to change.
        name: Option<String>,
        /// The new description, if it is to change; an empty one is none.
        description: Option<String>,
        /// What it is to be listed under, if that is to change; an empty text is nothing.
        category: Option<String>,
    },
    /// Remove a permission, and with it every grant of it (Nest Auth).
    DeletePermission {
        /// The realm.
        realm: Realm,
        /// Its id.
        permission: String,
    },
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
    },
    /// Save a role in a guard (Nest Auth `PATCH /roles/{id}`).
    UpdateGuardedRole {
        /// The realm.
        realm: Realm,
        /// Its id.
        role: String,
        /// The new name, if it is to change.
        name: Option<String>,
        /// Whether its holders have it, if that is to change.
        active: Option<bool>,
        /// All that it is to hold, by name, if that is to change.
        permissions: Option<Vec<String>>,
    },
    /// Make a role.
    CreateRole {
        /// The realm.
        realm: Realm,
        /// Its public id, minted at submission.
        id: String,
        /// Its name.
        name: String,
        /// What it is for.
        description: Option<String>,
    },
    /// Change a role's name or description.
    UpdateRole {
        /// The realm.
        realm: Realm,
        /// Its id.
        role: String,
        /// The new name, if it is to change.
        name: Option<String>,
        /// The new description, if it is to change.
        description: Option<String>,
    },
    /// Remove a role, and with it all that rests on it.
    DeleteRole {
        /// The realm.
        realm: Realm,
        /// Its id.
        role: String,
    },
    /// Give a role permissions.
    GrantRolePermissions {
        /// The realm.
        realm: Realm,
        /// The role's id.
        role: String,
        /// The permissions.
        permissions: Vec<PermissionRef>,
    },
    /// Take permissions from a role (Auth0 `DELETE /roles/{id}/permissions`).
    RevokeRolePermissions {
        /// The realm.
        realm: Realm,
        /// The role's id.
        role: String,
        /// The permissions.
        permissions: Vec<PermissionRef>,
    },
    /// Make a user known.
    RegisterUser {
        /// The realm.
        realm: Realm,
        /// Its id.
        id: String,
        /// Its profile.
        profile: Settings,
    },
    /// Change a user's profile.
    UpdateUser {
        /// The realm.
        realm: Realm,
        /// Its id.
        user: String,
        /// Fields to set (`Some`) or remove (`None`).
        profile: Vec<(String, Option<crate::JsonText>)>,
    },
    /// Remove a user, and with it all that it holds.
    DeleteUser {
        /// The realm.
        realm: Realm,
        /// Its id.
        user: String,
    },
    /// Give a user permissions directly.
    GrantUserPermissions {
        /// The realm.
        realm: Realm,
        /// The user's id.
        user: String,
        /// The permissions.
        permissions: Vec<PermissionRef>,
    },
    /// Take direct permissions from a user (Auth0 `DELETE /users/{id}/permissions`).
    RevokeUserPermissions {
        /// The realm.
        realm: Realm,
        /// The user's id.
        user: String,
        /// The permissions.
        permissions: Vec<PermissionRef>,
    },
    /// Give a user roles.
    AssignUserRoles {
        /// The realm.
        realm: Realm,
        /// The user's id.
        user: String,
        /// The roles' ids.
        roles: Vec<String>,
    },
    /// Take roles from a user.
    UnassignUserRoles {
        /// The realm.
        realm: Realm,
        /// The user's id.
        user: String,
        /// The roles' ids.
        roles: Vec<String>,
    },
    /// Give a role to users.
    AssignRoleUsers {
        /// The realm.
        realm: Realm,
        /// The role's id.
        role: String,
        /// The users' ids.
        users: Vec<String>,
    },
    /// Make an admin of Nest Auth's console.
    CreateAdmin {
        /// Its public id, minted at submission.
        id: String,
        /// Its e-mail address, in lower case.
        email: String,
        /// Its name.
        name: Option<String>,
        /// The text of an argon2id hash.
        password: String,
        /// Free fields.
        metadata: Settings,
        /// Only if there is none yet.
        first: bool,
    },
    /// Change an admin's password, which ends its sessions.
    ChangeAdminPassword {
        /// Its id.
        admin: String,
        /// The text of an argon2id hash.
        password: String,
    },
    /// End all sessions of an admin.
    EndAdminSessions {
        /// Its id.
        admin: String,
    },
    /// Remove an admin.
    DeleteAdmin {
        /// Its id.
        admin: String,
    },
    /// Say that two subjects are the same person, and so all that either is linked with.
    LinkSubject {
        /// One.
        subject: SubjectRef,
        /// The other.
        with: SubjectRef,
    },
    /// Say that a subject is not the person that it is linked with. The others stay linked.
    UnlinkSubject {
        /// Which.
        subject: SubjectRef,
    },
    /// Several commands, all or nothing, in order. Not nested.
    Batch(Vec<Command>),
    /// Keep a command that is not yet decided from having any effect.
    CancelCommand {
        /// The command.
        command: CommandId,
    },
    /// Put on record that callers were refused before what they asked could be read as a command.
    RecordDenial {
        /// What was asked, by the name of the command or route.
        operation: String,
        /// What it was asked about.
        target: Option<NounRef>,
        /// Why it was refused.
        denial: Denial,
        /// How many times; more than one where a caller exceeded the rate at which each is kept.
        count: u32,
    },
    /// Say how Camunda's rules are to be read.
    ConfigureCamunda {
        /// Whether revokes count.
        revoke_mode: RevokeMode,
    },
    /// Make Camunda's first user, the group of its admins, and that group's every right.
    InstallCamundaAdmin {
        /// The user's id.
        user: String,
        /// Its password, hashed.
        password_hash: String,
    },
    /// Make a user of Camunda's.
    CreateCamundaUser {
        /// Whose rights decide; if absent, those of the credential did.
        by: Option<String>,
        /// Its id.
        id: String,
        /// Its profile.
        profile: Settings,
        /// Its password, hashed.
        password_hash: Option<String>,
    },
    /// Change the profile of a user of Camunda's.
    UpdateCamundaUser {
        /// Whose rights decide; if absent, those of the credential did.
        by: Option<String>,
        /// Its id.
        user: String,
        /// Fields to set (`Some`) or remove (`None`).
        profile: Vec<(String, Option<crate::JsonText>)>,
    },
    /// Give a user of Camunda's another password.
    SetCamundaPassword {
        /// Whose rights decide; if absent, those of the credential did.
        by: Option<String>,
        /// Its id.
        user: String,
        /// The password, hashed.
        password_hash: String,
    },
    /// Remove a user of Camunda's, its memberships, and the authorizations on it.
    DeleteCamundaUser {
        /// Whose rights decide; if absent, those of the credential did.
        by: Option<String>,
        /// Its id.
        user: String,
    },
    /// Make a group.
    CreateGroup {
        /// Whose rights decide; if absent, those of the credential did.
        by: Option<String>,
        /// Its id.
        id: String,
        /// A name for people.
        name: Option<String>,
        /// What kind of group it is.
        kind: Option<String>,
    },
    /// Make a group's name and kind these.
    UpdateGroup {
        /// Whose rights decide; if absent, those of the credential did.
        by: Option<String>,
        /// Its id.
        group: String,
        /// A name for people.
        name: Option<String>,
        /// What kind of group it is.
        kind: Option<String>,
    },
    /// Remove a group, its memberships, and the authorizations on it.
    DeleteGroup {
        /// Whose rights decide; if absent, those of the credential did.
        by: Option<String>,
        /// Its id.
        group: String,
    },
    /// Make a user a member of a group.
    AddGroupMember {
        /// Whose rights decide; if absent, those of the credential did.
        by: Option<String>,
        /// The group's id.
        group: String,
        /// The user's id.
        user: String,
    },
    /// End a user's membership in a group.
    RemoveGroupMember {
        /// Whose rights decide; if absent, those of the credential did.
        by: Option<String>,
        /// The group's id.
        group: String,
        /// The user's id.
        user: String,
    },
    /// Make an authorization (Camunda `POST /authorization/create`).
    CreateAuthorization {
        /// Whose rights decide; if absent, those of the credential did.
        by: Option<String>,
        /// Its public id, minted at submission.
        id: String,
        /// What it does: 0 global, 1 grant, 2 revoke.
        kind: i32,
        /// Whose it is, if a user's; `*` is everybody.
        user: Option<String>,
        /// Whose it is, if a group's.
        group: Option<String>,
        /// On what type of resource.
        resource_type: Option<i32>,
        /// On which: an id, or `*`.
        resource_id: Option<String>,
        /// The names of what it grants or revokes.
        permissions: Option<Vec<String>>,
    },
    /// Replace an authorization (Camunda `PUT /authorization/{id}`): holder and resource id become
    /// what is said here, also if that is nothing; the rest changes only where it is said.
    UpdateAuthorization {
        /// Whose rights decide; if absent, those of the credential did.
        by: Option<String>,
        /// Its id.
        authorization: String,
        /// Whose it is, if a user's; `*` is everybody.
        user: Option<String>,
        /// Whose it is, if a group's.
        group: Option<String>,
        /// On what type of resource, if it is to change.
        resource_type: Option<i32>,
        /// On which: an id, or `*`.
        resource_id: Option<String>,
        /// The names of what it grants or revokes, if that is to change.
        permissions: Option<Vec<String>>,
    },
    /// Remove an authorization, and the authorizations on it.
    DeleteAuthorization {
        /// Whose rights decide; if absent, those of the credential did.
        by: Option<String>,
        /// Its id.
        authorization: String,
    },
}

impl Command {
    /// The command's name, as on the wire.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::CreateApi { .. } => "CreateApi",
            Self::UpdateApi { .. } => "UpdateApi",
            Self::ReplaceApiPermissions { .. } => "ReplaceApiPermissions",
            Self::DeleteApi { .. } => "DeleteApi",
            Self::ConfigureNestAuth { .. } => "ConfigureNestAuth",
            Self::CreatePermission { .. } => "CreatePermission",
            Self::UpdatePermission { .. } => "UpdatePermission",
            Self::DeletePermission { .. } => "DeletePermission",
            Self::CreateGuardedRole { .. } => "CreateGuardedRole",
            Self::UpdateGuardedRole { .. } => "UpdateGuardedRole",
            Self::CreateRole { .. } => "CreateRole",
            Self::UpdateRole { .. } => "UpdateRole",
            Self::DeleteRole { .. } => "DeleteRole",
            Self::GrantRolePermissions { .. } => "GrantRolePermissions",
            Self::RevokeRolePermissions { .. } => "RevokeRolePermissions",
            Self::RegisterUser { .. } => "RegisterUser",
            Self::UpdateUser { .. } => "UpdateUser",
            Self::DeleteUser { .. } => "DeleteUser",
            Self::GrantUserPermissions { .. } => "GrantUserPermissions",
            Self::RevokeUserPermissions { .. } => "RevokeUserPermissions",
            Self::AssignUserRoles { .. } => "AssignUserRoles",
            Self::UnassignUserRoles { .. } => "UnassignUserRoles",
            Self::AssignRoleUsers { .. } => "AssignRoleUsers",
            Self::CreateAdmin { .. } => "CreateAdmin",
            Self::ChangeAdminPassword { .. } => "ChangeAdminPassword",
            Self::EndAdminSessions { .. } => "EndAdminSessions",
            Self::DeleteAdmin { .. } => "DeleteAdmin",
            Self::LinkSubject { .. } => "LinkSubject",
            Self::UnlinkSubject { .. } => "UnlinkSubject",
            Self::Batch(_) => "Batch",
            Self::CancelCommand { .. } => "CancelCommand",
            Self::RecordDenial { .. } => "RecordDenial",
            Self::ConfigureCamunda { .. } => "ConfigureCamunda",
            Self::InstallCamundaAdmin { .. } => "InstallCamundaAdmin",
            Self::CreateCamundaUser { .. } => "CreateCamundaUser",
            Self::UpdateCamundaUser { .. } => "UpdateCamundaUser",
            Self::SetCamundaPassword { .. } => "SetCamundaPassword",
            Self::DeleteCamundaUser { .. } => "DeleteCamundaUser",
            Self::CreateGroup { .. } => "CreateGroup",
            Self::UpdateGroup { .. } => "UpdateGroup",
            Self::DeleteGroup { .. } => "DeleteGroup",
            Self::AddGroupMember { .. } => "AddGroupMember",
            Self::RemoveGroupMember { .. } => "RemoveGroupMember",
            Self::CreateAuthorization { .. } => "CreateAuthorization",
            Self::UpdateAuthorization { .. } => "UpdateAuthorization",
            Self::DeleteAuthorization { .. } => "DeleteAuthorization",
        }
    }
}

/// What a caller believes of the noun that a command changes; a stale belief is rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// It has not changed after this entry of the tenant.
    UnchangedSince(TenantSeq),
    /// Its last change was exactly this entry (what an etag says).
    ChangedAt(TenantSeq),
}

/// A caller's rights say no.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Denial {
    /// The credential lacks every one of these scopes.
    InsufficientScope {
        /// Any of these would have done.
        required: Vec<String>,
    },
    /// No authorization of the user's gives it a permission (Camunda).
    MissingPermission {
        /// The user.
        user: String,
        /// The permission's name.
        permission: String,
        /// The type of the resource.
        resource_type: i32,
        /// Which; absent where all of them would have been needed.
        resource_id: Option<String>,
    },
    /// The request does not show that it comes from the page that its session is of.
    CsrfToken,
}
