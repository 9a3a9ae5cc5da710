//! How a command ended.

use crate::{CommandId, Denial, NounKind, Realm, TenantSeq};

/// How a command ended. Recorded in its entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It had effects: the entry's facts.
    Applied,
    /// What was asked was already so.
    Unchanged,
    /// The rules said no.
    Rejected(Rejection),
    /// The caller's rights said no.
    Denied(Denial),
    /// It came after its deadline.
    Expired,
    /// It was decided before, at the entry named.
    Duplicate {
        /// The entry that holds the outcome.
        of: TenantSeq,
    },
    /// The record could not be read as a command. The bytes are kept.
    Invalid {
        /// What was wrong with it.
        problem: String,
    },
}

impl Outcome {
    /// The outcome's name, as on the wire.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Unchanged => "unchanged",
            Self::Rejected(_) => "rejected",
            Self::Denied(_) => "denied",
            Self::Expired => "expired",
            Self::Duplicate { .. } => "duplicate",
            Self::Invalid { .. } => "invalid",
        }
    }
}

/// The rules say no, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rejection {
    /// No API of that id or identifier.
    NoSuchApi {
        /// As the caller named it.
        api: String,
    },
    /// The API has no permission of that name.
    NoSuchPermission {
        /// The API's identifier.
        api: String,
        /// The permission's name.
        name: String,
    },
    /// No role of that id.
    NoSuchRole {
        /// As the caller named it.
        role: String,
    },
    /// No user of that id.
    NoSuchUser {
        /// As the caller named it.
        user: String,
    },
    /// An API of that identifier (or id) exists.
    ApiExists {
        /// The identifier.
        identifier: String,
    },
    /// A role of that name (or id) exists.
    RoleExists {
        /// The name.
        name: String,
    },
    /// A user of that id exists.
    UserExists {
        /// The id.
        user: String,
    },
    /// The realm has no such thing.
    NotInRealm {
        /// The realm.
        realm: Realm,
    },
    /// No permission of that id.
    NoSuchPermissionId {
        /// As the caller named it.
        permission: String,
    },
    /// The guard has no permissions of these names.
    NoSuchPermissions {
        /// The guard.
        api: String,
        /// Their names, in the order sent.
        names: Vec<String>,
    },
    /// A permission of that name (or id) exists there.
    PermissionExists {
        /// The API's identifier.
        api: String,
        /// The name.
        name: String,
    },
    /// No admin of that id.
    NoSuchAdmin {
        /// As the caller named it.
        admin: String,
    },
    /// An admin of that e-mail address (or id) exists.
    AdminExists {
        /// The address.
        email: String,
    },
    /// There is an admin already, and this was to be the first one.
    NotFirstAdmin,
    /// It is the only admin.
    LastAdmin,
    /// The API is the product's own.
    ApiIsSystem {
        /// Its identifier.
        api: String,
    },
    /// The list names a permission twice.
    PermissionTwice {
        /// The name.
        name: String,
    },
    /// The realm reserves that name.
    PermissionReserved {
        /// The name.
        name: String,
    },
    /// There would be more of something than the realm allows.
    TooMany {
        /// Of what.
        what: Limited,
        /// How many there may be.
        limit: u32,
    },
    /// A text that the ledger cannot keep.
    BadText {
        /// Which field.
        field: String,
        /// What is wrong with it.
        problem: TextProblem,
    },
    /// The noun has changed since the caller looked.
    Stale {
        /// Its last change.
        changed_at: TenantSeq,
    },
    /// A batch holds a batch, a cancel or a denial.
    NotInBatch,
    /// One of a batch was rejected, and so all of it.
    InBatch {
        /// Which, from 0.
        index: u32,
        /// Why.
        rejection: Box<Rejection>,
    },
    /// A cancel came first.
    Cancelled {
        /// The cancel's entry.
        by: TenantSeq,
    },
    /// The command to cancel was decided already.
    AlreadyDecided {
        /// The command.
        command: CommandId,
        /// Its entry.
        at: TenantSeq,
    },
    /// The idempotency key was used for another request.
    IdempotencyKeyReused {
        /// The entry that used it first.
        of: TenantSeq,
    },
    /// No group of that id.
    NoSuchGroup {
        /// As the caller named it.
        group: String,
    },
    /// No authorization of that id.
    NoSuchAuthorization {
        /// As the caller named it.
        authorization: String,
    },
    /// A group of that id exists.
    GroupExists {
        /// The id.
        group: String,
    },
    /// The user is a member already.
    MemberExists {
        /// The group's id.
        group: String,
        /// The user's id.
        user: String,
    },
    /// An authorization of that id, or of that kind, holder and resource exists.
    AuthorizationExists {
        /// The id of that one.
        authorization: String,
    },
    /// The realm has no nouns of that id.
    InvalidId {
        /// Of what kind.
        kind: NounKind,
        /// The id.
        id: String,
    },
    /// What is asked is no authorization.
    BadAuthorization {
        /// Why.
        problem: AuthorizationProblem,
    },
}

/// Why something is no authorization.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AuthorizationProblem {
    /// There is no such kind.
    UnknownKind {
        /// The number.
        kind: i32,
    },
    /// A global one is nobody's, so no group's.
    GroupOfGlobal,
    /// A global one is nobody's, so no user's.
    UserOfGlobal {
        /// The user's id.
        user: String,
    },
    /// The type of the resource is not said.
    NoResourceType,
    /// The permissions are not said.
    NoPermissions,
    /// The resource type does not know that permission.
    UnknownPermission {
        /// Its name.
        permission: String,
        /// The type.
        resource_type: i32,
    },
    /// It is a user's and a group's, or nobody's.
    NotOneHolder,
    /// The permission is not one for the resource type.
    PermissionElsewhere {
        /// Its name.
        permission: String,
        /// The type.
        resource_type: i32,
    },
}

impl Rejection {
    /// The reason's name, as on the wire.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::NoSuchApi { .. } => "NoSuchApi",
            Self::NoSuchPermission { .. } => "NoSuchPermission",
            Self::NoSuchRole { .. } => "NoSuchRole",
            Self::NoSuchUser { .. } => "NoSuchUser",
            Self::ApiExists { .. } => "ApiExists",
            Self::RoleExists { .. } => "RoleExists",
            Self::UserExists { .. } => "UserExists",
            Self::NotInRealm { .. } => "NotInRealm",
            Self::NoSuchPermissionId { .. } => "NoSuchPermissionId",
            Self::NoSuchPermissions { .. } => "NoSuchPermissions",
            Self::PermissionExists { .. } => "PermissionExists",
            Self::NoSuchAdmin { .. } => "NoSuchAdmin",
            Self::AdminExists { .. } => "AdminExists",
            Self::NotFirstAdmin => "NotFirstAdmin",
            Self::LastAdmin => "LastAdmin",
            Self::ApiIsSystem { .. } => "ApiIsSystem",
            Self::PermissionTwice { .. } => "PermissionTwice",
            Self::PermissionReserved { .. } => "PermissionReserved",
            Self::TooMany { .. } => "TooMany",
            Self::BadText { .. } => "BadText",
            Self::Stale { .. } => "Stale",
            Self::NotInBatch => "NotInBatch",
            Self::InBatch { .. } => "InBatch",
            Self::Cancelled { .. } => "Cancelled",
            Self::AlreadyDecided { .. } => "AlreadyDecided",
            Self::IdempotencyKeyReused { .. } => "IdempotencyKeyReused",
            Self::NoSuchGroup { .. } => "NoSuchGroup",
            Self::NoSuchAuthorization { .. } => "NoSuchAuthorization",
            Self::GroupExists { .. } => "GroupExists",
            Self::MemberExists { .. } => "MemberExists",
            Self::AuthorizationExists { .. } => "AuthorizationExists",
            Self::InvalidId { .. } => "InvalidId",
            Self::BadAuthorization { .. } => "BadAuthorization",
        }
    }
}

/// Of what there is a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Limited {
    /// APIs of a tenant.
    Apis,
    /// Permissions of an API.
    ApiPermissions,
    /// Roles of a tenant.
    Roles,
    /// Permissions of a role.
    RolePermissions,
    /// Direct permissions of a user.
    UserPermissions,
    /// Roles of a user.
    UserRoles,
    /// Subjects that are linked with each other.
    LinkedSubjects,
    /// Commands in a batch, or names in a command.
    Items,
}

/// What is wrong with a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TextProblem {
    /// It is empty.
    Empty,
    /// It has more bytes than the limit.
    TooLong {
        /// The limit, in bytes.
        limit_bytes: u32,
    },
    /// It holds U+0000.
    HoldsNul,
    /// It is not one JSON value.
    NotJson,
}
