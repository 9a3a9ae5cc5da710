//! Waiting for a tenant's ledger to come to a point, for routes that read.

use writ_domain::TenantId;
use writ_store::Error;
use writ_store::entries::{self, Claimed, Head, Reached};

use crate::Service;

impl Service {
    /// The newest entry of a tenant: what `latest` means.
    pub async fn head(&self, tenant: &TenantId) -> Result<Head, Error> {
        let head = entries::head(&self.inner.parts.store, tenant).await?;
        Ok(head.unwrap_or_else(Head::none))
    }

    /// Waits, in bounded time, until the tenant's ledger holds a revision (`at_least`).
    pub async fn reach(&self, tenant: &TenantId, claimed: Claimed) -> Result<Reached, Error> {
        let parts = &self.inner.parts;
        parts
            .heads
            .reach(&parts.store, tenant, claimed, self.inner.options.patience)
            .await
    }
}
