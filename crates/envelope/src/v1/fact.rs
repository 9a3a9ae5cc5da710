//! Facts on the wire: what happened. Their bytes are hashed.

use schemars::JsonSchema;
use serde::Serialize;
use writ_domain as domain;

use super::camunda::{
    Authorization, AuthorizationKind, AuthorizationName, AuthorizationTerms, GroupName, RevokeMode,
};
use super::command::SubjectRef;
use super::json::{JsonText, Settings};
use super::mirror::{Mirror, mirrored};
use super::scalar::{CommandId, Realm};
use crate::read::{Fault, Fields, Read, Tree};

mirrored! {
    /// Something that happened. Keys are numbers that are never given to another noun.
    enum Fact {
        /// An API began.
        ApiCreated {
            /// Its key.
            key: u64,
            /// Its realm.
            realm: Realm,
            /// Its public id.
            id: String,
            /// Its identifier.
            identifier: String,
            /// Its name.
            #[serde(skip_serializing_if = "Option::is_none")]
            name: Option<String>,
            /// Its settings.
            #[serde(default, skip_serializing_if = "Settings::is_empty")]
            settings: Settings,
        }
        /// An API's name changed.
        ApiRenamed {
            /// Which.
            api: ApiName,
            /// Before.
            #[serde(skip_serializing_if = "Option::is_none")]
            before: Option<String>,
            /// After.
            #[serde(skip_serializing_if = "Option::is_none")]
            after: Option<String>,
        }
        /// One setting of an API changed.
        ApiSettingChanged {
            /// Which.
            api: ApiName,
            /// The setting.
            setting: String,
            /// Before; absent if it was not set.
            #[serde(skip_serializing_if = "Option::is_none")]
            before: Option<JsonText>,
            /// After; absent if it was removed.
            #[serde(skip_serializing_if = "Option::is_none")]
            after: Option<JsonText>,
        }
        /// A list of permissions was sent for an API for the first time.
        ApiPermissionsDeclared {
            /// Which.
            api: ApiName,
        }
        /// The order of an API's permissions changed.
        ApiPermissionsReordered {
            /// Which.
            api: ApiName,
            /// Before.
            before: Vec<u64>,
            /// After: the same keys.
            after: Vec<u64>,
        }
        /// An API ended, and with it its permissions and all that rested on them.
        ApiDeleted {
            /// Which.
            api: ApiName,
            /// Its public id.
            id: String,
            /// Its name at the end.
            #[serde(skip_serializing_if = "Option::is_none")]
            name: Option<String>,
        }
        /// A permission began.
        PermissionDefined {
            /// Its key and names.
            permission: PermissionName,
            /// Its namespace.
            namespace: u64,
            /// What it allows.
            #[serde(skip_serializing_if = "Option::is_none")]
            description: Option<String>,
            /// Its place in the list.
            ordinal: u32,
            /// What it is listed under.
            #[serde(skip_serializing_if = "Option::is_none")]
            category: Option<String>,
        }
        /// A permission's name changed. Whoever holds it holds it under the new name.
        PermissionRenamed {
            /// Which, by its name before.
            permission: PermissionName,
            /// After.
            after: String,
        }
        /// What a permission is listed under changed.
        PermissionCategorized {
            /// Which.
            permission: PermissionName,
            /// Before.
            #[serde(skip_serializing_if = "Option::is_none")]
            before: Option<String>,
            /// After.
            #[serde(skip_serializing_if = "Option::is_none")]
            after: Option<String>,
        }
        /// A permission's description changed.
        PermissionDescribed {
            /// Which.
            permission: PermissionName,
            /// Before.
            #[serde(skip_serializing_if = "Option::is_none")]
            before: Option<String>,
            /// After.
            #[serde(skip_serializing_if = "Option::is_none")]
            after: Option<String>,
        }
        /// A permission ended, and with it every grant of it.
        PermissionRemoved {
            /// Which.
            permission: PermissionName,
            /// Its namespace.
            namespace: u64,
            /// Its description at the end.
            #[serde(skip_serializing_if = "Option::is_none")]
            description: Option<String>,
            /// What it was listed under at the end.
            #[serde(skip_serializing_if = "Option::is_none")]
            category: Option<String>,
        }
        /// A role began.
        RoleCreated {
            /// Its key.
            key: u64,
            /// Its realm.
            realm: Realm,
            /// Its public id.
            id: String,
            /// Its name.
            name: String,
            /// What it is for.
            #[serde(skip_serializing_if = "Option::is_none")]
            description: Option<String>,
            /// Its guard and flags, where its realm has guards.
            #[serde(skip_serializing_if = "Option::is_none")]
            guarded: Option<Guarded>,
        }
        /// A role's name changed.
        RoleRenamed {
            /// Which.
            role: RoleName,
            /// Before.
            before: String,
            /// After.
            after: String,
        }
        /// A role's description changed.
        RoleDescribed {
            /// Which.
            role: RoleName,
            /// Before.
            #[serde(skip_serializing_if = "Option::is_none")]
            before: Option<String>,
            /// After.
            #[serde(skip_serializing_if = "Option::is_none")]
            after: Option<String>,
        }
        /// A role is one that its holders have, and was not.
        RoleActivated {
            /// Which.
            role: RoleName,
        }
        /// A role is one that its holders do not have, and was.
        RoleDeactivated {
            /// Which.
            role: RoleName,
        }
        /// A role was saved as it was: in its realm that is a change, of the time of its last one.
        RoleSaved {
            /// Which.
            role: RoleName,
        }
        /// A role ended, and with it all that rested on it.
        RoleDeleted {
            /// Which.
            role: RoleName,
            /// Its name at the end.
            name: String,
            /// Its description at the end.
            #[serde(skip_serializing_if = "Option::is_none")]
            description: Option<String>,
            /// Its guard and flags at the end.
            #[serde(skip_serializing_if = "Option::is_none")]
            guarded: Option<Guarded>,
        }
        /// A user became known.
        UserRegistered {
            /// Its key.
            key: u64,
            /// Its realm.
            realm: Realm,
            /// Its id.
            id: String,
            /// Its profile.
            #[serde(default, skip_serializing_if = "Settings::is_empty")]
            profile: Settings,
        }
        /// One field of a user's profile changed.
        UserProfileChanged {
            /// Which.
            user: UserName,
            /// The field.
            field: String,
            /// Before; absent if it was not set.
            #[serde(skip_serializing_if = "Option::is_none")]
            before: Option<JsonText>,
            /// After; absent if it was removed.
            #[serde(skip_serializing_if = "Option::is_none")]
            after: Option<JsonText>,
        }
        /// A user ended, and with it all that it held.
        UserDeleted {
            /// Which.
            user: UserName,
            /// Its profile at the end.
            #[serde(default, skip_serializing_if = "Settings::is_empty")]
            profile: Settings,
        }
        /// A role was given a permission.
        RolePermissionGranted {
            /// To which.
            role: RoleName,
            /// What.
            permission: PermissionName,
        }
        /// A permission was taken from a role.
        RolePermissionRevoked {
            /// From which.
            role: RoleName,
            /// What.
            permission: PermissionName,
            /// The entry that had granted it.
            granted_at: u64,
        }
        /// A user was given a permission directly.
        UserPermissionGranted {
            /// To whom.
            user: UserName,
            /// What.
            permission: PermissionName,
        }
        /// A direct permission was taken from a user.
        UserPermissionRevoked {
            /// From whom.
            user: UserName,
            /// What.
            permission: PermissionName,
            /// The entry that had granted it.
            granted_at: u64,
        }
        /// A user was given a role.
        UserRoleAssigned {
            /// To whom.
            user: UserName,
            /// What.
            role: RoleName,
        }
        /// A role was taken from a user.
        UserRoleUnassigned {
            /// From whom.
            user: UserName,
            /// What.
            role: RoleName,
            /// The entry that had assigned it.
            assigned_at: u64,
        }
        /// An admin of Nest Auth's console began.
        AdminCreated {
            /// Its key.
            key: u64,
            /// Its public id.
            id: String,
            /// Its e-mail address.
            email: String,
            /// Its name.
            #[serde(skip_serializing_if = "Option::is_none")]
            name: Option<String>,
            /// The text of an argon2id hash.
            password: String,
            /// Free fields.
            #[serde(default, skip_serializing_if = "Settings::is_empty")]
            metadata: Settings,
        }
        /// An admin's password changed, and all of its sessions ended.
        AdminPasswordChanged {
            /// Whose.
            admin: AdminName,
            /// The text of an argon2id hash.
            password: String,
            /// The version of its sessions from now on.
            token_version: u32,
        }
        /// All sessions of an admin ended.
        AdminSessionsEnded {
            /// Whose.
            admin: AdminName,
            /// The version of its sessions from now on.
            token_version: u32,
        }
        /// An admin ended.
        AdminDeleted {
            /// Which.
            admin: AdminName,
            /// Its name at the end.
            #[serde(skip_serializing_if = "Option::is_none")]
            name: Option<String>,
        }
        /// A subject is the same person as those that have this link.
        SubjectLinked {
            /// The key of its being linked.
            key: u64,
            /// The link.
            link: u64,
            /// Who.
            subject: SubjectRef,
        }
        /// A subject has this link no more.
        SubjectUnlinked {
            /// The key of its being linked.
            key: u64,
            /// The link.
            link: u64,
            /// Who.
            subject: SubjectRef,
            /// The entry that had linked it.
            linked_at: u64,
        }
        /// A command that was not yet decided will have no effect.
        CommandCancelled {
            /// Which.
            command: CommandId,
        }
        /// Camunda's rules are to be read otherwise.
        CamundaConfigured {
            /// Before.
            before: RevokeMode,
            /// After.
            after: RevokeMode,
        }
        /// A user was given a password. What it was before is not kept.
        UserPasswordSet {
            /// Whose.
            user: UserName,
            /// The password, hashed.
            hash: String,
            /// The entry that had set the one before, if there was one.
            #[serde(skip_serializing_if = "Option::is_none")]
            before_set_at: Option<u64>,
        }
        /// A group began.
        GroupCreated {
            /// Its key.
            key: u64,
            /// Its realm.
            realm: Realm,
            /// Its id.
            id: String,
            /// Its name.
            #[serde(skip_serializing_if = "Option::is_none")]
            name: Option<String>,
            /// What kind of group it is.
            #[serde(skip_serializing_if = "Option::is_none")]
            kind: Option<String>,
        }
        /// A group's name changed.
        GroupRenamed {
            /// Which.
            group: GroupName,
            /// Before.
            #[serde(skip_serializing_if = "Option::is_none")]
            before: Option<String>,
            /// After.
            #[serde(skip_serializing_if = "Option::is_none")]
            after: Option<String>,
        }
        /// What kind of group it is changed.
        GroupKindChanged {
            /// Which.
            group: GroupName,
            /// Before.
            #[serde(skip_serializing_if = "Option::is_none")]
            before: Option<String>,
            /// After.
            #[serde(skip_serializing_if = "Option::is_none")]
            after: Option<String>,
        }
        /// A group ended, and with it its memberships.
        GroupDeleted {
            /// Which.
            group: GroupName,
            /// Its name at the end.
            #[serde(skip_serializing_if = "Option::is_none")]
            name: Option<String>,
            /// Its kind at the end.
            #[serde(skip_serializing_if = "Option::is_none")]
            kind: Option<String>,
        }
        /// A user became a member of a group.
        GroupMemberAdded {
            /// Of which.
            group: GroupName,
            /// Who.
            user: UserName,
        }
        /// A user is no longer a member of a group.
        GroupMemberRemoved {
            /// Of which.
            group: GroupName,
            /// Who.
            user: UserName,
            /// The entry that had added it.
            added_at: u64,
        }
        /// An authorization began.
        AuthorizationCreated {
            /// Its key.
            key: u64,
            /// The authorization.
            authorization: Authorization,
        }
        /// An authorization changed.
        AuthorizationChanged {
            /// Which.
            authorization: AuthorizationName,
            /// What it does.
            kind: AuthorizationKind,
            /// Before.
            before: AuthorizationTerms,
            /// After.
            after: AuthorizationTerms,
        }
        /// An authorization ended.
        AuthorizationDeleted {
            /// Which.
            authorization: AuthorizationName,
            /// What it did.
            kind: AuthorizationKind,
            /// The rest, at the end.
            terms: AuthorizationTerms,
        }
    }
}

mirrored! {
    /// An API: its key, and its names at the time of the fact.
    struct ApiName {
        /// Its key.
        key: u64,
        /// Its realm.
        realm: Realm,
        /// Its identifier.
        identifier: String,
    }
}

mirrored! {
    /// A permission: its key, and its names at the time of the fact.
    struct PermissionName {
        /// Its key.
        key: u64,
        /// Its realm.
        realm: Realm,
        /// The identifier of its API.
        api: String,
        /// Its name.
        name: String,
        /// Its id, where its realm gives permissions one.
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<String>,
    }
}

mirrored! {
    /// What a role has where roles live in guards (Nest Auth).
    struct Guarded {
        /// The guard.
        guard: String,
        /// Made by the product's host.
        system: bool,
        /// Whether its holders have it.
        active: bool,
    }
}

mirrored! {
    /// An admin: its key, id and e-mail address.
    struct AdminName {
        /// Its key.
        key: u64,
        /// Its id.
        id: String,
        /// Its e-mail address.
        email: String,
    }
}

mirrored! {
    /// A role: its key and id.
    struct RoleName {
        /// Its key.
        key: u64,
        /// Its realm.
        realm: Realm,
        /// Its id.
        id: String,
    }
}

mirrored! {
    /// A user: its key and id.
    struct UserName {
        /// Its key.
        key: u64,
        /// Its realm.
        realm: Realm,
        /// Its id.
        id: String,
    }
}
