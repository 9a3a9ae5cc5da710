//! Facts: what happened. Past tense, the smallest true change, with the image before it.
//!
//! What follows from a removal is derived, never written: a fact that a permission was removed
//! is *one* fact, whoever held it (design: no fan-out).

use crate::{
    AdminKey, Authorization, AuthorizationKey, AuthorizationKind, AuthorizationTerms, CommandId,
    GroupKey, Guarded, JsonText, LinkKey, LinkedSubjectKey, NamespaceKey, NounKind, NounRef,
    PermissionKey, Realm, RevokeMode, RoleKey, Settings, SubjectRef, TenantSeq, UserKey,
};

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// An API began.
    ApiCreated {
        /// Its key.
        key: NamespaceKey,
        /// Its realm.
        realm: Realm,
        /// Its public id.
        id: String,
        /// Its identifier.
        identifier: String,
        /// Its name.
        name: Option<String>,
        /// Its settings.
        settings: Settings,
    },
    /// An API's name changed.
    ApiRenamed {
        /// Which.
        api: ApiName,
        /// Before.
        before: Option<String>,
        /// After.
        after: Option<String>,
    },
    /// One setting of an API changed.
    ApiSettingChanged {
        /// Which.
        api: ApiName,
        /// The setting.
        setting: String,
        /// Before; absent if it was not set.
        before: Option<JsonText>,
        /// After; absent if it was removed.
        after: Option<JsonText>,
    },
    /// A list of permissions was sent for an API for the first time.
    ApiPermissionsDeclared {
        /// Which.
        api: ApiName,
    },
    /// The order of an API's permissions changed.
    ApiPermissionsReordered {
        /// Which.
        api: ApiName,
        /// Before.
        before: Vec<PermissionKey>,
        /// After: the same keys.
        after: Vec<PermissionKey>,
    },
    /// An API ended, and with it its permissions and all that rested on them.
    ApiDeleted {
        /// Which.
        api: ApiName,
        /// Its public id.
        id: String,
        /// Its name at the end.
        name: Option<String>,
    },
    /// A permission began.
    PermissionDefined {
        /// Its key and names.
        permission: PermissionName,
        /// Its namespace.
        namespace: NamespaceKey,
        /// What it allows.
        description: Option<String>,
        /// Its place in the list.
        ordinal: u32,
        /// What it is listed under.
        category: Option<String>,
    },
    /// A permission's name changed. Whoever holds it holds it under the new name.
    PermissionRenamed {
        /// Which, by its name before.
        permission: PermissionName,
        /// After.
        after: String,
    },
    /// What a permission is listed under changed.
    PermissionCategorized {
        /// Which.
        permission: PermissionName,
        /// Before.
        before: Option<String>,
        /// After.
        after: Option<String>,
    },
    /// A permission's description changed.
    PermissionDescribed {
        /// Which.
        permission: PermissionName,
        /// Before.
        before: Option<String>,
        /// After.
        after: Option<String>,
    },
    /// A permission ended, and with it every grant of it.
    PermissionRemoved {
        /// Which.
        permission: PermissionName,
        /// Its namespace.
        namespace: NamespaceKey,
        /// Its description at the end.
        description: Option<String>,
        /// What it was listed under at the end.
        category: Option<String>,
    },
    /// A role began.
    RoleCreated {
        /// Its key.
        key: RoleKey,
        /// Its realm.
        realm: Realm,
        /// Its public id.
        id: String,
        /// Its name.
        name: String,
        /// What it is for.
        description: Option<String>,
        /// Its guard and flags, where its realm has guards.
        guarded: Option<Guarded>,
    },
    /// A role's name changed.
    RoleRenamed {
        /// Which.
        role: RoleName,
        /// Before.
        before: String,
        /// After.
        after: String,
    },
    /// A role's description changed.
    RoleDescribed {
        /// Which.
        role: RoleName,
        /// Before.
        before: Option<String>,
        /// After.
        after: Option<String>,
    },
    /// A role is one that its holders have, and was not.
    RoleActivated {
        /// Which.
        role: RoleName,
    },
    /// A role is one that its holders do not have, and was.
    RoleDeactivated {
        /// Which.
        role: RoleName,
    },
    /// A role was saved as it was: in its realm that is a change, of the time of its last one.
    RoleSaved {
        /// Which.
        role: RoleName,
    },
    /// A role ended, and with it all that rested on it.
    RoleDeleted {
        /// Which.
        role: RoleName,
        /// Its name at the end.
        name: String,
        /// Its description at the end.
        description: Option<String>,
        /// Its guard and flags at the end.
        guarded: Option<Guarded>,
    },
    /// A user became known.
    UserRegistered {
        /// Its key.
        key: UserKey,
        /// Its realm.
        realm: Realm,
        /// Its id.
        id: String,
        /// Its profile.
        profile: Settings,
    },
    /// One field of a user's profile changed.
    UserProfileChanged {
        /// Which.
        user: UserName,
        /// The field.
        field: String,
        /// Before; absent if it was not set.
        before: Option<JsonText>,
        /// After; absent if it was removed.
        after: Option<JsonText>,
    },
    /// A user ended, and with it all that it held.
    UserDeleted {
        /// Which.
        user: UserName,
        /// Its profile at the end.
        profile: Settings,
    },
    /// A role was given a permission.
    RolePermissionGranted {
        /// To which.
        role: RoleName,
        /// What.
        permission: PermissionName,
    },
    /// A permission was taken from a role.
    RolePermissionRevoked {
        /// From which.
        role: RoleName,
        /// What.
        permission: PermissionName,
        /// The entry that had granted it.
        granted_at: TenantSeq,
    },
    /// A user was given a permission directly.
    UserPermissionGranted {
        /// To whom.
        user: UserName,
        /// What.
        permission: PermissionName,
    },
    /// A direct permission was taken from a user.
    UserPermissionRevoked {
        /// From whom.
        user: UserName,
        /// What.
        permission: PermissionName,
        /// The entry that had granted it.
        granted_at: TenantSeq,
    },
    /// A user was given a role.
    UserRoleAssigned {
        /// To whom.
        user: UserName,
        /// What.
        role: RoleName,
    },
    /// A role was taken from a user.
    UserRoleUnassigned {
        /// From whom.
        user: UserName,
        /// What.
        role: RoleName,
        /// The entry that had assigned it.
        assigned_at: TenantSeq,
    },
    /// An admin of Nest Auth's console began.
    AdminCreated {
        /// Its key.
        key: AdminKey,
        /// Its public id.
        id: String,
        /// Its e-mail address.
        email: String,
        /// Its name.
        name: Option<String>,
        /// The text of an argon2id hash.
        password: String,
        /// Free fields.
        metadata: Settings,
    },
    /// An admin's password changed, and all of its sessions ended.
    AdminPasswordChanged {
        /// Whose.
        admin: AdminName,
        /// The text of an argon2id hash.
        password: String,
        /// The version of its sessions from now on.
        token_version: u32,
    },
    /// All sessions of an admin ended.
    AdminSessionsEnded {
        /// Whose.
        admin: AdminName,
        /// The version of its sessions from now on.
        token_version: u32,
    },
    /// An admin ended.
    AdminDeleted {
        /// Which.
        admin: AdminName,
        /// Its name at the end.
        name: Option<String>,
    },
    /// A subject is the same person as those that have this link.
    SubjectLinked {
        /// The key of its being linked.
        key: LinkedSubjectKey,
        /// The link.
        link: LinkKey,
        /// Who.
        subject: SubjectRef,
    },
    /// A subject has this link no more.
    SubjectUnlinked {
        /// The key of its being linked.
        key: LinkedSubjectKey,
        /// The link.
        link: LinkKey,
        /// Who.
        subject: SubjectRef,
        /// The entry that had linked it.
        linked_at: TenantSeq,
    },
    /// A command that was not yet decided will have no effect.
    CommandCancelled {
        /// Which.
        command: CommandId,
    },
    /// Camunda's rules are to be read otherwise.
    CamundaConfigured {
        /// Before.
        before: RevokeMode,
        /// After.
        after: RevokeMode,
    },
    /// A user was given a password. What it was before is not kept.
    UserPasswordSet {
        /// Whose.
        user: UserName,
        /// The password, hashed.
        hash: String,
        /// The entry that had set the one before, if there was one.
        before_set_at: Option<TenantSeq>,
    },
    /// A group began.
    GroupCreated {
        /// Its key.
        key: GroupKey,
        /// Its realm.
        realm: Realm,
        /// Its id.
        id: String,
        /// Its name.
        name: Option<String>,
        /// What kind of group it is.
        kind: Option<String>,
    },
    /// A group's name changed.
    GroupRenamed {
        /// Which.
        group: GroupName,
        /// Before.
        before: Option<String>,
        /// After.
        after: Option<String>,
    },
    /// What kind of group it is changed.
    GroupKindChanged {
        /// Which.
        group: GroupName,
        /// Before.
        before: Option<String>,
        /// After.
        after: Option<String>,
    },
    /// A group ended, and with it its memberships.
    GroupDeleted {
        /// Which.
        group: GroupName,
        /// Its name at the end.
        name: Option<String>,
        /// Its kind at the end.
        kind: Option<String>,
    },
    /// A user became a member of a group.
    GroupMemberAdded {
        /// Of which.
        group: GroupName,
        /// Who.
        user: UserName,
    },
    /// A user is no longer a member of a group.
    GroupMemberRemoved {
        /// Of which.
        group: GroupName,
        /// Who.
        user: UserName,
        /// The entry that had added it.
        added_at: TenantSeq,
    },
    /// An authorization began.
    AuthorizationCreated {
        /// Its key.
        key: AuthorizationKey,
        /// The authorization.
        authorization: Authorization,
    },
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
    },
    /// An authorization ended.
    AuthorizationDeleted {
        /// Which.
        authorization: AuthorizationName,
        /// What it did.
        kind: AuthorizationKind,
        /// The rest, at the end.
        terms: AuthorizationTerms,
    },
}

/// An API: its key, and its names at the time of the fact.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ApiName {
    /// Its key.
    pub key: NamespaceKey,
    /// Its realm.
    pub realm: Realm,
    /// Its identifier.
    pub identifier: String,
}

/// A permission: its key, and its names at the time of the fact.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PermissionName {
    /// Its key.
    pub key: PermissionKey,
    /// Its realm.
    pub realm: Realm,
    /// The identifier of its API.
    pub api: String,
    /// Its name.
    pub name: String,
    /// Its id, where its realm gives permissions one.
    pub id: Option<String>,
}

/// A role: its key and id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoleName {
    /// Its key.
    pub key: RoleKey,
    /// Its realm.
    pub realm: Realm,
    /// Its id.
    pub id: String,
}

/// A user: its key and id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserName {
    /// Its key.
    pub key: UserKey,
    /// Its realm.
    pub realm: Realm,
    /// Its id.
    pub id: String,
}

/// An admin: its key, id and e-mail address.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AdminName {
    /// Its key.
    pub key: AdminKey,
    /// Its id.
    pub id: String,
    /// Its e-mail address.
    pub email: String,
}

/// A group: its key and id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupName {
    /// Its key.
    pub key: GroupKey,
    /// Its realm.
    pub realm: Realm,
    /// Its id.
    pub id: String,
}

/// An authorization: its key and id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AuthorizationName {
    /// Its key.
    pub key: AuthorizationKey,
    /// Its id.
    pub id: String,
}

impl GroupName {
    /// The noun's reference.
    #[must_use]
    pub fn noun(&self) -> NounRef {
        NounRef {
            realm: self.realm,
            kind: NounKind::Group,
            id: self.id.clone(),
        }
    }
}

impl AuthorizationName {
    /// The noun's reference.
    #[must_use]
    pub fn noun(&self) -> NounRef {
        NounRef {
            realm: Realm::Camunda,
            kind: NounKind::Authorization,
            id: self.id.clone(),
        }
    }
}

impl AdminName {
    /// The noun's reference.
    #[must_use]
    pub fn noun(&self) -> NounRef {
        NounRef {
            realm: Realm::NestAuth,
            kind: NounKind::Admin,
            id: self.id.clone(),
        }
    }
}

impl ApiName {
    /// The noun's reference.
    #[must_use]
    pub fn noun(&self) -> NounRef {
        NounRef {
            realm: self.realm,
            kind: NounKind::Api,
            id: self.identifier.clone(),
        }
    }
}

impl PermissionName {
    /// The reference of the permission's API.
    #[must_use]
    pub fn api_noun(&self) -> NounRef {
        NounRef {
            realm: self.realm,
            kind: NounKind::Api,
            id: self.api.clone(),
        }
    }

    /// The permission's own reference, if it has an id.
    #[must_use]
    pub fn noun(&self) -> Option<NounRef> {
        self.id.as_ref().map(|id| NounRef {
            realm: self.realm,
            kind: NounKind::Permission,
            id: id.clone(),
        })
    }
}

impl RoleName {
    /// The noun's reference.
    #[must_use]
    pub fn noun(&self) -> NounRef {
        NounRef {
            realm: self.realm,
            kind: NounKind::Role,
            id: self.id.clone(),
        }
    }
}

impl UserName {
    /// The noun's reference.
    #[must_use]
    pub fn noun(&self) -> NounRef {
        NounRef {
            realm: self.realm,
            kind: NounKind::User,
            id: self.id.clone(),
        }
    }
}

impl Fact {
    /// The fact's name, as on the wire.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::ApiCreated { .. } => "ApiCreated",
            Self::ApiRenamed { .. } => "ApiRenamed",
            Self::ApiSettingChanged { .. } => "ApiSettingChanged",
            Self::ApiPermissionsDeclared { .. } => "ApiPermissionsDeclared",
            Self::ApiPermissionsReordered { .. } => "ApiPermissionsReordered",
            Self::ApiDeleted { .. } => "ApiDeleted",
            Self::PermissionDefined { .. } => "PermissionDefined",
            Self::PermissionDescribed { .. } => "PermissionDescribed",
            Self::PermissionRenamed { .. } => "PermissionRenamed",
            Self::PermissionCategorized { .. } => "PermissionCategorized",
            Self::PermissionRemoved { .. } => "PermissionRemoved",
            Self::RoleCreated { .. } => "RoleCreated",
            Self::RoleRenamed { .. } => "RoleRenamed",
            Self::RoleDescribed { .. } => "RoleDescribed",
            Self::RoleActivated { .. } => "RoleActivated",
            Self::RoleDeactivated { .. } => "RoleDeactivated",
            Self::RoleSaved { .. } => "RoleSaved",
            Self::RoleDeleted { .. } => "RoleDeleted",
            Self::UserRegistered { .. } => "UserRegistered",
            Self::UserProfileChanged { .. } => "UserProfileChanged",
            Self::UserDeleted { .. } => "UserDeleted",
            Self::RolePermissionGranted { .. } => "RolePermissionGranted",
            Self::RolePermissionRevoked { .. } => "RolePermissionRevoked",
            Self::UserPermissionGranted { .. } => "UserPermissionGranted",
            Self::UserPermissionRevoked { .. } => "UserPermissionRevoked",
            Self::UserRoleAssigned { .. } => "UserRoleAssigned",
            Self::UserRoleUnassigned { .. } => "UserRoleUnassigned",
            Self::AdminCreated { .. } => "AdminCreated",
            Self::AdminPasswordChanged { .. } => "AdminPasswordChanged",
            Self::AdminSessionsEnded { .. } => "AdminSessionsEnded",
            Self::AdminDeleted { .. } => "AdminDeleted",
            Self::SubjectLinked { .. } => "SubjectLinked",
            Self::SubjectUnlinked { .. } => "SubjectUnlinked",
            Self::CommandCancelled { .. } => "CommandCancelled",
            Self::CamundaConfigured { .. } => "CamundaConfigured",
            Self::UserPasswordSet { .. } => "UserPasswordSet",
            Self::GroupCreated { .. } => "GroupCreated",
            Self::GroupRenamed { .. } => "GroupRenamed",
            Self::GroupKindChanged { .. } => "GroupKindChanged",
            Self::GroupDeleted { .. } => "GroupDeleted",
            Self::GroupMemberAdded { .. } => "GroupMemberAdded",
            Self::GroupMemberRemoved { .. } => "GroupMemberRemoved",
            Self::AuthorizationCreated { .. } => "AuthorizationCreated",
            Self::AuthorizationChanged { .. } => "AuthorizationChanged",
            Self::AuthorizationDeleted { .. } => "AuthorizationDeleted",
        }
    }
}
