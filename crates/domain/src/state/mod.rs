//! What is known of one tenant's current state.
//!
//! **Shape.** Rows by key, and lookups from names to keys. Each may be *known* (present or
//! absent) or *unknown*; a decision that meets something unknown asks for it. A *complete* state
//! knows everything: what it does not hold does not exist. That is the state of a fold from
//! genesis; the owner's cache is an incomplete one.
//!
//! **Correctness.** Rows change only through [`State::settle`], by whole entries. Rows that were
//! learned from the store never replace what is known already. Rows whose container has ended
//! stay here until they are dropped; nothing reaches them, since every way to them leads through
//! the container's name.

mod apply;
mod changes;
mod draft;
mod learn;
mod live;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

pub use apply::Contradiction;
pub(crate) use changes::changed_nouns;
pub use changes::{Change, Changes};
pub(crate) use draft::{Draft, Missing};
pub use live::LiveRow;

use crate::{
    Admin, AdminKey, Authorization, AuthorizationKey, AuthorizationKind, CamundaSettings,
    CommandId, Group, GroupKey, Holder, LinkKey, LinkedSubject, LinkedSubjectKey, Namespace,
    NamespaceKey, NounRef, Permission, PermissionKey, Realm, Role, RoleKey, TenantSeq, User,
    UserKey,
};

/// What is known of one tenant.
#[derive(Debug, Clone, Default)]
pub struct State {
    complete: bool,
    tables: Tables,
    lookups: BTreeMap<Lookup, Option<u64>>,
    /// Namespaces whose permissions are all known.
    full: BTreeSet<NamespaceKey>,
    /// Users whose memberships are all known.
    full_members: BTreeSet<UserKey>,
    /// Resources whose authorizations are all known.
    full_resources: BTreeSet<(i32, String)>,
    /// How many revoking authorizations a holder has, exactly.
    revokes: BTreeMap<Holder, u64>,
    /// Realms whose namespaces are all known.
    full_realms: BTreeSet<Realm>,
    /// Roles whose permissions are all known.
    full_roles: BTreeSet<RoleKey>,
    counts: BTreeMap<CountKey, Bound>,
    /// Grows when something ends that may hold others; counts taken before are upper bounds.
    endings: u64,
    last_changed: BTreeMap<NounRef, TenantSeq>,
    commands: BTreeMap<CommandId, CommandState>,
    idempotency_keys: BTreeMap<(String, String), Option<KeyUse>>,
}

/// A row, and the entry that wrote it last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot<R> {
    /// The row.
    pub row: R,
    /// The entry that wrote it last: a write asserts that this still stands.
    pub changed: TenantSeq,
    /// Made within this state, so that every edge it has is known.
    fresh: bool,
}

/// One kind of row, and where its table is.
pub trait Kind: Clone + PartialEq + core::fmt::Debug + Sized {
    /// What its rows are found by.
    type Key: Copy + Ord + core::fmt::Debug;
    /// Its table.
    fn table(tables: &Tables) -> &Table<Self>;
    /// Its table.
    fn table_mut(tables: &mut Tables) -> &mut Table<Self>;
    /// The names by which its rows are found, with the row's key as a number.
    fn lookups(key: Self::Key, row: &Self) -> Vec<(Lookup, u64)>;
}

/// Rows by key; `None` is known to be absent.
pub type Table<K> = BTreeMap<<K as Kind>::Key, Option<Slot<K>>>;

/// Every table.
#[derive(Debug, Clone, Default)]
pub struct Tables {
    namespaces: Table<Namespace>,
    permissions: Table<Permission>,
    roles: Table<Role>,
    users: Table<User>,
    role_permissions: Table<RolePermission>,
    user_permissions: Table<UserPermission>,
    user_roles: Table<UserRole>,
    admins: Table<Admin>,
    linked_subjects: Table<LinkedSubject>,
    cancelled: Table<Cancelled>,
    groups: Table<Group>,
    passwords: Table<Password>,
    group_members: Table<GroupMember>,
    authorizations: Table<Authorization>,
    camunda_settings: Table<CamundaSettings>,
}

/// A user's password, hashed; it lives while the user does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Password {
    /// The hash, with all that is needed to compare with it.
    pub hash: String,
}

/// That a user is a member of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GroupMember;

/// That a role holds a permission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RolePermission;

/// That a user holds a permission directly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UserPermission;

/// That a user has a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UserRole;

/// That a command was cancelled before it was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cancelled;

/// A name by which a noun is found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lookup {
    /// A namespace by its public id.
    NamespaceId(Realm, String),
    /// A namespace by its identifier.
    NamespaceIdentifier(Realm, String),
    /// A permission by its name in a namespace.
    Permission(NamespaceKey, String),
    /// A role by its public id.
    RoleId(Realm, String),
    /// A role by its name.
    RoleName(Realm, String),
    /// A user by its id.
    UserId(Realm, String),
    /// A group by its id.
    GroupId(Realm, String),
    /// An authorization by its id.
    AuthorizationId(String),
    /// An authorization by what it does, whose it is and on what. Those on no resource have none.
    AuthorizationOf(AuthorizationKind, Holder, i32, String),
    /// An authorization by what it is on, and its own key: they are listed by it.
    AuthorizationOn(i32, String, u64),
    /// A permission by its public id.
    PermissionId(String),
    /// A role by its guard and name.
    GuardRole(Realm, String, String),
    /// An admin by its public id.
    AdminId(String),
    /// An admin by its e-mail address.
    AdminEmail(String),
    /// A linked subject.
    Linked(Realm, String),
    /// A linked subject by its link. All that have one link are known, or none.
    LinkMember(LinkKey, LinkedSubjectKey),
}

macro_rules! kind {
    ($row:ident, $key:ty, $table:ident, |$k:ident, $r:ident| $lookups:expr) => {
        impl Kind for $row {
            type Key = $key;

            fn table(tables: &Tables) -> &Table<Self> {
                &tables.$table
            }

            fn table_mut(tables: &mut Tables) -> &mut Table<Self> {
                &mut tables.$table
            }

            fn lookups($k: Self::Key, $r: &Self) -> Vec<(Lookup, u64)> {
                $lookups
            }
        }
    };
}

kind!(Namespace, NamespaceKey, namespaces, |key, row| vec![
    (Lookup::NamespaceId(row.realm, row.id.clone()), key.get()),
    (
        Lookup::NamespaceIdentifier(row.realm, row.identifier.clone()),
        key.get()
    ),
]);
kind!(Permission, PermissionKey, permissions, |key, row| {
    let named = Lookup::Permission(row.namespace, row.name.clone());
    let by_id = row.id.clone().map(Lookup::PermissionId);
    let lookups = core::iter::once(named).chain(by_id);
    lookups.map(|lookup| (lookup, key.get())).collect()
});
kind!(Role, RoleKey, roles, |key, row| vec![
    (Lookup::RoleId(row.realm, row.id.clone()), key.get()),
    match &row.guarded {
        Some(guarded) => (
            Lookup::GuardRole(row.realm, guarded.guard.clone(), row.name.clone()),
            key.get()
        ),
        None => (Lookup::RoleName(row.realm, row.name.clone()), key.get()),
    },
]);
kind!(User, UserKey, users, |key, row| vec![(
    Lookup::UserId(row.realm, row.id.clone()),
    key.get()
)]);
kind!(
    RolePermission,
    (RoleKey, PermissionKey),
    role_permissions,
    |_key, _row| Vec::new()
);
kind!(
    UserPermission,
    (UserKey, PermissionKey),
    user_permissions,
    |_key, _row| Vec::new()
);
kind!(UserRole, (UserKey, RoleKey), user_roles, |_key, _row| {
    Vec::new()
});
kind!(Admin, AdminKey, admins, |key, row| vec![
    (Lookup::AdminId(row.id.clone()), key.get()),
    (Lookup::AdminEmail(row.email.clone()), key.get()),
]);
kind!(
    LinkedSubject,
    LinkedSubjectKey,
    linked_subjects,
    |key, row| vec![
        (
            Lookup::Linked(row.subject.realm, row.subject.id.clone()),
            key.get()
        ),
        (Lookup::LinkMember(row.link, key), key.get()),
    ]
);
kind!(Cancelled, CommandId, cancelled, |_key, _row| Vec::new());
kind!(Group, GroupKey, groups, |key, row| vec![(
    Lookup::GroupId(row.realm, row.id.clone()),
    key.get()
)]);
kind!(Password, UserKey, passwords, |_key, _row| Vec::new());
kind!(
    GroupMember,
    (UserKey, GroupKey),
    group_members,
    |_key, _row| Vec::new()
);
kind!(
    Authorization,
    AuthorizationKey,
    authorizations,
    |key, row| {
        let mut lookups = vec![(Lookup::AuthorizationId(row.id.clone()), key.get())];
        let terms = &row.terms;
        if let Some(id) = &terms.resource_id {
            let (holder, number) = (terms.holder.clone(), terms.resource_type);
            lookups.extend([
                (
                    Lookup::AuthorizationOf(row.kind, holder, number, id.clone()),
                    key.get(),
                ),
                (
                    Lookup::AuthorizationOn(number, id.clone(), key.get()),
                    key.get(),
                ),
            ]);
        }
        lookups
    }
);
kind!(CamundaSettings, (), camunda_settings, |_key, _row| {
    Vec::new()
});

/// What is counted, by key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum CountKey {
    Apis(Realm),
    Roles(Realm),
    RolePermissions(RoleKey),
    UserPermissions(UserKey),
    UserRoles(UserKey),
    Admins,
}

/// An upper bound of a count; exact while nothing has ended since it was taken.
#[derive(Debug, Clone, Copy)]
struct Bound {
    at_most: u64,
    endings: u64,
}

/// What is known of a command's fate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommandState {
    /// It was not seen.
    Unseen,
    /// The entry that decided it.
    Decided(TenantSeq),
}

/// Who used an idempotency key, for what, when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyUse {
    /// The request it was used for.
    pub fingerprint: [u8; 32],
    /// The entry that holds the outcome.
    pub entry: TenantSeq,
    /// The log time of that entry.
    pub time: DateTime<Utc>,
}

impl State {
    /// Knows nothing; asks for what it meets.
    #[must_use]
    pub fn unknown() -> Self {
        Self::default()
    }

    /// Knows everything: what it does not hold does not exist. Where a fold from genesis begins.
    #[must_use]
    pub fn genesis() -> Self {
        Self {
            complete: true,
            ..Self::default()
        }
    }

    /// Roughly how many things it knows: what a cache bounds.
    #[must_use]
    pub fn len(&self) -> usize {
        let t = &self.tables;
        t.namespaces.len()
            + t.permissions.len()
            + t.roles.len()
            + t.users.len()
            + t.role_permissions.len()
            + t.user_permissions.len()
            + t.user_roles.len()
            + t.groups.len()
            + t.passwords.len()
            + t.group_members.len()
            + t.authorizations.len()
            + self.revokes.len()
            + t.admins.len()
            + t.linked_subjects.len()
            + self.lookups.len()
            + self.commands.len()
            + self.idempotency_keys.len()
    }

    /// Whether it knows nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
