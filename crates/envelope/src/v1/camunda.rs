//! Authorizations and groups on the wire.

use schemars::JsonSchema;
use serde::Serialize;
use writ_domain as domain;

use super::mirror::{Mirror, mirrored};
use super::scalar::Realm;
use crate::read::{Fault, Fields, Read, Tree};

mirrored! {
    /// What an authorization does.
    words AuthorizationKind {
        /// It grants to everybody; what it lacks, it revokes where revokes count.
        Global = "global",
        /// It grants to a user or a group.
        Grant = "grant",
        /// It takes from a user or a group.
        Revoke = "revoke",
    }
}

mirrored! {
    /// Whether revokes count.
    words RevokeMode {
        /// If the user, one of its groups, or everybody has any revoke at all.
        Auto = "auto",
        /// Never.
        Never = "never",
        /// Always.
        Always = "always",
    }
}

mirrored! {
    /// Whose an authorization is, by the id of a user or group that need not exist.
    enum Holder {
        /// A user, or everybody: `*`.
        User = "user" {
            /// Its id.
            user: String,
        }
        /// A group.
        Group = "group" {
            /// Its id.
            group: String,
        }
    }
}

mirrored! {
    /// What of an authorization can change.
    struct AuthorizationTerms {
        /// Whose it is.
        holder: Holder,
        /// On what type of resource, by Camunda's number.
        resource_type: i32,
        /// On which: an id, or `*` for all. One without an id matches nothing.
        #[serde(skip_serializing_if = "Option::is_none")]
        resource_id: Option<String>,
        /// Camunda's bits: those that are granted, or, of a revoke, those that are left.
        permissions: u32,
    }
}

mirrored! {
    /// That somebody may, or may not, do something with a resource.
    struct Authorization {
        /// Its public id.
        id: String,
        /// What it does; it never changes.
        kind: AuthorizationKind,
        /// The rest.
        terms: AuthorizationTerms,
    }
}

mirrored! {
    /// An authorization: its key and id.
    struct AuthorizationName {
        /// Its key.
        key: u64,
        /// Its id.
        id: String,
    }
}

mirrored! {
    /// A group: its key and id.
    struct GroupName {
        /// Its key.
        key: u64,
        /// Its realm.
        realm: Realm,
        /// Its id.
        id: String,
    }
}

mirrored! {
    /// Why something is no authorization.
    enum AuthorizationProblem {
        /// There is no such kind.
        UnknownKind {
            /// The number.
            kind: i32,
        }
        /// A global one is nobody's, so no user's.
        UserOfGlobal {
            /// The user's id.
            user: String,
        }
        /// The resource type does not know that permission.
        UnknownPermission {
            /// Its name.
            permission: String,
            /// The type.
            resource_type: i32,
        }
        /// The permission is not one for the resource type.
        PermissionElsewhere {
            /// Its name.
            permission: String,
            /// The type.
            resource_type: i32,
        }
    }
    units {
        /// A global one is nobody's, so no group's.
        GroupOfGlobal,
        /// The type of the resource is not said.
        NoResourceType,
        /// The permissions are not said.
        NoPermissions,
        /// It is a user's and a group's, or nobody's.
        NotOneHolder,
    }
}
