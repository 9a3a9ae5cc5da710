//! Why the rules said no.

use schemars::JsonSchema;
use serde::Serialize;
use writ_domain as domain;

use super::camunda::AuthorizationProblem;
use super::mirror::{Mirror, mirrored};
use super::scalar::{CommandId, Limited, NounKind, Realm};
use crate::read::{Fault, Fields, Read, Tree};

mirrored! {
    /// The rules say no, and why.
    enum Rejection {
        /// No API of that id or identifier.
        NoSuchApi {
            /// As the caller named it.
            api: String,
        }
        /// The API has no permission of that name.
        NoSuchPermission {
            /// The API's identifier.
            api: String,
            /// The permission's name.
            name: String,
        }
        /// No role of that id.
        NoSuchRole {
            /// As the caller named it.
            role: String,
        }
        /// No user of that id.
        NoSuchUser {
            /// As the caller named it.
            user: String,
        }
        /// An API of that identifier (or id) exists.
        ApiExists {
            /// The identifier.
            identifier: String,
        }
        /// A role of that name (or id) exists.
        RoleExists {
            /// The name.
            name: String,
        }
        /// A user of that id exists.
        UserExists {
            /// The id.
            user: String,
        }
        /// The realm has no such thing.
        NotInRealm {
            /// The realm.
            realm: Realm,
        }
        /// No permission of that id.
        NoSuchPermissionId {
            /// As the caller named it.
            permission: String,
        }
        /// The guard has no permissions of these names.
        NoSuchPermissions {
            /// The guard.
            api: String,
            /// Their names, in the order sent.
            names: Vec<String>,
        }
        /// A permission of that name (or id) exists there.
        PermissionExists {
            /// The API's identifier.
            api: String,
            /// The name.
            name: String,
        }
        /// No admin of that id.
        NoSuchAdmin {
            /// As the caller named it.
            admin: String,
        }
        /// An admin of that e-mail address (or id) exists.
        AdminExists {
            /// The address.
            email: String,
        }
        /// The API is the product's own.
        ApiIsSystem {
            /// Its identifier.
            api: String,
        }
        /// The list names a permission twice.
        PermissionTwice {
            /// The name.
            name: String,
        }
        /// The realm reserves that name.
        PermissionReserved {
            /// The name.
            name: String,
        }
        /// There would be more of something than the realm allows.
        TooMany {
            /// Of what.
            what: Limited,
            /// How many there may be.
            limit: u32,
        }
        /// A text that the ledger cannot keep.
        BadText {
            /// Which field.
            field: String,
            /// What is wrong with it.
            problem: TextProblem,
        }
        /// The noun has changed since the caller looked.
        Stale {
            /// The `tenant_seq` of its last change.
            changed_at: u64,
        }
        /// One of a batch was rejected, and so all of it.
        InBatch {
            /// Which, from 0.
            index: u32,
            /// Why.
            rejection: Box<Rejection>,
        }
        /// A cancel came first.
        Cancelled {
            /// The `tenant_seq` of the cancel's entry.
            by: u64,
        }
        /// The command to cancel was decided already.
        AlreadyDecided {
            /// The command.
            command: CommandId,
            /// The `tenant_seq` of its entry.
            at: u64,
        }
        /// The idempotency key was used for another request.
        IdempotencyKeyReused {
            /// The `tenant_seq` of the entry that used it first.
            of: u64,
        }
        /// No group of that id.
        NoSuchGroup {
            /// As the caller named it.
            group: String,
        }
        /// No authorization of that id.
        NoSuchAuthorization {
            /// As the caller named it.
            authorization: String,
        }
        /// A group of that id exists.
        GroupExists {
            /// The id.
            group: String,
        }
        /// The user is a member already.
        MemberExists {
            /// The group's id.
            group: String,
            /// The user's id.
            user: String,
        }
        /// An authorization of that id, or of that kind, holder and resource exists.
        AuthorizationExists {
            /// The id of that one.
            authorization: String,
        }
        /// The realm has no nouns of that id.
        InvalidId {
            /// Of what kind.
            kind: NounKind,
            /// The id.
            id: String,
        }
        /// What is asked is no authorization.
        BadAuthorization {
            /// Why.
            problem: AuthorizationProblem,
        }
    }
    units {
        /// There is an admin already, and this was to be the first one.
        NotFirstAdmin,
        /// It is the only admin.
        LastAdmin,
        /// A batch holds a batch, a cancel or a denial.
        NotInBatch,
    }
}

mirrored! {
    /// What is wrong with a text.
    enum TextProblem {
        /// It has more bytes than the limit.
        TooLong {
            /// The limit, in bytes.
            limit_bytes: u32,
        }
    }
    units {
        /// It is empty.
        Empty,
        /// It holds U+0000.
        HoldsNul,
        /// It is not one JSON value.
        NotJson,
    }
}
