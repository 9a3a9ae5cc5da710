//! APIs with their permissions.

use tokio_postgres::Row;
use writ_domain::{NamespaceKey, Realm, Settings, TenantId, TenantSeq};

use super::page::{Listed, Slice, column, listed, unsigned, unsigned_column};
use crate::codes::{realm_code, settings_from_text};
use crate::{Error, Store};

/// An API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Api {
    /// Its key.
    pub key: NamespaceKey,
    /// Its public id.
    pub id: String,
    /// Its identifier.
    pub identifier: String,
    /// Its name.
    pub name: Option<String>,
    /// Its settings.
    pub settings: Settings,
    /// Made by the product.
    pub system: bool,
    /// Whether a list of permissions was ever sent.
    pub declared: bool,
    /// Its permissions, in their order.
    pub permissions: Vec<ApiPermission>,
    /// The newest entry that changed it or its permissions; absent in lists.
    pub changed_at: Option<TenantSeq>,
}

/// A permission in its API's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiPermission {
    /// Its name.
    pub name: String,
    /// What it allows.
    pub description: Option<String>,
}

const GET: &str = include_str!("get.sql");
const GET_AT: &str = include_str!("get_at.sql");
const LIST: &str = include_str!("list.sql");

impl Store {
    /// The API of this id or identifier; an id wins.
    pub async fn api(
        &self,
        tenant: &TenantId,
        realm: Realm,
        id_or_identifier: &str,
    ) -> Result<Option<Api>, Error> {
        let error = Error::statement("store.reads.apis.get");
        let client = self.client().await?;
        let statement = client.prepare_cached(GET).await.map_err(error)?;
        let row = client
            .query_opt(
                &statement,
                &[
                    /* $1 tenant */ &tenant.as_str(),
                    /* $2 realm */ &realm_code(realm),
                    /* $3 id or identifier */ &id_or_identifier,
                ],
            )
            .await
            .map_err(error)?;
        row.as_ref().map(api).transpose()
    }

    /// The API of this id or identifier as it was after entry `at`.
    pub async fn api_at(
        &self,
        tenant: &TenantId,
        realm: Realm,
        id_or_identifier: &str,
        at: TenantSeq,
    ) -> Result<Option<Api>, Error> {
        let error = Error::statement("store.reads.apis.get_at");
        let client = self.client().await?;
        let statement = client.prepare_cached(GET_AT).await.map_err(error)?;
        let row = client
            .query_opt(
                &statement,
                &[
                    /* $1 tenant */ &tenant.as_str(),
                    /* $2 realm */ &realm_code(realm),
                    /* $3 id or identifier */ &id_or_identifier,
                    /* $4 as of */ &super::nouns::bound(at),
                ],
            )
            .await
            .map_err(error)?;
        row.as_ref().map(api).transpose()
    }

    /// The APIs of a tenant in the order of their making, or those of them with these identifiers.
    pub async fn apis(
        &self,
        tenant: &TenantId,
        realm: Realm,
        identifiers: Option<&[String]>,
        slice: Slice,
    ) -> Result<Listed<Api>, Error> {
        let error = Error::statement("store.reads.apis.list");
        let client = self.client().await?;
        let statement = client.prepare_cached(LIST).await.map_err(error)?;
        let rows = client
            .query(
                &statement,
                &[
                    /* $1 tenant */ &tenant.as_str(),
                    /* $2 realm */ &realm_code(realm),
                    /* $3 identifiers */ &identifiers,
                    /* $4 limit */ &slice.limit(),
                    /* $5 offset */ &slice.offset(),
                    /* $6 count */ &slice.count,
                ],
            )
            .await
            .map_err(error)?;
        listed(&rows, "id", api)
    }
}

fn api(row: &Row) -> Result<Api, Error> {
    let names: Vec<String> = column(row, "names")?;
    let descriptions: Vec<Option<String>> = column(row, "descriptions")?;
    let changed_at: Option<i64> = column(row, "changed_seq")?;
    Ok(Api {
        key: NamespaceKey::from_stored(unsigned_column(row, "key")?),
        id: column(row, "id")?,
        identifier: column(row, "identifier")?,
        name: column(row, "name")?,
        settings: settings_from_text(column(row, "settings")?)?,
        system: column(row, "system")?,
        declared: column(row, "declared")?,
        permissions: names
            .into_iter()
            .zip(descriptions)
            .map(|(name, description)| ApiPermission { name, description })
            .collect(),
        changed_at: changed_at.map(unsigned).transpose()?.map(TenantSeq),
    })
}
