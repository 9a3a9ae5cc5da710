//! Pages of the feed through a filter.

use writ_domain::TenantId;
use writ_store::Store;
use writ_store::entries::{self, Entry, Head, Window};

use super::Filter;
use super::poll::{Passed, Passing};

/// What passes of the entries after one, up to another, as many as are wanted.
pub(crate) async fn passed(
    store: &Store,
    tenant: &TenantId,
    window: Window,
    filter: &Filter,
) -> Result<Passed, writ_store::Error> {
    let mut passing = Passing::new(window, filter.is_open());
    while let Some(window) = passing.next() {
        let found = entries::changes(store, tenant, window).await?;
        passing.read(found, |entry| filter.passes(entry));
    }
    Ok(passing.passed())
}

/// What of an entry a checkpoint says.
pub(crate) fn head_of(entry: &Entry) -> Head {
    Head {
        tenant_seq: entry.tenant_seq,
        chain8: entry.chain8(),
        time: entry.time,
    }
}
