//! Roles, their permissions and who has them.

use tokio_postgres::Row;
use writ_domain::{Realm, RoleKey, Settings, TenantId, TenantSeq};

use super::page::{Listed, Slice, column, listed, unsigned_column};
use crate::codes::{realm_code, settings_from_text};
use crate::{Error, Store};

/// A role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// Its key.
    pub key: RoleKey,
    /// Its public id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
}

/// A permission that somebody holds, with the names of its API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldPermission {
    /// The API's identifier.
    pub api: String,
    /// The API's name.
    pub api_name: Option<String>,
    /// The permission's name.
    pub name: String,
    /// What it allows.
    pub description: Option<String>,
}

/// A user that has a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleUser {
    /// The entry that gave it the role.
    pub assigned_at: TenantSeq,
    /// Its id.
    pub id: String,
    /// Its profile.
    pub profile: Settings,
}

/// A place in the list of a role's users: only what comes after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleUsersAfter {
    /// The entry that assigned the user before the place.
    pub assigned_at: TenantSeq,
    /// The id of the user before the place.
    pub user: String,
}

const GET: &str = include_str!("get.sql");
const GET_AT: &str = include_str!("get_at.sql");
const LIST: &str = include_str!("list.sql");
const PERMISSIONS: &str = include_str!("permissions.sql");
const USERS: &str = include_str!("users.sql");

impl Store {
    /// The role of this id.
    pub async fn role(
        &self,
        tenant: &TenantId,
        realm: Realm,
        id: &str,
    ) -> Result<Option<Role>, Error> {
        let error = Error::statement("store.reads.roles.get");
        let client = self.client().await?;
        let statement = client.prepare_cached(GET).await.map_err(error)?;
        let row = client
            .query_opt(
                &statement,
                &[
                    /* $1 tenant */ &tenant.as_str(),
                    /* $2 realm */ &realm_code(realm),
                    /* $3 id */ &id,
                ],
            )
            .await
            .map_err(error)?;
        row.as_ref().map(role).transpose()
    }

    /// The role of this id as it was after entry `at`.
    pub async fn role_at(
        &self,
        tenant: &TenantId,
        realm: Realm,
        id: &str,
        at: TenantSeq,
    ) -> Result<Option<Role>, Error> {
        let error = Error::statement("store.reads.roles.get_at");
        let client = self.client().await?;
        let statement = client.prepare_cached(GET_AT).await.map_err(error)?;
        let row = client
            .query_opt(
                &statement,
                &[
                    /* $1 tenant */ &tenant.as_str(),
                    /* $2 realm */ &realm_code(realm),
                    /* $3 id */ &id,
                    /* $4 as of */ &super::nouns::bound(at),
                ],
            )
            .await
            .map_err(error)?;
        row.as_ref().map(role).transpose()
    }

    /// The roles of a tenant by the bytes of their names, or those of them whose name holds
    /// `name_part` in any case.
    pub async fn roles(
        &self,
        tenant: &TenantId,
        realm: Realm,
        name_part: Option<&str>,
        slice: Slice,
    ) -> Result<Listed<Role>, Error> {
        let error = Error::statement("store.reads.roles.list");
        let client = self.client().await?;
        let statement = client.prepare_cached(LIST).await.map_err(error)?;
        let rows = client
            .query(
                &statement,
                &[
                    /* $1 tenant */ &tenant.as_str(),
                    /* $2 realm */ &realm_code(realm),
                    /* $3 part of the name */ &name_part,
                    /* $4 limit */ &slice.limit(),
                    /* $5 offset */ &slice.offset(),
                    /* $6 count */ &slice.count,
                ],
            )
            .await
            .map_err(error)?;
        listed(&rows, "id", role)
    }

    /// The permissions of a role, by API identifier and name; `None` if there is no such role.
    pub async fn role_permissions(
        &self,
        tenant: &TenantId,
        realm: Realm,
        role: &str,
        slice: Slice,
    ) -> Result<Option<Listed<HeldPermission>>, Error> {
        let error = Error::statement("store.reads.roles.permissions");
        let client = self.client().await?;
        let statement = client.prepare_cached(PERMISSIONS).await.map_err(error)?;
        let rows = client
            .query(
                &statement,
                &[
                    /* $1 tenant */ &tenant.as_str(),
                    /* $2 realm */ &realm_code(realm),
                    /* $3 role */ &role,
                    /* $4 limit */ &slice.limit(),
                    /* $5 offset */ &slice.offset(),
                    /* $6 count */ &slice.count,
                ],
            )
            .await
            .map_err(error)?;
        if rows.is_empty() {
            return Ok(None);
        }
        listed(&rows, "identifier", held_permission).map(Some)
    }

    /// The users that have a role, by the entry that gave it to them and their id, after a place;
    /// `None` if there is no such role.
    pub async fn role_users(
        &self,
        tenant: &TenantId,
        realm: Realm,
        role: &str,
        slice: Slice,
        after: Option<&RoleUsersAfter>,
    ) -> Result<Option<Listed<RoleUser>>, Error> {
        let error = Error::statement("store.reads.roles.users");
        let client = self.client().await?;
        let statement = client.prepare_cached(USERS).await.map_err(error)?;
        let (after_seq, after_user) = after.map_or((0, ""), |after| {
            (super::nouns::bound(after.assigned_at), after.user.as_str())
        });
        let rows = client
            .query(
                &statement,
                &[
                    /* $1 tenant */ &tenant.as_str(),
                    /* $2 realm */ &realm_code(realm),
                    /* $3 role */ &role,
                    /* $4 limit */ &slice.limit(),
                    /* $5 offset */ &slice.offset(),
                    /* $6 count */ &slice.count,
                    /* $7 after this entry */ &after_seq,
                    /* $8 and this user */ &after_user,
                ],
            )
            .await
            .map_err(error)?;
        if rows.is_empty() {
            return Ok(None);
        }
        listed(&rows, "id", role_user).map(Some)
    }
}

fn role(row: &Row) -> Result<Role, Error> {
    Ok(Role {
        key: RoleKey::from_stored(unsigned_column(row, "key")?),
        id: column(row, "id")?,
        name: column(row, "name")?,
        description: column(row, "description")?,
    })
}

pub(super) fn held_permission(row: &Row) -> Result<HeldPermission, Error> {
    Ok(HeldPermission {
        api: column(row, "identifier")?,
        api_name: column(row, "api_name")?,
        name: column(row, "name")?,
        description: column(row, "description")?,
    })
}

fn role_user(row: &Row) -> Result<RoleUser, Error> {
    Ok(RoleUser {
        assigned_at: TenantSeq(unsigned_column(row, "assigned_seq")?),
        id: column(row, "id")?,
        profile: settings_from_text(column(row, "profile")?)?,
    })
}
