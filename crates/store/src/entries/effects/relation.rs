//! The edges that end with a noun, one statement for each kind of noun and edge.

use tokio_postgres::Row;

use super::explicit::Ended;
use super::{Edge, Statement, bigint};
use crate::Error;
use crate::codes::realm_from_code;

/// Edges of one kind that end with nouns of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Relation {
    UserPermissionsOfUser,
    UserRolesOfUser,
    RolePermissionsOfRole,
    UserRolesOfRole,
    RolePermissionsOfPermission,
    UserPermissionsOfPermission,
    GroupMembersOfUser,
    GroupMembersOfGroup,
}

impl Relation {
    /// In the order in which they are paged.
    pub(super) const ALL: [Self; 8] = [
        Self::UserPermissionsOfUser,
        Self::UserRolesOfUser,
        Self::RolePermissionsOfRole,
        Self::UserRolesOfRole,
        Self::RolePermissionsOfPermission,
        Self::UserPermissionsOfPermission,
        Self::GroupMembersOfUser,
        Self::GroupMembersOfGroup,
    ];

    /// What finds them.
    pub(super) fn statement(self) -> Statement {
        match self {
            Self::UserPermissionsOfUser => Statement {
                name: "store.entries.effects.user_permissions_of_user",
                sql: include_str!("user_permissions_of_user.sql"),
            },
            Self::UserRolesOfUser => Statement {
                name: "store.entries.effects.user_roles_of_user",
                sql: include_str!("user_roles_of_user.sql"),
            },
            Self::RolePermissionsOfRole => Statement {
                name: "store.entries.effects.role_permissions_of_role",
                sql: include_str!("role_permissions_of_role.sql"),
            },
            Self::UserRolesOfRole => Statement {
                name: "store.entries.effects.user_roles_of_role",
                sql: include_str!("user_roles_of_role.sql"),
            },
            Self::RolePermissionsOfPermission => Statement {
                name: "store.entries.effects.role_permissions_of_permission",
                sql: include_str!("role_permissions_of_permission.sql"),
            },
            Self::UserPermissionsOfPermission => Statement {
                name: "store.entries.effects.user_permissions_of_permission",
                sql: include_str!("user_permissions_of_permission.sql"),
            },
            Self::GroupMembersOfUser => Statement {
                name: "store.entries.effects.group_members_of_user",
                sql: include_str!("group_members_of_user.sql"),
            },
            Self::GroupMembersOfGroup => Statement {
                name: "store.entries.effects.group_members_of_group",
                sql: include_str!("group_members_of_group.sql"),
            },
        }
    }

    /// The nouns that ended, in the order in which their edges are paged.
    pub(super) fn nouns(self, ended: &Ended) -> Vec<i64> {
        match self {
            Self::UserPermissionsOfUser | Self::UserRolesOfUser | Self::GroupMembersOfUser => {
                ended.users.iter().map(|key| bigint(key.get())).collect()
            }
            Self::RolePermissionsOfRole | Self::UserRolesOfRole => {
                ended.roles.iter().map(|key| bigint(key.get())).collect()
            }
            Self::RolePermissionsOfPermission | Self::UserPermissionsOfPermission => ended
                .permissions
                .iter()
                .map(|key| bigint(key.get()))
                .collect(),
            Self::GroupMembersOfGroup => ended.groups.iter().map(|key| bigint(key.get())).collect(),
        }
    }

    /// The other ends whose edges are told with them, and so not here.
    pub(super) fn told_elsewhere(self, ended: &Ended) -> Vec<i64> {
        match self {
            Self::UserPermissionsOfUser
            | Self::UserRolesOfUser
            | Self::RolePermissionsOfRole
            | Self::GroupMembersOfUser => Vec::new(),
            Self::UserRolesOfRole
            | Self::UserPermissionsOfPermission
            | Self::GroupMembersOfGroup => Self::UserRolesOfUser.nouns(ended),
            Self::RolePermissionsOfPermission => Self::UserRolesOfRole.nouns(ended),
        }
    }

    /// The edge of a row.
    pub(super) fn edge(self, row: &Row) -> Result<Edge, Error> {
        let statement = self.statement();
        let text = |column| statement.get::<String>(row, column);
        let realm = realm_from_code(statement.get(row, "realm")?)?;
        Ok(match self {
            Self::UserPermissionsOfUser | Self::UserPermissionsOfPermission => {
                Edge::UserPermission {
                    realm,
                    user: text("user_id")?,
                    api: text("api")?,
                    permission: text("permission")?,
                }
            }
            Self::UserRolesOfUser | Self::UserRolesOfRole => Edge::UserRole {
                realm,
                user: text("user_id")?,
                role: text("role_id")?,
            },
            Self::GroupMembersOfUser | Self::GroupMembersOfGroup => Edge::GroupMember {
                realm,
                user: text("user_id")?,
                group: text("group_id")?,
            },
            Self::RolePermissionsOfRole | Self::RolePermissionsOfPermission => {
                Edge::RolePermission {
                    realm,
                    role: text("role_id")?,
                    api: text("api")?,
                    permission: text("permission")?,
                }
            }
        })
    }

    /// Whether the edges are direct grants, whose access might remain by a role.
    pub(super) fn is_direct_grant(self) -> bool {
        match self {
            Self::UserPermissionsOfUser | Self::UserPermissionsOfPermission => true,
            Self::UserRolesOfUser
            | Self::RolePermissionsOfRole
            | Self::UserRolesOfRole
            | Self::RolePermissionsOfPermission
            | Self::GroupMembersOfUser
            | Self::GroupMembersOfGroup => false,
        }
    }
}
