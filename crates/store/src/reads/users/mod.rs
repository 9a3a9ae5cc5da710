//! Users.

mod held;

use chrono::{DateTime, Utc};
use tokio_postgres::Row;
use writ_domain::{Realm, Settings, TenantId, TenantSeq, UserKey};

use super::page::{Listed, Slice, column, listed, unsigned_column};
use crate::codes::{realm_code, settings_from_text};
use crate::{Error, Store};

pub use held::{EffectivePermissions, PermissionRoles, RoleAfter, RoleSource, UserPermission};

/// A user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Its key.
    pub key: UserKey,
    /// Its id.
    pub id: String,
    /// Its profile.
    pub profile: Settings,
    /// The time of the entry that registered it.
    pub created_at: Option<DateTime<Utc>>,
    /// The time of the entry that changed it last.
    pub updated_at: Option<DateTime<Utc>>,
}

const GET: &str = include_str!("get.sql");
const GET_AT: &str = include_str!("get_at.sql");
const LIST: &str = include_str!("list.sql");

impl Store {
    /// The user of this id.
    pub async fn user(
        &self,
        tenant: &TenantId,
        realm: Realm,
        id: &str,
    ) -> Result<Option<User>, Error> {
        let error = Error::statement("store.reads.users.get");
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
        row.as_ref().map(user).transpose()
    }

    /// The user of this id as it was after entry `at`.
    pub async fn user_at(
        &self,
        tenant: &TenantId,
        realm: Realm,
        id: &str,
        at: TenantSeq,
    ) -> Result<Option<User>, Error> {
        let error = Error::statement("store.reads.users.get_at");
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
        row.as_ref().map(user).transpose()
    }

    /// The users of a tenant, in the order of their making.
    pub async fn users(
        &self,
        tenant: &TenantId,
        realm: Realm,
        slice: Slice,
    ) -> Result<Listed<User>, Error> {
        let error = Error::statement("store.reads.users.list");
        let client = self.client().await?;
        let statement = client.prepare_cached(LIST).await.map_err(error)?;
        let rows = client
            .query(
                &statement,
                &[
                    /* $1 tenant */ &tenant.as_str(),
                    /* $2 realm */ &realm_code(realm),
                    /* $3 limit */ &slice.limit(),
                    /* $4 offset */ &slice.offset(),
                    /* $5 count */ &slice.count,
                ],
            )
            .await
            .map_err(error)?;
        listed(&rows, "id", user)
    }
}

fn user(row: &Row) -> Result<User, Error> {
    Ok(User {
        key: UserKey::from_stored(unsigned_column(row, "key")?),
        id: column(row, "id")?,
        profile: settings_from_text(column(row, "profile")?)?,
        created_at: column(row, "created_at")?,
        updated_at: column(row, "updated_at")?,
    })
}
