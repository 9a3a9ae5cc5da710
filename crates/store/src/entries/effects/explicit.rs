//! The effects that an entry's facts spell out: edges that were given or taken by name.
//!
//! Deliberately absent: what follows from the end of a noun. That is looked up ([`super`]).

use std::collections::{BTreeMap, BTreeSet};

use writ_domain::{
    AuthorizationKey, Fact, GroupKey, GroupName, NamespaceKey, PermissionKey, PermissionName,
    RoleKey, RoleName, TenantSeq, UserKey, UserName,
};

use super::authorized::authorizations;
use super::{Edge, Effect, Turn};

/// What an entry's facts say of edges.
#[derive(Debug, Default)]
pub(super) struct Said {
    /// Edges that were given or taken, both ends alive afterwards, and what became of
    /// authorizations; in a fixed order.
    pub(super) effects: Vec<(EdgeKey, Effect)>,
    pub(super) ended: Ended,
}

/// The nouns that ended. An edge that lost an end is an effect of that end.
#[derive(Debug, Default)]
pub(super) struct Ended {
    pub(super) namespaces: BTreeSet<NamespaceKey>,
    pub(super) permissions: BTreeSet<PermissionKey>,
    pub(super) roles: BTreeSet<RoleKey>,
    pub(super) users: BTreeSet<UserKey>,
    pub(super) groups: BTreeSet<GroupKey>,
}

/// An edge by the keys of its ends; an authorization by its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum EdgeKey {
    RolePermission(RoleKey, PermissionKey),
    UserPermission(UserKey, PermissionKey),
    UserRole(UserKey, RoleKey),
    GroupMember(UserKey, GroupKey),
    Authorization(AuthorizationKey),
}

/// What became of an edge within one entry: where it was opened if it was there before, and
/// whether it is there after.
struct Net<'a> {
    edge: EdgeOf<'a>,
    opened_before: Option<TenantSeq>,
    open_after: bool,
}

#[derive(Clone, Copy)]
enum EdgeOf<'a> {
    RolePermission(&'a RoleName, &'a PermissionName),
    UserPermission(&'a UserName, &'a PermissionName),
    UserRole(&'a UserName, &'a RoleName),
    GroupMember(&'a UserName, &'a GroupName),
}

impl EdgeOf<'_> {
    fn key(self) -> EdgeKey {
        match self {
            Self::RolePermission(role, permission) => {
                EdgeKey::RolePermission(role.key, permission.key)
            }
            Self::UserPermission(user, permission) => {
                EdgeKey::UserPermission(user.key, permission.key)
            }
            Self::UserRole(user, role) => EdgeKey::UserRole(user.key, role.key),
            Self::GroupMember(user, group) => EdgeKey::GroupMember(user.key, group.key),
        }
    }

    fn named(self) -> Edge {
        match self {
            Self::RolePermission(role, permission) => Edge::RolePermission {
                realm: role.realm,
                role: role.id.clone(),
                api: permission.api.clone(),
                permission: permission.name.clone(),
            },
            Self::UserPermission(user, permission) => Edge::UserPermission {
                realm: user.realm,
                user: user.id.clone(),
                api: permission.api.clone(),
                permission: permission.name.clone(),
            },
            Self::UserRole(user, role) => Edge::UserRole {
                realm: user.realm,
                user: user.id.clone(),
                role: role.id.clone(),
            },
            Self::GroupMember(user, group) => Edge::GroupMember {
                realm: user.realm,
                user: user.id.clone(),
                group: group.id.clone(),
            },
        }
    }
}

impl EdgeKey {
    fn lost_an_end(self, ended: &Ended) -> bool {
        match self {
            Self::RolePermission(role, permission) => {
                ended.roles.contains(&role) || ended.permissions.contains(&permission)
            }
            Self::UserPermission(user, permission) => {
                ended.users.contains(&user) || ended.permissions.contains(&permission)
            }
            Self::UserRole(user, role) => {
                ended.users.contains(&user) || ended.roles.contains(&role)
            }
            Self::GroupMember(user, group) => {
                ended.users.contains(&user) || ended.groups.contains(&group)
            }
            // Whose it is, and on what, it says by text: it ends by itself.
            Self::Authorization(_) => false,
        }
    }
}

impl Said {
    /// What `facts`, those of the entry at `at`, say.
    ///
    /// `permissions_of_ended` are the permissions that ended with a namespace: no fact names them.
    pub(super) fn of(
        facts: &[Fact],
        at: TenantSeq,
        permissions_of_ended: impl IntoIterator<Item = PermissionKey>,
    ) -> Self {
        let mut ended = Ended::of(facts);
        ended.permissions.extend(permissions_of_ended);
        let mut nets: BTreeMap<EdgeKey, Net<'_>> = BTreeMap::new();
        for (edge, taken_from) in facts.iter().filter_map(turn) {
            let open_after = taken_from.is_none();
            nets.entry(edge.key())
                .and_modify(|net| net.open_after = open_after)
                .or_insert(Net {
                    edge,
                    opened_before: taken_from,
                    open_after,
                });
        }
        let effects = nets
            .into_iter()
            .filter(|(key, _)| !key.lost_an_end(&ended))
            .filter_map(|(key, net)| Some((key, net.effect(at)?)))
            .chain(authorizations(facts, at))
            .collect();
        Self { effects, ended }
    }
}

impl Net<'_> {
    /// `None` where the entry gave back what it took, or took back what it gave.
    fn effect(&self, at: TenantSeq) -> Option<Effect> {
        let turn = match (self.opened_before, self.open_after) {
            (None, true) => Turn::Gained,
            (Some(opened_by), false) => Turn::Lost {
                opened_by,
                remains: None,
            },
            (None, false) | (Some(_), true) => return None,
        };
        Some(Effect {
            edge: self.edge.named(),
            at,
            turn,
        })
    }
}

impl Ended {
    /// Whether no noun ended.
    pub(super) fn is_empty(&self) -> bool {
        let Self {
            namespaces,
            permissions,
            roles,
            users,
            groups,
        } = self;
        namespaces.is_empty()
            && permissions.is_empty()
            && roles.is_empty()
            && users.is_empty()
            && groups.is_empty()
    }

    /// The nouns that facts say ended; permissions that went with their namespace are not among
    /// them.
    pub(super) fn of(facts: &[Fact]) -> Self {
        let mut ended = Self::default();
        for fact in facts {
            ended.add(fact);
        }
        ended
    }

    fn add(&mut self, fact: &Fact) {
        match fact {
            Fact::ApiDeleted { api, .. } => {
                self.namespaces.insert(api.key);
            }
            Fact::PermissionRemoved { permission, .. } => {
                self.permissions.insert(permission.key);
            }
            Fact::RoleDeleted { role, .. } => {
                self.roles.insert(role.key);
            }
            Fact::UserDeleted { user, .. } => {
                self.users.insert(user.key);
            }
            Fact::GroupDeleted { group, .. } => {
                self.groups.insert(group.key);
            }
            Fact::ApiCreated { .. }
            | Fact::ApiRenamed { .. }
            | Fact::ApiSettingChanged { .. }
            | Fact::ApiPermissionsDeclared { .. }
            | Fact::ApiPermissionsReordered { .. }
            | Fact::PermissionDefined { .. }
            | Fact::PermissionDescribed { .. }
            | Fact::PermissionRenamed { .. }
            | Fact::PermissionCategorized { .. }
            | Fact::RoleActivated { .. }
            | Fact::RoleDeactivated { .. }
            | Fact::RoleSaved { .. }
            | Fact::AdminCreated { .. }
            | Fact::AdminPasswordChanged { .. }
            | Fact::AdminSessionsEnded { .. }
            | Fact::AdminDeleted { .. }
            | Fact::SubjectLinked { .. }
            | Fact::SubjectUnlinked { .. }
            | Fact::RoleCreated { .. }
            | Fact::RoleRenamed { .. }
            | Fact::RoleDescribed { .. }
            | Fact::UserRegistered { .. }
            | Fact::UserProfileChanged { .. }
            | Fact::RolePermissionGranted { .. }
            | Fact::RolePermissionRevoked { .. }
            | Fact::UserPermissionGranted { .. }
            | Fact::UserPermissionRevoked { .. }
            | Fact::UserRoleAssigned { .. }
            | Fact::UserRoleUnassigned { .. }
            | Fact::CamundaConfigured { .. }
            | Fact::UserPasswordSet { .. }
            | Fact::GroupCreated { .. }
            | Fact::GroupRenamed { .. }
            | Fact::GroupKindChanged { .. }
            | Fact::GroupMemberAdded { .. }
            | Fact::GroupMemberRemoved { .. }
            | Fact::AuthorizationCreated { .. }
            | Fact::AuthorizationChanged { .. }
            | Fact::AuthorizationDeleted { .. }
            | Fact::CommandCancelled { .. } => {}
        }
    }
}

/// The edge that a fact gave, or the edge that it took and the entry that had given it.
fn turn(fact: &Fact) -> Option<(EdgeOf<'_>, Option<TenantSeq>)> {
    match fact {
        Fact::RolePermissionGranted { role, permission } => {
            Some((EdgeOf::RolePermission(role, permission), None))
        }
        Fact::RolePermissionRevoked {
            role,
            permission,
            granted_at,
        } => Some((EdgeOf::RolePermission(role, permission), Some(*granted_at))),
        Fact::UserPermissionGranted { user, permission } => {
            Some((EdgeOf::UserPermission(user, permission), None))
        }
        Fact::UserPermissionRevoked {
            user,
            permission,
            granted_at,
        } => Some((EdgeOf::UserPermission(user, permission), Some(*granted_at))),
        Fact::UserRoleAssigned { user, role } => Some((EdgeOf::UserRole(user, role), None)),
        Fact::UserRoleUnassigned {
            user,
            role,
            assigned_at,
        } => Some((EdgeOf::UserRole(user, role), Some(*assigned_at))),
        Fact::GroupMemberAdded { group, user } => Some((EdgeOf::GroupMember(user, group), None)),
        Fact::GroupMemberRemoved {
            group,
            user,
            added_at,
        } => Some((EdgeOf::GroupMember(user, group), Some(*added_at))),
        Fact::ApiCreated { .. }
        | Fact::ApiRenamed { .. }
        | Fact::ApiSettingChanged { .. }
        | Fact::ApiPermissionsDeclared { .. }
        | Fact::ApiPermissionsReordered { .. }
        | Fact::ApiDeleted { .. }
        | Fact::PermissionDefined { .. }
        | Fact::PermissionDescribed { .. }
        | Fact::PermissionRenamed { .. }
        | Fact::PermissionCategorized { .. }
        | Fact::RoleActivated { .. }
        | Fact::RoleDeactivated { .. }
        | Fact::RoleSaved { .. }
        | Fact::AdminCreated { .. }
        | Fact::AdminPasswordChanged { .. }
        | Fact::AdminSessionsEnded { .. }
        | Fact::AdminDeleted { .. }
        | Fact::SubjectLinked { .. }
        | Fact::SubjectUnlinked { .. }
        | Fact::PermissionRemoved { .. }
        | Fact::RoleCreated { .. }
        | Fact::RoleRenamed { .. }
        | Fact::RoleDescribed { .. }
        | Fact::RoleDeleted { .. }
        | Fact::UserRegistered { .. }
        | Fact::UserProfileChanged { .. }
        | Fact::UserDeleted { .. }
        | Fact::CamundaConfigured { .. }
        | Fact::UserPasswordSet { .. }
        | Fact::GroupCreated { .. }
        | Fact::GroupRenamed { .. }
        | Fact::GroupKindChanged { .. }
        | Fact::GroupDeleted { .. }
        | Fact::AuthorizationCreated { .. }
        | Fact::AuthorizationChanged { .. }
        | Fact::AuthorizationDeleted { .. }
        | Fact::CommandCancelled { .. } => None,
    }
}
