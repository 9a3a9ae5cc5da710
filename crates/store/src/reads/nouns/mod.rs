//! What is known of a noun by its name alone.

use writ_domain::{NounRef, TenantId, TenantSeq};

use super::page::{column, unsigned};
use crate::codes::{noun_kind_code, realm_code};
use crate::{Error, Store};

const LAST_CHANGED: &str = include_str!("last_changed.sql");

impl Store {
    /// The newest entry, not after `until`, that changed the noun of this name.
    ///
    /// An API is named by its identifier here, whatever a caller called it.
    pub async fn last_changed(
        &self,
        tenant: &TenantId,
        noun: &NounRef,
        until: TenantSeq,
    ) -> Result<Option<TenantSeq>, Error> {
        let error = Error::statement("store.reads.nouns.last_changed");
        let client = self.client().await?;
        let statement = client.prepare_cached(LAST_CHANGED).await.map_err(error)?;
        let row = client
            .query_one(
                &statement,
                &[
                    /* $1 tenant */ &tenant.as_str(),
                    /* $2 realm */ &realm_code(noun.realm),
                    /* $3 kind */ &noun_kind_code(noun.kind),
                    /* $4 name */ &noun.id,
                    /* $5 until */ &bound(until),
                ],
            )
            .await
            .map_err(error)?;
        let seq: Option<i64> = column(&row, "tenant_seq")?;
        Ok(seq.map(unsigned).transpose()?.map(TenantSeq))
    }
}

/// A `tenant_seq` as Postgres takes it; what is beyond its range is beyond every entry.
pub(super) fn bound(at: TenantSeq) -> i64 {
    i64::try_from(at.0).unwrap_or(i64::MAX)
}
