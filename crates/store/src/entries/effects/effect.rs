//! What an effect is, and some of them.

use writ_domain::{AuthorizationKind, AuthorizationTerms, Realm, TenantSeq};

use super::Cursor;

/// An edge that an entry brought or took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effect {
    /// The edge, by the names it had at the time.
    pub edge: Edge,
    /// The entry.
    pub at: TenantSeq,
    /// What became of the edge.
    pub turn: Turn,
}

/// An edge, by the names of its ends, or an authorization.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Edge {
    /// A role holds a permission.
    RolePermission {
        /// The realm.
        realm: Realm,
        /// The role's id.
        role: String,
        /// The API's identifier.
        api: String,
        /// The permission's name.
        permission: String,
    },
    /// A user holds a permission directly.
    UserPermission {
        /// The realm.
        realm: Realm,
        /// The user's id.
        user: String,
        /// The API's identifier.
        api: String,
        /// The permission's name.
        permission: String,
    },
    /// A user has a role.
    UserRole {
        /// The realm.
        realm: Realm,
        /// The user's id.
        user: String,
        /// The role's id.
        role: String,
    },
    /// A user is a member of a group.
    GroupMember {
        /// The realm.
        realm: Realm,
        /// The user's id.
        user: String,
        /// The group's id.
        group: String,
    },
    /// An authorization of Camunda's realm.
    Authorization {
        /// Its id.
        id: String,
        /// What it does.
        kind: AuthorizationKind,
        /// What it was before the entry, if it was there.
        before: Option<AuthorizationTerms>,
        /// What it was after it, if it was there.
        after: Option<AuthorizationTerms>,
    },
}

/// What became of an edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// It is live from this entry on.
    Gained,
    /// It was live before this entry.
    Lost {
        /// The entry that had opened it.
        opened_by: TenantSeq,
        /// Of a direct grant: whether the user still holds the permission by a role.
        remains: Option<bool>,
    },
    /// It is another one from this entry on: an authorization with other terms.
    Changed {
        /// The entry that had opened what it was before.
        opened_by: TenantSeq,
    },
}

/// How many effects there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Total {
    /// So many.
    pub count: u64,
    /// Or more: counting ended here.
    pub at_least: bool,
}

/// Some of an entry's effects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// In a fixed order.
    pub effects: Vec<Effect>,
    /// How many there are in all pages.
    pub total: Total,
    /// Where the next page begins, if there is one.
    pub next: Option<Cursor>,
}
