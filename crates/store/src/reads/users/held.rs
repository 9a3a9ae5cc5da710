//! What a user holds, and how.

use tokio_postgres::Row;
use writ_domain::{Realm, TenantId};

use crate::codes::realm_code;
use crate::reads::page::{Listed, Slice, column, items, listed};
use crate::reads::roles::{HeldPermission, held_permission};
use crate::{Error, Store};

/// A permission that a user holds, and every way by which it does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserPermission {
    /// The permission.
    pub permission: HeldPermission,
    /// Whether it was given to the user directly.
    pub direct: bool,
    /// The roles that give it, by the bytes of their names.
    pub roles: Vec<RoleSource>,
}

/// A role through which something is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleSource {
    /// The role's id.
    pub id: String,
    /// The role's name.
    pub name: String,
    /// What the role is for; absent in lists that do not show it.
    pub description: Option<String>,
}

/// What a user may do with one API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EffectivePermissions {
    /// Whether there is such an API.
    pub api_exists: bool,
    /// The permissions, by the bytes of their names.
    pub permissions: Vec<UserPermission>,
}

/// The roles that give a user one permission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PermissionRoles {
    /// Whether there is such a permission.
    pub permission_exists: bool,
    /// The roles, by the bytes of their names.
    pub roles: Vec<RoleSource>,
}

/// A place in a list of roles: only what comes after it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RoleAfter {
    /// The name of the role before the place.
    pub name: String,
    /// The id of the role before the place.
    pub id: String,
}

const PERMISSIONS: &str = include_str!("permissions.sql");
const PERMISSION_ROLES: &str = include_str!("permission_roles.sql");
const ROLES: &str = include_str!("roles.sql");

impl Store {
    /// The permissions of a user by API identifier and name, held directly or through roles;
    /// `None` if there is no such user.
    pub async fn user_permissions(
        &self,
        tenant: &TenantId,
        realm: Realm,
        user: &str,
        slice: Slice,
    ) -> Result<Option<Listed<UserPermission>>, Error> {
        let rows = self
            .user_permission_rows(tenant, realm, user, slice, (None, ""))
            .await?;
        if rows.is_empty() {
            return Ok(None);
        }
        listed(&rows, "identifier", user_permission).map(Some)
    }

    /// The permissions of a user for the API of this identifier, those after the name `after`;
    /// `None` if there is no such user.
    pub async fn effective_permissions(
        &self,
        tenant: &TenantId,
        realm: Realm,
        user: &str,
        (api, after): (&str, &str),
        limit: u64,
    ) -> Result<Option<EffectivePermissions>, Error> {
        let slice = Slice {
            offset: 0,
            limit,
            count: false,
        };
        let rows = self
            .user_permission_rows(tenant, realm, user, slice, (Some(api), after))
            .await?;
        let Some(first) = rows.first() else {
            return Ok(None);
        };
        Ok(Some(EffectivePermissions {
            api_exists: column(first, "api_exists")?,
            permissions: items(&rows, "identifier", user_permission)?,
        }))
    }

    /// The roles of a user by the bytes of their names, after a place; `None` if there is no such
    /// user.
    pub async fn user_roles(
        &self,
        tenant: &TenantId,
        realm: Realm,
        user: &str,
        slice: Slice,
        after: &RoleAfter,
    ) -> Result<Option<Listed<RoleSource>>, Error> {
        let error = Error::statement("store.reads.users.roles");
        let client = self.client().await?;
        let statement = client.prepare_cached(ROLES).await.map_err(error)?;
        let rows = client
            .query(
                &statement,
                &[
                    /* $1 tenant */ &tenant.as_str(),
                    /* $2 realm */ &realm_code(realm),
                    /* $3 user */ &user,
                    /* $4 limit */ &slice.limit(),
                    /* $5 offset */ &slice.offset(),
                    /* $6 count */ &slice.count,
                    /* $7 after this name */ &after.name,
                    /* $8 and this id */ &after.id,
                ],
            )
            .await
            .map_err(error)?;
        if rows.is_empty() {
            return Ok(None);
        }
        listed(&rows, "id", role_source).map(Some)
    }

    /// The roles that give a user this permission of this API, after a place; `None` if there is
    /// no such user.
    pub async fn permission_roles(
        &self,
        tenant: &TenantId,
        user: (Realm, &str),
        permission: (&str, &str),
        after: &RoleAfter,
        limit: u64,
    ) -> Result<Option<PermissionRoles>, Error> {
        let error = Error::statement("store.reads.users.permission_roles");
        let client = self.client().await?;
        let statement = client
            .prepare_cached(PERMISSION_ROLES)
            .await
            .map_err(error)?;
        let slice = Slice {
            offset: 0,
            limit,
            count: false,
        };
        let rows = client
            .query(
                &statement,
                &[
                    /* $1 tenant */ &tenant.as_str(),
                    /* $2 realm */ &realm_code(user.0),
                    /* $3 user */ &user.1,
                    /* $4 limit */ &slice.limit(),
                    /* $5 API */ &permission.0,
                    /* $6 permission */ &permission.1,
                    /* $7 after this name */ &after.name,
                    /* $8 and this id */ &after.id,
                ],
            )
            .await
            .map_err(error)?;
        let Some(first) = rows.first() else {
            return Ok(None);
        };
        Ok(Some(PermissionRoles {
            permission_exists: column(first, "permission_exists")?,
            roles: items(&rows, "id", role_source)?,
        }))
    }

    async fn user_permission_rows(
        &self,
        tenant: &TenantId,
        realm: Realm,
        user: &str,
        slice: Slice,
        (api, after): (Option<&str>, &str),
    ) -> Result<Vec<Row>, Error> {
        let error = Error::statement("store.reads.users.permissions");
        let client = self.client().await?;
        let statement = client.prepare_cached(PERMISSIONS).await.map_err(error)?;
        client
            .query(
                &statement,
                &[
                    /* $1 tenant */ &tenant.as_str(),
                    /* $2 realm */ &realm_code(realm),
                    /* $3 user */ &user,
                    /* $4 limit */ &slice.limit(),
                    /* $5 offset */ &slice.offset(),
                    /* $6 count */ &slice.count,
                    /* $7 API */ &api,
                    /* $8 after this name */ &after,
                ],
            )
            .await
            .map_err(error)
    }
}

fn user_permission(row: &Row) -> Result<UserPermission, Error> {
    let ids: Vec<String> = column(row, "role_ids")?;
    let names: Vec<String> = column(row, "role_names")?;
    Ok(UserPermission {
        permission: held_permission(row)?,
        direct: column(row, "direct")?,
        roles: ids
            .into_iter()
            .zip(names)
            .map(|(id, name)| RoleSource {
                id,
                name,
                description: None,
            })
            .collect(),
    })
}

fn role_source(row: &Row) -> Result<RoleSource, Error> {
    Ok(RoleSource {
        id: column(row, "id")?,
        name: column(row, "name")?,
        description: column(row, "description")?,
    })
}
